"""What happens in one seeded run: actions of the host program and operations inside vats, drawn as data."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .contents import VatContents

__all__ = ["MessagePlan", "Plan"]

_TEXTS = ("a", "b", "c", "d", "e", "f")
_DEPTH = 2

# How often each operation is drawn. New ones are added here, in ``vat_code`` and in ``model``, under one name.
_OPERATIONS = {
    "make": 10,
    "link": 8,
    "set_value": 4,
    "read": 6,
    "drop": 5,
    "put": 8,
    "remove": 4,
    "add": 4,
    "bulk": 2,
    "sizes": 2,
    "between": 2,
    "pass_on": 3,
    "passed": 2,
    "send": 6,
    "ask": 6,
    "watch": 4,
    "pipeline": 4,
    "promise": 5,
    "resolve": 5,
    "lend": 8,
    "poke": 6,
    "send_back": 4,
    "forget": 2,
    "device": 4,
    "watch_device": 2,
    "wake": 4,
    "fail": 1,
    "die": 1,
    "interrupt": 1,
}


@dataclass(frozen=True)
class MessagePlan:
    """What a message will do where it arrives.

    Attributes:
        method: which method of the root, or ``bump`` of a thing.
        operations: for ``perform``.
        subject: the name or key that the message is about.
        after: the number of the message whose result it is sent to, for a pipelined one.
    """

    method: str
    operations: tuple[Any, ...] = ()
    subject: str = ""
    after: int | None = None


class Plan:
    """Draws from one seed; remembers each message by its number.

    Most subjects are drawn from what is there, as far as the last life has told: what operations on nothing do is soon
    known, and most seeds would do little else.

    Attributes:
        now: what the clock shows, which sometimes jumps.
        world: the vats as the last life has left them.
    """

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.messages: dict[int, MessagePlan] = {}
        self.things: dict[str, list[str]] = {}
        self.vats: list[str] = []
        self.now = 1_000_000.0
        self.world: Mapping[str, VatContents] = {}

    def new_message(self, *arguments: Any, **options: Any) -> int:
        number = len(self.messages) + 1
        self.messages[number] = MessagePlan(*arguments, **options)
        return number

    def new_vat(self) -> str:
        name = f"vat{len(self.things)}"
        self.things[name] = []
        self.vats.append(name)
        return name

    def end_vat(self, name: str) -> None:
        """Draw no more messages to a vat; its name is not used again."""
        if name in self.vats:
            self.vats.remove(name)

    def operations(self, vat: str, depth: int = _DEPTH) -> tuple[Any, ...]:
        """Draw what one crank of *vat* does."""
        names = self.dice.choices(
            list(_OPERATIONS), list(_OPERATIONS.values()), k=self.dice.choice((0, 1, 2, 3, 5, 8, 12))
        )
        return tuple(self._draw(name, vat, depth) for name in names)

    def first_operations(self, vat: str) -> tuple[Any, ...]:
        """Draw what gives a new vat something to work with."""
        makings = [self._draw("make", vat, 0) for _ in range(self.dice.randrange(2, 9))]
        others = self.dice.choices(("link", "put", "add", "put", "lend"), k=self.dice.randrange(12))
        return (*makings, *(self._draw(name, vat, 0) for name in others))

    def thing(self, vat: str) -> str:
        """Draw the name of a thing that may exist."""
        return self._thing(vat).partition("/")[0]

    def _draw(self, name: str, vat: str, depth: int) -> tuple[Any, ...]:
        draw = getattr(self, f"_{name}", None)
        if draw is None:
            return (name,)
        return (name, *draw(vat, depth))

    # --- subjects

    def _one_of(self, known: Iterable[Any], share: float) -> Any:
        """Draw one of what is known, in so many of all cases; else, and where nothing is, None."""
        names = sorted(known)
        return self.dice.choice(names) if names and self.dice.random() < share else None

    def _thing(self, vat: str) -> str:
        """Draw the name of a thing that may exist, mostly one that was there or is young."""
        known = self.world[vat].things if vat in self.world else ()
        name: str = self._one_of(known, 0.6) or self.dice.choice(self.things[vat][-12:] or ["nothing"])
        return f"{name}/right" if self.dice.random() < 0.2 else name

    def _peer(self, vat: str) -> str:
        others = [name for name in self.vats if name != vat]
        return self.dice.choice(others) if others else "nobody"

    def _what(self, vat: str) -> tuple[str, Any]:
        if self.dice.random() < 0.5:
            return ("text", self.dice.choice(_TEXTS))
        return ("thing", self._thing(vat))

    def _key(self, vat: str, store: str) -> tuple[str, Any]:
        """Draw a key of a store of *vat*, mostly one that is there."""
        known = getattr(self.world[vat], store) if vat in self.world else ()
        key: tuple[str, Any] | None = self._one_of(known, 0.6)
        return key or (("thing", self._thing(vat)) if store.startswith("weak") else self._what(vat))

    def _foreign(self, vat: str) -> str:
        known: str | None = self._one_of(self.world[vat].foreign if vat in self.world else (), 0.8)
        owner = self._peer(vat)
        return known or (f"{owner}:{self._thing(owner)}" if owner in self.things else "nobody:nothing")

    # --- arguments of operations

    def _make(self, vat: str, _depth: int) -> tuple[Any, ...]:
        name = f"{vat}.{len(self.things[vat])}"
        self.things[vat].append(name)
        return (name, self.dice.choice(("node", "kit")), self.dice.randrange(100))

    def _link(self, vat: str, _depth: int) -> tuple[Any, ...]:
        target = None if self.dice.random() < 0.2 else self._thing(vat)
        return (self._thing(vat), self.dice.choice("ab"), target)

    def _set_value(self, vat: str, _depth: int) -> tuple[Any, ...]:
        return (self._thing(vat), self.dice.randrange(100))

    def _read(self, vat: str, _depth: int) -> tuple[Any, ...]:
        return (self._thing(vat),)

    def _drop(self, vat: str, _depth: int) -> tuple[Any, ...]:
        return (self._thing(vat).partition("/")[0],)

    def _put(self, vat: str, _depth: int) -> tuple[Any, ...]:
        value = self._what(vat)
        if self.dice.random() < 0.1:
            value = ("text", "large " * self.dice.choice((100, 1000, 4000)))
        store = "weak" if self.dice.random() < 0.4 else "strong"
        return (store, self._key(vat, store), value)

    def _remove(self, vat: str, _depth: int) -> tuple[Any, ...]:
        store = self.dice.choice(("strong", "members", "weak", "weak_members"))
        return (store, self._key(vat, store))

    def _add(self, vat: str, _depth: int) -> tuple[Any, ...]:
        store = self.dice.choice(("members", "weak_members"))
        return (store, self._key(vat, store))

    def _bulk(self, _vat: str, _depth: int) -> tuple[Any, ...]:
        keys = self.dice.sample(_TEXTS, 2)
        return (tuple((key, self.dice.choice(_TEXTS)) for key in keys), self.dice.random() < 0.4)

    def _between(self, _vat: str, _depth: int) -> tuple[Any, ...]:
        return tuple(sorted(self.dice.sample(_TEXTS, 2)))

    def _pass_on(self, _vat: str, _depth: int) -> tuple[Any, ...]:
        return (self.dice.choice(_TEXTS), self.dice.randrange(100))

    def _send(self, vat: str, depth: int) -> tuple[Any, ...]:
        peer = self._peer(vat)
        operations = self.operations(peer, depth - 1) if depth and peer in self.things else ()
        return (peer, self.new_message("perform", operations), operations)

    _ask = _send
    _watch = _send

    def _pipeline(self, vat: str, _depth: int) -> tuple[Any, ...]:
        peer = self._peer(vat)
        name = self._thing(peer).partition("/")[0] if peer in self.things else "nothing"
        look = self.new_message("look", subject=name)
        return (peer, name, look, self.new_message("bump", subject=name, after=look))

    def _device(self, _vat: str, _depth: int) -> tuple[Any, ...]:
        return (self.new_message("write"),)

    _watch_device = _device

    def _wake(self, _vat: str, _depth: int) -> tuple[Any, ...]:
        return (self.now + self.dice.choice((-5.0, 0.0, 1.0, 10.0, 60.0)), self.new_message("wake"))

    def _promise(self, vat: str, _depth: int) -> tuple[Any, ...]:
        return (self._peer(vat), self.new_message("take"))

    def _resolve(self, _vat: str, _depth: int) -> tuple[Any, ...]:
        return (self.dice.randrange(100),)

    def _lend(self, vat: str, _depth: int) -> tuple[Any, ...]:
        name = self._thing(vat)
        return (self._peer(vat), self.new_message("accept", subject=f"{vat}:{name}"), name)

    def _poke(self, vat: str, _depth: int) -> tuple[Any, ...]:
        key = self._foreign(vat)
        return (key, self.new_message("bump", subject=key.partition(":")[2].partition("/")[0]))

    def _send_back(self, vat: str, _depth: int) -> tuple[Any, ...]:
        key = self._foreign(vat)
        return (key, self.new_message("give_back", subject=key.partition(":")[2]))

    def _forget(self, vat: str, _depth: int) -> tuple[Any, ...]:
        return (self._foreign(vat),)
