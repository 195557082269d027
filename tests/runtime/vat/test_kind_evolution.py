"""What a later version of the code may change about a stored kind, and what happens to its instances."""

from __future__ import annotations

from typing import Any

import pytest

from vatdata_runtime import (
    IncompatibleKindError,
    M,
    MethodsRemovedWarning,
    PatternMismatchError,
    StateFieldError,
    prepare_exo,
    prepare_exo_class,
)

from .conftest import Lives
from .versions import first_version, kit, migration, refused, single

# --- singles and kits


def test_a_single_kind_cannot_become_a_kit_nor_a_kit_a_single_kind(lives: Lives) -> None:
    lives.start(single())
    refused(lives, kit("up", "down"), "cannot become a kit")
    lives.start(single())
    lives.stop()
    lives.path = lives.path.with_name("kits.db")
    lives.start(kit("up", "down"))
    refused(lives, single(), "cannot become a single kind")
    lives.start(kit("up", "down"))


def test_facets_may_come_in_another_order(lives: Lives) -> None:
    lives.start(kit("up", "down"))
    with lives.crank() as here:
        made = here.make(x=1)
        here.baggage.init("up", made.up)
        here.baggage.init("down", made.down)
        assert list(made) == ["up", "down"]
    lives.start(kit("down", "up"))
    with lives.crank() as here:
        assert list(here.make(x=2)) == ["down", "up"]
        assert here.baggage.get("up").sibling("down") is here.baggage.get("down")
        assert here.baggage.get("down").sibling("up") is here.baggage.get("up")


@pytest.mark.parametrize(
    "facets", [("a", "m", "z"), ("m", "n", "z"), ("m", "z", "zz"), ("zz", "z", "n", "m", "a")]
)
def test_facets_may_be_added_anywhere_and_old_instances_have_them(lives: Lives, facets: Any) -> None:
    lives.start(kit("m", "z"))
    with lives.crank() as here:
        made = here.make(x=1)
        here.baggage.init("m", made.m)
        here.baggage.init("z", made.z)
    lives.start(kit(*facets))
    with lives.crank() as here:
        old = here.baggage.get("m")
        assert old.sibling("z") is here.baggage.get("z")
        for facet in facets:
            assert old.sibling(facet).get("x") == 1
            here.baggage.init(f"new {facet}", old.sibling(facet))
        assert list(here.make(x=2)) == list(facets)
    lives.restart()
    with lives.crank() as here:
        for facet in facets:
            assert here.baggage.get(f"new {facet}") is here.baggage.get("m").sibling(facet)
    refused(lives, kit("m", "z"), "is gone")


def test_a_facet_cannot_be_removed(lives: Lives) -> None:
    lives.start(kit("up", "down", "side"))
    refused(lives, kit("up", "down"), "facet 'side' is gone")
    refused(lives, kit("up", "down", "other"), "facet 'side' is gone")


