"""Opens a store for reading beside whoever writes it, and reads what lies between its vats."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from functools import cached_property

from ...errors import StoreCorruptError
from ...kernel.device_names import TIMER, stored_devices
from ...kernel.names import HOST
from ...kernel.promises import stored_promises
from ...kernel.run_queue import stored_messages
from ...kernel.timer import stored_timers
from ...kernel.vat_records import VatSetup, stored_setups
from ...kernel.vat_table import VatTable
from ...passable import DecodeError
from ...store import FormatRecord, Measures, Snapshot, open_store
from ...vat.identifiers import HEAP, PROMISE, decode_number, split_slot
from ...vat.stand_ins import StandInCodec
from .model import MessageInfo, PromiseInfo, TimerInfo
from .names import NoSuchObjectError, NoSuchVatError, Reference, parse_reference, reference_at
from .vat_reader import VatReader

__all__ = ["StoreReader", "open_reader"]


@contextmanager
def open_reader(path: str) -> Generator[StoreReader]:
    """Read a store at one commit, beside a program that has it open. Nothing is written.

    Raises:
        StoreError, StoreFormatError, StoreCorruptError: it cannot be read, or is no store.

    Cost: about a millisecond, the same for any size.
    """
    with open_store(path, readonly=True) as store, store.snapshot() as snapshot:
        yield StoreReader(snapshot, store.path, store.format, store.measure())


class StoreReader:
    """A store at one commit.

    Attributes:
        snapshot: the view of that commit.
        path: the store's path.
        format: who made the file, and when.
        measures: how large it is.
        codec: decodes values; references come out as stand-ins.
    """

    def __init__(
        self, snapshot: Snapshot, path: str, format_record: FormatRecord, measures: Measures
    ) -> None:
        self.snapshot = snapshot
        self.path = path
        self.format = format_record
        self.measures = measures
        self.codec = StandInCodec(is_bounded=True)

    # --- vats

    @cached_property
    def vats(self) -> dict[str, VatReader]:
        """The vats by name, in order of names. Cost: three reads for each vat."""
        return {
            name: VatReader(self.snapshot, self.path, name, number, self._setups.get(number), self.codec)
            for name, number in VatTable(self.snapshot, self.path).names().items()
        }

    @cached_property
    def _setups(self) -> dict[int, VatSetup]:
        return dict(stored_setups(self.snapshot, self.path))

    @cached_property
    def _by_number(self) -> dict[int, VatReader]:
        return {vat.number: vat for vat in self.vats.values()}

    @property
    def terminated(self) -> dict[str, str]:
        """Why vats are no more, by name."""
        return {
            setup.name: setup.terminated for setup in self._setups.values() if setup.terminated is not None
        }

    def vat(self, name: str) -> VatReader:
        """Return a vat.

        Raises:
            NoSuchVatError: there is none of this name.
        """
        try:
            return self.vats[name]
        except KeyError:
            raise NoSuchVatError(name, tuple(self.vats)) from None

    def vat_numbered(self, number: int) -> VatReader | None:
        """Return a vat by its number; None where it is no more."""
        return self._by_number.get(number)

    def vat_name(self, number: int) -> str:
        """Return a vat's name, also one's that was terminated; its number where the store has forgotten it."""
        vat = self._by_number.get(number)
        if vat is not None:
            return vat.name
        setup = self._setups.get(number)
        return f"vat {number}" if setup is None else setup.name

    # --- names

    def parse(self, text: str, vat: str | None = None) -> Reference:
        """Read a reference that a person wrote.

        Args:
            text: ``o+d16/2``, or ``bank:o+d16/2``.
            vat: name of the vat that is meant where the text names none; a store with one vat needs none.

        Raises:
            NoSuchObjectError: it is malformed, or needs the name of a vat.
            NoSuchVatError: it names a vat that there is not.
        """
        default: int | None = None
        if vat is not None:
            default = self.vat(vat).number
        elif len(self.vats) == 1:
            default = next(iter(self.vats.values())).number
        return parse_reference(text, default, lambda name: self.vat(name).number)

    def require(self, reference: Reference) -> VatReader:
        """Return the vat of a stored object that is there.

        Raises:
            NoSuchObjectError: the vat or the object is no more, or it is none that has stored data.
        """
        text = self.write(reference)
        vat = self.vat_numbered(reference.vat)
        if vat is None:
            raise NoSuchObjectError(text, "its vat is no more")
        if not reference.is_stored:
            raise NoSuchObjectError(text, "lives in memory only, the store has no data of it")
        if not vat.space(reference.slot[:1]).has_object(reference.base):
            raise NoSuchObjectError(text, f"there is no such object in vat {vat.name!r}")
        return vat

    def write(self, reference: Reference) -> str:
        """Write a reference so that it means the same from anywhere: ``bank:o+d16/2``, ``bank:root``, ``promise 7``."""
        zone = reference.slot[:1]
        if zone == PROMISE and reference.vat == 0:
            return f"promise {decode_number(reference.slot, 1)[0]}"
        if reference.vat == HOST:
            return self._host_name(reference)
        name = self.vat_name(reference.vat)
        if zone == HEAP and decode_number(reference.slot, 1)[0] == 0:
            return f"{name}:root"
        return f"{name}:{reference.vref}"

    def _host_name(self, reference: Reference) -> str:
        if reference == _TIMER:
            return "timer"
        number = split_slot(reference.slot)[2]
        names = [name for name, known in self.devices().items() if known == number]
        return f"device {names[0]}" if names else f"device {number}"

    def write_slot(self, slot: bytes, vat: int) -> str:
        """Write a slot that a vat's data mentions: short within that vat, with the vat's name for another's."""
        reference = reference_at(slot, vat)
        return reference.vref if reference.vat == vat else self.write(reference)

    # --- between vats

    def messages(self) -> Iterator[MessageInfo]:
        """Walk the messages that were not delivered yet, oldest first. Streams."""
        for number, message in stored_messages(self.snapshot, self.path):
            try:
                arguments, keywords = self.codec.decode(message.arguments)
                mentions = self._shared(self.codec.slots_in(message.arguments))
                target = self._shared([message.target])[0]
            except (DecodeError, ValueError) as error:
                raise StoreCorruptError(self.path, f"message {number} cannot be read: {error}") from error
            yield MessageInfo(
                number,
                target,
                message.method,
                tuple(arguments),
                dict(keywords),
                message.result or None,
                mentions,
            )

    def promises(self) -> Iterator[PromiseInfo]:
        """Walk the promises that vats share and that something stored still asks about. Streams."""
        for number, stored in stored_promises(self.snapshot, self.path):
            if stored.is_rejected is None:
                yield PromiseInfo(number, "pending", stored.vat, stored.incarnation, None, ())
                continue
            try:
                value = self.codec.decode(stored.data)
                mentions = self._shared(self.codec.slots_in(stored.data))
            except (DecodeError, ValueError) as error:
                raise StoreCorruptError(self.path, f"promise {number} cannot be read: {error}") from error
            status = "rejected" if stored.is_rejected else "fulfilled"
            yield PromiseInfo(number, status, None, None, value, mentions)

    def timers(self) -> Iterator[TimerInfo]:
        """Walk the entries of the timer by number. Streams."""
        for number, entry in stored_timers(self.snapshot, self.path):
            try:
                token = None if entry.token is None else self.codec.decode(entry.token)
                names = [entry.handler, *(() if entry.token is None else self.codec.slots_in(entry.token))]
                mentions = self._shared(names)
            except (DecodeError, ValueError) as error:
                raise StoreCorruptError(self.path, f"timer entry {number} cannot be read: {error}") from error
            yield TimerInfo(number, entry.when, entry.interval, mentions[0], token, mentions)

    def devices(self) -> dict[str, int]:
        """Return the numbers of the devices that a vat or the host program has named, by name."""
        return dict(stored_devices(self.snapshot, self.path))

    def _shared(self, names: list[bytes]) -> tuple[Reference, ...]:
        return tuple(reference_at(name, 0) for name in names)


_TIMER = reference_at(TIMER, HOST)
