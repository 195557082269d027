"""Processes on one store, killed at random: ``python -m tests.trust.soak --seconds 300``.

A writer, two readers, a backup, an inspector, and readers that die while they read. The parent remembers what the writer has
acknowledged; every new writer must find it. Whoever ends by itself instead of by a kill has found something wrong.
"""

from __future__ import annotations

import argparse
import itertools
import os
import platform
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from tests.support.processes import ROOT, environment
from vatdata_runtime.store import open_store

from .soak_roles import check_view, expect_sound

__all__ = ["Soak", "Worker", "exchange_under_kills", "main"]


class Worker:
    """A process with a role that says lines until it is killed.

    Attributes:
        heard: how many lines.
        last: the number in the newest line.
    """

    def __init__(self, role: str, *arguments: object) -> None:
        self.role = role
        self.heard = 0
        self.last = 0
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.trust.soak_roles", role, *map(str, arguments)],
            cwd=ROOT,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def hear(self) -> list[str]:
        """Return the next line in words; empty once the process has ended."""
        assert self.process.stdout is not None
        words = self.process.stdout.readline().split()
        if words:
            self.heard += 1
            self.last = int(words[-1]) if words[-1].isdigit() else self.last
        return words

    def kill(self) -> None:
        """Kill it, hear what it had still said, and make sure that it has not ended by itself.

        Raises:
            AssertionError: it has; the text is what it said of the reason.
        """
        self.process.kill()
        while self.hear():
            pass
        assert self.process.stderr is not None
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        complaint = self.process.stderr.read()
        code = self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            pipe.close()
        if code not in (-signal.SIGKILL, 0):
            raise AssertionError(f"{self.role} ended by itself ({code}): {complaint}")


class Soak:
    """One soak over the store at *path*.

    Attributes:
        counts: how often each role was started, and how many lines each has said.
        acknowledged: the newest crank that a writer has acknowledged.
    """

    def __init__(self, path: Path, seed: int, seconds: float) -> None:
        self.path = path
        self.counts: Counter[str] = Counter()
        self.acknowledged = 0
        self._dice = random.Random(seed)
        self._end = time.monotonic() + seconds
        self._troubles: list[BaseException] = []
        self._lock = threading.Lock()

    def run(self) -> None:
        """Play until the time is over, then look at what is left.

        Raises:
            AssertionError: something acknowledged was lost, someone saw a torn crank, or a dead reader was not cleaned up.
        """
        first = Worker("write", self.path, 0)
        while first.hear()[:1] != ["found"]:
            pass
        first.kill()
        self.acknowledged = first.last
        beside = map(self._beside, ("read", "read", "backup", "inspect", "hold"))
        roles: list[Callable[[], None]] = [self._write, *beside]
        threads = [threading.Thread(target=self._guarded, args=(role,)) for role in roles]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if self._troubles:
            raise self._troubles[0]
        self._look_at_the_end()

    def _guarded(self, role: Callable[[], None]) -> None:
        try:
            while time.monotonic() < self._end and not self._troubles:
                role()
        except BaseException as error:
            self._troubles.append(error)

    def _draw(self, most: int) -> int:
        with self._lock:
            return self._dice.randrange(1, most)

    def _write(self) -> None:
        """One life of the writer."""
        writer = Worker("write", self.path, self._draw(1 << 30))
        found = writer.hear()
        lines = self._draw(400)
        if found:
            if found[0] != "found" or writer.last < self.acknowledged:
                raise AssertionError(f"{self.acknowledged} was acknowledged, the next writer {found}")
            while writer.heard < lines and writer.hear():
                pass
        writer.kill()
        self.acknowledged = max(self.acknowledged, writer.last)
        self._count(writer)

    def _beside(self, role: str) -> Callable[[], None]:
        def live() -> None:
            worker = Worker(role, self.path, 0)
            lines = 1 if role == "hold" else self._draw(8 if role in ("backup", "inspect") else 60)
            while worker.heard < lines and worker.hear() and time.monotonic() < self._end:
                pass
            worker.kill()
            self._count(worker)

        return live

    def _count(self, worker: Worker) -> None:
        with self._lock:
            self.counts[f"{worker.role}: killed"] += 1
            self.counts[f"{worker.role}: lines"] += worker.heard

    def _look_at_the_end(self) -> None:
        for leftover in self.path.parent.glob(f"{self.path.name}-copy-*"):
            leftover.unlink()  # of a backup that was killed
        with open_store(self.path) as store:
            readers = store._environment.handle.readers()
            assert readers is not None
            assert str(os.getpid()) not in readers
            if any(line.split()[0].isdigit() for line in readers.splitlines()[1:]):
                raise AssertionError(f"dead readers are still registered:\n{readers}")
        expect_sound(str(self.path))
        with open_store(self.path, readonly=True) as store, store.snapshot() as snapshot:
            newest = check_view(snapshot)
        if newest < self.acknowledged:
            raise AssertionError(f"{self.acknowledged} was acknowledged, the store is at {newest}")


def exchange_under_kills(path: Path, each: int, seed: int) -> tuple[int, list[int]]:
    """Let two vats exchange messages while their process is killed again and again.

    Returns:
        How many processes were killed, and the effects on each side in the end.
    """
    dice = random.Random(seed)
    for kills in itertools.count():
        worker = Worker("exchange", path, dice.randrange(1 << 30), each)
        lines = dice.randrange(2, 2 + each // 4)
        while words := worker.hear():
            if words[0] == "done":
                worker.kill()
                return kills, [int(word) for word in words[1:]]
            if worker.heard >= lines:
                break
        worker.kill()
    raise AssertionError("unreachable")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.trust.soak", description=__doc__)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--seed", type=int, default=0, help="of the kills; their times stay random")
    parser.add_argument("--messages", type=int, default=10_000, help="for the exchange of two vats")
    options = parser.parse_args(arguments)
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    with tempfile.TemporaryDirectory(prefix="soak") as folder:
        soak = Soak(Path(folder) / "world.db", options.seed, options.seconds)
        soak.run()
        for name, count in sorted(soak.counts.items()):
            print(f"{count:>10} {name}")
        print(f"{soak.acknowledged} cranks acknowledged, none lost; {options.seconds:.0f} s, {machine}")
        kills, effects = exchange_under_kills(Path(folder) / "exchange.db", options.messages, options.seed)
        print(f"two vats: {effects} effects of {options.messages} on each side, {kills} kills")
    return 0 if effects == [options.messages] * 2 else 1


if __name__ == "__main__":
    sys.exit(main())
