"""Devices: what vats ask of the program, after the crank that asks is safe."""

from __future__ import annotations

import asyncio
import gc
import shutil
from enum import Enum

import pytest

from vatdata_runtime import (
    E,
    Far,
    Kernel,
    KeyNotFoundError,
    RemoteError,
    UnsettledError,
    prepare_exo_class,
    provide_durable_map_store,
    provide_kind_handle,
    provide_promise_watcher,
    register_enum,
    watch_promise,
)
from vatdata_runtime.kernel import runner


class Mail:
    """A device that notes what it is asked."""

    def __init__(self):
        self.sent = []

    def send(self, text, call_id):
        self.sent.append((call_id, text))
        return len(self.sent)

    def fail(self):
        raise ValueError("no such address")

    async def send_slowly(self, text):
        await asyncio.sleep(0.01)
        self.sent.append(text)
        return text.upper()

    def _private(self):
        raise AssertionError("nobody may call this")


def build_sender(powers, _parameters, baggage):
    mail = powers.devices["mail"]
    log = provide_durable_map_store(baggage, "log")
    watcher = provide_promise_watcher(
        provide_kind_handle(baggage, "Watcher"),
        lambda value, n: log.init(n, value),
        lambda reason, n: log.init(n, repr(reason)),
    )

    async def ask(method, *args):
        return await getattr(E(mail), method)(*args)

    def watch(method, n, *args):
        watch_promise(getattr(E(mail), method)(*args), watcher, n)

    return Far(
        "Sender",
        {
            "ask": ask,
            "watch": watch,
            "later": lambda text: E.send_only(mail).send(text),
            "log": lambda: list(log.entries()),
            "device": lambda: powers.devices["mail"],
            "private": lambda: E(mail)._private(),
        },
    )


@pytest.fixture
def sender(world):
    return world.build("sender", build_sender)


def test_a_vat_calls_a_device_and_gets_its_result(world, sender):
    mail = Mail()
    world.kernel.register_device("mail", mail)
    assert world.kernel.call(sender.root, "ask", "send", "hello") == 1
    assert [text for _, text in mail.sent] == ["hello"]


def test_an_exception_of_a_device_reaches_the_vat(world, sender):
    world.kernel.register_device("mail", Mail())
    with pytest.raises(ValueError, match="no such address"):
        world.kernel.call(sender.root, "ask", "fail")


@pytest.mark.parametrize("method", ["missing", "sent"])
def test_only_public_methods_of_a_device_can_be_called(world, sender, method):
    world.kernel.register_device("mail", Mail())
    with pytest.raises(AttributeError, match=f"device 'mail' has no public method '{method}'"):
        world.kernel.call(sender.root, "ask", method)
    with pytest.raises(AttributeError, match="not public"):
        world.kernel.call(sender.root, "private")


def test_what_a_device_gives_back_must_be_data_or_references(world, sender):
    world.kernel.register_device("mail", Far("Device", {"send": lambda text: object()}))
    with pytest.raises(Exception, match="object") as caught:
        world.kernel.call(sender.root, "ask", "send", "hello")
    assert isinstance(caught.value, (TypeError, RemoteError))


def test_a_device_is_called_after_the_commit_of_the_crank_that_called_it(world, sender):
    committed = []

    class Probe:
        def send(self, text):
            committed.append(world.kernel._board.store.pending)

    world.kernel.register_device("mail", Probe())
    world.kernel.call(sender.root, "ask", "send", "hello")
    assert committed == [0]


def test_calls_wait_until_the_name_is_registered_also_over_restarts(world, sender):
    world.kernel.send(sender.root, "watch", "send", 1, "early")
    world.kernel.run()
    world.reopen()
    mail = Mail()
    world.kernel.register_device("mail", mail)
    world.kernel.run()
    assert [text for _, text in mail.sent] == ["early"]
    assert world.kernel.call(world.kernel.get_vat("sender").root, "log") == ((1, 1),)


def test_a_call_that_waits_for_a_name_leaves_its_caller_unsettled(world, sender, caplog):
    with pytest.raises(UnsettledError):
        world.kernel.call(sender.root, "ask", "send", "hello")
    assert "device 'mail' waits: nothing is registered under that name" in caplog.text


def test_async_methods_run_at_the_same_time_and_run_waits_for_them(world, sender):
    mail = Mail()
    world.kernel.register_device("mail", mail)
    answers = [world.kernel.send(sender.root, "ask", "send_slowly", f"text {n}") for n in range(20)]
    world.kernel.run()
    assert [answer.result() for answer in answers] == [f"TEXT {n}" for n in range(20)]
    assert world.kernel.stats().waiting == 0


