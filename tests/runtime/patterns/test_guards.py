"""Building guards, and holding them against the methods that they guard."""

from __future__ import annotations

from typing import Any

import pytest

from vatdata_runtime.errors import GuardDefinitionError, NotAPatternError
from vatdata_runtime.passable import Tagged, ValueCodec, make_tagged
from vatdata_runtime.patterns import InterfaceGuard, M, MethodGuard, RawGuard, check_interface

DEPOSIT = M.call(M.int()).optional(M.string(), note=M.string()).rest(M.any()).returns(M.nat())


def test_a_method_guard_tells_what_it_was_built_with() -> None:
    guard = M.call(M.int(), kind=M.string()).optional(M.raw(), note=M.any()).rest(M.array()).returns(M.nat())
    assert guard.arguments == (M.int(),)
    assert dict(guard.keywords) == {"kind": M.string()}
    assert guard.optional_arguments == (M.raw(),)
    assert dict(guard.optional_keywords) == {"note": M.any()}
    assert guard.has_rest
    assert guard.rest_argument == M.array()
    assert guard.result == M.nat()
    assert not guard.is_async
    assert M.call_when().is_async
    assert not M.call().has_rest


def test_a_builder_gives_a_new_guard_and_leaves_the_old_one() -> None:
    begun = M.call(M.int())
    assert begun.returns(M.int()) != begun
    assert begun == M.call(M.int())


def test_without_returns_a_method_has_to_return_none() -> None:
    assert M.call().result is None
    assert M.call().returns().result is None


MALFORMED: dict[str, tuple[type[Exception], Any]] = {
    "optional twice": (GuardDefinitionError, lambda: M.call().optional(1).optional(2)),
    "rest twice": (GuardDefinitionError, lambda: M.call().rest(1).rest(2)),
    "optional after rest": (GuardDefinitionError, lambda: M.call().rest(1).optional(2)),
    "returns twice": (GuardDefinitionError, lambda: M.call().returns(1).returns(1)),
    "rest after returns": (GuardDefinitionError, lambda: M.call().returns(1).rest(1)),
    "keyword twice": (GuardDefinitionError, lambda: M.call(note=1).optional(note=1)),
    "await in a sync guard": (GuardDefinitionError, lambda: M.call(M.await_(1))),
    "await in a sync guard, optional": (GuardDefinitionError, lambda: M.call().optional(M.await_(1))),
    "await in a sync guard, keyword": (GuardDefinitionError, lambda: M.call(note=M.await_(1))),
    "await in rest": (GuardDefinitionError, lambda: M.call_when().rest(M.await_(1))),
    "await in returns": (GuardDefinitionError, lambda: M.call_when().returns(M.await_(1))),
    "await in a pattern": (NotAPatternError, lambda: M.call_when([M.await_(1)])),
    "await in await": (NotAPatternError, lambda: M.await_(M.await_(1))),
    "raw in a pattern": (NotAPatternError, lambda: M.call({"a": M.raw()})),
    "no pattern": (NotAPatternError, lambda: M.call(int)),
    "no pattern as result": (NotAPatternError, lambda: M.call().returns(ValueError())),
    "interface name no text": (GuardDefinitionError, lambda: M.interface(5, {})),
    "interface name empty": (GuardDefinitionError, lambda: M.interface("", {})),
    "methods no dict": (GuardDefinitionError, lambda: M.interface("X", [M.call()])),
    "method name no text": (GuardDefinitionError, lambda: M.interface("X", {5: M.call()})),
    "method guard a pattern": (GuardDefinitionError, lambda: M.interface("X", {"a": M.int()})),
    "method guard a builder": (GuardDefinitionError, lambda: M.interface("X", {"a": M.call})),
    "default unknown": (GuardDefinitionError, lambda: M.interface("X", {}, default_guards="sloppy")),
    "default contradicts": (
        GuardDefinitionError,
        lambda: M.interface("X", {}, sloppy=True, default_guards="raw"),
    ),
}


