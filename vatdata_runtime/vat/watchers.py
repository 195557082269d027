"""Watching promises: a handler hears of the settlement in this incarnation or, durably, of its loss in the next."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..errors import DisconnectedError, StoreCorruptError
from ..passable import DecodeError, freeze, is_promise
from ..passable.messagepack import parse
from .identifiers import DURABLE, encode_number

if TYPE_CHECKING:
    from .incarnation import Incarnation
    from .kinds import Kind

__all__ = ["provide_only_instance", "shared_promise_of", "tell_watchers", "watch_promise"]


def watch_promise(
    incarnation: Incarnation, promise: object, watcher: object, args: tuple[Any, ...], zone: bytes
) -> None:
    """Call a handler of *watcher* in a later turn, when *promise* has settled: at most once, and never now.

    Everything is checked before anything is registered. Several watches of a promise are called in the order of their
    registration, each in a turn of its own. What a handler returns is ignored; what it raises is reported as unhandled,
    and so is a rejection for which there is no handler. A watch that was registered in an aborted crank is gone.

    A durable watch is stored. If this incarnation ends first, a promise of its own ends with it, and the watcher is
    told with ``DisconnectedError`` in the first crank of the next one. A promise that others settle goes on: the
    watcher is told in whichever incarnation lives then.

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
    incarnation.marshal.check_keepable(kept, zone, ("watcher",))
    frozen: tuple[Any, ...] = freeze(args)
    incarnation.marshal.check_keepable(frozen, zone, ("args",))
    if _handler(kept, "on_fulfilled") is None and _handler(kept, "on_rejected") is None:
        raise TypeError(
            f"a watcher has a method on_fulfilled(value, *args) or on_rejected(reason, *args); {watcher!r} has neither"
        )
    watch = _Watch(incarnation, promise, kept, frozen)
    if zone == DURABLE:
        watch.register()
    watch.wait()


class _Watch:
    """One watch, waiting in this incarnation.

    Args:
        shared: number of the promise if others settle it, else 0.
        key: where it is stored; None for one that ends with the incarnation.
    """

    def __init__(
        self,
        incarnation: Incarnation,
        promise: object,
        watcher: Any,
        args: tuple[Any, ...],
        *,
        shared: int = 0,
        key: bytes | None = None,
    ) -> None:
        self._incarnation = incarnation
        self._promise: asyncio.Future[Any] = promise  # type: ignore[assignment]  # checked by whoever watches
        self._watcher = watcher
        self._args = args
        self._shared = shared
        self._key = key
        self._is_new = False

    def register(self) -> None:
        """Store the watch."""
        incarnation, border = self._incarnation, self._incarnation.border
        self._shared = (border.shared_number(self._promise) or 0) if border is not None else 0
        key = incarnation.durable.watch + encode_number(incarnation.record.take_watch_number())
        incarnation.marshal.mentioned_reset()
        data = incarnation.codec.encode_row((incarnation.number, self._watcher, self._args, self._shared))
        incarnation.counts.change(list(incarnation.marshal.mentioned), 1, DURABLE)
        incarnation.buffer.put(key, data)
        if self._shared and border is not None:
            border.watch(self._shared, 1)
        self._key = key
        self._is_new = True

    def wait(self) -> None:
        """Have the watcher told when the promise has settled."""
        self._promise.add_done_callback(self._tell)
        self._incarnation.on_abort(self._forget)

    def _tell(self, settled: asyncio.Future[Any]) -> None:
        if self._key is not None:
            _unregister(self._incarnation, self._key, self._shared)
        reason = asyncio.CancelledError() if settled.cancelled() else settled.exception()
        if reason is not None:
            _reject(self._watcher, reason, self._args)
            return
        handler = _handler(self._watcher, "on_fulfilled")
        if handler is not None:
            handler(settled.result(), *self._args)

    def _forget(self) -> None:
        self._promise.remove_done_callback(self._tell)
        if self._is_new and self._shared and self._incarnation.border is not None:
            self._incarnation.border.watch(self._shared, -1)


def tell_watchers(incarnation: Incarnation) -> None:
    """Take up the watches of earlier incarnations.

    Promises that ended with their incarnation reject, each in a turn of its own; those that others settle are waited
    for as before, but for those that the last incarnation could not be told. Belongs to the first crank, once every
    kind is defined: the watchers run as the new code has them.
    """
    space, buffer, border = incarnation.durable, incarnation.buffer, incarnation.border
    for key, data in list(buffer.scan(space.watch, space.watch + b"\xff")):
        try:
            number, watcher, args, shared = incarnation.codec.decode_row(data)
        except (DecodeError, ValueError) as error:
            raise StoreCorruptError(
                incarnation.path, f"a watch of a promise cannot be read: {error}"
            ) from error
        if number == incarnation.number:
            continue  # registered in this very crank
        if shared and border is not None and shared in border.given_up:
            _unregister(incarnation, key, shared)
        elif shared and border is not None:
            _Watch(incarnation, border.promise_at(shared), watcher, args, shared=shared, key=key).wait()
        else:
            _unregister(incarnation, key, 0)
            incarnation.loop.call_soon(_reject, watcher, DisconnectedError(number), args)


def shared_promise_of(data: bytes) -> int:
    """Return the number of the promise that a stored watch waits for; 0 for one of the incarnation's own.

    Raises:
        ValueError: the bytes are no watch.
    """
    try:
        number = parse(data)[3]
    except (DecodeError, TypeError, LookupError) as error:
        raise ValueError(str(error)) from error
    if type(number) is not int:
        raise ValueError(f"{number!r} is no number of a promise")
    return number


def provide_only_instance(incarnation: Incarnation, kind: Kind, maker: Callable[[], Any]) -> Any:
    """Return the instance that is kept for a kind, the same in every incarnation; make it the first time."""
    key = incarnation.durable.provided + encode_number(kind.number)
    data = incarnation.buffer.get(key)
    if data is not None:
        return incarnation.codec.decode(data)
    instance = maker()
    data = incarnation.marshal.encode(instance)
    incarnation.counts.change(list(incarnation.marshal.mentioned), 1, DURABLE)
    incarnation.buffer.put(key, data)
    return instance


def _unregister(incarnation: Incarnation, key: bytes, shared: int) -> None:
    data = incarnation.buffer.get(key)
    if data is not None:
        incarnation.counts.change(incarnation.codec.slots_in(data), -1, DURABLE)
        incarnation.buffer.delete(key)
        if shared and incarnation.border is not None:
            incarnation.border.watch(shared, -1)


def _reject(watcher: object, reason: BaseException, args: tuple[Any, ...]) -> None:
    handler = _handler(watcher, "on_rejected")
    if handler is None:
        raise reason  # the loop reports it as unhandled
    handler(reason, *args)


def _handler(watcher: object, name: str) -> Callable[..., object] | None:
    handler = getattr(watcher, name, None)
    return handler if callable(handler) else None
