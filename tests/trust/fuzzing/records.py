"""Damaged stores of real vats: ``python -m tests.trust.fuzzing.records --runs 1000``.

Two sorts of damage. *Bits* of the file fall over or its end is missing: the sums of the store must notice, or the data must be
clean. *Records* are replaced by others with right sums, as a faulty program could write them: what reads them must refuse
them by the library's own errors, or take them as they are, but never hang or die.

Each damaged store is used in a process of its own, since LMDB may die of damaged pages. That is accepted where ``verify``,
which reads the file without LMDB, had found the damage.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import random
import signal
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from vatdata_runtime import Kernel, VatDataError
from vatdata_runtime.errors import StoreError
from vatdata_runtime.store import open_store
from vatdata_runtime.tools.verify import verify

from ..simulation.story import Story
from ..simulation.trace import Trace, interrupted, record_into
from .mutate import mutated

__all__ = ["fuzz_store", "main"]

PATIENCE_S = 30
_SIGNALS_OF_LMDB = {signal.SIGBUS, signal.SIGSEGV, signal.SIGABRT}


def make_store(folder: Path, seed: int) -> bytes:
    """Play some lives of the simulator and return the file as a kill has left it, with messages on their way."""
    empty(folder)
    story = Story(seed, folder)
    for _ in range(3):
        story.plan.new_vat()
    for _ in range(4):
        story.live(12)
    return story.path.read_bytes()


def empty(folder: Path) -> None:
    for file in folder.iterdir():
        file.unlink()


def flip_bits(data: bytes, entries: list[tuple[bytes, bytes]], dice: random.Random) -> bytes:
    """Damage the file itself: anywhere, or in the value of one of its entries, in all places that it has."""
    damaged = bytearray(data)
    if dice.random() < 0.5:
        key, value = dice.choice([entry for entry in entries if entry[0] > b"\x02" and entry[1]])
        stored = key + value
        bit = dice.randrange(len(key) * 8, len(stored) * 8)
        at = data.find(stored)
        while at >= 0:  # older pages have it too
            damaged[at + bit // 8] ^= 1 << bit % 8
            at = data.find(stored, at + 1)
        return bytes(damaged)
    for _ in range(dice.choice((1, 1, 2, 8))):
        bit = dice.randrange(len(damaged) * 8)
        damaged[bit // 8] ^= 1 << bit % 8
    if dice.random() < 0.2:
        return bytes(damaged[: dice.randrange(len(damaged))])
    return bytes(damaged)


def replace_record(path: Path, dice: random.Random) -> str:
    """Write another value for one record, or move one, with right sums; return what was done."""
    with open_store(path) as store:
        entries = list(store.scan(b"\x01"))
        values = [value for _, value in entries]
        key, value = dice.choice(entries)
        if dice.random() < 0.2:
            moved = mutated(key, [other for other, _ in entries], dice)[:500]
            store.apply({key: None, max(moved, b"\x01"): value})
            done = f"moved {key!r}"
        elif dice.random() < 0.1:
            store.apply({key: None})
            done = f"deleted {key!r}"
        else:
            fresh = mutated(value, values, dice)
            store.apply({key: fresh})
            done = f"{key!r}: {value[:60]!r} became {fresh[:60]!r}"
        store.commit()
    return done


def states(path: Path) -> dict[str, Any]:
    """Open the kernel, run what is there, collect, close; return what the vats saw when they started."""
    trace = Trace()
    record_into(trace)
    interrupted.update(range(10_000))  # no message is interrupted any more
    with Kernel.open(path, on_step=trace.step) as kernel:
        kernel.run()
        kernel.collect()
        kernel.collect_cycles()
    units = [*trace.units, trace.running]
    return {event.vat: event.details[2] for unit in units for event in unit if event.what == "started"}


def is_wrong(found: dict[str, Any], expected: dict[str, Any]) -> bool:
    """Whether a vat saw anything that was never stored; what it did not see at all is another matter."""
    for vat, state in found.items():
        known = expected.get(vat)
        if known is None:
            return True
        for part, contents in state.items():
            if isinstance(contents, dict):
                if not contents.items() <= known[part].items():
                    return True
            elif not set(contents) <= set(known[part]):
                return True
    return False


def use(path: Path, expected: dict[str, Any] | None) -> str:
    """Use a damaged store in every way; return how it went.

    Args:
        expected: what sound data would show; None where records were replaced, which are data like any other.
    """
    try:
        findings = [str(finding) for finding in verify(str(path))]
    except StoreError as error:
        findings = [type(error).__name__]
    print("VERIFIED", len(findings), flush=True)
    try:
        found = states(path)
    except VatDataError as error:
        return f"refused: {type(error).__name__}"
    if expected is None:
        return "used"
    if not findings and found != expected:
        return "WRONG although verified"
    if is_wrong(found, expected):
        return "WRONG value"
    return "clean" if found == expected else "absent"


def in_child(path: Path, expected: dict[str, Any] | None) -> tuple[str, bool]:
    """Use the store in a forked process. Returns how it went, and whether ``verify`` had found something."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.dup2(writing, sys.stdout.fileno())
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(PATIENCE_S)
        try:
            outcome = use(path, expected)
        except BaseException as error:  # every end of the child is a result
            import traceback

            outcome = f"WRONG: {error!r} {''.join(traceback.format_tb(error.__traceback__)[-3:])}"
        print(json.dumps(outcome), flush=True)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        lines = pipe.read().splitlines()
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    is_found = any(line.startswith("VERIFIED") and line != "VERIFIED 0" for line in lines)
    if code == -signal.SIGALRM:
        return "WRONG: it hangs", is_found
    if -code in _SIGNALS_OF_LMDB:
        return ("LMDB died of it" if is_found else f"WRONG: died by signal {-code}, unnoticed"), is_found
    return json.loads(lines[-1]), is_found


def fuzz_store(runs: int, seed: int, say: bool = True) -> Counter[str]:
    """Damage stores in *runs* ways. Returns how often each outcome came up; those that begin with WRONG are defects."""
    dice = random.Random(seed)
    outcomes: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="fuzz") as name:
        folder = Path(name)
        path = folder / "world.db"
        for run in range(runs):
            if run % 50 == 0:
                data = make_store(folder, dice.randrange(1 << 20))
                with open_store(path, readonly=True) as store:
                    entries = list(store.scan(b"\x01"))
                expected = states(path)
            empty(folder)
            if run % 2:
                path.write_bytes(flip_bits(data, entries, dice))
                outcome, _ = in_child(path, expected)
                what = "bits"
            else:
                path.write_bytes(data)
                what = replace_record(path, dice)
                outcome, _ = in_child(path, None)
            outcomes[("bits: " if run % 2 else "records: ") + outcome.partition("\n")[0][:150]] += 1
            if "WRONG" in outcome and say:
                print(f"run {run} of seed {seed}: {what}\n  {outcome}", flush=True)
    return outcomes


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.trust.fuzzing.records", description=__doc__)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    logging.disable()
    outcomes = fuzz_store(options.runs, options.seed)
    for outcome, count in sorted(outcomes.items()):
        print(f"{count:>8} {outcome}")
    return 1 if any("WRONG" in outcome for outcome in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
