"""Where the lines of a session run: in a vat over a snapshot whose changes are forgotten, or in the vat itself."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, Protocol

from ...errors import VatStartError
from ...kernel.embedded import Vat, open_vat
from ...kernel.kernel import Kernel
from ...kernel.kernel_vat import KernelVat
from ...kernel.scratch import ScratchVat
from ...vat.ambient import current
from ...vat.start import baggage_of
from ..reading import StoreReader, open_reader

__all__ = ["Action", "Session", "open_session"]

Action = Callable[[Any, Any], None]
"""Called inside a crank with root and baggage."""


class Session(Protocol):
    """A vat in which lines can be run.

    Attributes:
        title: what it is, for the banner.
    """

    title: str

    def run(self, action: Action) -> None:
        """Run one crank. An exception undoes it and is raised."""
        ...


@contextmanager
def open_session(store: str, vat: str, source: str | None, *, writes: bool) -> Generator[Session]:
    """Start a vat's next incarnation for a session.

    Args:
        store: the store's file.
        vat: the vat's name.
        source: its code, in place of what the store knows.
        writes: whether what the lines do is kept; then no program may have the store open.

    Raises:
        NoSuchVatError: there is no such vat.
        VatStartError: its code is not known.
        StoreLockedError: a program has the store open, and the session is to write.
        Exception: why the vat could not start.
    """
    with open_reader(store) as reader:
        found = reader.vat(vat)
        known = source or (found.setup.source if found.setup is not None else None)
        if known is None:
            raise VatStartError(found.name, "the store does not know its code: name it with --source")
        if not writes:
            yield _ScratchSession(_scratch(reader, found.name, known), found.name)
            return
        name, is_of_kernel = found.name, found.setup is not None
    if is_of_kernel:
        with Kernel.open(
            store, sources={name: source} if source else None, on_failed_start="raise"
        ) as kernel:
            yield _KernelSession(kernel, kernel.get_vat(name))
    else:
        with open_vat(store, known, name=name) as running:
            yield _VatSession(running)


def _scratch(reader: StoreReader, name: str, source: str) -> ScratchVat:
    found = reader.vat(name)
    parameters = None if found.setup is None else found.setup.parameters
    return ScratchVat(
        reader.snapshot,
        number=found.number,
        name=name,
        path=reader.path,
        source=source,
        stored_parameters=parameters,
    )


class _ScratchSession:
    def __init__(self, vat: ScratchVat, name: str) -> None:
        self._vat = vat
        self.title = f"vat {name!r}, a copy of its last commit: nothing that you do here is kept"

    def run(self, action: Action) -> None:
        self._vat.run(action)


class _VatSession:
    def __init__(self, vat: Vat) -> None:
        self._vat = vat
        self.title = f"vat {vat.name!r}, incarnation {vat.incarnation}: each line is committed"

    def run(self, action: Action) -> None:
        with self._vat.crank() as root:
            action(root, baggage_of(current("repl")))


class _KernelSession:
    def __init__(self, kernel: Kernel, vat: KernelVat) -> None:
        self._kernel = kernel
        self._vat = vat
        self.title = f"vat {vat.name!r}, incarnation {vat.incarnation}: each line is committed"

    def run(self, action: Action) -> None:
        self._vat.run_crank(action)
        self._kernel.run()
