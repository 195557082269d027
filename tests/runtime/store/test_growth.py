"""The map grows by itself, and no one loses anything by it."""

from __future__ import annotations

from pathlib import Path

import pytest

from vatdata_runtime.errors import StoreError
from vatdata_runtime.store import Store, open_store

from ...support.processes import Child, run_python

READER = """
import sys
from vatdata_runtime.store import open_store
with open_store(sys.argv[1], readonly=True, map_size=1) as store, store.snapshot() as snapshot:
    print("reading", len(list(store.scan(b""))), store.measure().map_size_bytes, flush=True)
    sys.stdin.readline()
    print(len(list(snapshot.scan(b""))), flush=True)
    print(len(list(store.scan(b""))), store.get(b"0000") == b"x" * 1000, flush=True)
    try:
        snapshot.get(b"0000")
    except OSError as error:
        print(error.reason, flush=True)
"""


def entries(count: int) -> dict[bytes, bytes | None]:
    return {b"%04d" % n: b"x" * 1000 for n in range(count)}


def test_a_full_map_grows_within_a_commit_that_then_is_whole(path: str) -> None:
    with open_store(path, map_size=1) as store:
        for crank in range(5):
            store.apply({key + b"%d" % crank: value for key, value in entries(200).items()})
        assert store.pending == 5
        store.commit()
        assert store.counters.growths >= 1
        assert len(list(store.scan(b""))) == 1000
    with open_store(path, map_size=1) as store:
        assert len(list(store.scan(b""))) == 1000


def test_one_growth_makes_room_for_the_whole_batch(path: str) -> None:
    with open_store(path, map_size=1) as store:
        store.apply(entries(5000))
        store.commit()
        assert store.counters.growths == 1


def test_a_crash_of_the_growth_itself_leaves_the_batch_to_repeat(path: str) -> None:
    def step(name: str) -> None:
        if name == "grow" and not grown:
            grown.append(name)
            raise KeyboardInterrupt

    grown: list[str] = []
    with open_store(path, map_size=1, on_step=step) as store:
        store.apply(entries(500))
        with pytest.raises(KeyboardInterrupt):
            store.commit()
        assert (store.pending, store.get(b"0499")) == (1, b"x" * 1000)
        store.commit()
        assert len(list(store.scan(b""))) == 500


def test_a_reader_in_another_process_follows_a_map_that_grew(path: str) -> None:
    with open_store(path, map_size=1) as store:
        store.apply(entries(10))
        store.commit()
        with Child(READER, path) as reader:
            word, count, map_size = reader.hear().split()
            assert (word, count) == ("reading", "10")
            store.apply(entries(3000))
            store.commit()
            assert store.measure().file_size_bytes > int(map_size)
            reader.tell()
            assert reader.hear() == "10", "its snapshot stays at its commit"
            assert reader.hear() == "3000 True", "its next look sees the new one"
            assert "Take a new one" in reader.hear()


GROW = """
import sys
from vatdata_runtime.store import open_store
with open_store(sys.argv[1], map_size=1) as store:
    store.apply({b"%04d" % n: b"x" * 1000 for n in range(5000)})
    store.commit()
"""


@pytest.mark.parametrize("reads_first", [True, False])
def test_a_writer_follows_a_map_that_grew_while_only_a_reader_of_its_process_was_open(
    path: str, reads_first: bool
) -> None:
    open_store(path, map_size=1).close()
    with open_store(path, map_size=1) as first, open_store(path, readonly=True):
        first.close()
        run_python(GROW, path)
        with open_store(path, map_size=1) as store:
            if reads_first:
                assert store.get(b"0000") == b"x" * 1000
            store.apply({b"a": b"1"})
            store.commit()
            assert (store.get(b"a"), store.get(b"4999")) == (b"1", b"x" * 1000)


def test_a_snapshot_in_the_process_whose_map_grows_ends_with_a_clear_error(path: str) -> None:
    with open_store(path, map_size=1) as store, store.snapshot() as snapshot:
        scan = snapshot.scan(b"")
        store.apply(entries(500))
        store.commit()
        for use in (lambda: snapshot.get(b"0000"), lambda: next(scan)):
            with pytest.raises(
                StoreError, match=r"snapshot ended when the map of the store moved\. Take a new one"
            ):
                use()
        with store.snapshot() as another:
            assert another.get(b"0000") == b"x" * 1000


def test_a_scan_goes_on_over_a_growth(path: str) -> None:
    with open_store(path, map_size=1) as store:
        store.apply(entries(100))
        store.commit()
        scan = store.scan(b"")
        next(scan)
        store.apply(entries(2000))
        store.commit()
        assert len(list(scan)) == 1999


def test_constant_data_keeps_the_file_at_a_constant_size(store: Store) -> None:
    sizes = []
    for round_number in range(60):
        store.apply({b"%04d" % n: b"%04d" % round_number * 50 for n in range(0, 500, 1 + round_number % 3)})
        store.commit()
        sizes.append(Path(store.path).stat().st_size)
    assert max(sizes[30:]) <= 1.1 * max(sizes[:30])


LITTLE_ADDRESS_SPACE = """
import resource, sys
from vatdata_runtime.store import open_store
limit = 1 << 31
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
with open_store(sys.argv[1]) as store:
    store.apply({b"a": b"1"})
    store.commit()
    print(store.get(b"a"), store.measure().map_size_bytes < limit)
store = open_store(sys.argv[1], map_size=1 << 28)
used = [bytearray(1 << 20) for _ in range(1000)]
try:
    store._environment.grow(1 << 30)
except OSError as error:
    print(type(error).__name__, error.reason)
try:
    store.get(b"a")
except OSError as error:
    print(type(error).__name__, error.reason)
store.close()
print(open_store(sys.argv[1], readonly=True, map_size=1 << 20).get(b"a"))
"""


def test_a_process_with_little_address_space_gets_a_smaller_map_and_an_error_when_that_cannot_grow(
    path: str,
) -> None:
    first, growth, later, reopened = run_python(LITTLE_ADDRESS_SPACE, path).stdout.splitlines()
    assert first == "b'1' True"
    assert growth.startswith("StoreError its map does not fit the address space")
    assert "ulimit -v" in growth
    assert later == "StoreError lost its map when it had to grow. Close it and open it again"
    assert reopened == "b'1'"
