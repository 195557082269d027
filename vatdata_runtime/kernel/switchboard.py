"""Carries messages and settlements between vats, and has each crank's writes stored with their consumption."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ..errors import VatDataError, VatTerminatedError
from ..passable import current_enums, freeze
from ..store import Progress, Store
from ..vat.crank_buffer import CrankBuffer
from ..vat.identifiers import PROMISE, Slot
from ..vat.stand_ins import StandIn, StandInCodec
from ..vat.undo import UndoLog
from .collecting import collect_pieces
from .device_names import DeviceNames
from .holds import Holds
from .messages import (
    CountMention,
    Decide,
    Delivery,
    Forgotten,
    Mention,
    Message,
    Notification,
    Outbox,
    Recognize,
    Retire,
    Settle,
    Settlement,
    Watch,
)
from .names import HOST, promise_number, split_global
from .numbers import Numbers
from .promises import SharedPromises
from .run_queue import RunQueue
from .running_vat import CrankResult, Delta, RunningVat, VatExitError
from .stats import Totals

if TYPE_CHECKING:
    from .spans import Spans

__all__ = ["Switchboard", "encode_error"]

_log = logging.getLogger("vatdata.kernel")
_BATCH = 1000  # cranks and other units that wait for one commit at most, however long the queue is


_codec = StandInCodec(is_bounded=True)


def encode_error(error: BaseException) -> bytes:
    """Encode an exception that the kernel itself gives as reason; it mentions no objects."""
    return _codec.encode(freeze(error))


class Switchboard:
    """The run queue, the promises that vats share, and the vats that run.

    Everything here happens between cranks. What a crank asks is carried out after it has ended well, in memory and in
    the buffer, and enters the store together with the crank's own writes.

    Attributes:
        holds: who keeps objects from outside their vats.
        vats: the vats that run, by number.
        failed: why vats could not start, by number; their messages wait.
        terminated: why vats are no more, by number.
        awaited: numbers of promises that the host program waits for, with what is to be called at the settlement.
        on_broken: called with a vat whose crank could not be kept: it ends that incarnation and starts the next.
        on_exit: called with the number of a vat that is to be terminated, and why.
        device_names: the numbers of devices.
        on_host_call: called with a message to a device or the timer, and its slot, when its turn has come.
        on_commit: called after each commit.
        cranks: how many have been kept.
        collect_every: after how many cranks a piece of a collection is run in every vat; None for never.
        spans: records each crank; None while nobody asks for that.
        given_up: by vat, promises whose settlement its incarnation could not be told; the next is not told either.
        failure: why the store is behind what memory holds; None while it is not. Only opening it again repairs that.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self.buffer = CrankBuffer(store, UndoLog())
        self.numbers = Numbers(self.buffer, store.path)
        self.queue = RunQueue(self.buffer, store.path)
        self.holds = Holds(self.buffer, store.path)
        self.promises = SharedPromises(self.buffer, store.path, self.holds)
        self.vats: dict[int, RunningVat] = {}
        self.failed: dict[int, BaseException] = {}
        self.terminated: dict[int, VatTerminatedError] = {}
        self.awaited: dict[int, Callable[[Settlement], None]] = {}
        self.on_broken: Callable[[RunningVat], None] = lambda _: None
        self.on_exit: Callable[[int, str], None] = lambda _number, _reason: None
        self.on_commit: Callable[[], None] = lambda: None
        self.cranks = 0
        self.collect_every: int | None = None
        self.spans: Spans | None = None
        self.device_names = DeviceNames(self.buffer, store.path)
        self.on_host_call: Callable[[Delivery, Slot], None] = lambda _call, _slot: None
        self._collected_at = 0
        self.failure: BaseException | None = None
        self.given_up: dict[int, set[int]] = {}
        self._held: dict[int, list[Delivery]] = {}
        self._has_unsealed = False
        self._counted = 0  # cranks that the stored totals know
        self._totals = Totals()

    def load(self) -> None:
        """Take up what an earlier process has left: messages, and the promises that they mention."""
        self._totals = Totals.read(self.store, self.store.path)
        self.promises.load()
        waiting = self.queue.load()
        for delivery in waiting:
            self.promises.hold(delivery.mentions)
        self.numbers.forget_before(waiting[0].number if waiting else self.numbers.next)

    # --- the queue

    def send(self, message: Message, mentions: tuple[Mention, ...]) -> None:
        """Put a message at the end of the queue. Follow it by ``apply``, unless it comes from the host program."""
        self._send(Delivery(message.result or self.numbers.take(), message, message.target, mentions))
        self._has_unsealed = True

    def _send(self, delivery: Delivery) -> None:
        self.promises.hold(delivery.mentions)
        if self.spans is not None:
            delivery.origin = self.spans.origin
        self.queue.add(delivery)

    def step(self) -> bool:
        """Take up the oldest delivery. Returns whether there was one."""
        ready = self.queue.ready
        if not ready:
            return False
        # It stays in front until what it leads to is decided: an interrupt before that has lost nothing.
        entry = ready[0]
        if isinstance(entry, Delivery):
            self._route(entry)
        else:
            self._notify(entry)
        if self.collect_every is not None and self.cranks - self._collected_at >= self.collect_every:
            collect_pieces(self)
            self._collected_at = self.cranks
        return True

    def hold_back(self, delivery: Delivery, vat: int) -> None:
        """Keep a message until a vat that could not start runs."""
        self._held.setdefault(vat, []).append(delivery)

    def release_held(self, vat: int) -> None:
        """Put the messages that waited for a vat back where they were in the queue."""
        held = self._held.pop(vat, [])
        self.queue.ready.extendleft(reversed(held))

    def _route(self, delivery: Delivery) -> None:
        if delivery.target[:1] == PROMISE and not self._find_target(delivery):
            return
        number, incarnation, slot = split_global(delivery.target)
        vat = self.vats.get(number)
        if vat is not None:
            self._run(vat, delivery, vat.border.deliver, delivery.message, incarnation, slot)
            return
        with self.indivisible():
            self.queue.ready.popleft()
            if number == HOST:
                self.on_host_call(delivery, slot)
            elif number in self.failed:
                self.hold_back(delivery, number)
            else:
                reason = self.terminated.get(number) or VatTerminatedError(str(number))
                self._drop(delivery, Settlement(True, encode_error(reason)))
                self.apply({})

    def _find_target(self, delivery: Delivery) -> bool:
        """Let a message to a promise be one to what it has settled to; otherwise take it out of the queue.

        Returns:
            Whether the message has a target now.
        """
        promise = self.promises.at(promise_number(delivery.target))
        settlement = promise.settlement
        if settlement is not None and not settlement.is_rejected:
            target = _codec.decode(settlement.data)
            if isinstance(target, StandIn):
                delivery.target = target.slot
                return self._find_target(delivery) if target.slot[:1] == PROMISE else True
            what = f"{delivery.message.method}() was sent to a promise that was fulfilled with data"
            error = TypeError(f"{what} of type {type(target).__name__}; only objects have methods")
            settlement = Settlement(True, encode_error(error))
        with self.indivisible():
            self.queue.ready.popleft()
            if settlement is None:
                promise.waiting.append(delivery)
            else:
                self._drop(delivery, settlement)
                self.apply({})
        return False

    def _notify(self, news: Notification) -> None:
        vat = self.vats.get(news.vat)
        if vat is not None and vat.incarnation == news.incarnation:
            self._run(vat, news, vat.border.notify, news.promise, news.settlement)
            return
        with self.indivisible():
            self.queue.ready.popleft()
            self._release(news)

    def _run(
        self,
        vat: RunningVat,
        entry: Delivery | Notification,
        turn: Callable[..., None],
        *arguments: object,
    ) -> None:
        """Run a crank for the first entry of the queue, and consume the entry in the same stored unit."""
        try:
            if self.spans is None:
                result = vat.run(turn, *arguments)
            else:
                with self.spans.crank(vat.name, vat.incarnation, entry):
                    result = vat.run(turn, *arguments)
        except KeyboardInterrupt:
            # The entry has had no effect and is delivered again, to an incarnation that has not met it.
            with self.indivisible():
                self.on_broken(vat)
                self.apply({})
            raise
        except BaseException as error:
            with self.indivisible():
                self.queue.ready.popleft()
                if isinstance(error, VatExitError):
                    self._discard(entry, VatTerminatedError(*error.args))
                    self.on_exit(vat.number, error.reason)
                else:
                    self._discard(entry, error)
                    self.on_broken(vat)
                self.apply({})
            return
        self._keep(vat, result, entry)

    def run_action(self, vat: RunningVat, action: Callable[[Any, Any], None]) -> None:
        """Run a crank that begins with a function of the host program, called with root and baggage, and store it."""
        try:
            result = vat.run_action(action)
        except BaseException:
            with self.indivisible():
                self.on_broken(vat)
                self.apply({})
            raise
        self.keep(vat, result)

    def _release(self, entry: Delivery | Notification) -> None:
        if isinstance(entry, Delivery):
            self.promises.release(entry.mentions)
        else:
            self.promises.release((entry.promise, *entry.settlement.mentions))

    def _discard(self, entry: Delivery | Notification, error: BaseException) -> None:
        """Consume an entry whose crank was not kept."""
        if isinstance(entry, Delivery):
            self._drop(entry, Settlement(True, encode_error(error)))
            return
        # A durable watch is still stored. Told again, it would fail again, in one incarnation after the other.
        self.given_up.setdefault(entry.vat, set()).add(entry.promise)
        _log.error(
            "a vat could not be told how a promise has settled, and is not told again",
            exc_info=error,
            extra={"vat": entry.vat, "incarnation": entry.incarnation, "event": "given up"},
        )
        self._release(entry)

    def _drop(self, delivery: Delivery, settlement: Settlement) -> None:
        """Consume a message without a crank, and settle its result. The caller has it stored."""
        self.queue.consume(delivery)
        if delivery.message.result:
            self.settle(delivery.message.result, settlement)
        self.promises.release(delivery.mentions)

    def finish(self, delivery: Delivery, settlement: Settlement) -> None:
        """Consume a message that no crank carries out, and settle its result, as one unit of the store."""
        with self.indivisible():
            self._drop(delivery, settlement)
            self.apply({})

    # --- what cranks ask

    def keep(self, vat: RunningVat, result: CrankResult) -> None:
        """Carry out what a crank asks, and store it with the crank's writes."""
        self._keep(vat, result, None)

    def _keep(self, vat: RunningVat, result: CrankResult, entry: Delivery | Notification | None) -> None:
        """Keep a crank, and consume the first entry of the queue if it was for that."""
        delta, outbox = result
        try:  # as indivisible(), at a tenth of its price
            if entry is not None:
                self.queue.ready.popleft()
                if isinstance(entry, Delivery):
                    self.queue.consume(entry)
            if outbox:
                self._carry_out(vat, outbox)
            if vat.border.exit is not None:
                self.on_exit(vat.number, vat.border.exit.reason)
            if entry is not None:
                self._release(entry)
            self.cranks += 1
            self.apply(delta)
            vat.keep()
        except BaseException as error:
            self.failure = error
            raise

    def _carry_out(self, vat: RunningVat, outbox: Outbox) -> None:
        promises, waiter = self.promises, (vat.number, vat.incarnation)
        for ask in outbox:
            if isinstance(ask, Delivery):
                self._send(ask)
                if ask.message.result:
                    promises.at(ask.message.result).subscribers.append(waiter)
            elif isinstance(ask, Settle):
                self.settle(ask.promise, ask.settlement, vat)
            elif isinstance(ask, Decide):
                promises.decide(ask.promise, *waiter)
            elif isinstance(ask, Watch):
                promises.watch(ask.promise, ask.by)
            elif isinstance(ask, CountMention):
                self.holds.change_stored(ask.name, ask.by)
            elif isinstance(ask, Recognize):
                self.holds.note_recognized(ask.name, vat.number)
            elif isinstance(ask, Retire):
                self.holds.retire(ask.name)
            elif isinstance(ask, Forgotten):
                self.holds.note_forgotten(ask.name, vat.number)
            else:
                promise = promises.at(ask.promise)
                if promise.settlement is None:
                    promise.subscribers.append(waiter)
                else:
                    self._tell(ask.promise, waiter, promise.settlement)

    def settle(self, number: int, settlement: Settlement, by: RunningVat | None = None) -> None:
        """Settle a promise: messages to it go on, and who waits for it is told, in that order."""
        on_settled = self.awaited.pop(number, None)
        if on_settled is not None:
            token = None if by is None else current_enums.set(by.enums)
            try:
                on_settled(settlement)
            finally:
                if token is not None:
                    current_enums.reset(token)
        promise = self.promises.settle(number, settlement)
        if promise is None:
            return
        self.queue.ready.extend(promise.waiting)
        promise.waiting = []
        for waiter in promise.subscribers:
            self._tell(number, waiter, settlement)
        promise.subscribers = []
        self.promises.forget_if_done(number)

    def _tell(self, number: int, waiter: tuple[int, int], settlement: Settlement) -> None:
        self.promises.hold((number, *settlement.mentions))
        origin = None if self.spans is None else self.spans.origin
        self.queue.ready.append(Notification(*waiter, number, settlement, origin))

    def reject_decided_by(self, vat: int, reason_for: Callable[[int], VatDataError]) -> None:
        """Reject the pending promises that a vat was to settle, each with the error for its incarnation."""
        for number in self.promises.decided_by(vat):
            error = reason_for(self.promises.at(number).incarnation)
            self.settle(number, Settlement(True, encode_error(error)))

    # --- the store

    def apply(self, delta: Delta) -> None:
        """Take a crank's writes into the batch. What the kernel itself has to store goes out with the next commit.

        So a unit must be complete in memory when this is called: it may commit.
        """
        self.store.apply(delta)
        if self.store.durability == "crank" or self.store.pending >= _BATCH:
            self.commit()

    def seal(self) -> None:
        """Let what the host program has sent be a unit of its own, before cranks run."""
        if self._has_unsealed:
            self._has_unsealed = False
            self.apply({})

    def commit(self) -> None:
        """Make everything up to here durable; what it has settled for the host program then becomes visible."""
        with self.indivisible():
            self.queue.write()
            self.promises.write()
            if self.buffer.delta or self.store.has_changes:
                self.count()
                self.store.apply(self.buffer.take())
            self.store.commit()
            self.store.release()
        self.on_commit()

    def count(self) -> None:
        """Have the next commit store the totals: cranks that leave nothing to store cause no commit."""
        if self.cranks != self._counted or self.store.has_changes:
            self._totals.write_with(self.cranks, self.store.counters, self.buffer)
            self._counted = self.cranks

    def note_interrupt(self, error: BaseException, is_change: bool) -> None:
        """Note that memory and store have come apart if Ctrl-C has come where that is so.

        Args:
            is_change: it may have come at any point of a larger change; else only between a crank and its keeping.
        """
        if is_change or any(vat.is_undecided for vat in self.vats.values()):
            self.failure = error

    @contextmanager
    def indivisible(self) -> Generator[None]:
        """Note that memory and store have come apart if the block is left by an exception."""
        try:
            yield
        except BaseException as error:
            self.failure = error
            raise

    @contextmanager
    def enums_of(self, number: int) -> Generator[None]:
        """Let members of the enums pass that a vat has registered."""
        vat = self.vats.get(number)
        before = current_enums.get()
        if vat is not None:
            current_enums.set(vat.enums)
        try:
            yield
        finally:
            current_enums.set(before)

    # --- migration

    def migrate(self, number: int, kind: str | None, progress: Progress | None) -> int:
        """Run and commit migrating cranks in a vat until its records are up to date; see ``KernelVat.migrate``."""
        vat = self.vats[number]
        migration = vat.migration(kind)
        while not migration.is_done:
            try:
                result = vat.migrate(migration)
            except BaseException:
                self.on_broken(vat)
                raise
            self.keep(vat, result)
            self.commit()
            if progress is not None:
                progress(migration.seen, max(migration.total, migration.seen))
        return migration.migrated

    # --- questions

    @property
    def held_back(self) -> int:
        """How many messages wait for a vat that does not run. May be read from any thread."""
        return sum(map(len, list(self._held.values())))

    def may_answer(self, name: Slot) -> bool:
        """Whether an object may still be there: not if its vat, or the incarnation that it belonged to, has ended."""
        number, incarnation, _ = split_global(name)
        if number in self.terminated:
            return False
        vat = self.vats.get(number)
        return vat is None or incarnation in (None, vat.incarnation)

    def describe(self, name: Slot) -> str:
        """Say for people what a name means."""
        number, incarnation, slot = split_global(name)
        if number == HOST:
            device = self.device_names.name_of(slot)
            return "Timer" if device is None else f"Device {device}"
        vat = self.vats.get(number)
        return "object" if vat is None else vat.interface_of(incarnation, slot)
