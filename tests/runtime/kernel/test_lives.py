"""Vats over their incarnations: upgrade that can be unwound, termination, vats that cannot start."""

from __future__ import annotations

import gc
import json
import subprocess
import sys

import pytest

from vatdata_runtime import (
    AbandonedReferenceError,
    DisconnectedError,
    E,
    Far,
    KindsNotPreparedError,
    NotPassableError,
    UpgradeError,
    VatStartError,
    VatTerminatedError,
    make_promise_kit,
    prepare_exo_class,
    provide,
    provide_durable_map_store,
)
from vatdata_runtime.store import open_store

from ...support.processes import environment


def counter(step, *, prepares=True, fails=None, sends_to=None):
    """Code for a vat with one durable counter that goes up by *step*."""

    def build(powers, parameters, baggage):
        if sends_to is not None:
            E.send_only(parameters).note("from the build")
        provide(baggage, "touched", lambda _: 0)
        baggage.set("touched", step)
        if prepares:

            def add(this):
                this.state.n += step
                return this.state.n

            make = prepare_exo_class(baggage, "Counter", None, lambda: {"n": 0}, {"add": add})
            counters = provide_durable_map_store(baggage, "counters")
            if not counters.has("it"):
                counters.init("it", make())
        if fails is not None:
            raise fails
        heap = Far("Heap", {"ping": lambda: "pong"})
        kits = []

        def hang():
            kits.append(make_promise_kit())
            return kits[-1].promise

        return Far(
            "Root",
            {
                "get": lambda: counters.get("it"),
                "heap": lambda: heap,
                "hang": hang,
                "touched": lambda: baggage.get("touched"),
                "parameters": lambda: parameters,
                "incarnation": lambda: powers.incarnation,
            },
        )

    return build


def test_an_upgrade_keeps_durable_objects_and_gives_them_new_behaviour(world):
    vat = world.build("vat", counter(1), {"given": 1})
    it, root = world.kernel.call(vat.root, "get"), vat.root
    assert world.kernel.call(it, "add") == 1
    vat.upgrade(counter(10))
    assert world.kernel.call(it, "add") == 11
    assert vat.root == root
    assert vat.incarnation == world.kernel.call(root, "incarnation") == 1
    assert world.kernel.call(root, "parameters") is None
    vat.upgrade(parameters={"new": 2})
    assert world.kernel.call(root, "parameters")["new"] == 2
    assert world.kernel.call(it, "add") == 21


def test_an_upgraded_vat_restarts_with_its_new_code_and_parameters(world, tmp_path):
    for name, number in (("old", 1), ("new", 2)):
        (tmp_path / f"{name}.py").write_text(
            "from vatdata_runtime import Far\n"
            "def build_root_object(powers, parameters):\n"
            f"    return Far('Root', {{'code': lambda: ({number}, parameters)}})\n"
        )
    vat = world.kernel.create_vat("vat", str(tmp_path / "old.py"), 5)
    vat.upgrade(str(tmp_path / "new.py"), 6)
    assert world.reopen().call(vat.root, "code") == (2, 6)


BROKEN = {
    "an exception": (lambda: counter(10, fails=ZeroDivisionError()), ZeroDivisionError),
    "a lost kind": (lambda: counter(10, prepares=False), KindsNotPreparedError),
    "no such source": (lambda: "nowhere.module", VatStartError),
}


@pytest.mark.parametrize("problem", BROKEN)
def test_a_refused_upgrade_leaves_the_old_incarnation_as_it_was(world, problem):
    source, cause = BROKEN[problem]
    vat = world.build("vat", counter(1))
    it = world.kernel.call(vat.root, "get")
    heap = world.kernel.call(vat.root, "heap")
    pending = world.kernel.send(vat.root, "hang")
    world.kernel.run()
    with pytest.raises(UpgradeError) as caught:
        vat.upgrade(source(), 5)
    assert isinstance(caught.value.__cause__, cause)
    assert vat.incarnation == 0
    assert world.kernel.call(it, "add") == 1
    assert world.kernel.call(heap, "ping") == "pong"
    assert world.kernel.call(vat.root, "touched") == 1
    assert not pending.done()
    vat.upgrade(counter(10))
    assert vat.incarnation == 1
    assert world.kernel.call(it, "add") == 11


def test_a_refused_upgrade_has_sent_nothing(world):
    notes = []
    listener = world.vat("listener", note=notes.append)
    vat = world.build("vat", counter(1))
    with pytest.raises(UpgradeError):
        vat.upgrade(counter(10, sends_to=True, fails=ValueError()), listener.root)
    world.kernel.run()
    assert notes == []
    vat.upgrade(counter(10, sends_to=True), listener.root)
    world.kernel.run()
    assert notes == ["from the build"]


