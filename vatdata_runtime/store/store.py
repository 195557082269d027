"""The store: one batch in memory over one LMDB file, committed as a whole."""

from __future__ import annotations

import mmap
import os
import warnings
from collections.abc import Iterator, Mapping
from time import perf_counter
from types import TracebackType
from typing import Never, Self, cast
from zlib import crc32

import lmdb

from vatdata_runtime.errors import ReadOnlyStoreError, StoreError, StoreFullError

from .batch import Batch, check_delta
from .counters import Counters, Measures
from .environment import Environment
from .failures import is_out_of_room, store_error
from .format import FIRST_KEY, FormatRecord
from .framing import RESIDUE, TRAILER_BYTES
from .locks import WriterLock
from .packing import write_batch
from .protocol import Durability, OnStep, Page, Progress
from .scanning import DamagedEntryError, merge_page, read_page, scan_pages
from .snapshot import Snapshot, damaged_entry

__all__ = ["Store"]

_ABSENT = cast("bytes", object())  # no value that a caller can have stored

# A batch dirties more pages than its bytes fill: those on the way to the root, and half-full ones.
_PAGES_PER_BYTE = 4

_PAGE_BYTES = mmap.PAGESIZE  # as LMDB makes its pages

_READER_CHECK_EVERY = 256

_CLOSED = "is closed. Open it again"


