"""The server of the pages: this machine only, this address only, reading only."""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from typing import Any, Final, cast
from urllib.parse import parse_qsl, unquote, urlsplit

from ...errors import StoreError, VatDataError
from ...store import Store, open_store
from ..reading import StoreReader
from .pages import Pages, live_figures

__all__ = ["InspectorServer"]

_PACKAGE: Final = "vatdata_runtime.tools.web"
_ASSETS: Mapping[str, str] = {"style.css": "text/css", "live.js": "text/javascript"}
_HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class InspectorServer(ThreadingHTTPServer):
    """Shows one store to whoever knows the address.

    It listens on the loopback interface only, answers only requests whose first part of the path is the token and whose
    ``Host`` is the address itself, so that no page of another origin reads along, and never writes.

    Args:
        path: the store's file.
        port: 0 for any that is free.
    """

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, path: str, port: int = 0) -> None:
        self.store: Store = open_store(path, readonly=True)
        self.token = secrets.token_urlsafe(18)
        self.pages = Pages(f"/{self.token}")
        try:
            super().__init__(("127.0.0.1", port), _Handler)
        except BaseException:
            self.store.close()
            raise

    @property
    def address(self) -> str:
        """What to open in a browser."""
        return f"http://127.0.0.1:{self.server_port}/{self.token}/"

    def hosts(self) -> tuple[str, ...]:
        """Return the values of ``Host`` that are answered."""
        return (f"127.0.0.1:{self.server_port}", f"localhost:{self.server_port}")

    def server_close(self) -> None:
        """Stop, and close the store."""
        super().server_close()
        self.store.close()


class _Handler(BaseHTTPRequestHandler):
    server_version = "vatdata"
    sys_version = ""
    protocol_version = "HTTP/1.1"

    @property
    def inspector(self) -> InspectorServer:
        """The server, by what it is."""
        return cast("InspectorServer", self.server)

    def do_GET(self) -> None:
        """Answer with a page."""
        host = self.headers.get("Host", "")
        path = urlsplit(self.path)
        token, _, rest = path.path.removeprefix("/").partition("/")
        if host not in self.inspector.hosts() or not hmac.compare_digest(
            token.encode(), self.inspector.token.encode()
        ):
            self._answer(
                HTTPStatus.FORBIDDEN, "text/plain", b"This address is not the one that was printed.\n"
            )
            return
        parts = [unquote(part) for part in rest.split("/")]
        self._show(parts, dict(parse_qsl(path.query)))

    do_HEAD = do_GET  # the name is the protocol's

    def _show(self, parts: list[str], query: Mapping[str, str]) -> None:
        if len(parts) == 1 and parts[0] in _ASSETS:
            asset = files(_PACKAGE).joinpath("assets", parts[0]).read_bytes()
            self._answer(HTTPStatus.OK, _ASSETS[parts[0]], asset)
            return
        pages = self.inspector.pages
        store = self.inspector.store
        try:
            with store.snapshot() as snapshot:
                reader = StoreReader(snapshot, store.path, store.format, store.measure())
                try:
                    self._show_page(reader, parts, query)
                except (LookupError, ValueError) as error:
                    self._answer_page(HTTPStatus.NOT_FOUND, pages.error(reader, "Not found", str(error)))
        except (StoreError, VatDataError) as error:
            self._answer_page(
                HTTPStatus.INTERNAL_SERVER_ERROR,
                pages.error(None, "The store cannot be read", f"{type(error).__name__}: {error}"),
            )

    def _show_page(self, reader: StoreReader, parts: list[str], query: Mapping[str, str]) -> None:
        pages = self.inspector.pages
        if parts == ["live.json"]:
            self._answer(HTTPStatus.OK, "application/json", json.dumps(live_figures(reader)).encode())
        elif parts == ["find"]:
            self._redirect(pages.link("object", query.get("ref", "").strip()))
        elif parts == [""]:
            self._answer_page(HTTPStatus.OK, pages.overview(reader))
        elif len(parts) == 2 and parts[0] in _PAGES:
            self._answer_page(HTTPStatus.OK, _PAGES[parts[0]](pages, reader, parts[1], query))
        else:
            raise LookupError("there is no such page")

    # --- answers

    def _answer_page(self, status: HTTPStatus, page: str) -> None:
        self._answer(status, "text/html", page.encode())

    def _answer(self, status: HTTPStatus, sort: str, data: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", f"{sort}; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self._end(data)

    def _redirect(self, address: str) -> None:
        self.send_response(HTTPStatus.SEE_OTHER)
        self.send_header("Location", address)
        self.send_header("Content-Length", "0")
        self._end(b"")

    def _end(self, data: bytes) -> None:
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the terminal shows the address, and stays readable."""


_PAGES: Mapping[str, Callable[[Pages, StoreReader, str, Mapping[str, str]], str]] = {
    "list": lambda pages, reader, name, query: pages.listing(reader, name, query),
    "object": lambda pages, reader, name, query: pages.one_object(reader, name, query),
    "entries": lambda pages, reader, name, query: pages.entries(reader, name, query),
    "baggage": lambda pages, reader, name, query: pages.baggage(reader, name, query),
    "why": lambda pages, reader, name, query: pages.why(reader, name),
}
