"""How devices and the timer are named: as durable objects of vat 0, which no vat ever is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from ..errors import KeyNotFoundError, StoreCorruptError
from ..vat.crank_buffer import CrankBuffer, ReadView
from ..vat.identifiers import (
    DURABLE,
    FIRST_USER_KIND,
    Slot,
    decode_number,
    encode_number,
    join_slot,
    split_slot,
)
from .names import HOST, global_name, is_title

if TYPE_CHECKING:
    from ..vat.incarnation import Incarnation

__all__ = ["STORED_DEVICES", "TIMER", "DeviceNames", "VatDevices", "device_number", "stored_devices"]

_DEVICE_KIND, _TIMER_KIND = FIRST_USER_KIND, FIRST_USER_KIND + 1
STORED_DEVICES: Final = b"\x01d"
"""Prefix of the numbers of devices."""

TIMER = global_name(HOST, 0, join_slot(DURABLE, _TIMER_KIND, 1))
"""Name of the timer."""


class DeviceNames:
    """The numbers of devices, given when a name is first used, by a vat or by the program that registers it.

    Args:
        buffer: where they are stored.
        path: the store's path, for messages.
    """

    def __init__(self, buffer: CrankBuffer, path: str) -> None:
        self._buffer = buffer
        self._path = path
        self._numbers: dict[str, int] = dict(stored_devices(buffer, path))
        self._names = {number: name for name, number in self._numbers.items()}

    def slot_of(self, name: str) -> Slot:
        """Return the name that vats share for a device; it is for ever the same.

        Raises:
            TypeError: *name* is no text of 1 to 200 bytes.
        """
        number = self._numbers.get(name)
        if number is None:
            if not is_title(name):
                raise TypeError(f"a device's name is a text of 1 to 200 bytes, not {name!r}")
            number = len(self._numbers) + 1
            self._numbers[name] = number
            self._names[number] = name
            self._buffer.put(STORED_DEVICES + name.encode(), encode_number(number))
        return global_name(HOST, 0, join_slot(DURABLE, _DEVICE_KIND, number))

    def name_of(self, own: Slot) -> str | None:
        """Return the name of the device in a slot of vat 0; None for the timer.

        Raises:
            StoreCorruptError: the store knows no such device.
        """
        _, kind, number, _ = split_slot(own)
        if kind != _DEVICE_KIND:
            return None
        name = self._names.get(number)
        if name is None:
            raise StoreCorruptError(
                self._path, f"device {number} is mentioned, and the table of devices has no such number"
            )
        return name


def device_number(own: Slot) -> int | None:
    """Return the number of the device in a slot of vat 0; None for the timer."""
    _, kind, number, _ = split_slot(own)
    return number if kind == _DEVICE_KIND else None


class VatDevices(Mapping[str, Any]):
    """The devices, as a vat sees them: a durable reference for any name, registered or not.

    Send messages with ``E(vat_powers.devices["mail"]).send(...)``. They wait until the program has registered the name.
    Iteration lists the names that were ever used in the store.
    """

    def __init__(self, memory: Incarnation, names: DeviceNames) -> None:
        self._memory = memory
        self._names = names

    def __getitem__(self, name: str) -> Any:
        self._memory.require_open("vat_powers.devices")
        try:
            return self._memory.marshal.object_at(self._names.slot_of(name))
        except TypeError as error:
            raise KeyNotFoundError(name, "devices") from error

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._names._numbers))

    def __len__(self) -> int:
        return len(self._names._numbers)

    def __repr__(self) -> str:
        return f"<devices {list(self)}>"


def stored_devices(view: ReadView | CrankBuffer, path: str) -> Iterator[tuple[str, int]]:
    """Read the names and numbers of devices.

    Raises:
        StoreCorruptError: one cannot be read.
    """
    try:
        for key, data in view.scan(STORED_DEVICES, STORED_DEVICES + b"\xff"):
            yield key[len(STORED_DEVICES) :].decode(), decode_number(data, 0)[0]
    except ValueError as error:
        raise StoreCorruptError(path, f"the table of devices cannot be read: {error}") from error
