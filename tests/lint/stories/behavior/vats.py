# State, stores, guards and waiting: what a vat must not do, beside what looks like it.
import asyncio
import random
import socket
import subprocess
import time
import urllib.request
import requests
from vatdata_runtime import (
    E, Exo, Far, M, define_exo_class, make_durable_zone, make_heap_zone, make_promise_kit, make_scalar_map_store,
    prepare_exo, prepare_exo_class, prepare_exo_class_kit, provide_durable_map_store,
)

# case: async init
async def init_purse(owner):  # finding: VD201
    return {"owner": owner}
def build_root_object(p, q, baggage):
    prepare_exo_class(baggage, "Purse", None, init_purse, {})

# case: generator init, async finish, async migrate
def init_purse(owner):  # finding: VD201
    yield {"owner": owner}
async def done(context):  # finding: VD201
    pass
async def move(old, version):  # finding: VD201
    return old
def build_root_object(p, q, baggage):
    prepare_exo_class(baggage, "Purse", None, init_purse, {}, finish=done, version=2, migrate=move)

# case: nested init functions are plain
def build_root_object(p, q, baggage):
    def init(owner):
        async def helper():
            yield 1
        return {"owner": owner}
    prepare_exo_class(baggage, "Purse", None, init, {})

# case: init gives nothing
def init_purse(owner):  # finding: VD202
    state = {"owner": owner}
def build_root_object(p, q, baggage):
    prepare_exo_class(baggage, "Purse", None, init_purse, {})

# case: init gives nothing on one way
def init_purse(owner):  # finding: VD202
    if owner:
        return {"owner": owner}
def build_root_object(p, q, baggage):
    prepare_exo_class(baggage, "Purse", None, init_purse, {})

# case: init gives a list
def build_root_object(p, q, baggage):
    prepare_exo_class(baggage, "Purse", None, lambda owner: [owner], {})  # finding: VD202

# case: init gives a dict in many ways
def one(owner):
    return dict(owner=owner)
def two(owner):
    state = {}
    state["owner"] = owner
    return state
def three(owner):
    if not owner:
        raise ValueError(owner)
    return {**one(owner), "n": 1}
def four(owner):
    try:
        return {"n": int(owner)}
    except ValueError:
        return {"n": 0}
def five(owner):
    match owner:
        case None:
            return {}
        case _:
            return {"owner": owner}
def six(owner):
    while True:
        if owner:
            return {}
        owner = True
def seven(owner):
    with open(owner) as f:
        return {"n": f.read()}
def build_root_object(p, q, baggage):
    for n, init in enumerate((one, two, three, four, five, six)):
        prepare_exo_class(baggage, f"Purse{n}", None, init, {})
    prepare_exo_class(baggage, "P1", None, one, {})
    prepare_exo_class(baggage, "P2", None, two, {})
    prepare_exo_class(baggage, "P3", None, three, {})
    prepare_exo_class(baggage, "P4", None, four, {})
    prepare_exo_class(baggage, "P5", None, five, {})
    prepare_exo_class(baggage, "P6", None, six, {})
    prepare_exo_class(baggage, "P7", None, dict, {})

# case: lost mutation
class Book:
    def add(this, item):
        this.state.items.append(item)  # finding: VD203
    def put(this, k, v):
        this.state.table[k] = v  # finding: VD203
    def upd(this, v):
        this.state.table.update(v)  # finding: VD203
    def local(this, v):
        items = this.state.items
        items.append(v)  # finding: VD203
    def drop(this, k):
        del this.state.table[k]  # finding: VD203
    def add2(this, k):
        this.state.items += [k]
def build_root_object(p, q, baggage):
    prepare_exo_class(baggage, "Book", None, lambda: {"items": [], "table": {}}, Book)

