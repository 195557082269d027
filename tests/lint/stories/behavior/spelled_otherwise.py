# The same mistakes, and the same good code, in spellings that need a second look.

# case: several fields at once
from vatdata_runtime import Far, partial_assign, prepare_exo_class


class Profile:
    def update(this, name, city):
        partial_assign(this.state, {"name": name, "city": city})

    def verify(this, by):
        partial_assign(this.state, {"verified": True, "verifier": by})  # finding: VD204


def build_root_object(vat_powers, vat_parameters, baggage):
    make_profile = prepare_exo_class(
        baggage, "Profile", None, lambda: {"name": "", "city": "", "verified": False}, Profile
    )
    return Far("Profiles", {"make": make_profile})

# case: a maker gets what cannot be kept
from vatdata_runtime import E, Far, prepare_exo_class


def init_job(name, on_done):
    return {"name": name, "on_done": on_done, "runs": 0}


class Job:
    def run(this):
        this.state.runs += 1
        return this.state.name


def build_root_object(vat_powers, vat_parameters, baggage):
    make_job = prepare_exo_class(baggage, "Job", None, init_job, Job)

    def schedule(name):
        return make_job(name, lambda: print(name))  # finding: VD205

    def schedule_plain(name, listener):
        return make_job(name, listener)

    def schedule_far(name):
        return make_job(name, Far("Done", {"done": lambda: None}))  # finding: VD205

    return Far("Jobs", {"schedule": schedule, "plain": schedule_plain, "far": schedule_far})

# case: a session of the whole module
import requests

from vatdata_runtime import Far, provide_durable_map_store

SESSION = requests.Session()


def build_root_object(vat_powers, vat_parameters, baggage):
    pages = provide_durable_map_store(baggage, "pages")

    def fetch(url):
        answer = SESSION.get(url)  # finding: VD206
        pages.init(url, answer.text)
        return answer.status_code

    return Far("Fetcher", {"fetch": fetch, "page": pages.get})

# case: a default where the field is empty
from vatdata_runtime import Exo, Far, make_durable_zone


class Playlist(Exo):
    title: str
    songs: list[str] | None = None

    def add(self, song: str) -> None:
        songs = self.songs or []
        songs.append(song)  # finding: VD203

    def add_all(self, songs: list[str]) -> None:
        known = list(self.songs or [])
        known.extend(songs)
        self.songs = known

    def first(self) -> str | None:
        return self.songs[0] if self.songs else None


def build_root_object(vat_powers, vat_parameters, baggage):
    make_playlist = make_durable_zone(baggage).prepare(Playlist)
    return Far("Music", {"playlist": lambda title: make_playlist(title=title)})

# case: a loop over a stream
import asyncio

from vatdata_runtime import Far, prepare_exo_class


class Bridge:
    async def listen(this, host):
        reader, writer = await asyncio.open_connection(host, 6667)  # finding: VD207
        async for line in reader:  # finding: VD207
            this.state.last = line.decode()

    def last(this):
        return this.state.last


def build_root_object(vat_powers, vat_parameters, baggage):
    make_bridge = prepare_exo_class(baggage, "Bridge", None, lambda: {"last": ""}, Bridge)
    return Far("Bridges", {"make": make_bridge})

# case: guards in a class
from vatdata_runtime import Far, M, prepare_exo_class


class Guards:
    Lamp = M.interface("Lamp", {"on": M.call(), "off": M.call(), "dim": M.call(M.nat())})


class Lamp:
    def on(this):
        this.state.level = 100

    def off(this):
        this.state.level = 0


def build_root_object(vat_powers, vat_parameters, baggage):
    make_lamp = prepare_exo_class(baggage, "Lamp", Guards.Lamp, lambda: {"level": 0}, Lamp)  # finding: VD301
    return Far("House", {"lamp": make_lamp})

# case: a helper that always raises
from vatdata_runtime import Far, prepare_exo_class


def refuse(kind):
    raise ValueError(f"no such kind of room: {kind}")


def init_room(kind):
    if kind == "single":
        return {"beds": 1}
    if kind == "double":
        return {"beds": 2}
    refuse(kind)


