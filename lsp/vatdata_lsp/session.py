"""One editor's session: its documents and folders, the newest findings, and who is told of them.

Every edit, setting and file event raises the revision. A check belongs to the revision at which it began; its
findings are shown only when no newer one has come meanwhile, so no report is ever about a superseded text.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from vatdata_lsp.client import Client
from vatdata_lsp.documents import Documents, path_of
from vatdata_lsp.settings import Settings
from vatdata_lsp.worker.client import Worker, WorkerError
from vatdata_lsp.worker.messages import FileFindings, Folder, Request, RuleInfo

__all__ = ["QUIET_S", "Listener", "Session", "WorkspaceFolder", "folder_of"]

logger = logging.getLogger(__name__)
R = TypeVar("R")

QUIET_S = 0.06
"""Without a request, a check starts when nothing was typed for so long: a burst of typing is checked once."""

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
    """

    def __init__(self, client: Client, tell: Callable[[str, bool], None]) -> None:
        self.client = client
        self.documents = Documents(client.encoding)
        self.folders: dict[str, WorkspaceFolder] = {}
        self.settings = Settings()
        self.rules: Mapping[str, RuleInfo] = {}
        self.findings: dict[str, FileFindings] = {}
        self.listeners: list[Listener] = []
        self.around_check: Callable[[asyncio.Future[None]], None] | None = None
        self.revision = 0
        self.last_check_s = 0.0
        self.files_checked = 0
        self.checks = 0
        self.worker = Worker(self._replaced, timeout_s=self.settings.analysis_timeout_s)
        self._tell = tell
        self._told: set[str] = set()
        self._checked = -1
        self._fresh = False
        self._pending: set[str] = set()
        self._running: asyncio.Task[None] | None = None
        self._quiet: asyncio.TimerHandle | None = None
        self._configured = asyncio.Event()

    def configure(self, settings: Settings, folders: Mapping[str, WorkspaceFolder]) -> None:
        """Take new settings and folders; a check follows."""
        self.settings = settings
        self.folders = dict(folders)
        self.worker.timeout_s = settings.analysis_timeout_s
        self._configured.set()
        self.touch()

    def touch(self, path: str | None = None) -> None:
        """Note that a text, a file or a setting changed; a check follows when it stays quiet."""
        self.revision += 1
        if path is not None:
            self._pending.add(path)
        if self._quiet is not None:
            self._quiet.cancel()
        self._quiet = asyncio.get_running_loop().call_later(QUIET_S, self._check_soon)

    def restart(self) -> None:
        """Forget all that was understood of the project and check it anew."""
        self._fresh = True
        self.touch()

    def settings_of(self, path: str | None) -> Settings:
        """Return the settings that govern a file: those of the innermost folder around it."""
        around = [folder for folder in self.folders.values() if path and _is_in(path, folder.path)]
        return max(around, key=lambda folder: len(folder.path)).settings if around else self.settings

    def is_current(self) -> bool:
        """Say whether the findings belong to the newest texts."""
        return self._checked == self.revision

    async def current(self) -> None:
        """Wait until the findings belong to the newest texts.

        Cost: nothing when they do; else one check, or more while the user goes on typing.
        """
        while not self.is_current():
            await asyncio.shield(self._check_now())

    async def ask(self, request: Request[R]) -> R | None:
        """Answer a question about the newest texts, None when the worker cannot."""
        await self.current()
        try:
            return await self.worker.ask(request)
        except WorkerError as error:
            logger.warning("no answer: %s", error)
            self.touch()  # a new process knows nothing until it has checked
            return None

    async def close(self) -> None:
        """End the worker; nothing is reported any more."""
        self.listeners.clear()
        if self._quiet is not None:
            self._quiet.cancel()
        await self.worker.close()

    def _check_soon(self) -> None:
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
            await self._check_once()
        changed = frozenset(self._pending)
        self._pending.clear()
        for listener in self.listeners:
            listener(changed)

    async def _check_once(self) -> None:
        revision = self.revision
        fresh, self._fresh = self._fresh, False
        try:
            if not self.rules:
                self.rules = {rule.code: rule for rule in await self.worker.describe()}
            reply = await self.worker.check(self._wire_folders(), self.documents.texts(), fresh=fresh)
        except WorkerError as error:
            logger.error("not checked: %s", error)
            self._tell_once(f"vatdata could not check this workspace: {error}", is_error=True)
            self._checked = revision
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
        self.last_check_s = reply.seconds
        self.files_checked = reply.files_checked
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
