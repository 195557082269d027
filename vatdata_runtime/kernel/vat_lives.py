"""How vats come and go: their incarnations under one kernel, from the first to the end."""

from __future__ import annotations

import gc
import logging
from collections.abc import Generator, Mapping
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

from ..errors import DisconnectedError, KeyExistsError, UpgradeError, VatStartError, VatTerminatedError
from ..vat.identifiers import Space
from ..vat.source import Source
from ..vat.vat_record import VatRecord
from .border import VatBorder
from .host import HostReferences
from .names import HOST
from .powers import KernelPowers
from .running_vat import CrankResult, RunningVat
from .switchboard import Switchboard
from .vat_records import VatRecords, VatSetup, storable_source
from .vat_table import VatTable
from .watchdog import Watchdog

if TYPE_CHECKING:
    from ..vat.incarnation import Incarnation

__all__ = ["VatLives"]

_logger = logging.getLogger("vatdata.kernel")

_NEVER = 1 << 30  # collections of young objects before one of all
_PIECE = 1000  # keys of terminated vats that are deleted at a time


class VatLives:
    """The vats of a store, by number and by name.

    Args:
        switchboard: carries what vats say.
        host: says which objects the host program holds.
        sources: code to use in place of what is stored, by name of the vat.
        cache_bytes, value_limit_bytes, allows_ambient: as in ``start_incarnation``.
        watchdog: limits the time of each crank.

    Attributes:
        setups: what each vat is started with, by number; terminated ones too.
        numbers: the numbers of the vats that are not terminated, by name.
    """

    def __init__(
        self,
        switchboard: Switchboard,
        host: HostReferences,
        sources: Mapping[str, Source],
        *,
        cache_bytes: int,
        value_limit_bytes: int,
        allows_ambient: bool,
        watchdog: Watchdog | None,
    ) -> None:
        self._board = switchboard
        self._host = host
        self._given = dict(sources)
        self._cache_bytes = cache_bytes
        self._value_limit_bytes = value_limit_bytes
        self._allows_ambient = allows_ambient
        self._watchdog = watchdog
        self._records = VatRecords(
            switchboard.buffer, switchboard.store.path, switchboard.holds, switchboard.promises
        )
        self._table = VatTable(switchboard.buffer, switchboard.store.path)
        self._sources: dict[int, Source] = {}
        self.setups: dict[int, VatSetup] = {}
        self.numbers: dict[str, int] = {}
        switchboard.on_broken = self.restart
        switchboard.on_exit = self.terminate

    def load(self) -> None:
        """Read which vats there are."""
        self.setups = dict(self._records.load())
        self.numbers = self._table.names()
        for name, number in self.numbers.items():
            # A vat that was opened by itself has no setup yet.
            self.setups.setdefault(number, VatSetup(name, None, self._host.encode(None)[0]))
        for number, setup in self.setups.items():
            self._hold_parameters(setup)
            if setup.terminated is not None:
                self._board.terminated[number] = VatTerminatedError(setup.name, setup.terminated)

    # --- beginning

    def create(self, name: str, source: Source, parameters: bytes) -> int:
        """Start a vat that did not exist. Returns its number; on any error nothing is kept.

        Raises:
            KeyExistsError: there is a vat of this name.
            TypeError: *name* is no text, or longer than 200 bytes.
            Exception: why it could not start, as ``start_incarnation`` raises it.
        """
        if name in self.numbers:
            raise KeyExistsError(name, "vats")
        number, claim = self._table.claim(name)
        setup = VatSetup(name, storable_source(source), parameters)
        vat, result = self._start(number, setup, source)
        for key, value in claim.items():
            if value is not None:
                self._board.buffer.put(key, value)
        self.numbers[name] = number
        self._take_over(vat, result, setup, source)
        return number

    def start_all(self, *, raises: bool) -> None:
        """Begin the next incarnation of every vat, and reject the promises that the ended ones were to settle.

        A vat that cannot start is set aside and its messages wait; with *raises* its error ends the attempt.
        """
        board = self._board
        for number in self.setups:
            board.reject_decided_by(number, DisconnectedError)
        for number in board.promises.settled_numbers():
            board.promises.forget_if_done(number)
        with _old_objects_left_alone():
            for number in sorted(self.numbers.values()):
                self.begin(number)
                if raises and number in board.failed:
                    raise board.failed[number]

    def begin(self, number: int, source: Source | None = None) -> None:
        """Begin the next incarnation of a vat that does not run. If it cannot start, its messages wait for an upgrade.

        Args:
            source: code to use in place of what is known.
        """
        setup = self.setups[number]
        source = source or self._given.get(setup.name) or self._sources.get(number) or setup.source
        try:
            if source is None:
                raise VatStartError(
                    setup.name,
                    "its build function has no name by which it could be imported. Give it again, with "
                    "Kernel.open(path, sources={name: function}) or provide_vat(name, function)",
                )
            vat, result = self._start(number, setup, source)
        except Exception as error:
            self._board.failed[number] = error
            _log("vat %r could not start and is set aside: %s", setup.name, error, event="quarantined")
            return
        self._take_over(vat, result, setup, source)

    def _start(self, number: int, setup: VatSetup, source: Source) -> tuple[RunningVat, CrankResult]:
        board = self._board

        def connect(memory: Incarnation) -> VatBorder:
            powers = KernelPowers(memory, board.device_names)
            return VatBorder(
                memory,
                board.numbers.take,
                board.describe,
                board.holds,
                powers,
                setup.parameters,
                board.given_up.get(number, ()),
            )

        with nullcontext() if board.spans is None else board.spans.start(setup.name):
            return RunningVat.start(
                board.store,
                number=number,
                name=setup.name,
                source=source,
                connect=connect,
                holds=board.holds,
                cache_bytes=self._cache_bytes,
                value_limit_bytes=self._value_limit_bytes,
                allows_ambient=self._allows_ambient,
                watchdog=self._watchdog,
            )

    def _take_over(self, vat: RunningVat, result: CrankResult, setup: VatSetup, source: Source) -> None:
        """Let a started incarnation be the one that gets the vat's messages."""
        number, board = vat.number, self._board
        self._hold_parameters(setup)
        if number in self.setups:
            self._release_parameters(self.setups[number])
        self.setups[number] = setup
        self._sources[number] = source
        self._records.put(number, setup)
        board.vats[number] = vat
        board.failed.pop(number, None)
        board.given_up.pop(number, None)
        board.holds.retire_ended(number, vat.incarnation)
        board.keep(vat, result)
        board.release_held(number)
        _log(
            "vat %r runs, incarnation %d",
            setup.name,
            vat.incarnation,
            event="started",
            level=logging.INFO,
            incarnation=vat.incarnation,
        )

    def _hold_parameters(self, setup: VatSetup) -> None:
        for name in self._host.names_in(setup.parameters):
            self._board.holds.hold(name)

    def _release_parameters(self, setup: VatSetup) -> None:
        for name in self._host.names_in(setup.parameters):
            self._board.holds.release(name)

    # --- going on with other code

    def restart(self, vat: RunningVat) -> None:
        """End an incarnation whose memory cannot be trusted any more, and begin the next with the same code."""
        _log(
            "vat %r had a crank that could not be kept; incarnation %d ends",
            vat.name,
            vat.incarnation,
            event="restarted",
            incarnation=vat.incarnation,
        )
        self._end(vat)
        self.begin(vat.number)

    def upgrade(self, number: int, source: Source | None, parameters: bytes) -> None:
        """Begin the next incarnation with other code, or leave everything as it is.

        Raises:
            UpgradeError: it could not start; the cause says why. The old incarnation, if there is one, goes on.
        """
        old = self.setups[number]
        known = self._given.get(old.name) or self._sources.get(number) or old.source
        code = source if source is not None else known
        if code is None:
            raise UpgradeError(old.name, "its code is not known: give a source")
        setup = VatSetup(old.name, storable_source(code), parameters)
        try:
            vat, result = self._start(number, setup, code)
        except Exception as error:
            _log("vat %r was not upgraded: %s", old.name, error, event="upgrade refused")
            raise UpgradeError(old.name, f"{type(error).__name__}: {error}") from error
        self._given.pop(old.name, None)  # it was code for the incarnation that ends
        before = self._board.vats.get(number)
        if before is not None:
            self._end(before)
        self._take_over(vat, result, setup, code)

    def _end(self, vat: RunningVat) -> None:
        del self._board.vats[vat.number]
        self._board.reject_decided_by(vat.number, DisconnectedError)
        vat.end()

    # --- ending for good

    def terminate(self, number: int, reason: str) -> None:
        """End a vat for ever: what it was to settle is rejected, and so are messages to it, waiting ones included.

        The caller has it stored.
        """
        board = self._board
        old = self.setups[number]
        error = board.terminated[number] = VatTerminatedError(old.name, reason)
        _log("vat %r is terminated: %s", old.name, reason, event="terminated", level=logging.INFO)
        self._release_parameters(old)
        self.setups[number] = VatSetup(old.name, None, self._host.encode(None)[0], reason)
        self._records.put(number, self.setups[number])
        self._records.mark_for_deletion(number)
        board.holds.retire_all(number)
        board.buffer.delete(self._table.release(old.name))
        del self.numbers[old.name]
        vat = board.vats.pop(number, None)
        board.failed.pop(number, None)
        board.reject_decided_by(number, lambda _: error)
        if vat is not None:
            vat.end()
        board.release_held(number)

    def delete_some(self) -> bool:
        """Delete a piece of what terminated vats have left. Returns whether there was any."""
        is_some = self._records.delete_some(_PIECE)
        if is_some:
            self._board.apply({})
        return is_some

    # --- questions

    def name_of(self, number: int) -> str:
        """Return the name of a vat, for people."""
        return "the host program" if number == HOST else self.setups[number].name

    def incarnation_of(self, number: int) -> int:
        """Return the number of the incarnation that runs, or of the last one that did; -1 if none ever has."""
        vat = self._board.vats.get(number)
        if vat is not None:
            return vat.incarnation
        data = self._board.buffer.get(Space.durable(number).meta)
        return -1 if data is None else VatRecord.decode(data, self._board.store.path).incarnation


@contextmanager
def _old_objects_left_alone() -> Generator[None]:
    """Keep Python's garbage collector to young objects: what vats set up stays, and would be looked at for each."""
    before = gc.get_threshold()
    gc.set_threshold(*before[:2], _NEVER)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _log(
    text: str, vat: str, *args: object, event: str, level: int = logging.WARNING, **fields: object
) -> None:
    """Log what has happened to a vat, with its name and the event as fields of the record."""
    _logger.log(level, text, vat, *args, extra={"vat": vat, "event": event, **fields})
