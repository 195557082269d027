"""Which values an annotation stands for."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NewType, Optional, Self, TypeVar
from uuid import UUID

import pytest

from tests.runtime.zones.conftest import ZoneLives
from vatdata_runtime import (
    CopyBag,
    CopyMap,
    CopySet,
    Exo,
    ExoKit,
    Facet,
    Far,
    GuardError,
    M,
    MapStore,
    NotAPatternError,
    NotDurableError,
    PatternMismatchError,
    Record,
    SetStore,
    Zone,
    make_copy_bag,
    make_copy_map,
    make_tagged,
    matches,
    open_vat,
)
from vatdata_runtime.declare.annotations import AnnotationReader
from vatdata_runtime.declare.scope import Scope

if TYPE_CHECKING:
    from collections import ChainMap


class Colour(Enum):
    RED = 1
    BLUE = 2


class Shape(Enum):
    ROUND = 1


Age = NewType("Age", int)
T = TypeVar("T")
TextT = TypeVar("TextT", bound=str)
NumberT = TypeVar("NumberT", int, float)
NOW = datetime(2024, 5, 6, tzinfo=UTC)
LONG = "x" * 200_000


def pattern_of(annotation: Any) -> Any:
    return AnnotationReader(Plain, "Plain").pattern(annotation, Scope({}, globals()), "it")


class Plain(Exo):
    pass


@pytest.mark.parametrize(
    ("annotation", "good", "bad"),
    [
        (None, [None], [0, False]),
        (bool, [True, False], [0, 1, None]),
        (int, [0, -5, 10**500], [True, 1.0, "1", None]),
        (float, [1.5, 0.0], [1, True, "1.5"]),
        (str, ["", LONG], [b"x", None]),
        (bytes, [b"", b"x" * 200_000], ["x"]),
        (datetime, [NOW], [NOW.date()]),
        (date, [NOW.date()], [NOW]),
        (time, [time(1, 2)], [NOW]),
        (timedelta, [timedelta(1)], [1]),
        (Decimal, [Decimal("1.5")], [1.5]),
        (UUID, [UUID(int=1)], ["x"]),
        (Any, [None, 1, ("x",)], []),
        (object, [None, 1, ("x",)], []),
        (int | None, [1, None], ["x"]),
        (Optional[int], [1, None], ["x"]),  # noqa: UP045  # the old spelling counts too
        (int | str, [1, "x"], [1.5]),
        (Literal["a", 1, None], ["a", 1, None], ["b", True, 1.0]),
        (list, [(), (1, "x"), tuple(range(20_000))], ["x", {}]),
        (list[int], [(), (1, 2), tuple(range(20_000))], [("x",), (1, None), 5]),
        (Sequence[int], [(1, 2)], [("x",)]),
        (tuple, [(), (1, "x")], [5]),
        (tuple[int, ...], [(), (1, 2, 3)], [(1, "x")]),
        (tuple[int, str], [(1, "x")], [(1,), (1, "x", 2), ("x", 1)]),
        (tuple[()], [()], [(1,)]),
        (dict, [Record(), Record(a=1)], [(1,), make_copy_map({1: 2})]),
        (
            dict[str, int],
            [Record(), Record(a=1), Record({f"n{i}" * 50: 1 for i in range(100)})],
            [Record(a="x")],
        ),
        (Mapping[str, int], [Record(a=1)], [Record(a="x")]),
        (Record, [Record(a=1)], [(1,)]),
        (set[int], [CopySet([1, 2])], [CopySet(["x"]), (1,)]),
        (frozenset[str], [CopySet(["x"])], [CopySet([1])]),
        (CopySet, [CopySet([1])], [(1,)]),
        (CopyBag, [make_copy_bag([(1, 2)])], [CopySet([1])]),
        (CopyMap, [make_copy_map({1: 2})], [Record()]),
        (type(make_tagged("t", 1)), [make_tagged("t", 1)], [1]),
        (Annotated[int, M.nat()], [0, 5], [-1, "x"]),
        (Annotated[int, "a note", M.gte(2), M.lt(5)], [2, 4], [1, 5]),
        (Annotated[str, "only a note"], ["x"], [1]),
        (list[Annotated[int, M.nat()]], [(1,)], [(-1,)]),
        (Age, [1], ["x"]),
        (T, [1, "x"], []),
        (TextT, ["x"], [1]),
        (NumberT, [1, 1.5], ["x"]),
        (ValueError, [ValueError("x")], ["x"]),
        (Colour, [], [1, "RED"]),
        ("int | None", [1, None], ["x"]),
        (list["int"], [(1,)], [("x",)]),
    ],
)
def test_an_annotation_stands_for_the_values_that_it_means(annotation: Any, good: list[Any], bad: list[Any]):
    pattern = pattern_of(annotation)
    assert [value for value in good if not matches(value, pattern)] == []
    assert [value for value in bad if matches(value, pattern)] == []


@pytest.mark.parametrize(
    ("annotation", "pattern"),
    [
        (Self, M.remotable("Plain", interface="Plain")),
        (Exo, M.remotable()),
        (MapStore, M.remotable("MapStore", interface="MapStore")),
        (Awaitable[int], M.promise()),
        (asyncio.Future, M.promise()),
        (Colour, M.enum(Colour)),
    ],
)
def test_references_and_enums_are_told_by_their_patterns(annotation: Any, pattern: Any):
    assert pattern_of(annotation) == pattern


class Kit(ExoKit):
    class a(Facet): ...

    class b(Facet): ...


@pytest.mark.parametrize(
    "annotation",
    [
        complex,
        bytearray,
        Callable[[int], int],
        type,
        type[int],
        Kit,
        dict[int, str],
        dataclasses.InitVar[int],
        "NoSuchName",
        "not python",
        "ChainMap",
        list[complex],
        tuple[int, complex],
        int | complex,
        M.int(),
        5,
    ],
)
def test_an_annotation_that_stands_for_no_data_is_refused(annotation: Any):
    with pytest.raises(NotAPatternError, match="Plain") as caught:
        pattern_of(annotation)
    assert isinstance(caught.value, TypeError)


def test_a_field_or_method_with_such_an_annotation_is_refused_at_the_definition(zones: ZoneLives):
    class BadField(Exo):
        handler: complex

    class BadParameter(Exo):
        def method(self, x: complex) -> None: ...

    class BadResult(Exo):
        def method(self) -> complex:
            return 1j

    def script(zone: Zone) -> None:
        for cls, text in (
            (BadField, "'handler' of BadField"),
            (BadParameter, "'x' of method 'method' of BadParameter"),
            (BadResult, "'method' of BadResult"),
        ):
            with pytest.raises(NotAPatternError, match=text):
                zone.prepare(cls)

    zones.run(script)


def test_names_that_only_checkers_import_may_stand_in_class_variables(zones: ZoneLives):
    from typing import ClassVar

    class Fine(Exo):
        chain: ClassVar[ChainMap[str, int]]
        n: int = 1

    zones.run(lambda zone: zone.prepare(Fine)())


def test_fields_may_hold_other_declared_instances_and_stores(zones: ZoneLives):
    class Leaf(Exo):
        n: int

    class Tree(Exo):
        leaf: Leaf
        branches: list[Tree] = []  # defaults are copied
        index: MapStore | SetStore | None = None

    def script(zone: Zone) -> None:
        make_leaf, make_tree = zone.prepare(Leaf), zone.prepare(Tree)
        leaf = make_leaf(1)
        tree = make_tree(leaf, index=zone.map_store("index"))
        make_tree(leaf, [tree, make_tree(leaf)], zone.set_store("members"))
        wrong: Any = make_tree
        for fields in ((tree,), (Far("Other", {}),), (leaf, [leaf]), (leaf, [], zone.weak_set_store("weak"))):
            with pytest.raises((PatternMismatchError, NotDurableError)):
                wrong(*fields)

    zones.run(script)


def test_enums_become_passable_by_being_annotated(durable: ZoneLives):
    class Painted(Exo):
        colour: Colour = Colour.RED
        shape: Literal[Shape.ROUND] = Shape.ROUND

        def paint(self, colour: Colour) -> Colour:
            self.colour = colour
            return self.colour

        def read(self) -> list[Colour | Shape]:
            return [self.colour, self.shape]

    def script(zone: Zone) -> dict[str, Any]:
        return {"make": zone.prepare(Painted), "kept": zone.map_store("kept")}

    durable.start(script)
    with durable.crank() as here:
        here.kept.init(1, here.make())
        assert here.kept.get(1).paint(Colour.BLUE) is Colour.BLUE
        with pytest.raises(GuardError):
            here.kept.get(1).paint(Shape.ROUND)
    durable.start(script)
    with durable.crank() as here:
        assert here.kept.get(1).read() == (Colour.BLUE, Shape.ROUND)


def test_signatures_become_guards(zones: ZoneLives):
    class Calls(Exo):
        def all(self, a: int, b: str = "b", *more: int, c: int, d: int = 4) -> list[Any]:
            return [a, b, more, c, d]

        def partly(self, a: int, b) -> Any:  # type: ignore[no-untyped-def]  # what is tested
            return [a, b]

        def nothing(self) -> None: ...

        def lies(self) -> int:
            wrong: Any = "x"
            return wrong

        def plain(self, a, b=2):
            return a + b

    def script(zone: Zone) -> None:
        calls: Any = zone.prepare(Calls)()
        assert calls.all(1, c=3) == (1, "b", (), 3, 4)
        assert calls.all(1, "x", 5, 6, c=3, d=7) == (1, "x", (5, 6), 3, 7)
        assert calls.all(1, None, c=3) == (1, "b", (), 3, 4), "None in an optional place counts as left out"
        assert calls.all(a=1, b="y", c=3) == (1, "y", (), 3, 4)
        assert calls.partly(1, {"b": [2]}) == (1, Record(b=(2,)))
        assert calls.nothing() is None
        assert calls.plain(1) == 3
        for wrong in (
            lambda: calls.all(1),
            lambda: calls.all("x", c=3),
            lambda: calls.all(1, 2, c=3),
            lambda: calls.all(1, "x", "y", c=3),
            lambda: calls.all(1, c="x"),
            lambda: calls.all(1, c=3, e=5),
            lambda: calls.nothing(1),
            lambda: calls.lies(),
            lambda: calls.partly("x", 1),
        ):
            with pytest.raises(GuardError):
                wrong()

    zones.run(script)


FORWARD = """
from __future__ import annotations
from vatdata_runtime import Exo, ExoKit, Facet, Far, make_durable_zone

class First(Exo):
    second: Second | None = None

    def read(self) -> Second | None:
        return self.second

class Second(Exo):
    first: First

    def read(self) -> First:
        return self.first

class Pair(ExoKit):
    class left(Facet):
        def other(self) -> Pair.right:
            return self.facets.right

    class right(Facet):
        def other(self) -> Pair.left:
            return self.facets.left

def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage)

    class Local(Exo):
        next: Local | None = None

    make_first, make_second, make_pair, make_local = map(zone.prepare, (First, Second, Pair, Local))

    def use():
        make_local(make_local())
        pair = make_pair()
        second = make_second(make_first())
        return [make_first(second).read() is second, pair.left.other().other() is pair.left]

    return Far("Root", {"use": use})
"""


def test_text_annotations_of_a_vats_module_may_look_ahead(tmp_path: Path):
    source = tmp_path / "ahead.py"
    source.write_text(FORWARD, encoding="utf-8")
    for _life in range(2):
        with open_vat(tmp_path / "store.db", source) as vat:
            assert vat.call("use") == (True, True)
