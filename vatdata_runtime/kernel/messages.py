"""What vats say to each other: messages and settlements, and what a crank asks of the kernel when it ends."""

from __future__ import annotations

from typing import Any, Final

from msgspec import Struct
from msgspec.msgpack import encode

from ..vat.identifiers import Slot

__all__ = [
    "NO_ARGUMENTS",
    "CountMention",
    "Decide",
    "Delivery",
    "Exit",
    "Forgotten",
    "Mention",
    "Message",
    "Notification",
    "Outbox",
    "Recognize",
    "Retire",
    "Settle",
    "Settlement",
    "Subscribe",
    "Watch",
]

# Structs without garbage collection: they are made for each message, and are no part of any circle.

NO_ARGUMENTS: Final = encode(((), {}))
"""The arguments of a message without any, as a value's encoding writes them."""

Mention = int | Slot
"""What an encoded value mentions: the number of a shared promise, or the name of an object."""


class Message(Struct, array_like=True, gc=False):
    """A call that is on its way, as it is stored.

    Attributes:
        target: name of an object, or of a promise for one.
        method: name of the method.
        arguments: encoded pair of positional arguments and a record of keyword arguments.
        result: number of the promise for the result; 0 where nobody waits for it.
        sender: number of the vat that sent it; 0 for the host program and the timer.
    """

    target: bytes
    method: str
    arguments: bytes
    result: int
    sender: int = 0


class Settlement(Struct, frozen=True, gc=False):
    """How a promise has ended: an encoded value or exception, and what it mentions."""

    is_rejected: bool
    data: bytes
    mentions: tuple[Mention, ...] = ()


class Delivery(Struct, gc=False):
    """A message on its way. In an outbox it asks to be put in the queue, and the sender waits for a result, if any.

    Attributes:
        message: what is to be delivered.
        target: the object that it has come to be meant for, once a promise in its target has settled.
        mentions: the shared promises and objects in its arguments, and its target.
        number: its place in the queue, and the number of the promise for its result; given in the order of sending,
            and never twice in a store.
        origin: the span that it was sent in, where spans are recorded.
    """

    number: int
    message: Message
    target: bytes
    mentions: tuple[Mention, ...]
    origin: Any = None


class Notification(Struct, frozen=True, gc=False):
    """News for one incarnation that a promise it waits for has settled. Not stored: it dies with who waits."""

    vat: int
    incarnation: int
    promise: int
    settlement: Settlement
    origin: Any = None


class Settle(Struct, frozen=True, gc=False):
    """Ask: a promise that this vat decides has settled."""

    promise: int
    settlement: Settlement


class Decide(Struct, frozen=True, gc=False):
    """Ask: note that this vat is to settle the promise."""

    promise: int


class Exit(Struct, frozen=True, gc=False):
    """Ask: terminate this vat when the crank has ended, whose effects are kept unless it is a failure."""

    reason: str
    is_failure: bool


class Subscribe(Struct, frozen=True, gc=False):
    """Ask: tell this incarnation when the promise has settled."""

    promise: int


class Watch(Struct, frozen=True, gc=False):
    """Ask: note that one more (1) or one less (-1) durable watch waits for a promise that others settle."""

    promise: int
    by: int


class CountMention(Struct, frozen=True, gc=False):
    """Ask: durable data of this vat has begun (1) or ceased (-1) to mention another vat's object."""

    name: Slot
    by: int


class Recognize(Struct, frozen=True, gc=False):
    """Ask: note that a weak store of this vat has an entry for another vat's object."""

    name: Slot


class Retire(Struct, frozen=True, gc=False):
    """Ask: have weak stores of other vats forget an object of this vat, which is no more."""

    name: Slot


class Forgotten(Struct, frozen=True, gc=False):
    """Ask: note that weak stores of this vat have no entry left for an object that was retired."""

    name: Slot


Outbox = list[Any]
"""Asks of one crank in their order: ``Delivery``, ``Settle``, ``Decide``, ``Subscribe``, ``Watch``, ``CountMention``,
``Recognize``, ``Retire``, ``Forgotten``."""
