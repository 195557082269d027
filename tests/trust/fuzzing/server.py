"""Fuzzes the language server over its pipes: ``python -m tests.trust.fuzzing.server --runs 2000``.

Messages are framed as the protocol asks, and what is in them is changed at random: bytes, types, names, numbers. Whatever came
before, the next proper request must be answered.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import selectors
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.support.processes import environment

from .mutate import mutated

__all__ = ["Server", "fuzz_server", "main"]

PATIENCE_S = 30
_ENDS = (b"exit", b"shutdown")
_VALUES: tuple[Any, ...] = (None, True, -1, 2**40, 1.5, "", "file:///nowhere", [], {}, [{}], {"line": -5})


class Server:
    """The real server, and the little that is needed to speak with it."""

    def __init__(self, root: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "vatdata_lsp"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # it logs what it refuses, which nobody would read here
            env=environment() | {"XDG_CACHE_HOME": str(root / "cache")},
        )
        assert self.process.stdout is not None
        os.set_blocking(self.process.stdout.fileno(), False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self.process.stdout, selectors.EVENT_READ)
        self._heard = b""
        self._last = 1_000_000

    def send(self, body: bytes) -> None:
        """Send one message, framed."""
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def ask(self, method: str, params: Any) -> Any:
        """Send a proper request; return the answer.

        Raises:
            AssertionError: none comes, or the server has ended.
        """
        self._last += 1
        self.send(
            json.dumps({"jsonrpc": "2.0", "id": self._last, "method": method, "params": params}).encode()
        )
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            for message in self._messages():
                if message.get("id") == self._last and "method" not in message:
                    return message
            if self.process.poll() is not None:
                raise AssertionError(f"the server has ended with {self.process.returncode}")
        raise AssertionError(f"no answer to {method} for {PATIENCE_S} s")

    def _messages(self) -> list[dict[str, Any]]:
        if self._selector.select(0.5):
            assert self.process.stdout is not None
            self._heard += self.process.stdout.read() or b""
        found = []
        while (at := self._heard.find(b"\r\n\r\n")) >= 0:
            head = self._heard[:at].decode()
            size = int(head.lower().partition("content-length:")[2].split("\r\n")[0])
            if len(self._heard) < at + 4 + size:
                break
            found.append(json.loads(self._heard[at + 4 : at + 4 + size]))
            self._heard = self._heard[at + 4 + size :]
        return found

    def close(self) -> None:
        """End the input, and see that the server ends by itself."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        try:
            self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise AssertionError("the server lives on without input") from None
        finally:
            self._selector.close()
            if self.process.stdout is not None:
                self.process.stdout.close()


def conversation(uri: str) -> list[dict[str, Any]]:
    """Proper messages, from which others are made."""
    document, place = {"uri": uri}, {"line": 2, "character": 4}
    changes: list[tuple[str, dict[str, Any]]] = [
        (
            "textDocument/didOpen",
            {"textDocument": {"uri": uri, "languageId": "python", "version": 1, "text": "x = 1\n"}},
        ),
        (
            "textDocument/didChange",
            {
                "textDocument": {"uri": uri, "version": 2},
                "contentChanges": [{"range": {"start": place, "end": place}, "text": "\U0001f60b"}],
            },
        ),
        ("textDocument/didSave", {"textDocument": document}),
        ("workspace/didChangeConfiguration", {"settings": {"vatdata": {}}}),
        ("workspace/didChangeWatchedFiles", {"changes": [{"uri": uri, "type": 2}]}),
        ("$/cancelRequest", {"id": 3}),
    ]
    requests: list[tuple[str, dict[str, Any]]] = [
        ("textDocument/hover", {"textDocument": document, "position": place}),
        ("textDocument/diagnostic", {"textDocument": document}),
        ("textDocument/codeLens", {"textDocument": document}),
        (
            "textDocument/codeAction",
            {
                "textDocument": document,
                "range": {"start": place, "end": place},
                "context": {"diagnostics": []},
            },
        ),
        ("workspace/executeCommand", {"command": "none", "arguments": []}),
    ]
    talk: list[dict[str, Any]] = [{"method": method, "params": params} for method, params in changes]
    talk += [{"id": n, "method": method, "params": params} for n, (method, params) in enumerate(requests, 1)]
    return [{"jsonrpc": "2.0", **message} for message in talk]


def spoiled(message: dict[str, Any], dice: random.Random) -> dict[str, Any]:
    """Exchange, remove or add something at a random place of a message."""
    message = json.loads(json.dumps(message))
    at: Any = message
    while True:
        name = dice.choice(list(at) if isinstance(at, dict) else range(len(at)))
        if isinstance(at[name], (dict, list)) and at[name] and dice.random() < 0.7:
            at = at[name]
            continue
        if dice.random() < 0.3:
            del at[name]
        else:
            at[name] = dice.choice(_VALUES)
        return message


def fuzz_server(runs: int, seed: int) -> int:
    """Send *runs* spoiled messages. Returns how many proper requests between them were answered.

    Raises:
        AssertionError: the server has ended, or does not answer.
    """
    dice = random.Random(seed)
    answered = 0
    with tempfile.TemporaryDirectory(prefix="server") as name:
        root = Path(name)
        (root / "pyproject.toml").write_text("[tool.vatdata-lint]\n")
        (root / "vat.py").write_text("def build_root_object(powers, parameters, baggage):\n    return None\n")
        uri = (root / "vat.py").as_uri()
        talk = conversation(uri)
        plain = [json.dumps(message).encode() for message in talk]
        server = Server(root)
        try:
            server.ask("initialize", {"processId": None, "rootUri": root.as_uri(), "capabilities": {}})
            server.send(b'{"jsonrpc": "2.0", "method": "initialized", "params": {}}')
            for run in range(runs):
                if dice.random() < 0.5:
                    body = json.dumps(spoiled(dice.choice(talk), dice)).encode()
                else:
                    body = mutated(dice.choice(plain), plain, dice)
                if not any(word in body for word in _ENDS):
                    server.send(body)
                if run % 20 == 19:
                    server.ask("textDocument/codeLens", {"textDocument": {"uri": uri}})
                    answered += 1
        finally:
            server.close()
    return answered


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.trust.fuzzing.server", description=__doc__)
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    answered = fuzz_server(options.runs, options.seed)
    print(f"{options.runs} messages, {answered} proper requests answered between them")
    return 0


if __name__ == "__main__":
    sys.exit(main())
