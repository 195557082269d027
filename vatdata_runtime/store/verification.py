"""The check of every page and every entry of a file, which never hands a byte to LMDB.

A damaged page can make LMDB end the process with SIGBUS or SIGSEGV, and a damaged key can hide an entry that a
look-up then reports as absent. Only a walk over everything, by code that believes nothing, finds both.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from vatdata_runtime.errors import StoreCorruptError, StoreError

from .environment import DEFAULT_MAX_READERS, acquire
from .framing import is_intact
from .inspection import inspect_file, newest_meta, read_metas
from .layout import META_PAGES, LayoutError, Meta, PageFile, Tree
from .protocol import Progress
from .snapshot import Snapshot
from .trees import TreeWalk, in_number_order, parse_free_list, transaction_of

__all__ = ["verify_file", "verify_store"]

_PROBLEM_LIMIT = 200
_PIN_ATTEMPTS = 100
_PAGES_A_REPORT = 256


def verify_store(path: str, *, progress: Progress | None = None) -> list[str]:
    """Check the whole file of a store, beside a live writer if there is one.

    Args:
        progress: called with pages seen and pages of the file.

    Returns:
        One clause for each problem, at most 200; empty when every page and every entry is sound.

    Raises:
        StoreFormatError: *path* is no store, or of a newer format.
        StoreError: it cannot be read.

    Cost: reads the whole file, about 25 MB/s; one byte of memory for each of its pages.
    """
    path = os.path.realpath(path)
    try:
        inspect_file(path)
    except StoreCorruptError as error:
        return [error.reason]
    environment = acquire(path, writable=False, map_size=None, max_readers=DEFAULT_MAX_READERS)
    damage: LayoutError | None = None
    try:
        for _ in range(_PIN_ATTEMPTS):
            # The snapshot keeps its commit's pages from being reused; LMDB reads no page for it but the two metas.
            with Snapshot(environment) as snapshot, PageFile(path) as file:
                try:
                    metas = read_metas(file)
                except LayoutError as error:  # damage, or a meta page that was just being written
                    damage = error
                    continue
                for meta in metas:
                    if meta.transaction == snapshot.transaction_id:
                        return _Check(file, meta, progress).run()
    finally:
        environment.release()
    if damage is not None:
        return [str(damage)]
    raise StoreError(path, f"was changing too fast to be verified ({_PIN_ATTEMPTS} attempts). Try again")


def verify_file(path: str, *, progress: Progress | None = None) -> list[str]:
    """Check a whole file that no one writes, as ``verify_store`` does, without opening it as a store.

    Raises:
        StoreFormatError: *path* is no store, or of a newer format.
        StoreError: it cannot be read.
    """
    try:
        inspect_file(path)
    except StoreCorruptError as error:
        return [error.reason]
    with PageFile(path) as file:
        return _Check(file, newest_meta(read_metas(file)), progress).run()


class _Check:
    """One walk over the state *meta* of *file*."""

    def __init__(self, file: PageFile, meta: Meta, progress: Progress | None) -> None:
        self._file = file
        self._meta = meta
        self._progress = progress
        self._problems: list[str] = []
        self._accounted = bytearray(meta.last_page + 1)  # 1 for each page that is used or free
        self._seen = 0

    def run(self) -> list[str]:
        """Return what is wrong, one clause each."""
        meta = self._meta
        self._accounted[:META_PAGES] = b"\1" * META_PAGES
        self._check_entries(self._walk("main", meta.main))
        self._check_free_lists(self._walk("free", meta.free, in_number_order))
        # Behind damage, pages without an owner are no news.
        lost = self._accounted.count(0)
        if lost and not self._problems:
            self._report(
                f"{lost} pages are neither used nor free, the first is page {self._accounted.index(0)}"
            )
        if self._progress is not None:
            self._progress(meta.last_page + 1, meta.last_page + 1)
        return self._problems

    def _walk(self, name: str, tree: Tree, order: Callable[[bytes], bytes] = bytes) -> TreeWalk:
        return TreeWalk(self._file, name, tree, self._meta.last_page, self._claim, self._report, order)

    def _check_entries(self, walk: TreeWalk) -> None:
        for page in walk.leaves():
            for node in page.nodes:
                framed = walk.data_of(node)
                if framed is not None and not is_intact(node.key, framed):
                    self._report(f"the value of key {node.key!r} does not fit its checksum")

    def _check_free_lists(self, walk: TreeWalk) -> None:
        for page in walk.leaves():
            for node in page.nodes:
                data = walk.data_of(node)
                try:
                    transaction = transaction_of(node.key)
                    numbers = parse_free_list(data) if data is not None else ()
                except LayoutError as error:
                    self._report(str(error))
                    continue
                if transaction > self._meta.transaction:
                    self._report(
                        f"the free tree has a list of transaction {transaction}, which is yet to come"
                    )
                for number in numbers:
                    self._claim(number, 1)

    def _claim(self, first: int, count: int) -> bool:
        end = first + count
        if not META_PAGES <= first <= end <= len(self._accounted):
            self._report(f"pages {first} to {end - 1} are used, the last one is {self._meta.last_page}")
            return False
        if any(self._accounted[first:end]):
            self._report(f"one of the pages {first} to {end - 1} is used twice, or used and free")
            return False
        self._accounted[first:end] = b"\1" * count
        before, self._seen = self._seen, self._seen + count
        if self._progress is not None and before // _PAGES_A_REPORT != self._seen // _PAGES_A_REPORT:
            self._progress(self._seen, len(self._accounted))
        return True

    def _report(self, problem: str) -> None:
        if len(self._problems) < _PROBLEM_LIMIT:
            self._problems.append(problem)
