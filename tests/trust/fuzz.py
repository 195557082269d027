"""Fuzz one reader: ``python -m tests.trust.fuzz value --runs 1000000``, or all: ``python -m tests.trust.fuzz all``.

Inputs are drawn from a seed, so a run repeats. An input that makes the reader fail is written to ``tests/trust/corpus/TARGET``,
made small first; from then on the tests read it.
"""

from __future__ import annotations

import argparse
import hashlib
import logging
import random
import signal
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from .fuzzing.mutate import mutated
from .fuzzing.targets import TARGETS

__all__ = ["CORPUS", "fuzz", "inputs_of", "main", "trouble_with"]

CORPUS = Path(__file__).parent / "corpus"
PATIENCE_S = 20
_POOL = 300


class HangError(Exception):
    """A reader does not come back."""


def inputs_of(target: str) -> list[bytes]:
    """The inputs that are kept for a target: what it takes, and what once made it fail."""
    kept = sorted((CORPUS / target).glob("*")) if (CORPUS / target).is_dir() else []
    return [*TARGETS[target].seeds(), *(path.read_bytes() for path in kept)]


def trouble_with(target: str, data: bytes) -> BaseException | None:
    """Let a target read *data*; return what it did wrong."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the code that is read
            TARGETS[target].read(data)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        return error
    return None


def fuzz(target: str, runs: int, seed: int, found: Callable[[bytes, BaseException], object]) -> int:
    """Read *runs* inputs; call *found* for each that fails. Returns how many of them were read as something."""
    dice = random.Random(f"{target} {seed}")
    pool = inputs_of(target)
    read = 0
    for _ in range(runs):
        data = mutated(dice.choice(pool), pool, dice)
        trouble = trouble_with(target, data)
        if trouble is not None:
            found(data, trouble)
        elif len(pool) < _POOL or dice.random() < 0.01:
            # What is still understood in part leads further in than the first inputs do.
            if TARGETS[target].read(data) is not None and len(data) < 20_000:
                read += 1
                pool.append(data) if len(pool) < _POOL else pool.__setitem__(dice.randrange(_POOL), data)
    return read


def smaller(target: str, data: bytes, sort: type[BaseException]) -> bytes:
    """Leave out what an input does not need in order to fail in the same way."""
    size = len(data) // 2
    while size:
        at = 0
        while at < len(data):
            shorter = data[:at] + data[at + size :]
            if type(trouble_with(target, shorter)) is sort:
                data = shorter
            else:
                at += size
        size //= 2
    return data


def keep(target: str, data: bytes, trouble: BaseException) -> None:
    data = smaller(target, data, type(trouble))
    path = CORPUS / target / hashlib.sha256(data).hexdigest()[:12]
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.write_bytes(data)
        print(
            f"{target}: {type(trouble).__name__}: {trouble}\n  {data[:200]!r}\n  kept as {path}", flush=True
        )


def _hang(_signal: int, _frame: FrameType | None) -> None:
    raise HangError(f"no answer for {PATIENCE_S} s")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.trust.fuzz", description=__doc__)
    parser.add_argument("target", choices=[*TARGETS, "all"])
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    logging.disable()
    signal.signal(signal.SIGALRM, _hang)
    failed = 0

    def found(data: bytes, trouble: BaseException) -> None:
        nonlocal failed
        failed += 1
        signal.alarm(0)
        keep(target, data, trouble)

    for target in TARGETS if options.target == "all" else [options.target]:
        begun, failed = time.monotonic(), 0
        # The alarm goes off once for a stretch of inputs, none of which takes a second.
        for stretch in range(max(options.runs // 1000, 1)):
            signal.alarm(PATIENCE_S * 10)
            fuzz(target, min(options.runs, 1000), options.seed * 1_000_000 + stretch, found)
        signal.alarm(0)
        print(
            f"{target}: {options.runs} inputs, {failed} failed, {time.monotonic() - begun:.0f} s", flush=True
        )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