def init_suite(kind):  # finding: VD202
    try:
        return {"beds": {"small": 2, "large": 4}[kind]}
    except KeyError:
        print("unknown", kind)


def build_root_object(vat_powers, vat_parameters, baggage):
    make_room = prepare_exo_class(baggage, "Room", None, init_room, {"beds": lambda this: this.state.beds})
    make_suite = prepare_exo_class(baggage, "Suite", None, init_suite, {"beds": lambda this: this.state.beds})
    return Far("Hotel", {"room": make_room, "suite": make_suite})

# case: a store in a field gets a heap object
from vatdata_runtime import E, Far, make_scalar_big_map_store, prepare_exo_class


def init_hub():
    return {"listeners": make_scalar_big_map_store("listeners", durable=True), "count": 0}


class Hub:
    def listen(this, name, listener):
        this.state.listeners.init(name, listener)

    def listen_locally(this, name):
        this.state.listeners.init(name, Far("Local", {"heard": lambda text: None}))  # finding: VD205

    def send(this, text):
        for listener in this.state.listeners.values():
            E.send_only(listener).heard(text)


def build_root_object(vat_powers, vat_parameters, baggage):
    make_hub = prepare_exo_class(baggage, "Hub", None, init_hub, Hub)
    return Far("Hubs", {"hub": make_hub})

# case: functions in a table
import smtplib
import time

from vatdata_runtime import Far, prepare_exo_class


def send_mail(to, text):
    with smtplib.SMTP("localhost") as server:  # finding: VD206
        server.sendmail("vat@example", to, text)


def keep(to, text):
    return (to, text)


WAYS = {"mail": send_mail, "keep": keep}


class Outbox:
    def send(this, way, to, text):
        WAYS[way](to, text)
        this.state.sent += 1


def build_root_object(vat_powers, vat_parameters, baggage):
    make_outbox = prepare_exo_class(baggage, "Outbox", None, lambda: {"sent": 0}, Outbox)
    return Far("Mail", {"outbox": make_outbox})

# case: the same counter in every form
"""The same counter in every form that the runtime offers."""
from vatdata_runtime import (
    Exo, ExoKit, Facet, Far, M, define_durable_exo_class, define_durable_kind, make_durable_zone, prepare_exo_class,
    prepare_exo_class_kit, prepare_kind, prepare_singleton, provide_kind_handle,
)

CounterI = M.interface("Counter", {"increment": M.call().optional(M.int()).returns(M.int())})


def init_counter(start=0):
    return {"count": start}


class CounterMethods:
    def increment(this, by=1):
        this.state.count += by
        return this.state.count


def increment(context, by=1):
    context.state.count += by
    return context.state.count


class Declared(Exo):
    count: int = 0

    def increment(self, by: int = 1) -> int:
        self.count += by
        return self.count


class DeclaredKit(ExoKit):
    count: int = 0

    class up(Facet):
        def increment(self) -> int:
            self.state.count += 1
            return self.facets.reader.read()

    class reader(Facet):
        def read(self) -> int:
            return self.state.count


def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage)
    handle = provide_kind_handle(baggage, "HandleCounter")
    other = provide_kind_handle(baggage, "OtherCounter")
    makers = [
        prepare_exo_class(baggage, "A", CounterI, init_counter, CounterMethods),
        zone.exo_class("B", CounterI, init_counter, CounterMethods),
        define_durable_exo_class(handle, CounterI, init_counter, CounterMethods),
        define_durable_kind(other, init_counter, {"increment": increment}),
        prepare_kind(baggage, "C", init_counter, {"increment": increment}),
        zone.prepare(Declared),
        zone.prepare(DeclaredKit),
        prepare_exo_class_kit(
            baggage,
            "D",
            {"up": CounterI, "reader": M.interface("Reader", {"read": M.call().returns(M.int())})},
            init_counter,
            {"up": CounterMethods, "reader": {"read": lambda this: this.state.count}},
        ),
    ]
    single = prepare_singleton(baggage, "E", {"hello": lambda this: "hello"})
    return Far("Counters", {"make": lambda n: makers[n](), "single": lambda: single})