# case: mutation of copies and stores is kept
class Book:
    def add(this, item):
        items = list(this.state.items)
        items.append(item)
        this.state.items = items
    def add2(this, item):
        this.state.items = [*this.state.items, item]
    def put(this, k, v):
        this.state.store.set(k, v)
        this.state.store.init(k, v)
    def put2(this, k, v):
        this.state.shelf.add(v)
        this.state.shelf.delete(v)
        this.state.shelf.clear()
    def table(this, k):
        table = dict(this.state.table)
        table[k] = 1
        table.update({2: 3})
        this.state.table = table
        return sorted(this.state.table)
    def again(this, k):
        items = [x for x in this.state.items]
        items.sort()
        this.state.items = items
def build_root_object(p, q, baggage):
    prepare_exo_class(baggage, "Book", None, lambda store, shelf: {"items": [], "table": {}, "store": store, "shelf": shelf}, Book)

# case: a read value that is changed and written back
class Book:
    def add(this, item):
        items = this.state.items
        items.append(item)  # finding: VD203
        this.state.items = items
def build_root_object(p, q, baggage):
    prepare_exo_class(baggage, "Book", None, lambda: {"items": []}, Book)

# case: mutation of a value read from a store that is seen to hold lists
def build_root_object(p, q, baggage):
    shelves = provide_durable_map_store(baggage, "shelves")
    shelves.init("first", [])
    def add(name, book):
        shelves.get(name).append(book)  # finding: VD203
    def add2(name, book):
        shelf = list(shelves.get(name))
        shelf.append(book)
        shelves.set(name, shelf)
    def add3(name, book):
        cache = {}
        cache.get(name, []).append(book)
    return Far("Root", {"add": add, "add2": add2, "add3": add3})

# case: unknown field
class Purse:
    def set(this, v):
        this.state.balance = v
        this.state.blance = v  # finding: VD204
def build_root_object(p, q, baggage):
    prepare_exo_class(baggage, "Purse", None, lambda: {"balance": 0}, Purse)

# case: unknown fields cannot be told
class Purse:
    def set(this, v):
        this.state.balance = v
        this.state.other = v
def init(**fields):
    return dict(fields)
def build_root_object(p, q, baggage):
    prepare_exo_class(baggage, "Purse", None, init, Purse)

# case: declarative unknown field
class Purse(Exo):
    balance: int = 0
    def set(self, v: int) -> None:
        self.balance = v
        self.blance = v  # finding: VD204

# case: declarative field of a base, property and class variable
class Base(Exo):
    owner: str = ""
class Purse(Base):
    balance: int = 0
    def set(self, v: int) -> None:
        self.balance = v
        self.owner = "x"
        other = Plain()
        other.anything = v
class Plain:
    def set(self, v):
        self.v = v

# case: not durable
class Purse:
    def set(this):
        this.state.f = lambda: 1  # finding: VD205
    def far(this):
        this.state.f = Far("X", {})  # finding: VD205
    def ok(this):
        this.state.f = (lambda: 1)()
def build_root_object(p, q, baggage):
    prepare_exo_class(baggage, "Purse", None, lambda: {"f": None}, Purse)
    baggage.init("f", lambda: 1)  # finding: VD205
    baggage.init("h", 1)

# case: durable values
def build_root_object(p, q, baggage):
    zone = make_durable_zone(baggage)
    make = prepare_exo_class(baggage, "Purse", None, lambda: {"f": None}, {})
    baggage.init("f", make())
    baggage.init("g", zone.map_store("x"))
    baggage.init("h", {"a": [1, 2, (3,)]})
    baggage.init("i", sorted(q, key=lambda x: x))
    temp = make_scalar_map_store("temp")
    temp.init("f", lambda: 1)
    temp.init("g", Far("X", {}))
    heap = make_heap_zone().map_store("x")
    heap.init("a", Far("X", {}))

# case: heap state may hold anything
class Purse:
    def set(this):
        this.state.f = Far("X", {})
def build_root_object(p, q, baggage):
    define_exo_class("Purse", None, lambda: {"f": None}, Purse)

