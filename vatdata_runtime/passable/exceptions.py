"""Exceptions as data: class, fields, cause, members and notes, without traceback or anything alive."""

from __future__ import annotations

import builtins
from collections.abc import Iterable
from typing import Any, Final, cast

from vatdata_runtime import errors
from vatdata_runtime.errors import NotPassableError, RemoteError, VatDataError
from vatdata_runtime.passable.freeze import freeze_part, raise_too_deep, register_freezer
from vatdata_runtime.passable.groups import members_of
from vatdata_runtime.passable.references import has_references

__all__ = ["MAX_CHAIN", "exception_fields", "make_exception"]

MAX_CHAIN: Final = 16
"""Causes, and members of groups, are kept down to this many levels; what lies deeper is left out."""


def _carried_classes() -> dict[str, type[Exception]]:
    """Return the classes that exceptions keep, by name: those of Python and of this library."""
    carried: dict[str, type[Exception]] = {}
    for module in (builtins, errors):
        for name, cls in vars(module).items():
            # The name of the class, since IOError is another name of OSError.
            if (
                isinstance(cls, type)
                and issubclass(cls, Exception)
                and cls.__name__ == name
                and name[0] != "_"
            ):
                carried[name] = cls
    # Neither may be set on a future or raised into a coroutine, so who waits could not be told.
    del carried["StopIteration"], carried["StopAsyncIteration"]
    return carried


_CARRIED: Final = _carried_classes()


def exception_fields(error: BaseException) -> tuple[Any, ...]:
    """Take a frozen exception apart into what ``make_exception`` takes."""
    return (
        type(error).__name__,
        _arguments(error),
        _message(error),
        error.__cause__,
        members_of(error),
        _notes(error),
    )


def make_exception(  # the six fields that are stored, in their order
    class_name: str,
    arguments: tuple[Any, ...],
    message: str,
    cause: Exception | None,
    members: tuple[Exception, ...],
    notes: tuple[str, ...],
) -> Exception:
    """Build an exception of a class of Python or of this library; of any other class, a ``RemoteError``.

    Args:
        class_name: name of the class, without its module.
        arguments: what the class is called with, empty for a group.
        message: text of the exception, for a group without that of its members.
        cause: its ``__cause__``.
        members: members of a group; not empty exactly where it is one.
        notes: its ``__notes__``.
    """
    error = _construct(class_name, arguments, message, members)
    if cause is not None:
        error.__cause__ = cause
    for note in notes:
        error.add_note(note)
    return error


def _construct(
    class_name: str, arguments: tuple[Any, ...], message: str, members: tuple[Exception, ...]
) -> Exception:
    if members:
        return ExceptionGroup(message, members)
    cls = _CARRIED.get(class_name)
    if cls is None:
        return RemoteError(class_name, message)
    try:
        return cls(*arguments)
    except Exception:  # the class takes other arguments, in this version of Python for example
        return RemoteError(class_name, message)


def _freeze_exception(error: BaseException, room: int) -> Exception:
    if room == 0:
        raise_too_deep()
    return _clean(error, room - 1, MAX_CHAIN)


def _clean(error: BaseException, room: int, chain: int) -> Exception:
    """Copy *error* as it comes back from the store, parts *room* levels deep and exceptions *chain*."""
    cause: Exception | None = None
    members: tuple[Exception, ...] = ()
    if room > 0 and chain > 0:
        if error.__cause__ is not None:
            cause = _clean(error.__cause__, room - 1, chain - 1)
        members = tuple(_clean(member, room - 1, chain - 1) for member in members_of(error))
    class_name, message = _text(type(error).__name__), _message(error)
    if _CARRIED.get(class_name) is type(error) or members:
        arguments = tuple(_data_or_text(argument, room) for argument in _arguments(error))
    else:
        arguments = class_name, message
        class_name = "RemoteError"
    return make_exception(class_name, arguments, message, cause, members, _notes(error))


def _arguments(error: BaseException) -> tuple[Any, ...]:
    if members_of(error):
        return ()
    if isinstance(error, OSError) and not isinstance(error, VatDataError) and error.filename is not None:
        return error.errno, error.strerror, error.filename  # OSError takes the name out of its args
    arguments: tuple[Any, ...] = error.args
    return arguments


def _data_or_text(argument: object, room: int) -> Any:
    """Return *argument* as frozen data; as text where it is none, or would carry a reference along."""
    try:
        frozen = freeze_part(argument, room)
        if not has_references(frozen):
            return frozen
    except NotPassableError:
        pass  # told as text, below
    try:
        return _text(repr(argument))
    except (
        Exception
    ) as problem:  # an exception must not become another one on its way to who should hear of it
        return f"<{type(argument).__name__} whose repr raises {type(problem).__name__}>"


def _message(error: BaseException) -> str:
    if members_of(error):
        return _text(error.args[0])
    if isinstance(error, RemoteError):
        return error.message
    try:
        return _text(str(error))
    except Exception as problem:  # as above
        return f"<{type(error).__name__} whose text raises {type(problem).__name__}>"


def _notes(error: BaseException) -> tuple[str, ...]:
    notes: Any = getattr(error, "__notes__", None)
    if not isinstance(notes, list | tuple):
        return ()
    return tuple(_text(note) for note in cast(Iterable[Any], notes) if isinstance(note, str))


def _text(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


register_freezer(BaseException, _freeze_exception)
