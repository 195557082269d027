"""Folders, settings, and files that changed on the disk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from lsprotocol import types as t

from vatdata_lsp.documents import path_of, uri_of
from vatdata_lsp.features import watching
from vatdata_lsp.server import VatdataServer
from vatdata_lsp.session import WorkspaceFolder, folder_of
from vatdata_lsp.settings import SECTION, Settings

__all__ = ["first_folders", "register"]


def first_folders(params: t.InitializeParams) -> list[str]:
    """Return the addresses of the folders that a client starts with; older clients know a root only."""
    if params.workspace_folders:
        return [folder.uri for folder in params.workspace_folders]
    if params.root_uri:
        return [params.root_uri]
    return [uri_of(params.root_path)] if params.root_path and params.root_path != "/" else []


def register(server: VatdataServer, folders: Sequence[str], options: object) -> None:
    """Add the handlers of the workspace.

    Args:
        server: With a session.
        folders: Addresses of the first folders.
        options: Settings sent with `initialize`, for clients that cannot be asked.
    """
    session = server.session
    uris = list(dict.fromkeys(folders))
    given = Settings.of(_section(options))

    session.folders = {uri: folder for uri in uris if (folder := folder_of(uri, given)) is not None}

    def configure(general: Settings, scoped: Sequence[Settings]) -> None:
        found: dict[str, WorkspaceFolder] = {}
        for uri, settings in zip(uris, scoped, strict=True):
            folder = folder_of(uri, settings)
            if folder is not None:
                found[uri] = folder
        session.configure(general, found)

    async def read_settings() -> None:
        """Ask for the settings of each folder, and for those outside of all."""
        asked: list[str | None] = [None, *uris]
        answer: Sequence[object] = await server.workspace_configuration_async(
            t.ConfigurationParams(
                items=[t.ConfigurationItem(scope_uri=uri, section=SECTION) for uri in asked]
            )
        )
        read = [Settings.of(value) if value is not None else given for value in answer]
        if len(read) == len(uris) + 1:  # else the folders changed meanwhile, and a newer question is out
            configure(read[0], read[1:])

    def settings_changed() -> None:
        if session.client.configuration:
            server.spawn(read_settings())
        else:
            configure(given, [given] * len(uris))

    @server.feature(t.INITIALIZED)
    def initialized(params: t.InitializedParams) -> None:
        settings_changed()
        watching.have_watched(server)

    @server.feature(t.WORKSPACE_DID_CHANGE_CONFIGURATION)
    def did_change_configuration(params: t.DidChangeConfigurationParams) -> None:
        nonlocal given
        section = _section(params.settings)
        if section is not None:
            given = Settings.of(section)
        settings_changed()

    @server.feature(t.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    def did_change_workspace_folders(params: t.DidChangeWorkspaceFoldersParams) -> None:
        removed = {path_of(folder.uri) or folder.uri for folder in params.event.removed}
        kept = [uri for uri in uris if (path_of(uri) or uri) not in removed]
        uris[:] = dict.fromkeys([*kept, *(folder.uri for folder in params.event.added)])
        settings_changed()

    @server.feature(t.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def did_change_watched_files(params: t.DidChangeWatchedFilesParams) -> None:
        if any(session.documents.get(event.uri) is None for event in params.changes):
            session.touch()


def _section(value: object) -> object:
    """Return our part of settings that a client sends, which may be wrapped in the section's name."""
    if isinstance(value, dict):
        table = cast("dict[str, object]", value)
        return table.get(SECTION, table or None)
    return None