# case: a value read by a helper
from vatdata_runtime import Far, prepare_exo_class, provide_durable_map_store


def build_root_object(vat_powers, vat_parameters, baggage):
    users = provide_durable_map_store(baggage, "users")

    def find(name):
        if not users.has(name):
            raise LookupError(name)
        return users.get(name)

    def add(name):
        users.init(name, {"name": name, "tags": [], "visits": 0})

    def tag(name, text):
        find(name)["tags"].append(text)  # finding: VD203

    def visit(name):
        user = find(name)
        user["visits"] += 1  # finding: VD203
        users.set(name, user)

    def visit_well(name):
        user = {**find(name)}
        user["visits"] += 1
        users.set(name, user)

    return Far("Users", {"add": add, "tag": tag, "visit": visit, "visit_well": visit_well})

# case: guards made by a function and kept in a table
from vatdata_runtime import Far, M, make_durable_zone


def crud_guard(name, **extra):
    return M.interface(name, {"create": M.call(M.any()), "read": M.call().returns(M.any()), "delete": M.call()})


GUARDS = {"note": crud_guard("Note"), "file": crud_guard("File")}


class Note:
    def create(this, text):
        this.state.text = text

    def read(this):
        return this.state.text

    def delete(this):
        this.state.text = ""


class File:
    def create(this, text):
        this.state.text = text

    def read(this, start):
        return this.state.text[start:]

    def delete(this):
        this.state.text = ""


def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage)
    make_note = zone.exo_class("Note", GUARDS["note"], lambda: {"text": ""}, Note)
    make_file = zone.exo_class("File", GUARDS["file"], lambda: {"text": ""}, File)  # finding: VD301
    return Far("Files", {"note": make_note, "file": make_file})

# case: an escrow in several forms
"""Escrow: a declarative kit, a handle-based kind and a heap exo side by side."""
from typing import Any

from vatdata_runtime import (
    E, ExoKit, Facet, Far, M, define_durable_exo_class_kit, make_exo, make_durable_zone, provide_kind_handle,
)


class Deal(ExoKit):
    price: int
    paid: int = 0
    delivered: bool = False
    log: tuple[str, ...] = ()

    class buyer(Facet):
        def pay(self, amount: int) -> None:
            self.state.paid += amount
            self._note(f"paid {amount}")

        def _note(self, text: str) -> None:
            self.state.log += (text,)
            self.state.noted = True  # finding: VD204

    class seller(Facet):
        def deliver(self) -> None:
            self.state.delivered = True

        def claim(self) -> int:
            if not self.state.delivered:
                raise ValueError("deliver first")
            return self.state.paid


def init_dispute(deal):
    return {"deal": deal, "claims": {}, "decided": None}


def claim(this, who, text):
    claims = this.state.claims
    this.state.claims = {**claims, who: text}


def decide(this, winner):
    this.state.decided = winner
    this.state.claims.clear()  # finding: VD203


DISPUTE_GUARDS = {
    "party": M.interface("Party", {"claim": M.call(M.string(), M.string())}),
    "judge": M.interface("Judge", {"decide": M.call(M.string())}),
}


async def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage)
    make_deal = zone.prepare(Deal)
    handle = provide_kind_handle(baggage, "Dispute")
    make_dispute = define_durable_exo_class_kit(
        handle, DISPUTE_GUARDS, init_dispute, {"party": {"claim": claim}, "judge": {"decide": decide}}
    )
    deals = zone.map_store("deals")
    bell = make_exo("Bell", M.interface("Bell", {"ring": M.call()}), {"ring": lambda this: None})
    judge = await E(vat_parameters["court"]).judge()

    def open_deal(number, price):
        kit = make_deal(price=price)
        deals.init(number, kit.seller)
        return kit

    def dispute(number):
        kit = make_dispute(deals.get(number))
        E.send_only(judge).case(kit.judge)
        return kit.party

    return Far("Escrow", {"open_deal": open_deal, "dispute": dispute, "bell": lambda: bell})

# case: imports under other names
import asyncio as aio
import subprocess as sp
import time as clock
from os import path, environ
from urllib import request as web

import vatdata_runtime as vd
from vatdata_runtime import prepare_exo_class as define