# --- shapes


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"x": M.int()}, {"x": M.int()}),
        ({"x": M.int(), "y": M.string()}, {"y": M.string(), "x": M.int()}),
        ({"x": M.int()}, {"x": M.number()}),
        ({"x": M.int()}, {"x": M.any()}),
        ({"x": M.int()}, {"x": M.or_(M.int(), M.none())}),
        ({"x": M.int()}, {"x": M.int(), "y": M.opt(M.string())}),
        ({"x": M.int()}, {"x": M.int(), "y": M.any()}),
        ({"x": M.int()}, {"x": M.int(), "y": M.or_(M.none(), M.string())}),
        ({"x": M.int()}, None),
        (None, {"x": M.int()}),
        (None, {"x": M.any(), "y": M.any()}),
        (None, None),
    ],
)
def test_a_shape_may_be_reordered_widened_and_gain_fields_that_accept_None(
    lives: Lives, old: Any, new: Any
) -> None:
    lives.start(single(old))
    with lives.crank() as here:
        fields = {"x": 1} if old is None or "y" not in old else {"x": 1, "y": "why"}
        here.baggage.init("thing", here.make(**fields))
    lives.start(single(new))
    for _ in range(2):
        with lives.crank() as here:
            thing = here.baggage.get("thing")
            if new is not None and "y" in new:
                assert thing.get("y") == fields.get("y")
                thing.set("y", "now")
                assert thing.get("y") == "now"
                fields["y"] = "now"
            assert thing.get("x") == 1
        lives.restart()


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ({"x": M.int()}, {}, "'x' is gone"),
        ({"x": M.int(), "y": M.int()}, {"x": M.int()}, "'y' is gone"),
        ({"x": M.int()}, {"x": M.int(), "y": M.string()}, "'y' is new"),
        ({"x": M.number()}, {"x": M.int()}, "x"),
        ({"x": M.any()}, {"x": M.int()}, "x"),
        ({"x": M.or_(M.int(), M.none())}, {"x": M.int()}, "x"),
        ({"x": M.int()}, {"x": M.string()}, "x"),
    ],
)
def test_a_shape_cannot_lose_or_narrow_a_field_or_demand_a_new_one(
    lives: Lives, old: Any, new: Any, reason: str
) -> None:
    lives.start(single(old))
    refused(lives, single(new), reason)
    lives.start(single(old))


def test_a_refused_shape_can_be_corrected_in_the_same_first_crank(lives: Lives) -> None:
    lives.start(single({"x": M.int()}))
    with lives.crank() as here:
        here.baggage.init("thing", here.make(x=1))

    def corrects(baggage: Any) -> dict[str, Any]:
        for bad in ({}, {"x": M.string()}, {"x": M.int(), "y": M.int()}):
            with pytest.raises(IncompatibleKindError):
                single(bad)(baggage)
        with pytest.raises(IncompatibleKindError):
            kit("one", "two")(baggage)
        return single({"x": M.number(), "y": M.any()})(baggage)

    lives.start(corrects)
    with lives.crank() as here:
        assert here.baggage.get("thing").get("x") == 1


def test_objects_in_a_shape_are_compared_by_identity(lives: Lives) -> None:
    def with_objects(first: str, second: str) -> Any:
        def setup(baggage: Any) -> dict[str, Any]:
            make_plain = prepare_exo_class(baggage, "Plain", None, None, {})
            for key in ("one", "two", "three"):
                if not baggage.has(key):
                    baggage.init(key, make_plain())
            shape = {"x": M.or_(M.eq(baggage.get(first)), M.eq(baggage.get(second)))}
            return single(shape)(baggage)

        return setup

    lives.start(with_objects("one", "two"))
    lives.start(with_objects("one", "two"))
    refused(lives, with_objects("one", "three"), "x")
    lives.start(with_objects("one", "two"))
    with lives.crank() as here, pytest.raises(PatternMismatchError):
        here.make(x=here.baggage.get("three"))


def test_an_object_that_a_shape_names_is_kept_as_long_as_the_shape_names_it(lives: Lives) -> None:
    def names_one(baggage: Any) -> dict[str, Any]:
        make_plain = prepare_exo_class(baggage, "Plain", None, None, {})
        plain = make_plain() if not baggage.has("known") else None
        if plain is not None:
            baggage.init("known", True)
            return single({"x": M.any(), "y": M.or_(M.any(), M.eq(plain))})(baggage)
        return single({"x": M.any(), "y": M.any()})(baggage)

    def plains() -> int:
        return sum(key.startswith(b"\x02\x01o\x10") for key in lives.dump())

    lives.start(names_one)
    lives.vat.collect()
    assert plains() == 1
    lives.restart()
    lives.vat.collect()
    assert plains() == 0


