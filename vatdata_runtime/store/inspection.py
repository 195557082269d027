"""The check that a file passes before LMDB may open it: a few pages, however large the store is.

It finds what a copy, a full disk or a foreign program leaves behind: other files, files that are cut off, damaged
meta pages, a meta page that names an older state than the file holds. What lies deeper is for ``verify``.
"""

from __future__ import annotations

import os
import stat

from msgspec import Struct

from vatdata_runtime.errors import StoreCorruptError, StoreError, StoreFormatError

from .format import FORMAT_KEY, FormatRecord, parse_format_record
from .framing import unframe
from .layout import META_PAGES, NO_PAGE, LayoutError, Meta, PageFile, parse_meta
from .trees import edge_node, free_pages, transaction_of

__all__ = ["FileFacts", "inspect_file", "newest_meta", "read_metas"]

_RETRIES = 100


class FileFacts(Struct, frozen=True):
    """What the first look at a store's file tells: its newest committed state, format record, and length."""

    meta: Meta
    format: FormatRecord
    size_bytes: int


def inspect_file(path: str) -> FileFacts:
    """Look at the file at *path* without LMDB and say what it holds.

    Works beside a live writer.

    Raises:
        StoreFormatError: not a regular file, empty, of another program, or of a newer format.
        StoreCorruptError: a store, but cut off or damaged.
        StoreError: it cannot be read.

    Cost: about ten reads of one page; more only when the file ends before its last page, which LMDB allows as
    long as all that is missing is free.
    """
    try:
        # Asked before opening: a pipe would wait for its other end.
        mode = os.stat(path).st_mode
        if stat.S_ISDIR(mode):
            raise StoreFormatError(path, "is a folder. Give the path of a file in it")
        if not stat.S_ISREG(mode):
            raise StoreFormatError(path, "is not a regular file. Give the path of one")
        with PageFile(path) as file:
            return _inspect(file, path)
    except OSError as error:
        if isinstance(error, StoreError):
            raise
        raise StoreError(path, f"cannot be read: {error.strerror or error}") from error


def _inspect(file: PageFile, path: str) -> FileFacts:
    head = file.head()
    for _ in range(_RETRIES):
        try:
            return _inspect_once(file, head, path)
        except (StoreCorruptError, StoreFormatError):
            # A live writer reuses pages two commits later, so a slow look can meet a page of another state. Only
            # what is still wrong while the meta pages stand still is damage, or another program's.
            before, head = head, file.head()
            if head == before:
                raise
    raise StoreError(path, f"was changing too fast to be opened ({_RETRIES} attempts). Try again")


def _inspect_once(file: PageFile, head: bytes, path: str) -> FileFacts:
    if not head:
        raise StoreFormatError(path, "is empty. Delete it to have a new store made, or restore a backup")
    if not file.page_size_bytes:
        raise StoreFormatError(
            path, "is not a vatdata store, or it was made on a machine of another architecture"
        )
    try:
        metas = read_metas(file)
        meta = newest_meta(metas)
        _check_length(file, meta)
        for either in metas:
            _check_transaction(file, either)
        first = edge_node(file, meta.main, meta.last_page, 0)
        if first is None or first.key != FORMAT_KEY:
            raise StoreFormatError(
                path, "is an LMDB file of another program, not a vatdata store. Choose another path"
            )
        if meta.main.flags:
            raise LayoutError(f"meta page {meta.number} gives the main tree flags {meta.main.flags:#x}")
        framed = file.read_data(first, meta.last_page)
    except LayoutError as error:
        raise StoreCorruptError(path, f"is damaged: {error}. Restore a backup") from error
    record = unframe(FORMAT_KEY, framed)
    if record is None:
        raise StoreCorruptError(path, "its format record does not fit its checksum. Restore a backup")
    return FileFacts(meta, parse_format_record(record, path), file.size_bytes())


def read_metas(file: PageFile) -> tuple[Meta, Meta]:
    """Read both meta pages of *file*.

    Raises:
        LayoutError: one of them is damaged, or they contradict each other.
    """
    first, second = (parse_meta(file.read(number), number) for number in range(META_PAGES))
    if first.page_size_bytes != second.page_size_bytes or first.page_size_bytes != file.page_size_bytes:
        raise LayoutError("the meta pages disagree on the size of a page")
    # Each commit writes the other page with the next number, and a commit that fails writes none.
    ids = first.transaction, second.transaction
    if abs(ids[0] - ids[1]) != 1 and ids != (0, 0):
        raise LayoutError(f"the meta pages hold transactions {ids[0]} and {ids[1]}")
    return first, second


def newest_meta(metas: tuple[Meta, Meta]) -> Meta:
    """Choose the committed state that LMDB would choose."""
    return max(metas, key=lambda meta: meta.transaction)


def _check_length(file: PageFile, meta: Meta) -> None:
    # LMDB does not write pages that were allocated and freed in one transaction, so a sound file may end before
    # its last page. Reading what is missing would be SIGBUS, unless all of it is free and so never read.
    present = file.size_bytes() // meta.page_size_bytes
    missing = meta.last_page + 1 - present
    if missing > 0:
        free = free_pages(file, meta)
        # The count is asked first: a damaged last page number must not become a loop over it.
        if missing > len(free) or not free.issuperset(range(present, meta.last_page + 1)):
            raise LayoutError(f"the file is cut off: it has {present} pages of {meta.last_page + 1}")


def _check_transaction(file: PageFile, meta: Meta) -> None:
    # A commit copies at least the root page and lists the old one as freed under its own number; only the first
    # one finds none. So a flipped bit in a transaction number, which could make LMDB choose the older of both
    # states, contradicts the tree beside it. The older state is whole too: its pages wait for the commit after next.
    tip = edge_node(file, meta.free, meta.last_page, -1)
    freed_by = None if tip is None else transaction_of(tip.key)
    expected = meta.transaction if meta.transaction > 1 else None
    if freed_by != expected or (meta.transaction == 0 and meta.main.root != NO_PAGE):
        raise LayoutError(
            f"meta page {meta.number} says that transaction {meta.transaction} wrote it, but the newest list of freed "
            f"pages is of transaction {freed_by}"
        )
