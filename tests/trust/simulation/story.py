"""One seeded run: lives of a process over one store, each ended by a fault or a restart, each held to the model."""

from __future__ import annotations

import gc
import hashlib
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

from vatdata_runtime import (
    Kernel,
    KeyNotFoundError,
    StoreError,
    UnsettledError,
    UpgradeError,
    VatTerminatedError,
)
from vatdata_runtime.kernel.vat_lives import VatLives
from vatdata_runtime.store import open_store
from vatdata_runtime.tools.verify import verify
from vatdata_runtime.vat.identifiers import Space, decode_number

from .faults import Crash, Faults
from .model import Model, expect
from .plan import Plan
from .trace import Trace, interrupted, note, record_into

__all__ = ["Story"]

_CODE = "tests.trust.simulation.vat_code"
_KINDS_OF_THINGS = ("Node", "Pair")
_ACTIONS = {
    "send": 10,
    "call": 10,
    "hold": 3,
    "call_held": 4,
    "run": 8,
    "step": 6,
    "upgrade": 2,
    "upgrade_refused": 2,
    "collect": 3,
    "outlive": 2,
    "end_vat": 1,
    "clock": 4,
    "restart": 2,
}


class Ledger:
    """The device: the world outside, which no crash takes back.

    Attributes:
        written: the call ids by message.
    """

    def __init__(self) -> None:
        self.written: dict[int, list[str]] = {}

    def write(self, message: int, *, call_id: str) -> int:
        self.written.setdefault(message, []).append(call_id)
        return 2 * message


