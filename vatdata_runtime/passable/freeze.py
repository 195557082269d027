"""Copying a value into immutable form on its way in, or saying why it cannot come in."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum
from types import ModuleType
from typing import Any, Final, NoReturn, cast
from uuid import UUID

from vatdata_runtime.errors import NotPassableError, Step
from vatdata_runtime.passable.classes import class_of
from vatdata_runtime.passable.enums import current_enums
from vatdata_runtime.passable.groups import members_of
from vatdata_runtime.passable.immutable import CopyData
from vatdata_runtime.passable.promises import is_promise
from vatdata_runtime.passable.remotable import Remotable

__all__ = [
    "MAX_DEPTH",
    "Freezer",
    "depth_of",
    "freeze",
    "freeze_part",
    "freeze_text",
    "register_freezer",
    "under",
]

MAX_DEPTH: Final = 200
"""Levels of containers that a value may have. What walks values takes up to three frames a level, and Python
allows a thousand by default, the caller's included."""

Freezer = Callable[[Any, int], Any]
"""Freezes a value of one class, given how many levels of containers there may still be, its own included."""

_TOO_DEEP: Final = f"the value is nested deeper than {MAX_DEPTH} levels, or contains itself"
_ATOMS: Final = frozenset({type(None), bool, int, bytes})
_WITHOUT_DEPTH: Final = _ATOMS | {float, str}
_freezers: dict[type, Freezer] = {}


def freeze(x: Any) -> Any:
    """Return *x* as immutable data, or *x* itself where it is immutable already.

    Lists become tuples, dicts become ``Record``, sets become ``CopySet``; subclasses become the plain kind;
    an exception becomes a clean copy without traceback, as it would come back from the store. Numbers take
    the one form that they are stored in: ``-0.0`` becomes ``0.0``, and a datetime with a zone the same
    instant in UTC. Remotables and promises stay themselves.

    Raises:
        NotPassableError: *x* or a part of it is outside the data model, contains itself, or is nested deeper
            than ``MAX_DEPTH``; the error's ``path`` leads to the culprit.

    Cost: about 50 ns for a scalar, constant for a frozen container other than a tuple.
    Source: ``harden`` of the original, which freezes in place what this copies.
    """
    kind = class_of(x)
    if kind in _ATOMS:
        return x
    if kind is str and x.isascii():
        return x
    if kind is float:
        return _freeze_float(x)
    if issubclass(kind, Remotable):
        return x
    try:
        return freeze_part(x, MAX_DEPTH)
    except NotPassableError as error:
        cycle = _find_cycle(x) if error.reason is _TOO_DEEP else None
        if cycle is None:
            raise
        raise NotPassableError("the value contains itself", cycle) from None


def freeze_part(x: Any, room: int) -> Any:
    """Freeze *x*, which may have *room* levels of containers; see ``freeze``."""
    kind = class_of(x)
    if kind in _ATOMS:
        return x
    freezer = _freezers.get(kind)
    if freezer is not None:
        return freezer(x, room)
    if issubclass(kind, Remotable):  # asked of the class: a proxy can make isinstance say what is not so
        return x
    return _freeze_other(x, room)


def register_freezer(source: type, freezer: Freezer) -> None:
    """Let instances of *source* enter as data, and those of subclasses that have no freezer themselves."""
    _freezers[source] = freezer


def keep(x: CopyData, room: int) -> CopyData:
    """Let copy data that is frozen already enter as it is."""
    if x.depth > room:
        raise_too_deep()
    return x


def under(step: Step, error: NotPassableError) -> NotPassableError:
    """Return *error*, raised for a part of a value, as the error for the value with the part at *step*."""
    return NotPassableError(error.reason, (step, *error.path))


def raise_too_deep() -> NoReturn:
    """Refuse a value with more levels of containers than there may be."""
    raise NotPassableError(_TOO_DEEP)


def depth_of(parts: Collection[Any]) -> int:
    """Return the levels of containers in frozen *parts*: 0 where all are scalars."""
    if _WITHOUT_DEPTH.issuperset(map(class_of, parts)):
        return 0
    deepest = 0
    for part in parts:
        if class_of(part) is tuple:
            depth = 1 + depth_of(part)
        elif isinstance(part, CopyData):
            depth = part.depth
        elif isinstance(part, BaseException):
            depth = 1 + depth_of((*(members_of(part) or part.args), part.__cause__))
        else:
            continue
        deepest = max(deepest, depth)
    return deepest


def freeze_text(text: str, _room: int = 0) -> str:
    """Return *text* as a plain ``str``, refusing what no encoding of Unicode can hold."""
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise NotPassableError(
                f"the text has a lone surrogate at index {error.start}, so it is no Unicode. Pass bytes, or "
                f" decode them with errors='replace'"
            ) from None
    return str.__str__(text)


def _freeze_sequence(source: list[Any] | tuple[Any, ...], room: int) -> tuple[Any, ...]:
    if room == 0:
        raise_too_deep()
    same = type(source) is tuple
    frozen: list[Any] = []
    for item in source:
        kind = class_of(item)
        if kind not in _ATOMS and (kind is not str or not item.isascii()):
            try:
                part = freeze_part(item, room - 1)
            except NotPassableError as error:
                raise under(len(frozen), error) from None
            if part is not item:
                same = False
            item = part
        frozen.append(item)
    return cast(tuple[Any, ...], source) if same else tuple(frozen)


