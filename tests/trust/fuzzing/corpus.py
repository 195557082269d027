"""The kept inputs of a target: one text file, in which each line is an input as Python writes bytes.

So a change of the corpus is read in a diff like any other. An input that once made its reader fail has a remark above it, with
the day and what went wrong; it stays for good. The others are there for what they reach, and are chosen anew by each growth.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

__all__ = ["FOLDER", "Kept", "read_corpus", "write_corpus"]

FOLDER = Path(__file__).parents[1] / "corpus"


class Kept(NamedTuple):
    """An input, and the remark about the failure that it once was; an empty one if it is kept for its reach."""

    data: bytes
    failure: str = ""


def read_corpus(path: Path) -> list[Kept]:
    """Read a file of inputs, of which there are none if there is no file.

    Raises:
        ValueError: a line is neither an input, nor a remark, nor empty.
    """
    kept: list[Kept] = []
    remarks: list[str] = []
    for number, line in enumerate(path.read_text("ascii").splitlines() if path.exists() else (), 1):
        if line.startswith("#"):
            remarks.append(line.removeprefix("#").strip())
            continue
        if line:
            try:
                data = ast.literal_eval(line)
            except (SyntaxError, ValueError):
                data = None
            if not isinstance(data, bytes):
                raise ValueError(f"{path}:{number} is no input; write it as b'...', and remarks behind '#'")
            kept.append(Kept(data, " ".join(remarks)))
        remarks.clear()
    return kept


def write_corpus(path: Path, kept: Iterable[Kept]) -> None:
    """Write a file of inputs, each once: those that failed in their order, then the others from short to long."""
    known = {one.data: one for one in sorted(kept, key=lambda one: bool(one.failure))}
    failed = [one for one in known.values() if one.failure]
    others = sorted(
        (one.data for one in known.values() if not one.failure), key=lambda data: (len(data), data)
    )
    lines = [
        f"# Inputs of the target {path.stem!r}, written by `python -m tests.trust.fuzz {path.stem}` and its `--grow`.",
        "# A remark above an input gives the day on which it made the reader fail, and how; such an input stays.",
        "",
    ]
    for data, failure in failed:
        lines += [f"# {failure}", repr(data), ""]
    lines += map(repr, others)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines).rstrip("\n") + "\n", "ascii")
