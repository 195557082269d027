"""Maps and sets of each zone beside a sorted list, over cranks that are kept and aborted, restarts and collection."""

from __future__ import annotations

import copy
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.runtime.collection.world import World
from tests.runtime.stores.conftest import makers
from vatdata_runtime import (
    KeyExistsError,
    KeyNotFoundError,
    M,
    NotPassableError,
    StaleIteratorError,
    make_copy_map,
    make_copy_set,
    make_scalar_big_map_store,
    matches,
)
from vatdata_runtime.vat.verify import verify_vat

KINDS = (bytes, bool, float, int, object, str, type(None))
SCALARS = st.one_of(
    st.sampled_from([b"", b"a", b"a\0", False, True, 0.0, 1.0, -2.5, 0, 1, -1, 2**64, "", "a", "a\0", None]),
    st.sampled_from(["\ue000", "\uffff", "\U00010000", "\U0001f60b"]),
)
THINGS = 3
KEYS = SCALARS | st.integers(0, THINGS - 1).map(lambda n: ("thing", n))
VALUES = st.sampled_from([None, 0, "v", (1, "x")]) | st.integers(0, THINGS - 1).map(lambda n: ("thing", n))
BOUNDS = st.sampled_from(["", "a", "\uffff", "\U00010000", 0, -1, 1, 0.0, b"a", True])
PATTERNS = st.recursive(
    st.sampled_from([M.any(), M.string(), M.int(), M.number(), M.remotable(), M.boolean(), None, "a", 1])
    | st.builds(M.gte, BOUNDS)
    | st.builds(M.lt, BOUNDS),
    lambda inner: st.builds(M.or_, inner, inner) | st.builds(M.and_, inner, inner) | st.builds(M.not_, inner),
    max_leaves=4,
)


