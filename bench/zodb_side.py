"""ZODB on FileStorage with BTrees, doing the same work; needs ``vatdata[bench]``."""

from __future__ import annotations

import gc
import importlib
import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import transaction
import ZODB
from BTrees.LOBTree import LOBTree
from BTrees.OOBTree import OOBTree

from .measuring import Figures, elsewhere, rss_bytes, timed
from .vatdata_side import run_process, shuffled, texts
from .zodb_model import Node


@contextmanager
def _open(path: Path, *, sync: bool = True, cache: int = 2_000_000) -> Iterator[Any]:
    module = importlib.import_module("ZODB.FileStorage.FileStorage")
    if not sync:
        module.fsync = None  # FileStorage has no option for it
    database = ZODB.DB(module.FileStorage(str(path / "d.fs")), cache_size=cache)
    connection = database.open()
    root = connection.root()
    if "nodes" not in root:
        root["nodes"] = LOBTree()
        root["texts"] = OOBTree()
        root["nodes"][-1] = Node(-1, "first", 0.5, None)
        transaction.commit()
    try:
        yield root
    finally:
        transaction.abort()
        connection.close()
        database.close()


def _fill(root: Any, low: int, high: int) -> None:
    nodes = root["nodes"]
    reference = nodes[-1]
    for n in range(low, high):
        nodes[n] = Node(n, f"node {n}", 0.5, reference)
    transaction.commit()


def create(path: Path, count: int, batch: int) -> Figures:
    with _open(path) as root, timed(count) as timing:
        for low in range(0, count, batch):
            _fill(root, low, min(low + batch, count))
    return {"object_us": timing.wall_us, "object_cpu_us": timing.cpu_us}


def create_in_one(path: Path, count: int) -> Figures:
    return create(path, count, 10_000)


def create_in_hundreds(path: Path, count: int) -> Figures:
    return create(path, count, 100)


def read(path: Path, count: int) -> Figures:
    create(path, count, 10_000)
    order = shuffled(count)
    with _open(path) as root:
        nodes = root["nodes"]
        with timed(count) as cold:
            for n in order:
                nodes[n].count  # noqa: B018  # the read is what is timed
        kept = [nodes[n] for n in order]
        with timed(count) as warm:
            for node in kept:
                node.count  # noqa: B018
        node = kept[0]
        with timed(200_000) as state:
            for _ in range(200_000):
                node.count  # noqa: B018
    return {"cold_cpu_us": cold.cpu_us, "warm_cpu_us": warm.cpu_us, "state_cpu_us": state.cpu_us}


def read_bounded(path: Path, count: int) -> Figures:
    create(path, count, 10_000)
    order = random.Random(7).choices(range(count), k=count)
    with _open(path, cache=count // 100) as root:
        nodes = root["nodes"]
        connection = nodes._p_jar
        with timed(count) as timing:
            for number, n in enumerate(order):
                nodes[n].count  # noqa: B018
                if number % 100 == 99:
                    connection.cacheGC()  # otherwise the limit holds at the ends of transactions only
    return {"read_cpu_us": timing.cpu_us}


def update(path: Path, count: int, *, sync: bool = True) -> Figures:
    with _open(path, sync=sync) as root:
        node = root["nodes"][-1]
        with timed(count) as timing:
            for _ in range(count):
                node.count += 1
                transaction.commit()
    return {"update_us": timing.wall_us, "update_cpu_us": timing.cpu_us}


def update_relaxed(path: Path, count: int) -> Figures:
    return update(path, count, sync=False)


def use_map(path: Path, count: int) -> Figures:
    entries = texts(count)
    with _open(path) as root:
        tree = root["texts"]
        with timed(count) as insert:
            for low in range(0, count, 10_000):
                for key, value in entries[low : low + 10_000]:
                    tree[key] = value
                transaction.commit()
    keys = [key for key, _ in random.Random(5).choices(entries, k=min(count, 20_000))]
    with _open(path) as root:
        tree = root["texts"]
        with timed(len(keys)) as look_up:
            for key in keys:
                tree[key]
        with timed(100) as scan:
            for key in keys[:100]:
                for number, _ in enumerate(tree.items(key)):
                    if number == 999:
                        break
    size = (path / "d.fs").stat().st_size / count
    return {
        "insert_cpu_us": insert.cpu_us,
        "look_up_cpu_us": look_up.cpu_us,
        "scan_cpu_us": scan.cpu_us,
        "entry_bytes": size,
    }


def size(path: Path, count: int) -> Figures:
    create(path, count, 10_000)
    return {"object_bytes": (path / "d.fs").stat().st_size / count}


def memory(path: Path, count: int) -> Figures:
    elsewhere(create, path, count, 10_000)
    with _open(path) as root:
        nodes = root["nodes"]
        nodes[-1].count  # noqa: B018
        gc.collect()
        before = rss_bytes()
        kept = [nodes[n] for n in range(count)]
        for node in kept:
            node.count  # noqa: B018
        gc.collect()
        return {"live_bytes": (rss_bytes() - before) / count}


START = """
import sys, ZODB, ZODB.FileStorage
database = ZODB.DB(ZODB.FileStorage.FileStorage(sys.argv[1]))
connection = database.open()
assert connection.root()["nodes"][0].count == 0
connection.close()
database.close()
"""


def start(path: Path, count: int) -> Figures:
    """As our side."""
    figures: dict[str, float] = {}
    for name, size in (("small", 1_000), ("large", count)):
        folder = path / name
        folder.mkdir()
        create(folder, size, 10_000)
        figures[f"{name}_ms"] = run_process(START, folder / "d.fs")
    return figures
