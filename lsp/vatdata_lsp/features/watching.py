"""Files and settings that the client watches for the server, where it offers that."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from lsprotocol import types as t

from vatdata_lsp.documents import uri_of
from vatdata_lsp.server import VatdataServer
from vatdata_lsp.settings import SECTION

__all__ = ["WATCHED", "have_watched"]

WATCHED = (
    "**/*.py",
    "**/*.pyi",
    "**/pyproject.toml",
    "**/vatdata-lint.toml",
    "**/kinds.lock",
    "**/.gitignore",
)
WATCHED_NAMES = frozenset(pattern.removeprefix("**/") for pattern in WATCHED)
INPUTS = "vatdata-inputs"


def have_watched(server: VatdataServer) -> None:
    """Have files and settings watched, and files that settings name as soon as a check has seen which."""
    session = server.session
    watched: frozenset[str] = frozenset()

    def heard(changed: frozenset[str]) -> None:
        nonlocal watched
        named = frozenset(path for path in session.inputs if not is_watched(path))
        if session.client.watches and named != watched:
            had_some, watched = bool(watched), named
            server.spawn(watch_inputs(had_some, named))

    def is_watched(path: str) -> bool:
        """Say whether the patterns for all files match a path; they do so below folders of the workspace only."""
        has_name = Path(path).name in WATCHED_NAMES
        return has_name and (not session.client.watches_elsewhere or session.folder_around(path) is not None)

    async def watch_inputs(had_some: bool, paths: frozenset[str]) -> None:
        if had_some:
            gone = t.Unregistration(id=INPUTS, method=t.WORKSPACE_DID_CHANGE_WATCHED_FILES)
            await server.client_unregister_capability_async(t.UnregistrationParams([gone]))
        if paths:
            watchers = [t.FileSystemWatcher(glob_pattern=_pattern(path)) for path in sorted(paths)]
            await server.client_register_capability_async(
                t.RegistrationParams(registrations=[_registration(INPUTS, watchers)])
            )

    def _pattern(path: str) -> str | t.RelativePattern:
        """Return what matches one file, which may lie outside of all folders."""
        folder, _, name = path.rpartition("/")
        if not session.client.watches_elsewhere:
            return f"**/{name}"
        return t.RelativePattern(base_uri=uri_of(folder), pattern=name)

    session.listeners.append(heard)
    wanted: list[t.Registration] = []
    if session.client.watches:
        watchers = [t.FileSystemWatcher(glob_pattern=pattern) for pattern in WATCHED]
        wanted.append(_registration("vatdata-files", watchers))
    if session.client.registers_settings:
        options = t.DidChangeConfigurationRegistrationOptions(section=SECTION)
        method = t.WORKSPACE_DID_CHANGE_CONFIGURATION
        wanted.append(t.Registration(id="vatdata-settings", method=method, register_options=options))
    if wanted:
        server.spawn(server.client_register_capability_async(t.RegistrationParams(registrations=wanted)))


def _registration(number: str, watchers: Iterable[t.FileSystemWatcher]) -> t.Registration:
    options = t.DidChangeWatchedFilesRegistrationOptions(watchers=list(watchers))
    return t.Registration(id=number, method=t.WORKSPACE_DID_CHANGE_WATCHED_FILES, register_options=options)
