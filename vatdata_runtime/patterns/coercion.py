"""Freezing and checking the arguments and results of one method, and the errors of those that do not fit."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from types import CoroutineType
from typing import Any, Final

from msgspec import Struct

from vatdata_runtime.errors import GuardError, NotPassableError
from vatdata_runtime.passable import freeze
from vatdata_runtime.passable.classes import class_of
from vatdata_runtime.patterns.compile import compile_pattern
from vatdata_runtime.patterns.explain import explain_mismatch

__all__ = ["ABSENT", "CallSite", "Coerce", "Spawn"]

Coerce = Callable[[Any], Any]
"""Returns a value frozen, or raises."""

Spawn = Callable[[Coroutine[Any, Any, Any]], Any]
"""Starts a coroutine and returns the promise of its result."""


class _Absent:
    """The type of ``ABSENT``."""

    def __repr__(self) -> str:
        return "<not given>"


ABSENT: Final = _Absent()
"""Stands for an argument that was not given, inside of wrappers; never data."""


class CallSite(Struct, frozen=True):
    """A guarded method, for the errors of calls to it.

    Attributes:
        method: its name.
        interface: name of the interface.
        least: how many positional arguments it needs.
        most: how many it may get; None for any number.
    """

    method: str
    interface: str
    least: int = 0
    most: int | None = None

    def coerce_argument(self, position: int | str, pattern: Any, *, optional: bool = False) -> Coerce:
        """Make the function that freezes and checks the argument at *position*, and refuses ``ABSENT``."""
        test = compile_pattern(pattern)

        def coerce(value: Any) -> Any:
            if value is ABSENT:
                raise self.missing(position)
            frozen = self.freeze_argument(value, position)
            if test(frozen):
                return frozen
            path, expected, culprit = _explain(frozen, pattern)
            if optional and not path:
                expected = f"M.opt({expected})"
            raise self._error(path, expected, culprit, position)

        return coerce

    def freeze_argument(self, value: Any, position: int | str) -> Any:
        """Freeze the argument at *position*, which may be anything."""
        return self._freeze(value, f"argument {position!r}")

    def coerce_rest(self, start: int, pattern: Any) -> Coerce:
        """Make the function that freezes and checks the tuple of all arguments from position *start* on."""
        test = compile_pattern(pattern)

        def coerce(values: tuple[Any, ...]) -> Any:
            frozen = self._freeze(values, f"arguments from {start} on")
            if test(frozen):
                return frozen
            path, expected, culprit = _explain(frozen, pattern)
            if path and isinstance(path[0], int):
                raise self._error(path[1:], expected, culprit, start + path[0])
            raise self._error(path, f"arguments from here on that match {expected}", culprit, start)

        return coerce

    def coerce_result(self, pattern: Any, spawn: Spawn) -> Coerce:
        """Make the function that freezes and checks what the method gave, a coroutine as its promise."""
        test = compile_pattern(pattern)

        def coerce(value: Any) -> Any:
            is_async = class_of(value) is CoroutineType
            frozen = self._freeze(spawn(value) if is_async else value, "result")
            if test(frozen):
                return frozen
            path, expected, culprit = _explain(frozen, pattern)
            if is_async:
                expected = f"{expected} (the method is async: guard it with M.call_when)"
            raise self._error(path, expected, culprit, "result")

        return coerce

    def missing(self, position: int | str) -> GuardError:
        """Make the error of a call that left out a required argument; by position, or by keyword."""
        if isinstance(position, str):
            expected = f"{position}=, a keyword argument that has to be given"
            return self._error((), expected, None, position)
        return self._error((), self._arity(), position, None)

    def too_many(self, count: int) -> GuardError:
        """Make the error of a call with *count* positional arguments, more than there may be."""
        return self._error((), self._arity(), count, None)

    def unexpected(self, named: Mapping[str, Any], known: tuple[str, ...]) -> GuardError:
        """Make the error of a call with keyword arguments that are left over.

        Args:
            named: those arguments, at least one.
            known: names of parameters; one of them is left over because it was given by position too.
        """
        name, value = next(iter(named.items()))
        expected = "one value, not two" if name in known else "no argument of this name"
        return self._error((), expected, value, name)

    def _freeze(self, value: Any, what: str) -> Any:
        try:
            return freeze(value)
        except NotPassableError as error:
            error.add_note(f"It is the {what} of {self.interface}.{self.method}")
            raise

    def _arity(self) -> str:
        least, most = self.least, self.most
        if most is None:
            return f"at least {least} argument{'' if least == 1 else 's'}"
        if least == most:
            return f"{least} argument{'' if least == 1 else 's'}"
        return f"{least} to {most} arguments"

    def _error(self, path: Any, expected: str, value: object, position: int | str | None) -> GuardError:
        return GuardError(path, None, expected, value, self.method, self.interface, position)


def _explain(value: Any, pattern: Any) -> tuple[Any, str, object]:
    """Explain a value that is known not to match."""
    found = explain_mismatch(value, pattern)
    return ((), repr(pattern), value) if found is None else found
