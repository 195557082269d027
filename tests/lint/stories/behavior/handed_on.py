# State, context and methods on their way through other functions, objects and modules.

# case: methods, state and guard of a kind stand in modules of their own
# file: vat.py
from vatdata_runtime import Far, prepare_exo_class

from cart.behavior import CartMethods
from cart.state import init_cart
from cart.guards import CartI


def build_root_object(vat_powers, vat_parameters, baggage):
    make_cart = prepare_exo_class(baggage, "Cart", CartI, init_cart, CartMethods)
    return Far("Shop", {"cart": make_cart})
# file: cart/__init__.py
# nothing here
# file: cart/behavior.py
import time


class CartMethods:
    def add(this, item, price):
        this.state.lines.append((item, price))  # finding: VD203
        return len(this.state.lines)

    def total(this):
        return sum(price for _, price in this.state.lines)

    def checkout(this):
        this.state.paid = True
        this.state.paid_at = time.time()  # finding: VD204
        time.sleep(1)  # finding: VD206
# file: cart/guards.py
from vatdata_runtime import M

CartI = M.interface("Cart", {
    "add": M.call(M.string(), M.nat()).returns(M.nat()),
    "total": M.call().returns(M.nat()),
    "checkout": M.call(),
})
# file: cart/state.py
def init_cart(owner):
    return {"owner": owner, "lines": [], "paid": False}

# case: an object keeps its stores in attributes
"""A registry object keeps its stores in attributes."""
from vatdata_runtime import Far, make_scalar_map_store, prepare_exo_class, provide_durable_map_store, provide_durable_set_store


class Registry:
    def __init__(self, baggage):
        self._users = provide_durable_map_store(baggage, "users")
        self._banned = provide_durable_set_store(baggage, "banned")
        self._online = make_scalar_map_store("online")
        self._cache = {}
        self._make_user = prepare_exo_class(
            baggage, "User", None, lambda name: {"name": name}, {"name": lambda this: this.state.name}
        )

    def register(self, name):
        self._users.init(name, {"user": self._make_user(name), "logins": 0, "roles": ()})

    def login(self, name, callback):
        record = self._users.get(name)
        record["logins"] += 1  # finding: VD203
        self._online.init(name, callback)
        self._cache.setdefault(name, []).append(callback)
        return record["user"]

    def grant(self, name, role):
        record = dict(self._users.get(name))
        record["roles"] = (*record["roles"], role)
        self._users.set(name, record)

    def ban(self, name):
        self._banned.add(name)

    def on_ban(self, name, notify):
        self._users.set(name, lambda reason: notify(reason))  # finding: VD205


def build_root_object(vat_powers, vat_parameters, baggage):
    return Far("Registry", Registry(baggage))

# case: helpers get this, its state or the value of a field
"""Private helpers get this."""
from vatdata_runtime import Far, make_durable_zone


def _log(this, text):
    this.state.log = (*this.state.log, text)


def _count(this, kind):
    counts = dict(this.state.counts)
    counts[kind] = counts.get(kind, 0) + 1
    this.state.counts = counts


def _close(this, *, reason):
    _log(this, f"closed: {reason}")
    this.state.closed_because = reason  # finding: VD204


def _push(queue, item):
    queue.append(item)


class Ticket:
    def comment(this, text):
        _log(this, text)
        _count(this, "comment")

    def close(this, reason):
        _close(this, reason=reason)
        this.state.open = False

    def enqueue(this, item):
        _push(this.state.queue, item)  # finding: VD203

    def plan(this, items):
        planned = []
        for item in items:
            _push(planned, item)
        this.state.queue = tuple(planned)

    def each(this, texts):
        def remember(text):
            this.state.last = text
            this.state.lastest = text  # finding: VD204

        for text in texts:
            remember(text)


def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage)
    make_ticket = zone.exo_class(
        "Ticket",
        None,
        lambda: {"log": (), "counts": {}, "open": True, "queue": [], "last": ""},
        Ticket,
    )
    return Far("Tickets", {"ticket": make_ticket})

