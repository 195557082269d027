"""A view of one commit that stays while the store goes on."""

from __future__ import annotations

from collections.abc import Iterator
from types import TracebackType
from typing import Self

import lmdb

from vatdata_runtime.errors import StoreCorruptError, StoreError

from .environment import Environment
from .failures import store_error
from .format import FIRST_KEY
from .framing import unframe
from .protocol import Page
from .scanning import DamagedEntryError, count_page, read_page, scan_pages

__all__ = ["Snapshot", "damaged_entry"]

_COUNTED_AT_ONCE = 10_000


def damaged_entry(path: str, key: bytes) -> StoreCorruptError:
    """Make the error about an entry whose trailer fits neither key nor value."""
    return StoreCorruptError(
        path,
        f"is damaged: the value of key {key!r} does not fit its checksum. Run 'vatdata verify', restore a backup",
    )


class Snapshot:
    """The state of a store after one commit, for reading from any thread, one at a time.

    Close it soon: the file cannot reuse the pages that were freed after the snapshot's commit while it is open. It
    ends early, with a StoreError at the next use, when the store's map has to grow in this very process; snapshots
    of other processes stay.
    """

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._transaction: lmdb.Transaction[bytes] | None = environment.begin_read()
        self._closed = False
        self._failure: StoreError | None = None
        self.transaction_id: int = self._transaction.id()
        environment.users.add(self)

    def get(self, key: bytes, /) -> bytes | None:
        """Return the value that *key* had at this commit, None where it had none.

        Raises:
            StoreCorruptError: the stored bytes are damaged.
            StoreError: the snapshot is closed or has ended.
        """
        with self._environment.lock:
            try:
                framed = self._view().get(key) if key else None
            except lmdb.Error as error:
                raise self._failed(error, f"reading {key!r}") from error
        if framed is None:
            return None
        value = unframe(key, framed)
        if value is None:
            raise damaged_entry(self._environment.path, key)
        return value

    def scan(
        self, start: bytes, stop: bytes | None = None, *, reverse: bool = False
    ) -> Iterator[tuple[bytes, bytes]]:
        """Walk the entries with ``start <= key < stop`` of this commit in order of keys, or backwards.

        Args:
            stop: None means to the end.

        Raises: as ``get``, while walking.
        """
        return scan_pages(self._read_page, start, stop, reverse)

    def read_page(self, start: bytes, stop: bytes, limit: int) -> Page:
        """Read up to *limit* entries of ``start <= key < stop`` of this commit, as ``Store.read_page`` does."""
        return self._read_page(max(start, FIRST_KEY), stop, False, limit)

    def count(self, start: bytes, stop: bytes | None = None, *, limit: int | None = None) -> int:
        """Count the keys with ``start <= key < stop`` of this commit; values are neither read nor checked.

        Args:
            stop: None means to the end.
            limit: where to stop counting.

        Raises:
            StoreError: as ``get``.

        Cost: 0.1 us a key, without holding up other readers of this process for longer than 10,000 keys.
        """
        total = 0
        position: bytes | None = start
        while position is not None and (limit is None or total < limit):
            piece = _COUNTED_AT_ONCE if limit is None else min(limit - total, _COUNTED_AT_ONCE)
            with self._environment.lock:
                try:
                    found, position = count_page(self._view(), position, stop, piece)
                except lmdb.Error as error:
                    raise self._failed(error, f"counting from {start!r}") from error
            total += found
        return total

    def close(self) -> None:
        """Let go of the commit. Calling it again does nothing."""
        self._closed = True
        with self._environment.lock:
            self.detach()

    def detach(self) -> None:
        """Give up the transaction, as ``EnvironmentUser`` says."""
        transaction = self.abandon()
        if transaction is not None:
            transaction.abort()

    def abandon(self) -> lmdb.Transaction[bytes] | None:
        """Give up the transaction without ending it, as ``EnvironmentUser`` says."""
        transaction, self._transaction = self._transaction, None
        return transaction

    def _failed(self, error: lmdb.Error, doing: str) -> StoreError:
        # LMDB refuses a transaction that has met an error, so what follows would only be told of that refusal.
        if self._failure is None:
            self._failure = store_error(error, self._environment.path, doing)
        return self._failure

    def _view(self) -> lmdb.Transaction[bytes]:
        if self._transaction is None:
            path = self._environment.path
            if self._closed:
                raise StoreError(path, "this snapshot is closed. Take a new one")
            self._environment.handle.info()  # says so itself if it is closed
            raise StoreError(path, "this snapshot ended when the map of the store moved. Take a new one")
        return self._transaction

    def _read_page(self, start: bytes, stop: bytes | None, reverse: bool, limit: int) -> Page:
        with self._environment.lock:
            try:
                return read_page(self._view(), start, stop, reverse, limit)
            except DamagedEntryError as error:
                raise damaged_entry(self._environment.path, error.args[0]) from None
            except lmdb.Error as error:
                raise self._failed(error, f"scanning from {start!r}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
