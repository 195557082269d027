"""The code of the simulated vats: it carries out operations given as data, and notes what it sees.

Three versions follow each other: the second adds a field by migration, the third also changes one.
"""

from __future__ import annotations

from typing import Any

from tests.trust.simulation.trace import interrupted, note, undo
from vatdata_runtime import (
    E,
    Far,
    M,
    make_promise_kit,
    make_scalar_big_map_store,
    prepare_exo_class,
    prepare_exo_class_kit,
    provide_durable_map_store,
    provide_durable_set_store,
    provide_durable_weak_map_store,
    provide_durable_weak_set_store,
    provide_kind_handle,
    provide_promise_watcher,
    watch_promise,
)


def build_1(powers: Any, _parameters: Any, baggage: Any) -> Any:
    return VatCode(powers, baggage, 1).root()


def build_2(powers: Any, _parameters: Any, baggage: Any) -> Any:
    return VatCode(powers, baggage, 2).root()


def build_3(powers: Any, _parameters: Any, baggage: Any) -> Any:
    return VatCode(powers, baggage, 3).root()


def build_raising(powers: Any, _parameters: Any, baggage: Any) -> Any:
    """Everything is defined and something is written, then the start fails."""
    code = VatCode(powers, baggage, 3)
    code.journal.init("of a start that failed", 1)
    undo()
    raise ValueError("this code does not start")


def build_forgetful(_powers: Any, _parameters: Any, baggage: Any) -> Any:
    """The stored kinds are not prepared."""
    provide_durable_map_store(baggage, "journal").init("of a start that failed", 1)
    return Far("Root", {})


def migrate(old: Any, from_version: int) -> dict[str, Any]:
    """Bring a state to version 3, or to version 2 where that is what the caller keeps."""
    fresh = dict(old)
    if from_version < 2:
        fresh["extra"] = f"was {old['value']}"
    return fresh


def migrate_to_3(old: Any, from_version: int) -> dict[str, Any]:
    fresh = migrate(old, from_version)
    fresh["value"] = old["value"] * 10
    return fresh


