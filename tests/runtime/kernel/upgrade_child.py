"""An upgrade that kills itself at each storage step in turn.

Run as ``python -m tests.runtime.kernel.upgrade_child FOLDER``: for each step a process is forked that upgrades a copy of one
store and dies there; then the store is opened and one line of JSON tells what is in it.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from vatdata_runtime import Far, Kernel, provide


def build(version: int, baggage: Any) -> Any:
    provide(baggage, "version", lambda _: version)
    baggage.set("version", version)
    provide(baggage, "calls", lambda _: 0)

    def call() -> list[int]:
        baggage.set("calls", baggage.get("calls") + 1)
        return [version, baggage.get("version"), baggage.get("calls")]

    return Far("Root", {"call": call})


def build_old(_powers: Any, _parameters: Any, baggage: Any) -> Any:
    return build(1, baggage)


def build_new(_powers: Any, _parameters: Any, baggage: Any) -> Any:
    return build(2, baggage)


def upgrade(path: Path, die_at: int) -> None:
    steps: Iterator[int] = iter(())

    def on_step(_: str) -> None:
        if next(steps, 0) == die_at:
            os.kill(os.getpid(), signal.SIGKILL)

    kernel = Kernel.open(path, on_step=on_step)
    steps = itertools.count(1)
    vat = kernel.get_vat("vat")
    kernel.send(vat.root, "call")
    vat.upgrade("tests.runtime.kernel.upgrade_child:build_new")
    kernel.close()


def main(folder: Path) -> None:
    with Kernel.open(folder / "start.db") as kernel:
        kernel.create_vat("vat", "tests.runtime.kernel.upgrade_child:build_old")
    for point in itertools.count(1):
        path = folder / f"{point}.db"
        shutil.copyfile(folder / "start.db", path)
        child = os.fork()
        if child == 0:
            upgrade(path, point)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        with Kernel.open(path) as kernel:
            vat = kernel.get_vat("vat")
            kernel.run()
            found = kernel.call(vat.root, "call"), vat.incarnation
        code = os.waitstatus_to_exitcode(status)
        print(json.dumps({"code": code, "found": found}), flush=True)
        if code != -signal.SIGKILL:
            return


if __name__ == "__main__":
    main(Path(sys.argv[1]))
