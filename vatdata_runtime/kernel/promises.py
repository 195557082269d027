"""Promises that vats share: who settles them, who waits, and how they have ended.

Every process start begins new incarnations, so who waits in memory need not be stored. Stored is what a message that is
still on its way may ask about after a restart: pending promises with the incarnation that had to settle them, and
settled ones for as long as a stored message mentions them. Rows are written once for each commit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from ..errors import StoreCorruptError
from ..vat.crank_buffer import CrankBuffer, ReadView
from ..vat.identifiers import Slot, decode_number, encode_number
from .holds import Holds
from .messages import Delivery, Mention, Settlement

__all__ = [
    "STORED_PROMISES",
    "SharedPromise",
    "SharedPromises",
    "StoredPromise",
    "promise_row",
    "stored_promises",
]

STORED_PROMISES: Final = b"\x01p"
"""Prefix of the promises that vats share."""


class StoredPromise(msgspec.Struct, array_like=True):
    """A promise as stored: who settles it, how it has ended (None while pending), how many durable watches wait."""

    vat: int
    incarnation: int
    is_rejected: bool | None
    data: bytes
    mentions: tuple[int | bytes, ...]
    watches: int = 0


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(StoredPromise).decode


def promise_row(number: int, promise: StoredPromise) -> tuple[bytes, bytes]:
    """Return key and value under which a promise is stored."""
    return STORED_PROMISES + encode_number(number), _encode(promise)


def stored_promises(view: ReadView | CrankBuffer, path: str) -> Iterator[tuple[int, StoredPromise]]:
    """Read the promises that vats share, each with its number.

    Raises:
        StoreCorruptError: a promise cannot be read.
    """
    try:
        for key, data in view.scan(STORED_PROMISES, STORED_PROMISES + b"\xff"):
            yield decode_number(key, len(STORED_PROMISES))[0], _decode(data)
    except (ValueError, msgspec.DecodeError) as error:
        raise StoreCorruptError(path, f"a promise cannot be read: {error}") from error


class SharedPromise:
    """One promise.

    Attributes:
        vat, incarnation: who settles it; vat 0 while the message that it is the result of is on its way.
        subscribers: incarnations that wait, as pairs of vat and incarnation.
        waiting: messages that are sent to what it settles to.
        settlement: how it has ended, or None.
        holds: how many messages, notifications and durable watches mention it.
        watches: how many of them are durable watches.
        is_stored: whether it has a row, from the next commit on.
    """

    __slots__ = (
        "holds",
        "incarnation",
        "is_stored",
        "settlement",
        "subscribers",
        "vat",
        "waiting",
        "watches",
    )

    def __init__(self) -> None:
        self.vat = 0
        self.incarnation = 0
        self.subscribers: list[tuple[int, int]] = []
        self.waiting: list[Delivery] = []
        self.settlement: Settlement | None = None
        self.holds = 0
        self.watches = 0
        self.is_stored = False


class SharedPromises:
    """All promises that anything still asks about.

    Args:
        buffer: where they are stored.
        path: the store's path, for messages.
        objects: told which objects are mentioned by what is on its way.
    """

    def __init__(self, buffer: CrankBuffer, path: str, objects: Holds) -> None:
        self._buffer = buffer
        self._path = path
        self._objects = objects
        self._promises: dict[int, SharedPromise] = {}
        self._decided: dict[int, set[int]] = {}
        self._rows: set[int] = set()
        self._changed: set[int] = set()

    def __len__(self) -> int:
        return len(self._promises)

    def load(self) -> None:
        """Read what is stored."""
        try:
            for number, row in stored_promises(self._buffer, self._path):
                promise = self.at(number)
                promise.is_stored = True
                self._rows.add(number)
                promise.holds = promise.watches = row.watches
                promise.vat, promise.incarnation = row.vat, row.incarnation
                if row.is_rejected is None:
                    self._decided.setdefault(row.vat, set()).add(number)
                else:
                    mentions = tuple(item if isinstance(item, int) else Slot(item) for item in row.mentions)
                    promise.settlement = Settlement(row.is_rejected, row.data, mentions)
        except ValueError as error:
            raise StoreCorruptError(self._path, f"a promise cannot be read: {error}") from error
        for promise in list(self._promises.values()):
            if promise.settlement is not None:
                self.hold(promise.settlement.mentions)

    def at(self, number: int) -> SharedPromise:
        """Return a promise; one that nothing has asked about yet begins as pending."""
        promise = self._promises.get(number)
        if promise is None:
            promise = self._promises[number] = SharedPromise()
        return promise

    def find(self, number: int) -> SharedPromise | None:
        """Return a promise, or None where nothing asks about it."""
        return self._promises.get(number)

    # --- who settles it

    def decide(self, number: int, vat: int, incarnation: int) -> None:
        """Note who is to settle a promise."""
        promise = self.at(number)
        promise.vat, promise.incarnation = vat, incarnation
        self._decided.setdefault(vat, set()).add(number)
        self._store(number, promise)

    def decided_by(self, vat: int) -> list[int]:
        """Return the pending promises that a vat is to settle, in order of their making."""
        return sorted(self._decided.get(vat, ()))

    def settle(self, number: int, settlement: Settlement) -> SharedPromise | None:
        """Note how a promise has ended. Returns it, or None where nobody asks or it had ended already."""
        promise = self._promises.get(number)
        if promise is None or promise.settlement is not None:
            return None
        self._decided.get(promise.vat, set()).discard(number)
        promise.settlement = settlement
        self.hold(settlement.mentions)
        if promise.holds:
            self._store(number, promise)
        else:
            self._unstore(number, promise)
        return promise

    # --- who mentions it

    def hold(self, mentions: Iterable[Mention]) -> None:
        """Note that a message or notification mentions promises and objects: they stay until ``release``."""
        for mention in mentions:
            if not isinstance(mention, int):
                self._objects.hold(mention)
                continue
            promise = self.at(mention)
            promise.holds += 1
            if promise.settlement is not None and not promise.is_stored:
                self._store(mention, promise)

    def release(self, mentions: Iterable[Mention]) -> None:
        """Take ``hold`` back. A settled promise that nothing mentions is forgotten; what it mentions is released."""
        for mention in mentions:
            if isinstance(mention, int):
                self._release_promise(mention)
            else:
                self._objects.release(mention)

    def _release_promise(self, number: int) -> None:
        todo: list[Mention] = [number]  # no recursion: promises may form long chains
        while todo:
            mention = todo.pop()
            if not isinstance(mention, int):
                self._objects.release(mention)
                continue
            promise = self._promises[mention]
            promise.holds -= 1
            todo.extend(self._forget_if_done(mention, promise))

    def watch(self, number: int, by: int) -> None:
        """Note one more (1) or one less (-1) durable watch: a watched promise is stored until all have been told."""
        promise = self.at(number)
        promise.holds += by
        promise.watches += by
        self._store(number, promise)
        self.forget_if_done(number)

    def forget_if_done(self, number: int) -> None:
        """Forget a promise that has settled if nothing mentions it."""
        promise = self._promises.get(number)
        if promise is not None:
            self.release(self._forget_if_done(number, promise))

    def settled_numbers(self) -> list[int]:
        """Return the promises that have settled and are kept for who mentions them."""
        return [number for number, promise in self._promises.items() if promise.settlement is not None]

    def _forget_if_done(self, number: int, promise: SharedPromise) -> tuple[Mention, ...]:
        if promise.holds or promise.settlement is None:
            return ()
        del self._promises[number]
        self._unstore(number, promise)
        return promise.settlement.mentions

    # --- rows

    def _store(self, number: int, promise: SharedPromise) -> None:
        promise.is_stored = True
        self._changed.add(number)

    def _unstore(self, number: int, promise: SharedPromise) -> None:
        if promise.is_stored:
            promise.is_stored = False
            self._changed.add(number)

    def write(self) -> None:
        """Put what has changed since the last time into the buffer: a commit follows.

        A promise that has come and gone between two commits leaves nothing.
        """
        for number in self._changed:
            promise = self._promises.get(number)
            if promise is not None and promise.is_stored:
                self._rows.add(number)
                self._buffer.put(*promise_row(number, _row_of(promise)))
            elif number in self._rows:
                self._rows.discard(number)
                self._buffer.delete(STORED_PROMISES + encode_number(number))
        self._changed.clear()


def _row_of(promise: SharedPromise) -> StoredPromise:
    ended = promise.settlement
    return StoredPromise(
        promise.vat,
        promise.incarnation,
        None if ended is None else ended.is_rejected,
        b"" if ended is None else ended.data,
        () if ended is None else ended.mentions,
        promise.watches,
    )