class Story:
    """Runs one seed in *folder*.

    Attributes:
        happened: how often each action, fault and event came up, for the reports.
        digest: of everything that the vats have noted and of how many storage steps each life took.
    """

    def __init__(self, seed: int, folder: Path, say: Callable[[str], object] = lambda _: None) -> None:
        interrupted.clear()
        self.plan = Plan(seed)
        self.dice: random.Random = self.plan.dice
        self.path = folder.resolve() / "world.db"
        self.model = Model(self.plan)
        self.plan.world = self.model.vats
        self.happened: Counter[str] = Counter()
        self.digest = hashlib.sha256()
        self.ledger = Ledger()
        self.say = say
        self.options: dict[str, Any] = {
            "durability": self.dice.choice(("crank", "group", "relaxed")),
            "collect_every": self.dice.choice((None, 1, 5)),
            "cache_bytes": self.dice.choice((1000, 1 << 20)),
        }
        self.kernel: Kernel | None = None
        self.trace = Trace()
        self.faults: Faults
        self._refs: dict[str, Any] = {}
        self._broken: str | None = None
        self._transaction = 1
        self._acknowledged: list[tuple[int, int, Any]] = []

    def run(self) -> None:
        """Play the seed to its end.

        Raises:
            AssertionError: the model does not hold.
        """
        for _ in range(self.dice.randrange(2)):
            self.plan.new_vat()
        self.plan.new_vat()
        self.plan.new_vat()
        for _ in range(self.dice.randrange(2, 9)):
            self.live(self.dice.choice((4, 8, 16, 32)))
        self.live(0, is_last=True)

    # --- one life

    def live(self, actions: int, *, is_last: bool = False) -> None:
        """Play one life of so many actions, at most."""
        for name, vat in self.model.vats.items():
            if not vat.is_alive:
                self.plan.end_vat(name)
        kinds: tuple[str | None, ...] = ("kill", "kill", "full disk", "bad disk", None, None)
        if self.options["durability"] != "relaxed":
            kinds += ("power", "power")
        kind = None if is_last else self.dice.choice(kinds)
        self.trace = Trace()
        record_into(self.trace)
        self._acknowledged = []
        countdown = int(self.dice.expovariate(1 / self.dice.choice((50, 200, 800)))) + 1
        self.faults = Faults(self.path, self.trace, self.dice, kind, countdown)
        self.say(f"life: {kind} at step {countdown}, {self.options}")
        self.happened[f"fault: {kind}"] += 1
        try:
            self._act(actions, is_last=is_last)
        except Crash as crash:
            self.say(f"crash at {crash}")
            self._end("killed")
        except StoreError as error:
            if not self.faults.has_struck:
                raise
            self.say(f"the disk failed: {error}")
            self._end("refused")
        else:
            self._end("closed")

    def _act(self, actions: int, *, is_last: bool) -> None:
        self._refs.clear()
        sources = self._draw_sources() if actions else {}
        self.kernel = kernel = Kernel.open(
            self.path,
            sources=sources,
            devices={"ledger": self.ledger},
            clock=lambda: self.plan.now,
            collect_every=self.options["collect_every"],
            map_size=1,
            on_step=self.faults.on_step,
            on_failed_start="quarantine" if sources else "raise",
            durability=self.options["durability"],
            cache_bytes=self.options["cache_bytes"],
        )
        self._provide_vats(kernel)
        for _ in range(actions):
            name = self.dice.choices(list(_ACTIONS), list(_ACTIONS.values()))[0]
            self.say(f"action {name}")
            self.happened[f"action: {name}"] += 1
            if name == "restart":
                break
            if self.dice.random() < 0.2:
                gc.collect()
            self._uninterrupted(getattr(self, f"_{name}"), kernel)
        if is_last:
            self._uninterrupted(self._collect, kernel)
        self._is_quiet = is_last or self.dice.random() < 0.5
        if self._is_quiet:
            self._uninterrupted(self._run, kernel)
            kernel.close()
            self._is_quiet = self._broken is None
            self.happened["quiet"] += self._is_quiet
        else:
            kernel.__exit__(SystemExit, None, None)

    def _draw_sources(self) -> dict[str, Any]:
        """Now and then a vat has code that does not start; its messages must wait for it."""
        self._broken = None
        known = [name for name in self.plan.vats if name in self.model.vats]
        if not known or self.dice.random() < 0.85:
            return {}
        self._broken = self.dice.choice(known)
        self.happened["vat that could not start"] += 1
        return {self._broken: f"{_CODE}:build_raising"}

    def _uninterrupted(self, action: Callable[[Kernel], object], kernel: Kernel) -> None:
        """Act; where a crank is interrupted as by Ctrl-C, go on with what is in the queue."""
        try:
            action(kernel)
            return
        except KeyboardInterrupt:
            self.happened["interrupt"] += 1
        while True:
            try:
                self._run(kernel)
                return
            except KeyboardInterrupt:
                self.happened["interrupt"] += 1

    def _end(self, how: str) -> None:
        """Bring file and model to what the next life must find, and check all that was seen until then."""
        trace, faults = self.trace, self.faults
        self.digest.update(repr((how, trace.units, faults.steps)).encode())
        kept = self._keep_file(how)
        for unit in trace.units[:kept]:
            self.model.apply(unit)
        for message, at_least, result in self._acknowledged:
            expect(at_least <= kept, True, f"the acknowledged message {message} is kept")
            if result is not None:
                expect(self.model.outcomes[message], result, f"what was acknowledged of message {message}")
        if how == "closed" and self._is_quiet:
            self.model.check_quiet(self.plan.now, self.ledger.written)
        self.model.check_device(self.ledger.written)
        self.happened["device calls"] = sum(map(len, self.ledger.written.values()))
        self.model.end_process()
        self.happened["storage steps"] += faults.steps
        self.happened["cranks"] = self.model.cranks
        if self.path.exists():
            expect([str(finding) for finding in verify(str(self.path))], [], "what verify finds")

    def _keep_file(self, how: str) -> int:
        """Leave the file as the fault has left it, and return how many units of this life are in it."""
        trace, faults = self.trace, self.faults
        faults.repair()
        if self.kernel is not None:
            self.kernel.__exit__(SystemExit, None, None)
            self.kernel = None
        if how == "killed":
            if faults.left_behind is None:
                self.path.unlink(missing_ok=True)
                expect(trace.committed, 0, "commits before there was a file")
                self._transaction = 1
                return 0
            self.path.write_bytes(faults.left_behind)
        with open_store(self.path, readonly=True) as store:
            found = store.measure().transaction
        last = self._transaction + trace.commits
        self._transaction = found
        if found == last:
            return trace.committed if how != "closed" else len(trace.units)
        if how == "killed" and trace.in_flight is not None and found == last + 1:
            return trace.in_flight
        raise AssertionError(
            f"the file is at transaction {found}, acknowledged are those up to {last}, {how}"
        )

    # --- vats

    def _provide_vats(self, kernel: Kernel) -> None:
        if len(self.plan.vats) < 2:
            self.plan.new_vat()
        fresh = [name for name in self.plan.vats if name not in kernel.vats]
        for name in fresh:
            kernel.create_vat(name, f"{_CODE}:build_1")
        for name in self.plan.vats:
            known = self.model.vats[name].peers if name in self.model.vats else set()
            for peer in self.plan.vats:
                if peer != name and peer not in known and not self._is_on_its_way(name, peer):
                    self._post(kernel, name, "meet", peer, kernel.get_vat(peer).root, subject=peer)
        for name in fresh:
            operations = self.plan.first_operations(name)
            self._post(kernel, name, "perform", operations, operations=operations)

    def _is_on_its_way(self, name: str, peer: str) -> bool:
        return any(
            message.target == name
            and self.plan.messages[number].method == "meet"
            and self.plan.messages[number].subject == peer
            for number, message in self.model.pending.items()
        )

    def _post(
        self, kernel: Kernel, vat: str, method: str, *arguments: Any, **planned: Any
    ) -> tuple[int, Any]:
        """Send a message of the host program, and note it."""
        message = self.plan.new_message(method, **planned)
        note("sent", vat, message)
        return message, kernel.send(kernel.get_vat(vat).root, method, message, *arguments)

    # --- actions

    def _draw_vat(self, kernel: Kernel) -> str:
        living = [name for name in self.plan.vats if name in kernel.vats]
        if not living:  # each has ended by what others had sent it
            living = [self.plan.new_vat()]
            kernel.create_vat(living[0], f"{_CODE}:build_1")
        return self.dice.choice(living)

    def _draw_message(self, kernel: Kernel) -> tuple[int, Any]:
        name = self._draw_vat(kernel)
        operations = self.plan.operations(name)
        return self._post(kernel, name, "perform", operations, operations=operations)

    def _send(self, kernel: Kernel) -> None:
        self._draw_message(kernel)

    def _call(self, kernel: Kernel) -> None:
        message, sent = self._draw_message(kernel)
        try:
            result: Any = (True, sent.result())
        except Crash:
            raise
        except StoreError:
            raise
        except KeyboardInterrupt:
            raise
        except UnsettledError:
            expect(self._broken is not None, True, "a vat did not start, and the result hangs on it")
            return
        except Exception as error:
            result = (False, getattr(error, "class_name", type(error).__name__))
        if result == (False, "VatTerminatedError"):
            result = None  # the vat has ended by itself before
        self._acknowledged.append((message, self.trace.committed, result))

    def _hold(self, kernel: Kernel) -> None:
        """Get a reference to a thing, which keeps the thing as long as this process holds it."""
        vat = self._draw_vat(kernel)
        name = self.plan.thing(vat)
        message, sent = self._post(kernel, vat, "look", name, subject=name)
        try:
            self._refs[f"{vat}:{name}"] = sent.result()
        except (KeyNotFoundError, VatTerminatedError, UnsettledError):
            return
        self._acknowledged.append((message, self.trace.committed, None))

    def _outlive(self, kernel: Kernel) -> None:
        """Hold a thing, have its vat drop it, collect, and call it: the reference alone has kept it."""
        self._hold(kernel)
        if not self._refs:
            return
        key = list(self._refs)[-1]
        vat, _, name = key.partition(":")
        if vat in kernel.vats:
            operations = (("drop", name),)
            self._post(kernel, vat, "perform", operations, operations=operations)
        self._collect(kernel)
        self._call_held(kernel, key)

    def _call_held(self, kernel: Kernel, key: str = "") -> None:
        if not self._refs:
            return
        key = key or self.dice.choice(list(self._refs))
        vat, _, name = key.partition(":")
        if vat not in kernel.vats or self.dice.random() < 0.2:
            del self._refs[key]
            return
        message = self.plan.new_message("bump", subject=name)
        note("sent_by_reference", vat, message)
        try:
            result = kernel.send(self._refs[key], "bump", message).result()
        except (VatTerminatedError, UnsettledError):
            return
        self._acknowledged.append((message, self.trace.committed, (True, result)))

    def _run(self, kernel: Kernel) -> None:
        kernel.run()
        expect(self.trace.committed, len(self.trace.units), "units in commits after run()")

    def _clock(self, _kernel: Kernel) -> None:
        self.plan.now += self.dice.choice((1.0, 10.0, 1000.0, -30.0, -100_000.0))

    def _step(self, kernel: Kernel) -> None:
        kernel.step()

    def _upgrade(self, kernel: Kernel) -> None:
        vat = kernel.get_vat(self._draw_vat(kernel))
        if vat.name == self._broken:
            self._broken = None
        vat.upgrade(f"{_CODE}:build_{self.dice.choice((self._version(vat.name), 3))}")

    def _version(self, name: str) -> int:
        """The version of a vat's code, as far as the trace knows."""
        started = [
            event.details[1] for unit in self.trace.units for event in unit if event[:2] == ("started", name)
        ]
        version = int(started[-1]) if started else self.model.vats[name].version
        return min(version + self.dice.randrange(2), 3)

    def _upgrade_refused(self, kernel: Kernel) -> None:
        name = self._draw_vat(kernel)
        before = kernel.get_vat(name).incarnation
        code = self.dice.choice(("build_raising", "build_forgetful"))
        try:
            kernel.get_vat(name).upgrade(f"{_CODE}:{code}")
        except UpgradeError:
            pass
        else:
            raise AssertionError(f"{name} was upgraded to {code}")
        expect(kernel.get_vat(name).incarnation, before, f"incarnation of {name} after a refused upgrade")

    def _collect(self, kernel: Kernel) -> None:
        kernel.run()
        gc.collect()  # an object in memory keeps what it stands for
        how = self.dice.choice(("counts", "cycles"))
        if how == "counts":
            kernel.collect()
        else:
            for name in kernel.vats:
                note("searched", name, self._refs_into(name))
            kernel.collect_cycles()
        if self._broken is not None:
            how = "some vats"
        for name, vat in kernel.vats.items():
            if name != self._broken:
                stored = self._stored_things(kernel, vat._number)
                note("collected", name, stored, self._refs_into(name), how)
        # What was noted enters the trace with the next unit.
        self._post(kernel, self._draw_vat(kernel), "perform", ())

    def _refs_into(self, name: str) -> frozenset[str]:
        return frozenset(key.partition(":")[2] for key in self._refs if key.startswith(f"{name}:"))

    def _stored_things(self, kernel: Kernel, number: int) -> int:
        """How many instances of the kinds of things a vat keeps."""
        store, space = kernel._board.store, Space.durable(number)
        numbers = set()
        for key, data in store.scan(space.kind, space.kind + b"\xff"):
            if any(tag.encode() in data for tag in _KINDS_OF_THINGS):
                numbers.add(decode_number(key, len(space.kind))[0])
        return sum(
            decode_number(key, len(space.record))[0] in numbers
            for key, _ in store.scan(space.record, space.record + b"\xff")
        )

    def _end_vat(self, kernel: Kernel) -> None:
        if len(self.plan.vats) < 2:
            return
        name = self._draw_vat(kernel)
        if self.dice.random() < 0.5:
            operations = (*self.plan.operations(name), ("exit",))
            self._post(kernel, name, "perform", operations, operations=operations)
            kernel.run()
        else:
            self._terminate(kernel, name)
        self.plan.end_vat(name)

    def _terminate(self, kernel: Kernel, name: str) -> None:
        """Terminate a vat, and note it in the unit that does it: what the program has sent before is one of its own."""
        lives = kernel._lives

        def terminate(number: int, reason: str) -> None:
            note("terminated", name)
            VatLives.terminate(lives, number, reason)

        with patch.object(lives, "terminate", terminate):
            kernel.get_vat(name).terminate("as planned")
