# What a loop goes over, and functions that are kept before they are called.
import itertools
from collections import deque
from enum import Enum
from typing import Literal, get_args
from vatdata_runtime import E, Far, prepare_exo, provide_durable_map_store

# case: stored keys with a prefix are defined again
def build_root_object(vat_powers, vat_parameters, baggage):
    for key in sorted(baggage.keys()):
        if key.startswith("market ") and not key.endswith("draft"):
            prepare_exo(baggage, key, None, {})
    return Far("Root", {})

# case: a stored value decides, and may be another one next time
def build_root_object(vat_powers, vat_parameters, baggage):
    markets = provide_durable_map_store(baggage, "markets")
    for name, is_open in markets.entries():
        if is_open:
            prepare_exo(baggage, name, None, {})  # finding: VD101
    return Far("Root", {})

# case: a stored list, or nothing where none was stored yet
def build_root_object(vat_powers, vat_parameters, baggage):
    names = baggage.get("names") if baggage.has("names") else ()
    for name in sorted(names):
        prepare_exo(baggage, name, None, {})
    return Far("Root", {})

# case: a stored list, or what the parameters list
def build_root_object(vat_powers, vat_parameters, baggage):
    names = baggage.get("names") if baggage.has("names") else vat_parameters["names"]
    for name in names:
        prepare_exo(baggage, name, None, {})  # finding: VD102
    return Far("Root", {})

# case: the members of a literal type and of an enumeration
Side = Literal["North", "South"]
class Color(Enum):
    RED = "red"
    GREEN = "green"
def build_root_object(vat_powers, vat_parameters, baggage):
    for side in get_args(Side):
        prepare_exo(baggage, side, None, {})
    for name in Color.__members__:
        prepare_exo(baggage, name, None, {})
    return Far("Root", {})

# case: neighbours, pairs and orders of constants
STOPS = ("Airport", "Center", "Harbour")
def build_root_object(vat_powers, vat_parameters, baggage):
    for a, b in itertools.pairwise(STOPS):
        prepare_exo(baggage, f"{a}-{b}", None, {})
    for a, b in itertools.combinations(STOPS, 2):
        prepare_exo(baggage, f"{a}+{b}", None, {})
    for a, b in itertools.permutations(STOPS[:2]):
        prepare_exo(baggage, f"{a}>{b}", None, {})
    for a, b in itertools.pairwise(vat_parameters["stops"]):
        prepare_exo(baggage, f"{a}/{b}", None, {})  # finding: VD102
    return Far("Root", {})

# case: each lambda of a loop keeps its default
def build_root_object(vat_powers, vat_parameters, baggage):
    pending = []
    for name in ("A", "B"):
        pending.append(lambda name=name: prepare_exo(baggage, name, None, {}))
    for define in pending:
        define()
    return Far("Root", {})

# case: each function of a loop sees the last member
def build_root_object(vat_powers, vat_parameters, baggage):
    pending = []
    for name in ("A", "B"):
        def define():
            return prepare_exo(baggage, name, None, {})
        pending.append(define)
    for define in pending:
        define()  # finding: VD107
    return Far("Root", {})

# case: a lambda that has a name is called on some way
def build_root_object(vat_powers, vat_parameters, baggage):
    define = lambda: prepare_exo(baggage, "A", None, {})
    if vat_parameters["a"]:
        define()  # finding: VD101
    return Far("Root", {})

# case: a lambda that has a name is called after an await, once more, and by a loop
async def build_root_object(vat_powers, vat_parameters, baggage):
    define = lambda name: prepare_exo(baggage, name, None, {})
    define("A")
    define("A")  # finding: VD107
    for name in vat_parameters["names"]:
        define(name)  # finding: VD102
    await vat_powers.pause()
    define("B")  # finding: VD103
    return Far("Root", {})

# case: a queue of work
def build_root_object(vat_powers, vat_parameters, baggage):
    queue = deque()
    queue.append(lambda: prepare_exo(baggage, "A", None, {}))
    queue.appendleft(lambda: prepare_exo(baggage, "B", None, {}))
    queue.popleft()()
    queue.pop()()
    return Far("Root", {})

# case: wrappers of one decorator inside each other
def logged(function):
    def wrapper(*args):
        print(function)
        return function(*args)
    return wrapper

@logged
def inner(baggage):
    return prepare_exo(baggage, "Inner", None, {})

@logged
def outer(baggage):
    return inner(baggage)

def build_root_object(vat_powers, vat_parameters, baggage):
    if vat_parameters["wanted"]:
        outer(baggage)  # finding: VD101
    return Far("Root", {})

# case: a helper awaits what awaits through the same helper
async def timed(coroutine):
    result = await coroutine
    return result

async def name_of(board):
    return await timed(E(board).name())

async def build_root_object(vat_powers, vat_parameters, baggage):
    name = await timed(name_of(vat_parameters["board"]))
    prepare_exo(baggage, name, None, {})  # finding: VD103
    return Far("Root", {})

