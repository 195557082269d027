"""What is measured: each scenario with its sides, and the bars that a release holds.

``lmdb`` is the floor, ``zodb`` the peer. Other systems that bars were taken from (SwingSet, DBOS, Restate) are servers
that do not run here; what comes from them is an absolute bar.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from .measuring import Bar, Figures, Scenario, Side

__all__ = ["SCENARIOS", "is_available"]


def is_available(side: str) -> bool:
    """Whether what a side measures is installed."""
    return side != "zodb" or (find_spec("ZODB") is not None and find_spec("BTrees") is not None)


@cache
def _module(side: str) -> object:
    return import_module(f".{side}_side", __package__)


def _late(side: str, function: str) -> Side:
    def run(path: Path, count: int) -> Figures:
        figures: Figures = getattr(_module(side), function)(path, count)
        return figures

    return run


def _sides(function: str, *others: str, **named: str) -> Mapping[str, Side]:
    """Sides whose function has our name (*others*), or another one (*named*)."""
    sides = {"vatdata": _late("vatdata", function)}
    sides |= {side: _late(side, function) for side in others}
    return sides | {side: _late(side, name) for side, name in named.items()}


SCENARIOS = (
    Scenario(
        "create-10000",
        "make an object of 4 fields and register it in a map, 10,000 a crank, flushed",
        _sides("create_in_one", "zodb", "lmdb"),
        (Bar("object_cpu_us", 2.5, "zodb"), Bar("object_cpu_us", 0.14, "lmdb")),
        50_000,
        10_000,
    ),
    Scenario(
        "create-100",
        "the same, 100 a crank",
        _sides("create_in_hundreds", "zodb", "lmdb"),
        (Bar("object_us", 3, "zodb"), Bar("object_cpu_us", 0.14, "lmdb")),
        20_000,
        2_000,
    ),
    Scenario(
        "read",
        "look a random object up and call a method that reads a field: from disk, in memory; a field inside one method",
        _sides("read", "zodb", "lmdb"),
        (Bar("cold_cpu_us", 3, "zodb"), Bar("warm_cpu_us", 0.5, "zodb"), Bar("state_cpu_us", 1, "zodb")),
        50_000,
        10_000,
    ),
    Scenario(
        "read-bounded",
        "the same with memory for one object in a hundred",
        _sides("read_bounded", "zodb"),
        (Bar("read_cpu_us", 8, "zodb"),),
        100_000,
        10_000,
    ),
    Scenario(
        "update-crank",
        'change one field, one crank and one flush each, durability="crank"',
        _sides("update", "zodb", "lmdb"),
        (Bar("update_us", 1.2, "zodb"), Bar("update_us", 0.85, "lmdb")),
        1_000,
        200,
    ),
    Scenario(
        "update-group",
        'the same with 100 calls in flight, durability="group", beside a flush for each: raw, and in cranks',
        {
            **_sides("update_in_flight", lmdb="update_one_by_one"),
            "crank": _late("vatdata", "update_in_flight_each_flushed"),
        },
        (Bar("update_us", 8, "lmdb"), Bar("update_us", 10, "crank"), Bar("update_us", 50)),
        10_000,
        2_000,
    ),
    Scenario(
        "update-relaxed",
        'change one field, one crank each, never flushed, durability="relaxed"',
        _sides("update_relaxed", "zodb", "lmdb"),
        (Bar("update_us", 4, "zodb"),),
        5_000,
        1_000,
    ),
    Scenario(
        "messages",
        'messages between two vats, exactly once, durability="group"; the second figure with an awaited answer',
        _sides("messages"),
        (Bar("message_us", 100),),
        10_000,
        2_000,
    ),
    Scenario(
        "map",
        "ordered map of texts, random keys, 10,000 a crank: insert, look up from disk, scan 1,000 entries",
        _sides("use_map", "zodb", "lmdb"),
        (
            Bar("insert_cpu_us", 2, "zodb"),
            Bar("look_up_cpu_us", 3, "zodb"),
            Bar("scan_cpu_us", 0.8, "zodb"),
            Bar("entry_bytes", 1 / 1.3, "lmdb"),
        ),
        1_000_000,  # as the bars say: of fewer, the 20,000 look-ups leave ZODB most of the tree in memory for the scans
        20_000,
    ),
    Scenario(
        "size",
        "bytes of the file for each object and its entry in a map",
        _sides("size", "zodb", "lmdb"),
        (Bar("object_bytes", 2, "zodb"),),
        50_000,
        10_000,
    ),
    Scenario(
        "memory",
        "memory of each live representative with its state",
        _sides("memory", "zodb"),
        (Bar("live_bytes", 700),),
        100_000,
        20_000,
    ),
    Scenario(
        "start",
        "a whole process that opens a store and calls one object, by the store's size",
        _sides("start", "zodb"),
        (Bar("small_ms", 1 / 1.2, "zodb"),),
        1_000_000,
        10_000,
    ),
    Scenario(
        "import",
        "import vatdata_runtime over a bare Python, and what a program with one vat imports of it; beside that what it "
        "needs from others: asyncio, msgspec, lmdb",
        {"vatdata": _late("vatdata", "import_time"), "needed": _late("vatdata", "import_needed")},
        (Bar("over_bare_ms", 60),),
        1,
        1,
    ),
    Scenario(
        "call",
        "guarded call that changes a field, beside a plain method of a slotted object",
        _sides("call", lmdb="plain_call"),
        (),
        100_000,
        20_000,
    ),
)
