"""What a store does with cranks and keys, without faults."""

from __future__ import annotations

from types import MappingProxyType

import pytest

from vatdata_runtime.errors import KeyTooLargeError, ReadOnlyStoreError, StoreError
from vatdata_runtime.store import SnapshotProtocol, Store, StoreProtocol, open_store


def test_a_crank_is_seen_at_once_by_the_writer_and_after_the_commit_by_readers(
    store: Store, path: str
) -> None:
    with open_store(path, readonly=True) as reader:
        store.apply({b"a": b"1"})
        assert (store.get(b"a"), reader.get(b"a")) == (b"1", None)
        store.commit()
        assert (store.get(b"a"), reader.get(b"a")) == (b"1", b"1")


def test_what_was_committed_is_there_after_reopening(path: str) -> None:
    with open_store(path) as store:
        store.apply({b"a": b"1", b"b": b""})
        store.commit()
    with open_store(path) as store:
        assert list(store.scan(b"")) == [(b"a", b"1"), (b"b", b"")]


def test_closing_drops_a_batch_that_was_not_committed(path: str) -> None:
    with open_store(path) as store:
        store.apply({b"a": b"1"})
    with open_store(path) as store:
        assert store.get(b"a") is None


def test_none_deletes_a_key_whether_or_not_it_is_there(store: Store) -> None:
    store.apply({b"a": b"1"})
    store.commit()
    store.apply({b"a": None, b"never": None})
    assert store.get(b"a") is None
    store.commit()
    assert list(store.scan(b"")) == []


def test_the_last_crank_of_a_batch_wins(store: Store) -> None:
    for value in (b"1", None, b"2"):
        store.apply({b"a": value})
    store.commit()
    assert store.get(b"a") == b"2"


def test_pending_counts_the_cranks_of_the_batch(store: Store) -> None:
    store.apply({b"a": b"1"})
    store.apply({})
    assert store.pending == 2
    store.commit()
    assert store.pending == 0


def test_a_commit_without_changes_does_not_touch_the_disk(store: Store) -> None:
    before = store.measure().transaction
    store.apply({})
    store.commit()
    assert (store.measure().transaction, store.pending) == (before, 0)


def test_a_delta_may_be_changed_by_its_owner_afterwards(store: Store) -> None:
    delta: dict[bytes, bytes | None] = {b"a": b"1"}
    store.apply(delta)
    delta[b"a"] = b"2"
    store.commit()
    assert store.get(b"a") == b"1"


def test_any_mapping_is_a_delta(store: Store) -> None:
    store.apply(MappingProxyType({b"a": b"1"}))
    assert store.get(b"a") == b"1"


@pytest.mark.parametrize(
    ("delta", "error"),
    [
        ({"a": b"1"}, TypeError),
        ({b"a": "1"}, TypeError),
        ({b"a": bytearray(b"1")}, TypeError),
        ({b"": b"1"}, ValueError),
        ({b"\x00format": b"1"}, ValueError),
        ({b"\x00format": None}, ValueError),
        ({b"k" * 512: b"1"}, KeyTooLargeError),
    ],
)
def test_a_delta_with_one_bad_entry_is_refused_whole(
    store: Store, delta: dict[bytes, bytes], error: type
) -> None:
    with pytest.raises(error):
        store.apply({b"good": b"1"} | delta)
    assert (store.pending, store.get(b"good")) == (0, None)


