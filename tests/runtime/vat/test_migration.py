"""Records of an older version are migrated when they are loaded."""

from __future__ import annotations

from typing import Any

import pytest

from vatdata_runtime import (
    EvolutionError,
    M,
    NotDurableError,
    StateFieldError,
    define_virtual_exo_class,
    prepare_exo_class,
)

from .conftest import Lives
from .versions import first_version, kit, migration, refused, single


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
