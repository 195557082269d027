"""Many cranks over constant data: ``python -m tests.trust.long_run --cranks 10000000``.

Two vats: each message replaces an object in a full map, sends the other vat an answer with a reference, and forgets what it
replaced. So memory, file, keys, and the reads and writes of a crank must stay what they were after the warm-up; the time of a
crank is told beside them.
"""

from __future__ import annotations

import argparse
import gc
import os
import platform
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vatdata_runtime import E, Far, Kernel, prepare_exo_class, provide, provide_durable_map_store
from vatdata_runtime.store import Durability

__all__ = ["Window", "drift", "long_run", "main"]

OBJECTS = 200
WINDOWS = 50


@dataclass(frozen=True)
class Window:
    """What was measured over a part of the run.

    Attributes:
        cranks: how many there were until its end.
        memory_bytes: resident memory at its end.
        file_bytes: size of the store's file.
        entries: how many keys the store has.
        operations: reads, writes and deletions in a crank, on the average.
        crank_us: time of a crank, in microseconds, as the median of its batches.
    """

    cranks: int
    memory_bytes: int
    file_bytes: int
    entries: int
    operations: float
    crank_us: float


def build_keeper(_powers: Any, _parameters: Any, baggage: Any) -> Any:
    make = prepare_exo_class(
        baggage,
        "Thing",
        None,
        lambda n: {"n": n, "text": "x" * 40, "before": None},
        {"link": lambda this, other: setattr(this.state, "before", other), "n": lambda this: this.state.n},
    )
    things = provide_durable_map_store(baggage, "things")
    provide(baggage, "other", lambda _: None)
    provide(baggage, "last", lambda _: None)
    provide(baggage, "answers", lambda _: 0)

    def meet(other: Any) -> None:
        baggage.set("other", other)

    def replace(n: int) -> int:
        thing = make(n)
        key = n % OBJECTS
        if things.has(key):
            thing.link(None)
            things.set(key, thing)
        else:
            things.init(key, thing)
        E.send_only(baggage.get("other")).remember(thing)
        return n

    def remember(thing: Any) -> None:
        baggage.set("last", thing)
        baggage.set("answers", baggage.get("answers") + 1)

    return Far("Keeper", {"meet": meet, "replace": replace, "remember": remember})


def long_run(path: Path, cranks: int, durability: Durability = "relaxed") -> Iterator[Window]:
    """Run at least *cranks* cranks; yield what was measured after each of ``WINDOWS`` parts of equal length."""
    with Kernel.open(path, durability=durability, cache_bytes=1 << 20, collect_every=50) as kernel:
        left, right = (kernel.create_vat(name, f"{__name__}:build_keeper").root for name in ("left", "right"))
        kernel.call(left, "meet", right)
        kernel.call(right, "meet", left)
        done = n = 0
        before = operations_of(kernel)
        for window in range(1, WINDOWS + 1):
            times: list[float] = []
            begun_at = done
            while done < cranks * window // WINDOWS:
                begun = time.perf_counter()
                calls = [kernel.send(left if n % 2 else right, "replace", n + k) for k in range(20)]
                n += 21  # an odd number: both vats take turns
                ran = kernel.run().cranks
                assert [call.result() for call in calls] == list(range(n - 21, n - 1))
                done += ran
                times.append((time.perf_counter() - begun) / ran)
            gc.collect()
            measures = kernel._board.store.measure()
            after = operations_of(kernel)
            yield Window(
                done,
                resident_bytes(),
                measures.file_size_bytes,
                measures.entries,
                (after - before) / (done - begun_at),
                statistics.median(times) * 1e6,
            )
            before = after


def operations_of(kernel: Kernel) -> int:
    counters = kernel.counters
    return counters.reads + counters.writes + counters.deletes


def resident_bytes() -> int:
    """Memory of this process, its share of the store's map left out where the system tells it."""
    fields = dict(
        line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines() if ":" in line
    )
    return int(fields["RssAnon"].split()[0]) * 1024


def drift(windows: list[Window]) -> dict[str, float]:
    """How the last quarter compares with the quarter after the warm-up, as ratios: 1 is no change."""
    quarter = len(windows) // 4
    early, late = windows[quarter : 2 * quarter], windows[-quarter:]
    return {
        name: statistics.median(getattr(window, name) for window in late)
        / statistics.median(getattr(window, name) for window in early)
        for name in ("memory_bytes", "file_bytes", "entries", "operations", "crank_us")
    }


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.trust.long_run", description=__doc__)
    parser.add_argument("--cranks", type=int, default=10_000_000)
    parser.add_argument("--durability", choices=["crank", "group", "relaxed"], default="relaxed")
    options = parser.parse_args(arguments)
    begun = time.monotonic()
    windows: list[Window] = []
    print(f"{'cranks':>12} {'memory MiB':>11} {'file MiB':>9} {'entries':>8} {'operations':>11} {'us':>8}")
    with tempfile.TemporaryDirectory(prefix="long-run") as folder:
        for window in long_run(Path(folder) / "world.db", options.cranks, options.durability):
            windows.append(window)
            if len(windows) % (WINDOWS // 10) == 0:
                print(
                    f"{window.cranks:>12} {window.memory_bytes / 2**20:>11.1f} {window.file_bytes / 2**20:>9.1f} "
                    f"{window.entries:>8} {window.operations:>11.2f} {window.crank_us:>8.1f}",
                    flush=True,
                )
    found = drift(windows)
    print("late against early:", ", ".join(f"{name} {ratio:.3f}" for name, ratio in found.items()))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    print(
        f"{windows[-1].cranks} cranks in {time.monotonic() - begun:.0f} s, peak {peak // 1024} MiB, {machine}"
    )
    return (
        0 if all(found[name] < 1.1 for name in ("memory_bytes", "file_bytes", "entries", "operations")) else 1
    )


if __name__ == "__main__":
    sys.exit(main())