class Store:
    """An open store; get one from ``open_store``.

    A writer is used by one thread. It sees its own batch; everyone else sees whole commits. What ``commit`` has
    returned from is safe; a batch that was not committed is gone with the process, whole.
    """

    def __init__(
        self,
        path: str,
        environment: Environment,
        format_record: FormatRecord,
        *,
        lock: WriterLock | None,
        durability: Durability,
        on_step: OnStep | None,
    ) -> None:
        self.path = path
        self.readonly = lock is None
        self.durability: Durability = durability
        self.format = format_record
        self.counters = Counters()
        self._environment = environment
        self._lock = lock
        self._on_step = on_step
        self._failure: str | None = None
        self._view: lmdb.Transaction[bytes] | None = None
        self._batch = Batch()
        self._written = self._batch.entries
        self._committed_cranks = 0
        self._closed = False
        self._takes_writes = lock is not None
        environment.users.add(self)

    # --- reading ---------------------------------------------------------------------------------------------

    def get(self, key: bytes, /) -> bytes | None:
        """Return the value of *key* in the batch or the last commit, None where there is none.

        Raises:
            StoreCorruptError: the stored bytes are damaged.

        Cost: one LMDB look-up and 0.3 us; 0.1 us for what the batch holds. A read-only store begins a transaction
        for each look-up, 0.2 us more; a snapshot does not.
        """
        self.counters.reads += 1
        if self._written:
            value = self._written.get(key, _ABSENT)
            if value is not _ABSENT:
                return value
        try:
            framed = self._fetch(key)
        except lmdb.BadValsizeError:
            return None  # the empty key
        except lmdb.Error as error:
            self.detach()  # LMDB refuses a transaction that has met an error
            raise store_error(error, self.path, f"reading {key!r}") from error
        if framed is None:
            return None
        if crc32(framed, crc32(key, len(key))) != RESIDUE:
            raise damaged_entry(self.path, key)
        return framed[:-TRAILER_BYTES]

    def scan(
        self, start: bytes, stop: bytes | None = None, *, reverse: bool = False
    ) -> Iterator[tuple[bytes, bytes]]:
        """Walk the entries with ``start <= key < stop`` in order of keys, or backwards, batch included.

        Reads ahead a page at a time, 16 entries at first, later up to 512 or a mebibyte. Writes that happen while
        the consumer pauses are seen from the next page on, and nothing is held open meanwhile.

        Args:
            stop: None means to the end.

        Raises:
            StoreCorruptError: an entry of the page is damaged.

        Cost: 0.2 us an entry, 5 us a page.
        """
        return scan_pages(self._read_page, start, stop, reverse)

    def read_page(self, start: bytes, stop: bytes, limit: int) -> Page:
        """Read up to *limit* entries of ``start <= key < stop``, batch included, or fewer after a mebibyte of values.

        Returns:
            Keys in order, their values, and where the rest of the range begins, None when it has no rest. A page
            without entries may have a rest.

        Raises:
            StoreCorruptError: an entry of the page is damaged.

        Cost: 0.17 us an entry, 5 us a page.
        """
        return self._read_page(max(start, FIRST_KEY), stop, False, limit)

    def snapshot(self) -> Snapshot:
        """Open a view of the last commit, without the batch, that stays until it is closed."""
        self._check_open()
        return Snapshot(self._environment)

    def release(self) -> None:
        """End the read transaction that ``get`` keeps between commits, before an idle time."""
        self.detach()

    # --- writing ---------------------------------------------------------------------------------------------

    @property
    def has_changes(self) -> bool:
        """Whether the batch has anything that ``commit`` would write."""
        return bool(self._batch.entries)

    @property
    def pending(self) -> int:
        """Cranks in the batch. After an interrupted ``apply`` it tells whether the crank is in."""
        return self._batch.cranks

    @property
    def taken(self) -> int:
        """Cranks in the batch and in commits of this store; those of a batch that was dropped count no more.

        After Ctrl-C anywhere in ``apply`` or ``commit`` it tells whether the crank is, or will be, in the store.
        """
        return self._committed_cranks + self._batch.cranks

    def apply(self, delta: Mapping[bytes, bytes | None], /) -> None:
        """Take one crank into the batch, whole or not at all; None deletes a key, absent or not.

        Args:
            delta: keys of 1 to 511 bytes, not below ``b"\\x01"``; values below 4 GiB. It is copied.

        Raises:
            ReadOnlyStoreError: the store is open for reading.
            TypeError, ValueError: see ``check_delta``; nothing was taken.
            StoreError: an earlier commit failed in a way that only reopening can repair.

        Cost: 0.15 us a key. Nothing is written before ``commit``, so a batch takes the memory of its data.
        """
        if not self._takes_writes:
            self._refuse_writes()
        if not isinstance(delta, dict):
            delta = dict(delta)
        check_delta(delta, self.path)
        if self._on_step is not None:
            self._on_step("apply")
        self._batch.add(delta)
        self.counters.cranks += 1

    def commit(self) -> None:
        """Make the batch durable in one LMDB transaction, whole or not at all; without a batch do nothing.

        A full map is grown and the batch written again. On an exception from ``on_step``, or on Ctrl-C, the batch
        stays and the next commit repeats it, also where it had just become durable: that changes nothing.

        Raises:
            StoreFullError: the disk is full. The batch is dropped, all earlier commits are safe, and the store goes
                on once there is room.
            StoreError: the disk failed. The batch is dropped, and the store refuses writes until it is reopened.

        Cost: about 0.5 us an entry; with durability "crank" and "group" two flushes of the disk.
        """
        batch = self._batch
        entries = batch.entries
        if not entries:
            self._committed_cranks, batch.cranks = self.taken, 0
            return
        if not self._takes_writes:
            self._refuse_writes()
        if self._environment.still_thread is not None:
            self._environment.refuse_during_backup()
        started = perf_counter()
        try:
            while (written := self._write(batch)) is None:
                self._grow(batch)
        except lmdb.Error as error:
            self.detach()
            self._start_batch(0)
            raise self._commit_error(error, batch) from error
        self._start_batch(batch.cranks)
        counters = self.counters
        counters.commits = commits = counters.commits + 1
        deletes, size_bytes = written
        counters.batch_entries = count = len(entries)
        counters.writes += count - deletes
        counters.deletes += deletes
        counters.bytes_written += size_bytes
        counters.commit_seconds += perf_counter() - started
        if commits % _READER_CHECK_EVERY == 0:
            # A reader that died inside a transaction would hold its commit's pages until someone looks.
            self._environment.handle.reader_check()
        if self._on_step is not None:
            self._on_step("committed")

    def _write(self, batch: Batch) -> tuple[int, int] | None:
        """Write and commit, and return what ``write_batch`` does, or None for a full map, with nothing written."""
        on_step = self._on_step
        try:
            if on_step is not None:
                on_step("begin")
            with self._environment.handle.begin(write=True) as transaction:
                written = write_batch(transaction, batch, _PAGE_BYTES, on_step)
                if on_step is not None:
                    on_step("commit")
        except lmdb.MapFullError:
            return None
        return written

    def _grow(self, batch: Batch) -> None:
        if self._on_step is not None:
            self._on_step("grow")
        self._environment.handle.reader_check()
        self._environment.grow(_PAGES_PER_BYTE * batch.size_bytes())
        self.counters.growths += 1

    def _start_batch(self, committed: int) -> None:
        view = self._view
        if view is not None:
            # It is of the commit before. Who has read between these commits will read after this one. The older is
            # given up first, so that the newer takes its place among LMDB's readers: a store takes one.
            self._view = None
            del self.__dict__["_fetch"]
            view.abort()
            del view
            try:
                newer = self._environment.handle.begin()
            except lmdb.Error:
                newer = None  # the commit is safe; the next read tries again, and says what is wrong
            if newer is not None:
                self._view, self.__dict__["_fetch"] = newer, newer.get
        fresh = Batch()
        # Invariant: all three or none, also on Ctrl-C. CPython looks for signals after calls, and here is none.
        self._batch, self._written, self._committed_cranks = (
            fresh,
            fresh.entries,
            self._committed_cranks + committed,
        )

    def _commit_error(self, error: Exception, batch: Batch) -> StoreError:
        size_bytes = batch.size_bytes()
        what = f"a batch of {batch.cranks} cranks and {size_bytes} bytes"
        if is_out_of_room(error, self.path, _PAGES_PER_BYTE * size_bytes):
            return StoreFullError(
                self.path,
                f"has no room for {what} ({error}). The batch was dropped; all that was committed before is safe. "
                f"Free space on the disk, then repeat it",
            )
        failure = store_error(error, self.path, f"writing {what}")
        self._failure, self._takes_writes = failure.reason, False
        return failure

    # --- the rest --------------------------------------------------------------------------------------------

    def backup(
        self, path: str | os.PathLike[str], *, compact: bool = True, progress: Progress | None = None
    ) -> None:
        """Copy the last commit to a new file, which is a store itself, while readers and other processes go on.

        The file appears under its name when it is whole and synced. The batch is not in it.

        Args:
            compact: leave out free pages; slower, and the file is as small as its data.
            progress: called with bytes copied and their expected total; it must not use the store.

        Raises:
            StoreError: *path* exists, or the copy failed; nothing was left.

        Cost: reads all used pages of the file. A commit in another thread waits if it fails or its map is full.
        """
        from .backup import write_backup  # brings the verification of files, needed here only

        self._check_open()
        write_backup(self._environment, os.fspath(path), compact=compact, progress=progress)

    def measure(self) -> Measures:
        """Say how large the store is. Cost: constant."""
        self._check_open()
        handle = self._environment.handle
        with self._environment.lock:
            info, stat = handle.info(), handle.stat()
        return Measures(
            entries=stat["entries"] - 1,  # without the format record
            page_size_bytes=stat["psize"],
            used_pages=stat["branch_pages"] + stat["leaf_pages"] + stat["overflow_pages"],
            file_size_bytes=os.path.getsize(self.path),
            map_size_bytes=info["map_size"],
            transaction=info["last_txnid"],
        )

    def close(self) -> None:
        """Close without committing: an open batch is dropped. Calling it again does nothing.

        Raises:
            StoreError: it was called from the ``progress`` of a backup, or the disk failed to take what "relaxed"
                commits had left to the system.
        """
        if self._closed:
            return
        self.detach()
        try:
            if self._lock is not None and self.durability == "relaxed":
                self._environment.sync()
        finally:
            self._environment.release()
            self._environment.users.discard(self)
            self._closed, self._takes_writes = True, False
            self._written = {}
            if self._lock is not None:
                self._lock.release()

    def detach(self) -> None:
        """Give up the read transaction, as ``EnvironmentUser`` says."""
        view = self.abandon()
        if view is not None:
            view.abort()

    def abandon(self) -> lmdb.Transaction[bytes] | None:
        """Give up the read transaction without ending it, as ``EnvironmentUser`` says."""
        view, self._view = self._view, None
        self.__dict__.pop("_fetch", None)
        return view

    def _begin_view(self) -> lmdb.Transaction[bytes]:
        # It needs no renewal before the next commit, since this store alone writes, and it keeps no page from
        # reuse that LMDB would not keep anyway.
        # Nor does the map move under a writer, which alone moves it.
        try:
            view = self._environment.handle.begin()
        except lmdb.Error as error:
            raise store_error(error, self.path, "beginning to read") from error
        self._view = view
        # Until detach() the transaction's own method stands in for _fetch, at a third of the price. A bound method
        # of this store instead would be a circle, and a forgotten store would keep its lock until the next one.
        self.__dict__["_fetch"] = view.get
        return view

    def _fetch(self, key: bytes) -> bytes | None:
        if self._closed:
            self._check_open()
        if not self.readonly:
            return self._begin_view().get(key)
        with self._environment.lock:
            view = self._environment.begin_read()
            try:
                return view.get(key)
            finally:
                view.abort()

    def _read_page(self, start: bytes, stop: bytes | None, reverse: bool, limit: int) -> Page:
        self._check_open()
        try:
            if self.readonly:
                with self._environment.lock:
                    view = self._environment.begin_read()
                    try:
                        page = read_page(view, start, stop, reverse, limit)
                    finally:
                        view.abort()
            else:
                view = self._view or self._begin_view()
                page = read_page(view, start, stop, reverse, limit)
        except DamagedEntryError as error:
            raise damaged_entry(self.path, error.args[0]) from None
        except lmdb.Error as error:
            self.detach()
            raise store_error(error, self.path, f"scanning from {start!r}") from error
        if self._batch.entries:
            page = merge_page(self._batch, page, start, stop, reverse, limit)
        self.counters.scanned += len(page[0])
        return page

    def _check_open(self) -> None:
        if self._closed:
            raise StoreError(self.path, _CLOSED)

    def _refuse_writes(self) -> Never:
        self._check_open()
        if self.readonly:
            raise ReadOnlyStoreError(
                self.path, "is open for reading only. Open it without readonly=True to write"
            )
        raise StoreError(self.path, f"{self._failure}. Close it, look after the disk, and open it again")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __del__(self) -> None:
        if not getattr(self, "_closed", True):
            warnings.warn(f"store {self.path!r} was never closed", ResourceWarning, source=self, stacklevel=2)
            self.close()
