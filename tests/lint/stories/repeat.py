# Loops, comprehensions and folds: fixed numbers of rounds, unknown ones, and durable collections.
import functools
import itertools
from collections import deque
from vatdata_runtime import Far, make_durable_zone, prepare_exo, prepare_exo_class, provide_durable_map_store, provide_durable_set_store

# case: over a literal list of names
def build_root_object(vat_powers, vat_parameters, baggage):
    for name in ["A", "B"]:
        prepare_exo(baggage, name, None, {})

# case: over a constant table of names and functions
TABLE = {"A": lambda this: 1, "B": lambda this: 2}
def build_root_object(vat_powers, vat_parameters, baggage):
    for name, method in TABLE.items():
        prepare_exo(baggage, name, None, {"go": method})

# case: over a table of preparers
def prepare_a(bag):
    return prepare_exo(bag, "A", None, {})
def prepare_b(bag):
    return prepare_exo(bag, "B", None, {})
PREPARERS = {"a": prepare_a, "b": prepare_b}
def build_root_object(vat_powers, vat_parameters, baggage):
    made = {key: prepare(baggage) for key, prepare in PREPARERS.items()}
    return Far("Root", {"get": lambda key: made[key]})

# case: over a table of preparers, one of them chosen
def prepare_a(bag):
    return prepare_exo(bag, "A", None, {})
def prepare_b(bag):
    return prepare_exo(bag, "B", None, {})
PREPARERS = {"a": prepare_a, "b": prepare_b}
def build_root_object(vat_powers, vat_parameters, baggage):
    PREPARERS[vat_parameters["which"]](baggage)  # finding: VD101

# case: a fixed entry of the table
def prepare_a(bag):
    return prepare_exo(bag, "A", None, {})
PREPARERS = {"a": prepare_a}
def build_root_object(vat_powers, vat_parameters, baggage):
    PREPARERS["a"](baggage)

# case: over the parameters
def build_root_object(vat_powers, vat_parameters, baggage):
    for name in vat_parameters["names"]:
        prepare_exo(baggage, name, None, {})  # finding: VD102

# case: a comprehension over the parameters
def build_root_object(vat_powers, vat_parameters, baggage):
    made = [prepare_exo(baggage, name, None, {}) for name in vat_parameters["names"]]  # finding: VD102
    return Far("Root", {"made": lambda: made})

# case: a dict comprehension over a constant
NAMES = ("A", "B")
def build_root_object(vat_powers, vat_parameters, baggage):
    made = {name: prepare_exo(baggage, name, None, {}) for name in NAMES}
    return Far("Root", {"made": lambda: made})

# case: a comprehension with a condition
NAMES = ("A", "B")
def build_root_object(vat_powers, vat_parameters, baggage):
    made = [prepare_exo(baggage, name, None, {}) for name in NAMES if name in vat_parameters]  # finding: VD101
    return Far("Root", {"made": lambda: made})

# case: a while loop
def build_root_object(vat_powers, vat_parameters, baggage):
    n = 0
    while n < vat_parameters["n"]:
        prepare_exo(baggage, f"A{n}", None, {})  # finding: VD102
        n += 1

# case: while True that is left in the first round
def build_root_object(vat_powers, vat_parameters, baggage):
    while True:
        prepare_exo(baggage, "A", None, {})
        break

# case: while True that is left on a condition behind it
def build_root_object(vat_powers, vat_parameters, baggage):
    while True:
        prepare_exo(baggage, "A", None, {})  # finding: VD102
        if vat_parameters["x"]:
            break

# case: the same kind in every round of a fixed loop
def build_root_object(vat_powers, vat_parameters, baggage):
    for _ in range(2):
        prepare_exo(baggage, "A", None, {})  # finding: VD107

# case: numbered kinds of a fixed range
def build_root_object(vat_powers, vat_parameters, baggage):
    for number in range(3):
        prepare_exo(baggage, f"A{number}", None, {})

# case: a range of unknown length
def build_root_object(vat_powers, vat_parameters, baggage):
    for number in range(vat_parameters["n"]):
        prepare_exo(baggage, f"A{number}", None, {})  # finding: VD102

