"""The run queue: messages on their way, in order; a commit stores those that it does not consume."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Final

import msgspec

from ..errors import StoreCorruptError
from ..passable import ValueCodec
from ..vat.crank_buffer import CrankBuffer, ReadView
from ..vat.identifiers import PROMISE, Slot, decode_number, encode_number
from .messages import Delivery, Mention, Message, Notification
from .names import promise_number

__all__ = ["STORED_MESSAGES", "RunQueue", "stored_messages"]

STORED_MESSAGES: Final = b"\x01q"
"""Prefix of the messages that are on their way."""

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Message).decode


def _no_object(_: object) -> bytes:
    raise AssertionError("only slots are looked for")


_codec = ValueCodec(_no_object, _no_object)


def _mentions_in(message: Message) -> tuple[Mention, ...]:
    """Return the shared promises and objects that a message mentions: in its arguments, and as its target."""
    names = (*_codec.slots_in(message.arguments), message.target)
    return tuple(promise_number(name) if name[:1] == PROMISE else Slot(name) for name in names)


def stored_messages(view: ReadView | CrankBuffer, path: str) -> Iterator[tuple[int, Message]]:
    """Read the messages that are on their way, oldest first, each with its number.

    Raises:
        StoreCorruptError: a message cannot be read.
    """
    try:
        for key, data in view.scan(STORED_MESSAGES, STORED_MESSAGES + b"\xff"):
            yield decode_number(key, len(STORED_MESSAGES))[0], _decode(data)
    except (ValueError, msgspec.DecodeError) as error:
        raise StoreCorruptError(path, f"the run queue cannot be read: {error}") from error


class RunQueue:
    """What is to be delivered, oldest first. Messages are stored; notifications are not, see there.

    A message that is sent and consumed between two commits never reaches the store.

    Attributes:
        ready: what can be taken up now. A message that waits for something else is in nobody's queue but stays stored.
    """

    def __init__(self, buffer: CrankBuffer, path: str) -> None:
        self._buffer = buffer
        self._path = path
        self._unstored: dict[int, Message] = {}
        self.ready: deque[Delivery | Notification] = deque()

    def load(self) -> list[Delivery]:
        """Fill the queue with what is stored, and return it. Cost: one read a message."""
        try:
            for number, message in stored_messages(self._buffer, self._path):
                self.ready.append(Delivery(number, message, message.target, _mentions_in(message)))
        except ValueError as error:
            raise StoreCorruptError(self._path, f"the run queue cannot be read: {error}") from error
        return [delivery for delivery in self.ready if isinstance(delivery, Delivery)]

    def add(self, delivery: Delivery) -> None:
        """Put a message at the end; the next commit stores it unless it has been consumed."""
        self._unstored[delivery.number] = delivery.message
        self.ready.append(delivery)

    def consume(self, delivery: Delivery) -> None:
        """Have the message be no more: it has had its effects, in the same commit."""
        if self._unstored.pop(delivery.number, None) is None:
            self._buffer.delete(STORED_MESSAGES + encode_number(delivery.number))

    def write(self) -> None:
        """Put the messages that are still on their way and not stored into the buffer: a commit follows."""
        for number, message in self._unstored.items():
            self._buffer.put(STORED_MESSAGES + encode_number(number), _encode(message))
        self._unstored.clear()
