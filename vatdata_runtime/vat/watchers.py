"""Watching promises: a handler object hears of the settlement in a later turn of this incarnation."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..passable import freeze, is_promise

if TYPE_CHECKING:
    from .incarnation import Incarnation

__all__ = ["watch_promise"]


def watch_promise(
    incarnation: Incarnation, promise: object, watcher: object, args: tuple[Any, ...], zone: bytes
) -> None:
    """Call a handler of *watcher* in a later turn, when *promise* has settled: at most once, and never now.

    Everything is checked before anything is registered. Several watches of a promise are called in the order of their
    registration, each in a turn of its own. What a handler returns is ignored; what it raises is reported as unhandled,
    and so is a rejection for which there is no handler. A watch that was registered in an aborted crank is gone.

    Args:
        incarnation: the one whose crank runs.
        promise: what is watched; it may have settled already.
        watcher: has ``on_fulfilled(value, *args)``, ``on_rejected(reason, *args)`` or both.
        args: passed to the handler behind value or reason; frozen here.
        zone: the zone of the watch: *watcher* and *args* must be able to live in it.

    Raises:
        TypeError: *promise* is no promise, or *watcher* has no handler.
        NotPassableError, NotDurableError: *watcher* or an argument cannot live in the zone.
    """
    if not is_promise(promise):
        raise TypeError(
            f"watch_promise takes a promise, not {promise!r}. Wrap a coroutine in a task, and call the handler "
            f"yourself for a value that is there already"
        )
    kept = freeze(watcher)
    incarnation.check_keepable(kept, zone, ("watcher",))
    frozen: tuple[Any, ...] = freeze(args)
    incarnation.check_keepable(frozen, zone, ("args",))
    if _handler(kept, "on_fulfilled") is None and _handler(kept, "on_rejected") is None:
        raise TypeError(
            f"a watcher has a method on_fulfilled(value, *args) or on_rejected(reason, *args); {watcher!r} has neither"
        )

    def settle(settled: asyncio.Future[Any]) -> None:
        reason = asyncio.CancelledError() if settled.cancelled() else settled.exception()
        if reason is None:
            handler = _handler(kept, "on_fulfilled")
            if handler is not None:
                handler(settled.result(), *frozen)
            return
        handler = _handler(kept, "on_rejected")
        if handler is None:
            raise reason  # the loop reports it as unhandled
        handler(reason, *frozen)

    watched: asyncio.Future[Any] = promise
    watched.add_done_callback(settle)
    incarnation.on_abort(lambda: _forget(watched, settle))


def _handler(watcher: object, name: str) -> Callable[..., object] | None:
    handler = getattr(watcher, name, None)
    return handler if callable(handler) else None


def _forget(promise: asyncio.Future[Any], callback: Callable[[asyncio.Future[Any]], None]) -> None:
    promise.remove_done_callback(callback)