def test_async_methods_are_awaited_in_the_programs_own_loop(world, sender):
    loops = []

    class Probe:
        async def send(self, text):
            loops.append(asyncio.get_running_loop())
            await asyncio.sleep(0)
            return text

    world.kernel.register_device("mail", Probe())

    async def program():
        answers = await asyncio.gather(
            *(world.kernel.acall(sender.root, "ask", "send", f"{n}") for n in range(5))
        )
        return answers, asyncio.get_running_loop()

    answers, loop = asyncio.run(program())
    assert answers == ["0", "1", "2", "3", "4"]
    assert set(loops) == {loop}


def test_other_tasks_of_the_program_go_on_while_a_device_is_at_work(world, sender):
    turns = []

    class Slow:
        async def send(self, text):
            while len(turns) < 5:  # noqa: ASYNC110  # it lets the others run
                await asyncio.sleep(0)
            return text

    world.kernel.register_device("mail", Slow())

    async def program():
        call = asyncio.create_task(world.kernel.acall(sender.root, "ask", "send", "x"))
        while not call.done():
            turns.append(1)
            await asyncio.sleep(0)
        return call.result()

    assert asyncio.run(program()) == "x"


def test_a_call_whose_loop_has_ended_is_made_again_in_the_next(world, sender):
    begun = []

    class Mostly:
        async def send(self, text):
            begun.append(text)
            if len(begun) == 1:
                await asyncio.Event().wait()
            return text

    world.kernel.register_device("mail", Mostly())

    async def give_up():
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(world.kernel.acall(sender.root, "ask", "send", "x"), 0.05)

    asyncio.run(give_up())
    world.kernel.run()
    assert begun == ["x", "x"]


def test_a_device_can_send_to_vats_but_not_run_them(world, sender):
    refused = []

    class Busy:
        def send(self, text):
            world.kernel.send(sender.root, "later", "again") if text == "first" else None
            for action in (
                world.kernel.run,
                world.kernel.step,
                lambda: world.kernel.call(sender.root, "log"),
            ):
                with pytest.raises(RuntimeError, match="a method of a device is running") as caught:
                    action()
                refused.append(caught.value)
            return text

    world.kernel.register_device("mail", Busy())
    assert world.kernel.call(sender.root, "ask", "send", "first") == "first"
    world.kernel.run()
    assert len(refused) == 6


def test_devices_get_references_and_give_them_back(world, sender):
    seen = []

    class Registry:
        def send(self, thing):
            seen.append(thing)
            return {"back": thing}

    world.kernel.register_device("mail", Registry())
    back = world.kernel.call(sender.root, "ask", "send", sender.root)["back"]
    assert back == seen[0] == sender.root


def test_a_device_is_a_durable_reference_before_it_is_registered(world):
    def build(powers, _parameters, baggage):
        if not baggage.has("mail"):
            baggage.init("mail", powers.devices["mail"])

        async def ask():
            return await E(baggage.get("mail")).send("x")

        return Far("Root", {"ask": ask, "same": lambda: baggage.get("mail") is powers.devices["mail"]})

    vat = world.build("vat", build)
    world.reopen()
    world.kernel.register_device("mail", Mail())
    assert world.kernel.call(vat.root, "ask") == 1
    assert world.kernel.call(vat.root, "same")
    assert repr(
        world.kernel.call(
            world.build("giver", lambda p, _a, _b: Far("G", {"give": lambda: p.devices["mail"]})).root, "give"
        )
    ).startswith("<Ref Device mail")


def test_results_reach_a_durable_watcher_in_whichever_incarnation_lives(world, sender):
    world.kernel.send(sender.root, "watch", "send", 1, "hello")
    world.kernel.run()
    sender.upgrade()
    world.reopen()
    world.kernel.get_vat("sender").upgrade()
    world.kernel.register_device("mail", Mail())
    world.kernel.run()
    assert world.kernel.call(sender.root, "log") == ((1, 1),)
    assert len(world.kernel._board.promises) == 0


def test_a_call_is_made_again_with_its_call_id_when_the_process_ended_before_its_result(world, sender):
    seen = []

    class Dies:
        def send(self, text, call_id):
            seen.append(call_id)
            if len(seen) < 3:
                raise KeyboardInterrupt
            return text

    for attempt in range(3):
        world.kernel.register_device("mail", Dies())
        if attempt == 0:
            world.kernel.send(sender.root, "watch", "send", 1, "hello")
        if attempt < 2:
            with pytest.raises(KeyboardInterrupt):
                world.kernel.run()
            world.crash()
        else:
            world.kernel.run()
    assert len(seen) == 3
    assert len(set(seen)) == 1
    assert world.kernel.call(world.kernel.get_vat("sender").root, "log") == ((1, "hello"),)


