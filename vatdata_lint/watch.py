"""Waits for changes of a project's sources; needs ``watchfiles`` (extra ``watch``)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

__all__ = ["WatchUnavailableError", "changes"]

NAMES = frozenset({"pyproject.toml", "vatdata-lint.toml", "kinds.lock"})


class WatchUnavailableError(Exception):
    """The library that watches files is not installed."""

    def __str__(self) -> str:
        return "--watch needs the extra 'watch': pip install 'vatdata[watch]'"


def changes(root: Path) -> Iterator[tuple[Path, ...]]:
    """Yield the changed files, each time that sources or settings under a folder changed; end on Ctrl-C.

    The operating system tells what changed, so waiting costs nothing, however large the folder is. Changes that
    come together (a checkout, an editor that writes and renames) are given together.

    Raises:
        WatchUnavailableError: ``watchfiles`` is not installed.
    """
    try:
        from watchfiles import DefaultFilter, watch
    except ImportError:
        raise WatchUnavailableError from None
    ignored = DefaultFilter()

    for batch in watch(root, watch_filter=ignored, raise_interrupt=False, step=20, debounce=400):
        paths = sorted({Path(path) for _, path in batch})
        wanted = tuple(path for path in paths if path.suffix == ".py" or path.name in NAMES)
        if wanted:
            yield wanted
