"""A writer that kills itself at a chosen storage step, and the loop that lets it die at every one.

Run as ``python -m tests.runtime.store.crash_child FOLDER``: for each step one process is forked that works on a fresh
store ``FOLDER/<step>.db`` until it kills itself there, and one line of JSON tells how it ended and what it had
acknowledged before. The loop ends with the first process that got through.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import shutil
import signal
import sys
from pathlib import Path

from vatdata_runtime.store import open_store

Model = dict[bytes, bytes]
Delta = dict[bytes, bytes | None]

COMMITS = 7
REOPEN_BEFORE = 4


def cranks_of(commit: int) -> list[Delta]:
    """The cranks of one batch, the same in every run: new keys, changed ones, deleted ones, small and large."""
    dice = random.Random(commit)
    return [
        {b"commit": b"%d" % commit, b"crank %d" % dice.randrange(9): None}
        | {b"key %02d" % dice.randrange(30): dice.randbytes(dice.choice((5, 300, 9000))) for _ in range(3)}
        | {b"key %02d" % dice.randrange(30): None}
        for _ in range(2)
    ]


def states() -> list[Model]:
    """What the store holds after each commit; the first is the empty one."""
    result: list[Model] = [{}]
    for commit in range(COMMITS):
        state = dict(result[-1])
        for crank in cranks_of(commit):
            for key, value in crank.items():
                if value is None:
                    state.pop(key, None)
                else:
                    state[key] = value
        result.append(state)
    return result


def run(path: Path, die_at: int | None, acknowledge: int, copies: Path | None = None) -> None:
    """Make the store and commit the batches; write a byte to *acknowledge* when a commit has returned.

    Args:
        copies: where the file is copied to as it is then, ``0.db`` before the first commit.
    """
    steps = itertools.count(1)

    def on_step(name: str) -> None:
        if next(steps) == die_at:
            os.kill(os.getpid(), signal.SIGKILL)

    store = open_store(path, map_size=1, on_step=on_step)
    for commit in range(COMMITS):
        if copies is not None:
            shutil.copyfile(path, copies / f"{commit}.db")
        if commit == REOPEN_BEFORE:
            store.close()
            store = open_store(path, map_size=1, on_step=on_step)
        for crank in cranks_of(commit):
            store.apply(crank)
        store.commit()
        os.write(acknowledge, b".")
    if copies is not None:
        shutil.copyfile(path, copies / f"{COMMITS}.db")
    store.close()


def die_everywhere(folder: Path) -> None:
    for point in itertools.count(1):
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            run(folder / f"{point}.db", point, writing)
            os._exit(0)
        os.close(writing)
        _, status = os.waitpid(child, 0)
        acknowledged = len(os.read(reading, COMMITS + 1))
        os.close(reading)
        code = os.waitstatus_to_exitcode(status)
        print(json.dumps({"point": point, "code": code, "acknowledged": acknowledged}), flush=True)
        if code != -signal.SIGKILL:
            return


if __name__ == "__main__":
    die_everywhere(Path(sys.argv[1]))
