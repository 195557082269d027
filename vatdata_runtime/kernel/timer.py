"""The timer: wakes objects of vats at times, also when the program was stopped in between.

It is an object that the kernel itself answers for, without a crank: a request is consumed in the unit that stores what
it asks. When a time has come, the message to the handler is put into the queue in the unit that takes the entry away
or moves it on, so no tick is lost and none comes twice.
"""

from __future__ import annotations

import heapq
import logging
import math
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Final

import msgspec

from ..errors import StoreCorruptError
from ..passable import ValueCodec, freeze
from ..vat.crank_buffer import CrankBuffer, ReadView
from ..vat.identifiers import PROMISE, Slot, decode_number, encode_number
from ..vat.stand_ins import StandIn, any_enum
from .messages import Delivery, Message, Settlement
from .names import split_global
from .switchboard import Switchboard

__all__ = ["STORED_TIMERS", "Timer", "TimerEntry", "stored_timers"]

STORED_TIMERS: Final = b"\x01k"
"""Prefix of the timer's entries."""

_log = logging.getLogger("vatdata.kernel")


class TimerEntry(msgspec.Struct, array_like=True):
    """One thing to be woken, as it is stored.

    Attributes:
        when: next time, in seconds since the epoch.
        interval: seconds between ticks; None for a single one.
        handler: name of the object whose ``wake`` is called.
        token: encoded token by which it can be cancelled; None for none.
    """

    when: float
    interval: float | None
    handler: bytes
    token: bytes | None


_encode_entry = msgspec.msgpack.Encoder().encode
_decode_entry = msgspec.msgpack.Decoder(TimerEntry).decode


def _name_of(stand_in: Any) -> Slot:
    slot: Slot = stand_in.slot
    return slot


def _stand_in_for(name: bytes) -> StandIn:
    if name[:1] == PROMISE:
        raise TypeError("the timer takes no promise: await it, and give the timer what it settles to")
    return StandIn(Slot(name))


_codec = ValueCodec(_name_of, _stand_in_for)


class Timer:
    """The timer of one kernel.

    Args:
        board: where requests come from and messages to handlers go.
        clock: returns the time, in seconds since the epoch.
    """

    def __init__(self, board: Switchboard, clock: Callable[[], float]) -> None:
        self._board = board
        self._clock = clock
        self._entries: dict[int, TimerEntry] = {}
        self._order: list[tuple[float, int]] = []
        self._by_token: dict[bytes, set[int]] = {}
        self._parked: set[int] = set()  # due, but their handlers' vats could not start
        for number, entry in stored_timers(board.buffer, board.store.path):
            self._hold(number, entry)

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def next_time(self) -> float | None:
        """When the next handler is to be woken; None while there is none."""
        order = self._order
        while order and not self._is_current(*order[0]):
            heapq.heappop(order)
        return order[0][0] if order else None

    def _is_current(self, when: float, number: int) -> bool:
        entry = self._entries.get(number)
        return entry is not None and entry.when == when

    @property
    def delay(self) -> float | None:
        """Seconds until then, at least 0; None while there is nothing to be woken."""
        when = self.next_time
        return None if when is None else max(0.0, when - self._clock())

    # --- waking

    @property
    def now(self) -> float:
        """The time, in seconds since the epoch."""
        return self._clock()

    def is_due(self, now: float) -> bool:
        """Whether a handler is to be woken at *now* or before."""
        when = self.next_time
        return when is not None and when <= now

    def fire_due(self, begin: float = -math.inf) -> None:
        """Put messages to the handlers whose time has come into the queue; of missed ticks of a repeater the last.

        Args:
            begin: a time that has come already, though the clock may have been set back behind it.
        """
        now = max(self._clock(), begin)
        self._take_up_parked()
        while (when := self.next_time) is not None and when <= now:
            _, number = heapq.heappop(self._order)
            entry = self._entries[number]
            if self._waits_for_vat(entry):
                self._parked.add(number)
                continue
            with self._board.indivisible():
                self._fire(number, entry, now)
                self._board.apply({})

    def _waits_for_vat(self, entry: TimerEntry) -> bool:
        """Whether the handler is in a vat that could not start: ticks would pile up in the queue until it can."""
        return split_global(Slot(entry.handler))[0] in self._board.failed

    def _take_up_parked(self) -> None:
        for number in sorted(self._parked):
            entry = self._entries[number]
            if not self._waits_for_vat(entry):
                self._parked.discard(number)
                self._push(entry.when, number)

    def _fire(self, number: int, entry: TimerEntry, now: float) -> None:
        tick, interval, handler = entry.when, entry.interval, Slot(entry.handler)
        is_alive = self._board.may_answer(handler)
        if is_alive and interval is not None:
            tick = _last_tick(tick, interval, now)
            self._put(number, entry, max(tick + interval, math.nextafter(now, math.inf)))
        if is_alive:
            arguments = _codec.encode(freeze(((tick,), {})))
            self._board.send(Message(handler, "wake", arguments, 0), (handler,))
        if not is_alive or interval is None:
            self._forget(number, entry)
            self._release(entry)

    # --- requests

    def answer(self, request: Delivery) -> None:
        """Carry out a request of a vat, in one unit with its consumption."""
        try:
            with any_enum():  # the timer takes none, and says so itself
                args, kwargs = _codec.decode(request.message.arguments)
            method = _METHODS.get(request.message.method)
            if method is None:
                raise AttributeError(
                    f"the timer has no method {request.message.method!r}; it has {', '.join(sorted(_METHODS))}",
                    name=request.message.method,
                )
            answer, is_rejected = method(self, *args, **kwargs), False
        except Exception as error:
            answer, is_rejected = error, True
            if not request.message.result:
                _log.error("the timer has refused a request, and nobody waits for its answer", exc_info=error)
        self._board.finish(request, Settlement(is_rejected, _codec.encode(freeze(answer))))

    def _wake_at(self, when: object, handler: object, cancel_token: object = None) -> float:
        return self._add(_seconds("when", when), None, handler, cancel_token)

    def _repeat(self, first: object, interval: object, handler: object, cancel_token: object = None) -> float:
        seconds = _seconds("interval", interval)
        if seconds <= 0:
            raise ValueError(f"the interval of a repeater is a number of seconds above 0, not {interval!r}")
        return self._add(_seconds("first", first), seconds, handler, cancel_token)

    def _cancel(self, token: object) -> tuple[float, ...]:
        numbers = sorted(self._by_token.get(_encode_token(token), ()))
        found = [(number, self._entries[number]) for number in numbers]
        for number, entry in found:
            self._forget(number, entry)
            self._release(entry)
        return tuple(sorted(entry.when for _, entry in found))

    def _add(self, when: float, interval: float | None, handler: object, token: object) -> float:
        if not isinstance(handler, StandIn):
            raise TypeError(f"a handler is an object with a method wake(time), not {handler!r}")
        encoded = None if token is None else _encode_token(token)
        number = self._board.numbers.take()
        entry = TimerEntry(when, interval, bytes(handler.slot), encoded)
        self._hold(number, entry)
        self._board.buffer.put(STORED_TIMERS + encode_number(number), _encode_entry(entry))
        return when

    # --- entries

    def _hold(self, number: int, entry: TimerEntry) -> None:
        self._entries[number] = entry
        if entry.token is not None:
            self._by_token.setdefault(entry.token, set()).add(number)
        self._push(entry.when, number)
        for name in _names_in(entry):
            self._board.holds.hold(name)

    def _release(self, entry: TimerEntry) -> None:
        for name in _names_in(entry):
            self._board.holds.release(name)

    def _push(self, when: float, number: int) -> None:
        heapq.heappush(self._order, (when, number))
        if len(self._order) > 2 * len(self._entries) + 100:  # most of it was cancelled
            self._order = sorted(
                (entry.when, number) for number, entry in self._entries.items() if number not in self._parked
            )

    def _put(self, number: int, entry: TimerEntry, when: float) -> None:
        entry.when = when
        self._push(when, number)
        self._board.buffer.put(STORED_TIMERS + encode_number(number), _encode_entry(entry))

    def _forget(self, number: int, entry: TimerEntry) -> None:
        del self._entries[number]
        self._parked.discard(number)
        if entry.token is not None:
            same = self._by_token[entry.token]
            same.discard(number)
            if not same:
                del self._by_token[entry.token]
        self._board.buffer.delete(STORED_TIMERS + encode_number(number))


