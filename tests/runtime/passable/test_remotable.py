"""Objects that are passed by reference, and the registry of enums that are passed by name."""

from __future__ import annotations

import copy
import enum
import pickle
import types
import weakref

import pytest

from vatdata_runtime.errors import LabelInUseError, NotPassableError
from vatdata_runtime.passable import (
    CopyMap,
    CopySet,
    EnumRegistry,
    Far,
    Record,
    Remotable,
    current_enums,
    find_references,
    freeze,
    has_references,
    interface_of,
    make_tagged,
    pass_style_of,
)


class Teller:
    limit = 5

    def __init__(self) -> None:
        self.opened: list[str] = []
        self.listed = lambda: tuple(self.opened)

    def open(self, owner: str) -> str:
        self.opened.append(owner)
        return owner

    @staticmethod
    def version() -> int:
        return 3

    @property
    def danger(self) -> int:
        raise AssertionError("a property must not run")

    def _audit(self) -> None:
        raise AssertionError("private")


def test_far_exposes_the_functions_of_a_dict():
    bank = Far("Bank", {"add": lambda a, b=1: a + b})
    assert bank.add(2) == 3
    assert bank.add(2, b=5) == 7
    assert interface_of(bank) == "Bank"
    assert repr(bank) == "<Far 'Bank'>"
    assert dir(bank) == ["add"]


def test_far_exposes_the_public_methods_of_an_object():
    bank = Far("Bank", Teller())
    bank.open("alice")
    assert bank.listed() == ("alice",)
    assert bank.version() == 3
    assert dir(bank) == ["listed", "open", "version"]
    for hidden in ("limit", "danger", "_audit", "opened"):
        with pytest.raises(AttributeError):
            getattr(bank, hidden)


def test_an_absent_method_is_an_attribute_error_that_names_those_there_are():
    with pytest.raises(AttributeError, match=r"no method 'close'; its methods: add, open"):
        Far("Bank", {"open": len, "add": len}).close()


def test_later_changes_of_the_dict_do_not_reach_the_object():
    methods = {"one": lambda: 1}
    bank = Far("Bank", methods)
    methods["two"] = lambda: 2
    assert not hasattr(bank, "two")


@pytest.mark.parametrize(
    ("name", "methods"),
    [
        ("", {}),
        (5, {}),
        ("Bank", {"balance": 5}),
        ("Bank", {"_private": len}),
        ("Bank", {"__class__": len}),
        ("Bank", {1: len}),
        ("Bank", len),
        ("Bank", Teller),
        ("Bank", types),
        ("Bank", 5.5j),
        ("Bank", None),
    ],
)
def test_far_refuses_what_is_no_name_or_no_method(name, methods):
    if methods == 5.5j:
        methods = object()
    with pytest.raises(NotPassableError):
        Far(name, methods)


def test_a_remotable_is_equal_to_itself_only_and_can_be_weakly_referenced():
    one, other = Far("Bank", {}), Far("Bank", {})
    assert one == one
    assert one != other
    assert len({one, other}) == 2
    assert weakref.ref(one)() is one


def test_a_remotable_has_no_attribute_that_can_be_changed():
    bank = Far("Bank", {"open": len})
    for change in (
        lambda: setattr(bank, "open", 1),
        lambda: setattr(bank, "new", 1),
        lambda: delattr(bank, "open"),
    ):
        with pytest.raises(AttributeError, match="methods only"):
            change()
    with pytest.raises(TypeError):
        bank._methods["open"] = 1
    assert not hasattr(bank, "__dict__")


@pytest.mark.parametrize("take", [copy.copy, copy.deepcopy, pickle.dumps, lambda x: copy.deepcopy([x])])
def test_a_remotable_cannot_be_copied_or_pickled(take):
    with pytest.raises(TypeError, match="passed by reference"):
        take(Far("Bank", {}))


def test_subclasses_say_their_interface_themselves():
    class Presence(Remotable):
        __slots__ = ("_name",)

        def _interface_name(self) -> str:
            return "Purse"

    presence = Presence()
    assert interface_of(presence) == "Purse"
    assert repr(presence) == "<Purse>"
    assert pass_style_of(presence) == "remotable"
    assert freeze([presence])[0] is presence


def test_references_in_a_value_are_found_with_their_paths():
    a, b, c = (Far(name, {}) for name in "abc")
    value = freeze({"x": [1, a], "y": make_tagged("t", {"z": b}), "m": CopyMap([(c, a), ("k", b)]), "s": {c}})
    assert list(find_references(value)) == [
        (("m", "key 0"), c),
        (("m", "value 0"), a),
        (("m", "value 1"), b),
        (("s", "key 0"), c),
        (("x", 1), a),
        (("y", "payload", "z"), b),
    ]
    assert list(find_references(a)) == [((), a)]
    assert has_references(value)
    assert not has_references(freeze({"x": [1, "a"], "e": ValueError("x")}))


# --- enums -----------------------------------------------------------------------------------------------------


class Color(enum.Enum):
    RED = 1
    ROUGE = 1
    GREEN = 2


class Level(enum.IntEnum):
    LOW = 1


class Mode(enum.StrEnum):
    FAST = "fast"


@pytest.fixture
def enums():
    registry = EnumRegistry()
    token = current_enums.set(registry)
    yield registry
    current_enums.reset(token)


@pytest.mark.parametrize("member", [Color.RED, Level.LOW, Mode.FAST])
def test_a_member_of_a_registered_enum_is_data_and_stays_itself(enums, member):
    with pytest.raises(NotPassableError, match="register_enum"):
        freeze(member)
    enums.register(type(member))
    assert freeze([member])[0] is member
    assert pass_style_of(member) == "enum"
    assert type(member) in enums


def test_members_are_known_by_name_and_an_alias_by_the_name_that_it_stands_for(enums):
    enums.register(Color, "Colour")
    assert enums.names_of(Color.ROUGE) == ("Colour", "RED")
    assert enums.member_of("Colour", "GREEN") is Color.GREEN


def test_an_enum_member_differs_from_the_number_that_it_is():
    registry = EnumRegistry()
    registry.register(Level)
    token = current_enums.set(registry)
    assert Record(a=Level.LOW) != Record(a=1)
    current_enums.reset(token)


def test_an_enum_member_is_no_key(enums):
    enums.register(Color)
    with pytest.raises(NotPassableError):
        CopySet([Color.RED])


def test_a_name_means_one_class_and_a_class_has_one_name():
    registry = EnumRegistry()
    registry.register(Color)
    registry.register(Color)
    with pytest.raises(LabelInUseError):
        registry.register(Level, "Color")
    with pytest.raises(LabelInUseError):
        registry.register(Color, "Colour")
    with pytest.raises(TypeError):
        registry.register(int)
