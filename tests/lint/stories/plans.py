# Whole small vats: several rules, helpers and data structures at once.
import asyncio
import contextlib
import functools
import itertools
import operator
from collections import OrderedDict, namedtuple
from dataclasses import dataclass
from enum import Enum
from types import SimpleNamespace
from typing import NamedTuple, Protocol
from vatdata_runtime import (
    E, Exo, ExoKit, Far, M, make_durable_zone, make_heap_zone, make_virtual_zone, prepare_exo, prepare_exo_class,
    prepare_exo_class_kit, provide, provide_durable_map_store, provide_durable_set_store, provide_kind_handle,
    define_durable_kind, watch_promise,
)

# case: a bank as one would write it
PurseI = M.interface("Purse", {"deposit": M.call(M.int()).returns(M.int())})
def prepare_purse(zone):
    class Purse:
        def deposit(this, amount):
            this.state.balance += amount
            return this.state.balance
    return zone.exo_class("Purse", PurseI, lambda: {"balance": 0}, Purse)
def prepare_bank(zone, make_purse):
    accounts = zone.map_store("accounts")
    def open_account(this, owner):
        purse = make_purse()
        accounts.init(owner, purse)
        return purse
    return zone.exo("Bank", None, {"open_account": open_account})
def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage)
    bank = prepare_bank(zone, prepare_purse(zone))
    return Far("Root", {"bank": lambda: bank})

# case: the same bank, but the purse is prepared on demand
def prepare_purse(zone):
    return zone.exo_class("Purse", None, lambda: {"balance": 0}, {})
def prepare_bank(zone):
    def open_account(this, owner):
        return prepare_purse(zone)()  # finding: VD106
    return zone.exo("Bank", None, {"open_account": open_account})
def build_root_object(vat_powers, vat_parameters, baggage):
    bank = prepare_bank(make_durable_zone(baggage))
    return Far("Root", {"bank": lambda: bank})

# case: an enum drives the kinds
class Color(Enum):
    RED = "red"
    BLUE = "blue"
def build_root_object(vat_powers, vat_parameters, baggage):
    for color in Color:
        prepare_exo(baggage, f"Light {color.value}", None, {})

# case: a named tuple of rows
Row = namedtuple("Row", "name size")
ROWS = (Row("A", 1), Row("B", 2))
def build_root_object(vat_powers, vat_parameters, baggage):
    for row in ROWS:
        prepare_exo(baggage, row.name, None, {"size": lambda this, row=row: row.size})

# case: a dataclass of rows
@dataclass(frozen=True)
class Spec:
    name: str
    size: int = 1
SPECS = [Spec("A"), Spec("B", 2)]
def build_root_object(vat_powers, vat_parameters, baggage):
    for spec in SPECS:
        prepare_exo(baggage, spec.name, None, {})

# case: rows with one name twice
@dataclass(frozen=True)
class Spec:
    name: str
    size: int = 1
SPECS = [Spec("A"), Spec("A", 2)]
def build_root_object(vat_powers, vat_parameters, baggage):
    for spec in SPECS:
        prepare_exo(baggage, spec.name, None, {})  # finding: VD107

# case: a simple namespace of makers
def build_root_object(vat_powers, vat_parameters, baggage):
    kinds = SimpleNamespace(
        purse=prepare_exo_class(baggage, "Purse", None, lambda: {}, {}),
        vault=prepare_exo_class(baggage, "Vault", None, lambda: {}, {}),
    )
    return Far("Root", {"purse": lambda: kinds.purse(), "vault": lambda: kinds.vault()})

# case: a feature table of name, flag and preparer, filtered by flag
def prepare_a(bag):
    return prepare_exo(bag, "A", None, {})
def prepare_b(bag):
    return prepare_exo(bag, "B", None, {})
FEATURES = [("a", True, prepare_a), ("b", False, prepare_b)]
def build_root_object(vat_powers, vat_parameters, baggage):
    for name, needed, prepare in FEATURES:
        if needed or name in vat_parameters["features"]:
            prepare(baggage)  # finding: VD101

# case: a context object is passed through three functions
class Context:
    def __init__(self, baggage):
        self.zone = make_durable_zone(baggage)
        self.kinds = {}
    def define(self, name, methods):
        self.kinds[name] = self.zone.exo(name, None, methods)
def install_money(context):
    context.define("Mint", {})
    context.define("Purse", {})
def install_governance(context, parameters):
    if parameters["governed"]:
        context.define("Governor", {})  # finding: VD101
