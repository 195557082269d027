"""Random programs against a store and against the two dicts that it means."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from vatdata_runtime.store import Snapshot, open_store, scanning, verify_store
from vatdata_runtime.store.batch import Batch
from vatdata_runtime.store.framing import all_intact, frame, is_intact, unframe

KEYS = st.one_of(
    st.integers(1, 40).map(lambda n: b"k%02d" % n),
    st.binary(min_size=1, max_size=3).filter(lambda key: key >= b"\x01"),
    st.binary(min_size=1, max_size=3).map(lambda tail: b"\xff" * 508 + tail),
)
VALUES = st.one_of(st.binary(max_size=8), st.integers(0, 9000).map(lambda size: b"v" * size))
DELTAS = st.dictionaries(KEYS, st.none() | VALUES, max_size=12)
BOUNDS = st.one_of(st.just(b""), KEYS)


def entries_of(
    model: dict[bytes, bytes], start: bytes, stop: bytes | None, reverse: bool
) -> list[tuple[bytes, bytes]]:
    inside = [item for item in model.items() if item[0] >= start and (stop is None or item[0] < stop)]
    return sorted(inside, reverse=reverse)


class StoreModel(RuleBasedStateMachine):
    """``committed`` is what must survive everything, ``current`` what the writer sees."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="vatdata-model-"))
        self.path = self.folder / "world.db"
        self.committed: dict[bytes, bytes] = {}
        self.current: dict[bytes, bytes] = {}
        self.snapshots: list[tuple[Snapshot, dict[bytes, bytes]]] = []
        # Small pages, so that a scan of a few entries already crosses several.
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(scanning, "_FIRST_PAGE", 2)
        self.patch.setattr(scanning, "_LARGEST_PAGE", 5)

    @initialize(map_size=st.sampled_from([1, 200_000, None]))
    def start(self, map_size: int | None) -> None:
        self.map_size = map_size
        self.store = open_store(self.path, map_size=map_size, durability="relaxed")

    @rule(delta=DELTAS)
    def apply(self, delta: dict[bytes, bytes | None]) -> None:
        self.store.apply(delta)
        for key, value in delta.items():
            if value is None:
                self.current.pop(key, None)
            else:
                self.current[key] = value

    @rule()
    def commit(self) -> None:
        growths = self.store.counters.growths
        self.store.commit()
        self.committed = dict(self.current)
        if self.store.counters.growths != growths:
            self.snapshots.clear()  # they end when the map moves, and say so: see test_growth

    @rule(key=KEYS)
    def get(self, key: bytes) -> None:
        assert self.store.get(key) == self.current.get(key)

    @rule(start=BOUNDS, stop=st.none() | BOUNDS, reverse=st.booleans())
    def scan(self, start: bytes, stop: bytes | None, reverse: bool) -> None:
        assert list(self.store.scan(start, stop, reverse=reverse)) == entries_of(
            self.current, start, stop, reverse
        )

    @rule(delta=DELTAS, commits=st.booleans(), reverse=st.booleans())
    def write_in_the_middle_of_a_scan(
        self, delta: dict[bytes, bytes | None], commits: bool, reverse: bool
    ) -> None:
        before = dict(self.current)
        scan = self.store.scan(b"", reverse=reverse)
        seen = [entry for entry in [next(scan, None)] if entry is not None]
        self.apply(delta)
        if commits:
            self.commit()
        seen += scan
        assert [key for key, _ in seen] == sorted({key for key, _ in seen}, reverse=reverse)
        untouched = {item for item in before.items() if item[0] not in delta}
        assert untouched <= set(seen) <= before.items() | self.current.items()

    @precondition(lambda self: len(self.snapshots) < 3)
    @rule()
    def take_snapshot(self) -> None:
        self.snapshots.append((self.store.snapshot(), dict(self.committed)))

    @precondition(lambda self: self.snapshots)
    @rule(key=KEYS, reverse=st.booleans(), close=st.booleans())
    def read_snapshot(self, key: bytes, reverse: bool, close: bool) -> None:
        snapshot, model = self.snapshots[0]
        assert snapshot.get(key) == model.get(key)
        assert list(snapshot.scan(b"", reverse=reverse)) == entries_of(model, b"", None, reverse)
        if close:
            snapshot.close()
            del self.snapshots[0]

    @rule()
    def reopen(self) -> None:
        self.close_all()
        self.current = dict(self.committed)
        self.store = open_store(self.path, map_size=self.map_size, durability="relaxed")

    @rule(compact=st.booleans())
    def go_on_with_a_backup(self, compact: bool) -> None:
        copy = self.folder / "copy.db"
        self.store.backup(copy, compact=compact)
        self.close_all()
        self.current = dict(self.committed)
        copy.replace(self.path)
        self.store = open_store(self.path, map_size=self.map_size, durability="relaxed")

    @invariant()
    def readers_see_the_last_commit(self) -> None:
        if hasattr(self, "store"):
            with open_store(self.path, readonly=True) as reader:
                assert dict(reader.scan(b"")) == self.committed

    def close_all(self) -> None:
        for snapshot, _ in self.snapshots:
            snapshot.close()
        self.snapshots.clear()
        self.store.close()

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.close_all()
            assert verify_store(str(self.path)) == []
        self.patch.undo()
        shutil.rmtree(self.folder)


