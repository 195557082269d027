"""What does not grow with the number of objects, and what memory stays bounded."""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest

from vatdata_runtime import Far, open_vat, prepare_exo_class, provide_durable_map_store


def build(_powers, _parameters, baggage):
    class Node:
        def count(this):
            return this.state.count

    make = prepare_exo_class(
        baggage, "Node", None, lambda n: {"count": n, "name": f"node {n}", "score": 0.5, "tag": None}, Node
    )
    nodes = provide_durable_map_store(baggage, "nodes")

    def fill(first, last):
        for n in range(first, last):
            nodes.init(n, make(n))

    def read(first, last, step):
        return sum(nodes.get(n).count() for n in range(first, last, step))

    return Far("Root", {"fill": fill, "read": read})


def fill(path: Path, count: int, piece: int = 10_000) -> None:
    with open_vat(path, build) as vat:
        for first in range(0, count, piece):
            vat.call("fill", first, min(first + piece, count))


def reads_of_an_open(path: Path) -> int:
    with open_vat(path, build) as vat:
        return vat.counters.reads


def test_opening_reads_as_much_for_a_hundred_objects_as_for_three_thousand(tmp_path):
    fill(tmp_path / "small", 100)
    fill(tmp_path / "large", 3_000)
    assert reads_of_an_open(tmp_path / "small") == reads_of_an_open(tmp_path / "large")


def test_a_cache_of_a_few_records_reads_every_object_right(tmp_path):
    fill(tmp_path / "s", 500)
    with open_vat(tmp_path / "s", build, cache_bytes=10_000) as vat:
        assert vat.call("read", 0, 500, 1) == sum(range(500))
        assert vat.call("read", 0, 500, 1) == sum(range(500))


def open_time(path: Path) -> float:
    """Seconds from the start of a process to its first answered call."""
    program = (
        "import sys; from vatdata_runtime import open_vat\n"
        "from tests.runtime.test_large_store import build\n"
        "with open_vat(sys.argv[1], build) as vat: vat.call('read', 0, 1, 1)"
    )
    begin = time.perf_counter()
    subprocess.run([sys.executable, "-c", program, str(path)], check=True)
    return time.perf_counter() - begin


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_million_objects_open_as_fast_as_a_thousand_and_fit_a_bounded_cache(tmp_path):
    fill(tmp_path / "small", 1_000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    fill(tmp_path / "large", 1_000_000)
    times = {"small": [], "large": []}
    for _ in range(5):
        for name, measured in times.items():
            measured.append(open_time(tmp_path / name))
    ratio = statistics.median(times["large"]) / statistics.median(times["small"])
    assert ratio < 1.5
    with open_vat(tmp_path / "large", build, cache_bytes=64 << 20) as vat:
        for first in range(0, 1_000_000, 100_000):
            assert vat.call("read", first, first + 100_000, 1) == sum(range(first, first + 100_000))
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    # The map's pages count as resident too, and the file is some 100 MB.
    assert grown < 600_000, f"memory grew by {grown} kB"
