# Stories of several files.

# case: a definer in another module
# file: vat.py
from kinds import prepare_purse
def build_root_object(vat_powers, vat_parameters, baggage):
    if vat_parameters:
        prepare_purse(baggage)  # finding: VD101
# file: kinds.py
from vatdata_runtime import prepare_exo
def prepare_purse(baggage):
    return prepare_exo(baggage, "Purse", None, {})

# case: a definer with an everyday name, three modules deep
# file: bank/__init__.py
from bank.entry import build_root_object
# file: bank/entry.py
from bank.parts import setup
async def build_root_object(vat_powers, vat_parameters, baggage):
    await vat_parameters["x"]
    setup(baggage)  # finding: VD103
# file: bank/parts.py
from .deep import things
def setup(baggage):
    return things.install(baggage)
# file: bank/deep/__init__.py
# file: bank/deep/things.py
from vatdata_runtime import prepare_exo
def install(baggage):
    return prepare_exo(baggage, "Thing", None, {})

# case: a re-export under another name
# file: vat.py
from lib import make_purse
def build_root_object(vat_powers, vat_parameters, baggage):
    for n in vat_parameters:
        make_purse(baggage)  # finding: VD102
# file: lib/__init__.py
from lib.purse import prepare_purse as make_purse
# file: lib/purse.py
from vatdata_runtime import prepare_exo
def prepare_purse(baggage):
    return prepare_exo(baggage, "Purse", None, {})

# case: a star import
# file: vat.py
from kinds import *
def build_root_object(vat_powers, vat_parameters, baggage):
    setup(baggage)
    if vat_parameters:
        more(baggage)  # finding: VD101
# file: kinds.py
from vatdata_runtime import prepare_exo
def setup(baggage):
    prepare_exo(baggage, "A", None, {})
def more(baggage):
    prepare_exo(baggage, "B", None, {})

# case: the module itself is passed along
# file: vat.py
import kinds as k
def build_root_object(vat_powers, vat_parameters, baggage):
    k.setup(baggage)
    return {"go": lambda: k.more(baggage)}  # finding: VD105
# file: kinds.py
from vatdata_runtime import prepare_exo
def setup(baggage):
    prepare_exo(baggage, "A", None, {})
def more(baggage):
    prepare_exo(baggage, "B", None, {})

# case: names from a constants module
# file: vat.py
from names import KINDS, PURSE
from vatdata_runtime import prepare_exo
def build_root_object(vat_powers, vat_parameters, baggage):
    for name in KINDS:
        prepare_exo(baggage, name, None, {})
    prepare_exo(baggage, PURSE, None, {})  # finding: VD107
# file: names.py
PURSE = "Purse"
KINDS = (PURSE, "Mint")

# case: a coroutine of another module that never suspends
# file: vat.py
from helpers import load, fetch
from vatdata_runtime import prepare_exo
async def build_root_object(vat_powers, vat_parameters, baggage):
    await load(vat_parameters)
    prepare_exo(baggage, "A", None, {})
    await fetch(vat_parameters)
    prepare_exo(baggage, "B", None, {})  # finding: VD103
# file: helpers.py
async def load(params):
    return params
async def fetch(params):
    return await params["x"]

# case: a wrapper of another module
# file: vat.py
from framework import with_zone
from vatdata_runtime import Far
@with_zone
def build_root_object(zone, params):
    zone.exo("A", None, {})
    if params:
        zone.exo("B", None, {})  # finding: VD101
    return Far("Root", {})
# file: framework.py
from vatdata_runtime import make_durable_zone
def with_zone(contract):
    def build(vat_powers, vat_parameters, baggage):
        return contract(make_durable_zone(baggage), vat_parameters)
    return build

# case: a class of another module
# file: vat.py
from managers import Manager
from vatdata_runtime import Far
def build_root_object(vat_powers, vat_parameters, baggage):
    manager = Manager(baggage)
    if vat_parameters:
        manager.install()  # finding: VD101
    return Far("Root", {})
# file: managers.py
from vatdata_runtime import prepare_exo
class Manager:
    def __init__(self, baggage):
        self._baggage = baggage
    def install(self):
        prepare_exo(self._baggage, "A", None, {})

# case: a source named in a call
# file: run.py
from vatdata_runtime import open_vat
with open_vat("x.db", "odd.py") as vat:
    pass
# file: odd.py
from vatdata_runtime import Far, prepare_exo
def build_root_object(vat_powers, vat_parameters, baggage):
    return Far("Root", {"go": lambda: prepare_exo(baggage, "A", None, {})})  # finding: VD105

