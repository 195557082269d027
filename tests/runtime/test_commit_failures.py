"""A commit that fails leaves memory and store agreeing on the last crank that was kept."""

from __future__ import annotations

import resource
from contextlib import contextmanager

import pytest

from vatdata_runtime import Far, StoreFullError, open_vat, prepare_exo_class, provide_durable_map_store


class Counter:
    def add(this, by):
        this.state.n += by
        return this.state.n


def build(_powers, _parameters, baggage):
    make = prepare_exo_class(baggage, "Counter", None, lambda: {"n": 0}, Counter)
    counters = provide_durable_map_store(baggage, "counters")
    if not counters.has("only"):
        counters.init("only", make())

    def more():
        counters.init("other", make())

    def fill(size):
        counters.init("text", "x" * size)

    return Far(
        "Root",
        {
            "fill": fill,
            "add": lambda by: counters.get("only").add(by),
            "more": more,
            "size": lambda: len(counters),
        },
    )


class Stop(Exception):
    """Raised in the middle of a commit."""


@pytest.mark.parametrize("step", ["begin", "put", "commit"])
def test_a_commit_that_was_interrupted_is_repeated_by_the_next_one(tmp_path, step):
    armed = []

    def on_step(name):
        if armed and name == armed[0]:
            armed.clear()
            raise Stop(name)

    with open_vat(tmp_path / "s", build, on_step=on_step) as vat:
        assert vat.call("add", 1) == 1
        armed.append(step)
        with pytest.raises(Stop):
            vat.call("add", 1)
        assert vat.call("add", 1) == 3
        assert vat.call("size") == 1
    with open_vat(tmp_path / "s", build) as vat:
        assert vat.call("add", 0) == 3


@contextmanager
def full_disk(path):
    """Let no file grow beyond the size that the store's file has now; the system says so as it does of a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_commit_that_the_disk_refuses_is_as_if_its_crank_had_never_run(tmp_path):
    path = tmp_path / "s"
    with open_vat(path, build) as vat:
        vat.call("add", 1)
        with full_disk(path), pytest.raises(StoreFullError, match="Free space on the disk"):
            with vat.crank() as root:
                root.add(1)
                root.fill(5_000_000)
        assert vat.call("size") == 1
        assert vat.call("add", 1) == 2
        vat.call("fill", 5_000_000)
    with open_vat(path, build) as vat:
        assert vat.call("add", 0) == 2
        assert vat.call("size") == 2
