"""The measurements: each gives its figures by name, ours and ruff's taken in turn."""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .editing import Editing
from .material import DEPENDENT, HELPER, document, make_workspace
from .wire import Connection, Message, resident_mib

__all__ = ["Figures", "Sizes", "measure_edits", "measure_starts", "measure_workspace"]

OURS = (sys.executable, "-m", "vatdata_lsp")
SETTLE_S = 1.0
BURST, GAP_S = 9, 0.05
PAUSE_S = 0.06
"""Between two edits; the servers take turns, so that each is idle in the other's."""


def ruff_command() -> tuple[str, ...] | None:
    """Return the command of the server that is measured beside ours, None where it is not installed."""
    program = shutil.which("ruff", path=str(Path(sys.executable).parent)) or shutil.which("ruff")
    return (program, "server") if program else None


@dataclass(slots=True)
class Figures:
    """Samples by server and name: milliseconds, mebibytes or counts."""

    samples: dict[tuple[str, str], list[float]] = field(default_factory=lambda: defaultdict(list))

    def add(self, server: str, name: str, value: float) -> None:
        """Take one sample."""
        self.samples[server, name].append(value)


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured: starts, edits of each document, bursts, files and vats of the workspace."""

    starts: int = 5
    edits: int = 40
    bursts: int = 5
    files: int = 2998
    vats: int = 120


def _servers() -> dict[str, tuple[str, ...]]:
    ruff = ruff_command()
    return {"vatdata": OURS, **({"ruff": ruff} if ruff else {})}


@contextmanager
def _running(command: tuple[str, ...], root: Path, *, pulls: bool) -> Generator[Connection]:
    cache = root.parent / "user-cache"
    connection = Connection(command, root, pulls=pulls, environment={"XDG_CACHE_HOME": str(cache)})
    try:
        yield connection
    finally:
        connection.stop()


def measure_starts(figures: Figures, sizes: Sizes) -> None:
    """Start each server, wait, look at its memory; nothing is open."""
    with tempfile.TemporaryDirectory(prefix="vatdata-bench-") as folder:
        root = Path(folder) / "root"
        root.mkdir()
        for _ in range(sizes.starts):
            for name, command in _servers().items():
                with _running(command, root, pulls=True) as connection:
                    figures.add(name, "initialize", connection.start())
                    connection.heard(SETTLE_S)
                    for part, resident in zip(
                        ("memory server", "memory worker"), resident_mib(connection.pid), strict=False
                    ):
                        figures.add(name, part, resident)


def measure_edits(figures: Figures, sizes: Sizes) -> None:
    """Edit documents of two lengths, and one without a candidate, over both channels; then type in bursts."""
    for pulls in (True, False):
        channel = "pull" if pulls else "push"
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="vatdata-bench-")))
            open_documents: list[tuple[str, str, Editing]] = []
            connections: dict[str, Connection] = {}
            for label, lines, is_vat in (
                ("1k", 1000, True),
                ("5k", 5000, True),
                ("no candidate", 1000, False),
            ):
                for name, command in _servers().items():
                    root = folder / label.replace(" ", "_") / name / "root"
                    root.mkdir(parents=True)
                    (root / "pyproject.toml").write_text("[project]\nname = 'measured'\nversion = '0'\n")
                    text, line = document(lines, is_vat=is_vat)
                    (root / "measured.py").write_text(text)
                    connection = stack.enter_context(_running(command, root, pulls=pulls))
                    connection.start()
                    connection.heard(SETTLE_S)
                    editing = Editing(connection, root / "measured.py", line, has_mark=is_vat, pulls=pulls)
                    open_documents.append((name, f"change {label} {channel}", editing))
                    connections[f"{name} {label}"] = connection
            for _ in range(sizes.edits):
                for name, label, editing in open_documents:
                    time.sleep(PAUSE_S)
                    figures.add(name, label, editing.timed_edit())
            if not pulls:
                for name, label, editing in open_documents[:2]:
                    for _ in range(sizes.bursts):
                        _burst(figures, name, label, editing, connections[f"{name} 1k"])


def _burst(figures: Figures, name: str, label: str, editing: Editing, connection: Connection) -> None:
    """Edit nine times 50 ms apart; count the reports, and our server's completed checks."""
    connection.heard(SETTLE_S)
    before = _checks(connection) if name == "vatdata" else 0
    begin = time.perf_counter()
    for number in range(BURST):
        time.sleep(max(0.0, begin + number * GAP_S - time.perf_counter()))
        editing.edit()
    figures.add(name, "burst reports", editing.count_reports(SETTLE_S))
    if name == "vatdata":
        figures.add(name, "burst checks", _checks(connection) - before)


