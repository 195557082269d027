# Loops whose rounds the source does not fix, and those whose rounds it does.
from functools import partial
from itertools import chain
from vatdata_runtime import Far, make_durable_zone, prepare_exo, prepare_exo_class, provide_durable_map_store

NAMES = ("A", "B")
GROWING = ["A"]
GROWING.append("B")

# case: over parameters
def build_root_object(vat_powers, vat_parameters, baggage):
    for name in vat_parameters:
        prepare_exo(baggage, name, None, {})  # finding: VD102

# case: over a literal
def build_root_object(vat_powers, vat_parameters, baggage):
    for name in ["A", "B", "C"]:
        prepare_exo(baggage, name, None, {})

# case: over a module constant
def build_root_object(vat_powers, vat_parameters, baggage):
    for name in NAMES:
        prepare_exo(baggage, name, None, {})

# case: over a module list that grows
def build_root_object(vat_powers, vat_parameters, baggage):
    for name in GROWING:
        prepare_exo(baggage, name, None, {})  # finding: VD102

# case: over a range
def build_root_object(vat_powers, vat_parameters, baggage):
    for n in range(3):
        prepare_exo(baggage, f"Cell{n}", None, {})

# case: over a range of a parameter
def build_root_object(vat_powers, vat_parameters, baggage):
    for n in range(vat_parameters["n"]):
        prepare_exo(baggage, f"Cell{n}", None, {})  # finding: VD102

# case: over enumerate and zip of literals
def build_root_object(vat_powers, vat_parameters, baggage):
    for n, name in enumerate(("A", "B")):
        prepare_exo(baggage, f"{name}{n}", None, {})
    for left, right in zip("ab", ("C", "D")):
        prepare_exo(baggage, left + right, None, {})

# case: over the items of a literal dict
SPEC = {"A": {"x": print}, "B": {}}
def build_root_object(vat_powers, vat_parameters, baggage):
    for name, methods in SPEC.items():
        prepare_exo(baggage, name, None, methods)
    for name in sorted(SPEC):
        prepare_exo(baggage, name + "2", None, {})

# case: a while loop
def build_root_object(vat_powers, vat_parameters, baggage):
    n = 0
    while n < vat_parameters["n"]:
        prepare_exo(baggage, f"Cell{n}", None, {})  # finding: VD102
        n += 1

# case: a retry loop
def build_root_object(vat_powers, vat_parameters, baggage):
    while True:
        try:
            a = prepare_exo(baggage, "A", None, {})  # finding: VD102
            break
        except KeyError:
            continue
    return Far("Root", {"a": lambda: a})

# case: a comprehension
def build_root_object(vat_powers, vat_parameters, baggage):
    return {n: prepare_exo(baggage, n, None, {}) for n in vat_parameters}  # finding: VD102

# case: a comprehension over a literal
def build_root_object(vat_powers, vat_parameters, baggage):
    makers = {n: prepare_exo_class(baggage, n, None, dict, {}) for n in NAMES}
    return Far("Root", {"make": lambda n: makers[n]()})

# case: list of map over parameters
def build_root_object(vat_powers, vat_parameters, baggage):
    list(map(lambda n: prepare_exo(baggage, n, None, {}), vat_parameters))  # finding: VD102

# case: list of map over a literal
def build_root_object(vat_powers, vat_parameters, baggage):
    list(map(lambda n: prepare_exo(baggage, n, None, {}), NAMES))

# case: tuple of a generator expression over a literal
def build_root_object(vat_powers, vat_parameters, baggage):
    return tuple(prepare_exo(baggage, n, None, {}) for n in ("A", "B"))

# case: tuple of a generator expression over parameters
def build_root_object(vat_powers, vat_parameters, baggage):
    return tuple(prepare_exo(baggage, n, None, {}) for n in vat_parameters)  # finding: VD102

# case: over what is stored
def build_root_object(vat_powers, vat_parameters, baggage):
    zones = provide_durable_map_store(baggage, "zones")
    for name, zone in zones.entries():
        prepare_exo(zone, "Member", None, {})
    for name in zones:
        prepare_exo(baggage, f"Of{name}", None, {})

# case: over the baggage itself
def build_root_object(vat_powers, vat_parameters, baggage):
    for key in baggage.keys():
        prepare_exo(baggage, key, None, {})

# case: over what is stored, but one name for all
def build_root_object(vat_powers, vat_parameters, baggage):
    zones = provide_durable_map_store(baggage, "zones")
    for name in zones.keys():
        prepare_exo(baggage, "Member", None, {})  # finding: VD102

# case: over what a zone stored
def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage)
    names = zone.set_store("names")
    for name in names.keys():
        zone.exo(name, None, {})

# case: preparers in a literal
def prepare_a(baggage):
    return prepare_exo(baggage, "A", None, {})