# case: blocking
class Purse:
    def wait(this):
        time.sleep(1)  # finding: VD206
    def fetch(this):
        return requests.get("http://x")  # finding: VD206
    def run(this):
        return subprocess.run(["ls"])  # finding: VD206
    def read(this):
        with open("x") as f:  # finding: VD206
            return f.read()
    def sock(this):
        return socket.create_connection(("x", 1))  # finding: VD206
    def url(this):
        return urllib.request.urlopen("x")  # finding: VD206
    def ok(this):
        return time.strftime("%Y", (2000,) * 9), random.random()
    def ok2(this, socket):
        socket.send(b"x")
        return this.state.open("x")
def build_root_object(p, q, baggage):
    prepare_exo_class(baggage, "Purse", None, lambda: {}, Purse)

# case: blocking outside of a vat's methods
def report(path):
    with open(path) as f:
        time.sleep(1)
        return f.read()
def main():
    subprocess.run(["ls"])
    report("x")
def build_root_object(p, q, baggage):
    prepare_exo(baggage, "A", None, {"go": lambda this: 1})

# case: blocking in a helper that a method calls
def report(path):
    with open(path) as f:  # finding: VD206
        return f.read()
def build_root_object(p, q, baggage):
    prepare_exo(baggage, "A", None, {"go": lambda this: report("x")})

# case: foreign awaits
class Purse:
    async def wait(this):
        await asyncio.sleep(1)  # finding: VD207
    async def read(this, reader):
        await asyncio.open_connection("x", 1)  # finding: VD207
    async def ok(this, x):
        await E(x).go()
        kit = make_promise_kit()
        await kit.promise
        await this.self.read(x)
    async def thread(this):
        await asyncio.to_thread(len, "x")  # finding: VD207
def build_root_object(p, q, baggage):
    prepare_exo_class(baggage, "Purse", None, lambda: {}, Purse)

# case: foreign awaits outside
async def main():
    await asyncio.sleep(1)
    reader, writer = await asyncio.open_connection("x", 1)
async def build_root_object(p, q, baggage):
    prepare_exo(baggage, "A", None, {"go": lambda this: 1})

# case: guards that do not fit
PurseI = M.interface("Purse", {"deposit": M.call(M.int()), "close": M.call()})
class Purse:
    def deposit(this, amount):
        return amount
    def withdraw(this, amount):
        return amount
def build_root_object(p, q, baggage):
    prepare_exo_class(baggage, "Purse", PurseI, lambda: {}, Purse)  # finding: VD301

# case: arity that does not fit
PurseI = M.interface("Purse", {"deposit": M.call(M.int(), M.int())})
class Purse:
    def deposit(this, amount):
        return amount
def build_root_object(p, q, baggage):
    prepare_exo_class(baggage, "Purse", PurseI, lambda: {}, Purse)  # finding: VD301

# case: guards that fit
PurseI = M.interface("Purse", {"deposit": M.call(M.int()).optional(M.string()).returns(M.int()), "many": M.call().rest(M.any()), "key": M.call(a=M.int()), "raw": M.raw()})
class Purse:
    def deposit(this, amount, memo=None):
        return amount
    def many(this, *items):
        return items
    def key(this, *, a):
        return a
    def raw(this, anything):
        return anything
SloppyI = M.interface("Sloppy", {}, sloppy=True)
def build_root_object(p, q, baggage):
    prepare_exo_class(baggage, "Purse", PurseI, lambda: {}, Purse)
    prepare_exo_class(baggage, "Purse2", SloppyI, lambda: {}, Purse)
    prepare_exo_class(baggage, "Purse3", M.interface("D", {}, default_guards="passable"), lambda: {}, Purse)
    prepare_exo_class(baggage, "Purse4", q["guard"], lambda: {}, Purse)
    prepare_exo_class_kit(baggage, "Kit", {"a": M.interface("A", {"go": M.call()}), "b": SloppyI}, lambda: {}, {"a": {"go": lambda this: 1}, "b": {}})