# case: a function as a source
# file: run.py
from vatdata_runtime import Far, Kernel, prepare_exo
def bank(vat_powers, vat_parameters, baggage):
    def go():
        prepare_exo(baggage, "A", None, {})  # finding: VD105
    return Far("Root", {"go": go})
with Kernel.open("x.db") as kernel:
    kernel.provide_vat("bank", bank)

# case: modules that import each other
# file: a.py
import b
from vatdata_runtime import prepare_exo
def setup(baggage):
    prepare_exo(baggage, "A", None, {})
    return b.more(baggage)
def build_root_object(vat_powers, vat_parameters, baggage):
    setup(baggage)
# file: b.py
import a
from vatdata_runtime import prepare_exo
def more(baggage):
    if a:
        prepare_exo(baggage, "B", None, {})  # finding: VD101

# case: under src
# file: src/bank/vat.py
from bank.kinds import install
def build_root_object(vat_powers, vat_parameters, baggage):
    if vat_parameters:
        install(baggage)  # finding: VD101
# file: src/bank/__init__.py
# file: src/bank/kinds.py
from vatdata_runtime import prepare_exo
def install(baggage):
    prepare_exo(baggage, "A", None, {})

# case: a definer under another name, in a module that names no other
# file: vat.py
from trees import setup_tree
def build_root_object(vat_powers, vat_parameters, baggage):
    setup_tree(baggage)
# file: trees.py
from vatdata_runtime import prepare_exo as define
def setup_tree(baggage, tall=False):
    if tall:
        return define(baggage, "TallTree", None, {})  # finding: VD101
    return define(baggage, "Tree", None, {})  # finding: VD101

# case: a definer under another name by assignment
# file: vat.py
from trees import setup_tree
def build_root_object(vat_powers, vat_parameters, baggage):
    setup_tree(baggage, vat_parameters)
# file: trees.py
import vatdata_runtime
define = vatdata_runtime.prepare_exo
def setup_tree(baggage, tall):
    return define(baggage, "TallTree", None, {}) if tall else None  # finding: VD101

# case: a template method of another module is blamed for nothing
# file: vat.py
from base import Program
from vatdata_runtime import prepare_exo
class Auction(Program):
    def prepare_kinds(self):
        if self.parameters["sealed"]:
            prepare_exo(self.baggage, "Envelope", None, {})  # finding: VD101
def build_root_object(vat_powers, vat_parameters, baggage):
    Auction(baggage, vat_parameters).run()
# file: base.py
class Program:
    def __init__(self, baggage, parameters):
        self.baggage = baggage
        self.parameters = parameters
    def prepare_kinds(self): ...
    def run(self):
        self.prepare_kinds()

# case: sources in constants, tables and loops
# file: run.py
import vatdata_runtime as vd
from factory import vat_for
SOURCE = "game:boot"
TABLE = {"one": "one:boot", "two": vat_for("Two")}
def play(kernel):
    with vd.open_vat("x.db", SOURCE) as vat:
        vat.call("go")
    for name, source in TABLE.items():
        kernel.provide_vat(name, source)
# file: factory.py
from vatdata_runtime import Far, prepare_exo
def vat_for(name):
    def build(powers, parameters, baggage):
        return Far(name, {"go": lambda: prepare_exo(baggage, name, None, {})})  # finding: VD105
    return build
# file: game.py
from vatdata_runtime import Far, prepare_exo
def boot(powers, parameters, baggage):
    return Far("Root", {"go": lambda: prepare_exo(baggage, "A", None, {})})  # finding: VD105
# file: one.py
from vatdata_runtime import Far, prepare_exo
def boot(powers, parameters, baggage):
    return {"go": lambda: prepare_exo(baggage, "A", None, {})}  # finding: VD105

# case: a definer that a module uses on the heap
# file: vat.py
from things import prepare_thing
from vatdata_runtime import make_virtual_zone
def build_root_object(vat_powers, vat_parameters, baggage):
    return prepare_thing(make_virtual_zone())
# file: things.py
from vatdata_runtime import make_heap_zone
def prepare_thing(zone):
    if zone:
        return zone.exo("Thing", None, {})
THING = prepare_thing(make_heap_zone())

# case: definers in a class's own names, in the table of a module's names, and in that of the own
# file: vat.py
import kinds
from vatdata_runtime import prepare_exo
def prepare_here(baggage):
    return prepare_exo(baggage, "Here", None, {})
async def build_root_object(vat_powers, vat_parameters, baggage):
    one = kinds.Kinds()
    one.there(baggage)
    await vat_parameters["x"]
    kinds.Kinds.define(baggage, "A", None, {})  # finding: VD103
    one.again(baggage)  # finding: VD103
    globals()["prepare_here"](baggage)  # finding: VD103
    vars(kinds)["prepare_there"](baggage.get("sub"))  # finding: VD103