@pytest.mark.parametrize("end", ["upgrade", "restart"])
def test_heap_objects_end_with_their_incarnation(world, end):
    vat = world.build("vat", counter(1))
    heap = world.kernel.call(vat.root, "heap")
    if end == "upgrade":
        vat.upgrade()
    else:
        vat = world.reopen().get_vat("vat")
    with pytest.raises(AbandonedReferenceError):
        world.kernel.call(heap, "ping")
    assert world.kernel.call(vat.root, "heap") != heap


def test_an_upgrade_rejects_what_the_old_incarnation_was_to_settle(world):
    vat = world.build("vat", counter(1))
    reasons = []

    async def ask(target):
        for _ in range(2):
            try:
                await E(target).hang()
            except DisconnectedError as reason:
                reasons.append(reason)
        return len(reasons)

    asker = world.vat("asker", ask=ask)
    answer = world.kernel.send(asker.root, "ask", vat.root)
    directly = world.kernel.send(vat.root, "hang")
    world.kernel.run()
    vat.upgrade(counter(2))
    world.kernel.run()
    assert directly.exception() == DisconnectedError(0)
    assert reasons == [DisconnectedError(0)]
    vat.upgrade(counter(3))
    assert answer.result() == 2
    assert reasons == [DisconnectedError(0), DisconnectedError(1)]
    assert len(world.kernel._board.promises) == 0


def test_messages_in_the_queue_go_to_the_new_incarnation(world):
    vat = world.build("vat", counter(1))
    waiting = world.kernel.send(vat.root, "touched")
    vat.upgrade(counter(10))
    assert waiting.result() == 10


def test_news_for_an_incarnation_that_has_ended_are_dropped(world):
    asked = []
    echo = world.vat("echo", echo=lambda x: x)

    async def ask(target):
        asked.append(await E(target).echo(1))

    asker = world.vat("asker", ask=ask)
    world.kernel.send(asker.root, "ask", echo.root)
    world.kernel.step()
    asker.upgrade()
    world.kernel.run()
    assert asked == []
    assert len(world.kernel._board.promises) == 0


def test_after_termination_calls_are_rejected_with_the_reason(world):
    vat = world.build("vat", counter(1))
    it, root = world.kernel.call(vat.root, "get"), vat.root
    pending, waiting = world.kernel.send(root, "hang"), None
    world.kernel.run()
    waiting = world.kernel.send(root, "touched")
    vat.terminate("no longer needed")
    for call in (pending, waiting):
        assert isinstance(call.exception(), VatTerminatedError)
    for target in (it, root):
        with pytest.raises(VatTerminatedError, match="no longer needed") as caught:
            world.kernel.call(target, "add")
        assert caught.value.vat == "vat"
    with pytest.raises(VatTerminatedError):
        vat.upgrade()
    assert not world.kernel.vats
    with pytest.raises(VatTerminatedError, match="no longer needed"):
        world.reopen().call(root, "touched")


@pytest.mark.parametrize("name", ["", "x" * 201, "\ud800", 7])
def test_a_name_that_no_vat_can_have_is_refused(world, name):
    with pytest.raises(TypeError, match="a vat's name is a text of 1 to 200 bytes"):
        world.vat(name)
    assert list(world.kernel.vats) == []


def test_a_terminated_vat_leaves_no_data_and_its_name_can_be_used_again(world):
    def build(_powers, _parameters, baggage):
        things = provide_durable_map_store(baggage, "things")
        for n in range(2500):
            things.init(n, n)
        return Far("Root", {})

    old = world.build("vat", build).root
    world.kernel.get_vat("vat").terminate()
    new = world.build("vat", counter(1))
    assert new.incarnation == 0
    assert new.root != old
    with pytest.raises(VatTerminatedError):
        world.kernel.call(old, "get")
    world.close()
    with open_store(world.path, readonly=True) as store:
        assert not list(store.scan(b"\x02\x01", b"\x02\x02"))
        assert not list(store.scan(b"\x03\x01", b"\x03\x02"))


@pytest.mark.parametrize("is_failure", [False, True])
def test_a_vat_can_end_itself_with_its_crank_kept_or_undone(world, is_failure):
    notes = []
    listener = world.vat("listener", note=notes.append)

    def build(powers, _parameters, _baggage):
        def leave(listener):
            E.send_only(listener).note("bye")
            (powers.exit_vat_with_failure if is_failure else powers.exit_vat)("tired")
            return "left"

        return Far("Root", {"leave": leave})

    vat = world.build("vat", build)
    call = world.kernel.send(vat.root, "leave", listener.root)
    world.kernel.run()
    if is_failure:
        assert isinstance(call.exception(), VatTerminatedError)
        assert notes == []
    else:
        assert call.result() == "left"
        assert notes == ["bye"]
    with pytest.raises(VatTerminatedError, match="tired"):
        world.kernel.call(vat.root, "leave", listener.root)
    assert "vat" not in world.reopen().vats


