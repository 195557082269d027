"""A vat that runs under a kernel: one incarnation with its border, and its cranks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from typing import Any

from ..errors import VatStartError, VatTerminatedError
from ..store import Store
from ..vat.collection import Collector
from ..vat.eager_migration import EagerMigration
from ..vat.identifiers import HEAP, Base
from ..vat.incarnation import Incarnation
from ..vat.source import Source
from ..vat.start import baggage_of, start_incarnation
from ..vat.tracing import Tracing
from .border import VatBorder
from .holds import Holds
from .messages import Outbox
from .watchdog import Watchdog

__all__ = ["CrankResult", "Delta", "RunningVat", "VatExitError"]

Delta = Mapping[bytes, bytes | None]
CrankResult = tuple[Delta, Outbox]
"""What a crank hands to the kernel: its writes, and what it asks."""


class VatExitError(VatTerminatedError):
    """Raised by a crank whose vat has asked to be terminated without it."""


class RunningVat:
    """One incarnation of a vat. Start it with ``start``.

    Attributes:
        number: the vat's number in the store.
        name: its name.
        incarnation: number of this life of its code.
    """

    def __init__(
        self,
        memory: Incarnation,
        border: VatBorder,
        holds: Holds,
        watchdog: Watchdog | None,
    ) -> None:
        self._memory = memory
        self._watchdog = watchdog
        self._holds = holds
        self._collector = Collector(memory, self._is_known_outside)
        self.border = border
        self.number = memory.vat_number
        self.name = memory.name
        self.incarnation = memory.number

    @classmethod
    def start(
        cls,
        store: Store,
        *,
        number: int,
        name: str,
        source: Source,
        connect: Callable[[Incarnation], VatBorder],
        holds: Holds,
        cache_bytes: int,
        value_limit_bytes: int,
        allows_ambient: bool,
        watchdog: Watchdog | None,
    ) -> tuple[RunningVat, CrankResult]:
        """Run the first crank of the next incarnation. Nothing is written; ``keep`` the vat once its delta is stored.

        Raises: as ``start_incarnation``; ``CrankTimeoutError``.
        """
        borders: list[VatBorder] = []

        def connect_and_keep(memory: Incarnation) -> VatBorder:
            borders.append(connect(memory))
            return borders[0]

        try:
            with nullcontext() if watchdog is None else watchdog.limit(name):
                memory, root, delta = start_incarnation(
                    store,
                    vat_number=number,
                    name=name,
                    path=store.path,
                    source=source,
                    parameters=None,
                    cache_bytes=cache_bytes,
                    value_limit_bytes=value_limit_bytes,
                    allows_ambient=allows_ambient,
                    connect=connect_and_keep,
                )
            border = borders[0]
            if border.exit is not None and border.exit.is_failure:
                raise VatStartError(
                    name, f"its build function asked to exit with failure: {border.exit.reason}"
                )
        except BaseException:
            for border in borders:
                border.drop_all()
            raise
        border.set_root(root)
        vat = cls(memory, border, holds, watchdog)
        return vat, vat._result(delta)

    def run(self, turn: Callable[..., None], *arguments: object) -> CrankResult:
        """Run one crank that begins with a call of *turn*. Call ``keep`` when its delta is stored.

        Raises: what makes the crank impossible to keep. It has been aborted then, and since heap data may have gone on,
            the incarnation must be ended.
        """
        memory = self._memory
        try:
            with memory.opened:
                if self._watchdog is None:
                    turn(*arguments)
                    memory.loop.run_until_idle()
                else:
                    with self._watchdog.limit(self.name):
                        turn(*arguments)
                        memory.loop.run_until_idle()
                exit_ = self.border.exit
                if exit_ is not None and exit_.is_failure:
                    raise VatExitError(self.name, exit_.reason)
                if self._collector.has_work:
                    memory.settle_records()
                    self._collector.run_piece()
                delta = memory.end_crank()
        except BaseException:
            memory.abort_crank()
            raise
        return self._result(delta)

    def run_action(self, action: Callable[[Any, Any], None]) -> CrankResult:
        """Run one crank that begins with a function, called with root and baggage; otherwise as ``run``."""
        return self.run(lambda: action(self.border.root, baggage_of(self._memory)))

    def _result(self, delta: Delta) -> CrankResult:
        return delta, self.border.take_outbox()

    def _is_known_outside(self, base: Base) -> bool:
        # What the running crank has named is on its way only when the crank has ended.
        return base in self.border.exported or self._holds.is_held(self.number, self.incarnation, base)

    @property
    def is_undecided(self) -> bool:
        """Whether a crank has ended that was neither kept nor aborted."""
        return self._memory.is_undecided

    def keep(self) -> None:
        """Let memory go on from the crank that has ended."""
        self._memory.keep_crank()

    @property
    def enums(self) -> Any:
        """The enums that the vat has registered."""
        return self._memory.enums

    def interface_of(self, incarnation: int | None, slot: Any) -> str:
        """Say for people what one of the vat's names means."""
        kinds = self._memory.kinds
        if slot[:1] in (b"d", b"v"):
            return kinds.tag_of(slot)
        found = self.border.find_heap(incarnation, slot)
        return "object" if found is None else found._interface_name()

    def migration(self, kind: str | None) -> EagerMigration:
        """Begin to bring stored records up to date; raises as ``EagerMigration``."""
        return EagerMigration(self._memory, kind)

    def migrate(self, migration: EagerMigration) -> CrankResult:
        """Run one piece of a migration as a crank; raises as ``run``."""
        return self.run(migration.run_piece)

    def collect(self, *, is_thorough: bool) -> CrankResult:
        """Run one crank that deletes a piece of what nothing keeps; see ``Collector.suspect_memory``."""
        return self.run(self._collect_piece, is_thorough)

    def trace(self, *, alone: bool) -> Tracing:
        """Begin to look for what cannot be reached.

        Args:
            alone: whether all that other vats know counts as held; else their tracings tell what they reach.
        """
        if alone:
            return self._collector.trace()
        holds, number, incarnation = self._holds, self.number, self.incarnation
        return Tracing(self._memory, lambda base: holds.is_travelling(number, incarnation, base))

    def sweep(self, tracing: Tracing) -> Iterator[CrankResult]:
        """Delete what was not reached, a piece in each crank. Each result is stored before the next is asked for."""
        pieces = self._collector.sweep(tracing)
        is_over = False

        def delete_piece() -> None:
            nonlocal is_over
            self._memory.settle_records()
            is_over = next(pieces, self) is self

        while not is_over:
            yield self.run(delete_piece)

    @property
    def deleted(self) -> int:
        """How many records were deleted since the incarnation began."""
        return self._collector.deleted

    @property
    def has_garbage_work(self) -> bool:
        """Whether a collection has more to look at."""
        holds, number = self._holds, self.number
        return self._collector.has_work or holds.has_released(number) or holds.has_retired(number)

    def _collect_piece(self, is_thorough: bool) -> None:
        self._suspect_released()
        self.border.drop(self._collector.suspect_memory(is_thorough=is_thorough))
        self._memory.settle_records()
        self._collector.run_piece()
        for name in self._holds.retired_for(self.number):
            if not self._collector.retire(name):
                break  # the next piece goes on
            self.border.note_forgotten(name)

    def _suspect_released(self) -> None:
        released = self._holds.take_released(self.number, self.incarnation)
        for base in released:
            if base[:1] == HEAP and not self._is_known_outside(base):
                self.border.drop_export(base)
        self._collector.suspect(released)

    def end(self) -> None:
        """End this incarnation: what is only in memory is gone."""
        self._memory.loop.close()
        self.border.drop_all()
