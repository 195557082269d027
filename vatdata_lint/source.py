"""Text of source files: decoded as Python decodes it, and looked up by line for outputs and fingerprints."""

from __future__ import annotations

import codecs
import io
import tokenize
from collections.abc import Mapping
from pathlib import Path

__all__ = ["SourceLines", "decode", "encoding_of", "split_lines"]


def encoding_of(data: bytes) -> str:
    """Return the encoding that a byte order mark or a PEP 263 comment names, ``utf-8`` without one.

    Raises:
        SyntaxError: The comment names an unknown encoding, or contradicts the byte order mark.
    """
    return tokenize.detect_encoding(io.BytesIO(data).readline)[0]


def decode(data: bytes) -> str:
    """Return the text of a source file, its line ends as they are, without a byte order mark.

    Raises:
        SyntaxError: The encoding comment cannot be used.
        UnicodeDecodeError: The bytes are not in that encoding.
    """
    encoding = encoding_of(data)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        raise
    except (LookupError, UnicodeError) as error:  # of bytes to bytes, say, or for names of hosts
        raise SyntaxError(f"encoding problem: {encoding}: {error}") from None
    return text.removeprefix("\ufeff")


def split_lines(text: str) -> list[str]:
    """Return lines without their ends, split where Python splits: not at a form feed or U+2028."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


class SourceLines:
    """Lines of the project's files, read when asked for."""

    def __init__(self, root: Path, overlays: Mapping[str, str] | None = None) -> None:
        self._root = root
        self._overlays = dict(overlays or {})
        self._lines: dict[str, list[str]] = {}

    def line(self, path: str, number: int) -> str:
        """Return a line without its end, empty where file or line does not exist.

        Args:
            path: Relative to the root, or absolute.
            number: From 1.
        """
        lines = self.lines(path)
        return lines[number - 1] if 1 <= number <= len(lines) else ""

    def lines(self, path: str) -> list[str]:
        """Return all lines of a file; undecodable bytes become U+FFFD, since this text is only shown."""
        known = self._lines.get(path)
        if known is None:
            known = self._lines[path] = split_lines(self._text(path))
        return known

    def _text(self, path: str) -> str:
        if path in self._overlays:
            return self._overlays[path]
        try:
            data = (self._root / path).read_bytes()
        except OSError:
            return ""  # the finding itself says that the file cannot be read
        try:
            return decode(data)
        except (SyntaxError, UnicodeDecodeError):
            return data.removeprefix(codecs.BOM_UTF8).decode(errors="replace")
