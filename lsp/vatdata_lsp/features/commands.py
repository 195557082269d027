"""Commands that an editor's menus and lenses run."""

from __future__ import annotations

import asyncio
import os
import platform
import sys

from lsprotocol import types as t

from vatdata_lsp.documents import path_of
from vatdata_lsp.edits import edit_of_changes
from vatdata_lsp.server import VatdataServer, server_version
from vatdata_lsp.wording import first_crank_list
from vatdata_lsp.worker.messages import Doctor, FixAll, Outline

__all__ = ["DEBUG_INFORMATION", "FIX_WORKSPACE", "RESTART_INDEX", "SHOW_FIRST_CRANK", "register"]

FIX_WORKSPACE = "vatdata.fixAllInWorkspace"
DEBUG_INFORMATION = "vatdata.debugInformation"
RESTART_INDEX = "vatdata.restartIndex"
SHOW_FIRST_CRANK = "vatdata.showFirstCrank"


def register(server: VatdataServer) -> None:
    """Add the commands."""
    session = server.session

    @server.command(RESTART_INDEX)
    async def restart_index() -> None:
        session.restart()
        await session.current()

    @server.command(FIX_WORKSPACE)
    async def fix_workspace() -> str:
        """Make all safe fixes in all files, also those that are not open; say what was done."""
        if not session.client.applies_edits:
            return _told("This editor takes no edits from a server; run `vatdata-lint check --fix`.")
        changes = await session.ask(FixAll(None))
        if changes is None or not session.is_current():
            return _told("Nothing was changed: the texts changed meanwhile, please try again.")
        if not changes:
            return _told("There is nothing that can be fixed safely.")
        parameters = t.ApplyWorkspaceEditParams(
            edit=edit_of_changes(server, changes), label="Fix all that vatdata can fix safely"
        )
        # Shielded, since a task that is cancelled while it waits for the client breaks the connection.
        answer = await asyncio.shield(server.spawn(server.workspace_apply_edit_async(parameters)))
        if not answer.applied:
            return _told(
                f"The editor did not make the changes: {answer.failure_reason or 'it gave no reason'}."
            )
        return _told(f"Fixed {len(changes)} file{'' if len(changes) == 1 else 's'}.")

    def _told(text: str) -> str:
        server.window_show_message(t.ShowMessageParams(type=t.MessageType.Info, message=text))
        return text

    @server.command(SHOW_FIRST_CRANK)
    async def show_first_crank(uri: str, *names: str) -> str:
        """Show and return the kinds that the entries of a file define in their first crank.

        Without *names* all entries of the file are meant.
        """
        path = path_of(uri)
        reply = await session.ask(Outline(path)) if path is not None else None
        entries = reply.entries if reply is not None else ()
        text = first_crank_list([item for item in entries if not names or item.name in names])
        text = text or "No entry point here: nothing runs in the first crank."
        return _told(text)

    @server.command(DEBUG_INFORMATION)
    async def debug_information() -> str:
        """Return what a report of trouble should say."""
        lines = await session.ask(Doctor()) or ()
        client = session.client
        return "\n".join(
            [
                f"vatdata {server_version()}, Python {platform.python_version()} ({sys.executable})",
                f"platform {platform.platform()}",
                f"server process {os.getpid()}, analysis process {session.worker.pid}",
                f"positions {client.encoding.value}",
                f"diagnostics {'pulled' if client.pulls else 'published'}, "
                f"settings {'asked for' if client.configuration else 'sent by the client'}, "
                f"files {'watched' if client.watches else 'looked at on save'}",
                f"last check {session.last_check_s * 1000:.0f} ms, {session.files_checked} files, "
                f"{session.checks} checks so far",
                *lines,
            ]
        )
