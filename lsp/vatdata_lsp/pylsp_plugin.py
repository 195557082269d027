"""A plugin of python-lsp-server, for editors that run one server for each file: the same findings, inside that server.

It checks in the process of its host, within the host's own pause after typing, and says where findings lead to in
their text where the client shows no related places.
"""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from pluggy import HookimplMarker

if TYPE_CHECKING:
    from vatdata_lsp.worker.messages import FileFindings, Folder

__all__ = ["pylsp_lint", "pylsp_settings"]

NAME = "vatdata"
hook = HookimplMarker("pylsp")


class HostDocument(Protocol):
    """What is used of the host's documents."""

    uri: str
    path: str

    @property
    def source(self) -> str:
        """The newest text."""
        ...


class HostWorkspace(Protocol):
    """What is used of the host's workspaces."""

    @property
    def root_path(self) -> str | None:
        """The folder, None for files outside all folders."""
        ...

    @property
    def documents(self) -> Mapping[str, HostDocument]:
        """Open documents by address; notebooks have no source."""
        ...


class HostConfig(Protocol):
    """What is used of the host's configuration."""

    @property
    def capabilities(self) -> Mapping[str, Any]:
        """What the client sent with `initialize`."""
        ...

    def plugin_settings(self, plugin: str, document_path: str | None = None) -> Mapping[str, Any]:
        """Return the settings of one plugin."""
        ...


class Checks:
    """What is known of one workspace of the host."""

    def __init__(self) -> None:
        from vatdata_lint import tool_version
        from vatdata_lsp.worker.analyst import Analyst
        from vatdata_lsp.worker.rule_pages import describe_rules, pages_folder

        self.rules = {rule.code: rule for rule in describe_rules(pages_folder(tool_version()))}
        self._analyst = Analyst()
        self._texts: dict[str, str] = {}
        self._found: dict[str, FileFindings] = {}
        self._turn = threading.Lock()

    def check(self, folders: tuple[Folder, ...], texts: Mapping[str, str], path: str) -> FileFindings | None:
        """Check the workspace, and return what there is in one file."""
        from vatdata_lsp.worker.messages import Check, CheckReply

        with self._turn:
            changed: dict[str, str | None] = {
                name: text for name, text in texts.items() if self._texts.get(name) != text
            }
            changed.update(dict.fromkeys(self._texts.keys() - texts.keys()))
            reply = self._analyst.answer(Check(folders, changed))
            if not isinstance(reply, CheckReply):
                raise TypeError(f"the analyst answered a check with a {type(reply).__name__}")
            self._texts = dict(texts)
            for file in reply.files:
                self._found[file.path] = file
            return self._found.get(path)


_checks: dict[str, Checks] = {}


@hook
def pylsp_settings(config: HostConfig) -> dict[str, Any]:
    """Offer the settings of the plugin with their defaults."""
    default: dict[str, Any] = {
        "enabled": True,
        "configuration": None,
        "select": [],
        "extendSelect": [],
        "ignore": [],
        "manifest": None,
        "store": None,
    }
    return {"plugins": {NAME: default}}


@hook
def pylsp_lint(
    config: HostConfig, workspace: HostWorkspace, document: HostDocument, is_saved: bool
) -> list[Any]:
    """Return the diagnostics of one document, judged in its workspace with all unsaved texts."""
    if not document.uri.startswith("file:"):
        return []
    from lsprotocol.converters import get_converter
    from lsprotocol.types import ClientCapabilities

    from vatdata_lsp.client import Client
    from vatdata_lsp.convert import Converter
    from vatdata_lsp.settings import Settings
    from vatdata_lsp.text import PositionEncoding
    from vatdata_lsp.worker.messages import Folder

    settings = Settings.of(config.plugin_settings(NAME))
    root = workspace.root_path
    folders = (
        (
            Folder(
                root,
                configuration=settings.configuration,
                select=settings.select,
                extend_select=settings.extend_select,
                ignore=settings.ignore,
                manifest=settings.manifest,
                store=settings.store,
            ),
        )
        if root
        else ()
    )
    texts = {
        other.path: other.source
        for other in list(workspace.documents.values())
        if other.uri.startswith("file:") and hasattr(other, "source")
    }
    checks = _checks.setdefault(root or "", Checks())
    found = checks.check(folders, texts | {document.path: document.source}, document.path)
    converter = get_converter()
    capabilities = converter.structure(config.capabilities, ClientCapabilities)
    client = dataclasses.replace(Client.of(capabilities), encoding=PositionEncoding.UTF16)  # the host's own
    shown = Converter(client, checks.rules, {document.path: document.uri}).diagnostics(found)
    return [converter.unstructure(diagnostic) for diagnostic in shown]
