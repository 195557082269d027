"""The lives of a vat whose build function is given a zone, of each sort in turn."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from tests.runtime.vat.conftest import Lives, lives
from vatdata_runtime import Vat, Zone, make_durable_zone, make_heap_zone, make_virtual_zone

__all__ = ["SORTS", "ZoneLives", "lives", "make_zone", "zones"]

SORTS = ("heap", "virtual", "durable")

Script = Callable[[Zone], Mapping[str, Any]]


def make_zone(sort: str, baggage: Any) -> Zone:
    if sort == "durable":
        return make_durable_zone(baggage)
    return make_heap_zone() if sort == "heap" else make_virtual_zone()


class ZoneLives:
    """Starts incarnations from scripts that are given a zone and return names; see ``Lives``."""

    def __init__(self, lives: Lives, sort: str) -> None:
        self.lives = lives
        self.sort = sort

    def start(self, script: Script) -> Vat:
        return self.lives.start(lambda baggage: script(make_zone(self.sort, baggage)))

    def run(self, script: Callable[[Zone], None]) -> None:
        """Start an incarnation that is only its first crank."""

        def build(zone: Zone) -> dict[str, Any]:
            script(zone)
            return {}

        self.start(build)

    @contextmanager
    def crank(self) -> Iterator[SimpleNamespace]:
        with self.lives.crank() as here:
            yield here


@pytest.fixture(params=SORTS)
def zones(request: pytest.FixtureRequest, lives: Lives) -> ZoneLives:
    return ZoneLives(lives, request.param)


@pytest.fixture
def durable(lives: Lives) -> ZoneLives:
    return ZoneLives(lives, "durable")
