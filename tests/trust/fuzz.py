"""Fuzz one reader: ``python -m tests.trust.fuzz value --runs 1000000``, or all: ``python -m tests.trust.fuzz all``.

Inputs are drawn from a seed and from the corpus, ``tests/trust/corpus/TARGET.txt``, so a run repeats. An input that makes the
reader fail is made small and written there; from then on the tests read it. With ``--grow`` the inputs that reach new code are
kept as well: ``python -m tests.trust.fuzz value --grow --runs 20000``. That is some ten times as slow.

An input that ends the process, or does not come back to it, is left in the folder for temporary files, as
``vatdata-fuzz-TARGET-*``: ``--read FILE`` reads it again.
"""

from __future__ import annotations

import argparse
import datetime as dt
import faulthandler
import logging
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from .fuzzing.corpus import FOLDER, Kept, read_corpus, write_corpus
from .fuzzing.grow import Growth
from .fuzzing.mutate import mutated, smaller
from .fuzzing.targets import TARGETS, trouble_with

__all__ = ["file_of", "fuzz", "inputs_of", "keep", "keep_fewest", "main"]

PATIENCE_S = 20
MOST_KEPT = 100
"""Inputs that are kept for a target because of what they reach; those that reach most."""

_POOL = 300

Found = Callable[[bytes, BaseException], object]


class HangError(Exception):
    """A reader does not come back."""


def file_of(target: str) -> Path:
    return FOLDER / f"{target}.txt"


def inputs_of(target: str) -> list[bytes]:
    """The inputs that are kept for a target: what it takes, what once made it fail, and what leads far into it."""
    return [*TARGETS[target].seeds(), *(kept.data for kept in read_corpus(file_of(target)))]


def fuzz(
    target: str, runs: int, seed: int, found: Found, before: Callable[[bytes], object] = lambda _: None
) -> int:
    """Read *runs* inputs; call *found* for each that fails. Returns how many of them were read as something.

    Args:
        before: called with each input before it is read.
    """
    dice = random.Random(f"{target} {seed}")
    pool = inputs_of(target)
    read = 0
    for _ in range(runs):
        data = mutated(dice.choice(pool), pool, dice)
        before(data)
        trouble = trouble_with(target, data)
        if trouble is not None:
            found(data, trouble)
        elif len(pool) < _POOL or dice.random() < 0.01:
            # What is still understood in part leads further in than the first inputs do.
            if TARGETS[target].read(data) is not None and len(data) < 20_000:
                read += 1
                pool.append(data) if len(pool) < _POOL else pool.__setitem__(dice.randrange(_POOL), data)
    return read


def keep(target: str, data: bytes, trouble: BaseException) -> None:
    """Write an input that failed to the target's corpus, made small, with the day and the failure as its remark."""
    if not isinstance(trouble, HangError):  # to make that small would hang again and again
        data = smaller(data, lambda shorter: type(trouble_with(target, shorter)) is type(trouble))
    kept = read_corpus(file_of(target))
    if not any(one.data == data and one.failure for one in kept):
        said = " ".join(f"{type(trouble).__name__}: {trouble}".split())
        failure = f"{dt.date.today()}: {ascii(said)[1:-1][:200]}"
        write_corpus(file_of(target), [*kept, Kept(data, failure)])
        print(f"{target}: {said}\n  {data[:200]!r}\n  kept in {file_of(target)}", flush=True)


def keep_fewest(target: str, growth: Growth) -> int:
    """Write the inputs that reach most beyond seeds and failures to the target's corpus. Returns how many there are."""
    failed = [one for one in read_corpus(file_of(target)) if one.failure]
    beside = [*TARGETS[target].seeds(), *(one.data for one in failed)]
    chosen = growth.fewest(beside)[:MOST_KEPT]
    write_corpus(file_of(target), [*failed, *map(Kept, chosen)])
    return len(chosen)


def _hang(_signal: int, _frame: FrameType | None) -> None:
    raise HangError(f"no answer for {PATIENCE_S} s")


class Run:
    """One target's run in this process, in stretches of inputs none of which takes a second."""

    def __init__(self, target: str) -> None:
        self.target = target
        self.failed = 0
        self._places: set[tuple[str, str, int]] = set()
        # Not for a `with`: it has to outlive the process that a reader ends.
        self._file = tempfile.NamedTemporaryFile(prefix=f"vatdata-fuzz-{target}-", buffering=0, delete=False)  # noqa: SIM115
        self.unfinished = Path(self._file.name)

    def before(self, data: bytes) -> None:
        """Leave *data* where it can be found if the reader takes the process with it."""
        self._file.seek(0)
        self._file.truncate()
        self._file.write(data)

    def found(self, data: bytes, trouble: BaseException) -> None:
        """Keep an input that failed; of those that fail at the same place only the first."""
        self.failed += 1
        place = place_of(trouble)
        if place not in self._places:
            self._places.add(place)
            self.be_patient()
            keep(self.target, data, trouble)

    def be_patient(self) -> None:
        """Begin to wait: a reader in Python is interrupted, and one that never looks for signals ends the process."""
        signal.setitimer(signal.ITIMER_REAL, PATIENCE_S * 10)
        faulthandler.dump_traceback_later(PATIENCE_S * 11, exit=True)

    def end(self) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        faulthandler.cancel_dump_traceback_later()
        self._file.close()
        self.unfinished.unlink(missing_ok=True)

    def fuzz(self, runs: int, seed: int) -> str:
        for stretch, size in stretches(runs, 1000):
            self.be_patient()
            fuzz(self.target, size, seed * 1_000_000 + stretch, self.found, self.before)
        return ""

    def grow(self, runs: int, seed: int) -> str:
        self.be_patient()
        growth = Growth(self.target, [*dict.fromkeys(inputs_of(self.target))])
        new = 0
        try:
            for stretch, size in stretches(runs, 100):
                self.be_patient()
                new += growth.run(size, seed * 1_000_000 + stretch, self.found, self.before)
        finally:  # Ctrl-C ends a growth that is long enough, and loses none of it
            kept = keep_fewest(self.target, growth)
        return f", {new} reached more, {kept} kept"


def place_of(trouble: BaseException) -> tuple[str, str, int]:
    """Tell what sort of failure it is, and in which line of which file it was raised."""
    at = trouble.__traceback__
    while at is not None and at.tb_next is not None:
        at = at.tb_next
    where = ("", 0) if at is None else (at.tb_frame.f_code.co_filename, at.tb_lineno)
    return (type(trouble).__name__, *where)


def stretches(runs: int, size: int) -> list[tuple[int, int]]:
    """Divide runs into numbered stretches of at most *size*."""
    return [(number, min(size, runs - begun)) for number, begun in enumerate(range(0, runs, size))]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.trust.fuzz", description=__doc__)
    parser.add_argument("target", choices=[*TARGETS, "all"])
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--grow", action="store_true", help="keep what reaches new code, leave out what does not"
    )
    parser.add_argument("--read", type=Path, metavar="FILE", help="read one input and tell what goes wrong")
    options = parser.parse_args(arguments)
    logging.disable()
    if options.read:
        print(repr(trouble_with(options.target, options.read.read_bytes())))
        return 0
    signal.signal(signal.SIGALRM, _hang)
    failed = 0
    for target in TARGETS if options.target == "all" else [options.target]:
        begun, run = time.monotonic(), Run(target)
        more = (run.grow if options.grow else run.fuzz)(options.runs, options.seed)
        run.end()
        failed += run.failed
        took = time.monotonic() - begun
        print(f"{target}: {options.runs} inputs, {run.failed} failed{more}, {took:.0f} s", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
