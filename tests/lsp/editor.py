"""An editor for tests: drives the real server over its pipes with the abilities of a real client."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from lsprotocol import types as t
from lsprotocol.converters import get_converter
from pytest_lsp import LanguageClient

CLIENTS = sorted(path.stem for path in (Path(__file__).parent / "clients").glob("*.json"))
PATIENCE_S = 30


def profile(name: str) -> dict[str, Any]:
    """What was captured of a real client."""
    return json.loads((Path(__file__).parent / "clients" / f"{name}.json").read_text(encoding="utf-8"))


def reading_converter() -> Any:
    """A converter that also reads what python-lsp-server says of notebooks, which the stock one refuses."""
    converter = get_converter()
    plain = converter.get_structure_hook(t.ServerCapabilities)

    def structure(value: dict[str, Any], kind: type) -> Any:
        return plain({key: item for key, item in value.items() if key != "notebookDocumentSync"}, kind)

    converter.register_structure_hook(t.ServerCapabilities, structure)
    return converter


class Editor:
    """One client and its server."""

    def __init__(self, name: str, root: Path, settings: dict[str, Any]) -> None:
        self.name = name
        self.root = root
        self.settings = settings
        self.settings_by_scope: dict[str | None, dict[str, Any]] = {}
        self.client = LanguageClient(converter_factory=reading_converter)
        self.result: t.InitializeResult
        self.versions: dict[str, int] = {}
        self.texts: dict[str, str] = {}
        self.published: list[t.PublishDiagnosticsParams] = []
        self.messages: list[t.ShowMessageParams] = []
        self.registered: list[t.Registration] = []
        self.edits: list[t.WorkspaceEdit] = []
        self.refreshes = 0
        self.partial: list[Any] = []
        self.shown_progress: list[str] = []
        self.tokens: list[t.ProgressToken] = []
        self._heard = asyncio.Event()
        self._listen()

    def _listen(self) -> None:
        feature = self.client.feature

        @feature(t.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def published(params: t.PublishDiagnosticsParams) -> None:
            self.published.append(params)
            self._heard.set()

        @feature(t.WINDOW_SHOW_MESSAGE)
        def shown(params: t.ShowMessageParams) -> None:
            self.messages.append(params)
            self._heard.set()

        @feature(t.CLIENT_REGISTER_CAPABILITY)
        def registered(params: t.RegistrationParams) -> None:
            self.registered += params.registrations
            self._heard.set()

        @feature(t.WORKSPACE_DIAGNOSTIC_REFRESH)
        def refreshed(params: None) -> None:
            self.refreshes += 1
            self._heard.set()

        @feature(t.WORKSPACE_CODE_LENS_REFRESH)
        @feature(t.WORKSPACE_INLAY_HINT_REFRESH)
        def ignored(params: None) -> None:
            pass

        @feature(t.WINDOW_WORK_DONE_PROGRESS_CREATE)
        def progress_created(params: t.WorkDoneProgressCreateParams) -> None:
            self.tokens.append(params.token)

        @feature(t.WORKSPACE_APPLY_EDIT)
        def edited(params: t.ApplyWorkspaceEditParams) -> t.ApplyWorkspaceEditResult:
            self.edits.append(params.edit)
            return t.ApplyWorkspaceEditResult(applied=True)

        @feature(t.WORKSPACE_CONFIGURATION)
        def configuration(params: t.ConfigurationParams) -> list[Any]:
            return [self.settings_by_scope.get(item.scope_uri, self.settings) for item in params.items]

        @feature(t.PROGRESS)
        def progressed(params: t.ProgressParams) -> None:
            kind = params.value.get("kind") if isinstance(params.value, dict) else None
            if kind in ("begin", "report", "end"):
                self.shown_progress.append(kind)
            else:
                self.partial.append(params.value)
            self._heard.set()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something that the server sends makes a condition true."""
        async with asyncio.timeout(PATIENCE_S):
            while not condition():
                self._heard.clear()
                await self._heard.wait()

    @property
    def pulls(self) -> bool:
        return self.result.capabilities.diagnostic_provider is not None

    def uri(self, name: str) -> str:
        return (self.root / name).as_uri()

    def open(self, name: str, text: str | None = None) -> str:
        uri = self.uri(name)
        if text is None:
            text = (self.root / name).read_bytes().decode()
        self.versions[uri], self.texts[uri] = 1, text
        item = t.TextDocumentItem(uri, "python", 1, text)
        self.client.text_document_did_open(t.DidOpenTextDocumentParams(item))
        return uri

    def change(self, uri: str, text: str) -> None:
        """Replace the whole text."""
        self.send_changes(uri, [t.TextDocumentContentChangeWholeDocument(text)])
        self.texts[uri] = text

    def send_changes(self, uri: str, changes: list[t.TextDocumentContentChangeEvent]) -> None:
        self.versions[uri] += 1
        self.client.text_document_did_change(
            t.DidChangeTextDocumentParams(t.VersionedTextDocumentIdentifier(self.versions[uri], uri), changes)
        )

    def close(self, uri: str) -> None:
        self.client.text_document_did_close(t.DidCloseTextDocumentParams(t.TextDocumentIdentifier(uri)))

    def save(self, uri: str) -> None:
        self.client.text_document_did_save(t.DidSaveTextDocumentParams(t.TextDocumentIdentifier(uri)))

    async def pull(self, uri: str, previous: str | None = None) -> Any:
        params = t.DocumentDiagnosticParams(t.TextDocumentIdentifier(uri), previous_result_id=previous)
        return await self.client.text_document_diagnostic_async(params)

    async def pull_workspace(self, previous: dict[str, str] | None = None, **more: Any) -> Any:
        known = [t.PreviousResultId(uri, value) for uri, value in (previous or {}).items()]
        return await self.client.workspace_diagnostic_async(t.WorkspaceDiagnosticParams(known, **more))

    async def diagnostics(self, uri: str) -> list[t.Diagnostic]:
        """What the client shows for the present text, by whichever channel it has."""
        if self.pulls:
            return list((await self.pull(uri)).items)
        await self.until(lambda: bool(self.reports(uri)))
        return list(self.reports(uri)[-1].diagnostics)

    def reports(self, uri: str) -> list[t.PublishDiagnosticsParams]:
        return [report for report in self.published if report.uri == uri]

    def worker_pids(self) -> list[int]:
        """Processes that the server started."""
        server = self.client._server.pid
        children = Path(f"/proc/{server}/task/{server}/children").read_text()
        return [int(pid) for pid in children.split()]