class VatCode:
    """One incarnation of a simulated vat.

    Everything durable is found through ``things``: names to objects. ``names`` tells the name of an object by its
    identity, so that what is read back in another incarnation shows whether it is the same.
    """

    def __init__(self, powers: Any, baggage: Any, version: int) -> None:
        self.vat, self.incarnation, self.version = powers.vat_name, powers.incarnation, version
        self.powers = powers
        versions: dict[str, Any] = {"version": version}
        if version > 1:
            versions["migrate"] = migrate if version == 2 else migrate_to_3
        node = {"bump": self.bump_of, "set": set_field, "get": get_field}
        facets = {"left": {**node, "right": lambda this: this.facets.right}, "right": node}
        self.make_node = prepare_exo_class(baggage, "Node", None, self.fields, node, **versions)
        self.make_pair = prepare_exo_class_kit(baggage, "Pair", None, self.fields, facets, **versions)
        self.make_alarm = prepare_exo_class(
            baggage, "Alarm", None, lambda number: {"number": number}, {"wake": self.wake_of}
        )
        self.things = provide_durable_map_store(baggage, "things")
        self.strong = provide_durable_map_store(baggage, "strong")
        self.members = provide_durable_set_store(baggage, "members")
        self.journal = provide_durable_map_store(baggage, "journal")
        self.peers = provide_durable_map_store(baggage, "peers")
        self.foreign = provide_durable_map_store(baggage, "foreign")
        self.names = provide_durable_weak_map_store(baggage, "names")
        self.weak = provide_durable_weak_map_store(baggage, "weak")
        self.weak_members = provide_durable_weak_set_store(baggage, "weak members")
        self.passing = make_scalar_big_map_store("passing")
        self.kits: dict[int, Any] = {}
        handle = provide_kind_handle(baggage, "Watcher")
        self.watcher = provide_promise_watcher(handle, self.on_watched, self.on_lost)
        note("started", self.vat, self.incarnation, version, self.state())

    def root(self) -> Any:
        methods = ("perform", "look", "accept", "take", "give_back", "meet")
        return Far("Root", {name: getattr(self, name) for name in methods})

    def fields(self, value: int) -> dict[str, Any]:
        fields: dict[str, Any] = {"value": value, "a": None, "b": None}
        if self.version > 1:
            fields["extra"] = "new"
        return fields

    # --- messages

    def perform(self, message: int, operations: Any) -> Any:
        """Carry out operations in one crank."""
        self.consume(message)
        seen: list[Any] = []
        for operation in operations:
            name, *arguments = operation
            if name == "interrupt":
                if message not in interrupted:
                    interrupted.add(message)
                    undo()
                    note("interrupted", self.vat, message)
                    raise KeyboardInterrupt
                continue
            if name == "die":
                undo()
                note("undone", self.vat, message)
                raise SystemExit("the vat dies")
            if name in ("fail", "exit"):
                note("performed", self.vat, message, tuple(seen))
                if name == "exit":
                    note("exited", self.vat)
                    self.powers.exit_vat("as planned")
                    return (message, len(seen))
                raise ValueError("as planned")
            seen.append(getattr(self, name)(*arguments))
        note("performed", self.vat, message, tuple(seen))
        return (message, len(seen))

    def consume(self, message: int) -> None:
        # Effects are counted where they would be doubled or lost: in the data of the vat.
        count = self.journal.get(message) if self.journal.has(message) else 0
        self.journal.add_all([(message, count + 1)])

    def look(self, message: int, name: str) -> Any:
        """Return a thing by name."""
        self.consume(message)
        found = self.things.has(name)
        note("looked", self.vat, message, found)
        return self.things.get(name)

    def accept(self, message: int, key: str, thing: Any) -> None:
        """Keep another vat's object."""
        self.consume(message)
        if self.foreign.has(key):
            assert self.foreign.get(key) is thing, f"{key} came again as another object"
        else:
            self.foreign.init(key, thing)
        note("accepted", self.vat, message)

    def give_back(self, message: int, thing: Any) -> None:
        """Recognize an own object that comes back."""
        self.consume(message)
        note("recognized", self.vat, message, self.names.get(thing))

    def take(self, message: int, promise: Any) -> None:
        """Wait for a promise of another vat."""
        self.consume(message)
        note("accepted", self.vat, message)
        self.hear(promise, "took", message)

    def meet(self, message: int, name: str, root: Any) -> None:
        self.consume(message)
        self.peers.init(name, root)
        note("met", self.vat, message, name)

    def bump_of(self, this: Any, message: int) -> Any:
        """A method of a thing, called by other vats."""
        self.consume(message)
        this.state.value += 1
        own = this.self if hasattr(this, "self") else this.facets.left
        note("bumped", self.vat, message, self.names.get(own), this.state.value)
        return this.state.value

    def wake_of(self, this: Any, time: float) -> None:
        """Called by the timer."""
        self.consume(-this.state.number)
        note("woken", self.vat, this.state.number, time)

    def hear(self, promise: Any, what: str, number: int) -> None:
        """Note how a promise settles, in the crank in which it does."""

        def on_fulfilled(value: Any) -> None:
            self.consume(-number)
            note(what, self.vat, number, True, value)

        def on_rejected(reason: Exception) -> None:
            self.consume(-number)
            note(what, self.vat, number, False, name_of_error(reason))

        E.when(promise, on_fulfilled, on_rejected)

    def on_watched(self, value: Any, number: int) -> None:
        self.die_of(number)
        self.consume(-number)
        note("watched", self.vat, number, True, value)

    def die_of(self, number: int) -> None:
        """Some watchers make the crank in which they are told one that cannot be kept."""
        if number % 11 == 0:
            undo()
            note("gave_up", self.vat, number)
            raise SystemExit("the watcher dies")

    def on_lost(self, reason: Exception, number: int) -> None:
        self.consume(-number)
        note("watched", self.vat, number, False, name_of_error(reason))

    # --- operations on own data

    def make(self, name: str, sort: str, value: int) -> bool:
        if sort == "kit":
            pair = self.make_pair(value)
            thing = pair.left
            self.names.init(pair.right, f"{name}/right")
        else:
            thing = self.make_node(value)
        self.names.init(thing, name)
        self.things.init(name, thing)
        return True

    def find(self, name: Any) -> Any:
        """Return a thing, or a facet of one, by name; None where there is none."""
        base, _, facet = str(name).partition("/")
        if not self.things.has(base):
            return None
        thing = self.things.get(base)
        if not facet:
            return thing
        return thing.right() if hasattr(thing, "right") else None

    def link(self, name: str, field: str, target: str | None) -> bool:
        thing = self.find(name)
        other = None if target is None else self.find(target)
        if thing is None or (target is not None and other is None):
            return False
        thing.set(field, other)
        return True

    def set_value(self, name: str, value: int) -> bool:
        thing = self.find(name)
        if thing is None:
            return False
        thing.set("value", value)
        return True

    def read(self, name: str) -> Any:
        thing = self.find(name)
        if thing is None:
            return None
        assert self.find(name) is thing, "an object has one representative"
        return self.state_of(thing)

    def state_of(self, thing: Any) -> Any:
        parts = [thing.get("value"), self.name(thing.get("a")), self.name(thing.get("b"))]
        if self.version > 1:
            parts.append(thing.get("extra"))
        return tuple(parts)

    def name(self, thing: Any) -> Any:
        return None if thing is None else self.names.get(thing)

    def drop(self, name: str) -> bool:
        if not self.things.has(name):
            return False
        self.things.delete(name)
        return True

    def put(self, store: str, key: Any, value: Any) -> bool:
        """Write to a map: *key* and *value* are texts, or names of things."""
        key, value = self.meant(key), self.meant(value)
        if key is None or value is None:
            return False
        target = getattr(self, store)
        if target.has(key):
            target.set(key, value)
        else:
            target.init(key, value)
        return True

    def remove(self, store: str, key: Any) -> bool:
        key = self.meant(key)
        target = getattr(self, store)
        if key is None or not target.has(key):
            return False
        target.delete(key)
        return True

    def add(self, store: str, key: Any) -> bool:
        key = self.meant(key)
        if key is None:
            return False
        getattr(self, store).add(key)
        return True

    def meant(self, what: Any) -> Any:
        sort, value = what
        return value if sort == "text" else self.find(value)

    def bulk(self, entries: Any, is_bad: bool) -> bool:
        """Write several entries whole or not at all: a bad one, at the end, takes all of them back."""
        pairs = [*entries, *([("bad", Far("Heap", {}))] if is_bad else [])]
        try:
            self.strong.add_all(pairs)
        except TypeError:
            return False
        return True

    def sizes(self) -> Any:
        return (self.things.get_size(), self.strong.get_size(), self.members.get_size())

    def between(self, low: str, high: str) -> Any:
        texts = M.and_(M.gte(low), M.lt(high))
        return tuple(self.strong.keys(texts))

    def pass_on(self, key: str, value: int) -> None:
        if self.passing.has(key):
            self.passing.set(key, value)
        else:
            self.passing.init(key, value)

    def passed(self) -> Any:
        return tuple(self.passing.entries())

    # --- operations on other vats

    def send(self, peer: str, message: int, operations: Any) -> bool:
        if not self.peers.has(peer):
            return False
        E.send_only(self.peers.get(peer)).perform(message, operations)
        return True

    def ask(self, peer: str, message: int, operations: Any) -> bool:
        if not self.peers.has(peer):
            return False
        self.hear(E(self.peers.get(peer)).perform(message, operations), "answered", message)
        return True

    def watch(self, peer: str, message: int, operations: Any) -> bool:
        if not self.peers.has(peer):
            return False
        watch_promise(E(self.peers.get(peer)).perform(message, operations), self.watcher, message)
        return True

    def pipeline(self, peer: str, name: str, look: int, bump: int) -> bool:
        if not self.peers.has(peer):
            return False
        self.hear(E(E(self.peers.get(peer)).look(look, name)).bump(bump), "answered", bump)
        return True

    def device(self, message: int) -> bool:
        self.hear(E(self.powers.devices["ledger"]).write(message), "answered", message)
        return True

    def watch_device(self, message: int) -> bool:
        watch_promise(E(self.powers.devices["ledger"]).write(message), self.watcher, message)
        return True

    def wake(self, when: float, message: int) -> bool:
        E.send_only(self.powers.timer).wake_at(when, self.make_alarm(message))
        return True

    def promise(self, peer: str, message: int) -> bool:
        if not self.peers.has(peer):
            return False
        self.kits[message] = make_promise_kit()
        E.send_only(self.peers.get(peer)).take(message, self.kits[message].promise)
        return True

    def resolve(self, value: int) -> Any:
        """Settle the oldest promise that this incarnation has made."""
        if not self.kits:
            return None
        message = min(self.kits)
        self.kits.pop(message).resolve(value)
        return message

    def lend(self, peer: str, message: int, name: str) -> bool:
        thing = self.find(name)
        if thing is None or not self.peers.has(peer):
            return False
        E.send_only(self.peers.get(peer)).accept(message, f"{self.vat}:{name}", thing)
        return True

    def poke(self, key: str, message: int) -> bool:
        if not self.foreign.has(key):
            return False
        E.send_only(self.foreign.get(key)).bump(message)
        return True

    def send_back(self, key: str, message: int) -> bool:
        owner = key.partition(":")[0]
        if not self.foreign.has(key) or not self.peers.has(owner):
            return False
        E.send_only(self.peers.get(owner)).give_back(message, self.foreign.get(key))
        return True

    def forget(self, key: str) -> bool:
        if not self.foreign.has(key):
            return False
        self.foreign.delete(key)
        return True

    # --- what the next incarnation finds

    def state(self) -> dict[str, Any]:
        """Read everything durable, with objects told by their names."""
        nodes: dict[str, Any] = {}
        ahead = [*self.things.values(), *self.strong.keys(), *self.strong.values(), *self.members.keys()]
        weak: dict[str, Any] = {}
        weak_members: list[str] = []
        while ahead:
            thing = ahead.pop()
            if thing is None or isinstance(thing, (str, int)) or self.names.get(thing) in nodes:
                continue
            name = self.names.get(thing)
            nodes[name] = self.state_of(thing)
            ahead += [thing.get("a"), thing.get("b")]
            if self.weak.has(thing):
                weak[name] = self.told(self.weak.get(thing))
                ahead.append(self.weak.get(thing))
            if self.weak_members.has(thing):
                weak_members.append(name)
        return {
            "things": {name: self.names.get(thing) for name, thing in self.things.entries()},
            "nodes": nodes,
            "strong": {self.told(key): self.told(value) for key, value in self.strong.entries()},
            "members": sorted(self.told(key) for key in self.members),
            "weak": weak,
            "weak members": sorted(weak_members),
            "journal": dict(self.journal.entries()),
            "peers": sorted(self.peers.keys()),
            "foreign": sorted(self.foreign.keys()),
        }

    def told(self, value: Any) -> Any:
        return ("text", value) if isinstance(value, (str, int)) else ("thing", self.names.get(value))


def set_field(this: Any, field: str, value: Any) -> None:
    setattr(this.state, field, value)


def get_field(this: Any, field: str) -> Any:
    return getattr(this.state, field)


def name_of_error(error: Exception) -> str:
    """Return the class of an error; where it has come as ``RemoteError``, the class that it had."""
    return str(getattr(error, "class_name", type(error).__name__))
