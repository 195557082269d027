# What a loop goes over, and functions that are kept before they are called.
import itertools
from collections import deque
from enum import Enum
from typing import Literal, get_args
from vatdata_runtime import Far, prepare_exo, provide_durable_map_store

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
