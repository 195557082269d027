"""The server's end of the worker process: starts it, asks it, replaces it when it dies or hangs."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Callable, Mapping
from typing import TypeVar, cast

from vatdata_lsp.text import Text
from vatdata_lsp.worker.messages import (
    HEADER,
    Check,
    CheckReply,
    Describe,
    EarlyFindings,
    Failed,
    FileFindings,
    Folder,
    Request,
    RuleInfo,
    Supersede,
    Superseded,
    frame,
    unframe,
)

__all__ = ["SupersededError", "Worker", "WorkerError"]

logger = logging.getLogger(__name__)
R = TypeVar("R")

COMMAND = (sys.executable, "-P", "-m", "vatdata_lsp.worker")
"""-P: the folder that the editor was started in must not shadow our modules."""


class WorkerError(Exception):
    """The worker gave no answer: it died, hung or failed; the text says which."""


class SupersededError(Exception):
    """A check was given up as it was told to."""


class Worker:
    """One process that answers one request at a time.

    Args:
        on_replaced: Called with the reason whenever a process had to be replaced.
        on_early: Called with what a running check is sure of already.
        timeout_s: How long an answer may take before the process counts as hung.
    """

    def __init__(
        self,
        on_replaced: Callable[[str], None],
        on_early: Callable[[tuple[FileFindings, ...]], None] = lambda files: None,
        *,
        timeout_s: float,
    ) -> None:
        self._on_replaced = on_replaced
        self._on_early = on_early
        self._checking = False
        self.timeout_s = timeout_s
        self._process: asyncio.subprocess.Process | None = None
        self._starting: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()
        self._known: dict[str, Text] = {}
        self._closed = False

    @property
    def pid(self) -> int | None:
        """Process id of the running worker."""
        return self._process.pid if self._process is not None else None

    async def start(self) -> None:
        """Start the process, so that it has imported the analyser when the first question comes.

        Whoever calls this while a process is being started waits for that one.
        """
        if self._starting is None or self._starting.done():
            self._starting = asyncio.create_task(self._launch())
        await asyncio.shield(self._starting)

    async def _launch(self) -> None:
        self._known = {}
        self._process = await asyncio.create_subprocess_exec(
            *COMMAND, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
        )

    async def check(
        self, folders: tuple[Folder, ...], texts: Mapping[str, Text], *, fresh: bool = False
    ) -> CheckReply:
        """Check everything; only texts that the process does not have yet are sent.

        A process that dies on the way is replaced, and the new one asked once more.

        Raises:
            WorkerError: There is no answer.
            SupersededError: `supersede` was called meanwhile.
        """
        async with self._turn:
            process = self._process
            if process is not None and process.returncode is not None and not self._closed:
                await self._replace(process, "ended unexpectedly")  # while idle: not the fault of these texts
            for attempt in (1, 2):
                changed: dict[str, str | None] = {
                    path: text.content for path, text in texts.items() if self._known.get(path) is not text
                }
                changed.update({path: None for path in self._known if path not in texts})
                known = dict(texts)
                self._checking = True
                try:
                    reply = await self._exchange(Check(folders, changed, fresh=fresh))
                except WorkerError:
                    if attempt == 2 or self._closed:
                        raise
                    continue
                finally:
                    self._checking = False
                self._known = known
                if isinstance(reply, Superseded):
                    raise SupersededError
                return reply
        raise WorkerError("the analysis ended twice without an answer")

    def supersede(self) -> None:
        """Have the running check given up, if there is one; it may end with its answer all the same."""
        process = self._process
        if self._checking and process is not None and process.stdin is not None:
            self._checking = False
            process.stdin.write(frame(Supersede()))

    async def describe(self) -> tuple[RuleInfo, ...]:
        """List the rules, from a second process if the first one dies.

        Raises:
            WorkerError: There is no answer.
        """
        async with self._turn:
            try:
                return await self._exchange(Describe())
            except WorkerError:
                return await self._exchange(Describe())

    async def ask(self, request: Request[R]) -> R:
        """Answer a question about the last check.

        Raises:
            WorkerError: There is no answer; after a replacement, the new process needs a check first.
        """
        async with self._turn:
            return await self._exchange(request)

    async def _exchange(self, request: Request[R]) -> R:
        if self._closed:
            raise WorkerError("the server is shutting down")
        if self._process is None:
            await self.start()
        # The exchange is shielded: a cancelled asker must not leave half an answer in the pipe.
        exchange = asyncio.ensure_future(self._send_and_receive(request))
        try:
            reply = await asyncio.shield(exchange)
        except asyncio.CancelledError:
            await asyncio.wait([exchange])
            if not exchange.cancelled() and (error := exchange.exception()) is not None:
                logger.debug("nobody waits for this any more: %s", error)
            raise
        if isinstance(reply, Failed):
            logger.error("the analysis failed\n%s", reply.trace)
            raise WorkerError(f"the analysis failed: {reply.trace.strip().splitlines()[-1]}")
        return cast(R, reply)

    async def _send_and_receive(self, request: object) -> object:
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            raise WorkerError("the worker process is not running")
        try:
            async with asyncio.timeout(self.timeout_s):
                process.stdin.write(frame(request))
                await process.stdin.drain()
                while True:
                    (size,) = HEADER.unpack(await process.stdout.readexactly(HEADER.size))
                    message = unframe(await process.stdout.readexactly(size))
                    if not isinstance(message, EarlyFindings):
                        return message
                    self._on_early(message.files)
        except TimeoutError:
            reason = f"gave no answer for {self.timeout_s:g} s"
        except (asyncio.IncompleteReadError, ConnectionError):
            reason = "ended unexpectedly"
        await self._replace(process, reason)
        raise WorkerError(f"the analysis process {reason}")

    async def _replace(self, process: asyncio.subprocess.Process, reason: str) -> None:
        await _end(process)
        if self._closed:
            return
        logger.warning("the analysis process %d %s (exit code %s)", process.pid, reason, process.returncode)
        await self.start()
        self._on_replaced(reason)

    async def close(self) -> None:
        """End the process, whatever it is doing."""
        self._closed = True
        if self._starting is not None:
            await asyncio.wait([self._starting])
        if self._process is not None:
            await _end(self._process)


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        try:
            process.kill()
        except ProcessLookupError:
            logger.debug("process %d is gone already", process.pid)
    await process.wait()
