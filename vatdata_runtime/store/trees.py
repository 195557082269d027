"""Walks over the B+trees of an LMDB file that believe nothing they read."""

from __future__ import annotations

import struct
import sys
from collections.abc import Callable, Iterator
from itertools import pairwise

from .layout import NO_PAGE, LayoutError, Meta, Node, Page, PageFile, Tree

__all__ = ["TreeWalk", "edge_node", "free_pages", "in_number_order", "parse_free_list", "transaction_of"]

_NUMBER_BYTES = struct.calcsize("@N")


def in_number_order(key: bytes) -> bytes:
    """Turn a key of the free tree, a number in the machine's byte order, into bytes that sort like the number.

    Raises:
        LayoutError: it has not the size of one.
    """
    if len(key) != _NUMBER_BYTES:
        raise LayoutError(f"the free tree has a key of {len(key)} bytes")
    return key[::-1] if sys.byteorder == "little" else key


def transaction_of(key: bytes) -> int:
    """Read a key of the free tree: the number of the transaction that freed the pages."""
    return int.from_bytes(in_number_order(key))


def parse_free_list(data: bytes) -> tuple[int, ...]:
    """Read a value of the free tree: a count, then as many page numbers.

    Raises:
        LayoutError: the count does not fit.
    """
    count, odd = divmod(len(data), _NUMBER_BYTES)
    numbers: tuple[int, ...] = struct.unpack_from(f"@{count}N", data)
    if odd or count < 1 or numbers[0] != count - 1:
        raise LayoutError(f"the free tree has a list of {len(data)} bytes that does not fit its own count")
    return numbers[1:]


def edge_node(file: PageFile, tree: Tree, last_page: int, index: int) -> Node | None:
    """Return the first (*index* 0) or last (-1) leaf entry of *tree*, None where it is empty.

    Raises:
        LayoutError: a page on the way is not what it has to be.
    """
    number = tree.root
    for depth in range(1, tree.depth + 1):
        page = file.read_tree_page(number, last_page)
        if page.is_leaf != (depth == tree.depth):
            raise LayoutError(f"page {number} at depth {depth} of {tree.depth} is of the wrong kind")
        if page.is_leaf:
            return page.nodes[index]
        number = page.nodes[index].child
    return None


class TreeWalk:
    """One pass over all leaf pages of *tree*, in order, that reports what is wrong and goes on behind it.

    Args:
        claim: called with first page and count for all that the tree holds, before it is read; False says that
            the pages belong to something else, and the walk leaves them alone. It is what ends a circle.
        report: called with one clause for each problem; it may raise to end the walk.
    """

    def __init__(
        self,
        file: PageFile,
        name: str,
        tree: Tree,
        last_page: int,
        claim: Callable[[int, int], bool],
        report: Callable[[str], None],
        order: Callable[[bytes], bytes] = bytes,
    ) -> None:
        self._file = file
        self._name = name
        self._tree = tree
        self._last_page = last_page
        self._claim = claim
        self._report = report
        self._order = order
        self._found = {"branch pages": 0, "leaf pages": 0, "overflow pages": 0, "entries": 0}

    def leaves(self) -> Iterator[Page]:
        """Yield each leaf page, then compare the counts of the walk with those that the tree states."""
        tree = self._tree
        if tree.root != NO_PAGE:
            yield from self._below(tree.root, 1, None, None)
        stated = (tree.branch_pages, tree.leaf_pages, tree.overflow_pages, tree.entries)
        for (what, found), expected in zip(self._found.items(), stated, strict=True):
            if found != expected:
                self._report(f"the {self._name} tree states {expected} {what}, {found} were found")

    def data_of(self, node: Node) -> bytes | None:
        """Return the data of a leaf entry; None, with a report, where its overflow pages are not its own."""
        if node.overflow is not None:
            count = self._file.overflow_pages(node)
            if not self._claim(node.overflow, count):
                return None
            self._found["overflow pages"] += count
        try:
            return self._file.read_data(node, self._last_page)
        except LayoutError as error:
            self._report(str(error))
            return None

    def _below(self, number: int, depth: int, low: bytes | None, high: bytes | None) -> Iterator[Page]:
        if not self._claim(number, 1):
            return
        try:
            page = self._file.read_tree_page(number, self._last_page)
            if page.is_leaf != (depth == self._tree.depth):
                raise LayoutError(
                    f"page {number} at depth {depth} of {self._tree.depth} is of the wrong kind"
                )
            self._check_order(page, low, high)
        except LayoutError as error:
            self._report(str(error))
            return
        if page.is_leaf:
            self._found["leaf pages"] += 1
            self._found["entries"] += len(page.nodes)
            yield page
            return
        self._found["branch pages"] += 1
        # The first key of a branch page is never compared and may be anything: the child starts where its parent does.
        lows = (low, *(node.key for node in page.nodes[1:]))
        highs = (*lows[1:], high)
        for node, child_low, child_high in zip(page.nodes, lows, highs, strict=True):
            yield from self._below(node.child, depth + 1, child_low, child_high)

    def _check_order(self, page: Page, low: bytes | None, high: bytes | None) -> None:
        keys = [self._order(node.key) for node in (page.nodes if page.is_leaf else page.nodes[1:])]
        if any(left >= right for left, right in pairwise(keys)):
            raise LayoutError(f"page {page.number} has keys out of order")
        if low is not None and keys[0] < self._order(low):
            raise LayoutError(f"page {page.number} has a key below its range")
        if high is not None and keys[-1] >= self._order(high):
            raise LayoutError(f"page {page.number} has a key above its range")


def free_pages(file: PageFile, meta: Meta) -> set[int]:
    """Return the numbers of all free pages of the state *meta*.

    Raises:
        LayoutError: the free tree is damaged.

    Cost: 8 bytes of the file for each free page.
    """
    visited: set[int] = set()

    def claim(first: int, count: int) -> bool:
        pages = set(range(first, min(first + count, meta.last_page + 1)))
        if len(pages) < count or not pages.isdisjoint(visited):
            fail(f"page {first} is used twice, or lies beyond the last page")
        visited.update(pages)
        return True

    def fail(problem: str) -> None:
        raise LayoutError(problem)

    walk = TreeWalk(file, "free", meta.free, meta.last_page, claim, fail, order=in_number_order)
    free: set[int] = set()
    for page in walk.leaves():
        for node in page.nodes:
            data = walk.data_of(node)
            if data is not None:
                free.update(parse_free_list(data))
    return free
