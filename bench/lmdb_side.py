"""The floor: what LMDB itself costs for the same bytes."""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import lmdb

from .measuring import Figures, timed
from .vatdata_side import shuffled, texts

_VALUE = struct.Struct("<q d q 16s")


@contextmanager
def _open(path: Path, **options: Any) -> Iterator[Any]:
    with lmdb.open(str(path / "floor.db"), subdir=False, map_size=4 << 30, **options) as environment:
        yield environment


def create(path: Path, count: int, batch: int) -> Figures:
    with _open(path) as environment, timed(count) as timing:
        for low in range(0, count, batch):
            with environment.begin(write=True) as transaction:
                for n in range(low, low + batch):
                    key = n.to_bytes(8, "big")
                    transaction.put(b"o" + key, _VALUE.pack(n, 0.5, -1, b"node"))
                    transaction.put(b"e" + key, key)
    return {"object_us": timing.wall_us, "object_cpu_us": timing.cpu_us}


def create_in_one(path: Path, count: int) -> Figures:
    return create(path, count, 10_000)


def create_in_hundreds(path: Path, count: int) -> Figures:
    return create(path, count, 100)


def read(path: Path, count: int) -> Figures:
    create(path, count, 10_000)
    order = shuffled(count)
    with _open(path) as environment, environment.begin() as transaction, timed(count) as timing:
        for n in order:
            key = transaction.get(b"e" + n.to_bytes(8, "big"))
            _VALUE.unpack(transaction.get(b"o" + key))
    return {"cold_cpu_us": timing.cpu_us}


def update(path: Path, count: int, *, sync: bool = True) -> Figures:
    with _open(path, sync=sync) as environment, timed(count) as timing:
        for n in range(count):
            with environment.begin(write=True) as transaction:
                transaction.put(b"k", n.to_bytes(8, "big"))
    return {"update_us": timing.wall_us, "update_cpu_us": timing.cpu_us}


def update_relaxed(path: Path, count: int) -> Figures:
    return update(path, count, sync=False)


def update_one_by_one(path: Path, count: int) -> Figures:
    """A tenth of the updates, each with its own flush: the time of one does not depend on how many there are."""
    return update(path, count // 10)


def use_map(path: Path, count: int) -> Figures:
    entries = [(key.encode(), value.encode()) for key, value in texts(count)]
    with _open(path) as environment:
        with timed(count) as insert:
            for low in range(0, count, 10_000):
                with environment.begin(write=True) as transaction:
                    for key, value in entries[low : low + 10_000]:
                        transaction.put(key, value)
        keys = [key for key, _ in random.Random(5).choices(entries, k=min(count, 20_000))]
        with environment.begin() as transaction:
            with timed(len(keys)) as look_up:
                for key in keys:
                    transaction.get(key)
            with timed(100) as scan, transaction.cursor() as cursor:
                for key in keys[:100]:
                    cursor.set_range(key)
                    for number, _ in enumerate(cursor.iternext()):
                        if number == 999:
                            break
    size = (path / "floor.db").stat().st_size / count
    return {
        "insert_cpu_us": insert.cpu_us,
        "look_up_cpu_us": look_up.cpu_us,
        "scan_cpu_us": scan.cpu_us,
        "entry_bytes": size,
    }


def size(path: Path, count: int) -> Figures:
    create(path, count, 10_000)
    return {"object_bytes": (path / "floor.db").stat().st_size / count}


def plain_call(_path: Path, count: int) -> Figures:
    class Plain:
        __slots__ = ("value",)

        def __init__(self):
            self.value = 0

        def bump(self, by):
            self.value += by
            return self.value

    call = Plain().bump
    with timed(count) as timing:
        for _ in range(count):
            call(1)
    return {"call_cpu_us": timing.cpu_us}
