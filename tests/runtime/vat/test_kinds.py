"""Kinds and instances."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

from vatdata_runtime import (
    GuardDefinitionError,
    M,
    NotPassableError,
    NoVatError,
    StateFieldError,
    UnknownKindHandleError,
    ValueTooLargeError,
    WrongReceiverError,
    define_durable_exo_class,
    define_exo_class,
    define_virtual_exo_class,
    make_exo,
    make_kind_handle,
    prepare_exo_class,
    prepare_exo_class_kit,
    provide_kind_handle,
)

from .conftest import Lives


class Counter:
    def add(this: Any, by: int) -> int:
        this.state.count += by
        return this.state.count

    def count(this: Any) -> int:
        return this.state.count

    def myself(this: Any) -> Any:
        return this.self


def init_counter(count: int = 0, *, step: int = 1) -> dict[str, Any]:
    return {"count": count * step}


ZONES = {
    "heap": lambda baggage, *rest, **options: define_exo_class("Counter", *rest, **options),
    "virtual": lambda baggage, *rest, **options: define_virtual_exo_class("Counter", *rest, **options),
    "durable": lambda baggage, *rest, **options: prepare_exo_class(baggage, "Counter", *rest, **options),
}


@pytest.fixture(params=list(ZONES))
def define(request: pytest.FixtureRequest) -> Any:
    """Define a class named Counter in one zone: ``define(baggage, guard, init, methods, **options)``."""
    return ZONES[request.param]


def test_init_receives_what_the_maker_is_given_and_methods_see_its_fields(lives: Lives, define: Any) -> None:
    lives.start(lambda baggage: {"make": define(baggage, None, init_counter, Counter)})
    with lives.crank() as here:
        assert here.make(3, step=2).count() == 6
        counter = here.make()
        assert counter.add(4) == 4
        assert counter.count() == 4


def test_self_is_the_object_that_the_caller_holds(lives: Lives, define: Any) -> None:
    lives.start(lambda baggage: {"make": define(baggage, None, init_counter, Counter)})
    with lives.crank() as here:
        counter = here.make()
        assert counter.myself() is counter


def test_a_method_that_gives_out_this_is_told_what_to_give_out_instead(lives: Lives, define: Any) -> None:
    lives.start(lambda baggage: {"make": define(baggage, None, None, {"leak": lambda this: [this]})})
    with lives.crank() as here, pytest.raises(NotPassableError, match=r"Pass this\.self"):
        here.make().leak()


def test_a_facet_that_gives_out_this_is_told_what_to_give_out_instead(lives: Lives) -> None:
    facets = {"left": {"leak": lambda this: this}, "right": {}}
    lives.start(lambda baggage: {"make": prepare_exo_class_kit(baggage, "Kit", None, None, facets)})
    with lives.crank() as here, pytest.raises(NotPassableError, match=r"Pass one of this\.facets"):
        here.make().left.leak()


def test_a_kind_may_have_no_methods(lives: Lives, define: Any) -> None:
    lives.start(lambda baggage: {"make": define(baggage, None, None, {})})
    with lives.crank() as here:
        assert here.make() is not here.make()


def test_no_init_means_no_fields_in_every_zone(lives: Lives, define: Any) -> None:
    lives.start(lambda baggage: {"make": define(baggage, None, None, {"x": lambda this: this.state.x})})
    with lives.crank() as here, pytest.raises(StateFieldError):
        here.make().x()


async def _async_init() -> dict[str, Any]:
    return {"count": 1}


@pytest.mark.parametrize(
    "result", [None, [("count", 1)], ("count",), 3, "count"], ids=["None", "list", "tuple", "int", "str"]
)
def test_init_that_returns_no_mapping_is_refused_and_leaves_nothing(
    lives: Lives, define: Any, result: Any
) -> None:
    lives.start(lambda baggage: {"make": define(baggage, None, lambda: result, Counter)})
    before = lives.dump()
    with lives.crank() as here, pytest.raises(TypeError, match="init of kind 'Counter' returned"):
        here.make()
    assert lives.dump() == before


def test_an_async_init_is_refused_and_leaves_nothing(lives: Lives, define: Any) -> None:
    lives.start(lambda baggage: {"make": define(baggage, None, _async_init, Counter)})
    before = lives.dump()
    with lives.crank() as here, pytest.raises(TypeError, match="async"):
        here.make()
    assert lives.dump() == before


@pytest.mark.parametrize("name", ["two words", "1st", "__slots__", "class", "ﬁ", 7, None, ""])
def test_a_field_name_that_is_no_attribute_name_is_refused(lives: Lives, define: Any, name: Any) -> None:
    lives.start(lambda baggage: {"make": define(baggage, None, lambda: {"good": 1, name: 2}, Counter)})
    before = lives.dump()
    with lives.crank() as here, pytest.raises(StateFieldError):
        here.make()
    assert lives.dump() == before


@pytest.mark.parametrize(
    "name", ["_x", "self", "kind", "fields", "état", "cls", "value", "state", "mro", "new"]
)
def test_any_other_identifier_can_be_a_field(lives: Lives, define: Any, name: str) -> None:
    methods = {
        "get": lambda this: getattr(this.state, name),
        "set": lambda this, value: setattr(this.state, name, value),
    }
    lives.start(lambda baggage: {"make": define(baggage, None, lambda: {name: 1}, methods)})
    with lives.crank() as here:
        thing = here.make()
        thing.set(5)
        assert thing.get() == 5


@pytest.mark.parametrize(
    "behavior",
    [
        None,
        3,
        "abc",
        ["a"],
        {"a": 1},
        {"a": lambda this: 1, "b": 2},
        {"a": {"b": lambda this: 1}},
        {1: lambda this: 1},
    ],
)
def test_what_is_no_bag_of_functions_is_refused_by_the_kinds_name(
    lives: Lives, define: Any, behavior: Any
) -> None:
    def setup(baggage: Any) -> dict[str, Any]:
        with pytest.raises(GuardDefinitionError, match="Counter"):
            define(baggage, None, init_counter, behavior)
        return {}

    lives.start(setup)


def test_a_refused_definition_leaves_no_kind_behind(lives: Lives) -> None:
    def good(baggage: Any) -> dict[str, Any]:
        return {"make": prepare_exo_class(baggage, "Counter", None, init_counter, Counter)}

    def with_refusals(baggage: Any) -> dict[str, Any]:
        outsider = make_exo("Outsider", None, {})
        for behavior, options in [({"a": 1}, {}), (Counter, {"state_shape": {"count": M.eq(outsider)}})]:
            with pytest.raises(TypeError):
                prepare_exo_class(baggage, "Counter", None, init_counter, behavior, **options)
        return good(baggage)

    lives.start(with_refusals)
    refused = lives.dump()
    other = Lives(lives.path.parent / "other")
    other.path.parent.mkdir()
    other.start(good)
    other.stop()
    assert refused == other.dump()


def test_dunder_methods_in_a_dict_are_refused(lives: Lives, define: Any) -> None:
    def setup(baggage: Any) -> dict[str, Any]:
        with pytest.raises(GuardDefinitionError, match="__call__"):
            define(baggage, None, init_counter, {"__call__": lambda this: 1})
        return {}

    lives.start(setup)


def test_private_names_and_constructors_of_a_class_are_no_methods(lives: Lives, define: Any) -> None:
    class Behavior:
        def __init__(self) -> None:
            raise AssertionError("never made")

        def _helper(this: Any) -> None: ...

        def visible(this: Any) -> int:
            return 1

    lives.start(lambda baggage: {"make": define(baggage, None, None, Behavior)})
    with lives.crank() as here:
        thing = here.make()
        assert thing.visible() == 1
        assert not hasattr(thing, "_helper")
        assert not isinstance(thing, Behavior)


def test_methods_of_base_classes_count(lives: Lives, define: Any) -> None:
    class Louder(Counter):
        def shout(this: Any) -> str:
            return f"{this.state.count}!"

    lives.start(lambda baggage: {"make": define(baggage, None, init_counter, Louder)})
    with lives.crank() as here:
        counter = here.make(2)
        assert (counter.add(1), counter.shout()) == (3, "3!")


def test_a_method_applied_to_something_else_raises_and_touches_nothing(lives: Lives, define: Any) -> None:
    lives.start(
        lambda baggage: {
            "make": define(baggage, None, init_counter, Counter),
            "make_other": define_virtual_exo_class("Other", None, init_counter, Counter),
        }
    )
    with lives.crank() as here:
        counter, other = here.make(1), here.make_other(10)
        method = type(counter).add
        blank = object.__new__(type(counter))
        for receiver in (other, object(), None, counter.add, type(counter), blank):
            with pytest.raises(WrongReceiverError):
                method(receiver, 5)
        with pytest.raises(TypeError):
            method()
        assert (counter.count(), other.count()) == (1, 10)


def test_a_method_of_one_instance_works_on_another_of_the_same_kind(lives: Lives, define: Any) -> None:
    lives.start(lambda baggage: {"make": define(baggage, None, init_counter, Counter)})
    with lives.crank() as here:
        first, second = here.make(1), here.make(2)
        assert type(first).add(second, 10) == 12
        assert first.count() == 1


def test_instances_cannot_be_changed_copied_pickled_subclassed_or_made_by_their_class(
    lives: Lives, define: Any
) -> None:
    lives.start(lambda baggage: {"make": define(baggage, None, init_counter, Counter)})
    with lives.crank() as here:
        counter = here.make()
        for change in (
            lambda: setattr(counter, "count", 1),
            lambda: setattr(counter, "extra", 1),
            lambda: delattr(counter, "count"),
            lambda: setattr(counter, "__class__", object),
        ):
            with pytest.raises((AttributeError, TypeError)):
                change()
        for refused in (copy.copy, copy.deepcopy, pickle.dumps, type(counter)):
            with pytest.raises(TypeError):
                refused(*([counter] if refused is not type(counter) else []))
        with pytest.raises(TypeError):
            type("Mine", (type(counter),), {})
        assert not hasattr(counter, "__dict__")


def test_no_attribute_of_an_instance_leads_to_its_state(lives: Lives, define: Any) -> None:
    lives.start(lambda baggage: {"make": define(baggage, None, init_counter, Counter)})
    with lives.crank() as here:
        counter = here.make(2**70)
        shown = {name: repr(getattr(counter, name, None)) for name in dir(counter)}
        assert not [name for name, text in shown.items() if str(2**70) in text or "state of" in text]


def test_repr_shows_the_tag_and_no_number(lives: Lives, define: Any) -> None:
    lives.start(lambda baggage: {"make": define(baggage, None, init_counter, Counter)})
    with lives.crank() as here:
        assert repr(here.make()) == repr(here.make()) == "<Counter>"


def test_an_instance_made_inside_init_is_complete_before_the_outer_one(lives: Lives, define: Any) -> None:
    made: list[Any] = []

    def init_nested(depth: int) -> dict[str, Any]:
        if depth:
            made.append(make(depth - 1))
        return {"count": depth}

    def setup(baggage: Any) -> dict[str, Any]:
        nonlocal make
        make = define(baggage, None, init_nested, Counter)
        return {"make": make}

    make: Any = None
    lives.start(setup)
    with lives.crank() as here:
        outer = here.make(3)
        assert [counter.count() for counter in (*made, outer)] == [0, 1, 2, 3]


def test_durable_instances_are_numbered_on_after_a_restart(lives: Lives) -> None:
    def setup(baggage: Any) -> dict[str, Any]:
        return {"make": prepare_exo_class(baggage, "Counter", None, init_counter, Counter)}

    vat = lives.start(setup)
    refs = [repr(vat.call("make")) for _ in range(3)]
    vat = lives.restart()
    vat.collect()  # nothing keeps the three: their numbers are still never used again
    refs.append(repr(vat.call("make")))
    numbers = [int(ref.split("/")[1].split()[0]) for ref in refs]
    assert numbers == [1, 2, 3, 4]


def test_a_virtual_kind_of_the_next_incarnation_has_another_number(lives: Lives) -> None:
    def setup(baggage: Any) -> dict[str, Any]:
        return {"make": define_virtual_exo_class("Counter", None, init_counter, Counter)}

    first = repr(lives.start(setup).call("make"))
    second = repr(lives.restart().call("make"))
    assert first != second


@pytest.mark.parametrize("handle", [None, "Counter", object(), 17])
def test_only_a_genuine_handle_can_be_defined(lives: Lives, handle: Any) -> None:
    def setup(baggage: Any) -> dict[str, Any]:
        with pytest.raises(UnknownKindHandleError):
            define_durable_exo_class(handle, None, init_counter, Counter)
        return {}

    lives.start(setup)


def test_a_handle_of_an_ended_incarnation_is_unknown(lives: Lives) -> None:
    kept: list[Any] = []

    def setup(baggage: Any) -> dict[str, Any]:
        if kept:
            with pytest.raises(UnknownKindHandleError):
                define_durable_exo_class(kept[0], None, init_counter, Counter)
        kept.append(provide_kind_handle(baggage, "Counter"))
        return {"make": define_durable_exo_class(kept[-1], None, init_counter, Counter)}

    lives.start(setup)
    lives.restart()


def test_a_kind_handle_is_an_ordinary_durable_object(lives: Lives) -> None:
    def setup(baggage: Any) -> dict[str, Any]:
        handle = baggage.get("box")["handle"] if baggage.has("box") else make_kind_handle("Counter")
        if not baggage.has("box"):
            baggage.init("box", {"handle": handle})
        make = define_durable_exo_class(handle, None, init_counter, Counter)
        return {"make": make, "handle": handle}

    lives.start(setup)
    with lives.crank() as here:
        here.baggage.init("counter", here.make(5))
    lives.restart()
    with lives.crank() as here:
        assert here.baggage.get("counter").count() == 5
        assert here.baggage.get("box")["handle"] is here.handle


def test_a_value_over_the_limit_is_refused_at_creation_and_at_assignment(lives: Lives) -> None:
    methods = {
        "set": lambda this, text: setattr(this.state, "text", text),
        "get": lambda this: this.state.text,
    }
    lives.start(
        lambda baggage: {
            "make": prepare_exo_class(baggage, "Note", None, lambda text: {"text": text}, methods)
        },
        value_limit=100_000,
    )
    before = lives.dump()
    with lives.crank() as here, pytest.raises(ValueTooLargeError):
        here.make("x" * 100_000)
    assert lives.dump() == before
    with lives.crank() as here:
        here.baggage.init("note", here.make("short"))
    with lives.crank() as here:
        with pytest.raises(ValueTooLargeError):
            here.baggage.get("note").set("x" * 100_000)
        assert here.baggage.get("note").get() == "short"


def test_outside_a_vat_every_definition_and_maker_says_so(lives: Lives) -> None:
    lives.start(lambda baggage: {"make": prepare_exo_class(baggage, "Counter", None, init_counter, Counter)})
    with lives.crank() as here:
        make, counter = here.make, here.make()
    for use in (
        make,
        counter.count,
        lambda: make_kind_handle("X"),
        lambda: define_exo_class("X", None, init_counter, Counter),
        lambda: define_virtual_exo_class("X", None, init_counter, Counter),
    ):
        with pytest.raises(NoVatError):
            use()
