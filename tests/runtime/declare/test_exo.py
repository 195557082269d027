"""A kind as a class: fields, methods, ``self`` and inheritance."""

from __future__ import annotations

import dataclasses
from dataclasses import KW_ONLY
from typing import Any, ClassVar, Self

import pytest

from tests.runtime.zones.conftest import Lives, ZoneLives
from vatdata_runtime import (
    Exo,
    Far,
    GuardDefinitionError,
    GuardError,
    LabelInUseError,
    NotPassableError,
    PatternMismatchError,
    Record,
    StateFieldError,
    Zone,
    make_durable_zone,
)


class Account(Exo):
    """Money of one owner."""

    owner: str
    balance: int = 0
    LIMIT: ClassVar[int] = 100
    UNIT = "EUR"

    def deposit(self, amount: int) -> int:
        """Add to the balance."""
        self._check(amount)
        self.balance += amount
        return self.balance

    def read(self) -> int:
        return self.balance

    def whose(self) -> str:
        return f"{self.owner}'s {self.UNIT}"

    def me(self) -> Self:
        return self

    def _check(self, amount: int) -> None:
        if amount > self.LIMIT:
            raise ValueError(f"at most {self.LIMIT}")


class Savings(Account):
    interest: int = 1

    def deposit(self, amount: int) -> int:
        return super().deposit(amount + self.interest)

    def twice(self, amount: int) -> int:
        self.deposit(amount)
        return self.deposit(amount)


def test_a_class_makes_instances_with_fields_and_methods_in_every_zone(zones: ZoneLives):
    def script(zone: Zone) -> None:
        make = zone.prepare(Account)
        alice, bob = make("Alice"), make(owner="Bob", balance=5)
        assert alice.deposit(3) == 3
        assert bob.deposit(amount=3) == 8
        assert alice.read() == 3
        assert alice.whose() == "Alice's EUR"

    zones.run(script)


def test_instances_survive_with_their_state(durable: ZoneLives):
    def script(zone: Zone) -> dict[str, Any]:
        return {"make": zone.prepare(Account), "kept": zone.map_store("kept")}

    durable.start(script)
    with durable.crank() as here:
        here.kept.init("alice", here.make("Alice"))
        here.kept.get("alice").deposit(5)
    durable.start(script)
    with durable.crank() as here:
        assert here.kept.get("alice").deposit(1) == 6
        assert here.kept.get("alice").whose() == "Alice's EUR"


def test_what_is_not_the_makers_signature_is_refused_as_in_a_dataclass(zones: ZoneLives):
    def script(zone: Zone) -> None:
        make: Any = zone.prepare(Account)
        for wrong in (
            lambda: make(),
            lambda: make("a", 1, 2),
            lambda: make("a", total=1),
            lambda: make("a", owner="b"),
        ):
            with pytest.raises(TypeError, match="make_Account"):
                wrong()

    zones.run(script)


def test_fields_and_arguments_are_held_to_their_annotations(zones: ZoneLives):
    def script(zone: Zone) -> None:
        make: Any = zone.prepare(Account)
        for wrong in (
            lambda: make(5),
            lambda: make("a", "5"),
            lambda: make("a", True),
            lambda: make("a", None),
        ):
            with pytest.raises(PatternMismatchError):
                wrong()
        account = make("a")
        for wrong in (
            lambda: account.deposit("5"),
            lambda: account.deposit(1.0),
            lambda: account.deposit(),
            lambda: account.deposit(1, 2),
        ):
            with pytest.raises(GuardError):
                wrong()
        assert account.read() == 0

    zones.run(script)


def test_an_assignment_inside_a_method_is_held_to_the_annotation(zones: ZoneLives):
    class Cell(Exo):
        value: int

        def put(self, value: Any) -> None:
            self.value = value

        def put_elsewhere(self) -> None:
            self.valeu = 1  # type: ignore[attr-defined]  # what is tested

        def remove(self) -> None:
            del self.value

    def script(zone: Zone) -> None:
        cell = zone.prepare(Cell)(1)
        with pytest.raises(PatternMismatchError, match="'value'"):
            cell.put("x")
        with pytest.raises(StateFieldError, match="'valeu'"):
            cell.put_elsewhere()
        with pytest.raises(StateFieldError):
            cell.remove()

    zones.run(script)


