"""Puts the server together: which features there are depends on what the client can do."""

from __future__ import annotations

import subprocess

from lsprotocol import types as t

from vatdata_lsp.features import (
    actions,
    commands,
    completion,
    documents,
    hierarchy,
    hover,
    lens,
    progress,
    pull,
    push,
    workspace,
)
from vatdata_lsp.server import VatdataServer

__all__ = ["create_server"]


def create_server(launched: subprocess.Popen[bytes] | None = None) -> VatdataServer:
    """Return a server that waits for its client.

    Args:
        launched: A worker process that is there already.
    """
    server = VatdataServer(launched)
    documents.register(server)

    @server.feature(t.INITIALIZE)
    def initialize(params: t.InitializeParams) -> None:
        session = server.begin_session(params.capabilities)
        channel = pull if session.client.pulls else push
        channel.register(server)
        for feature in (progress, actions, hover, completion, lens, hierarchy, commands):
            feature.register(server)
        workspace.register(server, workspace.first_folders(params), params.initialization_options)

    @server.feature(t.SHUTDOWN)
    async def shutdown(params: None) -> None:
        await server.session.close()

    return server