@pytest.mark.parametrize("value_bytes", [0, 1, 4095, 4096, 1_000_000])
def test_keys_of_511_bytes_and_values_of_any_size_come_back(store: Store, value_bytes: int) -> None:
    key, value = b"k" * 511, bytes(range(256)) * (value_bytes // 256) + b"x" * (value_bytes % 256)
    store.apply({key: value})
    store.commit()
    assert store.get(key) == value
    assert list(store.scan(b"k")) == [(key, value)]


def test_reading_a_key_that_no_store_can_hold_finds_nothing(store: Store) -> None:
    assert store.get(b"") is None
    assert store.get(b"k" * 600) is None
    with store.snapshot() as snapshot:
        assert snapshot.get(b"") is None


@pytest.mark.parametrize("committed", [True, False])
@pytest.mark.parametrize(
    ("start", "stop", "expected"),
    [
        (b"", None, [1, 2, 3, 4, 5]),
        (b"k2", None, [2, 3, 4, 5]),
        (b"k2", b"k4", [2, 3]),
        (b"k2\x00", b"k4\x00", [3, 4]),
        (b"k6", None, []),
        (b"", b"k1", []),
        (b"", b"", []),
        (b"k4", b"k2", []),
        (b"k3", b"k3", []),
    ],
)
def test_a_scan_walks_from_start_to_before_stop(
    store: Store, committed: bool, start: bytes, stop: bytes | None, expected: list[int]
) -> None:
    store.apply({b"k%d" % n: b"%d" % n for n in range(1, 6)})
    if committed:
        store.commit()
    entries = [(b"k%d" % n, b"%d" % n) for n in expected]
    assert list(store.scan(start, stop)) == entries
    assert list(store.scan(start, stop, reverse=True)) == entries[::-1]


@pytest.mark.parametrize("committed", [True, False])
def test_pages_hold_what_a_scan_gives_and_say_where_to_go_on(store: Store, committed: bool) -> None:
    entries = {b"%04d" % n: b"%d" % n for n in range(100)}
    store.apply(entries)
    if committed:
        store.commit()
    position: bytes | None = b"0010"
    read: list[tuple[bytes, bytes]] = []
    sizes: list[int] = []
    while position is not None:
        keys, values, position = store.read_page(position, b"0090", 30)
        read += zip(keys, values, strict=True)
        sizes.append(len(keys))
    assert read == list(entries.items())[10:90]
    assert sizes == [30, 30, 20]


def test_a_page_is_not_larger_than_memory_allows(store: Store) -> None:
    store.apply({b"%04d" % n: b"x" * 300_000 for n in range(20)})
    store.commit()
    sizes = [len(store.read_page(start, b"1", 512)[0]) for start in (b"0000", b"0018")]
    assert sizes == [4, 2], "a page ends with the first value behind a mebibyte"
    assert [key for key, _ in store.scan(b"")] == [b"%04d" % n for n in range(20)]


def test_a_scan_sees_what_is_written_ahead_of_it_from_its_next_page_on(store: Store) -> None:
    store.apply({b"%04d" % n: b"" for n in range(100)})
    store.commit()
    scan = store.scan(b"")
    first = next(scan)[0]
    store.apply({b"0098": None, b"0099x": b"new"})
    store.commit()
    assert [first, *(key for key, _ in scan)] == [b"%04d" % n for n in range(98)] + [b"0099", b"0099x"]


def test_a_scan_that_is_left_alone_keeps_no_page_of_an_old_commit_in_use(store: Store) -> None:
    store.apply({b"%04d" % n: b"x" * 100 for n in range(1000)})
    store.commit()
    paused = store.scan(b"")
    next(paused)

    def rewrite() -> int:
        store.apply({b"%04d" % n: b"y" * 100 for n in range(1000)})
        store.commit()
        return store.measure().file_size_bytes

    for _ in range(4):
        size = rewrite()
    assert all(rewrite() == size for _ in range(10))


def test_the_records_of_the_store_itself_are_in_no_scan(store: Store) -> None:
    assert list(store.scan(b"")) == []
    assert list(store.scan(b"\x00", b"\xff", reverse=True)) == []


def test_the_counters_tell_what_was_read_and_written(store: Store) -> None:
    store.apply({b"a": b"1", b"b": b"22", b"c": None})
    store.apply({b"a": b"333"})
    store.commit()
    store.get(b"a")
    list(store.scan(b""))
    counters = store.counters
    assert (counters.cranks, counters.commits, counters.writes, counters.deletes) == (2, 1, 2, 1)
    assert (counters.reads, counters.scanned, counters.batch_entries) == (1, 2, 3)
    assert counters.bytes_written == len(b"a333" + b"b22" + b"c")
    assert counters.commit_seconds > 0


def test_a_closed_store_says_so_and_may_be_closed_again(path: str) -> None:
    store = open_store(path)
    scan = store.scan(b"")
    store.close()
    store.close()
    for use in (
        lambda: store.get(b"a"),
        lambda: list(store.scan(b"")),
        lambda: next(scan),
        lambda: store.apply({b"a": b"1"}),
        lambda: store.snapshot(),
        lambda: store.backup(f"{path}-copy"),
        lambda: store.measure(),
    ):
        with pytest.raises(StoreError, match=r"closed. Open it again"):
            use()


def test_a_store_that_is_forgotten_open_warns_and_lets_its_lock_go(path: str) -> None:
    with pytest.warns(ResourceWarning, match="never closed"):
        open_store(path)
    open_store(path).close()


def test_a_read_only_store_refuses_to_write(store: Store, path: str) -> None:
    with open_store(path, readonly=True) as reader:
        with pytest.raises(ReadOnlyStoreError, match="without readonly=True"):
            reader.apply({b"a": b"1"})
        reader.commit()


def test_relaxed_commits_are_read_by_other_stores_and_after_reopening(path: str) -> None:
    with open_store(path, durability="relaxed") as store, open_store(path, readonly=True) as reader:
        store.apply({b"a": b"1"})
        store.commit()
        assert reader.get(b"a") == b"1"
    with open_store(path) as store:
        assert store.get(b"a") == b"1"


def test_each_durability_is_the_one_of_the_open_writer_even_beside_a_reader_of_an_earlier_one(
    path: str,
) -> None:
    with open_store(path, durability="relaxed"), open_store(path, readonly=True) as reader:
        pass
    reader = open_store(path, readonly=True)
    for durability, flushes in (("relaxed", False), ("group", True), ("crank", True)):
        with open_store(path, durability=durability) as store:  # type: ignore[arg-type]
            assert store._environment.handle.flags()["sync"] is flushes
            store.apply({b"a": durability.encode()})
            store.commit()
            assert reader.get(b"a") == durability.encode()
    reader.close()


def test_a_store_and_its_snapshots_are_what_the_upper_floors_ask_for(store: Store) -> None:
    asked: StoreProtocol = store  # the type checker compares the signatures
    with asked.snapshot() as view:
        for protocol, thing in ((StoreProtocol, asked), (SnapshotProtocol, view)):
            missing = [name for name in vars(protocol) if name[0] != "_" and not hasattr(thing, name)]
            assert not missing


@pytest.mark.parametrize("options", [{"durability": "none"}, {"map_size": 0}, {"map_size": -1}])
def test_an_option_that_makes_no_sense_is_refused_before_anything_is_made(
    path: str, options: dict[str, object]
) -> None:
    with pytest.raises(ValueError, match=next(iter(options))):
        open_store(path, **options)  # type: ignore[arg-type]
    with pytest.raises(StoreError, match="does not exist"):
        open_store(path, readonly=True)


def test_an_exception_from_a_step_leaves_the_batch_for_the_next_commit(path: str) -> None:
    failing: set[str] = set()

    def step(name: str) -> None:
        if name in failing:
            raise RuntimeError(name)

    with open_store(path, on_step=step) as store:
        for n, name in enumerate(("begin", "put", "delete", "commit", "committed")):
            failing.add(name)
            store.apply({b"a": b"%d" % n, b"b": None})
            with pytest.raises(RuntimeError, match=name):
                store.commit()
            failing.clear()
            store.commit()
            with store.snapshot() as snapshot:
                assert snapshot.get(b"a") == b"%d" % n
        failing.add("apply")
        with pytest.raises(RuntimeError, match="apply"):
            store.apply({b"a": b"lost"})
        assert store.pending == 0
