"""The bytes of an LMDB file, read without LMDB.

LMDB trusts its file: a damaged page makes it read outside the map, which ends the process. So what must be known
before a file may be trusted is read here from plain bytes. Only data format 1 (LMDB 0.9) is known, in the byte order
and word size of this machine, as LMDB itself requires.

Source: ``mdb.c`` of LMDB 0.9, structures ``MDB_page``, ``MDB_node``, ``MDB_db`` and ``MDB_meta``.
"""

from __future__ import annotations

import os
import struct
from types import TracebackType
from typing import Self

from msgspec import Struct

__all__ = [
    "BRANCH_PAGE",
    "LEAF_PAGE",
    "META_PAGES",
    "NO_PAGE",
    "OVERFLOW_PAGE",
    "LayoutError",
    "Meta",
    "Node",
    "Page",
    "PageFile",
    "Tree",
    "parse_meta",
    "parse_page",
]

# Native sizes and alignment: size_t and pgno_t are N, as in the C structures.
_PAGE_HEADER = struct.Struct("@NHHHH")  # number, pad, flags, lower, upper
_OVERFLOW_HEADER = struct.Struct("@NHHI")  # number, pad, flags, count of pages
_META_HEAD = struct.Struct("@IIPN")  # magic, version, address, map size
_TREE = struct.Struct("@IHHNNNNN")  # pad, flags, depth, branch, leaf, overflow, entries, root
_META_TAIL = struct.Struct("@NN")  # last page, transaction id
_NODE = struct.Struct(
    "@IHH"
)  # size of data or child (low 32 bits), flags or child (high 16 bits), size of key
_PAGE_NUMBER = struct.Struct("@N")

_META_AT = _PAGE_HEADER.size
_TREES_AT = _META_AT + _META_HEAD.size
_TAIL_AT = _TREES_AT + 2 * _TREE.size
_META_BYTES = _TAIL_AT + _META_TAIL.size

_MAGIC = 0xBEEFC0DE
_MAGIC_BYTES = struct.pack("@I", _MAGIC)
_DATA_VERSION = 1
_MAX_PAGE_SIZE = 0x8000
_MIN_PAGE_SIZE = 256
_MAX_DEPTH = 32
_MAX_MAP_BYTES = 1 << 56  # more than any processor addresses

BRANCH_PAGE = 0x01
LEAF_PAGE = 0x02
OVERFLOW_PAGE = 0x04
META_PAGE = 0x08
_AT_REST = BRANCH_PAGE | LEAF_PAGE | OVERFLOW_PAGE | META_PAGE

_BIG_DATA = 0x01
_TREE_FLAGS = (0x02, 0x04, 0x06)  # a named tree, a page of duplicates, a tree of duplicates
_MAX_KEY_BYTES = 511

META_PAGES = 2
NO_PAGE = (1 << (8 * _PAGE_NUMBER.size)) - 1


class LayoutError(ValueError):
    """Bytes that LMDB would not have written; the text says which and where."""


class Tree(Struct, frozen=True):
    """One B+tree of the file: its root page, its depth in pages, and the counts that its walk must find.

    ``flags`` choose another order of keys or several values a key; the main tree of a store has none.
    """

    flags: int
    depth: int
    branch_pages: int
    leaf_pages: int
    overflow_pages: int
    entries: int
    root: int


class Meta(Struct, frozen=True):
    """One of the two meta pages: a whole committed state of the file."""

    number: int
    page_size_bytes: int
    map_size_bytes: int
    free: Tree
    main: Tree
    last_page: int
    transaction: int


class Node(Struct, frozen=True):
    """One entry of a tree page. In a branch page ``child`` is a page number; in a leaf the data is either ``data``
    or, for a large value, ``size_bytes`` bytes from page ``overflow`` on. ``is_plain`` is False for a named or inner
    tree of LMDB, which no store has."""

    key: bytes
    child: int = 0
    data: bytes = b""
    size_bytes: int = 0
    overflow: int | None = None
    is_plain: bool = True


class Page(Struct, frozen=True):
    """One branch or leaf page with its entries in order."""

    number: int
    is_leaf: bool
    nodes: tuple[Node, ...]


