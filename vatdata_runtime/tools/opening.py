"""Starts the vats of a store for work that needs their code: collection and migration."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from ..errors import VatStartError
from ..kernel.embedded import open_vat
from ..kernel.kernel import Kernel
from .reading import open_reader

__all__ = ["RunningVats", "WorkingVat", "start_vats"]

Progress = Callable[[int, int], None]


class WorkingVat(Protocol):
    """What a vat can be asked to do, however it was opened."""

    def collect(self) -> int:
        """Delete every stored object that nothing keeps; see ``Vat.collect``."""
        ...

    def collect_cycles(self) -> int:
        """Collect cycles too; see ``Vat.collect_cycles``."""
        ...

    def migrate(self, kind: str | None = None, *, progress: Progress | None = None) -> int:
        """Bring stored records up to date; see ``Vat.migrate``."""
        ...


@dataclass(slots=True)
class RunningVats:
    """The vats of a store that run.

    Attributes:
        vats: those that could start, by name.
        failed: why the others could not.
        collect: collects in all of them.
        collect_cycles: collects cycles in all of them, also those that go through several vats.
    """

    vats: dict[str, WorkingVat]
    collect: Callable[[], int]
    collect_cycles: Callable[[], int]
    failed: dict[str, BaseException] = field(default_factory=dict[str, BaseException])


@contextmanager
def start_vats(
    path: str, sources: Mapping[str, str], *, on_crank: Callable[[], None] | None = None
) -> Generator[RunningVats]:
    """Start the next incarnation of every vat of a store.

    Args:
        path: the store's file.
        sources: code in place of what the store knows, by name of the vat; needed for vats that only ``open_vat`` has
            had, whose code the store does not know.
        on_crank: called for each crank that is about to be stored.

    Raises:
        StoreLockedError: a program has the store open.
        NoSuchVatError: *sources* names a vat that there is not.
        VatStartError: the only vat's code is not known.
    """

    def on_step(step: str) -> None:
        if on_crank is not None and step == "apply":
            on_crank()

    with open_reader(path) as reader:
        for name in sources:
            reader.vat(name)
        alone = [vat.name for vat in reader.vats.values() if vat.setup is None]
        has_one = len(reader.vats) == 1 and len(alone) == 1
    if has_one:
        name = alone[0]
        if name not in sources:
            raise VatStartError(
                name, f"the store does not know its code, as open_vat made it: --source {name}=SOURCE"
            )
        with open_vat(path, sources[name], name=name, on_step=on_step) as vat:
            yield RunningVats({name: vat}, vat.collect, vat.collect_cycles)
        return
    with Kernel.open(path, sources=sources, on_step=on_step) as kernel:
        running: dict[str, WorkingVat] = {
            name: vat for name, vat in kernel.vats.items() if name not in kernel.failed_vats
        }
        yield RunningVats(running, kernel.collect, kernel.collect_cycles, dict(kernel.failed_vats))
