# Whole vats of several parts, as they are written: most of each is right.

# case: functions of a promise watcher
import time

from vatdata_runtime import E, Far, provide_kind_handle, provide_promise_watcher, watch_promise


def on_price(price, symbol):
    time.sleep(0.2)  # finding: VD206
    return (symbol, price)


def on_failure(reason, symbol):
    return None


def build_root_object(vat_powers, vat_parameters, baggage):
    watcher = provide_promise_watcher(provide_kind_handle(baggage, "PriceWatcher"), on_price, on_failure)

    def ask(feed, symbol):
        watch_promise(E(feed).price(symbol), watcher, symbol)

    return Far("Asker", {"ask": ask})

# case: documents, permissions and an index in modules
# file: docs_vat/__init__.py
# nothing here
# file: docs_vat/documents.py
from typing import Any

from vatdata_runtime import Exo, ExoKit, Facet


class Document(Exo):
    """Kept for stores of the first version."""

    title: str
    body: str = ""


class DocumentKit(ExoKit):
    title: str
    permissions: Any
    body: str = ""
    versions: list[str] = []
    labels: set[str] = set()

    class editor(Facet):
        def write(self, who: str, body: str) -> int:
            self.state.permissions.check(who, "write")
            self.state.versions = [*self.state.versions, self.state.body]
            self.state.body = body
            return len(self.state.versions)

        def label(self, text: str) -> None:
            self.state.labels.add(text)  # finding: VD203

        def reader(self) -> Any:
            return self.facets.viewer

    class viewer(Facet):
        def read(self, who: str) -> str:
            self.state.permissions.check(who, "read")
            return self.state.body

        def history(self) -> list[str]:
            versions = list(self.state.versions)
            versions.reverse()
            return versions
# file: docs_vat/index.py
import re


class Index:
    def __init__(self, zone):
        self._words = zone.map_store("words")

    def add(self, title):
        for word in re.findall(r"\w+", title.lower()):
            known = self._words.get(word) if self._words.has(word) else ()
            if self._words.has(word):
                self._words.set(word, (*known, title))
            else:
                self._words.init(word, (title,))

    def find(self, word):
        return self._words.get(word) if self._words.has(word) else ()
# file: docs_vat/main.py
"""Documents with versions, permissions and an index. Several modules, one fault in each of two."""
from vatdata_runtime import Far, make_durable_zone

from docs_vat.documents import Document, DocumentKit
from docs_vat.index import Index
from docs_vat.permissions import prepare_permissions, ROLES


def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage)
    make_document_kit = zone.prepare(DocumentKit)
    make_permissions = prepare_permissions(zone)
    index = Index(zone.sub_zone("index"))
    documents = zone.map_store("documents")

    class Docs:
        def create(self, title, author):
            permissions = make_permissions(author)
            kit = make_document_kit(title=title, permissions=permissions)
            documents.init(title, kit.editor)
            index.add(title)
            return kit.editor

        def find(self, word):
            return index.find(word)

        def roles(self):
            return ROLES

    return Far("Docs", Docs())
# file: docs_vat/permissions.py
from vatdata_runtime import M

ROLES = {"owner": ("read", "write", "share"), "writer": ("read", "write"), "reader": ("read",)}

PermissionsI = M.interface("Permissions", {
    "check": M.call(M.string(), M.string()),
    "grant": M.call(M.string(), M.string()),
    "list": M.call().returns(M.any()),
})


def init_permissions(owner):
    return {"roles": {owner: "owner"}}


def check(this, who, right):
    role = this.state.roles.get(who)
    if role is None or right not in ROLES[role]:
        raise PermissionError(f"{who} may not {right}")


def grant(this, who, role):
    roles = this.state.roles
    roles[who] = role  # finding: VD203
    this.state.roles = roles


def list_roles(this):
    return sorted(this.state.roles.items())


def prepare_permissions(zone):
    return zone.exo_class(
        "Permissions", PermissionsI, init_permissions, {"check": check, "grant": grant, "list": list_roles}
    )

# case: a market translated from another language
# file: offers.py
from types import SimpleNamespace

from vatdata_runtime import M

AmountShape = M.split_record({"brand": M.string(), "value": M.nat()})
OfferI = {
    "creator": M.interface("OfferCreator", {
        "accept": M.call(M.string()).returns(M.any()),
        "withdraw": M.call().returns(M.any()),
    }),
    "watcher": M.interface("OfferWatcher", {
        "on_fulfilled": M.call(M.any()).rest(M.any()),
        "on_rejected": M.call(M.any()).rest(M.any()),
    }),
}
OFFER_SHAPE = {"give": AmountShape, "want": AmountShape, "seat": M.remotable(), "status": M.string()}


