"""Commands that an editor's menus and lenses run."""

from __future__ import annotations

import os
import platform
import sys

from lsprotocol import types as t

from vatdata_lsp.documents import path_of
from vatdata_lsp.server import VatdataServer, server_version
from vatdata_lsp.wording import first_crank_list
from vatdata_lsp.worker.messages import Doctor, Outline

__all__ = ["DEBUG_INFORMATION", "RESTART_INDEX", "SHOW_FIRST_CRANK", "register"]

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
        server.window_show_message(t.ShowMessageParams(type=t.MessageType.Info, message=text))
        return text

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