@pytest.mark.parametrize(("error", "make"), MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_guard_is_refused_at_once(error: type[Exception], make: Any) -> None:
    with pytest.raises(error):
        make()


def test_an_interface_guard_tells_its_name_methods_and_default() -> None:
    guard = M.interface("Purse", {"deposit": DEPOSIT}, default_guards="raw")
    assert guard.name == "Purse"
    assert dict(guard.method_guards) == {"deposit": DEPOSIT}
    assert guard.default_guards == "raw"
    assert M.interface("Purse", {}).default_guards is None
    assert M.interface("Purse", {}, sloppy=True).default_guards == "passable"


def test_guards_of_one_interface_can_be_used_in_another() -> None:
    base = M.interface("Reader", {"read": M.call().returns(M.any())})
    both = M.interface("Writer", {**base.method_guards, "write": M.call(M.any())})
    assert set(both.method_guards) == {"read", "write"}


@pytest.mark.parametrize(
    "guard",
    [
        M.call(), DEPOSIT, M.call_when(M.await_(M.int()), M.raw()).returns(M.raw()), M.call(note=M.int()),
        M.interface("Purse", {"deposit": DEPOSIT}), M.interface("Purse", {}, default_guards="passable"),
    ],
)  # fmt: skip
def test_a_guard_is_data_that_can_be_stored_compared_and_printed(guard: Any) -> None:
    codec = ValueCodec(slot_of=lambda x: b"", object_at=lambda slot: None)
    assert codec.decode(codec.encode(guard)) == guard
    assert type(codec.decode(codec.encode(guard))) is type(guard)
    assert eval(repr(guard), {"M": M}) == guard


@pytest.mark.parametrize(
    ("tag", "payload"),
    [
        ("guard:method", {}), ("guard:method", {"call": "x", "arguments": (), "keywords": {}}), ("guard:raw", 5),
        ("guard:method", {"call": "call", "arguments": (), "keywords": {}, "x": 1}), ("guard:await", ValueError()),
        ("guard:interface", {"name": "X", "methods": {"a": 1}, "default_guards": None}), ("guard:other", 1),
        ("guard:method", {"call": "call", "arguments": (M.await_(1),), "keywords": {}}), ("guard:interface", 5),
    ],
)  # fmt: skip
def test_data_under_the_tag_of_a_guard_that_no_builder_makes_is_no_guard(tag: str, payload: Any) -> None:
    assert type(make_tagged(tag, payload)) is Tagged


def some_method(this: Any) -> None:
    """Do nothing."""


METHODS = {"deposit": some_method, "balance": some_method}


def test_each_method_gets_its_own_guard() -> None:
    guard = M.interface("Purse", {"balance": M.call(), "deposit": DEPOSIT})
    assert check_interface(guard, METHODS, "Purse") == {"deposit": DEPOSIT, "balance": M.call()}


def test_without_an_interface_all_methods_are_passable() -> None:
    assert check_interface(None, METHODS, "Purse") == {"deposit": None, "balance": None}


def test_an_unlisted_method_gets_the_default() -> None:
    passable = M.interface("Purse", {"deposit": DEPOSIT}, default_guards="passable")
    raw = M.interface("Purse", {"deposit": DEPOSIT}, default_guards="raw")
    assert check_interface(passable, METHODS, "Purse")["balance"] is None
    assert isinstance(check_interface(raw, METHODS, "Purse")["balance"], RawGuard)
    assert isinstance(check_interface(raw, METHODS, "Purse")["deposit"], MethodGuard)


def test_methods_that_are_not_implemented_are_listed() -> None:
    guard = M.interface(
        "Purse", {"deposit": DEPOSIT, "split": M.call(), "merge": M.call()}, default_guards="raw"
    )
    with pytest.raises(GuardDefinitionError, match=r"'Purse teller'.*methods 'merge', 'split'") as raised:
        check_interface(guard, METHODS, "Purse teller")
    assert raised.value.interface == "Purse teller"


def test_methods_that_are_not_guarded_are_listed() -> None:
    with pytest.raises(GuardDefinitionError, match="does not list methods 'balance', 'deposit'"):
        check_interface(M.interface("Purse", {}), METHODS, "Purse")


def test_an_interface_guard_is_one_only_when_m_made_it() -> None:
    assert isinstance(M.interface("X", {}), InterfaceGuard)
