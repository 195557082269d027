"""Collections across the vats of a kernel: each in cranks of its vat, until none lets go of what another has."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .switchboard import Switchboard

__all__ = ["collect", "collect_all", "collect_pieces"]


def collect(board: Switchboard, number: int) -> int:
    """Run collecting cranks in a vat until nothing more is found. Returns how many records were deleted."""
    vat = board.vats.get(number)
    if vat is None:
        return 0
    begin = before = vat.deleted
    while True:
        board.keep(vat, vat.collect(is_thorough=True))
        if not vat.has_garbage_work and vat.deleted == before:
            return before - begin
        before = vat.deleted


def collect_pieces(board: Switchboard) -> None:
    """Run one collecting crank in every vat; what it leaves, the vat's next cranks take up."""
    for number in sorted(board.vats):
        vat = board.vats[number]
        board.keep(vat, vat.collect(is_thorough=False))


def collect_all(board: Switchboard) -> int:
    """Collect in all vats, until none lets go of what another has. Returns how many records were deleted."""
    deleted = sum(collect(board, number) for number in sorted(board.vats))
    while waiting := [number for number in sorted(board.vats) if board.vats[number].has_garbage_work]:
        deleted += sum(collect(board, number) for number in waiting)
    return deleted