def test_records_from_before_a_shape_are_checked_when_they_are_loaded(lives: Lives) -> None:
    lives.start(single())
    with lives.crank() as here:
        here.baggage.init("good", here.make(x=1))
        here.baggage.init("bad", here.make(x="text"))
        here.baggage.init("extra", here.make(x=1, z=2))
    lives.start(single({"x": M.int(), "y": M.opt(M.int())}))
    for seen in (None, 1):
        with lives.crank() as here:
            assert here.baggage.get("good").get("x") == 1
            assert here.baggage.get("good").get("y") == seen
            with pytest.raises(PatternMismatchError, match="'x' of kind 'Thing'"):
                here.baggage.get("bad").get("x")
            with pytest.raises(StateFieldError, match="'z'"):
                here.baggage.get("extra").get("x")
            here.baggage.get("good").set("y", 1)
        lives.restart()
    lives.start(single())
    with lives.crank() as here:
        assert here.baggage.get("bad").get("x") == "text"
        assert here.baggage.get("extra").get("z") == 2


def test_a_shape_that_went_and_came_back_narrower_is_checked_again(lives: Lives) -> None:
    lives.start(single({"x": M.any(), "y": M.any()}))
    with lives.crank() as here:
        here.baggage.init("good", here.make(x=1, y=2))
        here.baggage.init("bad", here.make(x="text"))
    lives.start(single())
    lives.start(single({"x": M.int(), "y": M.opt(M.int())}))
    with lives.crank() as here:
        assert here.baggage.get("good").get("y") == 2
        with pytest.raises(PatternMismatchError, match="'x' of kind 'Thing'"):
            here.baggage.get("bad").get("x")
    lives.start(single())
    lives.start(single({"x": M.any()}))
    with lives.crank() as here, pytest.raises(StateFieldError, match="'y'"):
        here.baggage.get("good").get("x")


def test_records_that_were_never_migrated_are_not_taken_for_new_ones(lives: Lives) -> None:
    lives.start(first_version())
    with lives.crank() as here:
        here.baggage.init("thing", here.make(a=1, b=2))
    setup, calls = migration()
    lives.start(setup)
    lives.start(single({"total": M.int()}, version=2))  # forgets to bring the migration along
    with lives.crank() as here, pytest.raises(StateFieldError, match=r"'a'.*migrate"):
        here.baggage.get("thing").get("total")
    lives.start(setup)
    with lives.crank() as here:
        assert here.baggage.get("thing").get("total") == 3
    assert len(calls) == 1


def test_instances_of_many_layouts_live_side_by_side(lives: Lives) -> None:
    shapes: list[Any] = [
        {"a": M.any()},
        {"b": M.any(), "a": M.any()},
        {"c": M.any(), "a": M.any(), "b": M.any()},
        {"A": M.any(), "a": M.any(), "b": M.any(), "c": M.any()},
    ]
    for n, shape in enumerate(shapes):
        lives.start(single(shape), cache_bytes=1)
        with lives.crank() as here:
            here.baggage.init(f"thing{n}", here.make(**dict.fromkeys(shape, n)))
            for m in range(n):
                thing = here.baggage.get(f"thing{m}")
                for field in shape:
                    assert thing.get(field) == (m if field in shapes[m] else None)
                assert sorted(thing.fields()) == sorted(shape)
    with lives.crank() as here:
        for n in (2, 0, 3, 1):
            here.baggage.get(f"thing{n}").set("A", f"new {n}")
    lives.restart()
    with lives.crank() as here:
        for n, shape in enumerate(shapes):
            thing = here.baggage.get(f"thing{n}")
            assert thing.get("A") == f"new {n}"
            assert [thing.get(field) for field in shape if field != "A"] == [
                n for field in shape if field != "A"
            ]


# --- methods


def test_methods_may_change_and_a_removed_one_is_gone(lives: Lives) -> None:
    lives.start(
        lambda baggage: {
            "it": prepare_exo(baggage, "It", None, {"old": lambda this: 1, "both": lambda this: 1})
        }
    )
    with pytest.warns(MethodsRemovedWarning, match="kind 'It' of vat 'main' has lost 'old'"):
        lives.start(
            lambda baggage: {
                "it": prepare_exo(baggage, "It", None, {"new": lambda this: 2, "both": lambda this: 2})
            }
        )
    with lives.crank() as here:
        assert (here.it.new(), here.it.both()) == (2, 2)
        with pytest.raises(AttributeError):
            here.it.old()