TestStoreModel = StoreModel.TestCase
TestStoreModel.settings = settings(
    max_examples=40,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)


@given(key=KEYS, value=VALUES, bit=st.integers(0))
def test_a_flipped_bit_in_a_framed_value_is_noticed(key: bytes, value: bytes, bit: int) -> None:
    framed = frame(key, value)
    assert unframe(key, framed) == value
    damaged = bytearray(framed)
    damaged[bit // 8 % len(framed)] ^= 1 << bit % 8
    assert not is_intact(key, bytes(damaged))


@given(key=KEYS, value=VALUES, other=KEYS)
def test_a_value_does_not_pass_under_another_key(key: bytes, value: bytes, other: bytes) -> None:
    assert unframe(other, frame(key, value)) == (value if other == key else None)


@given(key=st.binary(min_size=2, max_size=20), value=VALUES, cut=st.integers(1, 19))
def test_a_boundary_moved_between_key_and_value_is_noticed(key: bytes, value: bytes, cut: int) -> None:
    cut = min(cut, len(key) - 1)
    assert unframe(key[:cut], key[cut:] + frame(key, value)) is None


ENTRIES = st.lists(st.tuples(KEYS | st.binary(min_size=1, max_size=20), VALUES), min_size=1, max_size=8)


@given(entries=ENTRIES, place=st.integers(0), bit=st.integers(0))
def test_a_flipped_bit_in_one_of_many_values_is_noticed(
    entries: list[tuple[bytes, bytes]], place: int, bit: int
) -> None:
    keys = [key for key, _ in entries]
    framed = [frame(key, value) for key, value in entries]
    assert all_intact(keys, framed)
    place %= len(entries)
    damaged = bytearray(framed[place])
    damaged[bit // 8 % len(damaged)] ^= 1 << bit % 8
    assert not all_intact(keys, [*framed[:place], bytes(damaged), *framed[place + 1 :]])


@given(entries=ENTRIES, place=st.integers(0))
def test_a_boundary_moved_in_one_of_many_entries_is_noticed(
    entries: list[tuple[bytes, bytes]], place: int
) -> None:
    keys = [key for key, _ in entries]
    framed = [frame(key, value) for key, value in entries]
    place %= len(entries)
    keys[place], framed[place] = keys[place] + framed[place][:1], framed[place][1:]
    assert not all_intact(keys, framed)


@given(st.lists(st.tuples(DELTAS, st.booleans()), max_size=8))
def test_a_batch_keeps_its_keys_in_order_however_reads_and_writes_alternate(
    steps: list[tuple[dict[bytes, bytes | None], bool]],
) -> None:
    batch = Batch()
    for delta, reads in steps:
        batch.add(delta)
        if reads:
            keys, first, last = batch.keys_between(b"k1", b"k3")
            assert keys[first:last] == sorted(key for key in batch.entries if b"k1" <= key < b"k3")
    changes = batch.sorted_changes()
    assert (
        dict(zip(changes.keys, changes.values, strict=True)) | dict.fromkeys(changes.deletes) == batch.entries
    )
    assert changes.keys == sorted(changes.keys)
    assert changes.deletes == sorted(changes.deletes)