def build_root_object(vat_powers, vat_parameters, baggage):
    context = Context(baggage)
    install_money(context)
    install_governance(context, vat_parameters)
    return Far("Root", {"kind": lambda name: context.kinds[name]})

# case: plugins are started as tasks
class Plugin:
    def __init__(self, zone, name):
        self.zone = zone
        self.name = name
    async def start(self):
        self.exo = self.zone.exo(self.name, None, {})
async def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage)
    plugins = [Plugin(zone, "A"), Plugin(zone, "B")]
    for plugin in plugins:
        asyncio.create_task(plugin.start())  # finding: VD104

# case: plugins are started one after the other
class Plugin:
    def __init__(self, zone, name):
        self.zone = zone
        self.name = name
    async def start(self):
        self.exo = self.zone.exo(self.name, None, {})
async def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage)
    for plugin in (Plugin(zone, "A"), Plugin(zone, "B")):
        await plugin.start()

# case: plugins are gathered by a comprehension
async def start(zone, name):
    return zone.exo(name, None, {})
async def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage)
    await asyncio.gather(*[start(zone, name) for name in ("A", "B")])  # finding: VD104

# case: plugins are gathered by a generator
async def start(zone, name):
    return zone.exo(name, None, {})
async def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage)
    await asyncio.gather(*(start(zone, name) for name in ("A", "B")))  # finding: VD104

# case: an error is logged and the vat goes on
def install(bag, parameters):
    limit = int(parameters["limit"])
    return prepare_exo(bag, "Limited", None, {"limit": lambda this: limit})
def build_root_object(vat_powers, vat_parameters, baggage):
    try:
        install(baggage, vat_parameters)  # finding: VD101
    except Exception as error:
        print("no limit:", error)
    return Far("Root", {})

# case: an error is translated
def install(bag, parameters):
    limit = int(parameters["limit"])
    return prepare_exo(bag, "Limited", None, {"limit": lambda this: limit})
def build_root_object(vat_powers, vat_parameters, baggage):
    try:
        install(baggage, vat_parameters)
    except (KeyError, ValueError) as error:
        raise RuntimeError("limit") from error
    return Far("Root", {})

# case: retry until it works
def build_root_object(vat_powers, vat_parameters, baggage):
    for attempt in range(3):
        try:
            prepare_exo(baggage, "A", None, {})  # finding: VD101
            break
        except RuntimeError:
            continue

# case: provide reads the settings, and the kind is prepared by a flag in them
def build_root_object(vat_powers, vat_parameters, baggage):
    settings = provide(baggage, "settings", lambda key: dict(vat_parameters))
    if settings["audit"]:
        prepare_exo(baggage, "Auditor", None, {})  # finding: VD101

# case: upgrade or make, as issuers do
def prepare_issuer(zone, record):
    return zone.exo("Issuer", None, {"record": lambda this: record})
def upgrade_issuer(zone, baggage):
    return prepare_issuer(zone, baggage.get("record"))
def make_issuer(zone, baggage, record):
    baggage.init("record", record)
    return prepare_issuer(zone, record)
def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage)
    if baggage.has("record"):
        issuer = upgrade_issuer(zone, baggage)
    else:
        issuer = make_issuer(zone, baggage, "gold")
    return Far("Root", {"issuer": lambda: issuer})

# case: upgrade or make, but the make forgets a kind
def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage)
    if baggage.has("record"):
        zone.exo("Issuer", None, {})
        zone.exo("Upgrader", None, {})  # finding: VD101
    else:
        zone.exo("Issuer", None, {})
        baggage.init("record", 1)

