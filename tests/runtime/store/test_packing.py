"""A batch of keys in order fills its pages, wherever in the tree it lies."""

from __future__ import annotations

import random

import pytest

from vatdata_runtime.store import Store, open_store

PAGE_BYTES = 4096


class Stop(Exception):
    """Raised at a step of a commit in place of a crash."""


def batch(prefix: bytes, low: int, high: int) -> dict[bytes, bytes | None]:
    return {prefix + n.to_bytes(4, "big"): b"value %d" % n for n in range(low, high)}


def add(store: Store, entries: dict[bytes, bytes | None]) -> None:
    store.apply(entries)
    store.commit()


def needed_pages(store: Store) -> float:
    return sum(len(key) + len(value) + 4 + 10 for key, value in store.scan(b"\x01")) / PAGE_BYTES


def test_ranges_that_grow_side_by_side_fill_their_pages(store: Store) -> None:
    add(store, {b"c" + bytes((n,)): b"behind both" for n in range(20)})
    for low in range(0, 10_000, 1_000):
        add(store, batch(b"a", low, low + 1_000) | batch(b"b", low, low + 1_000))
    assert store.measure().used_pages < 1.2 * needed_pages(store)


def test_a_long_run_leaves_what_is_behind_it_as_it_was(store: Store) -> None:
    behind: dict[bytes, bytes | None] = {b"b%03d" % n: b"x" * n for n in range(300)}
    add(store, batch(b"a", 0, 10) | behind)
    add(store, batch(b"a", 10, 2_000) | {b"b007": None, b"b008": b"changed"})
    expected = batch(b"a", 0, 2_000) | behind | {b"b008": b"changed"}
    del expected[b"b007"]
    assert dict(store.scan(b"\x01")) == expected


def test_a_large_value_behind_a_long_run_is_not_written_again(path: str) -> None:
    with open_store(path) as store:
        add(store, batch(b"a", 0, 5) | {b"b": b"x" * 1_000_000})
    steps: list[str] = []
    with open_store(path, on_step=steps.append) as store:
        add(store, batch(b"a", 5, 1_005))
    assert (steps.count("put"), steps.count("delete")) == (1_000, 0)


@pytest.mark.parametrize("seed", range(20))
def test_batches_of_any_sort_leave_what_a_dict_would_hold(store: Store, seed: int) -> None:
    chance = random.Random(seed)
    model: dict[bytes, bytes | None] = {}
    for _ in range(12):
        changes: dict[bytes, bytes | None] = {}
        for _ in range(chance.randrange(1, 4)):
            low = chance.randrange(5_000)
            changes |= batch(chance.choice([b"a", b"b", b"c"]), low, low + chance.choice([1, 50, 600, 2_000]))
        for key in chance.sample(sorted(model), min(len(model), chance.choice([0, 10, 700]))):
            changes[key] = None
        add(store, changes)
        model |= changes
        model = {key: value for key, value in model.items() if value is not None}
        assert dict(store.scan(b"\x01")) == model


@pytest.mark.parametrize("stop_at", [1, 5, 30, 500, 520, 560])
def test_a_commit_that_stops_inside_a_long_run_changes_nothing(path: str, stop_at: int) -> None:
    with open_store(path) as store:
        add(store, batch(b"a", 0, 5) | batch(b"b", 0, 300))
        before = dict(store.scan(b"\x01"))
    steps: list[str] = []

    def on_step(name: str) -> None:
        if name in ("put", "delete"):
            steps.append(name)
            if len(steps) == stop_at:
                raise Stop

    with open_store(path, on_step=on_step) as store:
        store.apply(batch(b"a", 5, 505))
        with pytest.raises(Stop):
            store.commit()
    assert "delete" in steps
    with open_store(path) as store:
        assert dict(store.scan(b"\x01")) == before