# case: decorated methods have a state too
import functools
import subprocess

from vatdata_runtime import Far, M, prepare_exo_class

EngineI = M.interface("Engine", {"start": M.call(M.nat()), "stop": M.call(), "speed": M.call().returns(M.nat())})


def only_when_on(fn):
    @functools.wraps(fn)
    def checked(this, *args):
        if not this.state.on:
            raise RuntimeError("the engine is off")
        return fn(this, *args)

    return checked


class Engine:
    def start(this, speed):
        this.state.on = True
        this.state.speed = speed

    @only_when_on
    def stop(this):
        this.state.on = False
        this.state.stops.append(this.state.speed)  # finding: VD203
        subprocess.run(["halt"])  # finding: VD206

    @only_when_on
    def speed(this):
        return this.state.speed


def build_root_object(vat_powers, vat_parameters, baggage):
    make_engine = prepare_exo_class(
        baggage, "Engine", EngineI, lambda: {"on": False, "speed": 0, "stops": []}, Engine
    )
    return Far("Engines", {"engine": make_engine})

# case: methods that functions make
"""Tables of methods made by functions."""
from functools import partial

from vatdata_runtime import Far, M, prepare_exo_class

AccountI = M.interface("Account", {
    "get_owner": M.call().returns(M.string()),
    "get_balance": M.call().returns(M.int()),
    "credit": M.call(M.int()),
    "debit": M.call(M.int()),
})
BadI = M.interface("Bad", {"get_owner": M.call(M.string()).returns(M.string())})


def getter(field):
    def get(this):
        return getattr(this.state, field)

    return get


def change(sign, this, amount):
    this.state.balance += sign * amount


def with_audit(methods):
    return {name: fn for name, fn in methods.items()}


def build_root_object(vat_powers, vat_parameters, baggage):
    methods = {
        "get_owner": getter("owner"),
        "get_balance": getter("balance"),
        "credit": partial(change, 1),
        "debit": partial(change, -1),
    }
    init = lambda owner: {"owner": owner, "balance": 0}
    make_account = prepare_exo_class(baggage, "Account", AccountI, init, methods)
    make_audited = prepare_exo_class(baggage, "Audited", AccountI, init, with_audit(methods))
    make_bad = prepare_exo_class(baggage, "Bad", BadI, init, {"get_owner": getter("owner")})  # finding: VD301
    return Far("Bank", {"account": make_account, "audited": make_audited, "bad": make_bad})

# case: fields that a helper of init declares
from vatdata_runtime import Far, M, make_durable_zone, partial_assign


def base_state(name):
    return {"name": name, "owner": None}


def init_plot(name, width, height):
    return {**base_state(name), "width": width, "height": height}


def init_house(name, **more):
    return dict(base_state(name), floors=1)


def _set_owner(state, owner):
    state.owner = owner
    state.sold = True  # finding: VD204


class Plot:
    def sell(this, owner):
        _set_owner(this.state, owner)

    def resize(this, width, height):
        this.state.width, this.state.height = width, height
        this.state.area = width * height  # finding: VD204

    def update(this, changes):
        partial_assign(this.state, changes)


class House:
    def extend(this):
        state = this.state
        state.floors += 1
        state.roofs = 1  # finding: VD204

    def name(this):
        return this.state.name


def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage)
    make_plot = zone.exo_class("Plot", None, init_plot, Plot)
    make_house = zone.exo_class("House", None, init_house, House)
    return Far("Land", {"plot": make_plot, "house": make_house})

# case: what a decorator puts around a method runs in its crank
import functools
import socket
import time
from os import system as shell

from vatdata_runtime import Far, make_durable_zone


def retrying(times):
    def decorate(fn):
        @functools.wraps(fn)
        def wrapped(*args):
            for attempt in range(times):
                try:
                    return fn(*args)
                except ConnectionError:
                    time.sleep(attempt)  # finding: VD206
            raise ConnectionError("gave up")

        return wrapped

    return decorate


@retrying(3)
def lookup(this, host):
    return socket.gethostbyname(host)  # finding: VD206


