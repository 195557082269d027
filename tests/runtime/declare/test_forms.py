"""The declarative and the functional form make the same kinds, and a kind may change its form in an upgrade."""

from __future__ import annotations

from typing import Any

import pytest

from tests.runtime.zones.conftest import Lives
from vatdata_runtime import (
    Exo,
    ExoKit,
    Facet,
    IncompatibleKindError,
    M,
    make_durable_zone,
    prepare_exo_class,
    prepare_exo_class_kit,
    provide_durable_map_store,
)

PurseI = M.interface(
    "Purse", {"deposit": M.call(M.int()).returns(M.int()), "whose": M.call().returns(M.string())}
)


class Methods:
    def deposit(this, amount):
        this.state.balance += amount
        return this.state.balance

    def whose(this):
        return this.state.owner


class Purse(Exo):
    owner: str
    balance: int = 0

    def deposit(self, amount: int) -> int:
        self.balance += amount
        return self.balance

    def whose(self) -> str:
        return self.owner


def by_function(baggage: Any) -> dict[str, Any]:
    def init(owner: str, balance: int = 0) -> dict[str, Any]:
        return {"owner": owner, "balance": balance}

    return {
        "make": prepare_exo_class(baggage, "Purse", PurseI, init, Methods),
        "kept": provide_durable_map_store(baggage, "kept"),
    }


def by_class(baggage: Any) -> dict[str, Any]:
    return {
        "make": make_durable_zone(baggage).prepare(Purse),
        "kept": provide_durable_map_store(baggage, "kept"),
    }


def test_a_kind_may_change_its_form_in_each_upgrade(lives: Lives):
    for life, form in enumerate((by_function, by_class, by_function, by_class, by_class)):
        lives.start(form)
        with lives.crank() as here:
            here.kept.init(life, here.make(f"owner {life}"))
            assert [purse.deposit(1) for purse in here.kept.values()] == list(range(life + 1, 0, -1))
            assert here.kept.get(0).whose() == "owner 0"


def test_both_forms_write_the_same_records(tmp_path: Any):
    dumps = []
    for name, form in (("function", by_function), ("class", by_class)):
        lives = Lives(tmp_path / name)
        lives.path.parent.mkdir()
        lives.start(form)
        with lives.crank() as here:
            here.kept.init(1, here.make("a"))
        lives.stop()
        dumps.append(lives.dump())
    by_form = [{key for key in dump if b"o" in key[:4]} for dump in dumps]
    assert by_form[0] == by_form[1]


class Counter(ExoKit):
    count: int = 0

    class reader(Facet):
        def read(self) -> Any:
            return self.state.count

    class up(Facet):
        def increment(self) -> None:
            self.state.count += 1


def test_a_kit_may_change_its_form_and_its_facets_keep_their_identity(lives: Lives):
    def up(this: Any) -> None:
        this.state.count += 1

    def functional(baggage: Any) -> dict[str, Any]:
        facets = {"up": {"increment": up}, "reader": {"read": lambda this: this.state.count}}
        return {
            "make": prepare_exo_class_kit(baggage, "Counter", None, lambda: {"count": 0}, facets),
            "kept": provide_durable_map_store(baggage, "kept"),
        }

    def declared(baggage: Any) -> dict[str, Any]:
        return {
            "make": make_durable_zone(baggage).prepare(Counter),
            "kept": provide_durable_map_store(baggage, "kept"),
        }

    lives.start(functional)
    with lives.crank() as here:
        kit = here.make()
        here.kept.add_all(kit.items())
    for form in (declared, functional):
        lives.start(form)
        with lives.crank() as here:
            here.kept.get("up").increment()
    with lives.crank() as here:
        assert here.kept.get("reader").read() == 2


def start_with(lives: Lives, cls: Any, **options: Any) -> None:
    def setup(baggage: Any) -> dict[str, Any]:
        zone = make_durable_zone(baggage)
        return {"make": zone.prepare(cls, **options), "kept": zone.map_store("kept")}

    lives.start(setup)


class Small(Exo, name="Thing"):
    a: int


class WithDefault(Exo, name="Thing"):
    a: int
    b: str = "none"
    tags: list[int] = []  # defaults are copied

    def read(self) -> list[Any]:
        return [self.a, self.b, self.tags]

    def put(self, b: str) -> None:
        self.b = b


class WithoutDefault(Exo, name="Thing"):
    a: int
    b: str


class Narrower(Exo, name="Thing"):
    a: bool


def test_old_instances_have_the_default_of_a_new_field(lives: Lives):
    start_with(lives, Small)
    with lives.crank() as here:
        here.kept.add_all({i: here.make(i) for i in range(3)})
    start_with(lives, WithDefault)
    with lives.crank() as here:
        assert here.kept.get(0).read() == (0, "none", ())
        here.kept.get(1).put("new")
        assert here.kept.get(1).read() == (1, "new", ())
    lives.restart()
    with lives.crank() as here:
        assert [thing.read()[1] for thing in here.kept.values()] == ["none", "new", "none"]


def test_a_new_field_without_default_is_refused_with_its_name(lives: Lives):
    start_with(lives, Small)
    with pytest.raises(IncompatibleKindError, match="'b'"):
        start_with(lives, WithoutDefault)
    with pytest.raises(IncompatibleKindError, match="a"):
        start_with(lives, Narrower)
    start_with(lives, WithDefault)


def test_a_raised_version_migrates_old_instances(lives: Lives):
    start_with(lives, Small)
    with lives.crank() as here:
        here.kept.init(0, here.make(5))

    def migrate(old: Any, version: int) -> dict[str, Any]:
        return {"a": old["a"] + 1, "b": f"from version {version}", "tags": ()}

    start_with(lives, WithDefault, version=2, migrate=migrate)
    with lives.crank() as here:
        assert here.kept.get(0).read() == (6, "from version 1", ())
