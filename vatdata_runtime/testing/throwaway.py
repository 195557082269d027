"""A kernel on a store that is gone when it is closed."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any

from ..kernel.kernel import Kernel

__all__ = ["memory_kernel"]

_MEMORY = Path("/dev/shm")


class _ThrowawayKernel(Kernel):
    """A kernel that removes its store."""

    def close(self) -> None:
        try:
            super().close()
        finally:
            shutil.rmtree(Path(self.path).parent, ignore_errors=True)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            super().__exit__(kind, error, trace)
        finally:
            shutil.rmtree(Path(self.path).parent, ignore_errors=True)


def memory_kernel(**options: Any) -> Kernel:
    """Open a kernel on a new store that closing removes: in memory where the system has such a folder, else temporary.

        with memory_kernel() as kernel:
            bank = kernel.create_vat("bank", "bank.py")

    It is a real store, with all that it refuses and counts; only the disk is missing.

    Args:
        options: as for ``Kernel.open``; *durability* is ``"relaxed"`` if not given.
    """
    base = str(_MEMORY) if os.access(_MEMORY, os.W_OK) else None
    folder = tempfile.mkdtemp(prefix="vatdata-", dir=base)
    settings: dict[str, Any] = {"durability": "relaxed", **options}
    try:
        return _ThrowawayKernel.open(Path(folder) / "store.db", **settings)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
