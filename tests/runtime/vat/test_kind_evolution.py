"""What a later version of the code may change about a stored kind, and what happens to its instances."""

from __future__ import annotations

from typing import Any

import pytest

from vatdata_runtime import (
    EvolutionError,
    IncompatibleKindError,
    KindNotDefinedError,
    KindsNotPreparedError,
    M,
    NotDurableError,
    PatternMismatchError,
    StateFieldError,
    define_virtual_exo_class,
    prepare_exo,
    prepare_exo_class,
    prepare_exo_class_kit,
    provide_durable_map_store,
    provide_durable_set_store,
    rename_kind,
    retire_kind,
)

from .conftest import Lives


class Thing:
    def get(this: Any, name: str) -> Any:
        return getattr(this.state, name)

    def set(this: Any, name: str, value: Any) -> None:
        setattr(this.state, name, value)

    def fields(this: Any) -> Any:
        return tuple(dir(this.state))


class Facet(Thing):
    def sibling(this: Any, name: str) -> Any:
        return this.facets[name]


def single(shape: Any = None, *, name: str = "Thing", **options: Any) -> Any:
    """A setup that prepares a single kind whose init takes its fields as keywords."""

    def setup(baggage: Any) -> dict[str, Any]:
        return {
            "make": prepare_exo_class(
                baggage, name, None, lambda **fields: fields, Thing, state_shape=shape, **options
            )
        }

    return setup


def kit(*facets: str, shape: Any = None, **options: Any) -> Any:
    """A setup that prepares a kit with these facets."""

    def setup(baggage: Any) -> dict[str, Any]:
        return {
            "make": prepare_exo_class_kit(
                baggage,
                "Thing",
                None,
                lambda **fields: fields,
                dict.fromkeys(facets, Facet),
                state_shape=shape,
                **options,
            )
        }

    return setup


def refused(lives: Lives, setup: Any, reason: str) -> None:
    """Start with *setup*, expect that it is refused for *reason*, and that the store stays as it was."""
    lives.stop()
    before = lives.dump()
    with pytest.raises(IncompatibleKindError, match="'Thing'") as caught:
        lives.start(setup)
    assert reason in " ".join(caught.value.reasons)
    assert lives.dump() == before


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
    lives.start(
        lambda baggage: {
            "it": prepare_exo(baggage, "It", None, {"new": lambda this: 2, "both": lambda this: 2})
        }
    )
    with lives.crank() as here:
        assert (here.it.new(), here.it.both()) == (2, 2)
        with pytest.raises(AttributeError):
            here.it.old()


# --- versions and migration


def migration(**options: Any) -> tuple[Any, list[Any]]:
    """A second version whose state has ``total`` in place of ``a`` and ``b``; and the list of its calls."""
    calls: list[Any] = []

    def migrate(old: Any, version: int) -> dict[str, Any]:
        calls.append((dict(old), version))
        return {"total": old["a"] + old["b"]}

    return single({"total": M.int()}, version=2, migrate=migrate, **options), calls


def first_version() -> Any:
    return single({"a": M.int(), "b": M.int()})


def test_records_are_migrated_when_they_are_loaded_and_written_in_that_crank(lives: Lives) -> None:
    lives.start(first_version())
    with lives.crank() as here:
        for n in range(3):
            here.baggage.init(f"thing{n}", here.make(a=n, b=10))
    setup, calls = migration()
    lives.start(setup)
    assert calls == []
    with lives.crank() as here:
        things = [here.baggage.get(f"thing{n}") for n in range(3)]
        assert calls == []
        assert things[1].get("total") == 11
        assert things[1].get("total") == 11
        assert calls == [({"a": 1, "b": 10}, 1)]
    lives.restart()
    with lives.crank() as here:
        assert here.baggage.get("thing1").get("total") == 11
        assert len(calls) == 1
        assert here.baggage.get("thing0").get("total") == 10
        assert len(calls) == 2


def test_writing_to_an_old_record_migrates_it_first(lives: Lives) -> None:
    lives.start(first_version())
    with lives.crank() as here:
        here.baggage.init("thing", here.make(a=1, b=2))
    setup, calls = migration()
    lives.start(setup)
    with lives.crank() as here:
        here.baggage.get("thing").set("total", 50)
    lives.restart()
    with lives.crank() as here:
        assert here.baggage.get("thing").get("total") == 50
    assert len(calls) == 1


