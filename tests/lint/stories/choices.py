# A choice made earlier: which function, name, list or class it is, and what was decided for all incarnations.
from vatdata_runtime import Exo, Far, make_durable_zone, prepare_exo, prepare_exo_class, provide

# case: a fallback that raises is no way around
def bank(baggage):
    return prepare_exo(baggage, "Desk", None, {"kind": lambda this: "bank"})
def shop(baggage):
    return prepare_exo(baggage, "Desk", None, {"kind": lambda this: "shop"})
def unknown(baggage):
    raise ValueError("neither a bank nor a shop")
def build_root_object(vat_powers, vat_parameters, baggage):
    {"bank": bank, "shop": shop}.get(vat_parameters["kind"], unknown)(baggage)

# case: one of two names
def build_root_object(vat_powers, vat_parameters, baggage):
    name = "Purse" if vat_parameters["short"] else "Long Purse"
    prepare_exo(baggage, name, None, {})  # finding: VD101

# case: one of two declarative classes
class Plain(Exo):
    n: int = 0
class Fancy(Exo):
    n: int = 0
def build_root_object(vat_powers, vat_parameters, baggage):
    cls = Fancy if vat_parameters["fancy"] else Plain
    make = make_durable_zone(baggage).prepare(cls)  # finding: VD101
    return Far("Root", {"make": lambda: make()})

# case: a list that one way makes longer
def a(baggage):
    prepare_exo(baggage, "A", None, {})
def b(baggage):
    prepare_exo(baggage, "B", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    steps = [a]
    if vat_parameters["b"]:
        steps.append(b)
    for step in steps:
        step(baggage)  # finding: VD101

# case: pairs of which one way adds another
def a(baggage):
    prepare_exo(baggage, "A", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    pairs = (("x", a),) if vat_parameters["x"] else (("y", a),)
    for name, step in pairs:
        step(baggage)

# case: the first few functions of a list
def a(baggage):
    prepare_exo(baggage, "A", None, {})
def b(baggage):
    prepare_exo(baggage, "B", None, {})
STEPS = [a, b]
def build_root_object(vat_powers, vat_parameters, baggage):
    for step in STEPS[: vat_parameters["count"]]:
        step(baggage)  # finding: VD102

# case: a loop that is left right after the definition
def build_root_object(vat_powers, vat_parameters, baggage):
    tokens = iter(vat_parameters["tokens"])
    while True:
        token = next(tokens)
        if token == "end":
            prepare_exo(baggage, "End", None, {})
            break

# case: a flag that the first incarnation keeps for all that follow
def build_root_object(vat_powers, vat_parameters, baggage):
    loans = provide(baggage, "loans", lambda key: bool(vat_parameters["loans"]))
    if loans:
        prepare_exo(baggage, "Loan", None, {})

# case: a flag that is initialised only
def build_root_object(vat_powers, vat_parameters, baggage):
    if not baggage.has("mode"):
        baggage.init("mode", vat_parameters["mode"])
    if baggage.get("mode") == "bank":
        prepare_exo(baggage, "Loan", None, {})
    else:
        prepare_exo(baggage, "Order", None, {})

# case: a flag in the baggage that a method changes
def build_root_object(vat_powers, vat_parameters, baggage):
    loans = provide(baggage, "loans", lambda key: False)
    if loans:
        prepare_exo(baggage, "Loan", None, {})  # finding: VD101
    return Far("Root", {"allow_loans": lambda allowed: baggage.set("loans", allowed)})

# case: a version in the baggage that every start raises
def build_root_object(vat_powers, vat_parameters, baggage):
    version = provide(baggage, "version", lambda key: 1)
    if version < 2:
        prepare_exo(baggage, "Bridge", None, {})  # finding: VD101
    baggage.set("version", 2)
