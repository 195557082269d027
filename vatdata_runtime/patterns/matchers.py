"""What a pattern is: a matcher, or literal data that may have matchers inside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta
from enum import Enum
from typing import Any, Self

from vatdata_runtime.errors import NotAPatternError, NotPassableError, PatternDefinitionError
from vatdata_runtime.passable import CopyMap, Record, Tagged, check_key, freeze, is_key, register_tag
from vatdata_runtime.passable.classes import class_of
from vatdata_runtime.patterns.signatures import KIND_NAMES, SIGNATURES, TAG_PREFIX, Argument
from vatdata_runtime.patterns.text import matcher_text, pattern_text

__all__ = ["Matcher", "Pattern", "Test", "check_pattern", "is_frozen_pattern", "is_pattern", "make_matcher"]

Pattern = object
"""A matcher from ``M``, a key, or a tuple, list, dict or ``CopyMap`` with patterns inside."""

Test = Callable[[Any], bool]
"""Says whether a frozen value matches."""


class Matcher(Tagged):
    """A pattern that ``M`` makes: data that can be stored, sent and compared; its repr evaluates back.

    Two matchers are equal when they were built with equal arguments; the order of alternatives counts.
    """

    # The compiled test is made on first use and shared by everything that holds the matcher.
    __slots__ = ("_test",)

    _test: Test

    @property
    def name(self) -> str:
        """Name of the matcher in ``M``, without a closing underscore."""
        return self.tag[len(TAG_PREFIX) :]

    def __repr__(self) -> str:
        return matcher_text(self.name, self.payload)

    def __new__(cls, tag: str, payload: Any) -> Self:
        name = tag.removeprefix(TAG_PREFIX)
        if name == tag or name not in SIGNATURES:
            raise PatternDefinitionError(f"{tag!r} is not the tag of a matcher. Make matchers with M")
        return super().__new__(cls, tag, payload)


def make_matcher(name: str, arguments: Sequence[object], limits: Record | None = None) -> Matcher:
    """Check the arguments of a matcher and make it.

    Args:
        name: a key of ``SIGNATURES``.
        arguments: as many as the signature says; they are frozen.
        limits: the complete limits, for a matcher that has limits.

    Raises:
        NotAPatternError, NotAKeyError, NotPassableError, PatternDefinitionError: by what the argument
            should be.
    """
    signature = SIGNATURES[name]
    if signature.variadic:
        payload = [_check_argument(name, Argument.PATTERN, argument) for argument in arguments]
    else:
        payload = [
            _check_argument(name, wanted, argument)
            for wanted, argument in zip(signature.arguments, arguments, strict=True)
        ]
    if limits is not None:
        payload.append(limits)
    return Matcher(TAG_PREFIX + name, tuple(payload))


def is_pattern(x: object) -> bool:
    """Say whether *x* is a pattern, or becomes one when it is frozen. Never raises."""
    try:
        check_pattern(x)
    except NotAPatternError:
        return False
    return True


def check_pattern(x: object) -> Any:
    """Return *x* frozen, if that is a pattern.

    Raises:
        NotAPatternError: *x* or a part of it is no pattern: a promise, an exception, a guard, data under an
            unknown tag, or outside the data model; ``path`` leads to it.

    Cost: 0.1 us for a matcher; for literals one walk over the parts.
    """
    if type(x) is Matcher:
        return x
    try:
        frozen = freeze(x)
    except NotPassableError as error:
        raise NotAPatternError(f"{error.reason}. {_HINT}", error.path) from None
    _check_parts(frozen)
    return frozen


def is_frozen_pattern(x: object) -> bool:
    """Say whether a frozen value is a pattern. Never raises."""
    try:
        _check_parts(x)
    except NotAPatternError:
        return False
    return True


_HINT = "A pattern is a matcher from M, called, as M.int(); or a key; or a tuple or dict of patterns"

# Data that has an equality but no place in the order of keys still stands for itself in a pattern.
_LITERAL_SCALARS = (datetime, time, timedelta, Enum)


def _check_parts(x: Any) -> None:
    kind = class_of(x)
    if kind is Matcher:
        return
    parts: Any
    if kind is tuple:
        parts = enumerate(x)
    elif kind is Record:
        parts = x.items()
    elif kind is CopyMap:
        parts = ((f"value {number}", value) for number, value in enumerate(x.values()))
    elif is_key(x) or isinstance(x, _LITERAL_SCALARS):
        return
    else:
        raise NotAPatternError(f"{x!r} stands for no set of values. {_HINT}")
    for step, part in parts:
        try:
            _check_parts(part)
        except NotAPatternError as error:
            raise NotAPatternError(error.reason, (step, *error.path)) from None


def _check_argument(matcher: str, wanted: Argument, argument: Any) -> Any:
    """Return *argument* frozen if it is what the signature of *matcher* says."""
    if wanted is Argument.PATTERN:
        return check_pattern(argument)
    if wanted is Argument.KEY:
        return check_key(argument)
    if wanted is Argument.COUNT:
        if class_of(argument) is not int or argument < 1:
            raise PatternDefinitionError(f"M.{matcher} counts with an int of at least 1, found {argument!r}")
        return argument
    if wanted is Argument.KIND:
        if argument not in KIND_NAMES:
            raise PatternDefinitionError(
                f"there is no kind {argument!r}; the kinds are {', '.join(KIND_NAMES)}"
            )
        return argument
    if wanted is Argument.TEXT or wanted is Argument.OPTIONAL_TEXT:
        if isinstance(argument, str) or (argument is None and wanted is Argument.OPTIONAL_TEXT):
            return freeze(argument)
        raise PatternDefinitionError(f"M.{matcher} takes text, found {argument!r}")
    container: type[Any] = tuple if wanted is Argument.PATTERN_TUPLE else Record
    frozen = check_pattern(argument)
    if class_of(frozen) is not container:
        what = "list or tuple" if container is tuple else "dict"
        raise PatternDefinitionError(
            f"M.{matcher} takes a {what} of patterns here, found {pattern_text(frozen)}"
        )
    return frozen


def _from_tag(tag: str, payload: Any) -> Tagged:
    """Read a matcher back. What no constructor makes is data under a tag without meaning, and no pattern."""
    name = tag.removeprefix(TAG_PREFIX)
    if name in SIGNATURES and class_of(payload) is tuple and _fits(name, payload):
        return Matcher(tag, payload)
    return Tagged(tag, payload)


def _fits(name: str, payload: tuple[Any, ...]) -> bool:
    signature = SIGNATURES[name]
    arguments = payload
    if signature.limits:
        limits = payload[-1] if payload else None
        if type(limits) is not Record or set(limits) != set(signature.limits):
            return False
        if not all(limit is None or (type(limit) is int and limit >= 0) for limit in limits.values()):
            return False
        arguments = payload[:-1]
    if not signature.variadic and len(arguments) != len(signature.arguments):
        return False
    try:
        make_matcher(name, arguments)
    except (TypeError, ValueError):
        return False
    return True


register_tag(TAG_PREFIX, _from_tag)
