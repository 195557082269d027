"""One editor's session: its documents and folders, the newest findings, and who is told of them.

Every edit, setting and file event raises the revision. A check belongs to the revision at which it began; its
findings are shown only when no newer one has come meanwhile, so no report is ever about a superseded text.

A report is due `QUIET_S` after a single edit, and the check begins earlier by what the last one took, so that for most
files nothing is waited for twice. An edit that comes before the report gives up the check that is running; it and
those behind it are a burst of typing, and its one check begins `BURST_QUIET_S` after the last of them.
"""

from __future__ import annotations

import asyncio
import logging
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from vatdata_lsp.client import Client
from vatdata_lsp.documents import Documents, path_of
from vatdata_lsp.settings import Settings
from vatdata_lsp.worker.client import SupersededError, Worker, WorkerError
from vatdata_lsp.worker.messages import FileFindings, Folder, Request, RuleInfo

__all__ = ["QUIET_S", "Listener", "Session", "WorkspaceFolder", "folder_of"]

logger = logging.getLogger(__name__)
R = TypeVar("R")

QUIET_S = 0.053
"""Without a request, a report comes when nothing was typed for so long: edits 50 ms apart are reported once."""

BURST_QUIET_S = 0.08
"""The same while somebody types on: keys come less evenly than they were pressed, above all on a busy machine."""

SETTINGS_S = 2.0
"""How long the first check waits for the client's settings: without them it might report what is switched off."""

Listener = Callable[[frozenset[str]], None]
"""Called after a check of the newest revision with the paths of files that were edited or changed findings."""


@dataclass(frozen=True, slots=True)
class WorkspaceFolder:
    """A folder of the workspace: its address, its path, and its settings."""

    uri: str
    path: str
    settings: Settings


