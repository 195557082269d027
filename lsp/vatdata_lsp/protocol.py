"""What the server does with a message before a feature sees it."""

from __future__ import annotations

import logging
from collections.abc import Generator, Mapping
from typing import Any, cast

from lsprotocol import types as t
from pygls.exceptions import (
    JsonRpcException,
    JsonRpcInvalidParams,
    JsonRpcInvalidRequest,
    JsonRpcParseError,
    JsonRpcServerNotInitialized,
)
from pygls.protocol import LanguageServerProtocol
from pygls.protocol.language_server import lsp_method

from vatdata_lsp.wire import parsed

__all__ = ["Protocol"]

logger = logging.getLogger(__name__)


class Protocol(LanguageServerProtocol):
    """pygls' protocol with two differences.

    It has no copies of documents, which split lines where the language server protocol does not; and every request
    gets an answer, also one that makes no sense or comes at the wrong time.
    """

    is_initialized = False
    is_shutting_down = False

    @lsp_method(t.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: t.DidOpenTextDocumentParams) -> Generator[Any, Any, None]:
        """Hand the message to the feature."""
        yield self._handler(t.TEXT_DOCUMENT_DID_OPEN), (params,), None

    @lsp_method(t.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(
        self, params: t.DidChangeTextDocumentParams
    ) -> Generator[Any, Any, None]:
        """Hand the message to the feature."""
        yield self._handler(t.TEXT_DOCUMENT_DID_CHANGE), (params,), None

    @lsp_method(t.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: t.DidCloseTextDocumentParams) -> Generator[Any, Any, None]:
        """Hand the message to the feature."""
        yield self._handler(t.TEXT_DOCUMENT_DID_CLOSE), (params,), None

    def _handler(self, method: str) -> Any:
        features = cast("dict[str, Any]", self.fm.features)  # pyright: ignore[reportUnknownMemberType]  # a bare dict
        return features[method]

    def receive(self, body: bytes) -> None:
        """Take one message, and answer what cannot be handed on."""
        try:
            data = parsed(body)
        except ValueError as error:
            self._refuse(None, JsonRpcParseError(f"not JSON: {error}"))
            return
        if data is None or data.get("jsonrpc") != self.VERSION:
            self._refuse(data, JsonRpcInvalidRequest("expected one JSON-RPC 2.0 message"))
            return
        refusal = self._untimely(data)
        if refusal is not None:
            self._refuse(data, refusal)
            return
        try:
            message: Any = self.structure_message(data)
        except JsonRpcException as error:
            cause = error.__cause__ or error
            self._refuse(data, JsonRpcInvalidParams(f"{data.get('method')}: {cause}"))
            return
        self.handle_message(message)

    def _untimely(self, data: Mapping[str, Any]) -> JsonRpcException | None:
        """Return why a message cannot be taken now."""
        method = data.get("method")
        if method is None:
            return None
        if method == t.EXIT:
            self._shutdown = (
                self.is_shutting_down
            )  # decides the exit code, also when shutdown is not over yet
            return None
        if self.is_shutting_down:
            return JsonRpcInvalidRequest("the server is shutting down")
        if method == t.INITIALIZE:
            was_initialized, self.is_initialized = self.is_initialized, True
            return JsonRpcInvalidRequest("the server is initialized already") if was_initialized else None
        if not self.is_initialized:
            return JsonRpcServerNotInitialized("expected initialize first")
        self.is_shutting_down = method == t.SHUTDOWN
        return None

    def _refuse(self, data: Mapping[str, Any] | None, error: JsonRpcException) -> None:
        """Answer with an error where an answer is expected: notifications and answers get none."""
        logger.warning("refused: %s", error)
        number = data.get("id") if data is not None else None
        if data is None or ("method" in data and isinstance(number, str | int)):
            self._send_response(
                cast("int", number), error=error.to_response_error()
            )  # null where there is none