def test_fields_and_private_methods_are_not_reachable_from_outside(zones: ZoneLives):
    def script(zone: Zone) -> None:
        account: Any = zone.prepare(Account)("a")
        for name in ("owner", "balance", "_check", "LIMIT", "UNIT", "_vatdata_core"):
            assert not hasattr(account, name), name
        with pytest.raises(AttributeError):
            account.balance = 5

    zones.run(script)


def test_calling_the_class_itself_says_how_to_make_an_instance():
    with pytest.raises(TypeError, match=r"zone\.prepare\(Account\)"):
        Account("Alice")


def test_self_becomes_the_representative_when_it_is_returned_stored_or_sent(zones: ZoneLives):
    received: list[Any] = []

    class Node(Exo):
        name: str
        peer: Node | None = None
        parts: list[Any] = dataclasses.field(default_factory=list)

        def join(self, store: Any, sink: Any) -> tuple[Node, dict[str, Node]]:
            self.peer = self
            self.parts = [self, [self]]
            store.init(self, self)
            sink.take(self)
            return self, {"me": self}

        def stored(self) -> list[Any]:
            return [self.peer, self.parts]

        def is_me(self, other: Any) -> bool:
            return self == other and hash(self) == hash(other) and len({self, other}) == 1

    def script(zone: Zone) -> None:
        node, store = zone.prepare(Node)("n"), zone.map_store("s")
        sink = Far("Sink", {"take": received.append})
        me, by_name = node.join(store, sink)
        assert me is node
        assert by_name["me"] is node
        assert store.get(node) is node
        assert received.pop() == node
        assert node.stored() == (node, (node, (node,)))
        assert node.is_me(node)
        assert not node.is_me(5)

    zones.run(script)


def test_a_representative_is_an_instance_of_its_class_for_isinstance(zones: ZoneLives):
    class Other(Exo):
        name: str

    def script(zone: Zone) -> None:
        savings, other = zone.prepare(Savings)("a"), zone.prepare(Other)("b")
        assert isinstance(savings, Savings)
        assert isinstance(savings, Account)
        assert not isinstance(other, Account)
        assert not isinstance(5, Exo)

    zones.run(script)


def test_fields_and_methods_are_inherited_and_super_works(zones: ZoneLives):
    def script(zone: Zone) -> None:
        make = zone.prepare(Savings)
        savings = make("Alice", 10, interest=2)
        assert savings.deposit(1) == 13
        assert savings.twice(1) == 19
        assert savings.whose() == "Alice's EUR"
        with pytest.raises(ValueError, match="at most 100"):
            savings.deposit(99)

    zones.run(script)


def test_super_skips_the_guard_and_self_does_not(zones: ZoneLives):
    class Base(Exo):
        def take(self, x: int) -> Any:
            return type(x).__name__

    class Derived(Base):
        def through_super(self) -> Any:
            wrong: Any = "text"
            return super().take(wrong)

        def through_self(self) -> Any:
            wrong: Any = "text"
            return self.take(wrong)

    def script(zone: Zone) -> None:
        derived = zone.prepare(Derived)()
        assert derived.through_super() == "str"
        with pytest.raises(GuardError, match=r"Derived\.take"):
            derived.through_self()

    zones.run(script)


def test_properties_static_methods_and_mixins_work_inside(zones: ZoneLives):
    class Shouting:
        def shout(self) -> Any:
            return self.text.upper()  # type: ignore[attr-defined]  # the class it is mixed into has it

    class Note(Shouting, Exo):
        text: str

        @property
        def length(self) -> int:
            return len(self.text)

        @length.setter
        def length(self, length: int) -> None:
            self.text = self.text[:length]

        @staticmethod
        def double(x: int) -> int:
            return 2 * x

        def shorten(self) -> int:
            self.length = 2
            return self.double(self.length)

    def script(zone: Zone) -> None:
        note = zone.prepare(Note)("hello")
        assert note.shout() == "HELLO"
        assert note.shorten() == 4
        assert note.shout() == "HE"
        assert not hasattr(note, "length")
        assert not hasattr(note, "double")

    zones.run(script)


