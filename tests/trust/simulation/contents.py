"""What one simulated vat holds, as plain data: objects by name, and stores as dicts and sets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Node", "VatContents", "base"]

Told = tuple[str, Any]


@dataclass
class Node:
    """The state of a thing, of a cohort if it is a kit."""

    sort: str
    value: int
    a: str | None = None
    b: str | None = None
    extra: str | None = None


def base(name: str) -> str:
    """Return the name of a thing without that of a facet."""
    return name.partition("/")[0]


@dataclass
class VatContents:
    """One vat. The methods that bear the name of an operation do what it does and return what it must return.

    Attributes:
        nodes: every thing that was ever made, garbage too.
        deleted: things that a search for cycles has deleted.
        doubtful: things that a search for cycles was to delete when it was broken off.
        exported: things that other vats or the host program were ever given.
        kits: promises that the incarnation has made and not settled, by message.
        passing: virtual data.
    """

    name: str
    incarnation: int = -1
    version: int = 1
    is_alive: bool = True
    things: set[str] = field(default_factory=set)
    nodes: dict[str, Node] = field(default_factory=dict)
    strong: dict[Told, Told] = field(default_factory=dict)
    members: set[Told] = field(default_factory=set)
    weak: dict[Told, Told] = field(default_factory=dict)
    weak_members: set[Told] = field(default_factory=set)
    journal: dict[int, int] = field(default_factory=dict)
    peers: set[str] = field(default_factory=set)
    foreign: set[str] = field(default_factory=set)
    exported: set[str] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)
    doubtful: set[str] = field(default_factory=set)
    kits: list[int] = field(default_factory=list)
    passing: dict[str, int] = field(default_factory=dict)

    def end_incarnation(self) -> None:
        self.kits.clear()
        self.passing.clear()

    def migrate(self, version: int) -> None:
        """Bring every thing to the state that the code of *version* sees."""
        for node in self.nodes.values():
            if self.version < 2 <= version:
                node.extra = f"was {node.value}"
            if self.version < 3 <= version:
                node.value *= 10
        self.version = version

    def find(self, name: str) -> str | None:
        first, _, facet = name.partition("/")
        if first not in self.things:
            return None
        return None if facet and self.nodes[first].sort != "kit" else name

    def meant(self, what: Told) -> Told | None:
        sort, value = what
        if sort == "thing":
            return None if self.find(value) is None else what
        return what

    # --- operations

    def make(self, name: str, sort: str, value: int) -> bool:
        self.nodes[name] = Node(sort, value, extra="new" if self.version > 1 else None)
        self.things.add(name)
        return True

    def link(self, name: str, which: str, target: str | None) -> bool:
        if self.find(name) is None or (target is not None and self.find(target) is None):
            return False
        setattr(self.nodes[base(name)], which, target)
        return True

    def set_value(self, name: str, value: int) -> bool:
        if self.find(name) is None:
            return False
        self.nodes[base(name)].value = value
        return True

    def read(self, name: str) -> Any:
        return None if self.find(name) is None else self.state_of(name)

    def state_of(self, name: str) -> tuple[Any, ...]:
        node = self.nodes[base(name)]
        state = (node.value, node.a, node.b)
        return (*state, node.extra) if self.version > 1 else state

    def drop(self, name: str) -> bool:
        if name not in self.things:
            return False
        self.things.remove(name)
        return True

    def put(self, store: str, key: Told, value: Told) -> bool:
        if self.meant(key) is None or self.meant(value) is None:
            return False
        getattr(self, store)[key] = value
        return True

    def remove(self, store: str, key: Told) -> bool:
        target = getattr(self, store)
        if self.meant(key) is None or key not in target:
            return False
        if isinstance(target, set):
            target.remove(key)
        else:
            del target[key]
        return True

    def add(self, store: str, key: Told) -> bool:
        if self.meant(key) is None:
            return False
        getattr(self, store).add(key)
        return True

    def bulk(self, entries: Iterable[tuple[str, str]], is_bad: bool) -> bool:
        if not is_bad:
            self.strong.update({("text", key): ("text", value) for key, value in entries})
        return not is_bad

    def sizes(self) -> tuple[int, int, int]:
        return (len(self.things), len(self.strong), len(self.members))

    def between(self, low: str, high: str) -> tuple[str, ...]:
        return tuple(sorted(value for sort, value in self.strong if sort == "text" and low <= value < high))

    def pass_on(self, key: str, value: int) -> None:
        self.passing[key] = value

    def passed(self) -> tuple[tuple[str, int], ...]:
        return tuple(sorted(self.passing.items()))

    # --- what is kept

    def reachable(self, held: Iterable[str] = ()) -> set[str]:
        """Names of the things that the stores, or *held*, lead to; a kit is there with all its facets."""
        found: set[str] = set()
        ahead = [*self._roots(), *held]
        while ahead:
            name = base(ahead.pop())
            if name not in found:
                found.add(name)
                ahead += self._mentions(name)
                ahead += _things(value for key, value in self.weak.items() if base(key[1]) == name)
        return found

    def mentioned(self, others: Iterable[str]) -> set[str]:
        """Names of the things that are left when what nothing mentions is deleted again and again: cycles stay.

        Args:
            others: names of what is held from outside.
        """
        left = self.nodes.keys() - self.deleted
        while True:
            held = {base(name) for name in (*self._roots(), *others)}
            held |= {base(target) for name in left for target in self._mentions(name)}
            held |= {base(n) for n in _things(v for k, v in self.weak.items() if base(k[1]) in left)}
            if left <= held:
                return left
            left &= held

    def _roots(self) -> list[str]:
        return [*self.things, *_things((*self.strong, *self.strong.values(), *self.members))]

    def _mentions(self, name: str) -> list[str]:
        node = self.nodes[base(name)]
        return [target for target in (node.a, node.b) if target is not None]

    def state(self) -> dict[str, Any]:
        """What the next incarnation must find, in the form in which ``VatCode.state`` tells it."""
        seen = self._seen()
        return {
            "things": {name: name for name in self.things},
            "nodes": {name: self.state_of(name) for name in seen},
            "strong": dict(self.strong),
            "members": sorted(self.members),
            "weak": {key[1]: value for key, value in self.weak.items() if key[1] in seen},
            "weak members": sorted(key[1] for key in self.weak_members if key[1] in seen),
            "journal": dict(self.journal),
            "peers": sorted(self.peers),
            "foreign": sorted(self.foreign),
        }

    def _seen(self) -> set[str]:
        """Names, each facet by its own, that a walk through the stores meets."""
        seen: set[str] = set()
        ahead = self._roots()
        while ahead:
            name = ahead.pop()
            if name not in seen:
                seen.add(name)
                ahead += self._mentions(name)
                ahead += _things(value for key, value in self.weak.items() if key == ("thing", name))
        return seen


def _things(told: Iterable[Told]) -> list[str]:
    return [value for sort, value in told if sort == "thing"]
