"""``python -m bench curves``: costs by number of objects, vats, entries and size of a batch, as a table or as pictures.

No cost may grow faster than its data: a cost for each object that doubles from one end to the other is a finding.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from vatdata_runtime import Kernel, open_vat

from ..measuring import timed
from ..vatdata_side import texts
from ..vats import build
from .drawing import draw

__all__ = ["Curve", "main"]


@dataclass(frozen=True, slots=True)
class Curve:
    """A cost in CPU microseconds for each size."""

    name: str
    by: str
    points: tuple[tuple[int, float], ...]


Measure = Callable[[Path, int], dict[str, float]]


def by_objects(path: Path, count: int) -> dict[str, float]:
    with open_vat(path, build) as vat, timed(count) as made:
        for low in range(0, count, 1000):
            vat.call("fill", low, low + 1000)
    with timed(1) as opened, open_vat(path, build) as vat:
        vat.call("read", [0])
    with open_vat(path, build) as vat:
        read = vat.call("read", some(count))
    return {"create one": made.cpu_us, "read one from disk": read, "open and read one": opened.cpu_us}


def by_vats(path: Path, count: int) -> dict[str, float]:
    with Kernel.open(path, sources={f"v{n}": build for n in range(count)}) as kernel:
        roots = [kernel.create_vat(f"v{n}", build).root for n in range(count)]
        for _ in range(2):  # a vat's first call costs more, and with many vats each would be a first one
            with timed(1000) as called:
                calls = [kernel.send(roots[n % count], "one") for n in range(1000)]
                kernel.run()
            assert all(call.done() for call in calls)
    with timed(count) as opened, Kernel.open(path, sources={f"v{n}": build for n in range(count)}):
        pass
    return {"call, 1,000 in flight": called.cpu_us, "start one vat": opened.cpu_us}


def by_entries(path: Path, count: int) -> dict[str, float]:
    entries = texts(count)
    with open_vat(path, build) as vat, timed(count) as insert:
        for low in range(0, count, 1000):
            vat.call("insert", entries[low : low + 1000])
    keys = [key for key, _ in entries[:5000]]
    with open_vat(path, build) as vat:
        look_up = vat.call("look_up", keys)
        scan = vat.call("scan", ["k0"] * 20) / min(count, 1000)
    return {"insert": insert.cpu_us, "look up": look_up, "scan one of 1,000": scan}


def by_batch(path: Path, count: int) -> dict[str, float]:
    with open_vat(path, build) as vat, timed(10_000) as made:
        for low in range(0, 10_000, count):
            vat.call("fill", low, low + count)
    return {"create one": made.cpu_us}


def by_size(path: Path, size_bytes: int) -> dict[str, float]:
    """Objects with one text that is so long, two thousand of them or 200 MB."""
    count = min(2_000, 200_000_000 // size_bytes)
    with open_vat(path, build) as vat:
        with timed(count) as made:
            for low in range(0, count, 100):
                vat.call("fill_named", low, min(low + 100, count), "x" * size_bytes)
        order = some(count)
    with open_vat(path, build) as vat:
        read = vat.call("read", order)
    return {"create one": made.cpu_us, "read one from disk": read}


def by_cache(path: Path, cached: int) -> dict[str, float]:
    """Random reads of 100,000 objects with room for some of them in memory."""
    count = 100_000
    with open_vat(path, build) as vat:
        for low in range(0, count, 10_000):
            vat.call("fill", low, low + 10_000)
    with open_vat(path, build, cache_bytes=cached * RECORD_BYTES) as vat:
        dice = random.Random(7)
        vat.call("read", dice.choices(range(count), k=count))
        return {"read a random one of 100,000": vat.call("read", dice.choices(range(count), k=count))}


RECORD_BYTES = 464
"""What the cache counts for an object of the measured kind."""


def some(count: int) -> list[int]:
    """Return up to 5,000 different numbers below *count* in random order."""
    return random.Random(5).sample(range(count), min(count, 5000))


CURVES: dict[str, tuple[Measure, tuple[int, ...]]] = {
    "objects": (by_objects, (1_000, 10_000, 100_000, 1_000_000, 10_000_000)),
    "vats": (by_vats, (1, 10, 100, 1_000)),
    "entries of a map": (by_entries, (1_000, 10_000, 100_000, 1_000_000)),
    "objects a crank": (by_batch, (10, 100, 1_000, 10_000)),
    "bytes of an object": (by_size, (10, 100, 1_000, 10_000, 100_000, 1_000_000)),
    "objects that the cache holds": (by_cache, (100, 1_000, 10_000, 100_000)),
}


def measure(by: str, largest: int, rounds: int) -> list[Curve]:
    """Measure the curves of one variable up to *largest*; medians over the rounds."""
    run, sizes = CURVES[by]
    points: dict[str, list[tuple[int, float]]] = {}
    for size in (size for size in sizes if size <= largest):
        samples: list[dict[str, float]] = []
        for _ in range(rounds):
            with tempfile.TemporaryDirectory(prefix="vatdata-curves-") as folder:
                samples.append(run(Path(folder) / "s.db", size))
        for name in samples[0]:
            points.setdefault(name, []).append((size, statistics.median(sample[name] for sample in samples)))
    return [Curve(name, by, tuple(found)) for name, found in points.items()]


def main(arguments: Sequence[str]) -> int:
    """Measure and print; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench curves", description=__doc__)
    parser.add_argument("--largest", type=int, default=1_000_000, help="leave out sizes above this one")
    parser.add_argument("--by", action="append", choices=list(CURVES), help="leave out the others")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--svg", type=Path, metavar="FILE", help="draw the curves into a file as well")
    options = parser.parse_args(arguments)
    curves: list[Curve] = []
    with Console(stderr=True).status("") as status:
        for by in options.by or CURVES:
            status.update(f"costs by {by}")
            curves += measure(by, options.largest, options.rounds)
    if options.svg is not None:
        options.svg.write_text(draw([(f"{c.name}, by {c.by}", c.points) for c in curves]), encoding="utf-8")
    if options.json:
        json.dump([asdict(curve) for curve in curves], sys.stdout)
        sys.stdout.write("\n")
        return 0
    table = Table("cost", "by", "CPU us at each size")
    for curve in curves:
        costs = ", ".join(f"{size:,}: {cost:,.3g}" for size, cost in curve.points)
        table.add_row(curve.name, curve.by, costs)
    Console(width=None if sys.stdout.isatty() else 120).print(table)
    return 0