def prepare_offer_kit(zone, make_seat, payment_ledger):
    make_offer_kit = zone.exo_class_kit(
        "Offer",
        OfferI,
        lambda give, want: {"give": give, "want": want, "seat": make_seat(give), "status": "open"},
        {
            "creator": {
                "accept": lambda this, who: payment_ledger.move(this.state.give, who),
                "withdraw": lambda this: this.state.seat.exit(),
            },
            "watcher": {
                "on_fulfilled": lambda this, value, *args: setattr(this.state, "status", "done"),
                "on_rejected": lambda this, reason, *args: setattr(this.state, "reason", str(reason)),  # finding: VD204
            },
        },
        state_shape=OFFER_SHAPE,
    )
    return SimpleNamespace(make_offer_kit=make_offer_kit)
# file: payments.py
from vatdata_runtime import M, prepare_exo, provide_durable_map_store

LedgerI = M.interface("PaymentLedger", {"move": M.call(M.any(), M.string()).returns(M.any()), "of": M.call(M.string()).returns(M.any())})


def prepare_payment_ledger(baggage):
    balances = provide_durable_map_store(baggage, "balances")

    def move(this, amount, who):
        before = balances.get(who) if balances.has(who) else {}
        after = dict(before)
        after[amount["brand"]] = after.get(amount["brand"], 0) + amount["value"]
        if balances.has(who):
            balances.set(who, after)
        else:
            balances.init(who, after)
        return after

    def of(this, who):
        found = balances.get(who)
        found.setdefault("total", sum(found.values()))  # finding: VD203
        return found

    return prepare_exo(baggage, "PaymentLedger", LedgerI, {"move": move, "of": of})
# file: seats.py
from vatdata_runtime import prepare_exo_class


def prepare_seat(baggage):
    def init_seat(give):
        return {"give": give, "exited": False}

    def exit_seat(this):
        if this.state.exited:
            raise ValueError("left already")
        this.state.exited = True
        return this.state.give

    return prepare_exo_class(baggage, "Seat", None, init_seat, {"exit": exit_seat})
# file: vat_market.py
from vatdata_runtime import E, Far, M, make_durable_zone, provide_durable_map_store

from offers import prepare_offer_kit
from payments import prepare_payment_ledger
from seats import prepare_seat


def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage, "market")
    make_seat = prepare_seat(baggage)
    payment_ledger = prepare_payment_ledger(baggage)
    offer_tools = prepare_offer_kit(zone, make_seat, payment_ledger)
    offers = provide_durable_map_store(baggage, "offers")

    def make_offer(give, want):
        kit = offer_tools.make_offer_kit(give, want)
        offers.init(offers.get_size(), kit["creator"])
        return kit["creator"]

    async def trade(number, other, bank):
        await E(bank).check(other)
        return offers.get(number).accept(other)

    return Far("Market", {"make_offer": make_offer, "trade": trade})

# case: a game whose board is changed by a helper
"""Chess clubs: boards as data, moves as messages."""
from itertools import product

from vatdata_runtime import E, Far, M, make_durable_zone, provide

START = {"a1": "R", "b1": "N", "a2": "P", "b2": "P"}


def empty_board():
    return {f"{file}{rank}": None for file, rank in product("abcdefgh", range(1, 9))}


def init_game(white, black):
    board = empty_board()
    board.update(START)
    return {"white": white, "black": black, "board": board, "moves": [], "turn": "white", "clock": None}


def legal(board, source, target):
    return board[source] is not None and board[target] is None


def apply_move(board, source, target):
    board[target] = board[source]
    board[source] = None
    return board


class Game:
    def move(this, source, target):
        if not legal(this.state.board, source, target):
            raise ValueError("illegal")
        this.state.board = apply_move(this.state.board, source, target)  # finding: VD203
        this.state.moves = [*this.state.moves, (source, target)]
        this.state.turn = "black" if this.state.turn == "white" else "white"

    def move_well(this, source, target):
        this.state.board = apply_move(dict(this.state.board), source, target)

    def undo(this):
        moves = list(this.state.moves)
        source, target = moves.pop()
        board = {**this.state.board}
        apply_move(board, target, source)
        this.state.board, this.state.moves = board, moves

    def start_clock(this, timer):
        this.state.clock = E(timer).now()  # finding: VD205


def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage)
    make_game = zone.exo_class("Game", None, init_game, Game)
    games = zone.map_store("games")
    number = provide(baggage, "next", lambda key: 1)

    def start(white, black):
        key = games.get_size() + number
        games.init(key, make_game(white, black))
        return games.get(key)

    return Far("Club", {"start": start})

