"""Finds files that nothing else had a reason to parse and that are no Python, as far as that is cheap."""

from __future__ import annotations

import functools
import multiprocessing
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field

from vatdata_lint.config import Config
from vatdata_lint.facts.parse import (
    NotUnderstoodError,
    TooLargeError,
    decode_source,
    parse_source,
    with_deep_stack,
)
from vatdata_lint.index.files import SourceFile

__all__ = ["PARSED_BYTES", "Soundness", "unsound"]

PARSED_BYTES = 8_000_000
"""Projects up to this size (about 240,000 lines) are parsed whole, 0.8 s once; of larger ones what matters to vats."""

_BATCH_BYTES = 2_000_000
"""What one process is given at a time; less than two of these are parsed here, since a process costs 0.2 s too."""


@dataclass(slots=True)
class Soundness:
    """What is known of files that have nothing to do with vats.

    Attributes:
        problems: why files are not understood, by path.
        parsed: paths of files that were parsed, or are known to parse.
        is_whole: whether every file was parsed, not only those that may matter to a vat.
    """

    problems: dict[str, NotUnderstoodError] = field(default_factory=dict[str, NotUnderstoodError])
    parsed: set[str] = field(default_factory=set[str])
    is_whole: bool = True


def unsound(
    config: Config,
    files: Mapping[str, SourceFile],
    seen: Iterable[str],
    parsed: Iterable[str],
    problems: Mapping[str, NotUnderstoodError],
    decoded: Iterable[str],
    jobs: int = 1,
) -> Soundness:
    """Look at the files that the analysis had no reason to load.

    Which files are parsed depends on the files and the settings alone, never on what happens to be known.

    Args:
        config: ``check-syntax`` says whether all files are parsed.
        files: every file of the project.
        seen: paths that the analysis has loaded or reported.
        parsed: paths that parsed in an earlier run, content unchanged.
        problems: what an earlier run found by parsing, content unchanged.
        decoded: paths that an earlier run has looked at, content unchanged.
        jobs: how many processes may parse.

    Cost: 1 ms a megabyte, 100 ms where files are parsed, next to nothing for what is known.
    """
    whole = config.check_syntax == "always" or (
        config.check_syntax == "auto" and sum(len(file.data) for file in files.values()) <= PARSED_BYTES
    )
    found = Soundness(parsed={*parsed}, is_whole=whole)
    skipped = {*seen, *found.parsed}
    left = [path for path in files if path not in skipped]
    if not whole:
        known = {*decoded}
        for path in left:
            # A file with a known problem is decoded again: the problem may be one that only parsing shows.
            problem = _decode_problem(files[path].data) if path in problems or path not in known else None
            if problem is not None:
                found.problems[path] = problem
        return found
    found.problems = {path: problems[path] for path in left if path in problems}
    new = [path for path in left if path not in found.problems]
    for path, problem in zip(new, _parse_problems([files[path].data for path in new], jobs), strict=True):
        if problem is None:
            found.parsed.add(path)
        else:
            found.problems[path] = problem
    return found


def _parse_problems(sources: Sequence[bytes], jobs: int) -> list[NotUnderstoodError | None]:
    batches: list[list[bytes]] = [[]]
    size = 0
    for data in sources:
        if size >= _BATCH_BYTES:
            batches.append([])
            size = 0
        batches[-1].append(data)
        size += len(data)
    if jobs == 1 or len(batches) == 1:
        return [_parse_problem(data) for data in sources]
    # Not forked: this process has threads.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(jobs, len(batches)), mp_context=context) as pool:
        return [problem for batch in pool.map(_parse_batch, batches) for problem in batch]


def _parse_batch(sources: list[bytes]) -> list[NotUnderstoodError | None]:
    """Parse in a process of its own, with as much stack as a run without processes has."""
    return with_deep_stack(functools.partial(_parse_problems, sources, 1))


def _parse_problem(data: bytes) -> NotUnderstoodError | None:
    try:
        parse_source(data)
    except TooLargeError:
        return None  # nothing in it has to do with a vat
    except NotUnderstoodError as error:
        return error
    return None


def _decode_problem(data: bytes) -> NotUnderstoodError | None:
    if b"\0" in data:
        return _parse_problem(data)  # it fails at once, with Python's own words
    if data.isascii() and b"coding" not in data[:1000]:
        return None
    try:
        decode_source(data)
    except NotUnderstoodError as error:
        return error
    return None
