"""The host program's side of a kernel: references to objects of any vat, and calls whose results come later."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Coroutine, Generator
from concurrent.futures import Future
from typing import Any

from ..errors import NotPassableError
from ..passable import ValueCodec, freeze
from ..vat.identifiers import PROMISE, Slot
from ..vat.stand_ins import StandIn
from .holds import Holds
from .names import ROOT, global_name, split_global
from .references import Ref

__all__ = ["HostReferences", "SentCall"]

_SCALARS = frozenset({type(None), bool, int, float, str, bytes})


class SentCall(Future[Any]):
    """The result of ``Kernel.send``: an ordinary future that settles once the result is committed.

    ``result()`` and ``exception()`` without a timeout run the kernel as far as needed. Inside an asyncio program it can
    be awaited, and the kernel runs in batches between the program's other tasks.

    Attributes:
        what: the call, for messages.
        is_settled: whether the result is there, though it may not be committed yet.
    """

    def __init__(
        self,
        what: str,
        run: Callable[[SentCall], None],
        wait: Callable[[SentCall], Coroutine[Any, Any, Any]],
    ) -> None:
        super().__init__()
        self.what = what
        self.is_settled = False
        self._run = run
        self._wait = wait

    def result(self, timeout: float | None = None) -> Any:
        """Return the result, or raise what the method raised.

        Raises:
            UnsettledError: nothing left to run settles it.
            TimeoutError: *timeout* is given, in seconds, and has passed.
        """
        if timeout is None and not self.done():
            self._run(self)
        return super().result(timeout)

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """Return what the method raised, None if it has returned; see ``result``."""
        if timeout is None and not self.done():
            self._run(self)
        return super().exception(timeout)

    def __await__(self) -> Generator[Any, Any, Any]:
        return self._wait(self).__await__()


class HostReferences:
    """The references that the host program holds, and the translation of values at that border.

    Args:
        store: the store's path; references into different stores are never equal.
        vat_name: gives the name of a vat by number.
        interface: says for people what a name means, without the vat.
        holds: told which objects the host program holds.
    """

    def __init__(
        self, store: str, vat_name: Callable[[int], str], interface: Callable[[Slot], str], holds: Holds
    ) -> None:
        self._store = store
        self._holds = holds
        self._mentioned: list[Slot] = []
        self._vat_name = vat_name
        self._interface = interface
        self._living: dict[Slot, weakref.ref[Ref]] = {}
        self._codec = ValueCodec(self._note_mentioned, self._ref_at)

    def outward(self, data: bytes) -> Any:
        """Decode a value for the host: objects become references.

        Raises:
            NotPassableError: a promise is inside.
        """
        return self._codec.decode(data)

    def encode(self, value: Any) -> tuple[bytes, tuple[Slot, ...]]:
        """Encode a value of the host: references become names.

        Returns:
            The bytes, and the names in them.

        Raises:
            NotPassableError: *value* is outside the data model, or a reference is one into another store.
        """
        self._mentioned.clear()
        data = self._codec.encode(freeze(self._inward(value)))
        return data, tuple(self._mentioned)

    def names_in(self, data: bytes) -> list[Slot]:
        """Return the names in what ``encode`` has written."""
        return [Slot(name) for name in self._codec.slots_in(data)]

    def _note_mentioned(self, stand: StandIn) -> Slot:
        self._mentioned.append(stand.slot)
        return stand.slot

    def name_of(self, ref: Ref) -> Slot:
        """Return the name of the object that a reference means.

        Raises:
            NotPassableError: it is one into another store, or of a vat opened by itself.
        """
        number = ref._number
        if ref._store != self._store or number is None:
            raise NotPassableError(f"{ref!r} is no reference of the kernel on {self._store!r}")
        return global_name(number, ref._incarnation or 0, ref._slot)

    def root(self, vat: int) -> Ref:
        """Return the reference to a vat's root, the same in each of its incarnations."""
        return self._ref_at(global_name(vat, 0, ROOT))

    def _inward(self, value: Any) -> Any:
        if type(value) in _SCALARS:
            return value
        if isinstance(value, Ref):
            return StandIn(self.name_of(value))
        if isinstance(value, (list, tuple)):
            return tuple(self._inward(item) for item in value)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] # any items
        if isinstance(value, dict):
            return {key: self._inward(item) for key, item in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] # any items
        return value

    def _ref_at(self, name: bytes) -> Ref:
        if name[:1] == PROMISE:
            raise NotPassableError(
                "a promise cannot leave its vat as data; return it by itself, and it is awaited"
            )
        name = Slot(bytes(name))
        known = self._living.get(name)
        ref = None if known is None else known()
        if ref is None:
            vat, incarnation, slot = split_global(name)
            ref = Ref(self._store, self._vat_name(vat), incarnation, slot, self._interface(name), vat)
            self._living[name] = weakref.ref(ref, lambda dead: self._release(name, dead))
            self._holds.hold(name)
        return ref

    def _release(self, name: Slot, dead: weakref.ref[Ref]) -> None:
        # Runs wherever the last hold is let go of: note it, and touch nothing that is stored.
        if self._living.get(name) is dead:
            del self._living[name]
        self._holds.release_later(name)
