"""A vat that calls a device and sets the timer, in a process that kills itself at a chosen storage step.

Run as ``python -m tests.runtime.kernel.device_child STORE CALLS_FILE TOTAL SEED``: opens the store, goes on where it was
left, and prints what the vat has noted if it lives to the end. The device appends each call to CALLS_FILE. SEED 0 never
kills. Time goes on by itself only: each look at the clock is a second later.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import signal
import sys
from pathlib import Path
from typing import Any

from vatdata_runtime import (
    E,
    Far,
    Kernel,
    prepare_exo_class,
    provide,
    provide_durable_map_store,
    provide_kind_handle,
    provide_promise_watcher,
    watch_promise,
)


def build_worker(powers: Any, _parameters: Any, baggage: Any) -> Any:
    """A worker notes each result of the device and each waking as often as it comes."""
    results = provide_durable_map_store(baggage, "results")
    wakings = provide_durable_map_store(baggage, "wakings")
    provide(baggage, "begun", lambda _: 0)

    def count(store: Any, key: Any) -> None:
        if store.has(key):
            store.set(key, store.get(key) + 1)
        else:
            store.init(key, 1)

    watcher = provide_promise_watcher(
        provide_kind_handle(baggage, "Watcher"),
        lambda value, n: count(results, (n, value)[0] if value == n else -1),
        lambda _reason, n: count(results, -n - 1),
    )
    make_sleeper = prepare_exo_class(
        baggage, "Sleeper", None, lambda n: {"n": n}, {"wake": lambda this, _: count(wakings, this.state.n)}
    )

    def begin() -> int:
        n = baggage.get("begun")
        baggage.set("begun", n + 1)
        watch_promise(E(powers.devices["file"]).write(n), watcher, n)
        E.send_only(powers.timer).wake_at(n, make_sleeper(n))
        return n + 1

    return Far(
        "Worker",
        {
            "begin": begin,
            "begun": lambda: baggage.get("begun"),
            "notes": lambda: [[list(entry) for entry in store.entries()] for store in (results, wakings)],
        },
    )


class Calls:
    """A device that writes its calls to a file, some of them in its own time."""

    def __init__(self, path: str) -> None:
        self._path = path

    def write(self, n: int, call_id: str) -> int:
        with Path(self._path).open("a") as file:
            file.write(json.dumps([call_id, n]) + "\n")
        return n


def main(path: str, calls: str, total: int, seed: int) -> None:
    dice = random.Random(seed)
    left = dice.randrange(1, 100)

    def on_step(_: str) -> None:
        nonlocal left
        left -= 1
        if left == 0 and seed:
            os.kill(os.getpid(), signal.SIGKILL)

    seconds = itertools.count(1000)
    kernel = Kernel.open(
        path,
        on_step=on_step,
        durability=dice.choice(("crank", "group", "relaxed")),
        devices={"file": Calls(calls)},
        clock=lambda: float(next(seconds)),
    )
    worker = kernel.provide_vat("worker", build_worker)
    while kernel.call(worker.root, "begun") < total:
        kernel.call(worker.root, "begin")
        if dice.random() < 0.3:
            kernel.run()
    kernel.run()
    print(json.dumps(kernel.call(worker.root, "notes")), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
