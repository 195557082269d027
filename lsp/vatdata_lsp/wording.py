"""Sentences about the first crank that several features show."""

from __future__ import annotations

from collections.abc import Sequence

from vatdata_lsp.worker.messages import EntrySummary

__all__ = ["first_crank_list", "first_crank_title"]


def first_crank_title(entry: EntrySummary) -> str:
    """Return how many kinds an entry's first crank defines, and how many may miss it."""
    count = len(entry.kinds)
    parts = [f"first crank: {count} kind{'' if count == 1 else 's'}"]
    if entry.conditional:
        parts.append(f"{entry.conditional} conditional")
    if entry.late:
        parts.append(f"{entry.late} late")
    return ", ".join(parts)


def first_crank_list(entries: Sequence[EntrySummary]) -> str:
    """Return the kinds of entries, one a line."""
    lines: list[str] = []
    for entry in entries:
        lines.append(f"{entry.name}: {first_crank_title(entry)}")
        lines += [
            f"  {kind.name or '(unknown)'} by {kind.definer}, "
            f"{kind.location.path.rpartition('/')[2]}:{kind.location.line}"
            for kind in entry.kinds
        ]
    return "\n".join(lines)
