"""What a kernel gives to the build function of a vat."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..vat.start import VatPowers
from .border import VatBorder
from .device_names import TIMER, DeviceNames, VatDevices
from .messages import Exit

if TYPE_CHECKING:
    from ..vat.incarnation import Incarnation

__all__ = ["KernelPowers"]


class KernelPowers(VatPowers):
    """What a vat's code is given besides its parameters and baggage.

    Attributes:
        vat_name: the vat's name.
        incarnation: number of this incarnation, from 0.
        devices: by name, objects of the host program that ``E(device).method()`` calls once the crank is committed;
            durable references, registered or not.
    """

    __slots__ = ("_memory", "devices")

    def __init__(self, memory: Incarnation, device_names: DeviceNames) -> None:
        super().__init__(memory.name, memory.number)
        self._memory = memory
        self.devices = VatDevices(memory, device_names)

    @property
    def timer(self) -> Any:
        """The durable timer, a durable reference: its entries fire in whichever incarnation lives, after a restart too.

        ``E(timer).wake_at(when, handler, cancel_token=None)`` and ``E(timer).repeat(first, interval, handler,
        cancel_token=None)`` have ``handler.wake(time)`` called and answer with the scheduled time;
        ``E(timer).cancel(token)`` answers with the times that it has cancelled, ``E(timer).now()`` with the time.
        Times are seconds since the epoch, or datetimes with a zone; of the ticks that a repeater has missed, one comes.
        """
        self._memory.require_open("vat_powers.timer")
        return self._memory.marshal.object_at(TIMER)

    def exit_vat(self, value: Any = None) -> None:
        """Terminate this vat when the crank has ended; what the crank did and returned is kept.

        Args:
            value: told, as text, to those whose messages come too late.
        """
        self._exit("vat_powers.exit_vat", Exit("" if value is None else str(value), False))

    def exit_vat_with_failure(self, reason: Any = None) -> None:
        """Terminate this vat when the crank has ended, as if that crank had never begun; its message is rejected.

        Args:
            reason: told, as text, to who has sent the message and to those whose messages come too late.
        """
        self._exit("vat_powers.exit_vat_with_failure", Exit("" if reason is None else str(reason), True))

    def _exit(self, what: str, ask: Exit) -> None:
        self._memory.require_open(what)
        border = self._memory.border
        if isinstance(border, VatBorder):
            border.exit = ask
