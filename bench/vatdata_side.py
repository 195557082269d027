"""Our side of each scenario."""

from __future__ import annotations

import gc
import os
import random
import subprocess
import sys
from pathlib import Path

from vatdata_runtime import Kernel, open_vat
from vatdata_runtime.store import Durability

from .measuring import Figures, elsewhere, rss_bytes, timed
from .vats import build, build_sender

IN_FLIGHT = 100


def shuffled(count: int) -> list[int]:
    """Return the numbers below *count* in an order that is the same on each side."""
    order = list(range(count))
    random.Random(5).shuffle(order)
    return order


def texts(count: int) -> list[tuple[str, str]]:
    """Return the entries of the map scenarios, keys in random order."""
    return [(f"k{n:012d}", f"value-{n:014d}") for n in shuffled(count)]


def create(path: Path, count: int, batch: int) -> Figures:
    with open_vat(path / "s.db", build) as vat, timed(count) as timing:
        for low in range(0, count, batch):
            vat.call("fill", low, low + batch)
    return {"object_us": timing.wall_us, "object_cpu_us": timing.cpu_us}


def create_in_one(path: Path, count: int) -> Figures:
    return create(path, count, 10_000)


def create_in_hundreds(path: Path, count: int) -> Figures:
    return create(path, count, 100)


def read(path: Path, count: int) -> Figures:
    create(path, count, 10_000)
    with open_vat(path / "s.db", build) as vat:
        cold = vat.call("read", shuffled(count))
        vat.call("keep", shuffled(count))
        return {
            "cold_cpu_us": cold,
            "warm_cpu_us": vat.call("read_kept"),
            "state_cpu_us": vat.call("read_often", 200_000),
        }


def read_bounded(path: Path, count: int) -> Figures:
    create(path, count, 10_000)
    with open_vat(path / "s.db", build, cache_bytes=count // 100 * 450) as vat:
        return {"read_cpu_us": vat.call("read", random.Random(7).choices(range(count), k=count))}


def update(path: Path, count: int) -> Figures:
    with open_vat(path / "s.db", build, durability="crank") as vat:
        vat.call("one")
        with timed(count) as timing:
            for _ in range(count):
                vat.call("one")
    return {"update_us": timing.wall_us}


def update_relaxed(path: Path, count: int) -> Figures:
    with open_vat(path / "s.db", build, durability="relaxed") as vat:
        vat.call("one")
        with timed(count) as timing:
            for _ in range(count):
                vat.call("one")
    return {"update_us": timing.wall_us, "update_cpu_us": timing.cpu_us}


def update_in_flight(path: Path, count: int, *, durability: Durability = "group") -> Figures:
    with Kernel.open(path / "s.db", sources={"a": build}, durability=durability) as kernel:
        root = kernel.create_vat("a", build).root
        kernel.call(root, "one")
        with timed(count) as timing:
            for _ in range(count // IN_FLIGHT):
                calls = [kernel.send(root, "one") for _ in range(IN_FLIGHT)]
                kernel.run()
                assert all(call.done() for call in calls)
    return {"update_us": timing.wall_us, "update_cpu_us": timing.cpu_us}


def update_in_flight_each_flushed(path: Path, count: int) -> Figures:
    """A tenth of the updates, each crank with its own flush: the time of one does not depend on how many there are."""
    return update_in_flight(path, max(count // 10, IN_FLIGHT), durability="crank")


def messages(path: Path, count: int) -> Figures:
    with Kernel.open(path / "s.db") as kernel:
        sender = kernel.create_vat("a", build_sender).root
        receiver = kernel.create_vat("b", build).root
        with timed(count) as told:
            kernel.call(sender, "tell", receiver, count)
            kernel.run()
        assert kernel.call(receiver, "one") == count, "a message was lost or came twice"
        with timed(count) as asked:
            kernel.call(sender, "ask", receiver, count)
    return {"message_us": told.wall_us, "message_cpu_us": told.cpu_us, "answered_us": asked.wall_us}


def use_map(path: Path, count: int) -> Figures:
    entries = texts(count)
    with open_vat(path / "s.db", build) as vat, timed(count) as insert:
        for low in range(0, count, 10_000):
            vat.call("insert", entries[low : low + 10_000])
    keys = [key for key, _ in random.Random(5).choices(entries, k=min(count, 20_000))]
    with open_vat(path / "s.db", build) as vat:
        look_up = vat.call("look_up", keys)
        scan = vat.call("scan", keys[:100])
    size = (path / "s.db").stat().st_size / count
    return {
        "insert_cpu_us": insert.cpu_us,
        "look_up_cpu_us": look_up,
        "scan_cpu_us": scan,
        "entry_bytes": size,
    }


def size(path: Path, count: int) -> Figures:
    create(path, count, 10_000)
    return {"object_bytes": (path / "s.db").stat().st_size / count}


def memory(path: Path, count: int) -> Figures:
    elsewhere(create, path, count, 10_000)
    with open_vat(path / "s.db", build, cache_bytes=1 << 32) as vat:
        vat.call("one")
        gc.collect()
        before = rss_bytes()
        vat.call("keep", list(range(count)))
        gc.collect()
        return {"live_bytes": (rss_bytes() - before) / count}


START = "import sys; from vatdata_runtime import open_vat; from bench.vats import build\n" + (
    "with open_vat(sys.argv[1], build) as vat: assert vat.call('read', [0]) >= 0"
)


def start(path: Path, count: int) -> Figures:
    """The time of a whole process at two sizes of the store, in turn."""
    figures: dict[str, float] = {}
    for name, size in (("small", 1_000), ("large", count)):
        folder = path / name
        folder.mkdir()
        with open_vat(folder / "s.db", build) as vat:
            for low in range(0, size, 10_000):
                vat.call("fill", low, min(low + 10_000, size))
    for name in ("small", "large"):
        figures[f"{name}_ms"] = run_process(START, path / name / "s.db")
    return figures


def run_process(code: str, *arguments: object) -> float:
    """Return the milliseconds of a Python process, the best of five: what disturbs it only adds.

    The first one compiles what has changed since; an installed package is compiled already.
    """
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    times: list[float] = []
    for _ in range(5):
        with timed(1) as timing:
            subprocess.run([sys.executable, "-c", code, *map(str, arguments)], check=True, env=environment)
        times.append(timing.wall_us / 1000)
    return min(times)


PROGRAM = "from vatdata_runtime import Far, M, open_vat, prepare_exo_class, provide_durable_map_store"
"""What a program with one vat imports: the package by itself imports almost nothing."""


def import_time(_path: Path, _count: int) -> Figures:
    bare = run_process("pass")
    return {
        "over_bare_ms": run_process("import vatdata_runtime") - bare,
        "program_ms": run_process(PROGRAM) - bare,
    }


def import_needed(_path: Path, _count: int) -> Figures:
    return {"program_ms": run_process("import asyncio, msgspec, lmdb") - run_process("pass")}


def call(path: Path, count: int) -> Figures:
    with open_vat(path / "s.db", build) as vat:
        return {"call_cpu_us": vat.call("call_many", count)}
