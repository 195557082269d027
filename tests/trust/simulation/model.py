"""What must be true of the simulated vats: plain data, changed by the units that were kept and checked by each event.

The model says what every message returns, what every read sees, what each new incarnation finds, that no message is
consumed twice or overtakes another, and that every promise settles once and as it must.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .contents import VatContents, base
from .plan import Plan
from .trace import Unit

__all__ = ["Model", "expect"]

HOST = "the host program"
Outcome = tuple[bool, Any]


def expect(found: object, expected: object, what: str) -> None:
    """Fail the run where they differ."""
    if found != expected:
        raise AssertionError(f"{what}: found {found!r}, expected {expected!r}")


@dataclass
class Waiting:
    """A vat that waits for a message's result, or for a promise."""

    vat: str
    incarnation: int


@dataclass
class Pending:
    """A message that was sent and has not been consumed."""

    sender: str
    target: str
    is_direct: bool = True


@dataclass
class Model:
    """The whole world.

    Attributes:
        vats: by name, dead ones too.
        pending: messages on their way, in the order in which they were sent.
        outcomes: what each consumed message has returned or raised (the name of the class).
        asks, watches, takes: who waits for the result of a message, or for the promise that it carried.
        kits: promises by the message that carries them: None while pending, else how they have settled.
        device_calls: calls of the device that were ever made.
        timers: who is to be woken, and when.
    """

    plan: Plan
    vats: dict[str, VatContents] = field(default_factory=dict)
    pending: dict[int, Pending] = field(default_factory=dict)
    outcomes: dict[int, Outcome] = field(default_factory=dict)
    asks: dict[int, Waiting] = field(default_factory=dict)
    watches: dict[int, Waiting] = field(default_factory=dict)
    takes: dict[int, Waiting] = field(default_factory=dict)
    kits: dict[int, Outcome | None] = field(default_factory=dict)
    device_calls: set[int] = field(default_factory=set)
    timers: dict[int, tuple[str, float]] = field(default_factory=dict)
    cranks: int = 0

    def apply(self, unit: Unit) -> None:
        """Take up one unit, and check each event in it."""
        self.cranks += any(not event.what.startswith("sent") for event in unit)
        for event in unit:
            getattr(self, f"_{event.what}")(event.vat, *event.details)

    # --- lives

    def end_process(self) -> None:
        """Everything that lived in memory is gone, in all vats."""
        for name in self.vats:
            self._end_incarnation(name, "DisconnectedError")

    def _end_incarnation(self, name: str, reason: str) -> None:
        vat = self.vats[name]
        for message in vat.kits:
            if self.kits[message] is None:
                self.kits[message] = (False, reason)
        vat.end_incarnation()
        for waiting in (self.asks, self.takes):
            for number in [n for n, who in waiting.items() if who.vat == name]:
                del waiting[number]

    def _started(self, name: str, incarnation: int, version: int, state: Any) -> None:
        vat = self.vats.get(name)
        if vat is None:
            vat = self.vats[name] = VatContents(name, version=version)
        else:
            self._end_incarnation(name, "DisconnectedError")
        vat.incarnation += 1
        expect(incarnation, vat.incarnation, f"incarnation of {name}")
        expect(version >= vat.version, True, f"{name} runs no older code than was committed")
        vat.migrate(version)
        for part, expected in vat.state().items():
            expect(state[part], expected, f"{part} of {name} in incarnation {incarnation}")

    def _terminated(self, name: str) -> None:
        vat = self.vats[name]
        vat.is_alive = False
        self._end_incarnation(name, "VatTerminatedError")
        for number in [n for n, who in self.watches.items() if who.vat == name]:
            del self.watches[number]
        for number in [n for n, (who, _) in self.timers.items() if who == name]:
            del self.timers[number]

    _exited = _terminated

    def _collected(self, name: str, stored: int, refs: frozenset[str], how: str) -> None:
        """After a collection exactly those things are stored that are still needed.

        Args:
            stored: how many things the vat keeps.
            refs: names of the things that the host program holds.
            how: ``"counts"`` leaves cycles that nothing leads to, ``"cycles"`` leaves nothing, and ``"some vats"`` may leave
                all that other vats were ever given, since one of them does not run.
        """
        vat = self.vats[name]
        held = self._held_outside(name, refs)
        needed = len(vat.reachable(held))
        most = len(vat.mentioned(held | (vat.exported if how == "some vats" else set())))
        if how == "cycles":
            expect(stored, needed, f"things in {name} after a collection of cycles")
            vat.deleted, vat.doubtful = vat.nodes.keys() - vat.reachable(held), set()
        elif how == "some vats" or vat.doubtful:
            if not needed <= stored <= most:
                raise AssertionError(
                    f"{name} keeps {stored} things; {needed} are needed, {most} are mentioned"
                )
        else:
            expect(stored, most, f"things in {name} after a collection by counts")

    def _searched(self, name: str, refs: frozenset[str]) -> None:
        """A search for cycles begins to delete; if it is broken off, nobody knows how far it has come."""
        vat = self.vats[name]
        vat.doubtful = vat.nodes.keys() - vat.reachable(self._held_outside(name, refs)) - vat.deleted

    def _held_outside(self, name: str, refs: frozenset[str]) -> set[str]:
        held = set(refs) | {
            base(key.partition(":")[2])
            for other in self.vats.values()
            if other.is_alive
            for key in other.foreign
            if key.startswith(f"{name}:")
        }
        held |= {base(self.plan.messages[message].subject) for message in self.pending}
        return held & self.vats[name].nodes.keys()

    # --- messages

    def _sent(self, name: str, message: int) -> None:
        self.send(HOST, name, message)

    def _sent_by_reference(self, name: str, message: int) -> None:
        self.send(HOST, name, message, is_direct=False)

    def send(self, sender: str, target: str, message: int, *, is_direct: bool = True) -> None:
        self.pending[message] = Pending(sender, target, is_direct)

    def consume(self, name: str, message: int) -> None:
        """A message has its effects: once, in its order, where it was sent."""
        self._take(name, message)
        vat = self.vats[name]
        vat.journal[message] = vat.journal.get(message, 0) + 1

    def _take(self, name: str, message: int) -> None:
        found = self.pending.get(message)
        if found is None:
            raise AssertionError(f"{name} was given message {message}, which is not on its way")
        expect(name, found.target, f"message {message} arrives at")
        for number, other in self.pending.items():
            if number == message:
                break
            if found.is_direct and other == found:
                raise AssertionError(f"message {message} has overtaken {number}")
        del self.pending[message]

    def _performed(self, name: str, message: int, seen: tuple[Any, ...]) -> None:
        self.consume(name, message)
        operations = tuple(o for o in self.plan.messages[message].operations if o[0] != "interrupt")
        for operation, found in zip(operations, seen, strict=False):
            expect(found, self._operate(name, *operation), f"{operation} in {name}, message {message}")
        following = operations[len(seen)][0] if len(seen) < len(operations) else ""
        if following == "fail":
            self.outcomes[message] = (False, "ValueError")
        else:
            expect(following in ("", "exit"), True, f"message {message} of {name} was carried out to its end")
            self.outcomes[message] = (True, (message, len(seen)))

    def _operate(self, name: str, operation: str, *arguments: Any) -> Any:
        vat = self.vats[name]
        own = getattr(self, f"_on_{operation}", None)
        return getattr(vat, operation)(*arguments) if own is None else own(vat, *arguments)

    def _undone(self, name: str, message: int) -> None:
        self._take(name, message)
        self.outcomes[message] = (False, "SystemExit")

    def _interrupted(self, name: str, message: int) -> None:
        expect(self.pending[message].target, name, f"message {message} that is interrupted arrives at")

    def _looked(self, name: str, message: int, found: bool) -> None:
        self.consume(name, message)
        subject = self.plan.messages[message].subject
        expect(found, subject in self.vats[name].things, f"{name} finds {subject}")
        if found:
            self.vats[name].exported.add(subject)
            self.outcomes[message] = (True, None)
            return
        self.outcomes[message] = (False, "KeyNotFoundError")
        for number in [n for n in self.pending if self.plan.messages[n].after == message]:
            del self.pending[number]
            self.outcomes[number] = self.outcomes[message]

    def _bumped(self, name: str, message: int, thing: str, value: int) -> None:
        self.consume(name, message)
        expect(thing, self.plan.messages[message].subject, f"message {message} arrives at")
        node = self.vats[name].nodes[thing]
        node.value += 1
        expect(value, node.value, f"{thing} after message {message}")
        self.outcomes[message] = (True, value)

    def _accepted(self, name: str, message: int) -> None:
        self.consume(name, message)
        planned = self.plan.messages[message]
        if planned.method == "take":
            self.takes[message] = Waiting(name, self.vats[name].incarnation)
        else:
            self.vats[name].foreign.add(planned.subject)

    def _recognized(self, name: str, message: int, thing: str) -> None:
        self.consume(name, message)
        expect(thing, self.plan.messages[message].subject, f"{name} is given back")

    def _met(self, name: str, message: int, peer: str) -> None:
        self.consume(name, message)
        self.vats[name].peers.add(peer)

    # --- promises

    def _settle(
        self,
        waiting: dict[int, Waiting],
        name: str,
        number: int,
        found: Outcome,
        due: Callable[[int], Outcome | None],
    ) -> None:
        who = waiting.pop(number, None)
        if who is None:
            raise AssertionError(f"{name} hears of {number}, for which it does not wait")
        expect((name, self.vats[name].incarnation), (who.vat, who.incarnation), f"who hears of {number}")
        expect(found, due(number), f"what {name} hears of {number}")
        self._journal_answer(name, number)

    def _journal_answer(self, name: str, number: int) -> None:
        journal = self.vats[name].journal
        journal[-number] = journal.get(-number, 0) + 1

    def _answered(self, name: str, number: int, is_fulfilled: bool, value: Any) -> None:
        self._settle(self.asks, name, number, (is_fulfilled, value), self._outcome_due)

    def _took(self, name: str, number: int, is_fulfilled: bool, value: Any) -> None:
        self._settle(self.takes, name, number, (is_fulfilled, value), self.kits.__getitem__)

    def _watched(self, name: str, number: int, is_fulfilled: bool, value: Any) -> None:
        """A durable watcher hears what was answered, in whichever incarnation lives then."""
        watch = self.watches.get(number)
        if watch is not None:
            watch.incarnation = self.vats[name].incarnation
        self._settle(self.watches, name, number, (is_fulfilled, value), self._outcome_due)

    def _gave_up(self, name: str, number: int) -> None:
        """A durable watcher could not be told, and never hears of it again."""
        watch = self.watches.pop(number, None)
        if watch is None:
            raise AssertionError(f"{name} could not be told of {number}, for which it does not wait")
        expect(name, watch.vat, f"who could not be told of {number}")
        self._outcome_due(number)

    def _outcome_due(self, number: int) -> Outcome:
        outcome = self.outcomes.get(number)
        if outcome is not None:
            return outcome
        found = self.pending.get(number)
        if found is not None and not self.vats[found.target].is_alive:
            return (False, "VatTerminatedError")
        raise AssertionError(f"message {number} is answered before it is consumed")

    # --- devices and the timer

    def check_device(self, written: dict[int, list[str]]) -> None:
        """The device was called for what was committed only, always with one call id, and no two calls had the same.

        Args:
            written: the call ids by message, as the device has seen them.
        """
        expect(
            sorted(written.keys() - self.device_calls), [], "device calls of cranks that were not committed"
        )
        identities = [identity for found in written.values() for identity in set(found)]
        expect(len(identities), len(written), "call ids, one for each call")
        expect(len(set(identities)), len(identities), "call ids that are different")

    def _woken(self, name: str, number: int, time: float) -> None:
        timer = self.timers.pop(number, None)
        if timer is None:
            raise AssertionError(f"{name} is woken by {number}, which is not to come")
        expect((name, time), timer, f"who is woken by {number}, and for which time")
        self._journal_answer(name, number)

    def _on_device(self, vat: VatContents, message: int) -> bool:
        self.device_calls.add(message)
        self.outcomes[message] = (True, 2 * message)
        self.asks[message] = Waiting(vat.name, vat.incarnation)
        return True

    def _on_watch_device(self, vat: VatContents, message: int) -> bool:
        self._on_device(vat, message)
        self.watches[message] = self.asks.pop(message)
        return True

    def _on_wake(self, vat: VatContents, when: float, message: int) -> bool:
        self.timers[message] = (vat.name, when)
        return True

    # --- operations that reach other vats

    def _on_send(self, vat: VatContents, peer: str, message: int, _operations: Any) -> bool:
        if peer not in vat.peers:
            return False
        self.send(vat.name, peer, message)
        return True

    def _on_ask(self, vat: VatContents, peer: str, message: int, operations: Any) -> bool:
        self.asks[message] = Waiting(vat.name, vat.incarnation)
        if not self._on_send(vat, peer, message, operations):
            del self.asks[message]
            return False
        return True

    def _on_watch(self, vat: VatContents, peer: str, message: int, operations: Any) -> bool:
        if not self._on_send(vat, peer, message, operations):
            return False
        self.watches[message] = Waiting(vat.name, vat.incarnation)
        return True

    def _on_pipeline(self, vat: VatContents, peer: str, _name: str, look: int, bump: int) -> bool:
        if peer not in vat.peers:
            return False
        self.send(vat.name, peer, look)
        self.send(vat.name, peer, bump, is_direct=False)
        self.asks[bump] = Waiting(vat.name, vat.incarnation)
        return True

    def _on_promise(self, vat: VatContents, peer: str, message: int) -> bool:
        if peer not in vat.peers:
            return False
        self.kits[message] = None
        vat.kits.append(message)
        self.send(vat.name, peer, message)
        return True

    def _on_resolve(self, vat: VatContents, value: int) -> Any:
        if not vat.kits:
            return None
        message = min(vat.kits)
        vat.kits.remove(message)
        self.kits[message] = (True, value)
        return message

    def _on_lend(self, vat: VatContents, peer: str, message: int, name: str) -> bool:
        if vat.find(name) is None or peer not in vat.peers:
            return False
        vat.exported.add(name.partition("/")[0])
        self.send(vat.name, peer, message)
        return True

    def _on_poke(self, vat: VatContents, key: str, message: int) -> bool:
        if key not in vat.foreign:
            return False
        self.send(vat.name, key.partition(":")[0], message, is_direct=False)
        return True

    def _on_send_back(self, vat: VatContents, key: str, message: int) -> bool:
        owner = key.partition(":")[0]
        if key not in vat.foreign or owner not in vat.peers:
            return False
        self.send(vat.name, owner, message)
        return True

    def _on_forget(self, vat: VatContents, key: str) -> bool:
        if key not in vat.foreign:
            return False
        vat.foreign.remove(key)
        return True

    # --- at rest

    def check_quiet(self, now: float, written: dict[int, list[str]]) -> None:
        """Once nothing is left to run in vats that all run, every message was consumed and all who wait have heard.

        Args:
            now: what the timer's clock shows.
            written: the calls that the device has had.
        """
        expect(sorted(self.device_calls - written.keys()), [], "device calls that were never made")
        expect([n for n, (_, when) in self.timers.items() if when <= now], [], "wakings that did not come")
        left = [n for n, message in self.pending.items() if self.vats[message.target].is_alive]
        expect(left, [], "messages that never arrived")
        for waiting in (self.asks, self.watches):
            expect(sorted(waiting), [], "messages whose results were never told")
        due = [n for n in self.takes if self.kits[n] is not None]
        expect(due, [], "promises that have settled and were never told")
