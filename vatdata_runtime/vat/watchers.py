"""Watching promises: a handler hears of the settlement in this incarnation or, durably, of its loss in the next."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from ..errors import DisconnectedError, StoreCorruptError
from ..passable import DecodeError, freeze, is_promise
from .identifiers import DURABLE, encode_number

if TYPE_CHECKING:
    from .incarnation import Incarnation
    from .kinds import Kind

__all__ = ["provide_only_instance", "tell_watchers", "watch_promise"]


def watch_promise(
    incarnation: Incarnation, promise: object, watcher: object, args: tuple[Any, ...], zone: bytes
) -> None:
    """Call a handler of *watcher* in a later turn, when *promise* has settled: at most once, and never now.

    Everything is checked before anything is registered. Several watches of a promise are called in the order of their
    registration, each in a turn of its own. What a handler returns is ignored; what it raises is reported as unhandled,
    and so is a rejection for which there is no handler. A watch that was registered in an aborted crank is gone.

    A durable watch is stored. If this incarnation ends first, the promise ends with it, and the watcher is told with
    ``DisconnectedError`` in the first crank of the next one.

    Args:
        incarnation: the one whose crank runs.
        promise: what is watched; it may have settled already.
        watcher: has ``on_fulfilled(value, *args)``, ``on_rejected(reason, *args)`` or both.
        args: passed to the handler behind value or reason; frozen here.
        zone: the zone of the watch: *watcher* and *args* must be able to live in it.

    Raises:
        TypeError: *promise* is no promise, or *watcher* has no handler.
        NotPassableError, NotDurableError: *watcher* or an argument cannot live in the zone.

    Cost: for a durable watch one write at the end of the crank, none if the promise settles in it.
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
    key = _register(incarnation, kept, frozen) if zone == DURABLE else None

    def settle(settled: asyncio.Future[Any]) -> None:
        if key is not None:
            _unregister(incarnation, key)
        reason = asyncio.CancelledError() if settled.cancelled() else settled.exception()
        if reason is None:
            handler = _handler(kept, "on_fulfilled")
            if handler is not None:
                handler(settled.result(), *frozen)
        else:
            _reject(kept, reason, frozen)

    watched: asyncio.Future[Any] = promise
    watched.add_done_callback(settle)
    incarnation.on_abort(partial(_forget, watched, settle))


def tell_watchers(incarnation: Incarnation) -> None:
    """Tell the watchers of promises that ended with an earlier incarnation, each in a turn of its own.

    Belongs to the first crank, once every kind is defined: the watchers run as the new code has them.
    """
    space, buffer = incarnation.durable, incarnation.buffer
    for key, data in list(buffer.scan(space.watch, space.watch + b"\xff")):
        try:
            number, watcher, args = incarnation.codec.decode_row(data)
        except (DecodeError, ValueError) as error:
            raise StoreCorruptError(
                incarnation.path, f"a watch of a promise cannot be read: {error}"
            ) from error
        if number == incarnation.number:
            continue  # registered in this very crank
        _unregister(incarnation, key)
        incarnation.loop.call_soon(_reject, watcher, DisconnectedError(number), args)


def provide_only_instance(incarnation: Incarnation, kind: Kind, maker: Callable[[], Any]) -> Any:
    """Return the instance that is kept for a kind, the same in every incarnation; make it the first time."""
    key = incarnation.durable.provided + encode_number(kind.number)
    data = incarnation.buffer.get(key)
    if data is not None:
        return incarnation.codec.decode(data)
    instance = maker()
    data = incarnation.encode(instance)
    incarnation.counts.change(list(incarnation.mentioned), 1, DURABLE)
    incarnation.buffer.put(key, data)
    return instance


def _register(incarnation: Incarnation, watcher: Any, args: tuple[Any, ...]) -> bytes:
    key = incarnation.durable.watch + encode_number(incarnation.record.take_watch_number())
    incarnation.mentioned_reset()
    data = incarnation.codec.encode_row((incarnation.number, watcher, args))
    incarnation.counts.change(list(incarnation.mentioned), 1, DURABLE)
    incarnation.buffer.put(key, data)
    return key


def _unregister(incarnation: Incarnation, key: bytes) -> None:
    data = incarnation.buffer.get(key)
    if data is not None:
        incarnation.counts.change(incarnation.codec.slots_in(data), -1, DURABLE)
        incarnation.buffer.delete(key)


def _reject(watcher: object, reason: BaseException, args: tuple[Any, ...]) -> None:
    handler = _handler(watcher, "on_rejected")
    if handler is None:
        raise reason  # the loop reports it as unhandled
    handler(reason, *args)


def _handler(watcher: object, name: str) -> Callable[..., object] | None:
    handler = getattr(watcher, name, None)
    return handler if callable(handler) else None


def _forget(promise: asyncio.Future[Any], callback: Callable[[asyncio.Future[Any]], None]) -> None:
    promise.remove_done_callback(callback)