def _now(timer: Timer) -> float:
    return timer.now


_METHODS: dict[str, Callable[..., Any]] = {
    "now": _now,
    "wake_at": Timer._wake_at,  # pyright: ignore[reportPrivateUsage] # the names that vats call, once
    "repeat": Timer._repeat,  # pyright: ignore[reportPrivateUsage]
    "cancel": Timer._cancel,  # pyright: ignore[reportPrivateUsage]
}


def _names_in(entry: TimerEntry) -> Iterator[Slot]:
    yield Slot(entry.handler)
    if entry.token is not None:
        yield from map(Slot, _codec.slots_in(entry.token))


def _encode_token(token: object) -> bytes:
    if not isinstance(token, (str, StandIn)):
        raise TypeError(f"a cancel token is text or an object, not {token!r}")
    return _codec.encode(token)


def _last_tick(first: float, interval: float, now: float) -> float:
    """Return the last tick of a repeater that is not after *now*, which *first* is not."""
    missed = (now - first) / interval
    if missed >= 2**53:
        return now  # the ticks lie closer together than numbers can tell
    return first + math.floor(missed) * interval


def _seconds(what: str, value: object) -> float:
    """Return a time or a span in seconds.

    Raises:
        TypeError: *value* is no number and no datetime with a zone.
        ValueError: it is no finite number.
    """
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise TypeError(f"{what} is a datetime with a zone or seconds since the epoch, not {value!r}")
        return value.timestamp()
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"{what} is a number of seconds or a datetime with a zone, not {value!r}")
    try:
        seconds = float(value)
    except OverflowError:
        seconds = math.inf
    if not math.isfinite(seconds):
        raise ValueError(f"{what} is a finite number of seconds, not {value!r}")
    return seconds


def stored_timers(view: ReadView | CrankBuffer, path: str) -> Iterator[tuple[int, TimerEntry]]:
    """Read what is to be woken, by number, in the order in which it was asked for.

    Raises:
        StoreCorruptError: an entry cannot be read.
    """
    try:
        for key, data in view.scan(STORED_TIMERS, STORED_TIMERS + b"\xff"):
            yield decode_number(key, len(STORED_TIMERS))[0], _decode_entry(data)
    except (ValueError, msgspec.DecodeError) as error:
        raise StoreCorruptError(path, f"a timer cannot be read: {error}") from error
