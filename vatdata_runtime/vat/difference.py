"""What a check of stored data reports."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Difference"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where the store does not say what its data says.

    Attributes:
        key: the record concerned, or where it should be.
        subject: the object or store that it is about, as people write it.
        meaning: what is wrong, and what follows from it.
        found: what the store says.
        expected: what the data says.
        repair: the writes that make it right, None deletes a key; empty where the right record does not follow from
            the data.
    """

    key: bytes
    subject: str
    meaning: str
    found: str = ""
    expected: str = ""
    repair: tuple[tuple[bytes, bytes | None], ...] = ()

    @property
    def is_derivable(self) -> bool:
        """Whether the right records follow from the data, so that a repair can write them."""
        return bool(self.repair)

    def __str__(self) -> str:
        values = f" (found {self.found}, expected {self.expected})" if self.expected else ""
        return f"{self.subject}: {self.meaning}{values}, key {self.key.hex()}"
