"""A message is consumed together with its effects: killed processes lose none and repeat none."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from vatdata_runtime import (
    E,
    Far,
    Kernel,
    RemoteError,
    StoreError,
    ValueTooLargeError,
    make_promise_kit,
    prepare_exo_class,
    provide,
)

from ...support.processes import environment


def run_child(path, total, seed):
    return subprocess.run(
        [sys.executable, "-m", "tests.runtime.kernel.crash_child", path, str(total), str(seed)],
        capture_output=True,
        text=True,
        timeout=60,
        env=environment(),
        check=False,
    )


@pytest.mark.parametrize(
    ("start", "total"),
    [(1, 200), (1000, 200), pytest.param(5000, 20_000, marks=[pytest.mark.slow, pytest.mark.timeout(1200)])],
)
def test_two_vats_under_random_kills_end_with_the_exact_number_of_effects(tmp_path, start, total):
    path, kills = str(tmp_path / "world.db"), 0
    for seed in range(start, start + max(8, total // 500)):
        child = run_child(path, total, seed)
        if child.returncode == 0:
            break
        assert child.returncode == -9, child.stderr
        kills += 1
    child = run_child(path, total, 0)
    assert child.returncode == 0, child.stderr
    assert list(map(int, child.stdout.split())) == [total // 2, total // 2]
    assert kills > 0


def run_device_child(path, calls, total, seed):
    return subprocess.run(
        [sys.executable, "-m", "tests.runtime.kernel.device_child", path, calls, str(total), str(seed)],
        capture_output=True,
        text=True,
        timeout=60,
        env=environment(),
        check=False,
    )


@pytest.mark.parametrize("start", [1, 2000])
def test_under_random_kills_devices_are_called_at_least_once_and_results_and_wakings_come_once(
    tmp_path, start
):
    path, calls, total, kills = str(tmp_path / "world.db"), tmp_path / "calls", 40, 0
    for seed in range(start, start + 12):
        child = run_device_child(path, calls, total, seed)
        if child.returncode == 0:
            break
        assert child.returncode == -9, child.stderr
        kills += 1
    child = run_device_child(path, calls, total, 0)
    assert child.returncode == 0, child.stderr
    results, wakings = json.loads(child.stdout)
    once = [[n, 1] for n in range(total)]
    assert results == once
    assert wakings == once
    made = {tuple(json.loads(line)) for line in calls.read_text().splitlines()}
    assert sorted(n for _, n in made) == list(range(total)), "a call made again has the same call id"
    assert len({call_id for call_id, _ in made}) == total
    assert kills > 0


def test_a_message_in_the_queue_survives_a_crash_and_runs_once(world):
    def build_counter(_powers, _parameters, baggage):
        provide(baggage, "count", lambda _: 0)

        def add():
            baggage.set("count", baggage.get("count") + 1)

        return Far("Counter", {"add": add, "get": lambda: baggage.get("count")})

    counter = world.build("counter", build_counter)

    def ask(target):
        for _ in range(3):
            E.send_only(target).add()

    asker = world.vat("asker", ask=ask)
    world.kernel.send(asker.root, "ask", counter.root)
    world.kernel.step()
    world.kernel.step()
    root = counter.root
    assert world.crash().call(world.kernel.get_vat("counter").root, "get") == 3
    assert world.kernel.run().cranks == 0
    assert world.reopen().call(world.kernel.get_vat("counter").root, "get") == 3
    assert root != world.kernel.get_vat("counter").root  # the copy is another store


def test_a_promise_that_was_pending_at_a_crash_is_disconnected_for_who_gets_it_later(world):
    got = []

    async def take(promise):
        try:
            got.append(await promise)
        except Exception as error:
            got.append((type(error).__name__, error.incarnation_number))

    taker = world.vat("taker", take=take)
    pending = []

    def give(taker):
        pending.append(make_promise_kit())
        E.send_only(taker).take(pending[-1].promise)

    giver = world.vat("giver", give=give)
    world.kernel.send(giver.root, "give", taker.root)
    world.kernel.step()
    world.crash().run()
    assert got == [("DisconnectedError", 0)]
    assert len(world.kernel._board.promises) == 0


def test_a_settled_promise_that_a_queued_message_mentions_keeps_its_value_over_a_crash(world):
    got = []

    async def take(promise):
        got.append(await promise)

    taker = world.vat("taker", take=take)

    def give(taker):
        kit = make_promise_kit()
        E.send_only(taker).take(kit.promise)
        kit.resolve({"kept": 1})

    world.kernel.send(world.vat("giver", give=give).root, "give", taker.root)
    world.kernel.step()
    world.crash().run()
    assert got[0]["kept"] == 1
    assert not [key for key, _ in world.kernel._board.store.scan(b"\x01p", b"\x01r")]


def test_a_pipelined_message_that_waits_survives_a_crash(world):
    arrived = []
    end = world.vat("end", poke=lambda: arrived.append("poke"))
    middle = world.vat("middle", get=lambda x: x)

    def ask(middle, end):
        E.send_only(E(middle).get(end)).poke()

    world.kernel.send(world.vat("asker", ask=ask).root, "ask", middle.root, end.root)
    world.kernel.step()
    world.crash().run()
    assert arrived == ["poke"]


def build_stopped(error):
    def build(powers, _parameters, baggage):
        provide(baggage, "value", lambda _: "before")
        provide(baggage, "tries", lambda _: 0)

        def write(other):
            baggage.set("value", "during")
            E.send_only(other).note()
            if errors:
                raise errors.pop()
            return "done"

        return Far("Root", {"write": write, "get": lambda: (baggage.get("value"), powers.incarnation)})

    errors = [error]
    return build


def test_a_crank_that_cannot_be_kept_is_undone_its_message_rejected_and_the_vat_restarted(world):
    notes = []
    other = world.vat("other", note=lambda: notes.append(1))
    vat = world.build("vat", build_stopped(SystemExit(1)))
    with pytest.raises(RemoteError, match="SystemExit"):
        world.kernel.call(vat.root, "write", other.root)
    world.kernel.run()
    assert not notes
    assert world.kernel.call(vat.root, "get") == ("before", 1)


def test_a_crank_that_is_interrupted_has_not_happened_and_runs_again(world):
    notes = []
    other = world.vat("other", note=lambda: notes.append(1))
    vat = world.build("vat", build_stopped(KeyboardInterrupt()))
    call = world.kernel.send(vat.root, "write", other.root)
    with pytest.raises(KeyboardInterrupt):
        world.kernel.run()
    assert not notes
    world.kernel.run()
    assert call.result() == "done"
    assert notes == [1]
    assert world.kernel.call(vat.root, "get") == ("during", 1)


def test_a_record_that_is_too_large_rejects_the_call_and_restarts_the_vat(tmp_path):
    def build(powers, _parameters, baggage):
        def grow(this):
            this.state.left = this.state.right = b"x" * 600

        make = prepare_exo_class(baggage, "Big", None, lambda: {"left": b"", "right": b""}, {"grow": grow})
        thing = baggage.get("thing") if baggage.has("thing") else make()
        if not baggage.has("thing"):
            baggage.init("thing", thing)
        return Far("Root", {"grow": lambda: thing.grow(), "incarnation": lambda: powers.incarnation})

    with Kernel.open(tmp_path / "s.db", value_limit=1000) as kernel:
        vat = kernel.create_vat("vat", build)
        with pytest.raises(ValueTooLargeError):
            kernel.call(vat.root, "grow")
        assert kernel.call(vat.root, "incarnation") == 1


def test_a_batch_that_the_store_refuses_closes_the_kernel_for_calls_and_reopening_repairs_it(tmp_path):
    failing = []

    def on_step(name):
        if failing and name == "begin":
            raise OSError("no disk")

    kernel = Kernel.open(tmp_path / "s.db", on_step=on_step)
    vat = kernel.create_vat("vat", "tests.runtime.kernel.crash_child:build_player", {"total": 0})
    failing.append(1)
    with pytest.raises(OSError, match="no disk"):
        kernel.call(vat.root, "play", 0)
    with pytest.raises(StoreError, match="open it again"):
        kernel.call(vat.root, "count")
    kernel.close()
    with Kernel.open(tmp_path / "s.db") as kernel:
        assert kernel.call(kernel.get_vat("vat").root, "count") == 0
