"""What is measured: each scenario with the floor that it is compared to."""

from __future__ import annotations

import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lmdb

from vatdata_runtime import Far, M, open_vat, prepare_exo_class, provide_durable_map_store

NodeI = M.interface("Node", {"bump": M.call(M.int()).returns(M.int()), "count": M.call().returns(M.int())})
_VALUE = struct.Struct("<q d q 16s")
_MAP_SIZE = 1 << 30


@dataclass(frozen=True, slots=True)
class Scenario:
    """A measured operation and its floor.

    Attributes:
        name: for the command line.
        what: the operation, for people.
        floor: what the floor does.
        run: from a path and a count to microseconds an operation.
        run_floor: the same for the floor.
    """

    name: str
    what: str
    floor: str
    run: Callable[[Path, int], float]
    run_floor: Callable[[Path, int], float]


def build(_powers: Any, _parameters: Any, baggage: Any) -> Any:
    """A vat with one kind of four fields, one of them a reference, registered in a map."""

    class Node:
        def bump(this, by):
            this.state.count += by
            return this.state.count

        def count(this):
            return this.state.count

    def init(n, reference):
        return {"count": n, "name": f"node {n}", "score": 0.5, "reference": reference}

    make = prepare_exo_class(baggage, "Node", NodeI, init, Node)
    nodes = provide_durable_map_store(baggage, "nodes")
    if not nodes.has(-1):
        nodes.init(-1, make(-1, None))

    def fill(count):
        reference = nodes.get(-1)
        for n in range(count):
            nodes.init(n, make(n, reference))

    def bump(count):
        node = nodes.get(-1)
        call = node.bump
        begin = time.perf_counter()
        for _ in range(count):
            call(1)
        return (time.perf_counter() - begin) / count * 1e6

    def read(count):
        begin = time.perf_counter()
        for n in range(count):
            nodes.get(n).count()
        return (time.perf_counter() - begin) / count * 1e6

    return Far("Root", {"fill": fill, "bump": bump, "read": read, "one": lambda: nodes.get(-1).bump(1)})


def _create(path: Path, count: int) -> float:
    with open_vat(path, build) as vat:
        begin = time.perf_counter()
        vat.call("fill", count)
        return (time.perf_counter() - begin) / count * 1e6


def _raw_create(path: Path, count: int) -> float:
    with lmdb.open(str(path), subdir=False, map_size=_MAP_SIZE) as environment:
        begin = time.perf_counter()
        with environment.begin(write=True) as transaction:
            for n in range(count):
                key = n.to_bytes(8, "big")
                transaction.put(b"o" + key, _VALUE.pack(n, 0.5, -1, b"node"))
                transaction.put(b"e" + key, key)
        return (time.perf_counter() - begin) / count * 1e6


def _guarded_call(path: Path, count: int) -> float:
    with open_vat(path, build) as vat:
        microseconds: float = vat.call("bump", count)
        return microseconds


def _plain_call(_path: Path, count: int) -> float:
    class Plain:
        __slots__ = ("value",)

        def __init__(self):
            self.value = 0

        def bump(self, by):
            self.value += by
            return self.value

    call = Plain().bump
    begin = time.perf_counter()
    for _ in range(count):
        call(1)
    return (time.perf_counter() - begin) / count * 1e6


def _cold_read(path: Path, count: int) -> float:
    with open_vat(path, build) as vat:
        vat.call("fill", count)
    with open_vat(path, build) as vat:
        microseconds: float = vat.call("read", count)
        return microseconds


def _raw_read(path: Path, count: int) -> float:
    _raw_create(path, count)
    with (
        lmdb.open(str(path), subdir=False, map_size=_MAP_SIZE) as environment,
        environment.begin() as transaction,
    ):
        begin = time.perf_counter()
        for n in range(count):
            key = transaction.get(b"e" + n.to_bytes(8, "big"))
            _VALUE.unpack(transaction.get(b"o" + key))
        return (time.perf_counter() - begin) / count * 1e6


def _commit(path: Path, count: int) -> float:
    cranks = max(1, count // 50)
    with open_vat(path, build, durability="crank") as vat:
        begin = time.perf_counter()
        for _ in range(cranks):
            vat.call("one")
        return (time.perf_counter() - begin) / cranks * 1e6


def _raw_commit(path: Path, count: int) -> float:
    commits = max(1, count // 50)
    with lmdb.open(str(path), subdir=False, map_size=_MAP_SIZE) as environment:
        begin = time.perf_counter()
        for n in range(commits):
            with environment.begin(write=True) as transaction:
                transaction.put(b"k", n.to_bytes(8, "big"))
        return (time.perf_counter() - begin) / commits * 1e6


SCENARIOS = (
    Scenario(
        "create",
        "make an object of 4 fields and register it, one crank",
        "two puts of the same sizes",
        _create,
        _raw_create,
    ),
    Scenario(
        "call",
        "guarded call that changes a field",
        "plain method of a slotted object",
        _guarded_call,
        _plain_call,
    ),
    Scenario(
        "cold-read",
        "look up and call a method, nothing in memory",
        "two gets and an unpack",
        _cold_read,
        _raw_read,
    ),
    Scenario("commit", "one call, one crank, flushed", "one put, one flushed commit", _commit, _raw_commit),
)
