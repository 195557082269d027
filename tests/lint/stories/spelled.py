# Names of kinds, spellings of definers, zones, and what only looks like a definition.
import datetime
import hashlib
import os
import random
import sqlite3
import time
import uuid
from vatdata_runtime import (
    Exo, ExoKit, Facet, Far, M, define_durable_exo_class, define_durable_kind, define_exo_class, define_virtual_exo_class,
    make_durable_zone, make_exo, make_heap_zone, make_kind_handle, make_virtual_zone, prepare_exo, prepare_exo_class,
    prepare_exo_class_kit, prepare_kind, prepare_singleton, prepare_attenuator_maker, prepare_revocable_maker_kit,
    provide_durable_map_store, provide_kind_handle, rename_kind, retire_kind,
)

# case: a name from uuid
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_exo(baggage, f"Purse-{uuid.uuid4()}", None, {})  # finding: VD108

# case: a name from the clock, through variables
def build_root_object(vat_powers, vat_parameters, baggage):
    now = time.time()
    stamp = str(int(now))
    prepare_exo(baggage, "Purse " + stamp, None, {})  # finding: VD108

# case: a name from a date
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_exo(baggage, f"Report {datetime.date.today():%Y}", None, {})  # finding: VD108

# case: a name from the environment
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_exo(baggage, os.environ.get("KIND", "Purse"), None, {})  # finding: VD108

# case: a name from an object's id
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_exo(baggage, f"Purse {id(baggage)}", None, {})  # finding: VD108

# case: a name from hash
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_exo(baggage, "Purse %d" % hash("x"), None, {})  # finding: VD108

# case: a name from random choice in a helper
def pick():
    return random.choice(["A", "B"])
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_exo(baggage, pick(), None, {})  # finding: VD108

# case: a name from a member of a set
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_exo(baggage, next(iter({"A", "B"})), None, {})  # finding: VD108

# case: a random value in the state only
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_exo_class(baggage, "Purse", None, lambda: {"id": str(uuid.uuid4()), "at": time.time()}, {})

# case: a stable digest
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_exo(baggage, "Purse " + hashlib.sha256(b"purse").hexdigest()[:8], None, {})

# case: a name from a parameter
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_exo(baggage, f"Purse {vat_parameters['currency']}", None, {})

# case: an unstable name that a helper gets
def prepare_named(bag, name):
    return prepare_exo(bag, name, None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_named(baggage, f"Purse {uuid.uuid4()}")  # finding: VD108

# case: an unstable default
def prepare_named(bag, name=None):
    name = name or f"Purse {uuid.uuid4().hex}"
    return prepare_exo(bag, name, None, {})  # finding: VD108
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_named(baggage)

# case: a sub-zone with an unstable name
def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage)
    zone.sub_zone(f"z{time.time_ns()}").exo("Purse", None, {})  # finding: VD108

# case: the same name in one baggage
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_exo(baggage, "Purse", None, {})
    prepare_exo_class(baggage, "Purse", None, lambda: {}, {})  # finding: VD107

# case: the same name in a baggage and in its zone
def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage)
    zone.exo("Purse", None, {})
    prepare_exo(baggage, "Purse", None, {})  # finding: VD107

# case: the same name in two branches
def build_root_object(vat_powers, vat_parameters, baggage):
    if vat_parameters["x"]:
        prepare_exo(baggage, "Purse", None, {})
    else:
        prepare_exo(baggage, "Purse", None, {})

# case: the same name behind a branch that may have defined it
def build_root_object(vat_powers, vat_parameters, baggage):
    if vat_parameters["x"]:
        prepare_exo(baggage, "Purse", None, {})
    prepare_exo(baggage, "Purse", None, {})  # finding: VD107

