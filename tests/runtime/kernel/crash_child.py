"""Two vats that count each other's messages, in a process that kills itself at a chosen storage step.

Run as ``python -m tests.runtime.kernel.crash_child STORE TOTAL SEED``: opens the store, goes on where it was left, and
prints the two counts if it lives to the end. SEED 0 never kills.
"""

from __future__ import annotations

import os
import random
import signal
import sys
from typing import Any

from vatdata_runtime import E, Far, Kernel, provide


def build_player(_powers: Any, parameters: Any, baggage: Any) -> Any:
    """A player counts each ball and returns one to the other player, as long as any is due."""
    provide(baggage, "count", lambda _: 0)
    provide(baggage, "other", lambda _: None)
    total = parameters["total"]

    def play(ball: int) -> None:
        baggage.set("count", baggage.get("count") + 1)
        if ball < total:
            E.send_only(baggage.get("other")).play(ball + 1)

    return Far(
        "Player",
        {
            "play": play,
            "count": lambda: baggage.get("count"),
            "meet": lambda other: baggage.set("other", other),
        },
    )


def main(path: str, total: int, seed: int) -> None:
    dice = random.Random(seed)
    left = dice.randrange(1, max(150, total))

    def on_step(_: str) -> None:
        nonlocal left
        left -= 1
        if left == 0 and seed:
            os.kill(os.getpid(), signal.SIGKILL)

    kernel = Kernel.open(path, on_step=on_step, durability=dice.choice(("crank", "group", "relaxed")))
    is_new = "left" not in kernel.vats or "right" not in kernel.vats
    left_vat = kernel.provide_vat("left", build_player, {"total": total})
    right_vat = kernel.provide_vat("right", build_player, {"total": total})
    if is_new or not kernel.call(left_vat.root, "count") + kernel.call(right_vat.root, "count"):
        kernel.call(left_vat.root, "meet", right_vat.root)
        kernel.call(right_vat.root, "meet", left_vat.root)
        kernel.send(left_vat.root, "play", 1)
    while kernel.step().waiting:
        for _ in range(dice.randrange(30)):
            kernel.step()
    print(kernel.call(left_vat.root, "count"), kernel.call(right_vat.root, "count"), flush=True)
    kernel.close()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