# case: metrics, all well
"""Counters and histograms with labels; all right."""
from __future__ import annotations

import bisect
import collections
import math

from vatdata_runtime import Far, M, make_durable_zone, make_scalar_big_map_store

BOUNDS = (1, 5, 10, 50, 100)


def _labels(labels):
    return ",".join(f"{key}={value}" for key, value in sorted(labels.items()))


class Counter:
    def inc(this, labels, by=1):
        values = this.state.values
        key = _labels(labels)
        if values.has(key):
            values.set(key, values.get(key) + by)
        else:
            values.init(key, by)

    def value(this, labels):
        return this.state.values.get(_labels(labels))

    def export(this):
        lines = []
        for key, value in this.state.values.items():
            lines.append(f"{this.state.name}{{{key}}} {value}")
        lines.sort()
        return "\n".join(lines)


class Histogram:
    def observe(this, value):
        buckets = list(this.state.buckets)
        buckets[bisect.bisect_left(BOUNDS, value)] += 1
        this.state.buckets = tuple(buckets)
        this.state.sum += value
        this.state.count += 1

    def quantile(this, q):
        wanted = math.ceil(q * this.state.count)
        seen = 0
        for bound, amount in zip((*BOUNDS, math.inf), this.state.buckets):
            seen += amount
            if seen >= wanted:
                return bound
        return math.inf


def prepare_metrics(zone):
    return {
        "counter": zone.exo_class(
            "Counter",
            M.interface("Counter", {
                "inc": M.call(M.any()).optional(M.number()),
                "value": M.call(M.any()).returns(M.number()),
                "export": M.call().returns(M.string()),
            }),
            lambda name: {"name": name, "values": make_scalar_big_map_store("values", durable=True)},
            Counter,
        ),
        "histogram": zone.exo_class(
            "Histogram",
            None,
            lambda name: {"name": name, "buckets": (0,) * (len(BOUNDS) + 1), "sum": 0, "count": 0},
            Histogram,
        ),
    }


def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage)
    makers = prepare_metrics(zone)
    metrics = zone.map_store("metrics")
    recent = collections.Counter()

    def metric(kind, name):
        recent[kind] += 1
        if not metrics.has(name):
            metrics.init(name, makers[kind](name))
        return metrics.get(name)

    def top():
        return recent.most_common(3)

    return Far("Metrics", {"metric": metric, "top": top})

# case: sensors written by somebody who knows asyncio
"""Sensors push readings; rules fire actions. Written by somebody who knows asyncio."""
import asyncio
import csv
import io
import logging
import os
import queue
from contextlib import closing

from vatdata_runtime import E, Far, M, make_durable_zone, prepare_exo_class

logger = logging.getLogger(__name__)
INBOX = queue.Queue()


def to_csv(rows):
    target = io.StringIO()
    with closing(target):
        writer = csv.writer(target)
        writer.writerows(rows)
        return target.getvalue()


class Sensor:
    def push(this, value):
        this.state.readings = (*this.state.readings, value)
        for rule in this.state.rules:
            E.send_only(rule).check(value)

    async def collect(this, source):
        async with asyncio.timeout(3):  # finding: VD207
            value = await E(source).read()
        this.self.push(value)

    def export(this, path):
        text = to_csv([[value] for value in this.state.readings])
        with open(path, "w", newline="") as target:  # finding: VD206
            target.write(text)
        os.chmod(path, 0o644)  # finding: VD206

    def text(this):
        return to_csv([[value] for value in this.state.readings])


class Rule:
    def check(this, value):
        if value > this.state.limit:
            this.state.fired += 1
            logger.warning("fired")
            E.send_only(this.state.action).run(value)


async def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage)
    make_sensor = zone.exo_class("Sensor", None, lambda rules: {"readings": (), "rules": tuple(rules)}, Sensor)
    names = zone.set_store("names")
    for name in list(names.keys()):
        logger.info("known sensor %s", name)
    make_rule = prepare_exo_class(
        baggage,
        "Rule",
        M.interface("Rule", {"check": M.call(M.number())}),
        lambda limit, action: {"limit": limit, "action": action, "fired": 0},
        Rule,
    )

    def sensor(name, *rules):
        names.add(name)
        return make_sensor(rules)

    return Far("Hub", {"sensor": sensor, "rule": make_rule})

# case: an oracle in a package
# file: oracle/vat.py
"""Price oracle with admin, reporters and subscribers."""
from vatdata_runtime import Far, M, make_durable_zone, watch_promise

from oracle import admin, reporters
from oracle.history import prepare_history
from oracle.watchers import prepare_watcher
from oracle.util import now_label


