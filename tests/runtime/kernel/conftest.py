"""A kernel on a store of its own, reopened and crashed as tests ask."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from vatdata_runtime import Far, Kernel, KernelVat

Build = Callable[[Any, Any, Any], Any]


class World:
    """One store and the kernel on it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "world.db"
        self.sources: dict[str, Any] = {}
        self._kernel: Kernel | None = None
        self._crashes = 0

    @property
    def kernel(self) -> Kernel:
        if self._kernel is None:
            self._kernel = Kernel.open(self.path, sources=self.sources)
        return self._kernel

    def vat(self, name: str, **methods: Any) -> KernelVat:
        """Provide a vat whose root has these methods."""
        return self.build(name, lambda _powers, _parameters, _baggage: Far(name, methods))

    def build(self, name: str, build: Build, parameters: Any = None) -> KernelVat:
        """Provide a vat by its build function."""
        self.sources[name] = build
        return self.kernel.provide_vat(name, build, parameters)

    def reopen(self, **options: Any) -> Kernel:
        """Close the kernel and open the store again: every vat begins its next incarnation."""
        self.close()
        self._kernel = Kernel.open(self.path, **{"sources": self.sources, **options})
        return self._kernel

    def crash(self) -> Kernel:
        """Go on as if the process had died now: with the file as it is, nothing closed."""
        self._crashes += 1
        copy = self.path.with_name(f"after_crash_{self._crashes}.db")
        shutil.copyfile(self.path, copy)
        if self._kernel is not None:
            self._kernel.__exit__(SystemExit, None, None)  # the old process runs nothing more
            self._kernel = None
        self.path = copy
        return self.kernel

    def close(self) -> None:
        if self._kernel is not None:
            self._kernel.close()
            self._kernel = None


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.close()
