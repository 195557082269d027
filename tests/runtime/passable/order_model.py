"""The order of keys, written straight from the specification and without any thought for speed."""

from __future__ import annotations

import datetime as dt
import functools
import math
from decimal import Decimal
from typing import Any
from uuid import UUID

from vatdata_runtime.passable import CopyBag, CopyMap, CopySet, Record

from .strategies import REMOTABLES

KINDS = [
    Record, CopyBag, CopyMap, CopySet, tuple, bytes, bool, float, int, type(REMOTABLES[0]), str, type(None),
    dt.date, dt.datetime, Decimal, UUID,
]  # fmt: skip


def rank(a: Any, b: Any) -> int:
    """Return -1, 0 or 1 as *a* comes before, with or after *b* in the total order."""
    kind = type(a)
    if kind is not type(b):
        return _sign(KINDS.index(kind) - KINDS.index(type(b)))
    if kind is float or kind is Decimal:
        nans = math.isnan(a), math.isnan(b)
        return nans[0] - nans[1] if any(nans) else (a > b) - (a < b)
    if kind is type(REMOTABLES[0]):
        return _sign(REMOTABLES.index(a) - REMOTABLES.index(b))
    if kind is tuple:
        return _rank_items(list(a), list(b))
    if kind is Record:
        mine, theirs = sorted(a, reverse=True), sorted(b, reverse=True)
        return _rank_items(mine, theirs) or _rank_items([a[n] for n in mine], [b[n] for n in theirs])
    if kind is CopySet:
        return _rank_items(_descending(a), _descending(b))
    if kind is CopyBag or kind is CopyMap:
        return _rank_items(_descending_items(a), _descending_items(b))
    if kind is type(None):
        return 0
    return (a > b) - (a < b)


def _rank_items(a: list[Any], b: list[Any]) -> int:
    for left, right in zip(a, b, strict=False):
        order = rank(left, right)
        if order:
            return order
    return _sign(len(a) - len(b))


def _descending(members: Any) -> list[Any]:
    return sorted(members, key=functools.cmp_to_key(rank), reverse=True)


def _descending_items(entries: Any) -> list[Any]:
    return sorted(entries.items(), key=functools.cmp_to_key(lambda a, b: rank(a[0], b[0])), reverse=True)


def _sign(number: int) -> int:
    return (number > 0) - (number < 0)