# case: a dispatcher with getattr
class Kinds:
    def purse(self, bag):
        return prepare_exo(bag, "Purse", None, {})
    def vault(self, bag):
        return prepare_exo(bag, "Vault", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    kinds = Kinds()
    for name in ("purse", "vault"):
        getattr(kinds, name)(baggage)

# case: a pipeline of functions by reduce
def prepare_a(bag):
    prepare_exo(bag, "A", None, {})
    return bag
def prepare_b(bag):
    prepare_exo(bag, "B", None, {})
    return bag
def build_root_object(vat_powers, vat_parameters, baggage):
    functools.reduce(lambda bag, step: step(bag), (prepare_a, prepare_b), baggage)

# case: a chain of or with makers, all heap
def build_root_object(vat_powers, vat_parameters, baggage):
    heap = make_heap_zone()
    cache = vat_parameters.get("cache") or heap.exo("Cache", None, {})
    virtual = make_virtual_zone()
    index = vat_parameters.get("index") or virtual.exo_class("Index", None, lambda: {}, {})
    return Far("Root", {"cache": lambda: cache, "index": lambda: index})

# case: x or make on an argument
def make_logger(zone):
    return zone.exo("Logger", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage)
    logger = vat_parameters.get("logger") or make_logger(zone)  # finding: VD101
    return Far("Root", {"logger": lambda: logger})

# case: x if x is not None else make
def make_logger(zone):
    return zone.exo("Logger", None, {})
def build_root_object(vat_powers, vat_parameters, baggage, logger=None):
    zone = make_durable_zone(baggage)
    logger = logger if logger is not None else make_logger(zone)  # finding: VD101
    return Far("Root", {"logger": lambda: logger})

# case: a default parameter that a caller leaves out
def install(zone, extras=()):
    zone.exo("Base", None, {})
    for name in extras:
        zone.exo(name, None, {})  # finding: VD102
def build_root_object(vat_powers, vat_parameters, baggage):
    install(make_durable_zone(baggage))

# case: a parameter that one caller gives a literal, and another what the parameters say
def install(zone, extras=()):
    for name in extras:
        zone.exo(name, None, {})  # finding: VD102
def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage)
    install(zone.sub_zone("a"), ("A", "B"))
    install(zone.sub_zone("b"), vat_parameters["extras"])

# case: a flag with a literal argument
def install(zone, with_extra=False):
    zone.exo("Base", None, {})
    if with_extra:
        zone.exo("Extra", None, {})  # finding: VD101
def build_root_object(vat_powers, vat_parameters, baggage):
    install(make_durable_zone(baggage), with_extra=True)

# case: a flag that a helper hands on, and all of its callers fix
def install(zone, with_extra):
    if with_extra:
        zone.exo("Extra", None, {})  # finding: VD101
def setup(zone, with_extra):
    zone.exo("Base", None, {})
    install(zone, with_extra)
def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage)
    setup(zone.sub_zone("a"), True)
    setup(zone.sub_zone("b"), False)

# case: a flag that a helper hands on, and one of its callers leaves open
def install(zone, with_extra):
    if with_extra:
        zone.exo("Extra", None, {})  # finding: VD101
def setup(zone, with_extra):
    zone.exo("Base", None, {})
    install(zone, with_extra)
def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage)
    setup(zone.sub_zone("a"), True)
    setup(zone.sub_zone("b"), bool(vat_parameters))

# case: a helper of a library, which nobody calls
def install(zone, names):
    for name in names:
        zone.exo(name, None, {})  # finding: VD102

# case: a flag with a setting of the module as argument
EXTRA = True
def install(zone, with_extra):
    if with_extra:
        zone.exo("Extra", None, {})  # finding: VD101
def build_root_object(vat_powers, vat_parameters, baggage):
    install(make_durable_zone(baggage), EXTRA)

# case: guards over the whole body
def build_root_object(vat_powers, vat_parameters, baggage):
    if not vat_parameters:
        raise ValueError("parameters")
    elif "x" not in vat_parameters:
        raise KeyError("x")
    else:
        prepare_exo(baggage, "A", None, {})
    return Far("Root", {})

# case: nested with, try, loop and branch that all always run
def build_root_object(vat_powers, vat_parameters, baggage):
    with contextlib.ExitStack():
        try:
            for name in ("A",):
                if name:
                    pass
                prepare_exo(baggage, name, None, {})
        finally:
            print("done")

# case: a lambda table of makers, called by comprehension
def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage)
    makers = {
        "a": lambda: zone.exo("A", None, {}),
        "b": lambda: zone.exo("B", None, {}),
    }
    made = {name: make() for name, make in makers.items()}
    return Far("Root", {"get": lambda name: made[name]})

# case: a lambda table of makers, called on demand
def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage)
    makers = {
        "a": lambda: zone.exo("A", None, {}),
        "b": lambda: zone.exo("B", None, {}),
    }
    return Far("Root", {"get": lambda name: makers[name]()})  # finding: VD105

# case: memo by a local dict
def build_root_object(vat_powers, vat_parameters, baggage):
    cache = {}
    def purse_of(currency):
        if currency not in cache:
            cache[currency] = prepare_exo(baggage, f"Purse {currency}", None, {})  # finding: VD105
        return cache[currency]
    return Far("Root", {"purse_of": purse_of})

# case: kinds per instance name in a method of a class-based vat
class Vat:
    def __init__(self, baggage):
        self.zone = make_durable_zone(baggage)
        self.make_room = self.zone.exo_class("Room", None, lambda name: {"name": name}, {})
    def open_room(self, name):
        room = self.make_room(name)
        self.zone.exo(f"Door {name}", None, {})  # finding: VD105
        return room
