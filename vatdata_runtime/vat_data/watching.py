"""Promises watched by durable objects."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..vat.ambient import current
from ..vat.identifiers import DURABLE
from ..vat.kind_registry import KindHandle
from ..vat.watchers import provide_only_instance
from ..vat.watchers import watch_promise as watch
from .helpers import ignore_context
from .kinds import define_durable_exo_class

__all__ = ["provide_promise_watcher", "watch_promise"]


def watch_promise(promise: Any, watcher: Any, *args: Any) -> None:
    """Have a durable object told when *promise* settles, or that it never will because its incarnation has ended.

    The watcher's ``on_fulfilled(value, *args)`` or ``on_rejected(reason, *args)`` is called in a later turn, once, in
    whichever incarnation is alive then: if this one ends first, the next one calls ``on_rejected`` with
    ``DisconnectedError`` in its first crank.

    Args:
        promise: an awaitable future or task of this vat.
        watcher: durable object with at least one of the two methods.
        args: durable values, passed on.

    Raises:
        TypeError: *promise* is no promise, or *watcher* has no handler.
        NotDurableError: *watcher* or an argument does not survive a restart. Nothing is registered then.

    Source: ``watchPromise`` of vat-data, which reports such mistakes only later, as unhandled rejections.
    """
    watch(current("watch_promise"), promise, watcher, args, DURABLE)


def provide_promise_watcher(
    kind_handle: KindHandle,
    on_fulfilled: Callable[..., Any] | None = None,
    on_rejected: Callable[..., Any] | None = None,
) -> Any:
    """Return the durable watcher of a kind handle, made from two functions: the same object in every incarnation.

    Defines the handle's kind, so call it in the first crank. Without *on_fulfilled* values are ignored, without
    *on_rejected* reasons are reported as unhandled.

    Args:
        kind_handle: from ``provide_kind_handle`` or ``make_kind_handle``.
        on_fulfilled: called with the value and the arguments of the watch.
        on_rejected: called with the reason and the arguments of the watch.

    Raises:
        TypeError: one of the two is no function.
        FirstCrankError, KindRedefinedError: as for every definition.
    """
    for name, function in (("on_fulfilled", on_fulfilled), ("on_rejected", on_rejected)):
        if function is not None and not callable(function):
            raise TypeError(f"provide_promise_watcher: {name} is {function!r}, not a function")
    incarnation = current("provide_promise_watcher")
    methods = {
        "on_fulfilled": ignore_context(on_fulfilled or _ignore),
        "on_rejected": ignore_context(on_rejected or _reraise),
    }
    maker = define_durable_exo_class(kind_handle, None, None, methods)
    return provide_only_instance(incarnation, incarnation.kinds.kind_of_handle(kind_handle), maker)


def _ignore(_value: Any, *_args: Any) -> None:
    """What a watcher does with a value that nobody asked for."""


def _reraise(reason: BaseException, *_args: Any) -> None:
    raise reason
