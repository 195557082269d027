"""One vat in the host program: open it, run cranks in it, and each crank is one commit."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, nullcontext
from threading import get_ident
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar

from ..errors import CrankTimeoutError, NoVatError, UnsettledError
from ..passable import freeze, is_promise, method_of
from ..store import Counters, Durability, Progress, Store, open_store
from ..vat.collection import Collector
from ..vat.eager_migration import EagerMigration
from ..vat.incarnation import Incarnation
from ..vat.source import Source
from ..vat.start import start_incarnation
from .options import DEFAULT_CACHE_BYTES, DEFAULT_VALUE_LIMIT, check_ambient, check_number, check_timeout
from .references import Ref, References
from .vat_table import VatTable
from .watchdog import Watchdog

if TYPE_CHECKING:
    import asyncio

__all__ = ["Vat", "open_vat"]

T = TypeVar("T")

_ATOMS = frozenset({type(None), bool, int, bytes})  # results that are the same on either side


def open_vat(
    path: str | os.PathLike[str],
    source: Source,
    *,
    parameters: Any = None,
    name: str = "main",
    map_size: int | None = None,
    durability: Durability = "group",
    cache_bytes: int = DEFAULT_CACHE_BYTES,
    value_limit: int = DEFAULT_VALUE_LIMIT,
    collect_every: int | None = None,
    crank_timeout: float | None = None,
    ambient: Literal["deny", "allow"] = "deny",
    on_step: Callable[[str], None] | None = None,
) -> Vat:
    """Open a store and start the next incarnation of one vat in it, from *source*.

    Opening an existing store with other code is an upgrade: every kind that the store knows must be defined again. If
    the first crank fails, the store is exactly as it was.

    Args:
        path: the store's file; made if it does not exist.
        source: path of a ``.py`` file, ``"package.module"``, ``"package.module:function"``, or the build function.
        parameters: passed to the build function; plain data.
        name: the vat's name in the store.
        map_size: initial size of the memory map in bytes; it grows by itself.
        durability: ``"group"`` and ``"crank"`` wait for the disk at the end of each crank, ``"relaxed"`` does not and
            survives the end of the process, but not a loss of power.
        cache_bytes: memory for decoded records.
        value_limit: largest encoded value in bytes.
        collect_every: delete a bounded piece of what nothing keeps after so many cranks; None leaves it to ``collect``.
            Objects that only mention each other in memory are met once Python's own collector has found them.
        crank_timeout: seconds of wall clock that a crank may take, the block of ``crank()`` included. One that takes
            longer is undone and raises ``CrankTimeoutError``, and the vat begins its next incarnation.
        ambient: ``"deny"`` refuses files, sockets, processes and threads inside cranks.
        on_step: called before each step of the storage with its name, for tests that stop there.

    Returns:
        The running vat; close it, or use it in a ``with`` statement.

    Raises:
        KindsNotPreparedError, IncompatibleKindError: the code does not fit the store.
        VatStartError: the source has no build function, or that gives no root.
        StoreLockedError, StoreFormatError, StoreCorruptError, StoreError: the file cannot be used.
        TypeError, ValueError: an option makes no sense, or the parameters are not data.
        Exception: what the build function raised, with a note that names the vat.
    """
    allows_ambient = check_ambient(ambient)
    check_number("cache_bytes", cache_bytes, 0)
    check_number("value_limit", value_limit, 1)
    if collect_every is not None:
        check_number("collect_every", collect_every, 1)
    check_timeout(crank_timeout)
    parameters = freeze(parameters)
    store = open_store(path, map_size=map_size, durability=durability, on_step=on_step)
    watchdog = None if crank_timeout is None else Watchdog(crank_timeout)

    def begin() -> tuple[Incarnation, Any]:
        number, claim = VatTable(store).claim(name)
        with nullcontext() if watchdog is None else watchdog.limit(name):
            incarnation, root, delta = start_incarnation(
                store,
                vat_number=number,
                name=name,
                path=store.path,
                source=source,
                parameters=parameters,
                cache_bytes=cache_bytes,
                value_limit_bytes=value_limit,
                allows_ambient=allows_ambient,
            )
        store.apply({**claim, **delta})
        store.commit()
        incarnation.keep_crank()
        return incarnation, root

    try:
        return Vat(store, begin, watchdog, collect_every)
    except BaseException:
        if watchdog is not None:
            watchdog.close()
        store.close()
        raise


class Vat:
    """A running vat and the store that it lives in.

    Attributes:
        name: its name in the store.
        incarnation: number of this life of its code, from 0.
    """

    def __init__(
        self,
        store: Store,
        begin: Callable[[], tuple[Incarnation, Any]],
        watchdog: Watchdog | None,
        collect_every: int | None,
    ) -> None:
        self._store = store
        self._begin_incarnation = begin
        self._watchdog = watchdog
        self._begin()
        self._collect_every = collect_every
        self._cranks_since_collection = 0
        self._is_collecting = False
        self._thread = get_ident()
        self._is_closed = False

    def _begin(self) -> None:
        """Start the next incarnation and let it be the one that runs."""
        incarnation, root = self._begin_incarnation()
        self._incarnation = incarnation
        self._root = root
        try:
            with incarnation.opened:
                references = References(incarnation, self._store.path, root)
                self._root_ref: Ref = references.outward(root)
        except BaseException:
            incarnation.abort_crank()  # which also ends what Ctrl-C may have left of the block
            raise
        self._references = references
        self._collector = Collector(incarnation, self._references.is_held)
        self.name = incarnation.name
        self.incarnation = incarnation.number

    @property
    def root(self) -> Ref:
        """The root object, as a reference for calls and arguments."""
        return self._root_ref

    @property
    def counters(self) -> Counters:
        """What the store has done since it was opened: reads, writes, commits, bytes."""
        return self._store.counters

    # --- cranks

    @contextmanager
    def crank(self) -> Generator[Any]:
        """Run one crank: inside the block the vat's objects are used directly, beginning with the root.

        Leaving the block normally runs what is still ready, commits and waits for the disk. Leaving it by an exception
        aborts the crank: durable and virtual data are as before, heap data is not undone.

        Yields:
            The root object.

        Raises:
            NoVatError: the vat is closed.
            CrankTimeoutError: it took longer than ``crank_timeout``. It is undone, and the next incarnation runs.
            RuntimeError: another crank of this vat is running, or this is not the thread that opened it.
        """
        incarnation = self._incarnation
        self._require_idle()
        taken = self._store.taken
        try:
            with incarnation.opened:
                with nullcontext() if self._watchdog is None else self._watchdog.limit(self.name):
                    yield self._root
                    incarnation.loop.run_until_idle()
                if self._collector.has_work or self._collect_every is not None:
                    self._background_work()
                delta = incarnation.end_crank()
            self._commit(delta)
            incarnation.keep_crank()
        except BaseException as error:
            self._undo(incarnation, error, taken)
            raise

    def _run_crank(self, turn: Callable[..., T], *arguments: Any) -> T:
        """Run one crank that begins with a call of *turn*, and return what that returns; otherwise as ``crank``."""
        incarnation = self._incarnation
        if self._is_closed or incarnation.is_open or get_ident() != self._thread:
            self._require_idle()
        taken = self._store.taken
        try:
            with incarnation.opened:
                if self._watchdog is None:
                    outcome = turn(*arguments)
                    incarnation.loop.run_until_idle()
                else:
                    with self._watchdog.limit(self.name):
                        outcome = turn(*arguments)
                        incarnation.loop.run_until_idle()
                if self._collector.has_work or self._collect_every is not None:
                    self._background_work()
                delta = incarnation.end_crank()
            self._commit(delta)
            incarnation.keep_crank()
        except BaseException as error:
            self._undo(incarnation, error, taken)
            raise
        return outcome

    def _undo(self, incarnation: Incarnation, error: BaseException, taken: int) -> None:
        """Abort a crank that has ended with an exception, or keep it if the store has it already.

        Args:
            taken: what the store had taken before the crank.
        """
        if isinstance(error, CrankTimeoutError):
            incarnation.abort_crank()
            incarnation.loop.close()
            self._restart()
        elif (
            self._store.taken > taken
        ):  # Ctrl-C came later: the crank is stored, or will be with the next commit
            incarnation.keep_crank()
        else:
            incarnation.abort_crank()

    def _restart(self) -> None:
        """Begin the next incarnation after a crank that has left memory torn. If it cannot start, the vat is closed."""
        older = self._references
        try:
            self._begin()
        except BaseException:
            self.close()
            raise
        self._references.adopt(older)

    def call(self, target: str | Ref, /, *args: Any, **kwargs: Any) -> Any:
        """Call a method in one crank and return the settled result, as in ``call("deposit", 5)``.

        A method of another object than the root is called by its reference: ``call(purse, "deposit", 5)``.

        Args:
            target: the name of a method of the root; or a reference, and the method's name as first argument.
            args, kwargs: data and references.

        Returns:
            Data; objects of the vat are returned as ``Ref``.

        Raises:
            Exception: what the method raised. The crank is kept all the same: an exception is a result.
            UnsettledError: the result is a promise that nothing left to run settles; the crank is kept.
        """
        if isinstance(target, str):
            receiver, method = self._root_ref, target
        elif type(target) is Ref and args and isinstance(args[0], str):
            receiver, method, args = target, args[0], args[1:]
        else:
            raise TypeError("call takes a reference and the name of a method: vat.call(ref, 'deposit', 5)")
        outcome, failure = self._run_crank(self._perform, receiver, method, args, kwargs)
        if failure is not None:
            raise failure
        return outcome

    def _perform(
        self, target: Ref, method: str, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[Any, Exception | None]:
        """Call a method in the crank that is running; returns the settled result, or why there is none."""
        references = self._references
        try:
            receiver = self._root if target is self._root_ref else references.object_of(target)
            if method.startswith("_"):
                raise AttributeError(
                    f"{receiver!r} has no method {method!r}: private names are not for callers"
                )
            function = method_of(receiver, method)
            if args or kwargs:
                result = function(
                    *(references.inward(arg) for arg in args),
                    **{key: references.inward(arg) for key, arg in kwargs.items()},
                )
            else:
                result = function()
            if type(result) in _ATOMS:
                return result, None
            if inspect.iscoroutine(result):
                result = self._incarnation.spawn(result)
            if is_promise(result):
                result = self._settled(result, method)
            return references.outward(result), None
        except Exception as error:
            return None, error

    def _settled(self, promise: asyncio.Future[Any], method: str) -> Any:
        self._incarnation.loop.run_until_idle()
        if not promise.done():
            raise UnsettledError(f"{self.name}.{method}()")
        return promise.result()

    def _require_idle(self) -> None:
        if self._is_closed:
            raise NoVatError(f"closed vat {self.name!r}")
        if get_ident() != self._thread:
            raise RuntimeError(f"vat {self.name!r} belongs to the thread that opened it; call it from there")
        if self._incarnation.is_open:
            raise RuntimeError(
                f"a crank of vat {self.name!r} is running already. Inside it use the objects directly, not vat.call()"
            )

    def _commit(self, delta: Mapping[bytes, bytes | None]) -> None:
        if delta:
            self._store.apply(delta)
            self._store.commit()

    def _background_work(self) -> None:
        """Do a bounded piece of what earlier incarnations have left, inside a crank that runs anyway."""
        if self._is_collecting:
            return  # this crank is a piece of a collection already
        if self._collector.has_work:
            self._incarnation.settle_records()
            self._collector.run_piece()
        if self._collect_every is not None:
            self._cranks_since_collection += 1
            if self._cranks_since_collection >= self._collect_every:
                self._cranks_since_collection = 0
                self._suspect(is_thorough=False)
                self._incarnation.settle_records()
                self._collector.run_piece()

    # --- collection

    def _suspect(self, *, is_thorough: bool = True) -> None:
        self._collector.suspect_memory(is_thorough=is_thorough)
        self._incarnation.counts.suspects.update(self._references.take_released())

    def collect(self) -> int:
        """Delete every stored object that nothing keeps: no object in memory, no stored mention, no ``Ref``.

        Runs as many cranks as it needs, each of bounded size and committed by itself.

        Returns:
            How many records were deleted.
        """
        self._require_idle()
        collector = self._collector
        begin = collector.deleted
        while True:
            before = collector.deleted
            self._suspect()
            self._run_collection()
            if collector.deleted == before:
                return before - begin

    def collect_cycles(self) -> int:
        """Collect, and delete also the stored objects that only mention each other, however they are counted.

        Finds them by tracing from baggage, watches, the objects in memory and ``Ref``; a heap object that stored data
        mentions is in memory. Reads all reachable data in one crank, then deletes in cranks of bounded size.

        Returns:
            How many records were deleted.
        """
        begin = self._collector.deleted
        self.collect()
        with self._collecting_crank():
            tracing = self._collector.trace()
            tracing.follow()
        sweep = self._collector.sweep(tracing)
        is_over = False
        while not is_over:
            with self._collecting_crank():
                is_over = next(sweep, self) is self
        self.collect()
        return self._collector.deleted - begin

    def _run_collection(self) -> None:
        """Run cranks until every suspect has been decided about."""
        is_first = True
        while is_first or self._collector.has_work:
            is_first = False
            with self._collecting_crank():
                self._collector.run_piece()

    @contextmanager
    def _collecting_crank(self) -> Generator[None]:
        """A crank for one piece of a collection, with its changed records encoded."""
        self._is_collecting = True
        try:
            with self.crank():
                self._incarnation.settle_records()
                yield
        finally:
            self._is_collecting = False

    # --- evolution

    def migrate(self, kind: str | None = None, *, progress: Progress | None = None) -> int:
        """Bring all stored records of older versions and layouts up to date, as their first access would.

        Runs as many cranks as it needs, each of bounded size and committed by itself. Interrupted, it can be begun
        again: what was migrated stays migrated.

        Args:
            kind: only instances of this kind, by its tag.
            progress: called after each crank with records looked at and about how many there are.

        Returns:
            How many records were written again.

        Raises:
            EvolutionError: there is no durable kind of this tag.
            Exception: what the migration of a record or the check of its shape raised, with a note that names the
                instance; cranks before stay.
        """
        self._require_idle()
        migration = EagerMigration(self._incarnation, kind)
        while not migration.is_done:
            self._run_crank(migration.run_piece)
            if progress is not None:
                progress(migration.seen, max(migration.total, migration.seen))
        return migration.migrated

    # --- end

    def close(self) -> None:
        """Close the store. What was committed stays; heap and virtual objects are gone. May be called twice.

        Raises:
            RuntimeError: a crank is running.
        """
        if self._incarnation.is_open:
            raise RuntimeError(f"a crank of vat {self.name!r} is running. Close the vat when it has ended")
        if not self._is_closed:
            self._is_closed = True
            if self._watchdog is not None:
                self._watchdog.close()
            self._incarnation.loop.close()
            self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        state = "closed" if self._is_closed else f"incarnation {self.incarnation}"
        return f"<Vat {self.name!r}, {state}>"
