"""Progress of long checks: a sign that something is going on, and nothing for those that are over at once."""

from __future__ import annotations

import asyncio
import uuid
from concurrent.futures import Future
from typing import Any, cast

from lsprotocol import types as t

from vatdata_lsp.server import VatdataServer

__all__ = ["PATIENCE_S", "register"]

PATIENCE_S = 0.5
"""A check that takes longer is shown."""


def register(server: VatdataServer) -> None:
    """Show checks that take long, where the client can."""
    if not server.session.client.progress:
        return

    def watch(check: asyncio.Future[None]) -> None:
        server.spawn(_show(server, check))

    server.session.around_check = watch


async def _show(server: VatdataServer, check: asyncio.Future[Any]) -> None:
    done, _ = await asyncio.wait([check], timeout=PATIENCE_S)
    if done:
        return
    token = str(uuid.uuid4())
    await server.work_done_progress.create_async(token)  # pyright: ignore[reportUnknownMemberType]  # a bare Future
    if check.done():
        return
    server.work_done_progress.begin(
        token, t.WorkDoneProgressBegin(title="vatdata: checking", cancellable=True)
    )

    def cancelled(asked: Future[Any]) -> None:
        if not check.done():
            server.session.cancel_check()

    tokens = cast("dict[str, Future[Any]]", server.work_done_progress.tokens)  # pyright: ignore[reportUnknownMemberType]
    tokens[token].add_done_callback(
        cancelled
    )  # pygls cancels this future, in the event loop, when the user does
    await asyncio.wait([check])
    server.work_done_progress.end(token, t.WorkDoneProgressEnd())
