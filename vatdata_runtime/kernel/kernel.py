"""Many vats in one store: create them, send them messages, and run what they say to each other."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from time import time
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self

from ..errors import KeyNotFoundError, StoreError, VatStartError
from ..store import Counters, Durability, open_store
from ..vat.source import Source
from .collecting import collect_all
from .cycles import collect_cycles
from .device_names import TIMER
from .devices import Devices
from .host import HostReferences
from .host_calls import HostCalls, SentCall
from .kernel_vat import KernelVat
from .names import split_global
from .options import DEFAULT_CACHE_BYTES, DEFAULT_VALUE_LIMIT, check_ambient, check_number, check_timeout
from .pump import Pump
from .references import Ref
from .runner import Runner, RunSummary
from .stats import KernelStats
from .switchboard import Switchboard
from .timer import Timer
from .turn_guard import TurnGuard
from .vat_lives import VatLives
from .watchdog import Watchdog

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer

__all__ = ["Kernel", "RunSummary"]


class Kernel:
    """A store with many vats; get one from ``Kernel.open``, and close it, or use it in a ``with`` statement.

    It belongs to the thread that opened it.
    """

    def __init__(
        self,
        switchboard: Switchboard,
        lives: VatLives,
        host: HostReferences,
        devices: Devices,
        timer: Timer,
        watchdog: Watchdog | None,
        *,
        is_readonly: bool,
    ) -> None:
        self._watchdog = watchdog
        self._board = switchboard
        self._lives = lives
        self._host = host
        self._devices = devices
        self._timer = timer
        self._guard = TurnGuard(
            switchboard.store.path,
            is_readonly=is_readonly,
            failure_of=lambda: switchboard.failure,
            on_running=switchboard.seal,
            on_interrupt=switchboard.note_interrupt,
        )
        self._runner = Runner(switchboard, lives, self._guard, devices, timer)
        self._pump = Pump(self._run_batch, lambda: timer.delay)
        self._calls = HostCalls(switchboard, host, self._guard, self._runner, self._pump)
        devices.on_finished = self._pump.wake
        switchboard.on_commit = self._calls.tell

    @classmethod
    def open(
        cls,
        path: str | os.PathLike[str],
        *,
        readonly: bool = False,
        map_size: int | None = None,
        durability: Durability = "group",
        cache_bytes: int = DEFAULT_CACHE_BYTES,
        value_limit: int = DEFAULT_VALUE_LIMIT,
        crank_timeout: float | None = None,
        ambient: Literal["deny", "allow"] = "deny",
        sources: Mapping[str, Source] | None = None,
        on_failed_start: Literal["quarantine", "raise"] = "quarantine",
        collect_every: int | None = None,
        devices: Mapping[str, object] | None = None,
        clock: Callable[[], float] = time,
        tracer: Tracer | None = None,
        on_step: Callable[[str], None] | None = None,
    ) -> Kernel:
        """Open or create a store, and start the next incarnation of every vat in it.

        Args:
            path: the store's file; made if it does not exist.
            readonly: start no vat and write nothing; ``vats`` tells names and incarnations.
            map_size: initial size of the memory map in bytes; it grows by itself.
            durability: ``"crank"`` waits for the disk after each crank, ``"group"`` after a batch of them,
                ``"relaxed"`` never and survives the end of the process, but not a loss of power. Results are given out
                after the commit that holds them in any case.
            cache_bytes: memory for decoded records, for each vat.
            value_limit: largest encoded value in bytes.
            crank_timeout: seconds of wall clock that a crank may take. One that takes longer is undone, its message
                is rejected with ``CrankTimeoutError``, and its vat begins its next incarnation.
            ambient: ``"deny"`` refuses files, sockets, processes and threads inside cranks.
            sources: code by name of the vat, in place of what it was created with; needed for build functions that
                cannot be imported by name.
            on_failed_start: ``"quarantine"`` lets the other vats run, see ``failed_vats``; ``"raise"`` gives up.
            collect_every: have every vat delete a bounded piece of what nothing keeps after so many cranks; None leaves
                it to ``collect``. Objects that only mention each other in memory are met once Python's own collector
                has found them.
            devices: objects of this program that vats can call, by name; see ``register_device``.
            clock: what the timer goes by; returns seconds since the epoch.
            tracer: an OpenTelemetry tracer that gets a span for each crank, linked to the span in which the message was
                sent; needs ``vatdata[otel]``.
            on_step: called before each step of the storage with its name, for tests that stop there.

        Raises:
            StoreLockedError, StoreFormatError, StoreCorruptError, StoreError: the file cannot be used.
            Exception: with ``on_failed_start="raise"``, why a vat could not start.
        """
        allows_ambient = check_ambient(ambient)
        if on_failed_start not in {"quarantine", "raise"}:
            raise ValueError(f"on_failed_start is 'quarantine' or 'raise', not {on_failed_start!r}")
        check_timeout(crank_timeout)
        check_number("cache_bytes", cache_bytes, 0)
        check_number("value_limit", value_limit, 1)
        if collect_every is not None:
            check_number("collect_every", collect_every, 1)
        if readonly:
            store = open_store(path, readonly=True)
        else:
            store = open_store(path, map_size=map_size, durability=durability, on_step=on_step)
        watchdog = None if crank_timeout is None or readonly else Watchdog(crank_timeout)
        try:
            board = Switchboard(store)
            host = HostReferences(
                store.path,
                lambda number: lives.name_of(number),  # noqa: PLW0108  # made below
                board.describe,
                board.holds,
            )
            timer = Timer(board, clock)
            calls = Devices(board, host, board.device_names)
            for name, device in (devices or {}).items():
                calls.register(name, device)
            board.on_host_call = lambda call, slot: (
                timer.answer(call) if call.target == TIMER else calls.take_up(call, slot)
            )
            lives = VatLives(
                board,
                host,
                sources or {},
                cache_bytes=cache_bytes,
                value_limit_bytes=value_limit,
                allows_ambient=allows_ambient,
                watchdog=watchdog,
            )
            board.collect_every = collect_every
            if tracer is not None:
                from .spans import Spans  # the only import of OpenTelemetry, which is optional

                board.spans = Spans(tracer)
            lives.load()
            if not readonly:
                board.load()
                lives.start_all(raises=on_failed_start == "raise")
                board.commit()
            return cls(board, lives, host, calls, timer, watchdog, is_readonly=readonly)
        except BaseException:
            if watchdog is not None:
                watchdog.close()
            store.close()
            raise

    # --- vats

    def create_vat(self, name: str, source: Source, parameters: Any = None) -> KernelVat:
        """Create a vat and run its first crank.

        Args:
            name: 1 to 200 bytes of text; no other vat has it.
            source: path of a ``.py`` file, ``"package.module"``, ``"package.module:function"``, or the build function.
            parameters: given to the build function, at each restart too; data and references.

        Raises:
            KeyExistsError: there is a vat of this name; ``provide_vat`` returns it.
            Exception: why it could not start: nothing of it is kept.
        """
        self._guard.require_idle(writes=True)
        with self._guard.running(is_change=True):
            number = self._lives.create(name, source, self._host.encode(parameters)[0])
            self._board.commit()
        return self._vat(number)

    def provide_vat(self, name: str, source: Source, parameters: Any = None) -> KernelVat:
        """Return the vat of this name, created if there is none; *source* and *parameters* count only then.

        A vat that waits for a build function that could not be imported is started with *source*.
        """
        self._guard.require_idle(writes=True)
        number = self._lives.numbers.get(name)
        if number is None:
            return self.create_vat(name, source, parameters)
        if number in self._board.failed and self._lives.setups[number].source is None:
            with self._guard.running(is_change=True):
                self._lives.begin(number, source)
                self._board.commit()
        return self._vat(number)

    def get_vat(self, name: str) -> KernelVat:
        """Return a vat.

        Raises:
            KeyNotFoundError: there is none of this name.
        """
        number = self._lives.numbers.get(name)
        if number is None:
            raise KeyNotFoundError(name, "vats")
        return self._vat(number)

    @property
    def vats(self) -> Mapping[str, KernelVat]:
        """The vats by name, those that could not start included."""
        return {name: self._vat(number) for name, number in sorted(self._lives.numbers.items())}

    def _vat(self, number: int) -> KernelVat:
        return KernelVat(self._board, self._lives, self._host, self._guard, number)

    @property
    def failed_vats(self) -> Mapping[str, BaseException]:
        """Why vats could not start, by name. Their messages wait until ``upgrade`` has repaired them."""
        return {self._lives.setups[number].name: error for number, error in self._board.failed.items()}

    @property
    def path(self) -> str:
        """The store's file."""
        return self._guard.path

    @property
    def counters(self) -> Counters:
        """What the store has done since it was opened: reads, writes, commits, bytes."""
        return self._board.store.counters

    def stats(self) -> KernelStats:
        """Return figures: cranks, reads, writes, commits and their time, what waits in the queue and for what.

        Reads memory only; may be called from any thread, for example by ``vatdata_runtime.metrics``.
        """
        board, counters = self._board, self._board.store.counters
        return KernelStats(
            vats=len(board.vats),
            failed_vats=len(board.failed),
            cranks=board.cranks,
            waiting=len(board.queue.ready),
            held_back=board.held_back,
            promises=len(board.promises),
            device_calls=self._devices.outstanding,
            device_calls_waiting=self._devices.waiting,
            timers=len(self._timer),
            reads=counters.reads,
            scanned=counters.scanned,
            writes=counters.writes,
            deletes=counters.deletes,
            bytes_written=counters.bytes_written,
            commits=counters.commits,
            commit_seconds=counters.commit_seconds,
            last_batch=counters.batch_entries,
        )

    # --- calls

    def call(self, target: Ref, method: str, /, *args: Any, **kwargs: Any) -> Any:
        """Send a message and run cranks until its result is settled and committed.

        Args:
            target: the object that is called, such as ``vat.root``.
            method: name of a public method.
            args, kwargs: data and references.

        Returns:
            Data; objects are returned as ``Ref``.

        Raises:
            Exception: what the method raised. Its effects are kept all the same.
            UnsettledError: nothing left to run settles the result.
            VatStartError: the vat could not be started and waits for an upgrade.
            VatTerminatedError, AbandonedReferenceError: the object is no more.
        """
        return self._send_if_started(target, method, args, kwargs).result()

    async def acall(self, target: Ref, method: str, /, *args: Any, **kwargs: Any) -> Any:
        """Send a message from an asyncio program and wait for its result while the program's other tasks go on.

        All that is sent in the meantime shares commits. The loop is blocked for one batch at a time. A result that
        nothing settles is waited for, since another task may yet send what settles it.

        Raises: as ``call``, but for ``UnsettledError``.
        """
        return await self._send_if_started(target, method, args, kwargs)

    def _send_if_started(
        self, target: Ref, method: str, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> SentCall:
        self._guard.require_idle(writes=True)
        self._check_call(target, method)
        if self._board.failed:
            number, _, _ = split_global(self._host.name_of(target))
            failure = self._board.failed.get(number)
            if failure is not None:
                vat = self._lives.setups[number].name
                raise VatStartError(vat, f"{failure}. upgrade() it with code that starts") from failure
        return self._calls.send(target, method, args, kwargs)

    def send(self, target: Ref, method: str, /, *args: Any, **kwargs: Any) -> SentCall:
        """Put a message in the queue, to be run by ``run``, ``step`` or another call.

        Returns:
            A future; ``future.result()`` runs cranks as far as needed, see ``SentCall``.

        Raises:
            NotPassableError: an argument cannot be sent.
        """
        self._guard.require_idle(writes=True)
        self._check_call(target, method)
        return self._calls.send(target, method, args, kwargs)

    def _check_call(self, target: object, method: object) -> None:
        if not isinstance(target, Ref):
            raise TypeError(f"a call goes to a reference, such as vat.root, not to {target!r}")
        if not isinstance(method, str) or not method:
            raise TypeError(f"a method is called by its name, not by {method!r}")

    # --- running

    def run(self) -> RunSummary:
        """Run cranks until the queue is empty and no device is at work, and commit.

        Wakes what is due at the timer; ``next_timer`` says when there will be more. Called while an asyncio loop runs,
        it does not wait for async methods of devices: they go on in that loop afterwards.
        """
        self._guard.require_idle(writes=True)
        return self._runner.run()

    def step(self) -> RunSummary:
        """Take up the oldest delivery, and commit."""
        self._guard.require_idle(writes=True)
        return self._runner.step()

    async def serve(self) -> None:
        """Run whatever comes in an asyncio program, messages, device results, the timer.

        Ends when it is cancelled or the kernel is closed.
        """
        self._guard.require_idle(writes=True)
        await self._pump.serve()

    def _run_batch(self) -> bool:
        self._guard.require_idle(writes=True)
        return self._runner.run_batch()

    # --- devices and time

    def register_device(self, name: str, device: object) -> None:
        """Let vats call an object of this program as ``E(vat_powers.devices[name]).method(...)``.

        A method is called after the crank that called it is committed, with data and ``Ref``, and its result or
        exception goes back to the vat. Sync methods are called where ``run``, ``call`` or ``acall`` is at work; async
        ones are awaited, in the program's own loop where one runs. A call that the end of the process interrupts is
        made again when the store is next open and the name is registered: at least once. A method with a parameter
        ``call_id`` is given a text that is the same then and belongs to no other call, of the store or of one that was
        restored from its backup. Methods may ``send``, but not ``call`` or ``run``.

        Args:
            name: 1 to 200 bytes of text; an object that had it before gets no more calls.
            device: any object; its public methods can be called.
        """
        self._guard.require_idle(writes=True)
        self._devices.register(name, device)
        self._board.commit()

    @property
    def next_timer(self) -> float | None:
        """When the timer is to wake an object next, in seconds since the epoch; None if it has none to wake."""
        return self._timer.next_time

    # --- collection

    def collect(self) -> int:
        """Delete every stored object that nothing keeps, in all vats; see ``KernelVat.collect``.

        What one vat lets go of is looked at in the vat that has it, until nothing more is found.
        """
        self._guard.require_idle(writes=True)
        with self._guard.running(is_change=True):
            deleted = collect_all(self._board)
            self._board.commit()
        return deleted

    def collect_cycles(self) -> int:
        """Collect, and delete also the stored objects that only mention each other, in one vat or across several.

        Found by tracing from baggage, watches, objects in memory, ``Ref``, and what is on its way. While a vat does not
        run, everything that other vats know counts as reachable. Reads all reachable data before the first deletion.

        Returns:
            How many records were deleted.
        """
        self._guard.require_idle(writes=True)
        with self._guard.running(is_change=True):
            deleted = collect_cycles(self._board, list(self._board.vats))
            self._board.commit()
        return deleted

    # --- end

    def close(self) -> None:
        """Run until the queue is empty, commit, and close the store. May be called twice.

        A ``with`` block that is left by an exception runs nothing more: what is in the queue waits for the next time.
        """
        self._close(runs=True)

    def _close(self, *, runs: bool) -> None:
        if self._guard.is_closed:
            return
        self._runner.require_no_device()
        try:
            if not self._guard.is_readonly and self._board.failure is None:
                if runs:
                    self.run()
                while self._lives.delete_some():
                    self._board.commit()
                self._board.count()
                self._board.commit()
        finally:
            self._guard.is_closed = True
            self._devices.close()
            self._pump.end(StoreError(self.path, "is closed: open the kernel again"))
            for vat in self._board.vats.values():
                vat.end()
            if self._watchdog is not None:
                self._watchdog.close()
            self._board.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close(runs=kind is None)

    def __repr__(self) -> str:
        state = "closed" if self._guard.is_closed else f"{len(self._lives.numbers)} vats"
        return f"<Kernel {self._board.store.path!r}, {state}>"
