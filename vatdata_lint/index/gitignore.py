"""Which files git would ignore, by the .gitignore files on the way down to them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

__all__ = ["IgnoreRules"]


@dataclass(frozen=True, slots=True)
class _Rule:
    pattern: re.Pattern[str]
    negated: bool
    folders_only: bool


class IgnoreRules:
    """The rules of one folder, after those of the folders above it; the last rule that fits decides."""

    def __init__(self, folder: Path, prefix: str, above: IgnoreRules | None) -> None:
        self._prefix = f"{prefix}/" if prefix else ""
        self._above = above
        self._rules: list[_Rule] = []
        try:
            text = (folder / ".gitignore").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return  # most folders have none
        for line in text.splitlines():
            rule = _parse(line)
            if rule is not None:
                self._rules.append(rule)

    def ignores(self, path: str, *, is_folder: bool) -> bool:
        """Say whether *path*, relative to the project's root, is ignored itself; folders above it are not asked."""
        relative = path[len(self._prefix) :]
        for rule in reversed(self._rules):
            if (is_folder or not rule.folders_only) and rule.pattern.fullmatch(relative):
                return not rule.negated
        return self._above.ignores(path, is_folder=is_folder) if self._above is not None else False


def _parse(line: str) -> _Rule | None:
    text = line.rstrip("\n")
    if not text.endswith("\\ "):
        text = text.rstrip(" ")
    if not text or text.startswith("#"):
        return None
    negated = text.startswith("!")
    text = text[1:] if negated else text
    text = text[1:] if text.startswith("\\") else text
    folders_only = text.endswith("/")
    text = text.rstrip("/")
    anchored = "/" in text
    text = text.lstrip("/")
    out = "" if anchored else "(?:.*/)?"
    for piece in re.findall(r"\*\*/|/\*\*|\*\*|\*|\?|\[!?[^\]]+\]|.", text):
        if piece == "**/":
            out += "(?:.*/)?"
        elif piece == "/**":
            out += "/.*"
        elif piece == "**":
            out += ".*"
        elif piece == "*":
            out += "[^/]*"
        elif piece == "?":
            out += "[^/]"
        elif piece.startswith("[") and len(piece) > 1:
            out += piece.replace("[!", "[^").replace("\\", "\\\\")
        else:
            out += re.escape(piece)
    try:
        return _Rule(re.compile(out), negated, folders_only)
    except re.error:
        return None  # git, too, takes a broken class for a name that nothing has