@asynccontextmanager
async def start(
    name: str,
    root: Path,
    *,
    settings: dict[str, Any] | None = None,
    folders: list[Path] | None = None,
    encoding: str | None = None,
    command: tuple[str, ...] = (sys.executable, "-m", "vatdata_lsp"),
) -> AsyncIterator[Editor]:
    """Start the server as a client does; what was captured of the client decides what it announces."""
    editor = Editor(name, root, settings or {})
    known = profile(name)
    capabilities = known["capabilities"]
    if encoding is not None:
        capabilities.setdefault("general", {})["positionEncodings"] = [encoding]
    wanted = folders if folders is not None else [root] * (known["workspaceFolders"] or 0)
    params = {
        "processId": None,
        "capabilities": capabilities,
        "rootUri": root.as_uri() if known["hasRoot"] else None,
        "rootPath": str(root) if known["hasRoot"] else "/",
        "workspaceFolders": [{"uri": folder.as_uri(), "name": ""} for folder in wanted],
        "initializationOptions": settings,
    }
    await editor.client.start_io(*command)
    try:
        editor.result = await editor.client.initialize_session(
            get_converter().structure(params, t.InitializeParams)
        )
        yield editor
        await editor.client.shutdown_session()
    except BaseException:
        editor.client._server.kill()  # a failed test says no goodbye, and the client waits for the process
        raise
    finally:
        await editor.client.stop()