class StoreModel(RuleBasedStateMachine):
    """The model: ``map`` and ``set`` as dicts from ``(kind, key)`` to ``(place, value)``; place is for things."""

    zone_name = "durable"

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.world = World(Path(self.folder.name) / "vat.db")
        self.model = {"map": {}, "set": {}, "next": 0}

    def teardown(self) -> None:
        self.store = self.things = None
        self.world.close()
        self.folder.cleanup()

    @initialize()
    def make_stores(self):
        with self.world.crank():
            zone = makers(self.world, self.zone_name)
            self.store = {"map": zone.map(), "set": zone.set()}
            self.things = [zone.thing() for _ in range(THINGS)]
            if self.zone_name == "durable":
                things = make_scalar_big_map_store("things", durable=True)
                things.add_all(enumerate(self.things))
                self.world.baggage.add_all({**self.store, "things": things})

    # --- translation between model and store

    def real(self, key):
        return self.things[key[1]] if type(key) is tuple and key[:1] == ("thing",) else key

    @staticmethod
    def name(key):
        kind = object if type(key) is tuple else type(key)
        return (KINDS.index(kind), key)

    def expected(self, sort):
        """The model's entries in key order."""
        entries = self.model[sort]

        def rank(name):
            kind, key = name
            return (kind, entries[name][0] if KINDS[kind] is object else key if key is not None else 0)

        return [(self.real(name[1]), self.real(entries[name][1])) for name in sorted(entries, key=rank)]

    def found(self, sort, *patterns):
        if sort == "map":
            return list(self.store["map"].entries(*patterns))
        return [(key, None) for key in self.store["set"].keys(*patterns)]

    @staticmethod
    def same(found, expected):
        assert [(type(k), k, v) for k, v in found] == [(type(k), k, v) for k, v in expected]

    def put(self, sort, key, value):
        entries, name = self.model[sort], self.name(key)
        if name not in entries:
            self.model["next"] += 1
            entries[name] = (self.model["next"], value)
        else:
            entries[name] = (entries[name][0], value)

    # --- operations

    def init(self, data):
        key, value = data.draw(KEYS), data.draw(VALUES)
        if self.name(key) in self.model["map"]:
            with pytest.raises(KeyExistsError):
                self.store["map"].init(self.real(key), self.real(value))
        else:
            self.store["map"].init(self.real(key), self.real(value))
            self.put("map", key, value)

    def set(self, data):
        key, value = data.draw(KEYS), data.draw(VALUES)
        if self.name(key) in self.model["map"]:
            self.store["map"].set(self.real(key), self.real(value))
            self.put("map", key, value)
        else:
            with pytest.raises(KeyNotFoundError):
                self.store["map"].set(self.real(key), self.real(value))

    def add(self, data):
        key = data.draw(KEYS)
        self.store["set"].add(self.real(key))
        self.put("set", key, None)

    def delete(self, data):
        sort, key = data.draw(st.sampled_from(["map", "set"])), data.draw(KEYS)
        assert (self.real(key) in self.store[sort]) == (self.name(key) in self.model[sort])
        if self.name(key) in self.model[sort]:
            self.store[sort].delete(self.real(key))
            del self.model[sort][self.name(key)]
        else:
            with pytest.raises(KeyNotFoundError):
                self.store[sort].delete(self.real(key))

    def add_all(self, data):
        sort, pairs = (
            data.draw(st.sampled_from(["map", "set"])),
            data.draw(st.lists(st.tuples(KEYS, VALUES), max_size=4)),
        )
        source = [
            (self.real(key), self.real(value)) if sort == "map" else self.real(key) for key, value in pairs
        ]
        if data.draw(st.booleans()):
            with pytest.raises(NotPassableError):
                self.store[sort].add_all([*source, (open, open) if sort == "map" else open])
            return
        self.store[sort].add_all(source)
        for key, value in pairs:
            self.put(sort, key, value if sort == "map" else None)

    def clear(self, data):
        sort, pattern = data.draw(st.sampled_from(["map", "set"])), data.draw(PATTERNS)
        self.store[sort].clear(pattern)
        gone = [name for name in self.model[sort] if matches(self.real(name[1]), pattern)]
        for name in gone:
            del self.model[sort][name]

    def query(self, data):
        sort, pattern = data.draw(st.sampled_from(["map", "set"])), data.draw(PATTERNS)
        expected = [entry for entry in self.expected(sort) if matches(entry[0], pattern)]
        self.same(self.found(sort, pattern), expected)
        assert self.store[sort].get_size(pattern) == len(expected)

    def change_while_iterating(self, data):
        """Delete or add one key in the middle of an iteration."""
        sort = data.draw(st.sampled_from(["map", "set"]))
        expected = [key for key, _ in self.expected(sort)]
        running = iter(self.store[sort])
        position = data.draw(st.integers(0, len(expected)))
        assert [next(running) for _ in range(position)] == expected[:position]
        key = data.draw(KEYS)
        is_known = self.name(key) in self.model[sort]
        if is_known:
            self.store[sort].delete(self.real(key))
            del self.model[sort][self.name(key)]
            gone = self.real(key)
            rest = [k for k in expected[position:] if not (type(k) is type(gone) and k == gone)]
            self.same([(k, 0) for k in running], [(k, 0) for k in rest])
            return
        self.store[sort].add_all([(self.real(key), None)] if sort == "map" else [self.real(key)])
        self.put(sort, key, None)
        if position:
            with pytest.raises(StaleIteratorError):
                next(running)
        else:
            self.same([(k, 0) for k in running], [(k, 0) for k, _ in self.expected(sort)])

    @rule(data=st.data(), is_aborted=st.sampled_from([False, False, True]))
    def run_crank(self, data, is_aborted):
        often = (self.init, self.init, self.add, self.add, self.delete, self.delete)
        rarely = (self.set, self.add_all, self.clear, self.query, self.change_while_iterating)
        operations = st.sampled_from((*often, *rarely))
        before = copy.deepcopy(self.model)
        with self.world.aborted_crank() if is_aborted else self.world.crank():
            for operate in data.draw(st.lists(operations, min_size=1, max_size=8)):
                operate(data)
        if is_aborted and self.zone_name != "heap":  # heap data is not undone
            self.model = before

    @precondition(lambda self: self.zone_name == "durable")
    @rule()
    def restart(self):
        self.store = self.things = None
        self.world.restart()
        with self.world.crank():
            self.store = {sort: self.world.baggage.get(sort) for sort in ("map", "set")}
            self.things = list(self.world.baggage.get("things").values())

    @rule()
    def collect(self):
        self.world.vat.collect()

    @invariant()
    def stores_are_what_the_model_is(self):
        if getattr(self, "store", None) is None:
            return
        with self.world.crank():
            for sort in ("map", "set"):
                self.same(self.found(sort), self.expected(sort))
                assert len(self.store[sort]) == len(self.model[sort])
            assert self.store["map"].snapshot() == make_copy_map(self.expected("map"))
            assert self.store["set"].snapshot() == make_copy_set([key for key, _ in self.expected("set")])
        differences = [str(difference) for difference in verify_vat(self.world.view, 1)]
        self.world.view.release()
        assert not differences


SETTINGS = settings(
    max_examples=40,
    stateful_step_count=12,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


class HeapStoreModel(StoreModel):
    zone_name = "heap"


class VirtualStoreModel(StoreModel):
    zone_name = "virtual"


class DurableStoreModel(StoreModel):
    zone_name = "durable"


TestHeapStore = HeapStoreModel.TestCase
TestVirtualStore = VirtualStoreModel.TestCase
TestDurableStore = DurableStoreModel.TestCase
TestHeapStore.settings = TestVirtualStore.settings = TestDurableStore.settings = SETTINGS