def test_an_aborted_crank_takes_its_migrations_back(lives: Lives) -> None:
    lives.start(first_version())
    with lives.crank() as here:
        here.baggage.init("thing", here.make(a=1, b=2))
    setup, calls = migration()
    lives.start(setup)
    before = lives.dump()
    kept: list[Any] = []
    with lives.aborted_crank() as here:
        kept.append(here.baggage.get("thing"))
        kept[0].set("total", 50)
    assert lives.dump() == before
    with lives.crank() as here:
        assert here.baggage.get("thing") is kept[0]
        assert kept[0].get("total") == 3
    assert len(calls) == 2
    with lives.crank():
        assert kept[0].get("total") == 3
    lives.restart()
    with lives.crank() as here:
        assert here.baggage.get("thing").get("total") == 3


def test_a_migration_inside_a_finish_that_fails_is_taken_back_with_it(lives: Lives) -> None:
    def old(baggage: Any) -> dict[str, Any]:
        prepare_exo_class(baggage, "Other", None, None, {})
        return first_version()(baggage)

    lives.start(old)
    with lives.crank() as here:
        here.baggage.init("thing", here.make(a=1, b=2))

    def new(baggage: Any) -> dict[str, Any]:
        def migrate(fields: Any, version: int) -> dict[str, Any]:
            return {"total": fields["a"] + fields["b"], "made": make_part()}

        def finish(this: Any) -> None:
            assert baggage.get("thing").get("total") == 3
            raise RuntimeError("finish failed")

        make_part = prepare_exo_class(baggage, "Part", None, None, {"hi": lambda this: "hi"})
        shape = {"total": M.int(), "made": M.remotable()}
        names = single(shape, version=2, migrate=migrate)(baggage)
        return {**names, "make_other": prepare_exo_class(baggage, "Other", None, None, {}, finish=finish)}

    lives.start(new)
    lives.vat.collect()
    before = lives.dump()
    with lives.crank() as here, pytest.raises(RuntimeError):
        here.make_other()
    assert lives.dump() == before
    for _ in range(2):
        with lives.crank() as here:
            assert here.baggage.get("thing").get("made").hi() == "hi"
        lives.restart()


def test_a_failed_migration_leaves_the_old_record_and_no_trace(lives: Lives) -> None:
    lives.start(first_version())
    with lives.crank() as here:
        here.baggage.init("thing", here.make(a=1, b=2))

    def migrate(old: Any, version: int) -> Any:
        make_part()
        return outcomes.pop(0)()

    make_part: Any = None

    def setup(baggage: Any) -> dict[str, Any]:
        nonlocal make_part
        make_part = prepare_exo_class(baggage, "Part", None, None, {})
        virtual = define_virtual_exo_class("V", None, None, {})
        return {**single({"total": M.any()}, version=2, migrate=migrate)(baggage), "virtual": virtual}

    async def never() -> None: ...

    lives.start(setup)
    lives.vat.collect()
    before = lives.dump()
    outcomes: list[Any] = []
    with lives.crank() as here:
        fleeting = [here.virtual()]
        for outcome, error in [
            (lambda: 1 / 0, ZeroDivisionError),
            (lambda: {"wrong": 1}, StateFieldError),
            (lambda: {"total": fleeting[0]}, NotDurableError),
            (lambda: None, TypeError),
            (lambda: [("total", 1)], TypeError),
            (never, TypeError),
        ]:
            outcomes.append(outcome)
            with pytest.raises(error):
                here.baggage.get("thing").get("total")
        fleeting.clear()
    after = lives.dump()
    assert {k: v for k, v in after.items() if k[:1] == b"\x02"} == {
        k: v for k, v in before.items() if k[:1] == b"\x02"
    }
    outcomes.append(lambda: {"total": 7})
    with lives.crank() as here:
        assert here.baggage.get("thing").get("total") == 7


def test_a_migration_that_reads_its_own_instance_is_an_error(lives: Lives) -> None:
    lives.start(single())
    with lives.crank() as here:
        one = here.make(x=None)
        here.baggage.init("one", one)
        two = here.make(x=one)
        one.set("x", two)

    def migrate(old: Any, version: int) -> Any:
        return {"x": old["x"], "next": old["x"].get("x")}

    lives.start(single(version=2, migrate=migrate))
    with lives.crank() as here, pytest.raises(EvolutionError, match="migrat"):
        here.baggage.get("one").get("next")


