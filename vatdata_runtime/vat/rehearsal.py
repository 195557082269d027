"""A rehearsal of a first crank: everything that would stop it is noted, and nothing of it is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import FirstCrankError, IncompatibleKindError
from .border import Border
from .crank_buffer import CrankBuffer, Page, ReadView
from .identifiers import DURABLE, Base, encode_number, format_vref
from .incarnation import Incarnation
from .kinds import Kind
from .source import Source
from .start import build_root, new_incarnation
from .undo import UndoLog

__all__ = ["Misfit", "Rehearsal", "rehearse_start"]

_END = b"\xff"
_PIECE = 500


@dataclass(frozen=True, slots=True)
class Misfit:
    """A stored record that the new code cannot take over.

    Attributes:
        kind: tag of its kind.
        reference: the instance, as people write it.
        error: what its first access would raise.
    """

    kind: str
    reference: str
    error: Exception


@dataclass(slots=True)
class Rehearsal:
    """What a first crank of new code came upon.

    Attributes:
        incarnation: the life that it would have begun.
        incompatible: kinds that the stored instances could not follow.
        late: definitions behind the first crank's window.
        missing: tags of stored kinds that were not defined at all.
        removed_methods: by kind, methods (``facet.method`` for kits) that stored instances had.
        error: what stopped the build function or the start otherwise; kinds behind it were not met.
        to_check: how many records ``check_records`` looks at, at most.
    """

    incarnation: Incarnation
    incompatible: list[IncompatibleKindError] = field(default_factory=list[IncompatibleKindError])
    late: list[FirstCrankError] = field(default_factory=list[FirstCrankError])
    missing: tuple[str, ...] = ()
    removed_methods: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    error: Exception | None = None
    to_check: int = 0

    @property
    def is_refused(self) -> bool:
        """Whether a real start would fail."""
        return bool(self.incompatible or self.late or self.missing or self.error is not None)

    def check_records(self) -> Iterator[Misfit | None]:
        """Load every record of a kind whose shape or version has changed, and give back what cannot be loaded.

        Yields:
            For each record that was looked at a ``Misfit``, or None where it fits. Migrations run for each.

        Cost: one read, check and migration for each such record; memory of 500.
        """
        for kind in self._kinds_to_check():
            yield from self._check_kind(kind)

    def _kinds_to_check(self) -> list[Kind]:
        return [
            kind
            for kind in self.incarnation.kinds.by_number.values()
            if kind.zone == DURABLE and kind.is_defined and kind.layouts.stale()
        ]

    def _check_kind(self, kind: Kind) -> Iterator[Misfit | None]:
        stale = kind.layouts.stale()
        prefix = kind.space.record + encode_number(kind.number)
        position: bytes | None = prefix
        while position is not None:
            piece: list[tuple[bytes, bytes]] = []
            following = None
            for key, data in self.incarnation.buffer.scan(position, prefix + _END):
                if len(piece) == _PIECE:
                    following = key
                    break
                piece.append((key, data))
            yield from self._check_piece(kind, stale, piece)
            position = following

    def _check_piece(
        self, kind: Kind, stale: dict[int, Any], piece: list[tuple[bytes, bytes]]
    ) -> Iterator[Misfit | None]:
        incarnation, found = self.incarnation, list[Misfit | None]()
        try:
            with incarnation.opened:
                for key, data in piece:
                    base = Base(DURABLE + key[len(kind.space.record) :])
                    error: Exception | None = None
                    try:
                        if incarnation.codec.decode_row(data)[0] in stale:
                            kind.renew(base)
                    except Exception as problem:
                        error = problem
                    found.append(None if error is None else Misfit(kind.tag, format_vref(base), error))
        finally:
            incarnation.abort_crank()  # which also ends what Ctrl-C may have left of the block
        yield from found


class _Overlay:
    """What was committed, with the writes of the rehearsed crank over it."""

    def __init__(self, view: ReadView) -> None:
        self._buffer = CrankBuffer(view, UndoLog())

    def take(self, delta: Mapping[bytes, bytes | None]) -> None:
        """Lay the writes of a crank over what is there."""
        for key, value in delta.items():
            if value is None:
                self._buffer.delete(key)
            else:
                self._buffer.put(key, value)

    def get(self, key: bytes, /) -> bytes | None:
        return self._buffer.get(key)

    def scan(self, start: bytes, stop: bytes, *, reverse: bool = False) -> Iterator[tuple[bytes, bytes]]:
        assert not reverse  # a vat walks forwards only
        return self._buffer.scan(start, stop)

    def read_page(self, start: bytes, stop: bytes, limit: int) -> Page:
        return self._buffer.read_page(start, stop, limit)


def rehearse_start(
    view: ReadView,
    *,
    vat_number: int,
    name: str,
    path: str,
    source: Source,
    parameters: Any = None,
    cache_bytes: int,
    value_limit_bytes: int,
    connect: Callable[[Incarnation], Border] | None = None,
) -> Rehearsal:
    """Run the first crank of new code over stored data, and note all that would stop it. Nothing is written.

    Where a real start raises at the first kind that does not fit or comes late, this one notes it and goes on as if
    the kind were new, so that one report has them all.

    Args: as ``start_incarnation``.
    """
    overlay = _Overlay(view)
    incarnation = new_incarnation(
        overlay,
        vat_number=vat_number,
        name=name,
        path=path,
        cache_bytes=cache_bytes,
        value_limit_bytes=value_limit_bytes,
        allows_ambient=False,
    )
    kinds = incarnation.kinds
    kinds.rehearsed = []
    rehearsal = Rehearsal(incarnation)
    delta: Mapping[bytes, bytes | None] | None = None
    try:
        with incarnation.opened:
            build_root(incarnation, source, parameters, connect)
            delta = incarnation.end_crank()
    except Exception as error:
        rehearsal.error = error
    except BaseException:
        incarnation.abort_crank()  # which also ends what Ctrl-C may have left of the block
        raise
    rehearsal.incompatible = [error for error in kinds.rehearsed if isinstance(error, IncompatibleKindError)]
    late = {error.args: error for error in kinds.rehearsed if isinstance(error, FirstCrankError)}
    rehearsal.late = list(late.values())  # one definition asks for the window more than once
    rehearsal.missing = kinds.missing
    rehearsal.removed_methods = dict(kinds.removed_methods)
    if delta is None:
        incarnation.abort_crank()
    else:
        incarnation.keep_crank()
        overlay.take(delta)
    rehearsal.to_check = sum(kind.next_instance - 1 for kind in rehearsal._kinds_to_check())
    return rehearsal
