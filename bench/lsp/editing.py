"""One open document: makes an edit, and waits until what the server says agrees with it."""

from __future__ import annotations

import time
from pathlib import Path

from .wire import Connection, Message

__all__ = ["Editing"]

UNKNOWN = "unknown_name"
"""What the line that is put in awaits: our server calls a definition late then, ruff calls the name unknown."""


class Editing:
    """A document in one server.

    Args:
        connection: The server.
        path: The file.
        line: Where a line is put in and taken out, from 0.
        has_mark: Whether the line makes a difference to the diagnostics.
        pulls: As the connection.
    """

    def __init__(self, connection: Connection, path: Path, line: int, *, has_mark: bool, pulls: bool) -> None:
        self._connection = connection
        self.uri = path.as_uri()
        self._line = line
        self._has_mark = has_mark
        self._pulls = pulls
        self._version = 1
        self._is_in = False
        self._known: str | None = None
        self._shown: list[Message] = []
        item = {
            "uri": self.uri,
            "languageId": "python",
            "version": 1,
            "text": path.read_text(encoding="utf-8"),
        }
        self.await_report(connection.notify("textDocument/didOpen", {"textDocument": item}))

    def edit(self) -> float:
        """Put the line in, or take it out; return when that had been sent."""
        start = {"line": self._line, "character": 0}
        end = {"line": self._line + self._is_in, "character": 0}
        text = "" if self._is_in else f"    await {UNKNOWN}.load({self._version})\n"
        if not self._has_mark and text:
            text = f"# {self._version}\n"
        self._is_in = not self._is_in
        self._version += 1
        return self._connection.notify(
            "textDocument/didChange",
            {
                "textDocument": {"uri": self.uri, "version": self._version},
                "contentChanges": [{"range": {"start": start, "end": end}, "text": text}],
            },
        )

    def timed_edit(self) -> float:
        """Edit; return the milliseconds until the diagnostics agree with the new text."""
        return self.await_report(self.edit())

    def await_report(self, sent: float) -> float:
        """Return the milliseconds from *sent* to the diagnostics of the present text."""
        end = sent + 60
        while time.perf_counter() < end:
            at = self._pull() if self._pulls else self._hear()
            if not self._has_mark or self._version == 1 or self._agrees():
                return (at - sent) * 1e3
        raise TimeoutError(f"nothing agreed with version {self._version} of {self.uri}")

    def _agrees(self) -> bool:
        marks = [item for item in self._shown if item.get("code") == "VD103" or UNKNOWN in item["message"]]
        return bool(marks) == self._is_in

    def _pull(self) -> float:
        parameters: Message = {"textDocument": {"uri": self.uri}}
        if self._known is not None:
            parameters["previousResultId"] = self._known
        at, report = self._connection.request("textDocument/diagnostic", parameters)
        self._known = report.get("resultId")
        if report["kind"] == "full":
            self._shown = report["items"]
        return at

    def _hear(self) -> float:
        at, message = self._connection.until(self.is_report)
        self._shown = message["params"]["diagnostics"]
        return at

    def is_report(self, message: Message) -> bool:
        """Say whether a message is a report about the present version of this document."""
        return (
            message.get("method") == "textDocument/publishDiagnostics"
            and message["params"]["uri"] == self.uri
            and message["params"].get("version") in (None, self._version)
        )

    def count_reports(self, seconds: float) -> int:
        """Return how many reports about this document come in so many seconds, of whatever version."""
        return sum(
            message.get("method") == "textDocument/publishDiagnostics"
            and message["params"]["uri"] == self.uri
            for message in self._connection.heard(seconds)
        )
