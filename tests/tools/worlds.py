"""Vats for the tests of the tools, importable by name so that a kernel can start them again."""

from __future__ import annotations

from pathlib import Path

from vatdata_runtime import (
    E,
    Far,
    Kernel,
    M,
    define_virtual_exo_class,
    make_scalar_big_map_store,
    prepare_exo,
    prepare_exo_class,
    prepare_exo_class_kit,
    provide_durable_map_store,
    provide_durable_set_store,
)


class Purse:
    def deposit(this, amount):
        this.state.balance += amount
        return this.state.balance

    def balance(this):
        return this.state.balance

    def link(this, other):
        this.state.peer = other


def build_bank(_powers, _parameters, baggage):
    make_purse = prepare_exo_class(
        baggage,
        "Purse",
        None,
        lambda owner, balance=0: {"owner": owner, "balance": balance, "peer": None},
        Purse,
        state_shape={"owner": M.string(), "balance": M.int(), "peer": M.any()},
    )
    make_counter = prepare_exo_class_kit(
        baggage,
        "Counter",
        None,
        lambda: {"count": 0},
        {
            "up": {"increment": lambda this: setattr(this.state, "count", this.state.count + 1)},
            "reader": {"read": lambda this: this.state.count},
        },
    )
    purses = provide_durable_map_store(baggage, "purses")
    flagged = provide_durable_set_store(baggage, "flagged")
    make_note = define_virtual_exo_class("Note", None, lambda text: {"text": text}, {})
    notes = make_scalar_big_map_store("notes")

    def open_purse(owner, balance=0):
        purses.init(owner, make_purse(owner, balance))
        return purses.get(owner)

    def fill(first, last):
        for n in range(first, last):
            purses.init(f"owner {n}", make_purse(f"owner {n}", n))

    def cycle():
        first, second = make_purse("first"), make_purse("second")
        first.link(second)
        second.link(first)

    def counter():
        baggage.init("counter", make_counter())

    return Far(
        "Bank",
        {
            "open_purse": open_purse,
            "close_purse": purses.delete,
            "purse": purses.get,
            "owners": lambda: tuple(purses.keys()),
            "fill": fill,
            "flag": lambda owner: flagged.add(purses.get(owner)),
            "note": lambda key, text: notes.init(key, make_note(text)),
            "cycle": cycle,
            "counter": counter,
        },
    )


def build_customer(_powers, _parameters, baggage):
    mine = provide_durable_map_store(baggage, "mine")

    def keep(name, purse):
        mine.init(name, purse)

    def pay(name, amount):
        return E(mine.get(name)).deposit(amount)

    return Far("Customer", {"keep": keep, "pay": pay, "drop": mine.delete})


def build_sleeper(vat_powers, _parameters, baggage):
    def wake(_this, _time):
        """Be woken."""

    sleeper = prepare_exo(baggage, "Sleeper", None, {"wake": wake})
    timer, mail = vat_powers.timer, vat_powers.devices["mail"]
    return Far(
        "Root",
        {
            "sleep": lambda when: E.send_only(timer).repeat(when, 60, sleeper, "token"),
            "send": lambda text: E.send_only(mail).send(text),
        },
    )


BANK = f"{__name__}:build_bank"
SLEEPER = f"{__name__}:build_sleeper"
CUSTOMER = f"{__name__}:build_customer"


def fill_world(path: Path) -> None:
    """Make a store with two vats: three purses, a kit, a virtual note; the customer keeps alice's purse."""
    with Kernel.open(path) as kernel:
        bank = kernel.create_vat("bank", BANK)
        customer = kernel.create_vat("customer", CUSTOMER)
        for owner, balance in (("alice", 10), ("bob", 20), ("carol", 30)):
            kernel.call(bank.root, "open_purse", owner, balance)
        kernel.call(bank.root, "flag", "bob")
        kernel.call(bank.root, "note", 1, "first")
        kernel.call(bank.root, "counter")
        kernel.call(customer.root, "keep", "alice", kernel.call(bank.root, "purse", "alice"))
