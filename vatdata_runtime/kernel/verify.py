"""Checks what the kernel itself has stored against what the vats' data says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import msgspec

from ..errors import StoreCorruptError
from ..vat.crank_buffer import ReadView
from ..vat.difference import Difference
from ..vat.identifiers import IMPORT, PROMISE, Slot, Space, decode_number, encode_number, format_vref
from ..vat.watchers import shared_promise_of
from .device_names import STORED_DEVICES, device_number, stored_devices
from .holds import STORED_HOLDS
from .names import HOST, split_global, without_facet
from .promises import STORED_PROMISES, promise_row, stored_promises
from .run_queue import STORED_MESSAGES, stored_messages
from .timer import STORED_TIMERS, stored_timers
from .vat_records import numbers_with_data, stored_setups

__all__ = ["verify_kernel"]


def verify_kernel(view: ReadView, path: str = "") -> Iterator[Difference]:
    """Report what a kernel has stored and what vats' data contradicts. Never writes.

    Recomputed are the counts of mentions in other vats' durable data, and of durable watches of promises. Decoded are
    the timer's entries, the names of devices, promises and waiting messages, and where timers and messages lead to.

    Args:
        view: what is committed.
        path: the store's path, for messages.

    Cost: reads the counts of other vats' objects and the watches in every vat, and all that the kernel keeps; memory of
    one small entry for each such object and promise.
    """
    for what, key, rows in (
        ("timer", STORED_TIMERS, stored_timers),
        ("device", STORED_DEVICES, stored_devices),
        ("message", STORED_MESSAGES, stored_messages),
        ("promise", STORED_PROMISES, stored_promises),
    ):
        try:
            for _ in rows(view, path):
                pass
        except StoreCorruptError as error:
            yield Difference(key, what, error.reason)
            return
    yield from _check_names(view, path)
    yield from _check_holds(view)
    yield from _check_watches(view, path)


def _check_names(view: ReadView, path: str) -> Iterator[Difference]:
    """Report waiting messages and timers that lead to a vat or device of which the store knows nothing."""
    vats = {number for number, _ in stored_setups(view, path)}.union(numbers_with_data(view))
    devices = {number for _, number in stored_devices(view, path)}
    targets = [
        (STORED_MESSAGES + encode_number(number), f"message {number}", message.target)
        for number, message in stored_messages(view, path)
    ]
    targets += [
        (STORED_TIMERS + encode_number(number), f"timer {number}", entry.handler)
        for number, entry in stored_timers(view, path)
    ]
    for key, subject, name in targets:
        if name[:1] == PROMISE:
            continue
        try:
            vat, _, slot = split_global(name)
            device = device_number(slot) if vat == HOST else None
        except ValueError as error:
            yield Difference(key, subject, f"leads to something that is no name: {error}")
            continue
        if vat != HOST and vat not in vats:
            yield Difference(key, subject, f"leads to vat {vat}, of which the store knows nothing")
        elif device is not None and device not in devices:
            yield Difference(key, subject, f"leads to device {device}, of which the store knows nothing")


def _check_holds(view: ReadView) -> Iterator[Difference]:
    """Report each object whose count of mentions in other vats' durable data is wrong."""
    expected: Counter[Slot] = Counter()
    for vat in numbers_with_data(view):
        space = Space.durable(vat)
        start = space.count + IMPORT
        for key, _ in view.scan(start, start + b"\xff"):
            name = Slot(key[len(space.count) :])
            try:
                split_global(name)
                expected[without_facet(name)] += 1
            except (ValueError, IndexError):
                continue  # the check of that vat reports it
    for key, data in view.scan(STORED_HOLDS, STORED_HOLDS + b"\xff"):
        name = Slot(IMPORT + key[len(STORED_HOLDS) :])
        wanted = expected.pop(name, 0)
        try:
            split_global(name)
            found, _ = decode_number(data, 0)
        except ValueError as error:
            yield Difference(key, "a count of exports", f"has no form that it could have: {error}")
            continue
        if found != wanted:
            yield _difference(name, found, wanted)
    for name, wanted in sorted(expected.items()):
        yield _difference(name, 0, wanted)


def _check_watches(view: ReadView, path: str) -> Iterator[Difference]:
    """Report promises that are stored for another number of durable watches than there are."""
    expected: Counter[int] = Counter()
    for vat in numbers_with_data(view):
        prefix = Space.durable(vat).watch
        for _, data in view.scan(prefix, prefix + b"\xff"):
            try:
                expected[shared_promise_of(data)] += 1
            except ValueError:
                continue  # the check of that vat reports it
    del expected[0]
    for number, promise in stored_promises(view, path):
        wanted = expected.pop(number, 0)
        if promise.watches != wanted:
            meaning = "is stored for another number of durable watches than there are"
            key, data = promise_row(number, msgspec.structs.replace(promise, watches=wanted))
            yield Difference(
                key, f"promise {number}", meaning, str(promise.watches), str(wanted), ((key, data),)
            )
    for number in sorted(expected):
        what = "is watched by durable objects, and nothing is stored that would ever settle it"
        yield Difference(STORED_PROMISES + encode_number(number), f"promise {number}", what)


def _difference(name: Slot, found: int, expected: int) -> Difference:
    vat, _, slot = split_global(name)
    key = STORED_HOLDS + name[1:]
    if expected > found:
        meaning = "is held by more vats than it is counted for, and may be deleted while they use it"
    else:
        meaning = "is counted for more vats than hold it, and will never be deleted"
    right = (key, encode_number(expected) if expected else None)
    return Difference(key, f"{format_vref(slot)} of vat {vat}", meaning, str(found), str(expected), (right,))
