"""Messages as they come over a pipe or a connection."""

from __future__ import annotations

import asyncio
import json
import re
from concurrent.futures import Executor
from typing import Any, BinaryIO, Protocol, cast

__all__ = ["Connection", "Pipe", "Reader", "parsed"]

_LENGTH = re.compile(rb"content-length:[ \t]*(\d+)\s*", re.IGNORECASE)


class Reader(Protocol):
    """Where messages come from."""

    async def read(self) -> bytes:
        """Return the body of the next message, empty when there is none any more."""
        ...


class Pipe:
    """A pipe, read in a thread: it would hold up the event loop.

    Args:
        pipe: Read until its end.
        executor: Gives the thread, which waits there until the other end is closed.
    """

    def __init__(self, pipe: BinaryIO, executor: Executor) -> None:
        self._pipe = pipe
        self._executor = executor

    async def read(self) -> bytes:
        """Return the body of the next message, empty when there is none any more."""
        return await asyncio.get_running_loop().run_in_executor(self._executor, self._read)

    def _read(self) -> bytes:
        length = 0
        while line := self._pipe.readline():
            length = _length(line) or length
            if length and not line.strip():
                return self._pipe.read(length)
        return b""


class Connection:
    """One end of a TCP connection."""

    def __init__(self, stream: asyncio.StreamReader) -> None:
        self._stream = stream

    async def read(self) -> bytes:
        """Return the body of the next message, empty when there is none any more."""
        length = 0
        while line := await self._stream.readline():
            length = _length(line) or length
            if length and not line.strip():
                return await self._stream.readexactly(length)
        return b""


def _length(header: bytes) -> int:
    """Return the length that a header line gives, 0 for any other line."""
    found = _LENGTH.fullmatch(header)
    return int(found[1]) if found else 0


def parsed(body: bytes) -> dict[str, Any] | None:
    """Return a message as a table, None for JSON that is none.

    Raises:
        ValueError: It is not JSON.
    """
    try:
        found = json.loads(body)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return cast("dict[str, Any]", found) if isinstance(found, dict) else None