def test_call_ids_are_never_the_same(world, sender):
    mail = Mail()
    for _ in range(3):
        world.kernel.register_device("mail", mail)
        for n in range(3):
            world.kernel.call(sender.root, "later", f"{n}")
        world.reopen()
    assert len({call_id for call_id, _ in mail.sent}) == len(mail.sent) == 9


def test_a_restored_backup_gives_no_call_id_that_the_lost_store_had_given_since(world, sender, tmp_path):
    world.kernel.call(sender.root, "log")
    world.close()
    backup = tmp_path / "backup.db"
    shutil.copyfile(world.path, backup)
    mail = Mail()
    for path in (world.path, backup):
        with Kernel.open(path, sources=world.sources, devices={"mail": mail}) as kernel:
            kernel.call(kernel.get_vat("sender").root, "later", "hello")
    (first, _), (second, _) = mail.sent
    assert first != second
    assert first.rpartition("-")[2] == second.rpartition("-")[2], (
        "the numbers are the same, and alone would collide"
    )


def test_tokens_of_call_ids_are_kept_for_messages_that_wait_and_of_the_others_the_last(world, sender):
    for n in range(4):
        world.kernel.send(sender.root, "later", f"{n}")  # nothing is registered, so its call waits
        world.reopen()

    def tokens():
        return [key for key, _ in world.kernel._board.store.scan(b"\x01i", b"\x01j")]

    assert len(tokens()) == 4
    world.kernel.register_device("mail", Mail())
    world.kernel.run()
    world.reopen()
    assert len(tokens()) == 1


def test_devices_are_given_at_open_before_any_vat_starts(world):
    mail = Mail()

    def build(powers, _parameters, _baggage):
        E.send_only(powers.devices["mail"]).send("born")
        return Far("Root", {})

    world.build("eager", build)
    world.kernel.run()
    world.reopen(devices={"mail": mail}).run()
    assert [text for _, text in mail.sent] == ["born", "born"]


def test_calls_of_a_terminated_vat_are_made_and_their_results_dropped(world, sender):
    mail = Mail()
    world.kernel.send(sender.root, "watch", "send", 1, "last words")
    world.kernel.run()
    sender.terminate()
    world.kernel.register_device("mail", mail)
    world.kernel.run()
    assert [text for _, text in mail.sent] == ["last words"]
    assert len(world.kernel._board.promises) == 0


def test_closing_waits_for_devices_at_work(tmp_path):
    mail = Mail()
    with Kernel.open(tmp_path / "w.db", devices={"mail": mail}) as kernel:
        vat = kernel.create_vat("sender", build_sender)
        kernel.send(vat.root, "ask", "send_slowly", "text")
    assert mail.sent == ["text"]


@pytest.mark.parametrize("name", ["", "x" * 201, "\ud800", 7])
def test_a_name_that_cannot_be_is_refused(world, name):
    with pytest.raises(TypeError, match="a device's name is a text of 1 to 200 bytes"):
        world.kernel.register_device(name, Mail())

    def build(powers, _parameters, _baggage):
        powers.devices[name]

    with pytest.raises(KeyNotFoundError):
        world.build("vat", build)


def test_a_reference_that_a_device_holds_keeps_its_object(world):
    def build(_powers, _parameters, baggage):
        make = prepare_exo_class(baggage, "Thing", None, lambda: {}, {})
        mail = _powers.devices["mail"]
        return Far("Root", {"give": lambda: E.send_only(mail).keep(make())})

    kept = []
    vat = world.build("giver", build)
    world.kernel.register_device("mail", Far("Keeper", {"keep": kept.append}))
    world.kernel.call(vat.root, "give")
    world.kernel.run()
    assert world.kernel.collect() == 0
    kept.clear()
    gc.collect()
    assert world.kernel.collect() == 1


def test_a_reference_to_a_device_is_a_target_and_an_argument_of_the_program_too(world, sender):
    world.kernel.register_device("mail", Mail())
    mail = world.kernel.call(sender.root, "device")
    echo = world.vat("echo", say=lambda x: x)
    assert world.kernel.call(echo.root, "say", [mail]) == (mail,)
    assert world.kernel.call(mail, "send", "from the program") == 1


@pytest.mark.parametrize("method", ["at_once", "later"])
def test_a_device_whose_work_was_cancelled_has_failed(world, sender, method):
    class Cancelled:
        def at_once(self):
            raise asyncio.CancelledError("enough")

        async def later(self):
            raise asyncio.CancelledError("enough")

    world.kernel.register_device("mail", Cancelled())
    with pytest.raises(RemoteError, match="CancelledError"):
        world.kernel.call(sender.root, "ask", method)

    async def program():
        with pytest.raises(RemoteError, match="CancelledError"):
            await asyncio.wait_for(world.kernel.acall(sender.root, "ask", method), 20)

    asyncio.run(program())


