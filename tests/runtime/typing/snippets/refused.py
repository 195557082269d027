"""What type checkers refuse: each line with the mark, and no other."""

from __future__ import annotations

from vatdata_runtime import Exo, ExoKit, Facet, make_heap_zone


class Purse(Exo):
    owner: str
    balance: int = 0

    def deposit(self, amount: int) -> int:
        self.balance = "many"  # error
        return amount


class Counter(ExoKit):
    count: int

    class up(Facet):
        def increment(self) -> None: ...

    class down(Facet):
        def decrement(self) -> None: ...


zone = make_heap_zone()
make_purse = zone.prepare(Purse)
make_purse()  # error
make_purse(owner=5)  # error
make_purse("a", total=3)  # error
make_purse("a").deposit("x")  # error
make_purse("a").withdraw(3)  # error
text: str = make_purse("a").deposit(3)  # error
zone.prepare(int)  # error
zone.prepare(Counter)("x")  # error
zone.prepare(Counter)()  # error
zone.map_store("s", durable=True)  # error
zone.exo_class("C", None, None, {}, no_such_option=1)  # error
