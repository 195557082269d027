"""The help that users get for their own tests."""

from __future__ import annotations

import itertools
import subprocess
import sys
from pathlib import Path

import pytest

from vatdata_runtime import Far, KindsNotPreparedError, StoreError, prepare_exo_class, provide
from vatdata_runtime.testing import Lives, assert_same_in_all_zones, memory_kernel
from vatdata_runtime.vat.identifiers import Space


def build_counter(_powers, _parameters, baggage):
    make = prepare_exo_class(
        baggage,
        "Counter",
        None,
        lambda: {"n": 0},
        {"add": lambda this: setattr(this.state, "n", this.state.n + 1), "get": lambda this: this.state.n},
    )
    counter = provide(baggage, "counter", lambda _: make())
    return Far("Root", {"add": counter.add, "get": counter.get})


def build_nothing(_powers, _parameters, _baggage):
    return Far("Root", {})


def test_restart_and_crash_begin_the_next_incarnation_with_what_was_committed():
    with Lives(build_counter) as lives:
        lives.vat.call("add")
        assert lives.restart().incarnation == 1
        assert lives.crash().incarnation == 2
        assert lives.vat.call("get") == 1


def test_a_refused_upgrade_raises_and_the_code_before_goes_on():
    with Lives(build_counter) as lives:
        lives.vat.call("add")
        with pytest.raises(KindsNotPreparedError):
            lives.upgrade(build_nothing)
        assert lives.vat.call("get") == 1


@pytest.mark.parametrize("durability", ["crank", "group", "relaxed"])
def test_a_crash_at_each_storage_step_leaves_a_whole_crank(durability):
    with Lives(build_counter, durability=durability) as lives:
        steps = []
        for step in itertools.count(1):
            before = lives.vat.call("get")
            with lives.crash_at(step) as crash:
                lives.vat.call("add")
            after = lives.vat.call("get")
            if not crash.happened:
                break
            steps.append((crash.at, after - before))
        assert after == before + 1
        assert len(steps) >= 3
        gained = [gain for _, gain in steps]
        assert gained == sorted(gained), "lost up to the commit, there from then on"
        assert {0, 1} == set(gained)


def test_an_error_of_the_block_itself_is_not_swallowed_by_a_crash_that_did_not_come():
    with Lives(build_counter) as lives, pytest.raises(ZeroDivisionError), lives.crash_at(1000):
        1 / 0


def test_code_that_catches_everything_does_not_outlive_its_process():
    with Lives(build_counter) as lives:
        with lives.crash_at(1) as crash:
            for _ in range(3):
                try:
                    lives.vat.call("add")
                except BaseException:
                    continue
        assert crash.happened
        assert lives.vat.call("get") == 0


def test_a_store_that_is_not_whole_fails_the_test():
    lives = Lives(build_counter)
    lives.stop()
    from vatdata_runtime.store import open_store

    with open_store(lives.path) as store:
        store.apply({Space.durable(1).zero + b"d\x10\x63": b""})
        store.commit()
    with pytest.raises(AssertionError, match="has a zero mark, and there is no such object"):
        lives.close()
    assert not lives.path.exists()


def test_nothing_runs_before_it_was_started():
    with Lives() as lives:
        with pytest.raises(RuntimeError, match="start"):
            _ = lives.vat
        with pytest.raises(RuntimeError, match="start"):
            lives.restart()


def test_a_memory_kernel_is_gone_when_it_is_closed():
    with memory_kernel() as kernel:
        vat = kernel.create_vat("counter", build_counter)
        kernel.call(vat.root, "add")
        folder = Path(kernel.path).parent
        assert folder.exists()
    assert not folder.exists()
    with pytest.raises(StoreError):
        kernel.run()
    kernel = memory_kernel()
    kernel.close()
    assert not Path(kernel.path).parent.exists()


def test_zones_that_behave_alike_pass():
    def script(zone):
        make = zone.exo_class("Pair", None, lambda a: {"a": a}, {"get": lambda this: this.state.a})
        return lambda: [make(1).get(), make("x").get()]

    assert_same_in_all_zones(script)


def test_a_difference_between_zones_is_told():
    def script(zone):
        return lambda: zone.is_storable(Far("Heap", {}))

    with pytest.raises(
        AssertionError, match=r"in the heap zone it returned True\n.*in the durable zone it returned False"
    ):
        assert_same_in_all_zones(script)


def test_the_fixtures_are_there_for_users_of_pytest(tmp_path):
    (tmp_path / "counter.py").write_text(
        "from vatdata_runtime import Far\n"
        "def build_root_object(powers, parameters, baggage):\n"
        "    return Far('Root', {'one': lambda: 1})\n"
    )
    (tmp_path / "test_mine.py").write_text(
        "def test_lives(vat_lives):\n"
        "    assert vat_lives.start('counter.py').call('one') == 1\n"
        "    assert vat_lives.restart().incarnation == 1\n"
        "def test_kernel(kernel):\n"
        "    assert kernel.call(kernel.create_vat('c', 'counter.py').root, 'one') == 1\n"
    )
    found = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_mine.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "2 passed" in found.stdout, found.stdout + found.stderr
