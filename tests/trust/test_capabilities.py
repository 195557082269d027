"""An object gives what its methods give, and nothing else: the discipline on which vats build their trust.

This is held against code that uses objects, their attributes and what Python offers for copying, pickling and showing them. It
is no wall against code that walks frames, closures or the garbage collector: see ``docs/isolation.md``.
"""

from __future__ import annotations

import copy
import inspect
import operator
import pickle
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from vatdata_runtime import (
    AbandonedReferenceError,
    E,
    Far,
    Kernel,
    Record,
    RemoteError,
    RevokedError,
    WrongReceiverError,
    attenuate_one,
    make_durable_zone,
    make_exo,
    open_vat,
    prepare_exo_class,
    prepare_exo_class_kit,
    prepare_revocable_maker_kit,
)

SECRET = "the secret of the state"


class Purse:
    def hold(this: Any, text: str) -> None:
        this.state.secret = text

    def length(this: Any) -> int:
        return len(this.state.secret)

    def fail(this: Any) -> None:
        hidden = this.state.secret
        raise ValueError(len(hidden))


FACETS = {
    "writer": {
        "write": lambda this, text: setattr(this.state, "secret", text),
        "sibling": lambda this: this.facets.reader,
    },
    "reader": {"length": lambda this: len(this.state.secret)},
}


class Here:
    """The objects of one vat, for use inside a crank."""

    def __init__(self, baggage: Any) -> None:
        self.baggage = baggage
        self.zone = make_durable_zone(baggage)
        state = {"secret": SECRET}
        self.make = prepare_exo_class(baggage, "Purse", None, lambda: dict(state), Purse)
        self.make_kit = prepare_exo_class_kit(baggage, "Kit", None, lambda: dict(state), FACETS)
        self.revocables = prepare_revocable_maker_kit(self.zone, "Caretaker", ["length", "fail"])

    def things(self) -> dict[str, Any]:
        kit = self.make_kit()
        return {
            "single": self.make(),
            "facet": kit.reader,
            "sibling": kit.writer,
            "heap": make_exo("Heap", None, {"length": lambda this: 1}),
            "far": Far("Far", {"length": lambda: len(SECRET)}),
            "store": self.zone.map_store("a store"),
        }


THINGS = ("single", "facet", "sibling", "heap", "far", "store")


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Here]:
    found: list[Here] = []

    def build(_powers: Any, _parameters: Any, baggage: Any) -> Any:
        found.append(Here(baggage))
        return Far("Root", {})

    with open_vat(tmp_path / "vat.db", build) as vat, vat.crank():
        yield found[0]


# --- facets


def test_a_facet_has_its_own_methods_and_none_of_its_siblings(here: Here) -> None:
    kit = here.make_kit()
    for facet, foreign in ((kit.reader, "write"), (kit.reader, "sibling"), (kit.writer, "length")):
        with pytest.raises(AttributeError, match=foreign):
            getattr(facet, foreign)
        assert foreign not in dir(facet)


def test_a_method_of_one_facet_refuses_to_be_applied_to_a_sibling_or_to_another_kind(here: Here) -> None:
    kit, purse = here.make_kit(), here.make()
    for method, receiver in (
        (type(kit.writer).write, kit.reader),
        (type(kit.reader).length, kit.writer),
        (type(purse).length, kit.reader),
        (kit.reader.length.__func__, purse),
        (type(kit.writer).write, object()),
    ):
        with pytest.raises((WrongReceiverError, TypeError)):
            method(receiver, *(["new"] if method is type(kit.writer).write else []))
    assert kit.reader.length() == len(SECRET)


def test_a_facets_class_cannot_be_exchanged_for_its_siblings(here: Here) -> None:
    kit = here.make_kit()
    with pytest.raises((TypeError, AttributeError)):
        kit.reader.__class__ = type(kit.writer)
    with pytest.raises((TypeError, AttributeError)):
        object.__setattr__(kit.reader, "__class__", type(kit.writer))


# --- nothing leaks


