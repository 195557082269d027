"""One incarnation's border: values in its memory on one side, names that all vats share on the other.

What a crank asks of other vats is collected in an outbox, which the kernel carries out when the crank has ended well.
So an aborted crank has sent nothing. Messages are encoded when they are sent, with names that need no translation on
their way; the receiver alone decodes them.
"""

from __future__ import annotations

import asyncio
import inspect
import weakref
from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING, Any

from ..errors import AbandonedReferenceError, RemoteError
from ..passable import PLAIN_CLASSES, Record, Remotable, ValueCodec, freeze, is_promise, method_of
from ..vat.identifiers import DURABLE, HEAP, IMPORT, PROMISE, Base, Slot, base_of, format_vref
from ..vat.incarnation import Incarnation
from .holds import Holds
from .messages import (
    NO_ARGUMENTS,
    CountMention,
    Decide,
    Delivery,
    Exit,
    Forgotten,
    Mention,
    Message,
    Outbox,
    Recognize,
    Retire,
    Settle,
    Settlement,
    Subscribe,
    Watch,
)
from .names import ROOT, global_name, promise_name, promise_number, split_global

if TYPE_CHECKING:
    Promise = asyncio.Future[Any]

__all__ = ["Presence", "VatBorder", "perform", "reason_of"]


class Presence(Remotable):
    """Stands for an object of another vat. Send it messages with ``E``; it can be kept in durable data."""

    __slots__ = ("_describe", "_vatdata_slot")

    _vatdata_zone = DURABLE
    _vatdata_slot: Slot
    _describe: Callable[[Slot], str]

    def __init__(self, slot: Slot, describe: Callable[[Slot], str]) -> None:
        object.__setattr__(self, "_vatdata_slot", slot)
        object.__setattr__(self, "_describe", describe)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(
            f"{self!r} is an object of another vat: send it a message, E(it).{name}(...)", name=name, obj=self
        )

    def _interface_name(self) -> str:
        return self._describe(self._vatdata_slot)

    def __repr__(self) -> str:
        return f"<Presence of {self._interface_name()}>"