def _parse_tree(data: bytes, at: int, name: str) -> tuple[Tree, int]:
    pad, flags, depth, branch, leaf, overflow, entries, root = _TREE.unpack_from(data, at)
    if depth > _MAX_DEPTH or (root == NO_PAGE) != (depth == 0):
        raise LayoutError(f"the {name} tree has depth {depth} and root page {root}")
    return Tree(flags, depth, branch, leaf, overflow, entries, root), pad


def parse_meta(data: bytes, number: int) -> Meta:
    """Read meta page *number* (0 or 1) from *data*, the page's first bytes.

    Raises:
        LayoutError: it is none, or its numbers contradict each other.
    """
    if len(data) < _META_BYTES:
        raise LayoutError(f"meta page {number} is cut off")
    page, _, flags, _, _ = _PAGE_HEADER.unpack_from(data)
    magic, version, _, map_size = _META_HEAD.unpack_from(data, _META_AT)
    if magic != _MAGIC:
        raise LayoutError(f"meta page {number} has no LMDB signature")
    if version != _DATA_VERSION:
        raise LayoutError(f"meta page {number} says LMDB data format {version}, a store uses {_DATA_VERSION}")
    if page != number or flags & _AT_REST != META_PAGE:
        raise LayoutError(f"meta page {number} says that it is page {page} with flags {flags:#x}")
    free, page_size = _parse_tree(data, _TREES_AT, "free")
    main, _ = _parse_tree(data, _TREES_AT + _TREE.size, "main")
    last_page, transaction = _META_TAIL.unpack_from(data, _TAIL_AT)
    if page_size & (page_size - 1) or not _MIN_PAGE_SIZE <= page_size <= _MAX_PAGE_SIZE:
        raise LayoutError(f"meta page {number} says that a page has {page_size} bytes")
    if not last_page * page_size < map_size < _MAX_MAP_BYTES:
        raise LayoutError(f"meta page {number} says that {map_size} bytes are mapped, for {last_page} pages")
    if last_page < META_PAGES - 1:
        raise LayoutError(f"meta page {number} says that the last page is {last_page}")
    for tree in (free, main):
        if tree.root != NO_PAGE and not META_PAGES <= tree.root <= last_page:
            raise LayoutError(f"meta page {number} has root page {tree.root} of {last_page}")
    # Transaction n is written to meta page n % 2.
    if transaction % 2 != number and transaction != 0:
        raise LayoutError(f"meta page {number} says that transaction {transaction} wrote it")
    return Meta(number, page_size, map_size, free, main, last_page, transaction)


def _find_page_size(head: bytes) -> int | None:
    """Tell the page size of the LMDB file that begins with *head*, None where nothing looks like an LMDB file.

    The first meta page says it; where that one is damaged, the place of the second one does.
    """
    size: int
    if head[_META_AT : _META_AT + 4] == _MAGIC_BYTES and len(head) >= _META_BYTES:
        (size,) = struct.unpack_from("@I", head, _TREES_AT)
        if size & (size - 1) == 0 and _MIN_PAGE_SIZE <= size <= _MAX_PAGE_SIZE:
            return size
    size = _MIN_PAGE_SIZE
    while size <= _MAX_PAGE_SIZE:
        if head[size + _META_AT : size + _META_AT + 4] == _MAGIC_BYTES:
            return size
        size *= 2
    return None


