"""The server object: pygls with our own text synchronisation, and the session that the features share."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
from collections.abc import Coroutine
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from lsprotocol import types as t
from pygls.exceptions import JsonRpcException
from pygls.io_ import StdoutWriter
from pygls.lsp.server import LanguageServer

from vatdata_lsp.client import Client
from vatdata_lsp.convert import Converter
from vatdata_lsp.protocol import Protocol
from vatdata_lsp.session import Session
from vatdata_lsp.wire import Connection, Pipe, Reader
from vatdata_lsp.worker.client import WorkerError
from vatdata_lsp.worker.process import end

if TYPE_CHECKING:
    from pygls.io_ import AsyncWriter, Writer  # they exist for type checkers only

__all__ = ["VatdataServer", "server_version"]

logger = logging.getLogger(__name__)


def server_version() -> str:
    """Return the version of the installed distribution, ``0`` in a bare checkout."""
    try:
        return version("vatdata")
    except PackageNotFoundError:
        return "0"


class VatdataServer(LanguageServer):
    """The language server; `session` exists from `initialize` on.

    Args:
        launched: A worker process that is there already; without one, `initialize` launches it.
    """

    def __init__(self, launched: subprocess.Popen[bytes] | None = None) -> None:
        super().__init__(  # pyright: ignore[reportUnknownMemberType]  # pygls: untyped *args
            "vatdata-lsp", server_version(), protocol_cls=Protocol
        )
        self._launched = launched
        self._session: Session | None = None
        self._tasks: set[asyncio.Task[Any]] = set()

    @property
    def session(self) -> Session:
        """The session with the connected editor.

        Raises:
            JsonRpcException: The editor has not sent `initialize` yet.
        """
        if self._session is None:
            raise JsonRpcException("the server is not initialized", code=-32002)
        return self._session

    def begin_session(self, capabilities: t.ClientCapabilities) -> Session:
        """Start the session of a client; its worker process imports what it needs in the background."""
        launched, self._launched = self._launched, None
        self._session = Session(Client.of(capabilities), self.tell, launched)
        try:
            self._session.worker.launch()
        except WorkerError as error:
            logger.error("%s", error)  # the first check tries again, and tells the user
        return self._session

    def start_io(self, stdin: BinaryIO | None = None, stdout: BinaryIO | None = None) -> None:
        """Serve the client at the other end of two pipes; return when it leaves, by saying goodbye or not."""
        reader = Pipe(stdin or sys.stdin.buffer, self.thread_pool)
        self._run(self._converse(reader, StdoutWriter(stdout or sys.stdout.buffer)))

    def start_tcp(self, host: str, port: int) -> None:
        """Serve the first client that connects; return when it leaves, by saying goodbye or not.

        pygls' own method goes on listening when a connection is reset, and nobody ends the process then.
        """
        self._run(self._serve_one(host, port))

    def _run(self, serving: Coroutine[Any, Any, None]) -> None:
        try:
            asyncio.run(serving)
        except (KeyboardInterrupt, SystemExit):
            logger.debug("ended by the client's exit message or by a signal")
        finally:
            self.shutdown()  # type: ignore[no-untyped-call]  # pygls: no annotation

    async def _serve_one(self, host: str, port: int) -> None:
        arrival: asyncio.Future[tuple[asyncio.StreamReader, asyncio.StreamWriter]]
        arrival = asyncio.get_running_loop().create_future()

        def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if arrival.done():
                writer.close()
            else:
                arrival.set_result((reader, writer))

        listening = await asyncio.start_server(connected, host, port)
        reader, writer = await arrival
        listening.close()
        try:
            await self._converse(Connection(reader), writer)
        finally:
            writer.close()

    async def _converse(self, reader: Reader, writer: AsyncWriter | Writer) -> None:
        """Answer messages until the client leaves, then end the worker."""
        protocol = cast("Protocol", self.protocol)
        protocol.set_writer(writer)
        try:
            while body := await reader.read():
                protocol.receive(body)
        except (ConnectionError, asyncio.IncompleteReadError) as error:
            logger.info("the client left without a goodbye: %s", error)
        finally:
            if self._session is not None:
                await self._session.close()
            elif self._launched is not None:
                await end(self._launched)

    def converter(self) -> Converter:
        """Return what converts findings for this client, with the addresses of what is open now."""
        session = self.session
        uris = {document.path: document.uri for document in session.documents if document.path is not None}
        return Converter(session.client, session.rules, uris)

    def tell(self, text: str, is_error: bool) -> None:
        """Show the user a text."""
        kind = t.MessageType.Error if is_error else t.MessageType.Warning
        self.window_show_message(t.ShowMessageParams(type=kind, message=text))

    def spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run a coroutine in the background; what goes wrong is logged.

        Requests to the client go this way: a task that is cancelled while it waits for the client's answer
        would break the connection's bookkeeping.
        """
        future = asyncio.create_task(work)
        self._tasks.add(future)
        future.add_done_callback(self._done)
        return future

    def _done(self, future: asyncio.Task[Any]) -> None:
        self._tasks.discard(future)
        error = None if future.cancelled() else future.exception()
        if isinstance(error, JsonRpcException):
            logger.warning("the client refused: %s", error)
        elif error is not None:
            logger.error("in the background: %s", error, exc_info=error)
