# Programs as they are written every day: what is kept in a vat, what is asked of it, and what goes wrong there.
import asyncio
import bisect
import dataclasses
import functools
import heapq
import pathlib
import random
import subprocess
import threading
import time
from typing import Any, ClassVar
from vatdata_runtime import (
    E, Exo, ExoKit, Far, M, define_exo_class, make_durable_zone, make_heap_zone, make_promise_kit,
    make_scalar_big_map_store, make_scalar_map_store, prepare_exo, prepare_exo_class, prepare_exo_class_kit,
    provide_durable_map_store, provide_durable_set_store,
)

# case: a ledger whose rows are changed in place
def init_ledger(owner: str) -> dict[str, Any]:
    return {"owner": owner, "rows": [], "totals": {"in": 0}, "queue": []}
class Ledger:
    def post(this, row):
        this.state.rows[0].append(row)  # finding: VD203
        this.state.totals["in"] += 1  # finding: VD203
        heapq.heappush(this.state.queue, row)  # finding: VD203
    def shuffle(this):
        random.shuffle(this.state.rows)  # finding: VD203
        bisect.insort(this.state.rows, 1)  # finding: VD203
    def each(this):
        for row in this.state.rows:
            row.append(1)  # finding: VD203
        if rows := this.state.rows:
            rows.pop()  # finding: VD203
        (found := this.state.rows).reverse()  # finding: VD203
    def both(this):
        rows, totals = this.state.rows, this.state.totals
        rows.append(1)  # finding: VD203
        totals.update(a=1)  # finding: VD203
    def cut(this):
        this.state.rows[1:] = []  # finding: VD203
        del this.state.rows[:1]  # finding: VD203
    def nested(this):
        state = this.state
        state.rows.extend(  # finding: VD203
            [1, 2]
        )
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_exo_class(baggage, "Ledger", None, init_ledger, Ledger)

# case: a ledger that assigns new values
class Ledger:
    def post(this, row):
        this.state.rows = [*this.state.rows, row]
        rows = list(this.state.rows)
        rows.append(row)
        heapq.heappush(rows, row)
        this.state.rows += (row,)
    def copied(this):
        rows = [*this.state.rows]
        rows.sort()
        table = dict(this.state.table)
        table["a"] = 1
        table.setdefault("b", 2)
        this.state.table = table
    def comprehended(this):
        return sorted(row for row in this.state.rows)
    def sliced(this):
        for row in this.state.rows:
            out = []
            out.append(row)
        return this.state.rows[1:]
    def local(this):
        names = {}
        names.setdefault("x", []).append(1)
        random.shuffle(list(names))
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_exo_class(baggage, "Ledger", None, lambda: {"rows": [], "table": {}}, Ledger)

# case: items of a list may be objects
class Group:
    def tell(this, word):
        for member in this.state.members:
            member.add(word)
            member.update(word)
        this.state.members[0].remove(word)
        this.state.by_name.get(word).pop()
        this.state.by_name.get(word).append(word)  # finding: VD203
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_exo_class(baggage, "Group", None, lambda *members: {"members": list(members), "by_name": {}}, Group)

# case: lists in a store that another module fills
def build_root_object(vat_powers, vat_parameters, baggage):
    tags = provide_durable_map_store(baggage, "tags")
    def tag(name, word):
        tags.get(name).append(word)  # finding: VD203
    def tag_all(word):
        for words in tags.values():
            words.append(word)  # finding: VD203
        for _, words in tags.items():
            words.extend([word])  # finding: VD203
    def tag_nested(name, word):
        tags.get(name)["words"].append(word)  # finding: VD203
        baggage.get("all").append(word)  # finding: VD203
    def copy(name, word):
        words = list(tags.get(name))
        words.append(word)
        tags.set(name, words)
    return Far("Tags", {"tag": tag, "tag_all": tag_all, "tag_nested": tag_nested, "copy": copy})

# case: objects and stores in a store have methods of their own
class Log:
    def append(this, line):
        this.state.last = line
def build_root_object(vat_powers, vat_parameters, baggage):
    make_log = prepare_exo_class(baggage, "Log", None, lambda: {"last": ""}, Log)
    logs = provide_durable_map_store(baggage, "logs")
    groups = provide_durable_map_store(baggage, "groups")
    def start(name):
        logs.init(name, make_log())
        groups.init(name, make_scalar_big_map_store("group", durable=True))
    def write(name, line):
        logs.get(name).append(line)
        groups.get(name).set(line, 1)
        groups.get(name)[line] = 2
        groups.get(name).add(line)
    return Far("Logs", {"start": start, "write": write})

# case: declarative classes change fields in place
class Team(Exo):
    names: list[str]
    scores: dict[str, int]
    limit: ClassVar[int] = 3
    def join(self, name: str) -> None:
        self.names.append(name)  # finding: VD203
        self.scores[name] = 0  # finding: VD203
        self.names = [*self.names, name]
    def _tidy(self) -> None:
        self.names.sort()  # finding: VD203

# case: heap things in durable state
@dataclasses.dataclass
class Point:
    x: int
