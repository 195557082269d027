"""The processes of the soak: ``python -m tests.trust.soak_roles ROLE STORE ...``. Each may be killed at any instant.

The writer's vat moves money between accounts. Each crank stamps all accounts of one group with its number, so that a reader
sees at once if it is shown a part of a crank: the sum of all money never changes, and the stamps of a group are equal.
"""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from vatdata_runtime import E, Far, Kernel, prepare_exo_class, provide, provide_durable_map_store
from vatdata_runtime.store import Durability, ReadView, open_store
from vatdata_runtime.tools.verify import verify

__all__ = ["GROUPS", "TOTAL", "check_view", "main"]

GROUPS, MEMBERS = 12, 5
EACH = 1000
DURABILITIES: tuple[Durability, ...] = ("crank", "group", "relaxed")
TOTAL = GROUPS * MEMBERS * EACH


def say(*words: object) -> None:
    """Tell the parent; what it has heard, it has heard for good."""
    os.write(sys.stdout.fileno(), (" ".join(map(str, words)) + "\n").encode())


# --- the writer


class Account:
    def pay(this: Any, amount: int, stamp: int) -> None:
        this.state.amount += amount
        this.state.stamp = stamp


def build_bank(_powers: Any, _parameters: Any, baggage: Any) -> Any:
    make = prepare_exo_class(
        baggage,
        "Account",
        None,
        lambda group: {"group": group, "amount": EACH, "stamp": 0, "note": ""},
        Account,
    )
    make_receipt = prepare_exo_class(
        baggage, "Receipt", None, lambda n, before: {"n": n, "before": before}, {}
    )
    accounts = provide_durable_map_store(baggage, "accounts")
    receipts = provide_durable_map_store(baggage, "receipts")
    provide(baggage, "serial", lambda _: 0)
    if not len(accounts):
        for n in range(GROUPS * MEMBERS):
            accounts.init(n, make(n % GROUPS))

    def move(n: int, group: int, amounts: Any) -> int:
        if n != baggage.get("serial") + 1:
            raise ValueError(f"{n} follows {baggage.get('serial')}: a crank was lost, or has run twice")
        baggage.set("serial", n)
        for member, amount in enumerate(amounts):
            accounts.get(member * GROUPS + group).pay(amount, n)
        # Receipts are chained and forgotten, so that there is always something to collect.
        before = receipts.get(group) if receipts.has(group) and n % 20 else None
        receipts.add_all([(group, make_receipt(n, before))])
        return n

    return Far("Bank", {"move": move, "serial": lambda: baggage.get("serial")})


def write(path: str, seed: str) -> None:
    """Move money for ever; say the number of each crank that is acknowledged."""
    dice = random.Random(int(seed))
    with Kernel.open(path, durability=dice.choice(DURABILITIES), map_size=1, collect_every=50) as kernel:
        bank = kernel.provide_vat("bank", f"{__name__}:build_bank").root
        kernel.run()
        n = kernel.call(bank, "serial")
        say("found", n)
        while True:
            calls = []
            for _ in range(dice.choice((1, 1, 5, 40))):
                n += 1
                amounts = [dice.randrange(-50, 50) for _ in range(MEMBERS - 1)]
                group = dice.randrange(GROUPS)
                calls.append(kernel.send(bank, "move", n, group, [*amounts, -sum(amounts)]))
            for call in calls:
                say("acknowledged", call.result())


# --- those beside it


def records(view: ReadView) -> Iterator[list[Any]]:
    """The rows of all instances in a store with one vat, as ``STORAGE.md`` describes them."""
    prefix = b"\x02\x01o"
    for _, data in view.scan(prefix, prefix + b"\xff"):
        yield msgspec.msgpack.decode(data, ext_hook=lambda code, data: (code, bytes(data)))


def check_view(view: ReadView) -> int:
    """Hold what a reader sees to what must be true between cranks. Returns the newest stamp, 0 for an empty store."""
    stamps: dict[int, set[int]] = {}
    total = 0
    for row in records(view):
        if len(row) == 5:  # an account: layout, then its fields
            _, group, amount, stamp, _ = row
            stamps.setdefault(group, set()).add(stamp)
            total += amount
    if not stamps:
        return 0
    torn = {group: found for group, found in stamps.items() if len(found) != 1}
    if torn or total != TOTAL:
        raise AssertionError(f"a torn crank was seen: stamps {torn}, total {total}, expected {TOTAL}")
    return max(max(found) for found in stamps.values())


def read(path: str, _seed: str) -> None:
    """Look at one commit after the other; what was seen once is never seen undone."""
    newest = 0
    with open_store(path, readonly=True) as store:
        while True:
            with store.snapshot() as snapshot:
                seen = check_view(snapshot)
                again = check_view(snapshot)
            if seen != again or seen < newest:
                raise AssertionError(f"a reader saw {seen}, then {again}, after {newest}")
            newest = seen
            say("read", seen)


def hold(path: str, _seed: str) -> None:
    """Begin to read and wait to be killed, with the read transaction open."""
    with open_store(path, readonly=True) as store, store.snapshot() as snapshot:
        say("holding", check_view(snapshot))
        sys.stdin.readline()


def back_up(path: str, _seed: str) -> None:
    """Make one backup after the other, and check each."""
    copy = Path(f"{path}-copy-{os.getpid()}")
    while True:
        with open_store(path, readonly=True) as store:
            store.backup(copy)
        expect_sound(str(copy))
        with open_store(copy, readonly=True) as store, store.snapshot() as snapshot:
            say("backup", check_view(snapshot))
        for file in copy.parent.glob(f"{copy.name}*"):
            file.unlink()


def inspect(path: str, _seed: str) -> None:
    """Verify the store beside its writer, again and again."""
    while True:
        expect_sound(path)
        say("verified", 0)


def expect_sound(path: str) -> None:
    findings = [str(finding) for finding in verify(path)]
    if findings:
        raise AssertionError(f"{path} is not sound: {findings}")


# --- two vats


def build_player(_powers: Any, _parameters: Any, baggage: Any) -> Any:
    """Counts each ball and returns it, with a number that is one less, until that is 0."""
    provide(baggage, "count", lambda _: 0)
    provide(baggage, "other", lambda _: None)

    def play(left: int) -> None:
        baggage.set("count", baggage.get("count") + 1)
        if left > 1:
            E.send_only(baggage.get("other")).play(left - 1)

    def meet(other: Any) -> None:
        baggage.set("other", other)

    return Far("Player", {"play": play, "meet": meet, "count": lambda: baggage.get("count")})


def exchange(path: str, seed: str, each: str) -> None:
    """Let two vats send each other *each* messages, going on where an earlier process was killed; say both counts."""
    dice = random.Random(int(seed))
    with Kernel.open(path, durability=dice.choice(DURABILITIES)) as kernel:
        left, right = (
            kernel.provide_vat(name, f"{__name__}:build_player").root for name in ("left", "right")
        )
        if not kernel.call(left, "count"):
            kernel.call(left, "meet", right)
            kernel.call(right, "meet", left)
            if not kernel.call(left, "count"):
                kernel.send(left, "play", 2 * int(each))
        while kernel.step().waiting:
            say("playing")
        say("done", kernel.call(left, "count"), kernel.call(right, "count"))


ROLES: dict[str, Callable[..., None]] = {
    "write": write,
    "read": read,
    "hold": hold,
    "backup": back_up,
    "inspect": inspect,
    "exchange": exchange,
}


def main() -> None:
    _, role, *arguments = sys.argv
    ROLES[role](*arguments)


if __name__ == "__main__":
    main()
