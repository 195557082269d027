"""Exceptions as data: class, fields, cause, members and notes, without traceback or anything alive."""

from __future__ import annotations

import builtins
from typing import Any, Final

from vatdata_runtime import errors
from vatdata_runtime.errors import NotPassableError, RemoteError, VatDataError
from vatdata_runtime.passable.freeze import depth_of, freeze, register_freezer
from vatdata_runtime.passable.references import has_references

__all__ = ["MAX_CHAIN", "exception_fields", "make_exception"]

MAX_CHAIN: Final = 16
"""Causes and members of groups are kept down to this many levels; what lies deeper is left out."""

_ARGUMENT_DEPTH: Final = 32

# Neither may be raised into a coroutine or set on a future, so as an outcome they travel as RemoteError.
_NOT_CARRIED: Final = (StopIteration, StopAsyncIteration)


def _classes() -> dict[str, type[Exception]]:
    named: dict[str, type[Exception]] = {}
    for module in (builtins, errors):
        for name, cls in vars(module).items():
            if isinstance(cls, type) and issubclass(cls, Exception) and cls not in _NOT_CARRIED:
                named[name] = cls
    # IOError and EnvironmentError are other names of OSError; a class travels under its own.
    return {name: cls for name, cls in named.items() if cls.__name__ == name and not name.startswith("_")}


_CLASSES: Final = _classes()


def exception_fields(
    error: BaseException,
) -> tuple[str, tuple[Any, ...], str, BaseException | None, tuple[BaseException, ...], tuple[str, ...]]:
    """Take a clean exception apart.

    Returns:
        Class name, arguments, message, cause, members of a group, notes; ``make_exception`` puts them together.
    """
    members: tuple[BaseException, ...] = ()
    if isinstance(error, BaseExceptionGroup):
        members = error.exceptions
    return _class_name(error), _arguments(error), _message(error), error.__cause__, members, _notes(error)


def make_exception(
    class_name: str,
    arguments: tuple[Any, ...],
    message: str,
    cause: BaseException | None = None,
    members: tuple[BaseException, ...] = (),
    notes: tuple[str, ...] = (),
) -> Exception:
    """Build an exception of a built-in class or of one of this library; of another, a ``RemoteError``."""
    error = _construct(class_name, arguments, message, members)
    if cause is not None:
        error.__cause__ = cause
    for note in notes:
        error.add_note(note)
    return error


def _construct(
    class_name: str, arguments: tuple[Any, ...], message: str, members: tuple[BaseException, ...]
) -> Exception:
    if members:
        return ExceptionGroup(message, [m if isinstance(m, Exception) else _clean(m, 1) for m in members])
    cls = _CLASSES.get(class_name)
    if cls is not None:
        try:
            return cls(*arguments)
        except Exception:
            # The arguments are not those that this class takes, in this version of Python at least.
            return RemoteError(class_name, message)
    return RemoteError(class_name, message)


def _clean(error: BaseException, room: int) -> Exception:
    """Copy *error* as it would come back from the store, with *room* levels of causes and members."""
    cause = error.__cause__
    members: tuple[BaseException, ...] = ()
    if isinstance(error, BaseExceptionGroup):
        members = error.exceptions
    return make_exception(
        _class_name(error),
        _arguments(error),
        _message(error),
        _clean(cause, room - 1) if cause is not None and room > 0 else None,
        tuple(_clean(member, room - 1) for member in members) if room > 0 else (),
        _notes(error),
    )


def _freeze_exception(error: BaseException, _room: int) -> Exception:
    return _clean(error, MAX_CHAIN)


def _class_name(error: BaseException) -> str:
    return _text(type(error).__name__)


def _message(error: BaseException) -> str:
    if isinstance(error, BaseExceptionGroup):
        return _text(error.message)
    if type(error) is RemoteError:
        return error.message
    try:
        return _text(str(error))
    except Exception as problem:  # an exception whose text cannot be made is still an outcome to report
        return f"<no message: its __str__ raised {type(problem).__name__}>"


def _notes(error: BaseException) -> tuple[str, ...]:
    notes: object = getattr(error, "__notes__", ())
    return (
        tuple(_text(note) for note in notes if isinstance(note, str))
        if isinstance(notes, list | tuple)
        else ()
    )


def _arguments(error: BaseException) -> tuple[Any, ...]:
    if _CLASSES.get(type(error).__name__) is not type(error) or isinstance(error, BaseExceptionGroup):
        return ()
    arguments: tuple[Any, ...] = error.args
    if isinstance(error, OSError) and not isinstance(error, VatDataError) and error.filename is not None:
        arguments = (error.errno, error.strerror, error.filename)
    return tuple(map(_argument, arguments))


def _argument(argument: object) -> Any:
    """Return *argument* as data; as text where it is none, or would carry a reference along."""
    try:
        frozen = freeze(argument)
        alive = has_references(frozen)
    except NotPassableError:
        alive = True
        frozen = None
    if not alive and depth_of((frozen,)) <= _ARGUMENT_DEPTH:
        return frozen
    try:
        return _text(repr(argument))
    except Exception as problem:  # as above
        return f"<{type(argument).__name__} whose repr raises {type(problem).__name__}>"


def _text(text: str) -> str:
    return str.__str__(text).encode("utf-8", "replace").decode()


register_freezer(BaseException, _freeze_exception)
