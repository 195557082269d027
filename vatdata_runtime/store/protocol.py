"""What the upper floors ask of a store, so that another engine can stand in its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import TracebackType
from typing import Literal, Protocol, Self

__all__ = ["Durability", "OnStep", "Page", "Progress", "ReadView", "SnapshotProtocol", "StoreProtocol"]

Durability = Literal["crank", "group", "relaxed"]
"""When an acknowledged commit is safe: at once from power loss (both first ones), or from process death only."""

OnStep = Callable[[str], None]
"""Called before each step of the storage with the step's name; what it raises stops the step."""

Progress = Callable[[int, int], None]
"""Called during long work with what is done and the expected total, both in the same unit."""


Page = tuple[list[bytes], list[bytes], bytes | None]
"""Neighbouring keys in order, the value of each, and where the rest of the range begins, None when it has no rest."""


class ReadView(Protocol):
    """Ordered reading of byte keys and byte values."""

    def get(self, key: bytes, /) -> bytes | None:
        """Return the value of *key*, None where there is none."""
        ...

    def scan(
        self, start: bytes, stop: bytes | None = None, *, reverse: bool = False
    ) -> Iterator[tuple[bytes, bytes]]:
        """Walk the entries with ``start <= key < stop`` in order of keys; *stop* None means to the end."""
        ...

    def read_page(self, start: bytes, stop: bytes, limit: int) -> Page:
        """Read up to *limit* entries from *start* on, below *stop*; a page without entries may have a rest."""
        ...


class SnapshotProtocol(ReadView, Protocol):
    """A view that stays at one commit until it is closed."""

    def close(self) -> None:
        """Let go of the commit that this view holds."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...


class StoreProtocol(ReadView, Protocol):
    """A store with one open batch: cranks enter it whole, and all of them become durable together."""

    @property
    def path(self) -> str:
        """The name of the store in messages."""
        ...

    @property
    def readonly(self) -> bool:
        """Whether every write is refused."""
        ...

    @property
    def pending(self) -> int:
        """Cranks in the open batch."""
        ...

    def apply(self, delta: Mapping[bytes, bytes | None], /) -> None:
        """Take one crank into the batch, whole or not at all; None deletes a key."""
        ...

    def commit(self) -> None:
        """Make the batch durable, whole or not at all."""
        ...

    def snapshot(self) -> SnapshotProtocol:
        """Open a view of the last commit."""
        ...

    def release(self) -> None:
        """Let go of what reading keeps open, before an idle time."""
        ...

    def close(self) -> None:
        """Close without committing; an open batch is dropped."""
        ...
