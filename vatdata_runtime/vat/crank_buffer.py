"""What one crank has written so far: a delta over the store that is kept whole or dropped whole.

Reads see the delta first. Nothing reaches the store before the crank has ended, so dropping a crank is dropping a dict.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

from .ordered_keys import OrderedKeys
from .undo import UndoLog

__all__ = ["CrankBuffer", "Page", "ReadView"]

Page = tuple[list[bytes], list[bytes], bytes | None]
"""Neighbouring keys in order, the value of each, and where the rest of the range begins, None when it has no rest."""


class ReadView(Protocol):
    """What a vat needs of the store: point reads and ordered walks."""

    def get(self, key: bytes, /) -> bytes | None:
        """Return the value under *key*, or None."""
        ...

    def scan(self, start: bytes, stop: bytes, *, reverse: bool = False) -> Iterator[tuple[bytes, bytes]]:
        """Walk the entries from *start* up to, not including, *stop*, in key order."""
        ...

    def read_page(self, start: bytes, stop: bytes, limit: int) -> Page:
        """Read up to *limit* entries from *start* on, below *stop*; a page without entries may have a rest."""
        ...


_ABSENT = object()


class CrankBuffer:
    """The writes of the crank that is running, over a view of everything committed before it.

    Invariant: between cranks the delta is empty. A read that found a stale entry here would hand one delivery the
    aborted writes of another.

    Attributes:
        delta: key to bytes, or to None where the key is deleted.
        read: returns what was committed under a key, or None.
    """

    __slots__ = ("_order", "_undo", "_view", "delta", "read")

    def __init__(self, view: ReadView, undo: UndoLog) -> None:
        self._view = view
        self._undo = undo
        self.read = view.get
        self.delta: dict[bytes, bytes | None] = {}
        # The delta's keys in order. Built by the first scan of a crank and kept up from then on: a crank that only
        # writes never pays for order, and one that adds and scans in turn does not sort again for each scan.
        self._order: OrderedKeys | None = None

    def get(self, key: bytes) -> bytes | None:
        """Return the value under *key* as this crank sees it. At most one store read."""
        value = self.delta.get(key, _ABSENT)
        return self.read(key) if value is _ABSENT else value  # type: ignore[return-value]  # it is no sentinel

    def put(self, key: bytes, value: bytes) -> None:
        """Set *key*, in this crank."""
        if self._undo.entries is not None:
            self._log_undo(key)
        if self._order is not None and key not in self.delta:
            self._order.add(key)
        self.delta[key] = value

    def put_all(self, entries: Mapping[bytes, bytes]) -> None:
        """Set many keys, in this crank; at once while nothing was scanned and no savepoint is open."""
        if self._undo.entries is None and self._order is None:
            self.delta.update(entries)
        else:
            for key, value in entries.items():
                self.put(key, value)

    def delete(self, key: bytes) -> None:
        """Delete *key*, in this crank."""
        if self._undo.entries is not None:
            self._log_undo(key)
        if self._order is not None and key not in self.delta:
            self._order.add(key)
        self.delta[key] = None

    def _log_undo(self, key: bytes) -> None:
        delta = self.delta
        old = delta.get(key, _ABSENT)

        def undo() -> None:
            if old is _ABSENT:
                delta.pop(key, None)  # an interrupt may have come before the key
                if self._order is not None:
                    self._order.discard(key)
            else:
                delta[key] = old  # type: ignore[assignment]  # the sentinel is excluded above

        assert self._undo.entries is not None  # the callers have looked
        self._undo.entries.append(undo)

    def scan(self, start: bytes, stop: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Walk entries in key order, as this crank sees them at each step.

        What is written behind the walk's position while it runs is not met; what is written or deleted ahead of it is.
        Nothing is pinned between steps. The walk belongs to this crank: once another runs, begin a new one.
        """
        if self._order is None:
            self._order = OrderedKeys(self.delta)
        order, delta = self._order, self.delta
        stored = self._view.scan(start, stop)
        ahead = next(stored, None)
        own, seen = order.first_from(start, stop), order.changes
        value: bytes | None
        while True:
            if ahead is not None and (own is None or ahead[0] < own):
                key, value = ahead
                ahead = next(stored, None)
            elif own is not None:
                if ahead is not None and ahead[0] == own:
                    ahead = next(stored, None)
                key, value = own, delta[own]
            else:
                return
            if value is not None:
                yield key, value
            # The crank's next own key stays what it is until it has been given out or the crank has changed others.
            if key == own or order.changes != seen:
                own, seen = order.first_from(key + b"\0", stop), order.changes

    def read_page(self, start: bytes, stop: bytes, limit: int) -> Page:
        """Read up to *limit* entries from *start* on, below *stop*, as this crank sees them now.

        Returns:
            Keys in order, their values, and where the rest of the range begins, None when it has no rest. A page
            without entries may have a rest.

        Cost: one page of the store; 1 us for each entry where the crank has changed one of them.
        """
        page = self._view.read_page(start, stop, limit)
        return self._lay_over(page, start, stop, limit) if self.delta else page

    def _lay_over(self, page: Page, start: bytes, stop: bytes, limit: int) -> Page:
        keys, values, rest = page
        if self._order is None:
            self._order = OrderedKeys(self.delta)
        own = self._order.between(start, rest or stop, limit + 1)
        if not own:
            return page
        merged: dict[bytes, bytes | None] = dict(zip(keys, values, strict=True))
        if len(own) > limit:
            # The crank alone has more than a page here: the page ends where it has given as many.
            rest = edge = own.pop()
            merged = {key: value for key, value in merged.items() if key < edge}
        delta = self.delta
        merged.update((key, delta[key]) for key in own)
        entries = [(key, merged[key]) for key in sorted(merged)]
        kept = [(key, value) for key, value in entries if value is not None]
        return [key for key, _ in kept], [value for _, value in kept], rest

    def take(self) -> Mapping[bytes, bytes | None]:
        """Return the delta and begin the next crank with an empty one."""
        delta = self.delta
        self.delta = {}
        self._order = None
        return delta
