"""A worker process as the event loop sees it: messages to and from it."""

from __future__ import annotations

import asyncio
import subprocess

from vatdata_lsp.worker.messages import HEADER, frame, unframe

__all__ = ["WorkerProcess", "end"]


class WorkerProcess:
    """Reads and writes the pipes of one process; made by `connect`."""

    def __init__(
        self, popen: subprocess.Popen[bytes], answers: asyncio.StreamReader, requests: asyncio.StreamWriter
    ) -> None:
        self.popen = popen
        self._answers = answers
        self._requests = requests

    @classmethod
    async def connect(cls, popen: subprocess.Popen[bytes]) -> WorkerProcess:
        """Have the running event loop serve the pipes of a process, which may have been launched before it."""
        loop = asyncio.get_running_loop()
        answers = asyncio.StreamReader()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(answers), popen.stdout)
        transport, protocol = await loop.connect_write_pipe(
            lambda: asyncio.StreamReaderProtocol(asyncio.StreamReader()), popen.stdin
        )
        return cls(popen, answers, asyncio.StreamWriter(transport, protocol, None, loop))

    def write(self, message: object) -> None:
        """Begin to send a message."""
        self._requests.write(frame(message))

    async def drain(self) -> None:
        """Wait until the pipe has taken what was written.

        Raises:
            ConnectionError: The process has ended.
        """
        await self._requests.drain()

    async def read(self) -> object:
        """Return the next message.

        Raises:
            asyncio.IncompleteReadError: The process has ended.
        """
        (size,) = HEADER.unpack(await self._answers.readexactly(HEADER.size))
        return unframe(await self._answers.readexactly(size))

    def close(self) -> None:
        """Let go of the pipes."""
        self._requests.close()


async def end(popen: subprocess.Popen[bytes]) -> None:
    """End a process, whatever it is doing, and wait until it is gone."""
    popen.kill()  # does nothing to one that has been waited for
    await asyncio.to_thread(popen.wait)
