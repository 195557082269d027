"""A vat of a kernel, as the host program handles it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import NotPassableError, VatStartError
from ..store import Progress
from ..vat.source import Source
from .collecting import collect
from .cycles import collect_cycles
from .host import HostReferences
from .names import split_global
from .references import Ref
from .switchboard import Switchboard
from .turn_guard import TurnGuard
from .vat_lives import VatLives

__all__ = ["KernelVat"]


class KernelVat:
    """A vat of a kernel.

    Attributes:
        name: its name.
    """

    def __init__(
        self,
        board: Switchboard,
        lives: VatLives,
        host: HostReferences,
        guard: TurnGuard,
        number: int,
    ) -> None:
        self._board = board
        self._lives = lives
        self._host = host
        self._guard = guard
        self._number = number
        self.name = lives.setups[number].name

    @property
    def root(self) -> Ref:
        """The root object, as a target of calls and an argument; the same reference in every incarnation."""
        return self._host.root(self._number)

    @property
    def incarnation(self) -> int:
        """Number of the incarnation that runs, from 0; of the last one where none does."""
        return self._lives.incarnation_of(self._number)

    def run_crank(self, action: Callable[[Any, Any], None]) -> None:
        """Run one crank in which a function uses the vat's objects directly, and commit; for tools.

        Args:
            action: called with root and baggage. If it raises, the crank is undone and the vat, whose heap may have
                gone on, begins its next incarnation.

        Raises:
            Exception: what *action* raised.
            VatStartError: the vat does not run.
        """
        self._require_alive()
        vat = self._board.vats.get(self._number)
        if vat is None:
            raise VatStartError(self.name, "it could not be started: upgrade() it with code that starts")
        with self._guard.running():
            self._board.run_action(vat, action)
            self._board.commit()

    def upgrade(self, source: Source | None = None, parameters: Any = None) -> None:
        """Begin the next incarnation, with other code; every stored durable kind must be defined again.

        Promises that the old incarnation was to settle are rejected with ``DisconnectedError``. Messages in the queue
        go to the new one.

        Args:
            source: None means the code as before, loaded anew.
            parameters: given to the build function; those of the old incarnation are not. They may hold references, but
                not to objects of this vat: its kinds are not defined yet when the build function begins.

        Raises:
            NotPassableError: the parameters hold an object of this vat, or what is no data.
            UpgradeError: the new code could not start; its cause says why. The old incarnation goes on.
        """
        self._require_alive()
        encoded, names = self._host.encode(parameters)
        if any(split_global(name)[0] == self._number for name in names):
            raise NotPassableError(
                f"parameters of vat {self.name!r} cannot hold an object of that vat, whose kinds are not defined yet "
                f"when they are given. Keep it in baggage, where the build function finds it"
            )
        with self._guard.running(is_change=True):
            self._lives.upgrade(self._number, source, encoded)
            self._board.commit()

    def terminate(self, reason: object = None) -> None:
        """End the vat for ever and delete its data. Pending and later calls are rejected with ``VatTerminatedError``.

        Args:
            reason: a text, or an exception; told to those who call.
        """
        self._require_alive()
        with self._guard.running(is_change=True):
            self._lives.terminate(self._number, "" if reason is None else str(reason))
            self._lives.delete_some()
            self._board.commit()

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
            VatStartError: the vat does not run.
            Exception: what the migration of a record or the check of its shape raised, with a note that names the
                instance; cranks before stay, and the vat begins its next incarnation.
        """
        self._require_alive()
        failure = self._board.failed.get(self._number)
        if failure is not None:
            raise VatStartError(self.name, f"it does not run: {failure}") from failure
        with self._guard.running():
            return self._board.migrate(self._number, kind, progress)

    def collect(self) -> int:
        """Delete every stored object that nothing keeps: no object in memory, no mention, no ``Ref``, no other vat.

        Returns:
            How many records were deleted.
        """
        self._require_alive()
        with self._guard.running(is_change=True):
            deleted = collect(self._board, self._number)
            self._board.commit()
        return deleted

    def collect_cycles(self) -> int:
        """Collect, and delete also the stored objects of this vat that only mention each other.

        What other vats know counts as reachable; ``Kernel.collect_cycles`` finds cycles through several vats too.

        Returns:
            How many records were deleted.
        """
        self._require_alive()
        with self._guard.running(is_change=True):
            deleted = collect_cycles(self._board, [self._number])
            self._board.commit()
        return deleted

    def _require_alive(self) -> None:
        self._guard.require_idle(writes=True)
        error = self._board.terminated.get(self._number)
        if error is not None:
            raise error

    def __eq__(self, other: object) -> bool:
        return isinstance(other, KernelVat) and self._board is other._board and self._number == other._number

    def __hash__(self) -> int:
        return hash((id(self._board), self._number))

    def __repr__(self) -> str:
        return f"<KernelVat {self.name!r}, incarnation {self.incarnation}>"
