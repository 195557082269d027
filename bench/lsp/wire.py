"""An editor's side of the pipe: sends messages, and says when each answer had been read whole."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

__all__ = ["Connection", "Message", "resident_mib"]

Message = dict[str, Any]

CAPABILITIES: Message = {
    "general": {"positionEncodings": ["utf-16"]},
    "window": {"workDoneProgress": True},
    "workspace": {
        "configuration": True,
        "workspaceFolders": True,
        "didChangeWatchedFiles": {"dynamicRegistration": True},
        "diagnostics": {"refreshSupport": True},
    },
    "textDocument": {
        "synchronization": {"didSave": True},
        "publishDiagnostics": {"relatedInformation": True, "versionSupport": True},
        "diagnostic": {"dynamicRegistration": True},
    },
}


class Connection:
    """A running server.

    Args:
        command: How it is started.
        root: The workspace's only folder.
        pulls: Whether the editor can ask for diagnostics; else they are published.
        environment: Of the process.
    """

    def __init__(
        self, command: Sequence[str], root: Path, *, pulls: bool, environment: dict[str, str] | None = None
    ) -> None:
        self.began = time.perf_counter()
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=root,
            env={**os.environ, **(environment or {})},
        )
        self._root = root
        self._pulls = pulls
        self._inbox: queue.Queue[tuple[float, Message]] = queue.Queue()
        self._turn = threading.Lock()
        self._last_id = 0
        threading.Thread(target=self._read, daemon=True).start()

    @property
    def pid(self) -> int:
        """Process id of the server."""
        return self._process.pid

    def _read(self) -> None:
        stream = self._process.stdout
        assert stream is not None
        while True:
            size = 0
            while line := stream.readline().strip():
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    size = int(value)
            if not size:
                return
            message = json.loads(stream.read(size))
            at = time.perf_counter()
            if "method" in message and "id" in message:
                self._answer(message)
            else:
                self._inbox.put((at, message))

    def _answer(self, message: Message) -> None:
        items = message["params"]["items"] if message["method"] == "workspace/configuration" else None
        result = [None for _ in items] if items is not None else None
        self._send({"id": message["id"], "result": result})

    def _send(self, message: Message) -> float:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        stream = self._process.stdin
        assert stream is not None
        with self._turn:
            stream.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
            stream.flush()
        return time.perf_counter()

    def notify(self, method: str, parameters: Message | None) -> float:
        """Send a notification; return when its last byte was written."""
        return self._send({"method": method, "params": parameters})

    def ask(self, method: str, parameters: Message | None) -> int:
        """Send a request and return its number."""
        self._last_id += 1
        self._send({"id": self._last_id, "method": method, "params": parameters})
        return self._last_id

    def request(self, method: str, parameters: Message | None, patience_s: float = 120) -> tuple[float, Any]:
        """Send a request; return when its answer had been read, and the answer's result."""
        number = self.ask(method, parameters)
        at, message = self.until(lambda seen: seen.get("id") == number and "method" not in seen, patience_s)
        if "error" in message:
            raise RuntimeError(f"{method}: {message['error']['message']}")
        return at, message["result"]

    def until(self, is_awaited: Callable[[Message], bool], patience_s: float = 120) -> tuple[float, Message]:
        """Return the first message that is awaited, and when it had been read.

        Raises:
            TimeoutError: None came.
        """
        end = time.perf_counter() + patience_s
        while True:
            try:
                at, message = self._inbox.get(timeout=max(0.0, end - time.perf_counter()))
            except queue.Empty:
                raise TimeoutError(f"no awaited message for {patience_s:g} s") from None
            if is_awaited(message):
                return at, message

    def heard(self, seconds: float) -> list[Message]:
        """Return all that comes in so many seconds."""
        end = time.perf_counter() + seconds
        found: list[Message] = []
        while (left := end - time.perf_counter()) > 0:
            try:
                found.append(self._inbox.get(timeout=left)[1])
            except queue.Empty:
                break
        return found

    def start(self) -> float:
        """Initialize; return milliseconds from the start of the process to the answer."""
        capabilities = json.loads(json.dumps(CAPABILITIES))
        if not self._pulls:
            del capabilities["textDocument"]["diagnostic"], capabilities["workspace"]["diagnostics"]
        folder = {"uri": self._root.as_uri(), "name": self._root.name}
        parameters = {
            "processId": os.getpid(),
            "rootUri": folder["uri"],
            "workspaceFolders": [folder],
            "capabilities": capabilities,
        }
        at, _ = self.request("initialize", parameters)
        self.notify("initialized", {})
        return (at - self.began) * 1e3

    def stop(self) -> None:
        """Say goodbye and wait for the end of the process."""
        self.request("shutdown", None)
        self.notify("exit", None)
        self._process.wait(20)


def resident_mib(pid: int) -> list[float]:
    """Return resident memory of a process and of each child, in MiB; empty where the system does not tell."""
    pids = [pid]
    children = Path(f"/proc/{pid}/task/{pid}/children")
    if children.exists():
        pids += map(int, children.read_text().split())
    page = os.sysconf("SC_PAGE_SIZE")
    return [
        int(Path(f"/proc/{each}/statm").read_text().split()[1]) * page / 2**20
        for each in pids
        if Path(f"/proc/{each}/statm").exists()
    ]