@pytest.mark.parametrize("name", THINGS)
def test_an_object_shows_its_public_methods_and_no_state(here: Here, name: str) -> None:
    thing = here.things()[name]
    assert not hasattr(thing, "__dict__")
    with pytest.raises(TypeError):
        vars(thing)
    for attribute in ("state", "_state", "secret", "_secret", "facets", "core", "_core", "self", "this"):
        assert not hasattr(thing, attribute), attribute
    public = [attribute for attribute in dir(thing) if not attribute.startswith("_")]
    assert all(callable(getattr(thing, attribute)) for attribute in public)
    assert SECRET not in "".join([repr(thing), str(thing), format(thing), repr(type(thing))])
    assert SECRET not in repr([getattr(thing, attribute) for attribute in dir(thing)])


@pytest.mark.parametrize("name", THINGS)
def test_an_object_cannot_be_taken_apart_by_what_copies_and_pickles(here: Here, name: str) -> None:
    thing = here.things()[name]
    takes: list[Callable[[Any], Any]] = [copy.copy, copy.deepcopy, pickle.dumps]
    takes += [lambda it: it.__reduce__(), lambda it: it.__reduce_ex__(2), lambda it: it.__getstate__()]
    for take in takes:
        with pytest.raises((TypeError, AttributeError)):
            take(thing)


@pytest.mark.parametrize("name", THINGS)
def test_the_slots_of_an_objects_class_give_nothing(here: Here, name: str) -> None:
    thing = here.things()[name]
    for cls in type(thing).__mro__:
        for attribute, descriptor in vars(cls).items():
            if inspect.isdatadescriptor(descriptor) and attribute not in (
                "__class__",
                "__weakref__",
                "__doc__",
            ):
                try:
                    value: Any = descriptor.__get__(thing)  # type: ignore[union-attr] # slots and properties have it
                except Exception:  # refused, which is as good as nothing
                    continue
                assert SECRET not in repr(value), f"{cls.__name__}.{attribute}"
                assert not hasattr(value, "state"), f"{cls.__name__}.{attribute}"


@pytest.mark.parametrize("name", THINGS)
def test_an_object_takes_no_attribute_from_outside(here: Here, name: str) -> None:
    thing = here.things()[name]
    for attribute in ("length", "state", "new", "__class__"):
        with pytest.raises((AttributeError, TypeError)):
            setattr(thing, attribute, lambda *_: "replaced")
        with pytest.raises((AttributeError, TypeError)):
            delattr(thing, attribute)


def test_objects_are_known_by_identity_alone(here: Here) -> None:
    one, other = here.make(), here.make()
    assert one != other
    assert one == one  # what is tested
    with pytest.raises(TypeError):
        operator.lt(one, other)
    assert weakref.ref(one)() is one


def test_a_state_of_a_kit_is_reached_through_the_context_only_inside_its_methods(here: Here) -> None:
    kit = here.make_kit()
    assert kit.writer.sibling() is kit.reader, "a method may hand out a sibling, if its author says so"
    assert not hasattr(kit, "state")
    assert isinstance(kit, Record) or sorted(kit) == ["reader", "writer"]


# --- attenuated and revoked


def test_an_attenuated_object_offers_the_named_methods_and_no_way_to_the_one_behind(here: Here) -> None:
    purse = here.make()
    thin: Any = attenuate_one(purse, ["length"])
    assert thin.length() == len(SECRET)
    for attribute in ("hold", "fail", "underlying", "_underlying", "state"):
        assert not hasattr(thin, attribute)
    assert repr(purse) not in repr(thin)


def test_a_revoked_object_gives_nothing_any_more_and_nobody_can_take_that_back(here: Here) -> None:
    purse = here.make()
    kit = here.revocables.make_revocable_kit(purse)
    before = kit.revocable.length
    assert before() == len(SECRET)
    kit.revoker.revoke()
    for call in (before, kit.revocable.length, kit.revocable.fail):
        with pytest.raises(RevokedError):
            call()
    assert not hasattr(kit.revocable, "revoke"), "what is lent cannot revoke or restore itself"
    assert purse.length() == len(SECRET), "the object behind lives on"


# --- between vats


def build_owner(_powers: Any, _parameters: Any, baggage: Any) -> Any:
    here = Here(baggage)
    kept: Any = here.zone.make_once("kept", lambda _: here.make())
    return Far("Owner", {"lend": lambda: kept, "fail": lambda: kept.fail()})