def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage, "oracle")
    make_history = prepare_history(zone)
    make_reporter = reporters.prepare(zone, make_history)
    make_admin = admin.prepare(zone)
    make_watcher = prepare_watcher(zone)
    reporters_by_name = zone.map_store("reporters")
    root_admin = zone.make_once("admin", lambda key: make_admin(reporters_by_name))

    class Oracle:
        def admin(self):
            return root_admin

        def reporter(self, name):
            if not reporters_by_name.has(name):
                reporters_by_name.init(name, make_reporter(name))
            return reporters_by_name.get(name)

        def follow(self, name, promise):
            watch_promise(promise, make_watcher(self.reporter(name)), name)

        def label(self):
            return now_label()

    return Far("Oracle", Oracle())
# file: oracle/__init__.py
# nothing here
# file: oracle/admin.py
def prepare(zone):
    def init(reporters):
        return {"reporters": reporters, "paused": False}

    class Admin:
        def pause(this):
            this.state.paused = True

        def remove(this, name):
            this.state.reporters.delete(name)

        def reset(this):
            for reporter in this.state.reporters.values():
                reporter.reset()
            this.state.resets += 1  # finding: VD204

    return zone.exo_class("Admin", None, init, Admin)
# file: oracle/history.py
class History:
    """An exo with list-like methods."""

    def append(this, price):
        this.state.prices = (*this.state.prices, price)

    def clear(this):
        this.state.prices = ()

    def size(this):
        return len(this.state.prices)

    def last(this):
        return this.state.prices[-1] if this.state.prices else None


def prepare_history(zone):
    return zone.exo_class("History", None, lambda: {"prices": ()}, History)
# file: oracle/reporters.py
from vatdata_runtime import M

ReporterI = M.interface("Reporter", {
    "report": M.call(M.number()).returns(M.nat()),
    "reset": M.call(),
    "last": M.call().returns(M.any()),
})


class Reporter:
    def report(this, price):
        history = this.state.history
        history.append(price)
        return history.size()

    def reset(this):
        this.state.history.clear()

    def last(this):
        return this.state.history.last()


def prepare(zone, make_history):
    return zone.exo_class(
        "Reporter", ReporterI, lambda name: {"name": name, "history": make_history()}, Reporter
    )
# file: oracle/util.py
import time


def now_label():
    return time.strftime("%Y-%m-%d")


def wait_a_bit():
    time.sleep(5)
# file: oracle/watchers.py
from vatdata_runtime import M

WatcherI = M.interface("Watcher", {
    "on_fulfilled": M.call(M.any()).rest(M.any()),
    "on_rejected": M.call(M.any()).rest(M.any()),
})


def on_fulfilled(this, price, *args):
    this.state.reporter.report(price)


def on_rejected(this, reason, *args):
    this.state.failures += 1


def prepare_watcher(zone):
    behavior = {"on_fulfilled": on_fulfilled, "on_rejected": on_rejected}
    return zone.exo_class("Watcher", WatcherI, lambda reporter: {"reporter": reporter, "failures": 0}, behavior)

# case: a saga with context managers and generators
"""A saga: steps run in order, compensations in reverse. Context managers, generators and closures."""
from collections import OrderedDict
from contextlib import contextmanager

from vatdata_runtime import E, Far, M, make_durable_zone, make_promise_kit


@contextmanager
def noted(state, text):
    state.log = (*state.log, f"begin {text}")
    try:
        yield state
    finally:
        state.log = (*state.log, f"end {text}")


def in_reverse(steps):
    for step in reversed(steps):
        yield step


class Saga:
    def add(this, name, target):
        with noted(this.state, f"add {name}") as state:
            state.steps = (*state.steps, {"name": name, "target": target, "done": False})

    async def run(this):
        done = []
        try:
            for step in this.state.steps:
                await E(step["target"]).run()
                done.append(step)
        except Exception as problem:
            this.state.problem = str(problem)
            await this.self.compensate(done)
        else:
            this.state.problem = ""

    async def compensate(this, done):
        for step in in_reverse(done):
            await E(step["target"]).undo()
            step["done"] = False
        this.state.compensated = len(done)  # finding: VD204

    def order(this):
        found = OrderedDict()
        for step in this.state.steps:
            found[step["name"]] = step["done"]
        found.move_to_end(next(iter(found)))
        return dict(found)


def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage)

    def init():
        return {"steps": (), "log": (), "problem": ""}

    make_saga = zone.exo_class("Saga", None, init, Saga)
    waiting = {}

    def start(name):
        kit = make_promise_kit()
        waiting[name] = kit
        saga = make_saga()
        E.when(E(saga).run(), kit.resolve, kit.reject)
        return saga

    return Far("Sagas", {"start": start, "wait": lambda name: waiting[name].promise})
