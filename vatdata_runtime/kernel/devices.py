"""Devices: objects of the host program that vats call, after the crank that called them is safe.

A call is a message of the run queue like any other, and stays there until its result is stored with its consumption. So
a call that the end of the process interrupts is made again, with the same call id: at least once.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any, NamedTuple

from ..errors import RemoteError
from ..passable import UnknownEnumError
from ..vat.identifiers import Slot
from .device_names import DeviceNames
from .host import HostReferences
from .messages import Delivery, Settlement
from .names import split_global
from .switchboard import Switchboard

__all__ = ["Devices"]

_log = logging.getLogger("vatdata.kernel")


class _Finished(NamedTuple):
    """A call that has ended and whose result is not stored yet."""

    call: Delivery
    value: Any
    is_rejected: bool


class Devices:
    """The devices of one kernel, and the calls that are on their way to them.

    Args:
        board: where calls come from and their results go.
        host: translates values at the program's border.
        names: the stored numbers of devices.

    Attributes:
        is_calling: whether a method of a device runs.
        on_finished: called when a call that was awaited in a loop of the program has ended.
    """

    def __init__(self, board: Switchboard, host: HostReferences, names: DeviceNames) -> None:
        self._board = board
        self._host = host
        self._names = names
        self._objects: dict[str, object] = {}
        self._waiting: dict[str, list[Delivery]] = {}  # calls of names that are not registered
        self._due: deque[Delivery] = deque()  # to be made once their cranks are committed
        self._tasks: dict[asyncio.Task[Any], Delivery] = {}
        self._finished: deque[_Finished] = deque()
        self._own = asyncio.Runner(loop_factory=asyncio.new_event_loop)  # for programs that have no loop
        self._loop: asyncio.AbstractEventLoop | None = None  # its loop, once it was needed
        self._is_closed = False
        self.is_calling = False
        self.on_finished: Callable[[], None] = lambda: None

    def register(self, name: str, device: object) -> None:
        """Let calls of a name go to an object, those included that wait for it."""
        self._names.slot_of(name)
        self._objects[name] = device
        self._due.extend(self._waiting.pop(name, ()))

    @property
    def has_finished(self) -> bool:
        """Whether calls have ended whose results ``settle_finished`` would store."""
        return bool(self._finished)

    @property
    def outstanding(self) -> int:
        """How many calls of registered devices have begun or are to be made."""
        return len(self._due) + len(self._tasks) + len(self._finished)

    @property
    def waiting(self) -> int:
        """How many calls wait for a name that is not registered. May be read from any thread."""
        return sum(map(len, list(self._waiting.values())))

    @property
    def has_due(self) -> bool:
        """Whether there are calls that ``start_due`` would make."""
        return bool(self._due)

    @property
    def missing(self) -> list[str]:
        """Names that calls wait for and that are not registered."""
        return sorted(self._waiting)

    # --- calls in

    def take_up(self, call: Delivery, own: Slot) -> None:
        """Note a call whose turn has come; it is made after the next commit."""
        name = self._names.name_of(own)
        if name in self._objects:
            self._due.append(call)
        elif name is not None:
            _log.warning("a call of device %r waits: nothing is registered under that name", name)
            self._waiting.setdefault(name, []).append(call)

    def start_due(self, end: float | None = None) -> None:
        """Make the calls that are due. Nothing may be pending in the store, and no crank may run.

        Methods run here, one after another; what async ones return is awaited in the program's loop if it runs now,
        else in one of the kernel's own while ``wait`` runs it.

        Args:
            end: time of the monotonic clock after which no further call is begun; at least one is.
        """
        running = _running_loop()
        self._take_back_lost(running)
        self.is_calling = True
        try:
            while self._due:
                call = self._due[0]
                if running is None and self._loop is None:
                    self._loop = self._own.get_loop()
                self._make(call, running or self._loop)
                self._due.popleft()  # only now: an interrupt in between leaves it to be made again
                if end is not None and monotonic() > end:
                    break
        finally:
            self.is_calling = False

    def wait(self) -> bool:
        """Let calls go on until one has ended. Returns whether one has; False if none can end while this waits."""
        if not self._finished and self._loop is not None and _running_loop() is None:
            tasks = [task for task in self._tasks if task.get_loop() is self._loop]
            if tasks:
                self._loop.run_until_complete(asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED))
        return bool(self._finished)

    def _take_back_lost(self, running: asyncio.AbstractEventLoop | None) -> None:
        """Make calls again that are awaited in a loop which will not go on."""
        for task, call in list(self._tasks.items()):
            loop = task.get_loop()
            if loop is running or (running is None and loop is self._loop):
                continue
            if loop.is_closed() or loop is self._loop:
                del self._tasks[task]
                if loop is self._loop:
                    task.cancel()
                self._due.append(call)

    def _make(self, call: Delivery, loop: asyncio.AbstractEventLoop | None) -> None:
        message = call.message
        name = self._names.name_of(split_global(call.target)[2]) or ""
        try:
            with self._board.enums_of(call.message.sender):
                args, kwargs = self._host.outward(message.arguments)
        except UnknownEnumError as error:
            if message.sender in self._board.failed:
                self._board.hold_back(call, message.sender)
            else:
                self._finished.append(_Finished(call, error, True))
            return
        except Exception as error:
            self._finished.append(_Finished(call, error, True))
            return
        try:
            method = _public_method(self._objects[name], name, message.method)
            if _takes_call_id(method):
                kwargs = {**kwargs, "call_id": self._board.numbers.text_of(call.number)}
            result = method(*args, **kwargs)
        except (Exception, asyncio.CancelledError) as error:
            self._finished.append(_Finished(call, error, True))
            return
        if inspect.isawaitable(result) and loop is not None:
            task = loop.create_task(_await(result))
            self._tasks[task] = call
            task.add_done_callback(self._note_done)
        else:
            self._finished.append(_Finished(call, result, False))

    def _note_done(self, task: asyncio.Task[Any]) -> None:
        call = self._tasks.pop(task, None)
        if call is None or self._is_closed:
            return  # taken back, or left to the next process
        if task.cancelled():
            if task.cancelling() and task.get_loop() is not self._loop:
                self._due.append(call)  # the program's loop has ended, not the call
                return
            self._finished.append(_Finished(call, asyncio.CancelledError(), True))
        elif (error := task.exception()) is None:
            self._finished.append(_Finished(call, task.result(), False))
        elif isinstance(error, Exception):
            self._finished.append(_Finished(call, error, True))
        else:
            self._due.append(call)
            return
        self.on_finished()

    # --- results out

    def settle_finished(self) -> None:
        """Settle what has ended: result and consumption of a call are one unit of the store."""
        while self._finished:
            call, value, is_rejected = self._finished[0]
            try:
                with self._board.enums_of(call.message.sender):
                    data, mentions = self._host.encode(value)
            except Exception as error:
                data, mentions = self._host.encode(_sendable(error))
                is_rejected = True
            if is_rejected and not call.message.result:
                _log.error("a call of a device failed, and nobody waits for its result", exc_info=value)
            self._board.finish(call, Settlement(is_rejected, data, mentions))
            self._finished.popleft()

    def close(self) -> None:
        """Give up what has not ended: it is in the queue, and is called again when the store is opened next."""
        self._is_closed = True
        for task in self._tasks:
            if not task.get_loop().is_closed():
                task.cancel()
        if _running_loop() is None:
            self._own.close()
        elif self._loop is not None:
            self._loop.close()  # nothing in it can be ended while another loop runs
        self._tasks.clear()


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


async def _await(result: Awaitable[Any]) -> Any:
    return await result


def _public_method(device: object, name: str, method: str) -> Callable[..., Any]:
    found: Callable[..., Any] | None = None if method.startswith("_") else getattr(device, method, None)
    if not callable(found):
        raise AttributeError(f"device {name!r} has no public method {method!r}", name=method)
    return found


def _takes_call_id(method: Callable[..., Any]) -> bool:
    try:
        return "call_id" in inspect.signature(method).parameters
    except (TypeError, ValueError):
        return False  # some methods written in C have no signature


def _sendable(error: Exception) -> Exception:
    """Return what says the same as an exception whose arguments cannot be sent."""
    return RemoteError(type(error).__name__, str(error))
