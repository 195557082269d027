"""A vat that runs on a snapshot: it can do everything, and nothing of it is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ..vat.crank_buffer import CrankBuffer, Page, ReadView
from ..vat.source import Source
from ..vat.start import baggage_of, start_incarnation
from ..vat.undo import UndoLog
from .border import VatBorder
from .options import DEFAULT_CACHE_BYTES, DEFAULT_VALUE_LIMIT
from .rehearsing import rehearsal_border

__all__ = ["ScratchVat"]


class _Overlay:
    """A view with changes over it that are kept in memory."""

    def __init__(self, view: ReadView) -> None:
        self._changed = CrankBuffer(view, UndoLog())

    def get(self, key: bytes) -> bytes | None:
        return self._changed.get(key)

    def scan(self, start: bytes, stop: bytes, *, reverse: bool = False) -> Iterator[tuple[bytes, bytes]]:
        found = self._changed.scan(start, stop)
        return reversed(list(found)) if reverse else found

    def read_page(self, start: bytes, stop: bytes, limit: int) -> Page:
        return self._changed.read_page(start, stop, limit)

    def apply(self, delta: Mapping[bytes, bytes | None]) -> None:
        """Lay a crank's writes over what was there."""
        for key, value in delta.items():
            if value is None:
                self._changed.delete(key)
            else:
                self._changed.put(key, value)


class ScratchVat:
    """The next incarnation of a vat, over a view that it does not change.

    Its cranks see what its earlier cranks did. Messages that it sends to other vats go nowhere.

    Args:
        view: what is committed; it must stay readable.
        number, name: of the vat.
        path: the store's path, for messages.
        source: its code.
        stored_parameters: what the store keeps as its parameters; None for none.

    Raises: as ``start_incarnation``.
    """

    def __init__(
        self,
        view: ReadView,
        *,
        number: int,
        name: str,
        path: str,
        source: Source,
        stored_parameters: bytes | None,
    ) -> None:
        self._overlay = _Overlay(view)
        self._memory, self._root, delta = start_incarnation(
            self._overlay,
            vat_number=number,
            name=name,
            path=path,
            source=source,
            parameters=None,
            cache_bytes=DEFAULT_CACHE_BYTES,
            value_limit_bytes=DEFAULT_VALUE_LIMIT,
            allows_ambient=False,
            connect=rehearsal_border(view, path, stored_parameters),
        )
        self._keep(delta)

    def run(self, action: Callable[[Any, Any], None]) -> None:
        """Run a crank that begins with *action*, called with root and baggage. An exception undoes it and is raised."""
        memory = self._memory
        try:
            with memory.opened:
                action(self._root, baggage_of(memory))
                memory.loop.run_until_idle()
                delta = memory.end_crank()
        except BaseException:
            memory.abort_crank()
            raise
        self._keep(delta)

    def _keep(self, delta: Mapping[bytes, bytes | None]) -> None:
        self._overlay.apply(delta)
        self._memory.keep_crank()
        border = self._memory.border
        if isinstance(border, VatBorder):
            border.take_outbox()
