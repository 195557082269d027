# One name twice, and names that change.
import datetime
import os
import random
import time
import uuid
from uuid import uuid4
from vatdata_runtime import Far, make_durable_zone, prepare_exo, prepare_exo_class, provide_kind_handle, define_durable_kind

PREFIX = "Bank"

# case: twice in a row
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_exo(baggage, "A", None, {})
    prepare_exo(baggage, "A", None, {})  # finding: VD107

# case: through a constant and an f-string
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_exo(baggage, PREFIX + "Purse", None, {})
    prepare_exo(baggage, f"{PREFIX}Purse", None, {})  # finding: VD107

# case: through two helpers
def prepare_a(baggage):
    prepare_exo(baggage, "A", None, {})
def prepare_b(baggage):
    prepare_exo(baggage, "A", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_a(baggage)
    prepare_b(baggage)  # finding: VD107

# case: one helper twice
def prepare_a(baggage):
    prepare_exo(baggage, "A", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_a(baggage)
    prepare_a(baggage)  # finding: VD107

# case: one helper with two names
def prepare_named(baggage, name):
    prepare_exo(baggage, name, None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_named(baggage, "A")
    prepare_named(baggage, "B")

# case: one helper in two zones
def prepare_a(zone):
    zone.exo("A", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage)
    prepare_a(zone.sub_zone("left"))
    prepare_a(zone.sub_zone("right"))

# case: one sub-zone twice
def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage)
    zone.sub_zone("left").exo("A", None, {})
    zone.sub_zone("left").exo("A", None, {})  # finding: VD107

# case: a zone and its baggage share their names
def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage)
    zone.exo("A", None, {})
    prepare_exo(baggage, "A", None, {})  # finding: VD107

# case: in two branches is not twice
def build_root_object(vat_powers, vat_parameters, baggage):
    if vat_parameters:
        prepare_exo(baggage, "A", None, {})
    else:
        prepare_exo(baggage, "A", None, {})

# case: in a branch and again behind it
def build_root_object(vat_powers, vat_parameters, baggage):
    if vat_parameters:
        prepare_exo(baggage, "A", None, {})
    prepare_exo(baggage, "A", None, {})  # finding: VD107

# case: twice in a literal loop
def build_root_object(vat_powers, vat_parameters, baggage):
    for _ in range(2):
        prepare_exo(baggage, "A", None, {})  # finding: VD107

# case: the same name in a literal
def build_root_object(vat_powers, vat_parameters, baggage):
    for name in ("A", "B", "A"):
        prepare_exo(baggage, name, None, {})  # finding: VD107

# case: a helper that gets one name twice
def prepare_two(baggage, first, second):
    prepare_exo(baggage, first, None, {})
    prepare_exo(baggage, second, None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_two(baggage, "A", "A")  # finding: VD107

# case: a fresh uuid
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_exo(baggage, f"Purse-{uuid4()}", None, {})  # finding: VD108

# case: a uuid through a variable and an attribute
def build_root_object(vat_powers, vat_parameters, baggage):
    suffix = uuid.uuid4().hex
    name = "Purse" + suffix
    prepare_exo(baggage, name, None, {})  # finding: VD108

# case: a uuid made from a name
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_exo(baggage, str(uuid.uuid5(uuid.NAMESPACE_URL, "purse")), None, {})

# case: the clock
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_exo(baggage, f"Run{time.time():.0f}", None, {})  # finding: VD108

# case: today
def build_root_object(vat_powers, vat_parameters, baggage):
    stamp = datetime.datetime.now().isoformat()
    prepare_exo(baggage, "Run" + stamp, None, {})  # finding: VD108

# case: the environment
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_exo(baggage, os.environ["KIND"], None, {})  # finding: VD108

# case: the environment with a default
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_exo(baggage, os.environ.get("KIND", "A"), None, {})  # finding: VD108

# case: getenv
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_exo(baggage, os.getenv("KIND", "A"), None, {})  # finding: VD108

# case: random
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_exo(baggage, random.choice(["A", "B"]), None, {})  # finding: VD108

# case: id and hash
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_exo(baggage, f"K{id(vat_powers)}", None, {})  # finding: VD108
    prepare_exo(baggage, f"H{hash('x')}", None, {})  # finding: VD108

# case: a parameter called id is stable
def prepare_numbered(baggage, id):
    prepare_exo(baggage, f"K{id}", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_numbered(baggage, 7)

# case: the order of a set
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_exo(baggage, list({"A", "B"})[0], None, {})  # finding: VD108
    for n, name in enumerate({"C", "D"}):
        prepare_exo(baggage, f"{name}{n}", None, {})  # finding: VD108

# case: each member of a set once
def build_root_object(vat_powers, vat_parameters, baggage):
    for name in {"A", "B"}:
        prepare_exo(baggage, name, None, {})
    for name in sorted({"C", "D"}):
        prepare_exo(baggage, name, None, {})

# case: unstable through a helper
def label():
    return f"K{time.time_ns()}"
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_exo(baggage, label(), None, {})  # finding: VD108

# case: unstable argument of a helper
def prepare_named(baggage, name):
    return prepare_exo(baggage, name, None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_named(baggage, f"K{uuid4()}")  # finding: VD108

# case: unstable methods, stable name
def build_root_object(vat_powers, vat_parameters, baggage):
    started = time.time()
    prepare_exo(baggage, "Clock", None, {"started": lambda this: started})

# case: a kind handle
def build_root_object(vat_powers, vat_parameters, baggage):
    handle = provide_kind_handle(baggage, "A")
    define_durable_kind(handle, dict, {})
    other = provide_kind_handle(baggage, "B")
    define_durable_kind(other, dict, {})

# case: names from parameters
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_exo(baggage, f"Purse-{vat_parameters['currency']}", None, {})
    prepare_exo(baggage, f"Mint-{vat_parameters['currency']}", None, {})

# case: the text of a set follows its order, that of a sorted list does not
ROLES = {"admin", "user", "guest"}
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_exo(baggage, "-".join(ROLES), None, {})  # finding: VD108
    prepare_exo(baggage, f"Roles {ROLES}", None, {})  # finding: VD108
    prepare_exo(baggage, "+".join(sorted(ROLES)), None, {})
    prepare_exo(baggage, "of ".join({"one"}), None, {})

# case: rows of a text in the code
TABLE = """purse,balance
mint,total
"""
ROWS = [line.split(",") for line in TABLE.splitlines()]
def build_root_object(vat_powers, vat_parameters, baggage):
    for name, field in ROWS:
        prepare_exo(baggage, name.title(), None, {field: lambda this: 0})

# case: a joined set of the module, and what is sorted first
TAGS = {"x", "y"}
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_exo(baggage, "A" + "".join(TAGS), None, {})  # finding: VD108
    prepare_exo(baggage, "B" + "".join(sorted(TAGS)), None, {})

# case: a bare object in a name
def build_root_object(vat_powers, vat_parameters, baggage):
    token = object()
    prepare_exo(baggage, f"A {token}", None, {})  # finding: VD108
