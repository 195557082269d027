"""Which values are keys, and how two keys compare."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, cast
from uuid import UUID

from vatdata_runtime.errors import NotAKeyError, NotPassableError, Step
from vatdata_runtime.passable.classes import class_of
from vatdata_runtime.passable.copybags import CopyBag
from vatdata_runtime.passable.copymaps import CopyMap
from vatdata_runtime.passable.copysets import CopySet
from vatdata_runtime.passable.equality import same
from vatdata_runtime.passable.freeze import freeze
from vatdata_runtime.passable.record import Record
from vatdata_runtime.passable.remotable import Remotable
from vatdata_runtime.passable.styles import style_of_frozen

__all__ = ["check_key", "compare_keys", "is_key", "is_scalar_key", "key_eq"]

_SCALARS: Final = frozenset({type(None), bool, int, float, str, bytes, date, datetime, Decimal, UUID})
_ORDERED: Final = _SCALARS - {type(None)}


def is_key(x: Any) -> bool:
    """Say whether *x* is a key, or becomes one when it is frozen. Never raises."""
    try:
        check_key(x)
    except (NotPassableError, NotAKeyError):
        return False
    return True


def check_key(x: Any) -> Any:
    """Return *x* frozen, if that is a key.

    Keys are None, bools, ints, floats, texts, bytes, dates, datetimes with a zone, decimals, UUIDs and
    remotables; tuples, records, copy sets and copy bags of keys; copy maps whose values are keys too.

    Raises:
        NotPassableError: *x* is outside the data model.
        NotAKeyError: *x* or a part of it is no key; ``path`` leads to it.
    """
    frozen = freeze(x)
    _check(frozen)
    return frozen


def is_scalar_key(x: Any) -> bool:
    """Say whether frozen *x* is a key without parts, the kind that scalar stores take. Never raises."""
    kind = class_of(x)
    if kind in _SCALARS:
        return kind is not datetime or x.tzinfo is not None
    return isinstance(x, Remotable)


def compare_keys(a: Any, b: Any) -> int | None:
    """Compare two keys in the partial order of keys.

    Numbers, texts, bytes, times, UUIDs and tuples have their usual order within one kind, sets and bags that
    of inclusion, records with the same names and maps with the same keys that of all their values at once.

    Returns:
        -1 where *a* is smaller, 0 where they are equal, 1 where *a* is larger; None where neither is, as for
        keys of different kinds (1 and 1.0 too), different remotables, or NaN and a number.

    Raises:
        NotPassableError, NotAKeyError: one of them is no key.

    Source: ``compareKeys`` of the original, which raises for maps and says NaN for None.
    """
    return _compare(check_key(a), check_key(b))


def key_eq(a: Any, b: Any) -> bool:
    """Say whether two keys are equal; raises as ``compare_keys`` does."""
    return same(check_key(a), check_key(b))


def _check(x: Any) -> None:
    kind = class_of(x)
    if kind in _SCALARS:
        if kind is datetime and x.tzinfo is None:
            raise NotAKeyError(
                f"{x!r} has no zone, so it is no point in time. Give it one, tzinfo=timezone.utc say"
            )
        return
    if isinstance(x, Remotable) or kind in (CopySet, CopyBag):
        return
    if kind is tuple:
        parts: Iterable[tuple[Step, Any]] = enumerate(cast(Iterable[Any], x))
    elif kind is Record:
        parts = cast(Record, x).items()
    elif kind is CopyMap:
        parts = ((f"value {number}", value) for number, value in enumerate(cast(CopyMap, x).values()))
    else:
        raise NotAKeyError(f"{x!r} is of kind {style_of_frozen(x)!r}, which has no order")
    for step, part in parts:
        try:
            _check(part)
        except NotAKeyError as error:
            raise NotAKeyError(error.reason, (step, *error.path)) from None


def _compare(a: Any, b: Any) -> int | None:
    kind = class_of(a)
    if isinstance(a, Remotable) or kind is not class_of(b):
        return 0 if a is b else None
    if kind in _ORDERED:
        return _compare_scalars(a, b)
    if kind is tuple:
        for left, right in zip(a, b, strict=False):
            order = _compare(left, right)
            if order != 0:
                return order
        return (len(a) > len(b)) - (len(a) < len(b))
    if kind is Record or kind is CopyMap:
        return _compare_pointwise(a, b)
    if kind is CopySet or kind is CopyBag:
        return 0 if a == b else -1 if a < b else 1 if a > b else None
    return 0  # None and None


def _compare_scalars(a: Any, b: Any) -> int | None:
    if a == b:
        return 0
    if a != a or b != b:  # noqa: PLR0124  # NaN, of a float or decimal, is what differs from itself
        return 0 if same(a, b) else None
    return -1 if a < b else 1


def _compare_pointwise(a: Record | CopyMap, b: Record | CopyMap) -> int | None:
    if not same(tuple(a), tuple(b)):
        return None
    order: int | None = 0
    for left, right in zip(a.values(), b.values(), strict=True):
        here = _compare(left, right)
        if here is None or order == -here != 0:
            return None
        order = order or here
    return order
