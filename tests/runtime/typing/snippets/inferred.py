"""What type checkers know of zones and declarative classes; there is no error in this file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, field
from typing import Annotated, Any, ClassVar, Self, assert_type

from vatdata_runtime import (
    Exo,
    ExoKit,
    Facet,
    M,
    MapStore,
    Revocables,
    SetStore,
    Zone,
    make_durable_zone,
    make_heap_zone,
    prepare_revocable_maker_kit,
)


class Account(Exo):
    owner: str
    LIMIT: ClassVar[int] = 3

    def whose(self) -> str:
        return self.owner

    def me(self) -> Self:
        return self


class Purse(Account, name="purse"):
    balance: Annotated[int, M.nat()] = 0
    tags: list[str] = field(default_factory=list[str])
    _: KW_ONLY
    locked: bool = False

    def deposit(self, amount: int) -> int:
        self.balance += amount
        return self.balance

    async def settle(self) -> str:
        return self.whose()


class Counter(ExoKit):
    count: int = 0

    class up(Facet):
        def increment(self) -> None:
            self.state.count += 1

    class reader(Facet):
        def peer(self) -> object:
            return self.facets.up


def migrate(old: Mapping[str, Any], version: int) -> Mapping[str, Any]:
    return {**old, "balance": version}


def get_one(this: object) -> int:
    return 1


def build_root_object(vat_powers: object, vat_parameters: object, baggage: MapStore) -> object:
    zone = make_durable_zone(baggage)
    assert_type(zone, Zone)
    make_purse = zone.prepare(Purse, version=2, migrate=migrate)
    purse = make_purse(owner="a", balance=3, locked=True)
    assert_type(purse, Purse)
    assert_type(purse.deposit(5), int)
    assert_type(purse.whose(), str)
    assert_type(purse.me(), Purse)
    assert_type(make_purse("a", 3, ["t"]).balance, int)
    make_counter = zone.prepare(Counter)
    kit = make_counter(count=3)
    kit.up.increment()
    kit["reader"].peer()
    assert_type(zone.map_store("map", key_shape=M.string()), MapStore)
    assert_type(zone.detached().set_store("set"), SetStore)
    assert_type(zone.sub_zone("sub"), Zone)
    assert_type(zone.make_once("answer", lambda key: 42), int)
    assert_type(prepare_revocable_maker_kit(make_heap_zone(), "R", ["a"]), Revocables)
    zone.exo("single", None, {"get": get_one}, version=2)
    return purse