# case: the same helper twice
def prepare_purse(bag):
    return prepare_exo(bag, "Purse", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_purse(baggage)
    prepare_purse(baggage)  # finding: VD107

# case: the same helper in two sub-zones
def prepare_purse(zone):
    return zone.exo("Purse", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage)
    prepare_purse(zone.sub_zone("a"))
    prepare_purse(zone.sub_zone("b"))

# case: the same sub-zone twice
def prepare_purse(zone):
    return zone.exo("Purse", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage)
    prepare_purse(zone.sub_zone("a"))
    prepare_purse(zone.sub_zone("a"))  # finding: VD107

# case: two helpers that define one name
def prepare_one(bag):
    return prepare_exo(bag, "Purse", None, {})
def prepare_two(bag):
    return prepare_exo(bag, "Purse", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_one(baggage)
    prepare_two(baggage)  # finding: VD107

# case: names that only look alike
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_exo(baggage, "Purse", None, {})
    prepare_exo(baggage, "purse", None, {})
    prepare_exo(baggage, "Purse ", None, {})

# case: a helper called with two names
def prepare_named(bag, name):
    return prepare_exo(bag, f"{name} Purse", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_named(baggage, "Big")
    prepare_named(baggage, "Small")
    prepare_named(baggage, "Big")  # finding: VD107

# case: every definer in a straight line
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_exo(baggage, "A", None, {})
    prepare_exo_class(baggage, "B", None, lambda: {}, {})
    prepare_exo_class_kit(baggage, "C", None, lambda: {}, {"x": {}, "y": {}})
    prepare_singleton(baggage, "D", {})
    prepare_kind(baggage, "E", lambda: {}, {})
    handle = provide_kind_handle(baggage, "F")
    define_durable_kind(handle, lambda: {}, {})
    define_durable_exo_class(provide_kind_handle(baggage, "G"), None, lambda: {}, {})

# case: every definer in a branch
def build_root_object(vat_powers, vat_parameters, baggage):
    handle = provide_kind_handle(baggage, "F")
    if vat_parameters["x"]:
        prepare_exo(baggage, "A", None, {})  # finding: VD101
        prepare_exo_class(baggage, "B", None, lambda: {}, {})  # finding: VD101
        prepare_exo_class_kit(baggage, "C", None, lambda: {}, {"x": {}})  # finding: VD101
        prepare_singleton(baggage, "D", {})  # finding: VD101
        prepare_kind(baggage, "E", lambda: {}, {})  # finding: VD101
        define_durable_kind(handle, lambda: {}, {})  # finding: VD101
        define_durable_exo_class(provide_kind_handle(baggage, "G"), None, lambda: {}, {})  # finding: VD101

# case: zone definers in a branch
class Purse(Exo):
    balance: int = 0
def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage)
    if vat_parameters["x"]:
        zone.exo("A", None, {})  # finding: VD101
        zone.exo_class("B", None, lambda: {}, {})  # finding: VD101
        zone.exo_class_kit("C", None, lambda: {}, {"x": {}})  # finding: VD101
        zone.prepare(Purse)  # finding: VD101

# case: heap and virtual definers in a branch
def build_root_object(vat_powers, vat_parameters, baggage):
    if vat_parameters["x"]:
        make_exo("A", None, {})
        define_exo_class("B", None, lambda: {}, {})
        define_virtual_exo_class("C", None, lambda: {}, {})
        make_heap_zone().exo("D", None, {})
        make_virtual_zone().exo_class("E", None, lambda: {}, {})
        make_heap_zone().sub_zone("x").exo("F", None, {})

# case: everything else of the runtime in a branch
def build_root_object(vat_powers, vat_parameters, baggage):
    if vat_parameters["x"]:
        zone = make_durable_zone(baggage)
        zone.map_store("a")
        zone.set_store("b")
        zone.weak_map_store("c")
        zone.detached().set_store("d")
        zone.sub_zone("e")
        zone.make_once("f", lambda key: 1)
        provide_durable_map_store(baggage, "g")
        Far("I", {})

# case: a database statement
def build_root_object(vat_powers, vat_parameters, baggage):
    database = vat_parameters["database"]
    if vat_parameters["x"]:
        database.prepare("select 1")
        database.prepare_statement("select 2")
        prepare_message("hello")
def prepare_message(text):
    return text.upper()

# case: a helper that is called prepare and only makes stores
def prepare_ledger(bag):
    return provide_durable_map_store(bag, "ledger")
def build_root_object(vat_powers, vat_parameters, baggage):
    if vat_parameters["x"]:
        prepare_ledger(baggage)

# case: a helper with an everyday name that defines
def open_ledger(bag):
    return prepare_exo(bag, "Ledger", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    if vat_parameters["x"]:
        open_ledger(baggage)  # finding: VD101

# case: a local function shadows the definer
def build_root_object(vat_powers, vat_parameters, baggage):
    def prepare_exo(bag, name, guard, methods):
        return {"name": name}
    if vat_parameters["x"]:
        prepare_exo(baggage, "A", None, {})

# case: a parameter shadows a module's preparer
def prepare(bag):
    return prepare_exo(bag, "A", None, {})
def use(prepare):
    return prepare()
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare(baggage)
    if vat_parameters["x"]:
        use(lambda: 1)

# case: the definer under another name
from vatdata_runtime import prepare_exo as define
def build_root_object(vat_powers, vat_parameters, baggage):
    if vat_parameters["x"]:
        define(baggage, "A", None, {})  # finding: VD101

# case: the definer in a local variable
def build_root_object(vat_powers, vat_parameters, baggage):
    define = prepare_exo
    if vat_parameters["x"]:
        define(baggage, "A", None, {})  # finding: VD101

# case: the definer through the module
import vatdata_runtime
import vatdata_runtime as vat
def build_root_object(vat_powers, vat_parameters, baggage):
    vatdata_runtime.prepare_exo(baggage, "A", None, {})
    if vat_parameters["x"]:
        vat.prepare_exo(baggage, "B", None, {})  # finding: VD101

# case: the definer through getattr
import vatdata_runtime
def build_root_object(vat_powers, vat_parameters, baggage):
    if vat_parameters["x"]:
        getattr(vatdata_runtime, "prepare_exo")(baggage, "A", None, {})  # finding: VD101

# case: the definer as a method reference
def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage)
    define = zone.exo
    define("A", None, {})
    if vat_parameters["x"]:
        define("B", None, {})  # finding: VD101

# case: a starred call
def build_root_object(vat_powers, vat_parameters, baggage):
    arguments = (baggage, "A", None, {})
    if vat_parameters["x"]:
        prepare_exo(*arguments)  # finding: VD101

# case: keywords only
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_exo(baggage=baggage, kind_name="A", guard=None, methods={})
    prepare_exo(baggage=baggage, kind_name="A", guard=None, methods={})  # finding: VD107

# case: a zone that a conditional chooses, heap or durable
def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage) if vat_parameters["keep"] else make_heap_zone()
    zone.exo("A", None, {})  # finding: VD101

# case: a helper that is used with a heap zone only
def prepare_cache(zone):
    return zone.exo("Cache", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_heap_zone()
    if vat_parameters["x"]:
        prepare_cache(zone)

# case: a helper that is used with both zones
def prepare_cache(zone):
    return zone.exo("Cache", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_cache(make_durable_zone(baggage))
    if vat_parameters["x"]:
        prepare_cache(make_heap_zone())

# case: a condition inside a helper for a heap zone
def prepare_cache(zone, on):
    if on:
        zone.exo("Cache", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_cache(make_heap_zone(), vat_parameters["on"])

# case: a default zone on the heap
def prepare_cache(on, zone=make_heap_zone()):
    if on:
        zone.exo("Cache", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_cache(vat_parameters["on"])

# case: a durable zone in an attribute
class Context:
    def __init__(self, bag):
        self.zone = make_durable_zone(bag)
def build_root_object(vat_powers, vat_parameters, baggage):
    context = Context(baggage)
    if vat_parameters["x"]:
        context.zone.exo("A", None, {})  # finding: VD101

# case: two zones in one object
class Context:
    def __init__(self, bag):
        self.keep = make_durable_zone(bag)
        self.temporary = make_heap_zone()
def build_root_object(vat_powers, vat_parameters, baggage):
    context = Context(baggage)
    if vat_parameters["x"]:
        context.temporary.exo("A", None, {})
        context.keep.exo("B", None, {})  # finding: VD101

# case: retire and rename
def build_root_object(vat_powers, vat_parameters, baggage):
    retire_kind(baggage, "Old")
    rename_kind(baggage, "Purse", "Wallet")
    prepare_exo_class(baggage, "Wallet", None, lambda: {}, {})

# case: an attenuator and a revocable maker
def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage)
    prepare_attenuator_maker(zone, "Facade", ["go"])
    if vat_parameters["x"]:
        prepare_revocable_maker_kit(zone, "Gate", ["go"])  # finding: VD101

# case: camel case spellings
import vatdata
def buildRootObject(vatPowers, vatParameters, baggage):
    vatdata.prepareExo(baggage, "A", None, {})
    zone = vatdata.makeDurableZone(baggage)
    zone.exoClass("B", None, lambda: {}, {})
    if vatParameters["x"]:
        vatdata.prepareExoClass(baggage, "C", None, lambda: {}, {})  # finding: VD101
        zone.exoClassKit("D", None, lambda: {}, {})  # finding: VD101
        vatdata.defineDurableKind(vatdata.provideKindHandle(baggage, "E"), lambda: {}, {})  # finding: VD101

# case: constants make the name
PREFIX = "Big"
NOUN = "Purse"
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_exo(baggage, f"{PREFIX} {NOUN}", None, {})
    prepare_exo(baggage, "Big Purse", None, {})  # finding: VD107

# case: other ways to spell one name
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_exo(baggage, "A.B", None, {})
    prepare_exo(baggage, ".".join(["A", "B"]), None, {})  # finding: VD107
    prepare_exo(baggage, "{}.{}".format("A", "B"), None, {})  # finding: VD107
    prepare_exo(baggage, "%s.%s" % ("A", "B"), None, {})  # finding: VD107

# case: an unresolved preparer that gets the baggage
from elsewhere import prepare_things, things
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_things(baggage)
    if vat_parameters["x"]:
        things.prepare_more(baggage)  # finding: VD101

# case: an unresolved function that gets the baggage
from elsewhere import things
def build_root_object(vat_powers, vat_parameters, baggage):
    if vat_parameters["x"]:
        things.count(baggage)

# case: a kind handle of the baggage used twice
def build_root_object(vat_powers, vat_parameters, baggage):
    handle = provide_kind_handle(baggage, "A")
    define_durable_kind(handle, lambda: {}, {})
    define_durable_kind(handle, lambda: {}, {})  # finding: VD107
