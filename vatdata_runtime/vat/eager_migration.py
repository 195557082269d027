"""Eager migration: brings records to the newest state that would else change when they are first loaded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..errors import EvolutionError
from .descriptors import StoredLayout
from .identifiers import DURABLE, Base, encode_number, format_vref
from .kinds import Kind

if TYPE_CHECKING:
    from .incarnation import Incarnation

__all__ = ["PIECE", "EagerMigration"]

PIECE = 1000
"""Records that one crank looks at, at most."""

_END = b"\xff"


class EagerMigration:
    """Loads every stored record of an older version or layout, so that it is checked, migrated and written again.

    Each piece belongs in a crank of its own. What a piece has written is not looked at again; when the work is
    interrupted, another one begins at the first record and skips what is up to date, without loading it.

    Args:
        incarnation: whose records.
        kind: only this kind, by its tag; None for all.

    Attributes:
        seen: records looked at.
        migrated: records written again.
        total: about how many records there are to look at: instances that were ever made.

    Raises:
        EvolutionError: there is no durable kind of this tag.
    """

    def __init__(self, incarnation: Incarnation, kind: str | None = None) -> None:
        self._incarnation = incarnation
        kinds = [found for found in incarnation.kinds.by_number.values() if found.zone == DURABLE]
        if kind is not None:
            kinds = [found for found in kinds if found.tag == kind]
            if not kinds:
                raise EvolutionError(
                    kind, "is no stored kind, so nothing of it can be migrated", incarnation.name
                )
        self._todo = [found for found in kinds if found.layouts.stale()]
        self._position: bytes | None = None
        self.seen = 0
        self.migrated = 0
        self.total = sum(found.next_instance - 1 for found in self._todo)

    @property
    def is_done(self) -> bool:
        """Whether every record is up to date."""
        return not self._todo

    def run_piece(self, limit: int = PIECE) -> None:
        """Look at *limit* records at most, in the crank that is running. If that is aborted, begin a new migration.

        Raises:
            Exception: what the migration of a record or the check of its shape raised, with a note that names it.
        """
        left = limit
        while self._todo and left > 0:
            left -= self._run_kind(self._todo[0], left)

    def _run_kind(self, kind: Kind, limit: int) -> int:
        buffer = self._incarnation.buffer
        prefix = kind.space.record + encode_number(kind.number)
        stale = kind.layouts.stale()
        looked_at: list[tuple[bytes, bytes]] = []
        following = None
        for key, data in buffer.scan(self._position or prefix, prefix + _END):
            if len(looked_at) == limit:
                following = key
                break
            looked_at.append((key, data))
        for key, data in looked_at:
            base = Base(DURABLE + key[len(kind.space.record) :])
            self.seen += 1
            if self._is_stale(base, data, stale):
                self._migrate(kind, base)
        self._position = following
        if following is None:
            self._todo.pop(0)
        return max(len(looked_at), 1)

    def _is_stale(self, base: Base, data: bytes, stale: Mapping[int, StoredLayout]) -> bool:
        # What this very crank has loaded and changed already is written in the newest layout at its end.
        if base in self._incarnation.dirty:
            return False
        return self._incarnation.codec.decode_row(data)[0] in stale

    def _migrate(self, kind: Kind, base: Base) -> None:
        try:
            kind.renew(base)
        except Exception as error:
            error.add_note(f"while {format_vref(base)} of kind {kind.tag!r} was being migrated")
            raise
        self.migrated += 1