class Importer:
    def run(this, name):
        if path.exists(name):  # finding: VD206
            this.state.files = (*this.state.files, name)
        sp.check_output(["unzip", name])  # finding: VD206

    def download(this, url):
        with web.urlopen(url) as answer:  # finding: VD206
            return answer.status

    async def later(this):
        await aio.sleep(clock.monotonic() % 1)  # finding: VD207
        clock.sleep(1)  # finding: VD206

    def places(this):
        return path.join("a", path.basename("b"))


def build_root_object(vat_powers, vat_parameters, baggage):
    make = define(baggage, "Importer", None, lambda: {"files": ()}, Importer)
    names = vd.provide_durable_map_store(baggage, "names")
    names.init("hook", vd.Far("Hook", {}))  # finding: VD205
    return vd.Far("Importers", {"make": make})

# case: asynchronous all through, all well
"""Asynchronous all through, but everything that it waits for comes from vats, devices and the timer."""
import asyncio
import collections
import contextlib
import itertools

from vatdata_runtime import E, Far, M, make_promise_kit, make_durable_zone, watch_promise

PageI = M.interface("Page", {
    "load": M.call_when(M.await_(M.any())).returns(M.any()),
    "size": M.call().returns(M.nat()),
})


class Mutex:
    """Lets one turn at a time in; lives in memory."""

    def __init__(self):
        self._queue = collections.deque()
        self._busy = False

    @contextlib.asynccontextmanager
    async def hold(self):
        if self._busy:
            kit = make_promise_kit()
            self._queue.append(kit)
            await kit.promise
        self._busy = True
        try:
            yield self
        finally:
            self._busy = False
            if self._queue:
                self._queue.popleft().resolve(None)


async def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage)
    mutex = Mutex()
    web = vat_powers.devices["web"]
    counter = itertools.count(1)

    class Page:
        async def load(this, url):
            async with mutex.hold():
                text = await E(web).fetch(url)
            this.state.text = text
            return len(text)

        def size(this):
            return len(this.state.text)

    make_page = zone.exo_class("Page", PageI, lambda: {"text": ""}, Page)

    async def crawl(urls):
        pages = [make_page() for _ in urls]
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(page.load(url)) for page, url in zip(pages, urls)]
        return [task.result() for task in tasks], next(counter)

    async def first(urls):
        done, _ = await asyncio.wait([E(web).fetch(url) for url in urls], return_when=asyncio.FIRST_COMPLETED)
        return await done.pop()

    return Far("Crawler", {"crawl": crawl, "first": first})

# case: suspicious but fine
from vatdata_runtime import Exo, Far, M, make_durable_zone, make_scalar_map_store, prepare_exo_class


class Stats:
    def record(this, value):
        stats = {"min": this.state.low, "max": this.state.high}
        stats["min"] = min(stats["min"], value)
        stats["max"] = max(stats["max"], value)
        this.state.low, this.state.high = stats["min"], stats["max"]
        values = this.state.values
        values = (*values, value)
        this.state.values = values

    def reduce(this):
        queue = []
        queue.extend(this.state.values)
        queue.sort()
        queue.pop()
        this.state.values = queue

    def table(this):
        rows = {}
        for value in this.state.values:
            rows.setdefault(value % 10, []).append(value)
        return rows

    def drain(this, sink):
        values, this.state.values = this.state.values, ()
        for value in values:
            sink.append(value)
        return sink


class Tree(Exo):
    label: str
    children: tuple[object, ...] = ()

    def add(self, child: object) -> None:
        self.children = (*self.children, child)

    def walk(self) -> list[str]:
        found: list[str] = []
        stack: list[object] = [self]
        while stack:
            node = stack.pop()
            found.append(self.label)
            stack.extend(self.children if node is self else ())
        return found


def build_root_object(vat_powers, vat_parameters, baggage):
    make_stats = prepare_exo_class(baggage, "Stats", None, lambda: {"low": 0, "high": 0, "values": ()}, Stats)
    make_tree = make_durable_zone(baggage).prepare(Tree)
    return Far("Maths", {"stats": make_stats, "tree": lambda label: make_tree(label=label)})