def _checks(connection: Connection) -> int:
    _, said = connection.request(
        "workspace/executeCommand", {"command": "vatdata.debugInformation", "arguments": []}
    )
    found = re.search(r"(\d+) checks so far", said)
    if found is None:
        raise RuntimeError(f"the debug information names no checks: {said}")
    return int(found[1])


def measure_workspace(figures: Figures, sizes: Sizes) -> None:
    """Ask for the findings of a large workspace: cold, idle, after one edit, and in a second start."""
    with tempfile.TemporaryDirectory(prefix="vatdata-bench-") as folder:
        root = Path(folder) / "root"
        root.mkdir()
        expected = make_workspace(root, sizes.files, sizes.vats)
        with _running(OURS, root, pulls=True) as connection:
            connection.start()
            asked = Workspace(connection)
            figures.add("vatdata", "workspace cold", asked.answered_ms())
            figures.add("vatdata", "workspace first partial", asked.first_partial_ms)
            _expect(asked.shown, expected, "cold")
            held = Workspace(connection, asked.known)
            connection.heard(SETTLE_S)  # the news of the first report: lenses and hints ask again
            figures.add("vatdata", "messages while idle", len(connection.heard(3.0)))
            _edit_helper(figures, connection, root, held)
            for part, resident in zip(
                ("memory server, workspace", "memory worker, workspace"),
                resident_mib(connection.pid),
                strict=False,
            ):
                figures.add("vatdata", part, resident)
        with _running(OURS, root, pulls=True) as connection:
            connection.start()
            asked = Workspace(connection)
            figures.add("vatdata", "workspace second start", asked.answered_ms())
            _expect(asked.shown, expected, "second start")


def _edit_helper(figures: Figures, connection: Connection, root: Path, held: Workspace) -> None:
    """Make a helper define nothing; the vat that imports it has to become clean."""
    uri = (root / HELPER).as_uri()
    text = (root / HELPER).read_text()
    item = {"uri": uri, "languageId": "python", "version": 1, "text": text}
    connection.notify("textDocument/didOpen", {"textDocument": item})
    connection.heard(SETTLE_S)
    sent = connection.notify(
        "textDocument/didChange",
        {
            "textDocument": {"uri": uri, "version": 2},
            "contentChanges": [{"text": "def prepare_part_0(baggage):\n    return None\n"}],
        },
    )
    held.asked_at = sent
    figures.add("vatdata", "workspace one edit", held.answered_ms())
    if held.changed.get((root / DEPENDENT).as_uri()) != []:
        raise RuntimeError(f"the edit did not reach {DEPENDENT}: {sorted(held.changed)}")


def _expect(found: int, expected: int, when: str) -> None:
    if found != expected:
        raise RuntimeError(f"{when}: {found} files with findings, expected {expected}")


class Workspace:
    """One `workspace/diagnostic` request.

    Args:
        connection: The server.
        known: Result ids by address.
    """

    def __init__(self, connection: Connection, known: dict[str, str] | None = None) -> None:
        self._connection = connection
        self._token = f"part-{time.perf_counter_ns()}"
        self.known = dict(known or {})
        self.changed: dict[str, list[Any]] = {}
        self.first_partial_ms = 0.0
        self.asked_at = time.perf_counter()
        self._number = connection.ask(
            "workspace/diagnostic",
            {
                "previousResultIds": [{"uri": uri, "value": value} for uri, value in self.known.items()],
                "partialResultToken": self._token,
            },
        )

    @property
    def shown(self) -> int:
        """How many files have findings."""
        return sum(bool(items) for items in self.changed.values())

    def answered_ms(self) -> float:
        """Take partial results until the answer; return milliseconds since the request."""
        while True:
            at, message = self._connection.until(self._is_mine)
            elapsed_ms = (at - self.asked_at) * 1e3
            if "method" not in message:
                self._take(message["result"]["items"])
                return elapsed_ms
            if not self.first_partial_ms:
                self.first_partial_ms = elapsed_ms
            self._take(message["params"]["value"]["items"])

    def _is_mine(self, message: Message) -> bool:
        if "method" not in message:
            return bool(message.get("id") == self._number)
        return bool(message["method"] == "$/progress" and message["params"]["token"] == self._token)

    def _take(self, items: list[Message]) -> None:
        for item in items:
            self.changed[item["uri"]] = item["items"]
            self.known[item["uri"]] = item["resultId"]