def prepare_b(baggage):
    return prepare_exo(baggage, "B", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    for make in (prepare_a, prepare_b):
        make(baggage)

# case: preparers in a module dict
def prepare_a(baggage):
    return prepare_exo(baggage, "A", None, {})
def prepare_b(baggage):
    return prepare_exo(baggage, "B", None, {})
PREPARERS = {"a": prepare_a, "b": prepare_b}
def build_root_object(vat_powers, vat_parameters, baggage):
    makers = {key: make(baggage) for key, make in PREPARERS.items()}
    return Far("Root", {"get": makers.get})

# case: preparers and parameters in nested loops
def build_root_object(vat_powers, vat_parameters, baggage):
    for name in ("A", "B"):
        for part in vat_parameters:
            prepare_exo(baggage, name + part, None, {})  # finding: VD102

# case: nested loops over literals
def build_root_object(vat_powers, vat_parameters, baggage):
    for name in ("A", "B"):
        for part in ("x", "y"):
            prepare_exo(baggage, name + part, None, {})

# case: a helper that loops over its parameter
def prepare_all(baggage, names):
    for name in names:
        prepare_exo(baggage, name, None, {})  # finding: VD102
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_all(baggage, vat_parameters["names"])

# case: a helper called in a loop
def prepare_one(baggage, name):
    prepare_exo(baggage, name, None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    for name in vat_parameters["names"]:
        prepare_one(baggage, name)  # finding: VD102

# case: a loop that always leaves in its first round
def build_root_object(vat_powers, vat_parameters, baggage):
    for name in vat_parameters:
        prepare_exo(baggage, "A", None, {})  # finding: VD101
        break

# case: a condition inside the loop stays a loop
def build_root_object(vat_powers, vat_parameters, baggage):
    for name in vat_parameters:
        if name:
            prepare_exo(baggage, name, None, {})  # finding: VD102

# case: a loop inside a condition is a condition
def build_root_object(vat_powers, vat_parameters, baggage):
    if vat_parameters:
        for name in vat_parameters:
            prepare_exo(baggage, name, None, {})  # finding: VD101

# case: the iterable of a loop runs once
def prepare_a(baggage):
    prepare_exo(baggage, "A", None, {})
    return ["x"]
def build_root_object(vat_powers, vat_parameters, baggage):
    for name in prepare_a(baggage):
        print(name)

# case: over a literal that is made in parts
def build_root_object(vat_powers, vat_parameters, baggage):
    names = ["A"]
    names.append("B")
    names += ["C"]
    for name in [*names, *NAMES[:0]]:
        print(name)
    for name in names:
        prepare_exo(baggage, name + "!", None, {})
    for name in chain(("D",), ["E"]):
        prepare_exo(baggage, name, None, {})

# case: partials in a literal
def prepare_named(baggage, name):
    return prepare_exo(baggage, name, None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    for run in [partial(prepare_named, baggage, "A"), partial(prepare_named, baggage, name="B")]:
        run()

# case: lambdas in a literal
def build_root_object(vat_powers, vat_parameters, baggage):
    for run in (lambda: prepare_exo(baggage, "A", None, {}), lambda: prepare_exo(baggage, "B", None, {})):
        run()

# case: a generator function run to its end
def parts(baggage):
    yield prepare_exo(baggage, "A", None, {})
    yield prepare_exo(baggage, "B", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    a, b = parts(baggage)
    return Far("Root", {"a": lambda: a, "b": lambda: b})

# case: recursion over data
def prepare_tree(baggage, tree):
    prepare_exo(baggage, tree["name"], None, {})
    for child in tree["children"]:
        prepare_tree(baggage, child)  # finding: VD102
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_tree(baggage, vat_parameters)

# case: a loop without definitions before one
def build_root_object(vat_powers, vat_parameters, baggage):
    total = 0
    for n in vat_parameters["amounts"]:
        if n < 0:
            continue
        total += n
    prepare_exo(baggage, "A", None, {"total": lambda this: total})

# case: as often as a constant has members, a constant without its empty members, and sets that are put together
NAMES = ("A", "", "B")
def build_root_object(vat_powers, vat_parameters, baggage):
    for i in range(len(NAMES)):
        prepare_exo(baggage, f"Number {i} {NAMES[i]}", None, {})
    for name in filter(None, NAMES):
        prepare_exo(baggage, name, None, {})
    more = {"C", "D"}
    more |= {"E"}
    for name in sorted(more - {"D"}):
        prepare_exo(baggage, name, None, {})
    prepare_exo(baggage, "D", None, {})
    prepare_exo(baggage, "E", None, {})  # finding: VD107
    for name in filter(str.isupper, vat_parameters["names"]):
        prepare_exo(baggage, "Extra" + name, None, {})  # finding: VD102