def reboot(this):
    for command in this.state.commands:
        (lambda: shell(command))()  # finding: VD206


def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage)
    make_host = zone.exo_class(
        "Host", None, lambda: {"commands": ("sync", "reboot")}, {"lookup": lookup, "reboot": reboot}
    )
    return Far("Hosts", {"host": make_host})

# case: a set of the language and a set store
from vatdata_runtime import Far, make_scalar_big_set_store, prepare_exo_class, make_durable_zone


class Poll:
    def vote(this, who, choice):
        this.state.voters.add(who)
        this.state.votes = {**this.state.votes, choice: this.state.votes.get(choice, 0) + 1}

    def bar(this, who):
        this.state.barred.add(who)  # finding: VD203

    def voted(this, who):
        return who in this.state.voters


def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage)

    def init_poll(question):
        return {
            "question": question,
            "voters": zone.detached().set_store("voters"),
            "barred": frozenset(),
            "votes": {},
        }

    make_poll = prepare_exo_class(baggage, "Poll", None, init_poll, Poll)
    return Far("Polls", {"poll": make_poll})

# case: options that a variable holds
import functools

from vatdata_runtime import E, Far, prepare_exo_class


def with_timestamp(init):
    @functools.wraps(init)
    def wrapped(*args, **kwargs):
        return {**init(*args, **kwargs), "stamp": 0}

    return wrapped


@with_timestamp
def init_note(text):
    return {"text": text}


async def seal(context):  # finding: VD201
    await E(context.state.text).seal()


def stamp(this, now):
    this.state.stamp = now


def build_root_object(vat_powers, vat_parameters, baggage):
    options = {"finish": seal}
    make_note = prepare_exo_class(baggage, "Note", None, init_note, {"stamp": stamp}, **options)
    return Far("Notes", {"note": make_note})

# case: a ticket shop whose methods stand in a dict made by a call
# file: shop/__init__.py
from .contract import start as build_root_object
# file: shop/contract.py
from vatdata_runtime import Far, make_durable_zone

from . import seats
from .tickets import prepare_tickets


async def start(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage, "shop")
    make_seat_map = seats.prepare_seat_map(zone)
    make_ticket = prepare_tickets(zone)
    events = zone.map_store("events")

    def create_event(name, rows, columns):
        events.init(name, make_seat_map(name, rows, columns))

    def buy(name, who):
        seat = events.get(name).take(who)
        return make_ticket(name, seat, who)

    return Far("TicketShop", {"create_event": create_event, "buy": buy})
# file: shop/seats.py
from vatdata_runtime import M

SeatMapI = M.interface(
    "SeatMap",
    {
        "take": M.call(M.string()).returns(M.string()),
        "free": M.call().returns(M.nat()),
        "release": M.call(M.string()),
    },
)


def init_seat_map(name, rows, columns):
    free = tuple(f"{row}{column}" for row in "ABCDEFGH"[:rows] for column in range(columns))
    return {"name": name, "free": free, "taken": {}}


def take(this, who):
    if not this.state.free:
        raise LookupError("sold out")
    seat = this.state.free[0]
    this.state.free = this.state.free[1:]
    this.state.taken[seat] = who  # finding: VD203
    return seat


def free(this):
    return len(this.state.free)


def release(this, seat):
    taken = dict(this.state.taken)
    del taken[seat]
    this.state.taken = taken
    this.state.free = (*this.state.free, seat)


def prepare_seat_map(zone):
    behavior = dict(take=take, free=free, release=release)
    return zone.exo_class("SeatMap", SeatMapI, init_seat_map, behavior)
# file: shop/tickets.py
def prepare_tickets(zone):
    def init_ticket(event, seat, holder):
        return {"event": event, "seat": seat, "holder": holder, "used": False}

    def transfer(this, holder):
        if this.state.used:
            raise ValueError("used already")
        this.state.holder = holder

    def use(this):
        if this.state.used:
            raise ValueError("used already")
        this.state.used = True
        return this.state.seat

    return zone.exo_class("Ticket", None, init_ticket, {"transfer": transfer, "use": use})
