"""The server's end of the worker process: starts it, asks it, replaces it when it dies or hangs."""

from __future__ import annotations

import asyncio
import logging
import subprocess
from collections.abc import Callable, Mapping
from typing import TypeVar, cast

from vatdata_lsp.text import Text
from vatdata_lsp.worker.launch import launch
from vatdata_lsp.worker.messages import (
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
)
from vatdata_lsp.worker.process import WorkerProcess, end

__all__ = ["SupersededError", "Worker", "WorkerError"]

logger = logging.getLogger(__name__)
R = TypeVar("R")


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
        launched: A process that is there already, so that it need not be waited for.
    """

    def __init__(
        self,
        on_replaced: Callable[[str], None],
        on_early: Callable[[tuple[FileFindings, ...]], None] = lambda files: None,
        *,
        timeout_s: float,
        launched: subprocess.Popen[bytes] | None = None,
    ) -> None:
        self._on_replaced = on_replaced
        self._on_early = on_early
        self._checking = False
        self.timeout_s = timeout_s
        self._popen = launched
        self._process: WorkerProcess | None = None
        self._turn = asyncio.Lock()
        self._known: dict[str, Text] = {}
        self._closed = False
        self._ending: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """Process id of the running worker."""
        return self._popen.pid if self._popen is not None else None

    def launch(self) -> subprocess.Popen[bytes]:
        """Return the process, launched where there is none, so that it imports the analyser before it is asked.

        Raises:
            WorkerError: It cannot be started.
        """
        if self._closed:
            raise WorkerError("the server is shutting down")
        if self._popen is None:
            try:
                self._popen = launch()
            except OSError as error:
                raise WorkerError(f"the analysis process cannot be started: {error}") from error
        return self._popen

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
            if self._process is not None and self._process.popen.poll() is not None and not self._closed:
                await self._replace("ended unexpectedly")  # while idle: not the fault of these texts
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
        if self._checking and self._process is not None:
            self._checking = False
            self._process.write(Supersede())

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
        try:
            async with asyncio.timeout(self.timeout_s):
                process = await self._connected()
                process.write(request)
                await process.drain()
                while isinstance(message := await process.read(), EarlyFindings):
                    self._on_early(message.files)
                return message
        except TimeoutError:
            reason = f"gave no answer for {self.timeout_s:g} s"
        except (asyncio.IncompleteReadError, ConnectionError):
            reason = "ended unexpectedly"
        await self._replace(reason)
        raise WorkerError(f"the analysis process {reason}")

    async def _connected(self) -> WorkerProcess:
        if self._process is None:
            self._process = await WorkerProcess.connect(self.launch())
        return self._process

    async def _replace(self, reason: str) -> None:
        """End the process and launch another one; it imports the analyser while nothing is asked of it."""
        popen = self._popen
        await self._end()
        if self._closed or popen is None:
            return
        logger.warning("the analysis process %d %s (exit code %s)", popen.pid, reason, popen.returncode)
        self._known = {}
        self.launch()
        self._on_replaced(reason)

    async def _end(self) -> None:
        popen, process = self._popen, self._process
        self._popen = self._process = None
        if process is not None:
            process.close()
        if popen is not None:
            await end(popen)

    async def close(self) -> None:
        """End the process, whatever it is doing; whoever comes second waits for the same end."""
        self._closed = True
        if self._ending is None:
            self._ending = asyncio.create_task(self._end())
        await asyncio.shield(self._ending)