def test_several_versions_may_be_skipped(lives: Lives) -> None:
    lives.start(single({"n": M.int()}))
    with lives.crank() as here:
        here.baggage.init("v1", here.make(n=1))
    lives.start(single({"n": M.int(), "m": M.int()}, version=2, migrate=lambda old, version: {**old, "m": 2}))
    with lives.crank() as here:
        here.baggage.init("v2", here.make(n=1, m=20))

    def migrate(old: Any, version: int) -> dict[str, Any]:
        return {"text": f"from {version}: {dict(old)}"}

    lives.start(single({"text": M.string()}, version=5, migrate=migrate))
    with lives.crank() as here:
        assert here.baggage.get("v1").get("text") == "from 1: {'n': 1}"
        assert here.baggage.get("v2").get("text") == "from 2: {'m': 20, 'n': 1}"
    refused(lives, single({"text": M.string()}, version=4), "version is 4")
    lives.start(single({"text": M.string()}, version=5))
    with lives.crank() as here:
        assert here.baggage.get("v1").get("text").startswith("from 1")


def test_a_raised_version_without_migration_needs_a_compatible_shape(lives: Lives) -> None:
    lives.start(single({"n": M.int()}))
    with lives.crank() as here:
        here.baggage.init("thing", here.make(n=1))
    refused(lives, single({"n": M.string()}, version=2), "n")
    lives.start(single({"n": M.number()}, version=2))
    with lives.crank() as here:
        assert here.baggage.get("thing").get("n") == 1


def test_a_migrated_kit_shares_the_new_state_among_its_facets(lives: Lives) -> None:
    lives.start(kit("up", "down"))
    with lives.crank() as here:
        made = here.make(a=1)
        here.baggage.init("pair", (made.up, made.down))
    lives.start(
        kit("up", "down", "new", version=2, migrate=lambda old, version: {"b": old["a"] + 1}), cache_bytes=1
    )
    with lives.crank() as here:
        up, down = here.baggage.get("pair")
        assert up.get("b") == 2
        down.set("b", 5)
        assert up.sibling("new").get("b") == 5
    for _ in range(2):
        with lives.crank() as here:
            up, down = here.baggage.get("pair")
            assert (up.get("b"), down.get("b")) == (5, 5)
        lives.restart()


def test_migration_counts_what_the_old_record_held_and_the_new_one_does_not(lives: Lives) -> None:
    def old(baggage: Any) -> dict[str, Any]:
        return {"make_part": prepare_exo_class(baggage, "Part", None, None, {}), **single()(baggage)}

    def new(baggage: Any) -> dict[str, Any]:
        return {
            "make_part": prepare_exo_class(baggage, "Part", None, None, {}),
            **single(version=2, migrate=lambda fields, version: {"part": fields["kept"]})(baggage),
        }

    lives.start(old)
    with lives.crank() as here:
        here.baggage.init("thing", here.make(kept=here.make_part(), dropped=here.make_part()))
    lives.start(new)
    assert lives.vat.collect() == 0
    with lives.crank() as here:
        here.baggage.get("thing").get("part")
    assert lives.vat.collect() == 1
    with lives.crank() as here:
        assert repr(here.baggage.get("thing").get("part")) == "<Part>"


# --- renaming and retiring


def test_a_renamed_kind_keeps_its_instances_and_its_singleton(lives: Lives) -> None:
    def old(baggage: Any) -> dict[str, Any]:
        return {"it": prepare_exo(baggage, "It", None, {"hi": lambda this: "hi"}), **single()(baggage)}

    def new(baggage: Any) -> dict[str, Any]:
        rename_kind(baggage, "It", "That")
        rename_kind(baggage, "Thing", "Object")
        that = prepare_exo(baggage, "That", None, {"hi": lambda this: "hello"})
        return {"that": that, **single(name="Object")(baggage)}

    lives.start(old)
    with lives.crank() as here:
        here.baggage.init("thing", here.make(x=1))
        here.baggage.init("it", here.it)
    for _ in range(2):
        lives.start(new)  # the renaming may stay in the code
        with lives.crank() as here:
            assert here.baggage.get("thing").get("x") == 1
            assert repr(here.baggage.get("thing")) == "<Object>"
            assert here.baggage.get("it") is here.that
            assert here.that.hi() == "hello"
    lives.stop()
    with pytest.raises(KindsNotPreparedError, match=r"'That', 'Object'|'Object', 'That'"):
        lives.start(lambda baggage: {})


