"""Rehearses the start of a vat as a kernel would start it, over a snapshot: nothing is sent and nothing written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..passable import ValueCodec, freeze
from ..vat.crank_buffer import CrankBuffer, ReadView
from ..vat.incarnation import Incarnation
from ..vat.rehearsal import Rehearsal, rehearse_start
from ..vat.source import Source
from ..vat.undo import UndoLog
from .border import VatBorder
from .device_names import DeviceNames
from .holds import Holds
from .numbers import Numbers
from .options import DEFAULT_CACHE_BYTES, DEFAULT_VALUE_LIMIT
from .powers import KernelPowers

__all__ = ["rehearsal_border", "rehearse_vat"]


def rehearse_vat(
    view: ReadView,
    *,
    number: int,
    name: str,
    path: str,
    source: Source,
    stored_parameters: bytes | None,
    parameters: Any = None,
) -> Rehearsal:
    """Run the first crank that a vat would have with new code; see ``rehearse_start``.

    Args:
        view: what is committed.
        number: the vat's number in the store.
        name: its name.
        path: the store's path, for messages.
        source: the new code.
        stored_parameters: what the store keeps as parameters of the vat, None to give *parameters* instead.
        parameters: plain data.
    """
    return rehearse_start(
        view,
        vat_number=number,
        name=name,
        path=path,
        source=source,
        cache_bytes=DEFAULT_CACHE_BYTES,
        value_limit_bytes=DEFAULT_VALUE_LIMIT,
        connect=rehearsal_border(view, path, stored_parameters, parameters),
    )


def rehearsal_border(
    view: ReadView, path: str, stored_parameters: bytes | None, parameters: Any = None
) -> Callable[[Incarnation], VatBorder]:
    """Return what connects an incarnation with other vats that hear nothing of it; see ``rehearse_vat``."""
    encoded = stored_parameters
    if encoded is None:
        encoded = ValueCodec(_no_reference, _no_reference).encode(freeze(parameters))
    buffer = CrankBuffer(view, UndoLog())
    holds, numbers, devices = Holds(buffer, path), Numbers(buffer, path), DeviceNames(buffer, path)

    def connect(memory: Incarnation) -> VatBorder:
        powers = KernelPowers(memory, devices)
        return VatBorder(memory, numbers.take, lambda _: "object", holds, powers, encoded)

    return connect


def _no_reference(obj: object) -> bytes:
    raise TypeError(f"parameters of a rehearsal are plain data, not {obj!r}")
