"""The disk cache: one file per state of tool and settings, read whole, replaced whole, never trusted."""

from __future__ import annotations

import functools
import hashlib
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any, cast

from vatdata_lint.config import Config

__all__ = ["load", "save", "tool_key"]

FORMAT = 1

_BROKEN = (OSError, ValueError, KeyError, TypeError, RecursionError)


@functools.cache
def tool_key() -> str:
    """Give a key of this very analyser, so that no two versions share results: its sources, and what parses for it.

    A file that one Python refuses another may accept, or refuse in other words.
    """
    state = hashlib.blake2b(digest_size=16)
    state.update(f"{sys.implementation.cache_tag} {sys.version}\0".encode())
    package = Path(__file__).resolve().parent.parent
    for path in sorted(package.rglob("*.py")):
        state.update(path.relative_to(package).as_posix().encode() + b"\0")
        state.update(path.read_bytes())
    return state.hexdigest()


def _file(folder: Path, config: Config, name: str) -> Path:
    return folder / f"{name}-{config.digest()[:16]}.json"


def load(folder: Path, config: Config, name: str) -> dict[str, Any] | None:
    """Give what was saved under *name* by this tool with these settings.

    Anything else that lies there (another version's file, half a file, somebody else's) is as good as nothing.
    """
    try:
        content: object = json.loads(_file(folder, config, name).read_bytes())
    except _BROKEN:
        return None
    if not isinstance(content, dict):
        return None
    table = cast("dict[str, Any]", content)
    if (
        table.get("format") != FORMAT
        or table.get("tool") != tool_key()
        or table.get("config") != config.digest()
    ):
        return None
    data = table.get("data")
    return cast("dict[str, Any]", data) if isinstance(data, dict) else None


def save(folder: Path, config: Config, name: str, data: dict[str, Any]) -> None:
    """Keep *data* under *name*; a folder that cannot be written only costs time next time.

    The file is replaced in one step: of two runs at once the later one wins, and nobody reads half a file.
    """
    table = {"format": FORMAT, "tool": tool_key(), "config": config.digest(), "data": data}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        ignore = folder / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n")
        handle, temporary = tempfile.mkstemp(dir=folder, prefix=f".{name}-", suffix=".tmp")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(json.dumps(table, separators=(",", ":")))  # dumps runs in C, dump does not
            os.replace(temporary, _file(folder, config, name))
        except BaseException:
            os.unlink(temporary)
            raise
    except OSError:
        return
