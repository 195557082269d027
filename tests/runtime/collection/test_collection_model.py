"""Objects, kits, stores and references beside a graph: after collection exactly what nothing keeps is gone."""

from __future__ import annotations

import contextlib
import copy
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.runtime.collection.world import FIELDS, World
from vatdata_runtime import (
    make_scalar_big_map_store,
    make_scalar_big_set_store,
    make_scalar_big_weak_map_store,
    make_scalar_big_weak_set_store,
)
from vatdata_runtime.vat.verify import verify_vat

STORES = {
    "map": make_scalar_big_map_store,
    "set": make_scalar_big_set_store,
    "weak map": make_scalar_big_weak_map_store,
    "weak set": make_scalar_big_weak_set_store,
}
SORTS = ("node", "kit", *STORES)
ZONES = ("durable", "virtual")
MAPS, SETS, WEAK = ("map", "weak map"), ("set", "weak set"), ("weak map", "weak set")


@dataclass
class Thing:
    """An object of the model.

    Attributes:
        fields: mentions by field, of nodes and kits.
        entries: key to value, of stores. A key is ``("thing", id, facet)`` or ``("text", text)``; a value an id or None.
    """

    sort: str
    zone: str
    base: bytes
    fields: dict[str, int | None] = field(default_factory=dict)
    entries: dict[tuple, int | None] = field(default_factory=dict)

    @property
    def mentions(self) -> set[int]:
        """Ids of what this keeps alive by a count."""
        found = {target for target in (*self.fields.values(), *self.entries.values()) if target is not None}
        if self.sort not in WEAK:
            found |= {key[1] for key in self.entries if key[0] == "thing"}
        return found


@dataclass
class Model:
    things: dict[int, Thing] = field(default_factory=dict)
    baggage: dict[str, int] = field(default_factory=dict)

    def delete(self, dead: set[int]) -> None:
        for number in dead:
            del self.things[number]
        for thing in self.things.values():
            for key in [key for key in thing.entries if key[0] == "thing" and key[1] in dead]:
                assert thing.sort in WEAK
                del thing.entries[key]

    def collect(self, held: set[int]) -> None:
        """Delete what has no holder, again and again: cycles stay."""
        while True:
            counted = set(self.baggage.values()) | held
            for thing in self.things.values():
                counted |= thing.mentions
            dead = self.things.keys() - counted
            if not dead:
                return
            self.delete(dead)

    def collect_cycles(self, held: set[int]) -> None:
        """Keep what can be reached; the value of a weak entry is reached through store and key together."""
        reached: set[int] = set()
        found = set(self.baggage.values()) | held
        while found - reached:
            reached |= found
            for number in list(reached):
                thing = self.things[number]
                if thing.sort == "weak map":
                    found |= {
                        value
                        for key, value in thing.entries.items()
                        if value is not None and (key[0] == "text" or key[1] in reached)
                    }
                else:
                    found |= thing.mentions
        self.delete(self.things.keys() - reached)