def _freeze_float(x: float, _room: int = 0) -> float:
    if not x:
        return 0.0
    if x != x:  # noqa: PLR0124  # NaN is the one number that differs from itself
        return math.nan
    return x if class_of(x) is float else float.__float__(x)


def _freeze_datetime(x: datetime, _room: int) -> datetime:
    if x.tzinfo is UTC and class_of(x) is datetime and not x.fold:
        return x
    offset = x.utcoffset()
    instant = datetime(x.year, x.month, x.day, x.hour, x.minute, x.second, x.microsecond)
    if offset is None:
        return instant
    try:
        return (instant - offset).replace(tzinfo=UTC)
    except OverflowError:
        raise NotPassableError(f"{x!r} lies outside the years 1 to 9999 in UTC") from None


def _freeze_time(x: time, _room: int) -> time:
    offset = x.utcoffset()
    if x.tzinfo is not None and offset is None:
        raise NotPassableError(f"{x!r} has a zone whose offset depends on the date. Pass a datetime")
    zone = None if offset is None else timezone(offset)
    return time(x.hour, x.minute, x.second, x.microsecond, zone)


def _freeze_timedelta(x: timedelta, _room: int) -> timedelta:
    return x if class_of(x) is timedelta else timedelta(x.days, x.seconds, x.microseconds)


def _freeze_date(x: date, _room: int) -> date:
    return x if class_of(x) is date else date(x.year, x.month, x.day)


def _freeze_decimal(x: Decimal, _room: int) -> Decimal:
    if x.is_snan():
        raise NotPassableError("a signaling NaN is no data. Pass Decimal('NaN')")
    if x.is_nan():
        return Decimal("NaN")
    if x.is_zero() and x.is_signed():
        return x.copy_abs()
    return x if class_of(x) is Decimal else Decimal(x)


def _freeze_uuid(x: UUID, _room: int) -> UUID:
    return x if class_of(x) is UUID and x.is_safe.value is None else UUID(int=x.int)


for _kind in (type(None), bool):
    register_freezer(_kind, lambda x, _room: x)
register_freezer(int, lambda x, _room: int.__int__(x))
register_freezer(float, _freeze_float)
register_freezer(str, freeze_text)
register_freezer(bytes, lambda x, _room: b"".join((x,)))
register_freezer(tuple, _freeze_sequence)
register_freezer(list, _freeze_sequence)
register_freezer(datetime, _freeze_datetime)
register_freezer(date, _freeze_date)
register_freezer(time, _freeze_time)
register_freezer(timedelta, _freeze_timedelta)
register_freezer(Decimal, _freeze_decimal)
register_freezer(UUID, _freeze_uuid)


def _freeze_other(x: Any, room: int) -> Any:
    """Freeze what is no instance of a class that has a freezer, but may be of a subclass."""
    kind = class_of(x)
    if issubclass(kind, CopyData):
        return keep(x, room)
    if is_promise(x):
        return x
    if issubclass(kind, Enum):  # before int and str, which enums may derive from
        current_enums.get().check(x)
        return x
    for base in kind.__mro__:
        freezer = _freezers.get(base)
        if freezer is not None:
            return freezer(x, room)
    raise NotPassableError(f"{_describe(x)} is no data. {_hint(x)}")


def _describe(x: object) -> str:
    return f"the class {x.__qualname__}" if isinstance(x, type) else f"a {type(x).__qualname__}"


def _hint(x: object) -> str:
    """Say what to do in place of passing *x*."""
    kind = class_of(x)
    if kind in (bytearray, memoryview):
        return "It can change while it is kept: pass bytes(x)"
    if hasattr(kind, "__await__"):
        return "Only a Future is a promise: await it first, or make it a task"
    if issubclass(kind, type | ModuleType):
        return "Pass its name as text"
    if hasattr(kind, "__next__"):
        return "It can be read only once: pass tuple(x)"
    if hasattr(kind, "__dataclass_fields__") or hasattr(kind, "__struct_fields__"):
        return "Pass a dict of its fields, or make it an exo to pass it by reference"
    if issubclass(kind, Mapping):
        return "Pass dict(x)"
    if callable(x):
        return "Pass an object with the function as a method: Far(name, {'method': function})"
    if hasattr(kind, "__iter__"):
        return "Pass tuple(x)"
    return "Pass its fields as a dict, or make it an exo or a Far object to pass it by reference"


def _parts(x: Any) -> Iterable[tuple[Step, Any]]:
    if isinstance(x, list | tuple):
        return enumerate(cast(Iterable[Any], x))
    if isinstance(x, dict):
        return cast(Iterable[tuple[Step, Any]], x.items())
    return ()


# What can be made to contain itself; a tuple can hold the list that holds it.
_CHANGEABLE: Final[tuple[type, ...]] = (list, tuple, dict)


def _find_cycle(x: Any) -> tuple[Step, ...] | None:
    """Return the path to the first part of *x* that is a container around itself, or None. Never recurses."""
    path: list[Step] = []
    around = {id(x): None}  # the containers on the way, outermost first
    seen = {id(x)}
    pending = [iter(_parts(x))]
    while pending:
        entry = next(pending[-1], None)
        if entry is None:
            pending.pop()
            around.popitem()
            if path:
                path.pop()
            continue
        step, part = entry
        if id(part) in around:
            return (*path, step)
        if issubclass(class_of(part), _CHANGEABLE) and id(part) not in seen:
            seen.add(id(part))
            around[id(part)] = None
            path.append(step)
            pending.append(iter(_parts(part)))
    return None
