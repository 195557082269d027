"""One store, and the lives of a vat over it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from vatdata_runtime import Far, Vat, open_vat
from vatdata_runtime.kernel.vat_table import VatTable
from vatdata_runtime.passable import Remotable
from vatdata_runtime.store import open_store
from vatdata_runtime.vat.verify import verify_vat

Setup = Callable[[Any], Mapping[str, Any]]


class Lives:
    """Starts, restarts, upgrades and crashes one vat over one store.

    A setup is the build function of a test: it is called with the baggage in the first crank and returns names. Inside
    ``crank()`` they are attributes, and the functions among them are the root's methods, for ``vat.call``.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / "store.db"
        self._vat: Vat | None = None
        self._setup: Setup | None = None
        self._options: dict[str, Any] = {}
        self._names = SimpleNamespace()
        self._crashes = 0

    @property
    def vat(self) -> Vat:
        assert self._vat is not None, "start the vat first"
        return self._vat

    def start(self, setup: Setup, **options: Any) -> Vat:
        """Stop the vat if it runs, and start the next incarnation from *setup*."""
        self.stop()

        def build(vat_powers: Any, vat_parameters: Any, baggage: Any) -> Any:
            names = setup(baggage)
            methods = {k: v for k, v in names.items() if callable(v) and not isinstance(v, Remotable)}
            self._names = SimpleNamespace(**{"baggage": baggage, **names})
            return Far("Root", methods)

        self._setup, self._options = setup, options
        self._vat = open_vat(self.path, build, **options)
        return self._vat

    def restart(self) -> Vat:
        """Stop, and start the next incarnation from the same code."""
        assert self._setup is not None
        return self.start(self._setup, **self._options)

    def crash(self) -> None:
        """Go on as if the process had died now: with the file as it is, nothing closed."""
        self._crashes += 1
        copy = self.path.with_name(f"after_crash_{self._crashes}.db")
        shutil.copyfile(self.path, copy)
        self.stop()
        self.path = copy

    def stop(self) -> None:
        """Close the vat."""
        if self._vat is not None:
            self._vat.close()
            self._vat = None
        self._names = SimpleNamespace()

    @contextmanager
    def crank(self) -> Iterator[SimpleNamespace]:
        """Run one crank; yields the names of the setup, and ``baggage``."""
        with self.vat.crank():
            yield self._names

    @contextmanager
    def aborted_crank(self) -> Iterator[SimpleNamespace]:
        """Run one crank and abort it at the end of the block."""
        with pytest.raises(Abort), self.crank() as here:
            yield here
            raise Abort

    def dump(self) -> dict[bytes, bytes]:
        """Return every key and value that is committed."""
        with open_store(self.path, readonly=True) as store:
            return dict(store.scan(b"\x01"))

    def differences(self) -> list[str]:
        """Recompute every count, mark, size and index of the store; return what is not as it should be."""
        if not self.path.exists():
            return []
        with open_store(self.path, readonly=True) as store:
            vats = VatTable(store, store.path).names()
            return [str(found) for number in vats.values() for found in verify_vat(store, number, store.path)]


class Abort(Exception):
    """Raised by a test to abort a crank."""


@pytest.fixture
def lives(tmp_path: Path) -> Iterator[Lives]:
    lives = Lives(tmp_path)
    yield lives
    lives.stop()
    assert lives.differences() == []


def stable_repr(value: object) -> str:
    """Name a case by its value, without the address that differs between two processes of one test run."""
    return re.sub(r" at 0x[0-9a-f]+", "", repr(value))