class CollectionModel(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.world = World(Path(self.folder.name) / "vat.db")
        self.model = Model()
        self.held: dict[tuple[int, str], object] = {}
        self.refs: dict[int, object] = {}
        self.next_number = 0

    def teardown(self) -> None:
        self.held.clear()
        self.refs.clear()
        self.world.close()
        self.folder.cleanup()

    # --- steps

    @contextlib.contextmanager
    def step(self, is_aborted: bool):
        """Run a crank; what it did to model and memory is taken back with it."""
        model, held = copy.deepcopy(self.model), dict(self.held)
        with self.world.aborted_crank() if is_aborted else self.world.crank():
            yield
        if is_aborted:
            self.model, self.held = model, held

    def pick(self, data, sorts=SORTS, zone=None):
        """Choose something held, or None if nothing fits."""
        fitting = [
            place
            for place in self.held
            if self.model.things[place[0]].sort in sorts
            and (zone is None or self.model.things[place[0]].zone == zone or zone == "virtual")
        ]
        return data.draw(st.sampled_from(sorted(fitting))) if fitting else None

    # --- what happens in cranks

    @initialize()
    def begin_with_one_of_each(self):
        with self.step(False):
            for zone in ZONES:
                for sort in SORTS:
                    self.make_thing(sort, zone)

    @rule(data=st.data(), is_aborted=st.sampled_from([False, False, False, True]))
    def run_crank(self, data, is_aborted):
        often = (self.put, self.put, self.put, self.set_field, self.set_field)
        rarely = (
            self.make,
            self.fetch_field,
            self.remove,
            self.clear,
            self.keep,
            self.fetch,
            self.drop,
            self.forget,
        )
        operations = st.lists(st.sampled_from((*often, *rarely)), min_size=3, max_size=12)
        with self.step(is_aborted):
            for operate in data.draw(operations):
                operate(data)

    def make(self, data):
        self.make_thing(data.draw(st.sampled_from(SORTS)), data.draw(st.sampled_from(ZONES)))

    def make_thing(self, sort, zone):
        number = self.next_number
        self.next_number += 1
        if sort in STORES:
            objects = {"": STORES[sort]("label", durable=zone == "durable")}
        elif sort == "node":
            objects = {"": self.world.make[zone, sort]()}
        else:
            objects = dict(self.world.make[zone, sort]())
        slot = self.world.incarnation.marshal.stored_slot(next(iter(objects.values())))
        thing = Thing(sort, zone, slot[:-1] if sort == "kit" else slot)
        if sort in ("node", "kit"):
            thing.fields = dict.fromkeys(FIELDS)
        self.model.things[number] = thing
        for facet, obj in objects.items():
            self.held[number, facet] = obj

    def set_field(self, data):
        if holder := self.pick(data, ("node", "kit")):
            thing = self.model.things[holder[0]]
            target = self.pick(data, SORTS, thing.zone) if data.draw(st.integers(0, 3)) else None
            name = data.draw(st.sampled_from(FIELDS))
            self.held[holder].set(name, None if target is None else self.held[target])
            thing.fields[name] = None if target is None else target[0]

    def fetch_field(self, data):
        if holder := self.pick(data, ("node", "kit")):
            name = data.draw(st.sampled_from(FIELDS))
            target = self.model.things[holder[0]].fields[name]
            found = self.held[holder].get(name)
            assert (found is None) == (target is None)
            if target is not None:
                self.take(target, found)

    def take(self, number: int, obj: object) -> None:
        """Hold what was read; it must be what is held already."""
        slot = self.world.incarnation.marshal.stored_slot(obj)
        thing = self.model.things[number]
        assert slot is not None
        assert slot.startswith(thing.base)
        facet = {b"": "", b"\0": "left", b"\1": "right"}[slot[len(thing.base) :]]
        assert self.held.get((number, facet), obj) is obj
        self.held[number, facet] = obj

    def key(self, data, thing: Thing):
        """Choose a key for a store: a held object of a zone that fits, or a text."""
        place = self.pick(data, SORTS, thing.zone) if data.draw(st.integers(0, 3)) else None
        if place is None:
            text = data.draw(st.sampled_from(["x", "y"]))
            return ("text", text), text
        return ("thing", *place), self.held[place]

    def put(self, data):
        if holder := self.pick(data, tuple(STORES)):
            thing, store = self.model.things[holder[0]], self.held[holder]
            place, key = self.key(data, thing)
            has_value = thing.sort in MAPS and data.draw(st.booleans())
            target = self.pick(data, SORTS, thing.zone) if has_value else None
            value = None if target is None else self.held[target]
            assert store.has(key) == (place in thing.entries)
            if thing.sort in SETS:
                store.add(key)
            elif place in thing.entries:
                store.set(key, value)
            else:
                store.init(key, value)
            thing.entries[place] = None if target is None else target[0]

    def remove(self, data):
        if holder := self.pick(data, tuple(STORES)):
            thing, store = self.model.things[holder[0]], self.held[holder]
            place, key = self.key(data, thing)
            assert store.has(key) == (place in thing.entries)
            if place in thing.entries:
                store.delete(key)
                del thing.entries[place]

    def clear(self, data):
        if holder := self.pick(data, ("map", "set")):
            entries = self.model.things[holder[0]].entries
            assert self.held[holder].get_size() == len(entries)
            self.held[holder].clear()
            entries.clear()

    def keep(self, data):
        if place := self.pick(data, SORTS, "durable"):
            name = data.draw(st.sampled_from("abc"))
            self.world.baggage.add_all({name: self.held[place]})
            self.model.baggage[name] = place[0]

    def fetch(self, data):
        if self.model.baggage:
            name = data.draw(st.sampled_from(sorted(self.model.baggage)))
            self.take(self.model.baggage[name], self.world.baggage.get(name))

    def drop(self, data):
        if self.model.baggage:
            name = data.draw(st.sampled_from(sorted(self.model.baggage)))
            self.world.baggage.delete(name)
            del self.model.baggage[name]

    def forget(self, data):
        if place := self.pick(data):
            del self.held[place]

    # --- what happens between cranks

    @rule(data=st.data())
    def take_ref(self, data):
        if place := self.pick(data):
            with self.world.crank():
                self.refs[place[0]] = self.world.vat._references.outward(self.held[place])

    @rule(data=st.data())
    def keep_few_and_collect(self, data):
        sorts = data.draw(st.sampled_from([(), WEAK, tuple(STORES)]))
        kept = data.draw(st.lists(st.sampled_from(sorted(self.held)), max_size=4)) if self.held else []
        self.held = {
            place: obj
            for place, obj in self.held.items()
            if place in kept or self.model.things[place[0]].sort in sorts
        }
        if data.draw(st.booleans()):
            self.refs.clear()
        self.collect()

    @rule()
    def restart(self):
        self.held.clear()
        self.refs.clear()
        self.world.restart()
        self.forget_virtual()

    def forget_virtual(self):
        model = self.model
        for number in [n for n, thing in model.things.items() if thing.zone == "virtual"]:
            del model.things[number]
        for thing in model.things.values():
            for place in [p for p in thing.entries if p[0] == "thing" and p[1] not in model.things]:
                del thing.entries[place]

    @rule()
    def collect(self):
        self.world.vat.collect()
        self.model.collect(self.held_numbers)
        self.only_these_exist()

    @rule()
    def collect_cycles(self):
        self.world.vat.collect_cycles()
        self.model.collect_cycles(self.held_numbers)
        self.only_these_exist()

    @property
    def held_numbers(self) -> set[int]:
        return {number for number, _ in self.held} | self.refs.keys()

    def only_these_exist(self):
        incarnation = self.world.incarnation
        spaces = {b"d": incarnation.durable, b"v": incarnation.virtual}
        expected = {incarnation.record_key(thing.base): thing for thing in self.model.things.values()}
        prefixes = [p for s in spaces.values() for p in (s.record, s.collection)]
        keys = self.world.records()
        found = {key for key in keys if key.startswith(tuple(prefixes))}
        found.discard(incarnation.durable.collection + b"\x01")  # baggage
        assert found == expected.keys()
        for key, thing in expected.items():
            if thing.sort in STORES:
                space = spaces[thing.base[:1]]
                entries = space.entry + key[len(space.collection) :]
                assert sum(1 for k in keys if k.startswith(entries)) == len(thing.entries)

    @invariant()
    def stored_data_is_consistent(self):
        differences = [str(difference) for difference in verify_vat(self.world.view, 1)]
        self.world.view.release()
        assert not differences


TestCollectionModel = CollectionModel.TestCase
TestCollectionModel.settings = settings(
    max_examples=100,
    stateful_step_count=15,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