def parse_page(data: bytes, number: int, last_page: int) -> Page:
    """Read the branch or leaf page *number* from *data*, a whole page, so that no entry reaches outside it.

    Raises:
        LayoutError: the page is another one, or an entry, a child or an overflow page lies out of bounds.
    """
    size = len(data)
    said, _, flags, lower, upper = _PAGE_HEADER.unpack_from(data)
    if said != number or flags not in (BRANCH_PAGE, LEAF_PAGE):
        raise LayoutError(f"page {number} says that it is page {said} with flags {flags:#x}")
    if not _PAGE_HEADER.size <= lower <= upper <= size or lower % 2:
        raise LayoutError(f"page {number} has its free space from {lower} to {upper}")
    count = (lower - _PAGE_HEADER.size) // 2
    is_leaf = flags == LEAF_PAGE
    if count < (1 if is_leaf else 2):
        raise LayoutError(f"page {number} has {count} entries")
    nodes: list[Node] = []
    used = 0
    for at in struct.unpack_from(f"@{count}H", data, _PAGE_HEADER.size):
        if at < upper or at % 2 or at + _NODE.size > size:
            raise LayoutError(f"page {number} has an entry at {at}")
        low, high, key_size = _NODE.unpack_from(data, at)
        end = at + _NODE.size + key_size
        key = data[at + _NODE.size : end]
        if end > size or key_size > _MAX_KEY_BYTES or (is_leaf and not key_size):
            raise LayoutError(f"page {number} has a key of {key_size} bytes at {at}")
        if not is_leaf:
            child = low | high << 32
            if not META_PAGES <= child <= last_page:
                raise LayoutError(f"page {number} refers to page {child} of {last_page}")
            nodes.append(Node(key, child))
        elif high == _BIG_DATA:
            if end + _PAGE_NUMBER.size > size:
                raise LayoutError(f"page {number} has a cut-off reference at {at}")
            (first,) = _PAGE_NUMBER.unpack_from(data, end)
            if not META_PAGES <= first <= last_page:
                raise LayoutError(f"page {number} refers to overflow page {first} of {last_page}")
            nodes.append(Node(key, size_bytes=low, overflow=first))
            end += _PAGE_NUMBER.size
        elif high in (0, *_TREE_FLAGS) and end + low <= size:
            nodes.append(Node(key, data=data[end : end + low], size_bytes=low, is_plain=high == 0))
            end += low
        else:
            raise LayoutError(f"page {number} has an entry of {low} bytes with flags {high:#x} at {at}")
        used += (end - at + 1) & ~1
    # LMDB packs entries without gaps against the page's end and moves them by their sizes when it deletes one.
    if used != size - upper:
        raise LayoutError(f"page {number} has {size - upper} bytes for entries that take {used}")
    return Page(number, is_leaf, tuple(nodes))


class PageFile:
    """The pages of a file through ``pread``, never through a map: a file that is cut off gives an error, no signal."""

    def __init__(self, path: str) -> None:
        self._descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        self.page_size_bytes = _find_page_size(self.head()) or 0
        """0 where the file does not look like one of LMDB."""

    def size_bytes(self) -> int:
        """Return the length of the file now."""
        return os.fstat(self._descriptor).st_size

    def head(self) -> bytes:
        """Return the first bytes of the file: both meta pages, whatever the size of a page."""
        return os.pread(self._descriptor, 2 * _MAX_PAGE_SIZE, 0)

    def read(self, number: int, count: int = 1) -> bytes:
        """Return *count* pages from page *number* on.

        Raises:
            LayoutError: the file ends before.
        """
        start, wanted = number * self.page_size_bytes, count * self.page_size_bytes
        # Asked first: a damaged count must not make room for more bytes than there are.
        if start + wanted > self.size_bytes():
            raise LayoutError(f"page {number + count - 1} lies beyond the end of the file")
        data = os.pread(self._descriptor, wanted, start)
        if len(data) < wanted:
            raise LayoutError(f"page {number + len(data) // self.page_size_bytes} could not be read whole")
        return data

    def read_tree_page(self, number: int, last_page: int) -> Page:
        """Return the branch or leaf page *number*; raises LayoutError where it is none."""
        return parse_page(self.read(number), number, last_page)

    def read_data(self, node: Node, last_page: int) -> bytes:
        """Return the data of a leaf entry, from its overflow pages where it is large.

        Raises:
            LayoutError: the overflow pages are not the ones that the entry needs, or it is no plain entry.
        """
        if not node.is_plain:
            raise LayoutError(f"key {node.key!r} has a tree of LMDB in place of a value")
        if node.overflow is None:
            return node.data
        count = self.overflow_pages(node)
        if node.overflow + count - 1 > last_page:
            raise LayoutError(
                f"overflow page {node.overflow} needs {count} pages, the last one is {last_page}"
            )
        data = self.read(node.overflow, count)
        said, _, flags, pages = _OVERFLOW_HEADER.unpack_from(data)
        if (said, flags, pages) != (node.overflow, OVERFLOW_PAGE, count):
            raise LayoutError(
                f"overflow page {node.overflow} says that it is page {said} of {pages} pages with flags {flags:#x}, "
                f"and its entry needs {count}"
            )
        return data[_PAGE_HEADER.size : _PAGE_HEADER.size + node.size_bytes]

    def overflow_pages(self, node: Node) -> int:
        """Return how many pages the data of a large leaf entry takes."""
        return (_PAGE_HEADER.size - 1 + node.size_bytes) // self.page_size_bytes + 1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        os.close(self._descriptor)
