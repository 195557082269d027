"""Ctrl-C at any moment leaves a whole store and a batch that says what is in it."""

from __future__ import annotations

import signal
import sys

import pytest

from vatdata_runtime.store import open_store, verify_store

from ...support.processes import run_python

INTERRUPTED = """
import random, signal, sys
from vatdata_runtime.store import open_store

dice = random.Random(int(sys.argv[2]))
store = open_store(sys.argv[1], map_size=1, durability="relaxed")
committed, current = {}, {}
interrupts = {"apply": 0, "commit": 0, "scan": 0}

armed = False

def interruptible(name, use):
    # A timer, since it strikes between any two instructions; it strikes once.
    global armed
    try:
        armed = True
        signal.setitimer(signal.ITIMER_REAL, dice.uniform(1e-6, 3e-4))
        use()
        armed = False
    except KeyboardInterrupt:
        interrupts[name] += 1
    armed = False

def strike(*_):
    if armed:
        raise KeyboardInterrupt

signal.signal(signal.SIGALRM, strike)
for crank in range(400):
    delta = {b"%04d" % dice.randrange(900): b"%d" % crank * dice.randrange(60) for _ in range(dice.randrange(1, 120))}
    before = store.pending
    interruptible("apply", lambda: store.apply(delta))
    assert store.pending in (before, before + 1)
    if store.pending > before:
        current.update(delta)
    interruptible("scan", lambda: [None for _ in store.scan(b"1", b"2")])
    if dice.random() < 0.3:
        interruptible("commit", store.commit)
        with store.snapshot() as snapshot:
            found = dict(snapshot.scan(b""))
        if store.pending:
            assert found in (committed, current), "half a batch"
        else:
            assert found == current
        committed = found
    assert dict(store.scan(b"")) == current
store.commit()
store.close()
print(all(interrupts.values()), interrupts, file=sys.stderr)
with open_store(sys.argv[1]) as store:
    print(dict(store.scan(b"")) == current)
"""


@pytest.mark.parametrize("seed", range(2))
def test_an_interrupt_anywhere_leaves_cranks_and_commits_whole(path: str, seed: int) -> None:
    child = run_python(INTERRUPTED, path, seed)
    assert child.stdout == "True\n", child.stderr
    assert child.stderr.startswith("True"), f"the interrupts missed a part: {child.stderr}"
    assert verify_store(path) == []


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
def test_ctrl_c_in_a_step_of_a_commit_keeps_the_batch(path: str) -> None:
    def step(name: str) -> None:
        if name == "commit" and not struck:
            struck.append(name)
            signal.raise_signal(signal.SIGINT)

    struck: list[str] = []
    with open_store(path, on_step=step) as store:
        store.apply({b"a": b"1"})
        with pytest.raises(KeyboardInterrupt):
            store.commit()
        assert (store.pending, store.get(b"a")) == (1, b"1")
        with store.snapshot() as snapshot:
            assert snapshot.get(b"a") is None
        store.commit()
        assert store.pending == 0