# case: enumerate and zip over constants
NAMES = ["A", "B"]
def build_root_object(vat_powers, vat_parameters, baggage):
    for number, name in enumerate(NAMES):
        prepare_exo(baggage, f"{name}{number}", None, {})
    for name, mark in zip(NAMES, ("x", "y")):
        prepare_exo(baggage, name + mark, None, {})

# case: a constant that is changed elsewhere
NAMES = ["A", "B"]
def register(name):
    NAMES.append(name)
def build_root_object(vat_powers, vat_parameters, baggage):
    for name in NAMES:
        prepare_exo(baggage, name, None, {})  # finding: VD102

# case: a local list that grows before the loop
def build_root_object(vat_powers, vat_parameters, baggage):
    names = ["A"]
    names.append("B")
    for name in names:
        prepare_exo(baggage, name, None, {})

# case: a local list that grows by parameters before the loop
def build_root_object(vat_powers, vat_parameters, baggage):
    names = ["A"]
    names.extend(vat_parameters["more"])
    for name in names:
        prepare_exo(baggage, name, None, {})  # finding: VD102

# case: the members of a durable store are prepared again
def prepare_currency(bag, code):
    return prepare_exo(bag, f"Currency {code}", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    codes = provide_durable_set_store(baggage, "codes")
    for code in codes.keys():
        prepare_currency(baggage, code)
    return Far("Root", {"add": codes.add})

# case: a durable store, but one kind
def build_root_object(vat_powers, vat_parameters, baggage):
    codes = provide_durable_set_store(baggage, "codes")
    for code in codes:
        prepare_exo(baggage, "Currency", None, {})  # finding: VD102

# case: a durable store, but only some members
def build_root_object(vat_powers, vat_parameters, baggage):
    codes = provide_durable_set_store(baggage, "codes")
    for code in codes:
        if code in vat_parameters["on"]:
            prepare_exo(baggage, f"Currency {code}", None, {})  # finding: VD101

# case: behind the loop
def build_root_object(vat_powers, vat_parameters, baggage):
    total = 0
    for number in vat_parameters["numbers"]:
        total += number
    prepare_exo(baggage, "A", None, {"total": lambda this: total})

# case: in the else of a loop without break
def build_root_object(vat_powers, vat_parameters, baggage):
    for number in vat_parameters["numbers"]:
        print(number)
    else:
        prepare_exo(baggage, "A", None, {})

# case: in the else of a loop with a break
def build_root_object(vat_powers, vat_parameters, baggage):
    for number in vat_parameters["numbers"]:
        if number < 0:
            break
    else:
        prepare_exo(baggage, "A", None, {})  # finding: VD101

# case: the iterable of the loop is evaluated once
def prepare_names(bag):
    prepare_exo(bag, "Names", None, {})
    return []
def build_root_object(vat_powers, vat_parameters, baggage):
    for name in prepare_names(baggage):
        print(name)

# case: the test of a while loop
def build_root_object(vat_powers, vat_parameters, baggage):
    while prepare_exo(baggage, "A", None, {}) is vat_parameters["x"]:  # finding: VD102
        print("again")

# case: the loop stands in the helper
def prepare_all_of(bag, names):
    return [prepare_exo(bag, name, None, {}) for name in names]  # finding: VD102
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_all_of(baggage, vat_parameters["names"])

# case: the loop stands around the helper
def prepare_one(bag, name):
    return prepare_exo(bag, name, None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    for name in vat_parameters["names"]:
        prepare_one(baggage, name)  # finding: VD102

# case: map that is run by list
def build_root_object(vat_powers, vat_parameters, baggage):
    made = list(map(lambda name: prepare_exo(baggage, name, None, {}), ("A", "B")))
    return Far("Root", {"made": lambda: made})

# case: map over parameters
def build_root_object(vat_powers, vat_parameters, baggage):
    made = list(map(lambda name: prepare_exo(baggage, name, None, {}), vat_parameters["names"]))  # finding: VD102
    return Far("Root", {"made": lambda: made})

# case: a generator that nobody runs
def build_root_object(vat_powers, vat_parameters, baggage):
    made = (prepare_exo(baggage, name, None, {}) for name in ("A", "B"))  # finding: VD105
    return Far("Root", {"made": lambda: made})

# case: a generator that tuple runs
def build_root_object(vat_powers, vat_parameters, baggage):
    made = tuple(prepare_exo(baggage, name, None, {}) for name in ("A", "B"))
    return Far("Root", {"made": lambda: made})

# case: a generator function that a loop runs
def kinds(bag):
    yield prepare_exo(bag, "A", None, {})
    yield prepare_exo(bag, "B", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    for kind in kinds(baggage):
        print(kind)

# case: a generator function that is unpacked
def kinds(bag):
    yield prepare_exo(bag, "A", None, {})
    yield prepare_exo(bag, "B", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    a, b = kinds(baggage)
    return Far("Root", {"a": lambda: a, "b": lambda: b})

# case: a generator function that is only made
def kinds(bag):
    yield prepare_exo(bag, "A", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    later = kinds(baggage)  # finding: VD105
    return Far("Root", {"next": lambda: next(later)})

# case: a deque that runs a map to its end
def build_root_object(vat_powers, vat_parameters, baggage):
    deque(map(lambda name: prepare_exo(baggage, name, None, {}), ["A", "B"]), maxlen=0)

# case: any stops early
def build_root_object(vat_powers, vat_parameters, baggage):
    any(prepare_exo(baggage, name, None, {}) is vat_parameters for name in ("A", "B"))  # finding: VD101

# case: reduce over a constant
def build_root_object(vat_powers, vat_parameters, baggage):
    functools.reduce(lambda made, name: [*made, prepare_exo(baggage, name, None, {})], ("A", "B"), [])

# case: nested fixed loops
def build_root_object(vat_powers, vat_parameters, baggage):
    for left in ("A", "B"):
        for right in (1, 2):
            prepare_exo(baggage, f"{left}{right}", None, {})

# case: a fixed loop inside an unknown one
def build_root_object(vat_powers, vat_parameters, baggage):
    for prefix in vat_parameters["prefixes"]:
        for right in (1, 2):
            prepare_exo(baggage, f"{prefix}{right}", None, {})  # finding: VD102

# case: itertools over constants
def build_root_object(vat_powers, vat_parameters, baggage):
    for left, right in itertools.product(("A", "B"), "xy"):
        prepare_exo(baggage, left + right, None, {})
    for name in itertools.chain(("C",), ("D",)):
        prepare_exo(baggage, name, None, {})

# case: recursion whose depth is a parameter
def prepare_levels(bag, depth):
    if depth > 0:
        prepare_exo(bag, f"Level {depth}", None, {})  # finding: VD101
        prepare_levels(bag, depth - 1)  # finding: VD101
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_levels(baggage, vat_parameters["depth"])

# case: break behind the definition in a fixed loop
def build_root_object(vat_powers, vat_parameters, baggage):
    for name in ("A", "B"):
        prepare_exo(baggage, name, None, {})  # finding: VD101
        if vat_parameters["only"]:
            break

# case: sorted and reversed constants
NAMES = frozenset({"A", "B"})
def build_root_object(vat_powers, vat_parameters, baggage):
    for name in sorted(NAMES):
        prepare_exo(baggage, name, None, {})
    for name in reversed(["C", "D"]):
        prepare_exo(baggage, name, None, {})

# case: a set of constants defines the same kinds in any order
NAMES = {"A", "B"}
def build_root_object(vat_powers, vat_parameters, baggage):
    for name in NAMES:
        prepare_exo(baggage, name, None, {})

# case: a filtered constant with a fixed condition
def build_root_object(vat_powers, vat_parameters, baggage):
    rows = [("A", 1), ("B", 2)]
    for name, size in rows:
        prepare_exo(baggage, name, None, {"size": lambda this, size=size: size})

# case: each kind in a zone of its own
def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage)
    for name in ("left", "right"):
        zone.sub_zone(name).exo("Hand", None, {})

# case: one zone for all rounds
def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage)
    for name in ("left", "right"):
        zone.exo("Hand", None, {"name": lambda this, name=name: name})  # finding: VD107

# case: makers are called in loops
def build_root_object(vat_powers, vat_parameters, baggage):
    make = prepare_exo_class(baggage, "Coin", None, lambda n: {"n": n}, {})
    purse = provide_durable_map_store(baggage, "purse")
    for number in vat_parameters["coins"]:
        purse.init(number, make(number))