class Session:
    """Keeps findings in step with texts.

    Args:
        client: What the editor can do.
        tell: Called with a text that the user must see, and whether it is an error.
        launched: A worker process that is there already.
    """

    def __init__(
        self,
        client: Client,
        tell: Callable[[str, bool], None],
        launched: subprocess.Popen[bytes] | None = None,
    ) -> None:
        self.client = client
        self.documents = Documents(client.encoding)
        self.folders: dict[str, WorkspaceFolder] = {}
        self.settings = Settings()
        self.rules: Mapping[str, RuleInfo] = {}
        self.findings: dict[str, FileFindings] = {}
        self.early: dict[str, FileFindings] = {}
        self.listeners: list[Listener] = []
        self.early_listeners: list[Callable[[], None]] = []
        self.around_check: Callable[[asyncio.Future[None]], None] | None = None
        self.revision = 0
        self.last_check_s = 0.0
        self.files_checked = 0
        self.inputs: frozenset[str] = frozenset()
        self.checks = 0
        self.superseded = 0
        self.worker = Worker(
            self._replaced,
            self._hear_early,
            timeout_s=self.settings.analysis_timeout_s,
            launched=launched,
        )
        self._tell = tell
        self._told: set[str] = set()
        self._checked = -1
        self._fresh = False
        self._pending: set[str] = set()
        self._running: asyncio.Task[None] | None = None
        self._beginning: asyncio.TimerHandle | None = None
        self._reporting: asyncio.TimerHandle | None = None
        self._due = 0.0
        self._expected_s = QUIET_S  # the first check begins at once
        self._waiting = 0
        self._reported = -1
        self._abandoned = -1
        self._must_finish = False
        self._checking_revision = -1
        self._configured = asyncio.Event()

    def configure(self, settings: Settings, folders: Mapping[str, WorkspaceFolder]) -> None:
        """Take new settings and folders; a check follows."""
        self.settings = settings
        self.folders = dict(folders)
        self.worker.timeout_s = settings.analysis_timeout_s
        self._configured.set()
        self.touch()

    def touch(self, path: str | None = None) -> None:
        """Note that a text, a file or a setting changed; a check and a report follow when it stays quiet."""
        loop = asyncio.get_running_loop()
        is_burst = self._reported != self.revision and self._due > loop.time()
        self.revision += 1
        if path is not None:
            self._pending.add(path)
        self._give_up()
        self._due = loop.time() + (BURST_QUIET_S if is_burst else QUIET_S)
        begins = self._due if is_burst else max(loop.time(), self._due - self._expected_s)
        if self._beginning is not None:
            self._beginning.cancel()
        self._beginning = loop.call_at(begins, self._check_soon)

    def cancel_check(self) -> None:
        """Give up the running check as the user wishes; the next edit, or `restart`, brings another one."""
        self._abandoned = self.revision
        self._must_finish = False
        self._give_up()

    def _give_up(self) -> None:
        """Have the running check given up, but not twice in a row: whoever types on and on gets a result."""
        self.early.clear()
        if not self._must_finish:
            self.worker.supersede()

    def restart(self) -> None:
        """Forget all that was understood of the project and check it anew."""
        self._fresh = True
        self.touch()

    def settings_of(self, path: str | None) -> Settings:
        """Return the settings that govern a file: those of the innermost folder around it."""
        folder = self.folder_around(path) if path is not None else None
        return folder.settings if folder is not None else self.settings

    def folder_around(self, path: str) -> WorkspaceFolder | None:
        """Return the innermost folder around a file."""
        around = [folder for folder in self.folders.values() if _is_in(path, folder.path)]
        return max(around, key=lambda folder: len(folder.path)) if around else None

    def is_current(self) -> bool:
        """Say whether the findings belong to the newest texts."""
        return self._checked == self.revision

    async def current(self) -> bool:
        """Wait until the findings belong to the newest texts.

        Returns:
            False when the check failed or the user cancelled it: the findings are those of an older text.

        Cost: nothing when they do; else one check, or more while the user goes on typing.
        """
        self._waiting += 1
        try:
            while not self.is_current():
                if self._abandoned == self.revision and not self.is_checking():
                    return False
                await asyncio.shield(self._check_now())
        finally:
            self._waiting -= 1
        return True

    def is_checking(self) -> bool:
        """Say whether a check is running."""
        return self._running is not None and not self._running.done()

    async def ask(self, request: Request[R]) -> R | None:
        """Answer a question about the newest texts, None when the worker cannot."""
        if not await self.current():
            return None
        try:
            return await self.worker.ask(request)
        except WorkerError as error:
            logger.warning("no answer: %s", error)
            self.touch()  # a new process knows nothing until it has checked
            return None

    async def close(self) -> None:
        """End the worker; nothing is reported any more."""
        self.listeners.clear()
        for timer in (self._beginning, self._reporting):
            if timer is not None:
                timer.cancel()
        await self.worker.close()

    def _check_soon(self) -> None:
        self._beginning = None
        if not self.is_current():
            self._check_now()

    def _check_now(self) -> asyncio.Task[None]:
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._check())
            if self.around_check is not None:
                self.around_check(self._running)
        return self._running

    async def _check(self) -> None:
        if not self._configured.is_set():
            await asyncio.wait([asyncio.ensure_future(self._configured.wait())], timeout=SETTINGS_S)
            self._configured.set()
        while not self.is_current():
            if self._beginning is not None and not self._waiting:
                return  # more is being typed, and nobody waits for an answer
            if self._abandoned == self.revision:
                return
            await self._check_once()
        self._report_when_due()

    def _report_when_due(self) -> None:
        if self._reporting is not None:
            self._reporting.cancel()
        self._reporting = asyncio.get_running_loop().call_at(self._due, self._report)

    def _report(self) -> None:
        self._reporting = None
        if not self.is_current():
            return  # an edit came while the report was held back
        changed = frozenset(self._pending)
        self._pending.clear()
        self._reported = self.revision
        for listener in self.listeners:
            listener(changed)

    def _hear_early(self, files: tuple[FileFindings, ...]) -> None:
        if self._checking_revision != self.revision:
            return
        self.early.update({file.path: file for file in files})
        for listener in self.early_listeners:
            listener()

    async def _check_once(self) -> None:
        revision = self._checking_revision = self.revision
        fresh, self._fresh = self._fresh, False
        began = asyncio.get_running_loop().time()
        try:
            if not self.rules:
                self.rules = {rule.code: rule for rule in await self.worker.describe()}
            reply = await self.worker.check(self._wire_folders(), self.documents.texts(), fresh=fresh)
        except SupersededError:
            self.superseded += 1
            self._must_finish = True
            return
        except WorkerError as error:
            logger.error("not checked: %s", error)
            self._tell_once(f"vatdata could not check this workspace: {error}", is_error=True)
            self._abandoned = revision  # the findings at hand are those of an older text: nobody gets them
            return
        if reply.complete:
            for path in self.findings.keys() - {file.path for file in reply.files}:
                del self.findings[path]
                self._pending.add(path)
        for file in reply.files:
            self._pending.add(file.path)
            if file.findings:
                self.findings[file.path] = file
            else:
                self.findings.pop(file.path, None)
        for problem in reply.problems:
            self._tell_once(f"vatdata: {problem}", is_error=True)
        self._told &= {f"vatdata: {problem}" for problem in reply.problems} | {_REPLACED}
        self.early.clear()
        self._must_finish = False
        self._expected_s = asyncio.get_running_loop().time() - began
        self.last_check_s = reply.seconds
        self.files_checked = reply.files_checked
        self.inputs = frozenset(reply.inputs)
        self.checks += 1
        self._checked = revision

    def _wire_folders(self) -> tuple[Folder, ...]:
        return tuple(
            Folder(
                path=folder.path,
                enabled=folder.settings.enable,
                configuration=folder.settings.configuration,
                select=folder.settings.select,
                extend_select=folder.settings.extend_select,
                ignore=folder.settings.ignore,
                manifest=folder.settings.manifest,
                store=folder.settings.store,
            )
            for folder in self.folders.values()
        )

    def _replaced(self, reason: str) -> None:
        logger.warning("the analysis process was replaced: it %s", reason)
        self._tell_once(_REPLACED, is_error=False)

    def _tell_once(self, text: str, *, is_error: bool) -> None:
        if text not in self._told:
            self._told.add(text)
            self._tell(text, is_error)


_REPLACED = "The vatdata analysis process ended or hung and was started again; the log says why."


def _is_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def folder_of(uri: str, settings: Settings) -> WorkspaceFolder | None:
    """Return the folder at an address, None for one that is not on the disk."""
    path = path_of(uri)
    return WorkspaceFolder(uri, path.rstrip("/") or "/", settings) if path is not None else None