def test_renaming_to_a_stored_name_or_after_the_definition_is_refused(lives: Lives) -> None:
    def two(baggage: Any) -> dict[str, Any]:
        return {**single()(baggage), "make_other": single(name="Other")(baggage)["make"]}

    def clashes(baggage: Any) -> dict[str, Any]:
        rename_kind(baggage, "Thing", "Other")
        return {}

    def too_late(baggage: Any) -> dict[str, Any]:
        names = two(baggage)
        rename_kind(baggage, "Thing", "New")
        return names

    lives.start(two)
    lives.stop()
    before = lives.dump()
    for setup in (clashes, too_late):
        with pytest.raises(EvolutionError):
            lives.start(setup)
        assert lives.dump() == before


def test_a_kind_without_referenced_instances_can_be_retired(lives: Lives) -> None:
    def old(baggage: Any) -> dict[str, Any]:
        return {**single()(baggage), "part": prepare_exo_class(baggage, "Part", None, None, {})}

    def new(baggage: Any) -> dict[str, Any]:
        retire_kind(baggage, "Thing")
        return {"part": prepare_exo_class(baggage, "Part", None, None, {})}

    lives.start(old)
    with lives.crank() as here:
        here.make(part=here.part())
        here.baggage.init("part", here.part())
    for _ in range(2):
        lives.start(new)  # the retiring may stay in the code
        lives.vat.collect()
        records = [key for key in lives.dump() if key.startswith(b"\x02\x01o")]
        assert len(records) == 1  # what the retired instance held is gone with it
        assert not any(key.startswith(b"\x02\x01k\x10") for key in lives.dump())
    lives.start(lambda baggage: {"part": prepare_exo_class(baggage, "Part", None, None, {})})


def test_retiring_refuses_while_stored_data_refers_to_an_instance_and_leaves_nothing(lives: Lives) -> None:
    def old(baggage: Any) -> dict[str, Any]:
        return {**single()(baggage), "set": provide_durable_set_store(baggage, "set")}

    def new(baggage: Any) -> dict[str, Any]:
        with pytest.raises(EvolutionError, match="still refers"):
            retire_kind(baggage, "Thing")
        return old(baggage)

    lives.start(old)
    with lives.crank() as here:
        thing = here.make(x=1)
        here.set.add(thing)
        here.make(x=2)
        del thing
    lives.start(new)
    with lives.crank() as here:
        (thing,) = here.set.keys()
        assert thing.get("x") == 1


def test_a_kind_that_was_defined_cannot_be_retired_in_the_same_incarnation(lives: Lives) -> None:
    def setup(baggage: Any) -> dict[str, Any]:
        names = single()(baggage)
        with pytest.raises(EvolutionError, match="is defined"):
            retire_kind(baggage, "Thing")
        return names

    lives.start(setup)


def test_a_kind_whose_handle_was_lost_can_be_retired_by_its_name(lives: Lives) -> None:
    lives.start(single())
    with lives.crank() as here:
        here.baggage.delete("Thing_kindHandle")
    with pytest.raises(KindsNotPreparedError):
        lives.start(single())

    def setup(baggage: Any) -> dict[str, Any]:
        retire_kind(baggage, "Thing")
        return {}

    lives.start(setup)
    lives.start(single())
    with lives.crank() as here:
        assert here.make(x=3).get("x") == 3


def test_instances_of_a_retired_kind_in_an_aborted_start_are_still_there(lives: Lives) -> None:
    def old(baggage: Any) -> dict[str, Any]:
        return {**single()(baggage), "map": provide_durable_map_store(baggage, "map")}

    def failing(baggage: Any) -> dict[str, Any]:
        provide_durable_map_store(baggage, "map").delete("thing")
        retire_kind(baggage, "Thing")
        raise ZeroDivisionError

    lives.start(old)
    with lives.crank() as here:
        here.map.init("thing", here.make(x=1))
    lives.stop()
    before = lives.dump()
    with pytest.raises(ZeroDivisionError):
        lives.start(failing)
    assert lives.dump() == before

    def reads_too_early(baggage: Any) -> dict[str, Any]:
        with pytest.raises(KindNotDefinedError):
            provide_durable_map_store(baggage, "map").get("thing")
        return old(baggage)

    lives.start(reads_too_early)
    with lives.crank() as here:
        assert here.map.get("thing").get("x") == 1