def test_an_async_method_cannot_be_waited_for_by_blocking_its_loop(world, sender):
    world.kernel.register_device("mail", Mail())

    async def program():
        with pytest.raises(UnsettledError, match=r"An async method of a device is at work.*await acall\(\)"):
            world.kernel.call(sender.root, "ask", "send_slowly", "x")
        return await world.kernel.acall(sender.root, "ask", "send_slowly", "y")

    assert asyncio.run(program()) == "Y"


def test_a_device_cannot_close_the_kernel_that_calls_it(world, sender):
    class Closes:
        def send(self, text):
            world.kernel.close()

    world.kernel.register_device("mail", Closes())
    with pytest.raises(RuntimeError, match="a method of a device is running"):
        world.kernel.call(sender.root, "ask", "send", "x")
    assert world.kernel.call(sender.root, "log") == ()


def test_an_async_device_can_call_vats(world, sender):
    class Caller:
        async def send(self, text):
            return await world.kernel.acall(sender.root, "log")

    world.kernel.register_device("mail", Caller())
    assert world.kernel.call(sender.root, "ask", "send", "x") == ()
    assert asyncio.run(world.kernel.acall(sender.root, "ask", "send", "x")) == ()


def test_a_result_that_waits_for_an_unknown_device_says_so(world, sender):
    with pytest.raises(UnsettledError, match="devices that are not registered: 'mail'"):
        world.kernel.call(sender.root, "ask", "send", "x")


class Colour(Enum):
    RED = 1


def build_painter(powers, _parameters, baggage):
    register_enum(Colour)
    log = provide_durable_map_store(baggage, "log")
    watcher = provide_promise_watcher(
        provide_kind_handle(baggage, "Watcher"), lambda value: log.init(log.get_size(), value)
    )
    return Far(
        "Painter",
        {
            "paint": lambda: watch_promise(E(powers.devices["wall"]).paint(Colour.RED), watcher),
            "log": lambda: list(log.values()),
        },
    )


class Wall:
    """A device that gives back what it gets."""

    def __init__(self):
        self.painted = []

    def paint(self, colour):
        self.painted.append(colour)
        return colour


def test_members_of_a_vats_enums_reach_devices_and_come_back_also_over_a_restart(world):
    vat = world.build("painter", build_painter)
    world.kernel.call(vat.root, "paint")
    world.reopen()
    wall = Wall()
    world.kernel.register_device("wall", wall)
    world.kernel.run()
    assert wall.painted == [Colour.RED]
    assert world.kernel.call(vat.root, "log") == (Colour.RED,)


def test_a_call_that_only_its_vat_can_read_waits_until_the_vat_is_repaired(world):
    vat = world.build("painter", build_painter)
    world.kernel.call(vat.root, "paint")
    world.sources["painter"] = lambda *_: 1 / 0
    wall = Wall()
    world.reopen(devices={"wall": wall}).run()
    assert wall.painted == []
    world.sources["painter"] = build_painter
    world.kernel.get_vat("painter").upgrade(build_painter)
    world.kernel.run()
    assert wall.painted == [Colour.RED]


def test_tasks_that_a_device_began_end_with_the_kernel(world, sender):
    ended = []

    class Begins:
        async def send(self, text):
            async def go_on():
                try:
                    await asyncio.Event().wait()
                finally:
                    ended.append(text)

            self.task = asyncio.create_task(go_on())
            await asyncio.sleep(0)

    world.kernel.register_device("mail", Begins())
    world.kernel.call(sender.root, "ask", "send", "x")
    assert ended == []
    world.kernel.close()
    assert ended == ["x"]


def test_an_asyncio_program_goes_on_between_the_calls_of_a_batch(world, sender, monkeypatch):
    monkeypatch.setattr(runner, "_BATCH_SECONDS", 0.0)
    order = []

    class Probe:
        def send(self, text):
            order.append(text)

    world.kernel.register_device("mail", Probe())
    for n in range(3):
        world.kernel.send(sender.root, "later", f"{n}")

    async def program():
        serving = asyncio.create_task(world.kernel.serve())
        while order.count("turn") < 1000 and len([x for x in order if x != "turn"]) < 3:
            order.append("turn")
            await asyncio.sleep(0)
        serving.cancel()

    asyncio.run(program())
    first, last = order.index("0"), order.index("2")
    assert "turn" in order[first:last]
