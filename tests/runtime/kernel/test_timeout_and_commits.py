"""How long a crank may take, and when what it did is on the disk."""

from __future__ import annotations

import threading
import time

import pytest

from vatdata_runtime import (
    CrankTimeoutError,
    DisconnectedError,
    E,
    Far,
    Kernel,
    UpgradeError,
    make_promise_kit,
    provide,
)

SECONDS = 0.05


def spin():
    while True:
        pass


def spin_and_catch():
    while True:
        try:
            while True:
                pass
        except BaseException:
            return "caught"


async def spin_in_a_task():
    await E.when(1)
    spin()


def runaway(run):
    def build(powers, _parameters, baggage):
        provide(baggage, "value", lambda _: "before")

        def act():
            baggage.set("value", "during")
            return run()

        return Far(
            "Root",
            {
                "act": act,
                "hang": lambda: make_promise_kit().promise,
                "get": lambda: (baggage.get("value"), powers.incarnation),
            },
        )

    return build


@pytest.fixture
def kernel(tmp_path):
    with Kernel.open(tmp_path / "s.db", crank_timeout=SECONDS) as kernel:
        yield kernel


@pytest.mark.parametrize("run", [spin, spin_and_catch, spin_in_a_task])
def test_a_crank_that_runs_too_long_is_undone_and_its_vat_restarted(kernel, run):
    vat = kernel.create_vat("vat", runaway(run))
    pending = kernel.send(vat.root, "hang")
    kernel.run()
    with pytest.raises(CrankTimeoutError) as caught:
        kernel.call(vat.root, "act")
    assert (caught.value.vat, caught.value.seconds) == ("vat", SECONDS)
    assert kernel.call(vat.root, "get") == ("before", 1)
    assert pending.exception() == DisconnectedError(0)


def test_an_upgrade_that_runs_too_long_is_refused(kernel):
    vat = kernel.create_vat("vat", runaway(lambda: "fine"))
    with pytest.raises(UpgradeError) as caught:
        vat.upgrade(lambda: spin())
    assert isinstance(caught.value.__cause__, CrankTimeoutError)
    assert kernel.call(vat.root, "act") == "fine"


def test_a_crank_in_time_is_not_touched_however_many_there_are(kernel):
    vat = kernel.create_vat("vat", runaway(lambda: "fine"))
    end = time.monotonic() + 2 * SECONDS
    while time.monotonic() < end:
        assert kernel.call(vat.root, "act") == "fine"


def test_the_watching_thread_ends_with_the_kernel(tmp_path):
    before = threading.active_count()
    with Kernel.open(tmp_path / "s.db", crank_timeout=1):
        assert threading.active_count() == before + 1
    assert threading.active_count() == before


@pytest.mark.parametrize("seconds", [0, -1])
def test_a_limit_is_a_positive_number(tmp_path, seconds):
    with pytest.raises(ValueError, match="crank_timeout"):
        Kernel.open(tmp_path / "s.db", crank_timeout=seconds)


@pytest.mark.parametrize(("durability", "commits"), [("crank", 20), ("group", 1), ("relaxed", 1)])
def test_cranks_share_a_commit_unless_each_is_to_have_its_own(tmp_path, durability, commits):
    with Kernel.open(tmp_path / "s.db", durability=durability) as kernel:
        vat = kernel.create_vat("vat", runaway(lambda: None))
        for _ in range(20):
            kernel.send(vat.root, "act")
        before = kernel.counters.commits
        kernel.run()
        assert kernel.counters.commits - before in (commits, commits + 1)


def test_a_result_is_told_only_after_its_commit(tmp_path):
    calls, told_at_commit = [], []

    def on_step(name):
        if name == "commit":
            told_at_commit.extend(call.done() for call in calls)

    with Kernel.open(tmp_path / "s.db", on_step=on_step) as kernel:
        vat = kernel.create_vat("vat", runaway(lambda: None))
        calls.append(kernel.send(vat.root, "act"))
        kernel.run()
        assert told_at_commit == [False]
        assert calls[0].done()
