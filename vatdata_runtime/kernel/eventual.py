"""``E``: messages to objects that may live in another vat, and promises for what they answer."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..errors import RemoteError
from ..passable import Remotable, freeze, is_promise
from ..vat.ambient import current
from .border import Presence, VatBorder, perform, reason_of

if TYPE_CHECKING:
    import asyncio

    from ..vat.incarnation import Incarnation

    Promise = asyncio.Future[Any]

__all__ = ["E", "PromiseKit", "make_promise_kit"]


class Messenger:
    """What ``E(target)`` returns: each of its attributes is a method of the target, to be called eventually."""

    __slots__ = ("_target", "_wants_result")

    def __init__(self, target: Any, wants_result: bool) -> None:
        self._target = target
        self._wants_result = wants_result

    def __getattr__(self, method: str) -> Callable[..., Any]:
        if method.startswith("_"):
            raise AttributeError(f"{method!r} is not public, so no message calls it", name=method)
        target, wants_result = self._target, self._wants_result

        def send(*args: Any, **kwargs: Any) -> Any:
            promise = _send(target, method, args, kwargs, wants_result)
            return promise if wants_result else None

        return send

    def __repr__(self) -> str:
        return f"<E({self._target!r})>"


class _E:
    """Sends messages: ``await E(purse).deposit(5)``.

    ``E(target).method(*args, **kwargs)`` returns a promise for the result, at once. *target* is an object of this vat
    or of another, or a promise for one: then the message goes on as soon as the promise settles, without a way back to
    this vat. Messages to one object arrive in the order in which they were sent. Arguments are data and references;
    what cannot be sent raises ``NotPassableError`` at the call.
    """

    def __call__(self, target: Any) -> Messenger:
        """Address *target*; the method that is called on what this returns is sent to it."""
        return Messenger(_target(target), True)

    def send_only(self, target: Any) -> Messenger:
        """Address *target* without asking for results: the methods return None, and failures are logged there."""
        return Messenger(_target(target), False)

    def when(
        self,
        promise: Any,
        on_fulfilled: Callable[[Any], Any] | None = None,
        on_rejected: Callable[[Exception], Any] | None = None,
    ) -> Promise:
        """Call a function when *promise* has settled, in a later turn.

        Args:
            promise: a promise, or a value, which counts as one that is fulfilled.
            on_fulfilled: called with the value; without it the value is the result.
            on_rejected: called with the exception; without it the result is rejected with it.

        Returns:
            A promise for what the function returns.
        """
        return current("E.when").spawn(_when(promise, on_fulfilled, on_rejected))  # type: ignore[no-any-return]  # a task

    def __repr__(self) -> str:
        return "E"


E = _E()


def _target(target: Any) -> Any:
    if isinstance(target, Remotable) or is_promise(target):
        return target
    raise TypeError(f"E takes an object or a promise for one, not {target!r}")


def _send(
    target: Any, method: str, args: tuple[Any, ...], kwargs: dict[str, Any], wants_result: bool
) -> Promise | None:
    incarnation = current(f"E(...).{method}()")
    border = incarnation.border
    if isinstance(border, VatBorder):
        if isinstance(target, Presence) or (is_promise(target) and border.is_shared(target)):
            return border.send(target, method, args, kwargs, wants_result=wants_result)
    frozen_args, frozen_kwargs = freeze((args, kwargs))
    if is_promise(target):
        answer = _send_when_settled(target, method, frozen_args, frozen_kwargs, wants_result)
    else:
        answer = _call_later(target, method, frozen_args, frozen_kwargs)
    promise: Promise = incarnation.spawn(answer)
    return promise


async def _call_later(target: Any, method: str, args: tuple[Any, ...], kwargs: Any) -> Any:
    return await _settled(perform(target, method, args, kwargs))


async def _send_when_settled(
    promise: Promise, method: str, args: tuple[Any, ...], kwargs: Any, wants_result: bool
) -> Any:
    target = await _settled(promise)
    if isinstance(target, Presence):
        result = _send(target, method, args, dict(kwargs), wants_result)
        return None if result is None else await _settled(result)
    return await _settled(perform(target, method, args, kwargs))


async def _settled(value: Any) -> Any:
    """Await as long as *value* is something to await."""
    while inspect.iscoroutine(value) or is_promise(value):
        value = await value
    return value


async def _when(
    promise: Any,
    on_fulfilled: Callable[[Any], Any] | None,
    on_rejected: Callable[[Exception], Any] | None,
) -> Any:
    try:
        value = await _settled(promise)
    except Exception as reason:
        if on_rejected is None:
            raise
        return await _settled(on_rejected(reason))
    return value if on_fulfilled is None else await _settled(on_fulfilled(value))


class PromiseKit:
    """A promise and the two functions that settle it; only the first call of either counts.

    Attributes:
        promise: pending until one of the functions is called.
    """

    __slots__ = ("_incarnation", "_is_resolved", "promise")

    def __init__(self, incarnation: Incarnation) -> None:
        self._incarnation = incarnation
        self._is_resolved = False
        self.promise: Promise = incarnation.loop.create_future()

    def resolve(self, value: Any = None) -> None:
        """Fulfil the promise with *value*; a promise as *value* is followed until it has settled."""
        if self._take():
            self._follow(value)

    def reject(self, reason: object) -> None:
        """Reject the promise with an exception.

        Raises:
            TypeError: *reason* is no exception.
        """
        if not isinstance(reason, BaseException):
            raise TypeError(f"a promise is rejected with an exception, not with {reason!r}")
        if self._take() and not self.promise.done():
            self.promise.set_exception(_settable(reason))

    def _take(self) -> bool:
        self._incarnation.require_open("promise kit")
        is_first, self._is_resolved = not self._is_resolved, True
        return is_first

    def _follow(self, value: Any) -> None:
        if is_promise(value):
            value.add_done_callback(self._settle_as)
        elif not self.promise.done():
            self.promise.set_result(value)

    def _settle_as(self, settled: Promise) -> None:
        reason = reason_of(settled)
        if reason is None:
            self._follow(settled.result())
        elif not self.promise.done():
            self.promise.set_exception(reason)


def make_promise_kit() -> PromiseKit:
    """Make a promise that this vat settles; it can be sent to other vats before it has settled.

    Raises:
        NoVatError: no crank is running here.
    """
    return PromiseKit(current("make_promise_kit"))


def _settable(reason: BaseException) -> BaseException:
    """Return what can be set on a future in place of *reason*."""
    if isinstance(reason, StopIteration):
        return RemoteError("StopIteration", str(reason))
    return reason
