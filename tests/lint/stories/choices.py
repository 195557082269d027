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

# case: one of two coroutines that do not wait
async def fast(baggage):
    return prepare_exo(baggage, "Engine", None, {"v": lambda this: 2})
async def slow(baggage):
    return prepare_exo(baggage, "Engine", None, {"v": lambda this: 1})
async def build_root_object(vat_powers, vat_parameters, baggage):
    start = fast if vat_parameters["fast"] else slow
    await start(baggage)

# case: one of two coroutines, of which the other waits
async def fast(baggage, peer):
    return None
async def slow(baggage, peer):
    return await peer
async def build_root_object(vat_powers, vat_parameters, baggage):
    start = fast if vat_parameters["fast"] else slow
    await start(baggage, vat_parameters["peer"])
    prepare_exo(baggage, "A", None, {})  # finding: VD103

# case: as many as the first incarnation has decided
def build_root_object(vat_powers, vat_parameters, baggage):
    count = provide(baggage, "count", lambda key: int(vat_parameters["shards"]))
    for n in range(count):
        prepare_exo(baggage, f"Shard {n}", None, {})

# case: as many as the parameters say
def build_root_object(vat_powers, vat_parameters, baggage):
    for n in range(int(vat_parameters["shards"])):
        prepare_exo(baggage, f"Shard {n}", None, {})  # finding: VD102

# case: an ordered dict of specifications
from collections import OrderedDict
SPECS = OrderedDict([("Purse", {"balance": 0}), ("Mint", {})])
def build_root_object(vat_powers, vat_parameters, baggage):
    for name, fields in SPECS.items():
        prepare_exo_class(baggage, name, None, lambda: fields, {})

# case: steps taken from a queue
from collections import deque
def a(baggage):
    prepare_exo(baggage, "A", None, {})
def b(baggage):
    prepare_exo(baggage, "B", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    steps = deque([a, b])
    while steps:
        steps.popleft()(baggage)  # finding: VD102

# case: an object with items
class Kinds:
    def __init__(self, baggage):
        self.baggage = baggage
    def __getitem__(self, name):
        return prepare_exo_class(self.baggage, name, None, dict, {})
    def __iter__(self):
        yield self["A"]
        yield self["B"]
def build_root_object(vat_powers, vat_parameters, baggage):
    kinds = Kinds(baggage)
    makers = list(kinds)
    if vat_parameters["c"]:
        makers.append(kinds["C"])  # finding: VD101

# case: a definition after which every way raises
def fail(make):
    raise RuntimeError("no vat with this")
def build_root_object(vat_powers, vat_parameters, baggage):
    if vat_parameters["bad"]:
        fail(prepare_exo_class(baggage, "Bad", None, dict, {}))
    prepare_exo(baggage, "A", None, {})

# case: a definition after which a way raises that is caught again
def fail(make):
    raise RuntimeError("no vat with this")
def build_root_object(vat_powers, vat_parameters, baggage):
    try:
        if vat_parameters["bad"]:
            fail(prepare_exo_class(baggage, "Bad", None, dict, {}))  # finding: VD101
    except RuntimeError:
        print("without")

# case: a context manager that decides itself what to swallow
class Guard:
    def __enter__(self):
        return self
    def __exit__(self, kind, error, trace):
        return kind is KeyError
class Outer(Guard):
    def __exit__(self, *details):
        return super().__exit__(*details)
def build_root_object(vat_powers, vat_parameters, baggage):
    with Guard():
        prepare_exo(baggage, "A", None, {})  # finding: VD101
    with Outer():
        prepare_exo(baggage, "B", None, {})

# case: functions collected on some ways and run by a message
def build_root_object(vat_powers, vat_parameters, baggage):
    later = []
    if vat_parameters["a"]:
        later.append(lambda: prepare_exo(baggage, "A", None, {}))
    return Far("Root", {"run": lambda: [step() for step in later]})  # finding: VD105

# case: steps collected in an object and run by its method
class Machine:
    def __init__(self):
        self.steps = []
    def step(self, fn):
        self.steps.append(fn)
        return fn
    def run(self, *args):
        return [fn(*args) for fn in self.steps]
def build_root_object(vat_powers, vat_parameters, baggage):
    machine = Machine()
    machine.step(lambda zone: zone.exo("A", None, {}))
    if vat_parameters["b"]:
        machine.step(lambda zone: zone.exo("B", None, {}))  # finding: VD101
    machine.run(make_durable_zone(baggage))

# case: declarative classes made by a function, each with its own name
def table_class(name, seats):
    class Table(Exo, name=name):
        taken: int = 0
        def sit(self) -> int:
            self.taken += 1
            return seats
    return Table
def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage)
    zone.prepare(table_class("Small", 2))
    zone.prepare(table_class("Large", 8))
    zone.prepare(table_class("Small", 3))  # finding: VD107

# case: one of a dozen functions in a table
def prepare_one(baggage, name):
    prepare_exo(baggage, name, None, {})
HANDLERS = {
    "a": lambda baggage: prepare_one(baggage, "A"),
    "b": lambda baggage: prepare_one(baggage, "B"),
    "c": lambda baggage: prepare_one(baggage, "C"),
    "d": lambda baggage: prepare_one(baggage, "D"),
    "e": lambda baggage: prepare_one(baggage, "E"),
    "f": lambda baggage: prepare_one(baggage, "F"),
    "g": lambda baggage: prepare_one(baggage, "G"),
    "h": lambda baggage: prepare_one(baggage, "H"),
    "i": lambda baggage: prepare_one(baggage, "I"),
    "j": lambda baggage: prepare_one(baggage, "J"),
    "k": lambda baggage: prepare_one(baggage, "K"),
    "l": lambda baggage: prepare_one(baggage, "L"),
}
def build_root_object(vat_powers, vat_parameters, baggage):
    HANDLERS[vat_parameters["kind"]](baggage)  # finding: VD101
