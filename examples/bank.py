"""A bank: purses that survive restarts and upgrades, registered by owner."""

from vatdata_runtime import Far, M, prepare_exo_class, provide_durable_map_store

PurseI = M.interface(
    "Purse",
    {
        "deposit": M.call(M.nat()).returns(M.nat()),
        "withdraw": M.call(M.nat()).returns(M.nat()),
        "balance": M.call().returns(M.nat()),
        "owner": M.call().returns(M.string()),
    },
)


def init_purse(owner, balance=0):
    return {"owner": owner, "balance": balance}


class Purse:
    """Methods of a purse; ``this.state`` holds its fields."""

    def deposit(this, amount):
        this.state.balance += amount
        return this.state.balance

    def withdraw(this, amount):
        if amount > this.state.balance:
            raise ValueError(f"the balance is {this.state.balance}, not enough for {amount}")
        this.state.balance -= amount
        return this.state.balance

    def balance(this):
        return this.state.balance

    def owner(this):
        return this.state.owner


def build_root_object(vat_powers, vat_parameters, baggage):
    """Define every kind again, open the stores, and return the root: the whole first crank."""
    make_purse = prepare_exo_class(baggage, "Purse", PurseI, init_purse, Purse)
    purses = provide_durable_map_store(baggage, "purses")

    def open_purse(owner):
        purse = make_purse(owner)
        purses.init(owner, purse)
        return purse

    def total():
        return sum(purse.balance() for purse in purses.values())

    def owners():
        return tuple(purses.keys())

    return Far("Bank", {"open_purse": open_purse, "purse": purses.get, "total": total, "owners": owners})
