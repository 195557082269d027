"""A vat that is killed at a chosen storage step, and the loop that lets it die at every one.

Run as ``python -m tests.runtime.vat.crash_child FOLDER``: for each step one process is forked that plays the story on a
fresh store ``FOLDER/<step>.db`` until it kills itself there, and one line of JSON tells how it ended and how many parts
of the story had been acknowledged. The loop ends with the first process that got through.
"""

from __future__ import annotations

import itertools
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from vatdata_runtime import (
    Far,
    Vat,
    make_scalar_big_map_store,
    open_vat,
    prepare_exo_class,
    prepare_exo_class_kit,
    provide_durable_map_store,
    provide_durable_weak_map_store,
)


class Account:
    def pay(this: Any, other: Any, amount: int) -> None:
        this.state.amount -= amount
        other.receive(amount)

    def receive(this: Any, amount: int) -> None:
        this.state.amount += amount

    def amount(this: Any) -> int:
        return this.state.amount


def build(version: int) -> Callable[..., Any]:
    """Return the code of a bank; version 2 keeps cents, and migrates."""
    unit = 1 if version == 1 else 100

    def build_root_object(vat_powers: Any, vat_parameters: Any, baggage: Any) -> Any:
        make = prepare_exo_class(
            baggage,
            "Account",
            None,
            lambda owner, amount: {"owner": owner, "amount": amount * unit},
            Account,
            version=version,
            migrate=lambda old, _: {**old, "amount": old["amount"] * 100},
        )
        pair = {
            "one": {"partner": lambda this: this.facets.two},
            "two": {"accounts": lambda this: this.state.accounts},
        }
        make_pair = prepare_exo_class_kit(
            baggage, "Pair", None, lambda *accounts: {"accounts": accounts}, pair
        )
        accounts = provide_durable_map_store(baggage, "accounts")
        notes = provide_durable_weak_map_store(baggage, "notes")
        passing = make_scalar_big_map_store("passing")

        def open_account(owner: str, amount: int) -> None:
            accounts.init(owner, make(owner, amount))
            notes.init(accounts.get(owner), f"note of {owner}")
            passing.init(owner, accounts.get(owner))

        def pay(payer: str, payee: str, amount: int) -> None:
            accounts.get(payer).pay(accounts.get(payee), amount * unit)

        def link(one: str, two: str) -> None:
            accounts.init(f"pair {one} {two}", make_pair(accounts.get(one), accounts.get(two)).one)

        def close(owner: str) -> None:
            accounts.delete(owner)

        def state() -> Any:
            found: list[Any] = []
            for name, thing in accounts.entries():
                if name.startswith("pair"):
                    thing = tuple(account.amount() // unit for account in thing.partner().accounts())
                    found.append((name, thing))
                else:
                    found.append((name, thing.amount() // unit, notes.get(thing)))
            return found

        functions = (open_account, pay, link, close, state)
        return Far("Bank", {function.__name__: function for function in functions})

    return build_root_object


class Refused(Exception):
    """Aborts a crank of the story."""


def story(path: Path, on_step: Callable[[str], None] | None = None) -> Iterator[Vat]:
    """Play the story; yields the vat whenever something has been acknowledged."""
    with open_vat(path, build(1), on_step=on_step, durability="relaxed") as vat:
        yield vat
        for owner, amount in [("alice", 100), ("bob", 50), ("carl", 0)]:
            vat.call("open_account", owner, amount)
            yield vat
        vat.call("pay", "alice", "bob", 30)
        yield vat
        try:
            with vat.crank() as bank:
                bank.pay("bob", "carl", 80)
                bank.open_account("nobody", 1)
                raise Refused
        except Refused:
            yield vat
        with vat.crank() as bank:  # two things that belong together
            bank.link("alice", "bob")
            bank.pay("bob", "carl", 5)
        yield vat
        vat.call("close", "carl")
        yield vat
        vat.collect()
        yield vat
    with open_vat(path, build(2), on_step=on_step, durability="relaxed") as vat:
        yield vat
        vat.call("pay", "alice", "bob", 1)
        yield vat
        vat.call("close", "pair alice bob")
        yield vat
        vat.collect()
        yield vat


def run(path: Path, die_at: int, acknowledge: int) -> None:
    """Play the story and kill this process at storage step *die_at*; write a byte for each acknowledgement."""
    steps = itertools.count(1)

    def on_step(name: str) -> None:
        if next(steps) == die_at:
            os.kill(os.getpid(), signal.SIGKILL)

    for _ in story(path, on_step):
        os.write(acknowledge, b".")


def die_everywhere(folder: Path) -> None:
    """Fork one process for each step, until one gets through."""
    for point in itertools.count(1):
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            run(folder / f"{point}.db", point, writing)
            os._exit(0)
        os.close(writing)
        with os.fdopen(reading, "rb") as pipe:
            acknowledged = len(pipe.read())
        _, status = os.waitpid(child, 0)
        code = os.waitstatus_to_exitcode(status)
        print(json.dumps({"point": point, "code": code, "acknowledged": acknowledged}), flush=True)
        if code != -signal.SIGKILL:
            return


if __name__ == "__main__":
    die_everywhere(Path(sys.argv[1]))
