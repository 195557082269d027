"""What every zone does alike: one script for the first incarnation, one for the second.

The scripts use nothing but the zone that they are given. The second may be given the zone of a new incarnation over the
same store, or simply a new zone: either way it must find what ``survives`` says, and be able to use it.
"""

from __future__ import annotations

from typing import Any

import pytest

from vatdata_runtime import GuardError, LabelInUseError, M, PatternMismatchError, StateFieldError, Zone

GreeterI = M.interface(
    "Greeter",
    {
        "greet": M.call().optional(M.string()).returns(M.string()),
        "nick": M.call().returns(M.string()),
        "rename": M.call(M.string()).returns(M.none()),
        "add_field": M.call(),
    },
)
AdminI = M.interface("GreeterAdmin", {"rename": M.call(M.string()).returns(M.none())})
SingletonI = M.interface("Singleton", {"greet": M.call().optional(M.string()).returns(M.string())})


class Greeter:
    def greet(this, greeting="Hello"):
        return f"{greeting}, {this.state.nick}"

    def nick(this):
        return this.state.nick

    def rename(this, nick):
        this.state.nick = nick

    def add_field(this):
        this.state.other = 1


def greet_from_singleton(this: Any, greeting: str = "Hello") -> str:
    return f"{greeting}, singleton"


def prepare_kinds(zone: Zone) -> tuple[Any, Any, Any]:
    single = zone.exo("a", SingletonI, {"greet": greet_from_singleton})
    make_greeter = zone.exo_class(
        "Greeter", GreeterI, lambda nick: {"nick": nick}, Greeter, state_shape={"nick": M.string()}
    )
    make_kit = zone.exo_class_kit(
        "GreeterKit",
        {"greeter": GreeterI, "admin": AdminI},
        lambda nick: {"nick": nick},
        {"greeter": Greeter, "admin": {"rename": Greeter.rename}},
        state_shape={"nick": M.string()},
    )
    return single, make_greeter, make_kit


def check_greeter(greeter: Any, nick: str) -> None:
    assert greeter.greet() == f"Hello, {nick}"
    assert greeter.greet("Hi") == f"Hi, {nick}"
    with pytest.raises(GuardError):
        greeter.greet(5)
    with pytest.raises(GuardError):
        greeter.greet("a", "b")
    with pytest.raises(StateFieldError):
        greeter.add_field()
    assert greeter.nick() == nick, "what was refused has changed nothing"
    greeter.rename("other")
    assert greeter.nick() == "other"
    with pytest.raises(GuardError):
        greeter.rename(None)
    greeter.rename(nick)


def check_singleton(single: Any) -> None:
    assert single.greet() == "Hello, singleton"
    with pytest.raises(GuardError):
        single.greet(5)


def check_kit(kit: Any, nick: str) -> None:
    check_greeter(kit.greeter, nick)
    kit.admin.rename("new")
    assert kit["greeter"].nick() == "new"
    kit.admin.rename(nick)
    assert not hasattr(kit.admin, "greet")


def first_incarnation(zone: Zone) -> None:
    single, make_greeter, make_kit = prepare_kinds(zone)
    check_singleton(single)
    check_greeter(make_greeter("Alice"), "Alice")
    check_kit(make_kit("Bob"), "Bob")
    with pytest.raises(PatternMismatchError):
        make_greeter(5)

    keeper = zone.map_store("keeper", key_shape=M.string())
    keeper.init("alice", make_greeter("Alice"))
    kit = make_kit("Bob")
    keeper.init("bob", kit.greeter)
    keeper.init("boss", kit.admin)
    keeper.init("single", single)
    members = zone.set_store("members")
    members.add(keeper.get("alice"))
    nicks = zone.weak_map_store("nicks")
    nicks.init(keeper.get("alice"), "al")
    seen = zone.weak_set_store("seen")
    seen.add(keeper.get("alice"))
    assert zone.make_once("answer", lambda key: [key, 42]) == ("answer", 42)
    assert zone.make_once("nothing", lambda _: None) is None

    sub = zone.sub_zone("sub")
    sub_single, sub_make, sub_make_kit = prepare_kinds(sub)
    check_singleton(sub_single)
    check_greeter(sub_make("Eve"), "Eve")
    check_kit(sub_make_kit("Frank"), "Frank")
    sub.map_store("keeper").init("eve", sub_make("Eve"))

    for use in (
        lambda: zone.exo("a", None, {}),
        lambda: zone.exo_class("Greeter", None, None, {}),
        lambda: zone.exo_class_kit("GreeterKit", None, None, {"a": {}, "b": {}}),
        lambda: zone.map_store("keeper"),
        lambda: zone.set_store("members"),
        lambda: zone.weak_map_store("nicks"),
        lambda: zone.weak_set_store("seen"),
        lambda: zone.sub_zone("sub"),
        lambda: zone.make_once("answer", lambda _: 1),
        lambda: sub.exo("a", None, {}),
    ):
        with pytest.raises(LabelInUseError):
            use()
    check_singleton(single)
    check_greeter(keeper.get("alice"), "Alice")


def second_incarnation(zone: Zone, *, survives: bool) -> None:
    single, make_greeter, make_kit = prepare_kinds(zone)
    check_singleton(single)
    check_greeter(make_greeter("Carol"), "Carol")
    check_kit(make_kit("Dan"), "Dan")

    keeper = zone.map_store("keeper", key_shape=M.string())
    members = zone.set_store("members")
    nicks = zone.weak_map_store("nicks")
    seen = zone.weak_set_store("seen")
    sub = zone.sub_zone("sub")
    prepare_kinds(sub)
    sub_keeper = sub.map_store("keeper")
    answer = zone.make_once("answer", lambda _: "made anew")
    nothing = zone.make_once("nothing", lambda _: "made anew")
    if not survives:
        assert len(keeper) == len(members) == len(sub_keeper) == 0
        assert (answer, nothing) == ("made anew", "made anew")
        return
    assert list(keeper) == ["alice", "bob", "boss", "single"]
    assert keeper.get("single") is single
    check_greeter(keeper.get("alice"), "Alice")
    check_greeter(keeper.get("bob"), "Bob")
    keeper.get("boss").rename("Robert")
    check_greeter(keeper.get("bob"), "Robert")
    assert keeper.get("alice") in members
    assert nicks.get(keeper.get("alice")) == "al"
    assert seen.has(keeper.get("alice"))
    check_greeter(sub_keeper.get("eve"), "Eve")
    assert (answer, nothing) == (("answer", 42), None)