class VatBorder:
    """What connects one incarnation with the other vats of its kernel.

    Args:
        incarnation: whose border.
        take_number: gives a number for a promise that no other has.
        describe: says for people what a name means.
        holds: told which objects of other vats this incarnation has met.
        powers: given to the build function.
        parameters: encoded with shared names; given to the build function decoded.
        given_up: as ``Border`` says.

    Attributes:
        outbox: what the running crank asks of the kernel, in order.
        exported: stored objects that this crank has named to others; the kernel knows once the crank has ended.
        root: the root object.
        exit: set when the vat has asked to be terminated.
    """

    def __init__(
        self,
        incarnation: Incarnation,
        take_number: Callable[[], int],
        describe: Callable[[Slot], str],
        holds: Holds,
        powers: Any,
        parameters: bytes,
        given_up: Collection[int] = (),
    ) -> None:
        self.given_up = given_up
        self._incarnation = incarnation
        self._holds = holds
        self._imports: dict[Slot, None] = {}
        self._virtual_mentions: dict[Slot, None] = {}
        self._recognized: set[Slot] = set()
        incarnation.counts.on_import = self._count_mention
        self._vat = incarnation.vat_number
        self._take_number = take_number
        self._describe = describe
        self._codec = ValueCodec(self._name_of, self._object_of)
        self.root: Any = None
        self._heap: dict[Slot, Any] = {}
        self._awaited: dict[int, Promise] = {}
        self._decided: dict[int, Promise] = {}
        self._numbers: weakref.WeakKeyDictionary[Promise, int] = weakref.WeakKeyDictionary()
        self._mentions: list[Mention] = []
        self.outbox: Outbox = []
        self.exported: set[Base] = set()
        self.exit: Exit | None = None
        self.powers = powers
        self.parameters = self._codec.decode(parameters)

    def take_outbox(self) -> Outbox:
        """Return what the crank that has ended asks, and begin the next with nothing."""
        outbox, self.outbox = self.outbox, []
        if self.exported:
            self.exported.clear()
        return outbox

    def set_root(self, root: Any) -> None:
        """Name the root object, by which a vat is found in each of its incarnations."""
        self.root = root

    def object_at_export(self, incarnation: int | None, slot: Slot) -> Any:
        """Return the object of this vat that others know by its name.

        Raises:
            AbandonedReferenceError: it has ended with its incarnation, or was deleted.
        """
        own = self._incarnation
        if slot == ROOT:
            return self.root
        is_current = incarnation is None or incarnation == own.number
        if slot[:1] == HEAP:
            if is_current and slot in self._heap:
                return self._heap[slot]
        elif is_current and own.exists(base_of(slot)):
            return own.marshal.object_at(slot)
        raise AbandonedReferenceError(f"{format_vref(slot)} of vat {own.name!r}")

    def find_heap(self, incarnation: int | None, slot: Slot) -> Any | None:
        """Return a heap object that others know by its name, None if it is gone."""
        if slot == ROOT:
            return self.root
        return self._heap.get(slot) if incarnation == self._incarnation.number else None

    def presence_at(self, slot: Slot) -> Any:
        """Make the presence of a name. The slot table finds it again while it lives."""
        presence = Presence(slot, self._describe)
        table = self._incarnation.table
        table.add(slot, presence)
        table.recent.append(presence)
        if slot not in self._imports:
            self._holds.hold_imported(slot, self._imports)
        return presence

    # --- what keeps objects of other vats, and lets them go

    def _count_mention(self, name: Slot, by: int, is_durable: bool) -> None:
        """Note that stored data has begun (1) or ceased (-1) to mention another vat's object."""
        if is_durable:
            self.outbox.append(CountMention(name, by))
        elif by > 0:
            self._holds.hold_imported(name, self._virtual_mentions)
        else:
            self._holds.release_imported((name,), self._virtual_mentions)

    def drop(self, names: Iterable[Slot]) -> None:
        """Let go of objects of other vats whose presences may have died; what stored data mentions is kept by that."""
        gone = [name for name in names if name in self._imports and self._incarnation.table.get(name) is None]
        self._holds.release_imported(gone, self._imports)

    def drop_all(self) -> None:
        """Let go of all that this incarnation has met: it has ended."""
        for met in (self._imports, self._virtual_mentions):
            self._holds.release_imported(list(met), met)

    def drop_export(self, base: Base) -> None:
        """Let go of a heap object that nobody outside keeps."""
        self._heap.pop(Slot(base), None)

    # --- weak stores

    def note_recognized(self, slot: Slot) -> None:
        """Ask to be told when an object of another vat, for which a weak store has an entry, is no more."""
        if slot not in self._recognized:
            self._recognized.add(slot)
            self.outbox.append(Recognize(slot))

    def note_deleted(self, base: Base) -> None:
        """Have other vats' weak stores forget an object of this vat, if any may know it."""
        if self._holds.has_recognizers(self._vat):
            self.outbox.append(Retire(global_name(self._vat, self._incarnation.number, Slot(base))))

    def note_forgotten(self, name: Slot) -> None:
        """Tell that weak stores have no entry left for an object that is no more."""
        self._recognized.discard(name)
        self.outbox.append(Forgotten(name))

    # --- names

    def _name_of(self, obj: Any) -> Slot:
        if is_promise(obj):
            return Slot(promise_name(self._number_of(obj)))
        if obj is self.root:
            return global_name(self._vat, self._incarnation.number, ROOT)
        slot = self._incarnation.marshal.slot_of(obj)
        if slot[:1] != IMPORT:
            if slot[:1] == HEAP:
                self._heap[slot] = obj
            else:
                self.exported.add(base_of(slot))
            slot = global_name(self._vat, self._incarnation.number, slot)
        self._mentions.append(slot)
        return slot

    def _number_of(self, promise: Promise) -> int:
        number = self._numbers.get(promise)
        if number is None:
            number = self._take_number()
            self._decide(number, promise)
        self._mentions.append(number)
        return number

    def _object_of(self, name: bytes) -> Any:
        if name[:1] == PROMISE:
            return self.promise_at(promise_number(name))
        vat, incarnation, slot = split_global(name)
        known = self._incarnation.table.get(name)
        if known is not None:
            return known
        if vat == self._vat:
            try:
                return self.object_at_export(incarnation, slot)
            except AbandonedReferenceError:
                if slot[:1] == DURABLE:
                    raise
        return self.presence_at(Slot(name))

    def shared_number(self, promise: Promise) -> int | None:
        """Return the number of a promise that is settled outside this vat; None for one of its own."""
        number = self._numbers.get(promise)
        return number if number in self._awaited else None

    def watch(self, number: int, by: int) -> None:
        """Have a promise kept for the next incarnation for as long as a durable watch waits for it."""
        self.outbox.append(Watch(number, by))

    def promise_at(self, number: int) -> Promise:
        """Return the promise of a number, which this incarnation waits for from now on unless it decides it itself."""
        known = self._decided.get(number) or self._awaited.get(number)
        if known is not None:
            return known
        promise = self._incarnation.loop.create_future()
        self._await(number, promise)
        self.outbox.append(Subscribe(number))
        return promise

    def _await(self, number: int, promise: Promise) -> None:
        self._awaited[number] = promise
        self._numbers[promise] = number

    # --- what this vat settles

    def _decide(self, number: int, promise: Promise) -> None:
        self.outbox.append(Decide(number))
        self._decided[number] = promise
        self._numbers[promise] = number
        promise.add_done_callback(lambda settled: self._settle_by(number, settled))

    def _settle_by(self, number: int, promise: Promise) -> None:
        del self._decided[number]
        if self._numbers.get(promise) == number:
            del self._numbers[promise]
        reason = reason_of(promise)
        if reason is not None:
            self._reject(number, reason)
        else:
            self._fulfil(number, promise.result())

    def _fulfil(self, number: int, value: Any) -> None:
        try:
            data, mentions = self._encode(value)
        except Exception as error:
            self._reject(number, error)
        else:
            self.outbox.append(Settle(number, Settlement(False, data, mentions)))

    def _reject(self, number: int, reason: BaseException) -> None:
        data, mentions = self._encode(reason)
        self.outbox.append(Settle(number, Settlement(True, data, mentions)))

    def _encode(self, value: Any) -> tuple[bytes, tuple[Mention, ...]]:
        frozen = freeze(value)
        self._mentions = []
        data = self._codec.encode(frozen)
        return data, tuple(self._mentions)

    # --- messages out

    def send(
        self, target: Any, method: str, args: tuple[Any, ...], kwargs: dict[str, Any], *, wants_result: bool
    ) -> Promise | None:
        """Put a message in the outbox. *target* is a presence, or a shared promise that has not settled.

        Raises:
            NotPassableError: an argument cannot be sent.
        """
        data, mentions = self._encode((args, kwargs)) if args or kwargs else (NO_ARGUMENTS, ())
        if is_promise(target):
            number = self._numbers[target]
            name, mentions = promise_name(number), (*mentions, number)
        else:
            name = self._incarnation.marshal.slot_of(target)
            mentions = (*mentions, name)
        number = self._take_number()
        message = Message(name, method, data, number if wants_result else 0, self._vat)
        self.outbox.append(Delivery(number, message, name, mentions))
        if not wants_result:
            return None
        promise = self._incarnation.loop.create_future()
        self._await(number, promise)
        return promise

    def is_shared(self, promise: Promise) -> bool:
        """Whether other vats settle this promise, and it has not settled."""
        return self.shared_number(promise) is not None

    # --- messages in

    def deliver(self, message: Message, incarnation: int | None, slot: Slot) -> None:
        """Call the method that a message is meant for, in the crank that is running. Its result goes to the outbox."""
        number = message.result
        try:
            arguments = message.arguments
            args, kwargs = self._codec.decode(arguments) if arguments != NO_ARGUMENTS else ((), None)
            target = self.object_at_export(incarnation, slot)
            result = perform(target, message.method, args, kwargs)
            if type(result) not in PLAIN_CLASSES and inspect.iscoroutine(result):
                result = self._incarnation.spawn(result)
        except Exception as error:
            if number:
                self._reject(number, error)
            else:
                self._incarnation.loop.call_exception_handler(
                    {
                        "message": f"{message.method}() failed, and nobody waits for its result",
                        "exception": error,
                    }
                )
            return
        if not number:
            return
        if type(result) not in PLAIN_CLASSES and is_promise(result):
            self.outbox.append(Decide(number))
            self._pass_on(number, result)
        else:
            self._fulfil(number, result)

    def _pass_on(self, number: int, result: Promise) -> None:
        """Settle a promise as *result*, which keeps a number of its own, settles; through promises for promises."""

        def settle(settled: Promise) -> None:
            reason = reason_of(settled)
            if reason is not None:
                self._reject(number, reason)
            elif is_promise(settled.result()):
                self._pass_on(number, settled.result())
            else:
                self._fulfil(number, settled.result())

        result.add_done_callback(settle)

    def notify(self, number: int, settlement: Settlement) -> None:
        """Settle a promise that this incarnation waits for, in the crank that is running."""
        promise = self._awaited.pop(number)
        if self._numbers.get(promise) == number:
            del self._numbers[promise]
        try:
            value = self._codec.decode(settlement.data)
        except Exception as error:  # for example a member of an enum that this vat has not registered
            value, is_rejected = error, True
        else:
            is_rejected = settlement.is_rejected
        if promise.done():
            return  # cancelled here
        if is_rejected:
            promise.set_exception(value)
        else:
            promise.set_result(value)


def perform(target: Any, method: str, args: tuple[Any, ...], kwargs: Record | None) -> Any:
    """Call a public method of a remotable.

    Raises:
        TypeError: *target* is no remotable.
        AttributeError: it has no such method.
    """
    if not isinstance(target, Remotable):
        raise TypeError(f"{method}() was sent to {type(target).__name__} data, and only objects have methods")
    if method.startswith("_"):
        raise AttributeError(f"{target!r} has no public method {method!r}", name=method)
    # A record as keywords is asked for each of its names, by Python code; its dict is copied by the interpreter.
    function = method_of(target, method)
    return function(*args, **kwargs._fields) if kwargs else function(*args)


def reason_of(promise: Promise) -> BaseException | None:
    """Return what a settled promise was rejected with; None where it was fulfilled."""
    if promise.cancelled():
        return RemoteError("CancelledError", "the task that was to settle this promise was cancelled")
    return promise.exception()
