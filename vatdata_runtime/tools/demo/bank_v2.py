"""Version 2 of the demo's bank."""

from __future__ import annotations

from typing import Any

from vatdata_runtime import Far, M, prepare_exo_class, provide_durable_map_store

PurseI = M.interface(
    "Purse",
    {
        "deposit": M.call(M.nat()).returns(M.nat()),
        "balance": M.call().returns(M.nat()),
        "describe": M.call().returns(M.string()),
    },
)


def init_purse(owner: str) -> dict[str, Any]:
    """Fields of a new purse."""
    return {"owner": owner, "balance": 0}


class Purse:
    """Methods of a purse."""

    def deposit(this: Any, amount: int) -> int:  # methods receive their context
        this.state.balance += amount
        balance: int = this.state.balance
        return balance

    def balance(this: Any) -> int:  # methods receive their context
        balance: int = this.state.balance
        return balance

    def describe(this: Any) -> str:  # methods receive their context
        return f"{this.state.owner} owns {this.state.balance}"


def build_root_object(vat_powers: Any, vat_parameters: Any, baggage: Any) -> Any:
    """Define the kind, open the register, return the root."""
    make_purse = prepare_exo_class(baggage, "Purse", PurseI, init_purse, Purse)
    purses = provide_durable_map_store(baggage, "purses")

    def open_purse(owner: str) -> Any:
        purse = make_purse(owner)
        purses.init(owner, purse)
        return purse

    def deposit(owner: str, amount: int) -> int:
        balance: int = purses.get(owner).deposit(amount)
        return balance

    def balances() -> dict[str, int]:
        return {owner: purse.balance() for owner, purse in purses.entries()}

    def describe() -> tuple[str, ...]:
        return tuple(purse.describe() for purse in purses.values())

    return Far(
        "Bank",
        {"open_purse": open_purse, "deposit": deposit, "balances": balances, "describe": describe},
    )