def test_a_vat_that_cannot_restart_waits_with_its_messages_while_the_others_run(world):
    vat, other = world.build("vat", counter(1)), world.vat("other", get=lambda: "fine")
    it = world.kernel.call(vat.root, "get")
    world.sources["vat"] = counter(2, prepares=False)
    kernel = world.reopen()
    assert isinstance(kernel.failed_vats["vat"], KindsNotPreparedError)
    assert kernel.call(other.root, "get") == "fine"
    assert kernel.get_vat("vat").incarnation == 0
    with pytest.raises(VatStartError, match="vat") as caught:
        kernel.call(it, "add")
    assert isinstance(caught.value.__cause__, KindsNotPreparedError)
    waiting = [kernel.send(it, "add") for _ in range(2)]
    assert kernel.run().cranks == 0
    kernel.get_vat("vat").upgrade(counter(5))
    kernel.run()
    assert [call.result(timeout=0) for call in waiting] == [5, 10]
    assert not kernel.failed_vats


def test_messages_that_wait_for_a_vat_are_kept_over_restarts(world):
    vat = world.build("vat", counter(1))
    it = world.kernel.call(vat.root, "get")
    good, world.sources["vat"] = world.sources["vat"], counter(1, fails=ValueError())
    world.reopen().send(it, "add")
    world.reopen()
    world.sources["vat"] = good
    assert world.reopen().run().cranks == 1
    assert world.kernel.call(it, "add") == 2


def test_a_failed_start_can_be_made_fatal(world):
    world.build("vat", counter(1))
    world.sources["vat"] = counter(1, fails=ValueError("no"))
    with pytest.raises(ValueError, match="no"):
        world.reopen(on_failed_start="raise")
    world.sources["vat"] = counter(1)
    assert world.reopen().get_vat("vat").incarnation == 1


def test_every_incarnation_of_a_file_has_a_module_of_its_own(world, tmp_path):
    (tmp_path / "counting.py").write_text(
        "from vatdata_runtime import Far\n"
        "CALLS = []\n"
        "def build_root_object():\n"
        "    return Far('Root', {'call': lambda: (CALLS.append(1), len(CALLS))[1]})\n"
    )
    first = world.kernel.create_vat("first", str(tmp_path / "counting.py"))
    second = world.kernel.create_vat("second", str(tmp_path / "counting.py"))
    assert [world.kernel.call(vat.root, "call") for vat in (first, first, second)] == [1, 2, 1]
    first.upgrade()
    assert world.kernel.call(first.root, "call") == 1


def test_a_process_killed_at_any_step_of_an_upgrade_leaves_the_old_code_or_the_new(tmp_path):
    child = subprocess.run(
        [sys.executable, "-m", "tests.runtime.kernel.upgrade_child", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=60,
        env=environment(),
        check=False,
    )
    assert child.returncode == 0, child.stderr
    ends = [json.loads(line) for line in child.stdout.splitlines()]
    versions = [end["found"][0][0] for end in ends]
    assert ends[-1]["code"] == 0
    assert versions == sorted(versions)
    assert set(versions) == {1, 2}
    for end in ends:
        (code, stored, _), incarnation = end["found"]
        assert code == stored
        assert incarnation == code + 1  # two processes have opened the store, and the upgrade began one more


def test_parameters_cannot_hold_objects_of_the_vat_itself(world):
    def build(_powers, _parameters, baggage):
        return Far("Root", {"make": prepare_exo_class(baggage, "Thing", None, lambda: {}, {})})

    vat = world.build("vat", build)
    thing = world.kernel.call(vat.root, "make")
    with pytest.raises(NotPassableError, match="parameters of vat 'vat' cannot hold an object of that vat"):
        vat.upgrade(build, {"thing": thing})
    assert vat.incarnation == 0


def test_what_waits_when_an_incarnation_ends_is_let_go_of_silently(world, caplog):
    kits = []

    async def wait():
        kits.append(make_promise_kit())
        await kits[0].promise

    vat = world.vat("waiter", wait=wait)
    world.kernel.send(vat.root, "wait")
    world.kernel.run()
    vat.upgrade()
    world.close()
    kits.clear()
    gc.collect()
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == []
