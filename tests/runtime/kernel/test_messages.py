"""Vats send each other messages: promises, pipelining, order, presences."""

from __future__ import annotations

import enum

import pytest

from vatdata_runtime import (
    E,
    Far,
    NotPassableError,
    RemoteError,
    make_promise_kit,
    make_scalar_weak_map_store,
    open_vat,
    prepare_exo_class,
    provide_durable_map_store,
    register_enum,
)


def echo_vat(world):
    return world.vat(
        "echo", echo=lambda x: x, fail=lambda: 1 / 0, adder=lambda n: Far("Adder", {"add": lambda m: n + m})
    )


def test_a_message_returns_a_promise_for_the_result(world):
    echo = echo_vat(world)

    async def ask(target):
        return await E(target).echo({"list": [1, 2.5, None, b"x"]})

    assert world.kernel.call(world.vat("asker", ask=ask).root, "ask", echo.root)["list"] == (
        1,
        2.5,
        None,
        b"x",
    )


def test_a_rejection_reaches_who_awaits(world):
    echo = echo_vat(world)

    async def ask(target):
        try:
            await E(target).fail()
        except ZeroDivisionError as error:
            return str(error)

    assert world.kernel.call(world.vat("asker", ask=ask).root, "ask", echo.root) == "division by zero"


def test_an_exception_crosses_without_anything_alive(world):
    class Secret(Exception):
        pass

    def fail():
        raise Secret("text", Far("Object", {}))

    failing = world.vat("failing", fail=fail)
    caught = []

    async def ask(target):
        try:
            await E(target).fail()
        except Exception as error:
            caught.append((type(error), error.class_name, error.args))

    world.kernel.call(world.vat("asker", ask=ask).root, "ask", failing.root)
    assert caught == [(RemoteError, "Secret", ("Secret", "('text', <Far 'Object'>)"))]


def test_messages_are_pipelined_through_promises_that_have_not_settled(world):
    echo = echo_vat(world)
    seen = []

    async def ask(target):
        promise = E(target).adder(10)
        answer = E(promise).add(5)
        seen.append((promise.done(), answer.done()))
        return await answer

    assert world.kernel.call(world.vat("asker", ask=ask).root, "ask", echo.root) == 15
    assert seen == [(False, False)]


def test_a_pipelined_message_does_not_come_back_to_its_sender(world):
    arrived = []

    def build_target(_powers, _parameters, _baggage):
        return Far("Target", {"poke": lambda: arrived.append("poke")})

    target = world.build("target", build_target)
    maker = world.vat("maker", get=lambda: target_presence[0], keep=lambda t: target_presence.append(t))
    target_presence = []
    world.kernel.call(maker.root, "keep", target.root)

    def ask(maker):
        E.send_only(E(maker).get()).poke()

    asker = world.vat("asker", ask=ask)
    world.kernel.send(asker.root, "ask", maker.root)
    for _ in range(3):
        world.kernel.step()  # asker, maker, target: no crank of asker between
    assert arrived == ["poke"]


def test_a_message_to_a_rejected_promise_is_rejected_alike(world):
    echo = echo_vat(world)

    async def ask(target):
        await E(E(target).fail()).anything()

    with pytest.raises(ZeroDivisionError):
        world.kernel.call(world.vat("asker", ask=ask).root, "ask", echo.root)


def test_a_message_to_a_promise_for_data_is_refused(world):
    echo = echo_vat(world)

    async def ask(target):
        await E(E(target).echo(5)).bit_length()

    with pytest.raises(TypeError, match="data"):
        world.kernel.call(world.vat("asker", ask=ask).root, "ask", echo.root)


def test_messages_to_one_object_arrive_in_order(world):
    order = []
    target = world.vat("target", note=order.append)

    def ask(target):
        for n in range(20):
            E.send_only(target).note(n)

    world.kernel.call(world.vat("asker", ask=ask).root, "ask", target.root)
    world.kernel.run()
    assert order == list(range(20))


def test_a_promise_in_an_argument_settles_where_it_was_sent(world):
    got = []

    async def take(promise):
        got.append(await promise)
        return "taken"

    taker = world.vat("taker", take=take)
    kits = []

    def give(taker):
        kits.append(make_promise_kit())
        return E(taker).take(kits[0].promise)

    giver = world.vat("giver", give=give, settle=lambda value: kits[0].resolve(value))
    future = world.kernel.send(giver.root, "give", taker.root)
    world.kernel.run()
    assert got == []
    world.kernel.call(giver.root, "settle", 9)
    world.kernel.run()
    assert got == [9]
    assert future.result() == "taken"


def test_a_promise_can_travel_on_to_a_third_vat_before_and_after_it_has_settled(world):
    got = []

    async def take(promise):
        got.append(await promise)

    end = world.vat("end", take=take)

    async def relay(promise, end):
        E.send_only(end).take(promise)
        await promise
        E.send_only(end).take(promise)

    middle = world.vat("middle", relay=relay)

    def give(middle, end):
        kit = make_promise_kit()
        E.send_only(middle).relay(kit.promise, end)
        kit.resolve("value")

    world.kernel.call(world.vat("giver", give=give).root, "give", middle.root, end.root)
    world.kernel.run()
    assert got == ["value", "value"]


def test_promises_inside_results_work_and_rejections_too(world):
    def give():
        good, bad = make_promise_kit(), make_promise_kit()
        good.resolve(1)
        bad.reject(ValueError("no"))
        return {"good": good.promise, "bad": bad.promise}

    giver = world.vat("giver", give=give)

    async def ask(giver):
        both = await E(giver).give()
        try:
            await both["bad"]
        except ValueError as error:
            return [await both["good"], str(error)]

    assert world.kernel.call(world.vat("asker", ask=ask).root, "ask", giver.root) == (1, "no")


def test_no_promise_is_left_over_when_all_have_settled(world):
    echo = echo_vat(world)

    async def ask(target):
        kit = make_promise_kit()
        answer = E(target).echo([kit.promise, kit.promise])
        kit.resolve(E(target).echo(3))
        first, second = await answer
        return first is second and await first

    asker = world.vat("asker", ask=ask)
    for _ in range(3):
        assert world.kernel.call(asker.root, "ask", echo.root) == 3
        world.kernel.run()
        assert len(world.kernel._board.promises) == 0
    assert not [key for key, _ in world.kernel._board.store.scan(b"\x01p", b"\x01r")]


def test_presences_are_the_same_object_while_they_live_and_can_be_durable_keys_and_values(world):
    def build(_powers, _parameters, baggage):
        known = provide_durable_map_store(baggage, "known")
        weak = make_scalar_weak_map_store()

        def keep(target):
            known.init("it", target)
            known.init(target, "found")
            weak.init(target, 1)
            return weak.get(known.get("it")) == 1 and known.get("it") is target

        return Far("Keeper", {"keep": keep, "get": lambda: known.get("it"), "find": known.get})

    echo = echo_vat(world)
    keeper = world.build("keeper", build)
    assert world.kernel.call(keeper.root, "keep", echo.root) is True
    world.reopen()
    assert world.kernel.call(keeper.root, "get") == echo.root
    assert world.kernel.call(keeper.root, "find", echo.root) == "found"


def test_an_object_that_comes_home_is_itself(world):
    echo = echo_vat(world)

    def build(_powers, _parameters, baggage):
        make = prepare_exo_class(baggage, "Thing", None, lambda: {}, {"poke": lambda this: "poked"})

        async def go(echo):
            thing, far = make(), Far("Far", {})
            root = await E(echo).echo(root_object)
            return [await E(echo).echo(thing) is thing, await E(echo).echo(far) is far, root is root_object]

        root_object = Far("Root", {"go": go})
        return root_object

    assert world.kernel.call(world.build("asker", build).root, "go", echo.root) == (True, True, True)


def test_a_durable_object_that_another_vat_knows_survives_restart_and_collection(world):
    def build_maker(_powers, _parameters, baggage):
        make = prepare_exo_class(baggage, "Thing", None, lambda: {"n": 0}, {"get": lambda this: this.state.n})
        return Far("Maker", {"make": make})

    def build_keeper(_powers, _parameters, baggage):
        known = provide_durable_map_store(baggage, "known")

        async def fetch(maker):
            known.init("thing", await E(maker).make())

        async def ask():
            return await E(known.get("thing")).get()

        return Far("Keeper", {"fetch": fetch, "ask": ask})

    maker, keeper = world.build("maker", build_maker), world.build("keeper", build_keeper)
    world.kernel.call(keeper.root, "fetch", maker.root)
    world.kernel.collect()
    world.reopen().collect()
    assert world.kernel.call(keeper.root, "ask") == 0


def test_reading_an_attribute_of_a_presence_says_to_send_a_message(world):
    echo = echo_vat(world)
    with pytest.raises(AttributeError, match=r"E\(it\)\.echo"):
        world.kernel.call(world.vat("asker", ask=lambda target: target.echo(1)).root, "ask", echo.root)


def test_what_cannot_be_sent_is_refused_at_the_call(world):
    echo = echo_vat(world)
    with pytest.raises(NotPassableError):
        world.kernel.call(world.vat("asker", ask=lambda t: E(t).echo(object())).root, "ask", echo.root)


def test_when_calls_one_of_two_functions_and_passes_the_rest_on(world):
    echo = echo_vat(world)

    async def ask(target):
        return [
            await E.when(E(target).echo(1), lambda value: value + 1),
            await E.when(5, lambda value: value + 1),
            await E.when(E(target).fail(), None, lambda reason: type(reason).__name__),
            await E.when(E(target).fail(), lambda value: value, lambda reason: E(target).echo("second")),
            await E.when(E(target).echo("same")),
        ]

    assert world.kernel.call(world.vat("asker", ask=ask).root, "ask", echo.root) == (
        2,
        6,
        "ZeroDivisionError",
        "second",
        "same",
    )


def test_a_message_to_an_object_of_the_same_vat_is_delivered_in_a_later_turn(tmp_path):
    def build(_powers, _parameters, _baggage):
        order = []

        async def act():
            promise = E(helper).note("message")
            order.append("here")
            pipelined = E(E(helper).itself()).note("pipelined")
            return [await promise, await pipelined, *order]

        helper = Far("Helper", {"note": lambda x: order.append(x), "itself": lambda: helper})
        return Far("Root", {"act": act})

    with open_vat(tmp_path / "s.db", build) as vat:
        assert vat.call("act") == (None, None, "here", "message", "pipelined")


def test_the_first_settlement_of_a_kit_counts(tmp_path):
    def build(_powers, _parameters, _baggage):
        async def act():
            kit = make_promise_kit()
            kit.resolve(1)
            kit.resolve(2)
            kit.reject(ValueError())
            return await kit.promise

        return Far("Root", {"act": act})

    with open_vat(tmp_path / "s.db", build) as vat:
        assert vat.call("act") == 1


def test_a_private_method_is_no_message(world):
    with pytest.raises(AttributeError, match="_secret"):
        world.kernel.call(world.vat("asker", ask=lambda t: E(t)._secret()).root, "ask", echo_vat(world).root)


class Colour(enum.Enum):
    RED = 1


def test_a_message_to_a_promise_for_an_enum_member_is_rejected_and_the_queue_goes_on(world):
    def build(_powers, _parameters, _baggage):
        register_enum(Colour)
        return Far("Painter", {"colour": lambda: Colour.RED})

    painter = world.build("painter", build)

    async def ask(target):
        try:
            await E(E(target).colour()).paint()
        except TypeError as error:
            return str(error)

    asker = world.vat("asker", ask=ask)
    said = world.kernel.call(asker.root, "ask", painter.root)
    assert (
        said
        == "paint() was sent to a promise that was fulfilled with data of type Colour; only objects have methods"
    )