async def fetch(url):
    return url
def count():
    yield 1
heap = make_heap_zone()
make_note = define_exo_class("Note", None, lambda: {}, {})
class Purse:
    def fill(this, url):
        this.state.cache = heap.map_store("cache")  # finding: VD205
        this.state.point = Point(1)  # finding: VD205
        this.state.answer = fetch(url)  # finding: VD205
        this.state.numbers = count()  # finding: VD205
        this.state.note = make_note()  # finding: VD205
        this.state.later = functools.partial(print, 1)  # finding: VD205
        this.state.lock = threading.Lock()  # finding: VD205
        this.state.path = pathlib.Path(url)  # finding: VD205
    def promise(this):
        kit = make_promise_kit()
        this.state.point, this.state.answer = 1, kit.promise  # finding: VD205
        this.state.note: Any = lambda: 0  # finding: VD205
        this.state.rows = [*this.state.rows, lambda: 1]  # finding: VD205
def build_root_object(vat_powers, vat_parameters, baggage):
    fields = {"cache": None, "point": None, "answer": None, "numbers": None, "note": None, "later": None,
              "lock": None, "path": None, "rows": ()}
    prepare_exo_class(baggage, "Purse", None, lambda: {**fields}, Purse)
    baggage["hook"] = lambda: 0  # finding: VD205
    zone = make_durable_zone(baggage)
    table = zone.map_store("table")
    table.init("x", heap.set_store("y"))  # finding: VD205

# case: what durable state may hold
class Purse:
    def fill(this, url, helper, now):
        this.state.path = str(pathlib.Path(url))
        this.state.numbers = tuple(range(3))
        this.state.fee = max([1, 2], key=lambda n: n)
        this.state.point = dataclasses.asdict(helper.point())
        this.state.helper = helper
        this.state.rest = [n for n in (1, 2)]
        this.state.cell = make_scalar_big_map_store("cell", durable=True)
    async def ask(this, issuer):
        this.state.helper = await E(issuer).get_brand()
def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage)
    fields = dict(path="", numbers=(), fee=0, point=None, helper=None, rest=(), cell=None)
    prepare_exo_class(baggage, "Purse", None, lambda: fields, Purse)
    table = zone.map_store("table")
    table.init("x", zone.set_store("y"))
    cache = {}
    cache["fn"] = lambda: 0
    scratch = make_scalar_map_store("scratch")
    scratch.init("fn", Far("F", {}))

# case: fields that nobody declared
class Purse:
    def fill(this, n):
        this.state.balance += n
        this.state.note = n  # finding: VD204
        this.state.balance, this.state.extra = 1, 2  # finding: VD204
        state = this.state
        state.more = 1  # finding: VD204
        this.state.count: int = 1  # finding: VD204
        this.state.total += 1  # finding: VD204
        setattr(this.state, "dynamic", 1)  # finding: VD204
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_exo_class(baggage, "Purse", None, lambda: {"balance": 0}, Purse)

# case: a kit shares its state and its facets disagree with the guards
guards = {"admin": M.interface("Admin", {"close": M.call()}), "user": M.interface("User", {"pay": M.call(M.int())})}
def close(this):
    this.state.is_closed = True
    this.state.closed = True  # finding: VD204
def pay(this, amount, memo):
    this.facets.admin.close()
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_exo_class_kit(  # finding: VD301
        baggage, "Shop", guards, lambda: {"is_closed": False}, {"admin": {"close": close}, "user": {"pay": pay}}
    )

# case: the makers of state
async def later(owner):  # finding: VD201
    return {"owner": owner}
def nothing(owner):  # finding: VD202
    print(owner)
def sometimes(owner):  # finding: VD202
    try:
        return {"owner": owner}
    except ValueError:
        pass
def pair(owner):
    return owner, 1  # finding: VD202
def text(owner):
    return f"{owner}"  # finding: VD202
def copied(owner):
    result = [owner]
    return result  # finding: VD202
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_exo_class(baggage, "A", None, later, {})
    prepare_exo_class(baggage, "B", None, init=nothing, methods={})
    prepare_exo_class(baggage, "C", None, sometimes, {})
    prepare_exo_class(baggage, "D", None, pair, {})
    prepare_exo_class(baggage, "E", None, functools.partial(text), {})
    prepare_exo_class(baggage, "F", None, copied, {})
    prepare_exo_class(baggage, "G", None, lambda owner: None, {})  # finding: VD202

# case: waiting and blocking inside cranks
from time import sleep as pause
def save(text):
    pathlib.Path("x").write_text(text)  # finding: VD206
class Purse:
    def pay(this, n):
        pause(1)  # finding: VD206
        subprocess.run(["ls"])  # finding: VD206
        with open("x") as file:  # finding: VD206
            file.read()
        save("x")
    async def wait(this):
        await asyncio.sleep(0.1)  # finding: VD207
        await asyncio.wait_for(this.facets.x, timeout=3)  # finding: VD207
        await asyncio.sleep(0)
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, print)  # finding: VD207
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_exo_class(baggage, "Purse", None, lambda: {}, Purse)
