# Kinds that the project's own functions define, told what by their callers.

# case: a definer of the project's own
"""The project's own way to define kinds."""
from vatdata_runtime import E, Far, M, prepare_exo_class


def prepare_guarded(baggage, name, methods, init, **options):
    """Define a kind whose guard lets everything through."""
    guard = M.interface(name, {}, sloppy=True)
    return prepare_exo_class(baggage, name, guard, init, methods, **options)


async def init_parcel(carrier):  # finding: VD201
    return {"number": await E(carrier).next_number()}


def init_letter(text):
    return {"text": text, "stamps": []}


class Letter:
    def stamp(this, value):
        this.state.stamps.append(value)  # finding: VD203

    def text(this):
        return this.state.text


def build_root_object(vat_powers, vat_parameters, baggage):
    make_parcel = prepare_guarded(baggage, "Parcel", {"number": lambda this: this.state.number}, init_parcel)
    make_letter = prepare_guarded(baggage, "Letter", Letter, init_letter)
    return Far("Post", {"parcel": make_parcel, "letter": make_letter})

# case: a definer of the project's own in another module
# file: vat.py
from vatdata_runtime import Far, M

from kinds import prepare_record

NoteI = M.interface("Note", {"read": M.call().returns(M.string()), "edit": M.call(M.string())})


def init_note(text):
    return [text]  # finding: VD202


class Note:
    def read(this):
        return this.state.text

    def edit(this, text):
        this.state.text = text


def init_memo(text):
    return {"text": text}


def build_root_object(vat_powers, vat_parameters, baggage):
    make_note = prepare_record(baggage, "Note", NoteI, init_note, Note)
    make_memo = prepare_record(baggage, "Memo", NoteI, init_memo, {"read": lambda this: this.state.text})  # finding: VD301
    return Far("Notes", {"note": make_note, "memo": make_memo})
# file: kinds.py
from vatdata_runtime import prepare_exo_class


def prepare_record(baggage, name, guard, init, methods):
    def counted(*args, **kwargs):
        return init(*args, **kwargs)

    return prepare_exo_class(baggage, name, guard, init, methods)

# case: a durable and a virtual zone go to functions of other modules
# file: vat.py
from vatdata_runtime import Far, make_durable_zone, make_virtual_zone

from sessions import prepare_session
from jobs import prepare_job


def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage)
    make_job = prepare_job(zone.sub_zone("jobs"))
    make_session = prepare_session(make_virtual_zone())
    return Far("Root", {"job": make_job, "session": make_session})
# file: jobs.py
from vatdata_runtime import E, Far


class Job:
    def run(this, worker):
        this.state.result = E(worker).run(this.state.command)  # finding: VD205

    def cancel(this):
        this.state.handle = Far("Cancelled", {})  # finding: VD205


def prepare_job(zone):
    return zone.exo_class("Job", None, lambda command: {"command": command, "result": None, "handle": None}, Job)
# file: sessions.py
from vatdata_runtime import Far


def init_session(user):
    return {"user": user, "channel": Far("Channel", {"user": lambda: user})}


def prepare_session(zone):
    return zone.exo_class("Session", None, init_session, {"user": lambda this: this.state.user})

# case: an auction in modules, all well
# file: contract/__init__.py
# nothing here
# file: contract/auction.py
from vatdata_runtime import M

from contract.errors import AuctionClosed

AuctionI = {
    "seller": M.interface("Seller", {"close": M.call().returns(M.any()), "extend": M.call(M.nat())}),
    "bidder": M.interface("Bidder", {"bid": M.call(M.string(), M.nat()), "best": M.call().returns(M.any())}),
}


def prepare_auction_kit(zone, make_escrow, params):
    step = params.minimum_step

    def init(item, reserve):
        return {
            "item": item,
            "reserve": reserve,
            "best": None,
            "history": [],
            "escrow": make_escrow(),
            "closed": False,
            "rounds": 1,
        }

    class Seller:
        def close(this):
            if this.state.closed:
                raise AuctionClosed(this.state.item)
            this.state.closed = True
            best = this.state.best
            if best is None or best["price"] < this.state.reserve:
                return None
            this.state.escrow.release(best["who"])
            return best

        def extend(this, rounds):
            this.state.rounds += rounds

    class Bidder:
        def bid(this, who, price):
            state = this.state
            if state.closed:
                raise AuctionClosed(state.item)
            best = state.best
            if best is not None and price < best["price"] + step:
                raise ValueError(f"bid at least {best['price'] + step}")
            state.escrow.hold(who, price)
            state.best = {"who": who, "price": price}
            state.history = [*state.history, (who, price)]

        def best(this):
            return this.state.best

    return zone.exo_class_kit("Auction", AuctionI, init, {"seller": Seller, "bidder": Bidder})
# file: contract/errors.py
class AuctionClosed(ValueError):
    pass
# file: contract/escrow.py
from vatdata_runtime import M, make_scalar_big_map_store

EscrowI = M.interface("Escrow", {
    "hold": M.call(M.string(), M.nat()),
    "release": M.call(M.string()).returns(M.nat()),
})


def init_escrow():
    return {"held": make_scalar_big_map_store("held", durable=True), "released": 0}


def hold(this, who, amount):
    held = this.state.held
    if held.has(who):
        held.set(who, amount)
    else:
        held.init(who, amount)


def release(this, who):
    amount = this.state.held.get(who)
    this.state.held.delete(who)
    this.state.released += amount
    return amount


def prepare_escrow(zone):
    return zone.exo_class("Escrow", EscrowI, init_escrow, {"hold": hold, "release": release})
# file: contract/params.py
from dataclasses import dataclass


@dataclass(frozen=True)
class Params:
    minimum_step: int = 1
    currency: str = "EUR"


def read_params(given):
    given = given or {}
    return Params(given.get("minimum_step", 1), given.get("currency", "EUR"))
# file: contract/start.py
"""English auctions: start, bid, close. Entry of the vat."""
from vatdata_runtime import E, Far, make_durable_zone, provide

from contract.auction import prepare_auction_kit
from contract.escrow import prepare_escrow
from contract.params import read_params


async def build_root_object(vat_powers, vat_parameters, baggage):
    params = read_params(vat_parameters)
    zone = make_durable_zone(baggage)
    make_escrow = prepare_escrow(zone)
    make_auction_kit = prepare_auction_kit(zone, make_escrow, params)
    auctions = zone.map_store("auctions")
    counter = provide(baggage, "counter", lambda key: 0)

    def start_auction(item, reserve):
        number = auctions.get_size() + counter
        kit = make_auction_kit(item, reserve)
        auctions.init(number, kit.seller)
        return kit

    def close_all():
        for seller in auctions.values():
            seller.close()

    return Far("Auctions", {"start_auction": start_auction, "close_all": close_all})