def test_fields_have_the_options_of_a_dataclass(zones: ZoneLives):
    class Options(Exo):
        first: int
        tags: list[str] = dataclasses.field(default_factory=lambda: ["new"])
        fixed: int = dataclasses.field(default=7, init=False)
        _: KW_ONLY
        named: str
        also: str = "x"

        def read(self) -> list[Any]:
            return [self.first, self.tags, self.fixed, self.named, self.also]

    def script(zone: Zone) -> None:
        make = zone.prepare(Options)
        assert make(1, named="n").read() == (1, ("new",), 7, "n", "x")
        assert make(1, ["t"], named="n", also="y").read() == (1, ("t",), 7, "n", "y")
        wrong: Any = make
        with pytest.raises(TypeError):
            wrong(1, ["t"], "n")

    zones.run(script)


def test_a_class_may_give_its_kind_another_name(zones: ZoneLives):
    class Purse(Exo, name="purse of the bank"):
        n: int = 0

        def read(self) -> int:
            return self.n

    class Wallet(Purse):
        pass

    def script(zone: Zone) -> None:
        assert repr(zone.prepare(Purse)()) == "<purse of the bank>"
        assert repr(zone.prepare(Wallet)()) == "<Wallet>"

    zones.run(script)


def test_a_class_uses_up_the_label_of_its_kind(zones: ZoneLives):
    def script(zone: Zone) -> None:
        zone.prepare(Account)
        with pytest.raises(LabelInUseError):
            zone.prepare(Account)
        with pytest.raises(LabelInUseError):
            zone.exo_class("Account", None, None, {})
        zone.sub_zone("sub").prepare(Account)

    zones.run(script)


def test_methods_keep_their_names_and_docstrings(zones: ZoneLives):
    def script(zone: Zone) -> None:
        account = zone.prepare(Account)("a")
        assert account.deposit.__name__ == "deposit"
        assert account.deposit.__doc__ == "Add to the balance."

    zones.run(script)


def test_async_methods_answer_with_a_promise(zones: ZoneLives):
    class Slow(Exo):
        total: int = 0

        async def add(self, amount: int) -> int:
            self.total += amount
            return self.total

        async def twice(self, amount: int) -> int:
            await self.add(amount)
            return await self.add(amount)

    zones.start(lambda zone: {"make": zone.prepare(Slow), "results": []})
    with zones.crank() as here:
        slow = here.make()
        good, bad = slow.twice(2), slow.twice("x")
    assert good.result() == 4
    assert isinstance(bad.exception(), GuardError)


def test_a_mutable_default_is_copied(zones: ZoneLives):
    shared = [1]

    class Holder(Exo):
        items: list[int] = shared  # what is tested

        def add(self, x: int) -> list[int]:
            self.items = [*self.items, x]
            return self.items

        def append(self, x: int) -> None:
            self.items.append(x)

    def script(zone: Zone) -> None:
        make = zone.prepare(Holder)
        assert make().add(2) == (1, 2)
        assert make().add(3) == (1, 3)
        with pytest.raises(AttributeError):
            make().append(4)
        assert shared == [1]

    zones.run(script)


def test_a_heap_object_cannot_be_a_durable_default_or_field(lives: Lives):
    class Holder(Exo):
        thing: Any = None

    def setup(baggage: Any) -> dict[str, Any]:
        make = make_durable_zone(baggage).prepare(Holder)
        with pytest.raises(TypeError, match="does not survive"):
            make(Far("x", {}))
        with pytest.raises(NotPassableError):
            make(object())
        return {}

    lives.start(setup)


def test_a_guard_error_names_the_kind_of_a_renamed_class(zones: ZoneLives):
    class Renamed(Exo, name="other"):
        def take(self, x: int) -> None: ...

    def script(zone: Zone) -> None:
        with pytest.raises(GuardError, match=r"other\.take"):
            zone.prepare(Renamed)().take("x")  # type: ignore[arg-type]  # what is tested

    zones.run(script)


def test_methods_with_free_keywords_need_to_be_without_annotations(zones: ZoneLives):
    class Free(Exo):
        def any(self, *args, **kwargs):
            return [args, kwargs]

    class Bound(Exo):
        def any(self, **kwargs: int) -> None: ...

    def script(zone: Zone) -> None:
        assert zone.prepare(Free)().any(1, a=2) == ((1,), Record(a=2))
        with pytest.raises(GuardDefinitionError, match="kwargs"):
            zone.prepare(Bound)

    zones.run(script)