def build_root_object(vat_powers, vat_parameters, baggage):
    return Far("Vat", Vat(baggage))

# case: private helpers of a class-based vat that only the constructor calls
class Vat:
    def __init__(self, baggage):
        self.zone = make_durable_zone(baggage)
        self._prepare()
    def _prepare(self):
        self.make_room = self.zone.exo_class("Room", None, lambda name: {"name": name}, {})
    def open_room(self, name):
        return self.make_room(name)
def build_root_object(vat_powers, vat_parameters, baggage):
    return Far("Vat", Vat(baggage))

# case: a private helper of a class-based vat that a public method calls
class Vat:
    def __init__(self, baggage):
        self.zone = make_durable_zone(baggage)
    def _prepare(self, name):
        return self.zone.exo(name, None, {})
    def open_room(self, name):
        return self._prepare(name)  # finding: VD105
def build_root_object(vat_powers, vat_parameters, baggage):
    return Far("Vat", Vat(baggage))

# case: an exit hook
def build_root_object(vat_powers, vat_parameters, baggage):
    with contextlib.ExitStack() as stack:
        stack.callback(lambda: prepare_exo(baggage, "A", None, {}))
        stack.callback(prepare_exo, baggage, "B", None, {})
    return Far("Root", {})

# case: a durable promise watcher
def build_root_object(vat_powers, vat_parameters, baggage):
    watcher = prepare_exo(baggage, "Watcher", None, {
        "on_fulfilled": lambda this, value: prepare_exo(baggage, "Result", None, {}),  # finding: VD106
        "on_rejected": lambda this, reason: None,
    })
    watch_promise(E(vat_parameters["x"]).get(), watcher)

# case: an await between two zones' definitions
async def build_root_object(vat_powers, vat_parameters, baggage):
    first = make_durable_zone(baggage).sub_zone("first")
    second = make_durable_zone(baggage).sub_zone("second")
    first.exo("A", None, {})
    parameters = await E(vat_parameters["x"]).parameters()
    second.exo("A", None, {"p": lambda this: parameters})  # finding: VD103
    make_heap_zone().exo("B", None, {})

# case: a state machine by match with fall-through definitions
def build_root_object(vat_powers, vat_parameters, baggage):
    match vat_parameters:
        case {"mode": "a", **rest}:
            extra = rest
        case [first, *others]:
            extra = {first: others}
        case _:
            extra = {}
    prepare_exo(baggage, "A", None, {"extra": lambda this: len(extra)})

# case: a match on the type of a literal
def build_root_object(vat_powers, vat_parameters, baggage):
    match vat_parameters:
        case None:
            return Far("Root", {})
        case _:
            prepare_exo(baggage, "A", None, {})  # finding: VD101
    return Far("Root", {})

# case: raise in the except, define in the else
def build_root_object(vat_powers, vat_parameters, baggage):
    try:
        x = vat_parameters["x"]
    except KeyError:
        raise ValueError("x") from None
    else:
        prepare_exo(baggage, "A", None, {"x": lambda this: x})

# case: contextlib.suppress with nothing to raise before it
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_exo(baggage, "A", None, {})
    with contextlib.suppress(Exception):
        vat_parameters["x"].ping()
        return Far("Root", {})
    prepare_exo(baggage, "B", None, {})  # finding: VD101
    return Far("Root", {})

# case: a helper that returns several makers
def prepare_all(zone):
    make_a = zone.exo_class("A", None, lambda: {}, {})
    make_b = zone.exo_class("B", None, lambda: {}, {})
    return make_a, make_b
def build_root_object(vat_powers, vat_parameters, baggage):
    make_a, make_b = prepare_all(make_durable_zone(baggage))
    if vat_parameters["x"]:
        a = make_a()
        return Far("Root", {"a": lambda: a})
    b = make_b()
    return Far("Root", {"b": lambda: b})

# case: makers are called everywhere, that defines nothing
async def build_root_object(vat_powers, vat_parameters, baggage):
    make = prepare_exo_class(baggage, "A", None, lambda: {}, {"go": lambda this: make()})
    things = provide_durable_map_store(baggage, "things")
    for key in vat_parameters["keys"]:
        if not things.has(key):
            things.init(key, make())
    await E(vat_parameters["x"]).hello()
    again = make()
    return Far("Root", {"make": lambda: make(), "again": lambda: again})