# file: kinds.py
from vatdata_runtime import prepare_exo
def prepare_there(baggage):
    return prepare_exo(baggage, "There", None, {})
def prepare_again(baggage):
    return prepare_exo(baggage, "Again", None, {})
class Kinds:
    define = staticmethod(prepare_exo)
    there = staticmethod(prepare_there)
    again = staticmethod(prepare_again)

# case: an object that the caller chooses is the caller's business
# file: vat.py
from service import Service
from vatdata_runtime import prepare_exo
class Plain:
    def prepare(self, baggage):
        return None
class Durable:
    def prepare(self, baggage):
        return prepare_exo(baggage, "Durable", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    Service(Durable()).prepare(baggage)
    backend = Plain() if vat_parameters["fast"] else Durable()
    Service(backend).prepare(baggage.get("sub"))  # finding: VD101
# file: service.py
class Service:
    def __init__(self, backend):
        self.backend = backend
    def prepare(self, baggage):
        return self.backend.prepare(baggage)

# case: modules that are imported by name
# file: vat.py
import importlib
from importlib import import_module
async def build_root_object(vat_powers, vat_parameters, baggage):
    for name in ("door", "window"):
        importlib.import_module(f"parts.{name}").install(baggage)
    await vat_parameters["x"]
    import_module(".door", package="parts").install(baggage.get("roof"))  # finding: VD103
    import_module("parts").roof(baggage)  # finding: VD103
# file: parts/__init__.py
from importlib import import_module
def roof(baggage):
    return import_module(".roof", __package__).install(baggage)
# file: parts/door.py
from vatdata_runtime import prepare_exo
def install(baggage):
    return prepare_exo(baggage, "Door", None, {})
# file: parts/window.py
from vatdata_runtime import prepare_exo
def install(baggage):
    return prepare_exo(baggage, "Window", None, {})
# file: parts/roof.py
from vatdata_runtime import prepare_exo
def install(baggage):
    return prepare_exo(baggage, "Roof", None, {})

# case: a zone that callers may leave out
# file: vat.py
from kinds import prepare_choice, prepare_first, prepare_second, prepare_third
from vatdata_runtime import make_durable_zone
async def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage)
    prepare_first()
    prepare_first(zone)
    prepare_second(zone)
    prepare_choice(zone, vat_parameters["d"])
    await vat_parameters["x"]
    prepare_second()
    prepare_third(zone)  # finding: VD103
# file: kinds.py
from vatdata_runtime import make_heap_zone
def prepare_first(zone=None):
    zone = zone or make_heap_zone()
    return zone.exo("First", None, {})
def prepare_second(zone=None):
    if zone is None:
        zone = make_heap_zone()
    return zone.sub_zone("s").exo("Second", None, {})
def prepare_third(zone=None, *, name="Third"):
    where = zone if zone is not None else make_heap_zone()
    return where.exo(name, None, {})
def prepare_choice(zone, durable):
    where = zone if durable else make_heap_zone()
    return where.exo("Choice", None, {})  # finding: VD101

# case: a method that is called by its name
# file: vat.py
from operator import methodcaller
from vatdata_runtime import make_durable_zone, prepare_exo
STAR = methodcaller("exo", "Star", None, {})
class Part:
    def __init__(self, name):
        self.name = name
    def install(self, store):
        return prepare_exo(store, self.name, None, {})
async def build_root_object(vat_powers, vat_parameters, baggage):
    list(map(methodcaller("install", baggage), [Part("A"), Part("B")]))
    await vat_parameters["x"]
    STAR(make_durable_zone(baggage))  # finding: VD103
    list(map(methodcaller("install", baggage.get("sub")), [Part("C")]))  # finding: VD103

# case: a descriptor of another module that calls what it decorates when it is read
# file: vat.py
from lazy import bound, lazy
from vatdata_runtime import Far, prepare_exo
class Parts:
    def __init__(self, baggage):
        self.baggage = baggage
    @lazy
    def spare(self):
        return prepare_exo(self.baggage, "Spare", None, {})
    @lazy
    def core(self):
        return prepare_exo(self.baggage, "Core", None, {})
    @bound
    def later(self, name):
        return prepare_exo(self.baggage, name, None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    parts = Parts(baggage)
    print(parts.core, parts.later)
    if vat_parameters:
        parts.later("Later")  # finding: VD101
    return Far("Root", {"spare": lambda: parts.spare})  # finding: VD105
# file: lazy.py
import functools
class lazy:
    def __init__(self, make):
        self.make = make
    def __get__(self, instance, owner):
        return self.make(instance)
class bound:
    def __init__(self, function):
        self.function = function
    def __get__(self, instance, owner):
        return functools.partial(self.function, instance)
