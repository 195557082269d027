"""Run seeds of the simulator: ``python -m tests.trust.simulate --seeds 10000``, or one again: ``--seed N --say``.

Each seed is a run of its own and always the same. A seed that fails is printed with what did not hold; the exit code is 1 then.
"""

from __future__ import annotations

import argparse
import gc
import logging
import multiprocessing
import os
import platform
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from .simulation.story import Story

__all__ = ["main", "run_seed"]


def run_seed(seed: int, *, say: bool = False) -> tuple[int, str | None, Counter[str], str]:
    """Play one seed. Returns it with what went wrong, None for nothing, how often what happened, and a digest of it all.

    The garbage collector runs only where the story says, so that a run does not depend on what ran before it.
    """
    if not say:
        logging.disable()  # of the tasks that end with their incarnations
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # flushes cost nothing there
    with tempfile.TemporaryDirectory(prefix="simulation", dir=memory) as folder:
        gc.collect()
        gc.disable()
        gc.freeze()
        story = Story(seed, Path(folder), print if say else lambda _: None)
        try:
            story.run()
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            return seed, "".join(traceback.format_exception(error)), story.happened, ""
        finally:
            gc.unfreeze()
            gc.enable()
        return seed, None, story.happened, story.digest.hexdigest()


def run_seeds(seeds: Iterable[int], processes: int) -> tuple[list[int], Counter[str]]:
    """Play many seeds; print each failure. Returns the seeds that failed, and what happened in all."""
    failed: list[int] = []
    happened: Counter[str] = Counter()
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        for number, (seed, trouble, counts, _) in enumerate(
            pool.imap_unordered(run_seed, seeds, chunksize=4)
        ):
            happened += counts
            if trouble is not None:
                failed.append(seed)
                print(f"seed {seed} failed; run it again with --seed {seed} --say\n{trouble}", flush=True)
            if (number + 1) % 500 == 0:
                print(f"{number + 1} seeds, {len(failed)} failed", flush=True)
    return failed, happened


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.trust.simulate", description=__doc__)
    parser.add_argument("--seed", type=int, help="play this one seed")
    parser.add_argument("--say", action="store_true", help="tell what happens")
    parser.add_argument("--seeds", type=int, default=200, help="how many seeds (default 200)")
    parser.add_argument("--first", type=int, default=0, help="the first seed (default 0)")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args(arguments)
    if options.seed is not None:
        _, trouble, happened, digest = run_seed(options.seed, say=options.say)
        print(trouble or f"seed {options.seed} holds ({digest[:16]}): {dict(sorted(happened.items()))}")
        return 1 if trouble else 0
    begun = time.monotonic()
    failed, happened = run_seeds(
        range(options.first, options.first + options.seeds), max(options.processes, 1)
    )
    for name, count in sorted(happened.items()):
        print(f"{count:>10} {name}")
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    print(f"{options.seeds} seeds, {len(failed)} failed, {time.monotonic() - begun:.0f} s, {machine}")
    if failed:
        print(f"failed: {sorted(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
