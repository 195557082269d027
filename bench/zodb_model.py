"""The class of ZODB's objects, apart so that loading one imports nothing else."""

from __future__ import annotations

from typing import Any

from persistent import Persistent


class Node(Persistent):  # type: ignore[misc]  # persistent ships no types
    """As the kind ``Node`` of ``bench.vats``."""

    def __init__(self, count: int, name: str, score: float, reference: Any) -> None:
        self.count = count
        self.name = name
        self.score = score
        self.reference = reference