# case: a branch beside one that raises is not why a loop repeats
def build_root_object(vat_powers, vat_parameters, baggage):
    if vat_parameters["names"] is None:
        raise ValueError("no names")
    else:
        for name in vat_parameters["names"]:
            prepare_exo(baggage, name, None, {})  # finding: VD102
    return Far("Root", {})

# case: a case beside others that raise is not why a coroutine is never awaited
async def define(baggage):
    prepare_exo(baggage, "A", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    match vat_parameters:
        case {"mode": "a"}:
            define(baggage)  # finding: VD104
        case _:
            raise ValueError("no mode")
    return Far("Root", {})

# case: a copy of one of several lists
GROUPS = {"people": ["User", "Guest"], "things": ["Box"]}
def build_root_object(vat_powers, vat_parameters, baggage):
    for number, name in enumerate(list(GROUPS[vat_parameters["group"]])):
        prepare_exo(baggage, name, None, {})  # finding: VD101
    return Far("Root", {})

# case: numbered objects of a list that grows
class Part:
    def __init__(self, baggage, name):
        self.baggage = baggage
        self.name = name
    def install(self):
        return prepare_exo(self.baggage, self.name, None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    parts = []
    for name in vat_parameters["names"]:
        parts.append(Part(baggage, name))
    for number, part in enumerate(parts):
        part.install()  # finding: VD102
    return Far("Root", {})

# case: a lambda of the module is judged by itself
define = lambda baggage, wanted: prepare_exo(baggage, "A", None, {}) if wanted else None  # finding: VD101
def build_root_object(vat_powers, vat_parameters, baggage):
    define(baggage, vat_parameters["wanted"])
    return Far("Root", {})

# case: a lambda that is called and handed out
def build_root_object(vat_powers, vat_parameters, baggage):
    define = lambda name: prepare_exo(baggage, name, None, {})  # finding: VD105
    define("A")
    return Far("Root", {"define": define})

# case: a truth that is asked for twice
def build_root_object(vat_powers, vat_parameters, baggage):
    if bool(vat_parameters["loud"]):
        prepare_exo(baggage, "Bell", None, {"ring": lambda this: "RING"})
    if not vat_parameters["loud"]:
        prepare_exo(baggage, "Bell", None, {"ring": lambda this: "ring"})
    return Far("Root", {})

# case: a table of another module keeps a function
# file: tables.py
HOOKS = {}
STEPS = []
# file: vat.py
from vatdata_runtime import Far, prepare_exo
from tables import HOOKS, STEPS
def build_root_object(vat_powers, vat_parameters, baggage):
    HOOKS["open"] = lambda name: prepare_exo(baggage, name, None, {})  # finding: VD105
    HOOKS.update(close=lambda: prepare_exo(baggage, "Closed", None, {}))  # finding: VD105
    STEPS.append(lambda: prepare_exo(baggage, "Step", None, {}))  # finding: VD105
    return Far("Root", {})

# case: a function of the entry that a helper calls has a condition of its own
def in_transaction(function):
    print("begin")
    return function()

def build_root_object(vat_powers, vat_parameters, baggage):
    def work():
        if vat_parameters["wanted"]:
            prepare_exo(baggage, "A", None, {})  # finding: VD101
        return 1
    in_transaction(work)
    return Far("Root", {})

# case: a coroutine of the entry that a helper awaits is late by itself
async def timed(coroutine):
    return await coroutine

async def build_root_object(vat_powers, vat_parameters, baggage):
    async def main():
        name = await E(vat_parameters["board"]).name()
        prepare_exo(baggage, name, None, {})  # finding: VD103
        return Far("Root", {})
    return await timed(main())

# case: two kinds through one definition, and only one of them with the key
def define(*args):
    return prepare_exo(*args)

def build_root_object(vat_powers, vat_parameters, baggage):
    if baggage.has("record"):
        define(baggage, "Issuer", None, {})
        define(baggage, "Upgrader", None, {})  # finding: VD101
    else:
        define(baggage, "Issuer", None, {})
        baggage.init("record", 1)
    return Far("Root", {})

# case: numbered stored names
def build_root_object(vat_powers, vat_parameters, baggage):
    for number, key in enumerate(sorted(baggage.keys())):
        if key.startswith("market "):
            prepare_exo(baggage, key, None, {"number": lambda this: number})
    return Far("Root", {})

# case: made when missing, in the else
class Bank:
    def __init__(self, baggage):
        self.baggage = baggage
        self.made = None
    def account(self):
        if self.made is not None:
            print("there")
        else:
            self.made = prepare_exo(self.baggage, "Account", None, {})
        return self.made
def build_root_object(vat_powers, vat_parameters, baggage):
    bank = Bank(baggage)
    bank.account()
    return Far("Root", {"account": lambda: bank.account()})
