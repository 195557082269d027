"""What counts as a promise, without importing asyncio for those who never use one."""

from __future__ import annotations

import sys
from typing import Any, TypeGuard

__all__ = ["is_promise"]


def is_promise(x: object) -> TypeGuard[Any]:
    """Say whether *x* is an ``asyncio.Future``, and so whether it is passed as a promise.

    A future can exist only once ``asyncio.futures`` has been imported, so its absence is an answer.
    """
    futures = sys.modules.get("asyncio.futures")
    return futures is not None and issubclass(type(x), futures.Future)