def build_guest(_powers: Any, _parameters: Any, _baggage: Any) -> Any:
    seen: dict[str, Any] = {}

    async def look(owner: Any) -> Any:
        thing = await E(owner).lend()
        seen["thing"] = thing
        public = [name for name in dir(thing) if not name.startswith("_")]
        refused = []
        attempts: list[Callable[[], Any]] = [lambda: thing.length(), lambda: thing.state]
        attempts += [lambda: thing.hold("mine"), lambda: vars(thing)]
        for attempt in attempts:
            try:
                attempt()
            except (AttributeError, TypeError) as error:
                refused.append(type(error).__name__)
        return [public, refused, await E(thing).length(), repr(thing)]

    async def hear(owner: Any) -> Any:
        try:
            await E(owner).fail()
        except ValueError as error:
            frames = []
            trace = error.__traceback__
            while trace is not None:
                frames.append(trace.tb_frame.f_code.co_name)
                trace = trace.tb_next
            return [list(error.args), error.__cause__ is None, error.__context__ is None, frames]
        return None

    return Far("Guest", {"look": look, "hear": hear})


@pytest.fixture
def kernel(tmp_path: Path) -> Iterator[Kernel]:
    with Kernel.open(tmp_path / "world.db") as kernel:
        kernel.create_vat("owner", build_owner)
        kernel.create_vat("guest", build_guest)
        yield kernel


def test_a_vat_has_a_presence_of_anothers_object_and_can_only_send_to_it(kernel: Kernel) -> None:
    owner, guest = kernel.get_vat("owner").root, kernel.get_vat("guest").root
    public, refused, length, shown = kernel.call(guest, "look", owner)
    assert public == ()
    assert refused == ("AttributeError", "AttributeError", "AttributeError", "TypeError")
    assert length == len(SECRET)
    assert SECRET not in shown


def test_an_error_that_crosses_vats_brings_its_class_and_arguments_and_none_of_the_others_frames(
    kernel: Kernel,
) -> None:
    owner, guest = kernel.get_vat("owner").root, kernel.get_vat("guest").root
    arguments, no_cause, no_context, frames = kernel.call(guest, "hear", owner)
    assert arguments == (len(SECRET),)
    assert no_cause
    assert no_context
    assert "fail" not in frames


def test_the_host_program_gets_references_that_show_nothing_and_do_nothing_by_themselves(
    kernel: Kernel,
) -> None:
    ref = kernel.call(kernel.get_vat("owner").root, "lend")
    assert SECRET not in repr(ref)
    assert not [name for name in dir(ref) if not name.startswith("_")]
    for take in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError):
            take(ref)
    assert kernel.call(ref, "length") == len(SECRET)


def test_names_of_methods_that_are_not_public_are_not_called_by_messages(kernel: Kernel) -> None:
    ref = kernel.call(kernel.get_vat("owner").root, "lend")
    for name in ("_interface_name", "__class__", "__reduce_ex__", "state", "core"):
        with pytest.raises((AttributeError, RemoteError)):
            kernel.call(ref, name)


def test_objects_of_one_store_are_nothing_in_another(kernel: Kernel, tmp_path: Path) -> None:
    ref = kernel.call(kernel.get_vat("owner").root, "lend")
    with Kernel.open(tmp_path / "other.db") as other:
        other.create_vat("owner", build_owner)
        with pytest.raises(TypeError, match="is no reference of the kernel"):
            other.call(ref, "length")


def test_an_object_is_good_in_cranks_of_its_own_vat_only(tmp_path: Path) -> None:
    kept: list[Any] = []

    def build(_powers: Any, _parameters: Any, baggage: Any) -> Any:
        kept.append(Here(baggage).make())
        return Far("Root", {"take": lambda: kept[0].length()})

    with Kernel.open(tmp_path / "world.db", sources={"one": build, "two": build}) as kernel:
        one, two = kernel.create_vat("one", build), kernel.create_vat("two", build)
        assert kernel.call(one.root, "take") == len(SECRET)
        with pytest.raises((RemoteError, AbandonedReferenceError, RuntimeError, WrongReceiverError)):
            kernel.call(two.root, "take")
