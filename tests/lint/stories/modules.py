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

# case: a table that decorators fill
# file: vat.py
from vatdata_runtime import prepare_exo
TABLE = {}
def register(name):
    def keep(function):
        TABLE[name] = function
        return function
    return keep
@register("a")
def prepare_a(baggage):
    return prepare_exo(baggage, "A", None, {})
async def build_root_object(vat_powers, vat_parameters, baggage):
    made = {name: prepare(baggage) for name, prepare in TABLE.items()}
    await vat_parameters["x"]
    TABLE["a"](baggage)  # finding: VD103
    return made

# case: a list that decorators of other modules fill
# file: vat.py
import kinds
import registry
async def build_root_object(vat_powers, vat_parameters, baggage):
    await vat_parameters["x"]
    for prepare in registry.PREPARERS:
        prepare(baggage)  # finding: VD103
# file: registry.py
PREPARERS = []
def kind(function):
    PREPARERS.append(function)
    return function
# file: kinds/__init__.py
from . import apple, pear
# file: kinds/apple.py
import registry
from vatdata_runtime import prepare_exo
@registry.kind
def apple(baggage):
    return prepare_exo(baggage, "Apple", None, {})
# file: kinds/pear.py
from registry import kind as vat_kind
from vatdata_runtime import prepare_exo
@vat_kind
def pear(baggage):
    return prepare_exo(baggage, "Pear", None, {})

# case: a list that statements fill, in a helper that speaks of nothing else
# file: vat.py
from vatdata_runtime import prepare_exo
STEPS = []
def one(baggage):
    return prepare_exo(baggage, "One", None, {})
def two(baggage):
    return prepare_exo(baggage, "Two", None, {})
STEPS.append(one)
STEPS += [two]
def install(store, wanted):
    if not wanted:
        return
    for step in STEPS:
        step(store)  # finding: VD101
def build_root_object(vat_powers, vat_parameters, baggage):
    install(baggage, vat_parameters["x"])

# case: a list that may be filled on a condition, or later, is not known
# file: vat.py
import os
from vatdata_runtime import prepare_exo
STEPS = []
LATER = []
def one(baggage):
    return prepare_exo(baggage, "One", None, {})
if os.name == "posix":
    STEPS.append(one)
def add(step):
    LATER.append(step)
def configure():
    add(one)
def build_root_object(vat_powers, vat_parameters, baggage):
    for step in STEPS + LATER:
        step(baggage)

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

# case: an object that decorators fill
# file: vat.py
from registry import kinds
import cups
async def build_root_object(vat_powers, vat_parameters, baggage):
    await vat_parameters["x"]
    kinds.prepare_all(baggage)  # finding: VD103
# file: registry.py
from dataclasses import dataclass, field
@dataclass
class Kinds:
    preparers: dict = field(default_factory=dict)
    def register(self, name):
        def keep(function):
            self.preparers[name] = function
            return function
        return keep
    def prepare_all(self, store):
        return {name: function(store) for name, function in self.preparers.items()}
kinds = Kinds()
# file: cups.py
from registry import kinds as known
from vatdata_runtime import prepare_exo
@known.register("cup")
def cup(store):
    return prepare_exo(store, "Cup", None, {})

# case: an object that methods and calls fill
# file: vat.py
import registry
from vatdata_runtime import prepare_exo
@registry.KINDS.add
def cup(store):
    return prepare_exo(store, "Cup", None, {})
def plate(store):
    return prepare_exo(store, "Plate", None, {})
registry.KINDS.add(plate)
def build_root_object(vat_powers, vat_parameters, baggage):
    if vat_parameters:
        registry.KINDS.install(baggage)  # finding: VD101
# file: registry.py
class Kinds:
    def __init__(self):
        self.functions = []
    def add(self, function):
        self.functions.append(function)
        return function
    def install(self, store):
        for function in self.functions:
            function(store)
KINDS = Kinds()

# case: an object that begins empty and is used in the first crank alone
# file: vat.py
from vatdata_runtime import prepare_exo
class Kinds:
    def __init__(self):
        self.makers = {}
    def define(self, store, name):
        if name not in self.makers:
            self.makers[name] = prepare_exo(store, name, None, {})
        return self.makers[name]
KINDS = Kinds()
def build_root_object(vat_powers, vat_parameters, baggage):
    KINDS.define(baggage, "Cup")

# case: a list of a class that grows
# file: vat.py
from vatdata_runtime import prepare_exo
class Kinds:
    names = []
    @classmethod
    def add(cls, name):
        cls.names.append(name)
def build_root_object(vat_powers, vat_parameters, baggage):
    for name in Kinds.names:
        prepare_exo(baggage, name, None, {})  # finding: VD102

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

# case: a table that other modules fill, read where it is kept
# file: vat.py
import kinds
import registry
async def build_root_object(vat_powers, vat_parameters, baggage):
    registry.pick(baggage, vat_parameters)
    await vat_parameters["x"]
    registry.all_of(baggage)  # finding: VD103
# file: registry.py
TABLE = {}
def register(name):
    def keep(function):
        TABLE[name] = function
        return function
    return keep
def all_of(store):
    return {name: function(store) for name, function in TABLE.items()}
def pick(store, wanted):
    if wanted:
        for function in TABLE.values():
            function(store)  # finding: VD101
# file: kinds/__init__.py
from . import apple, pear
# file: kinds/apple.py
import registry
from vatdata_runtime import prepare_exo
@registry.register("apple")
def apple(baggage):
    return prepare_exo(baggage, "Apple", None, {})
# file: kinds/pear.py
from registry import register as kind
from vatdata_runtime import prepare_exo
@kind("pear")
def pear(baggage):
    return prepare_exo(baggage, "Pear", None, {})
# file: tests/test_registry.py
import registry
from vatdata_runtime import prepare_exo
@registry.register("pear")
def other(baggage):
    return prepare_exo(baggage, "Apple", None, {})

# case: two versions of what fills a list are not known apart where it is kept
# file: one.py
import first
import registry
def build_root_object(vat_powers, vat_parameters, baggage):
    registry.install(baggage)
# file: two.py
import second
import registry
def build_root_object(vat_powers, vat_parameters, baggage):
    registry.install(baggage)
# file: registry.py
STEPS = []
def step(function):
    STEPS.append(function)
    return function
def install(store):
    for function in STEPS:
        function(store)
# file: first.py
from registry import step
from vatdata_runtime import prepare_exo
@step
def purse(baggage):
    return prepare_exo(baggage, "Purse", None, {})
# file: second.py
from registry import step
from vatdata_runtime import prepare_exo
@step
def purse(baggage):
    return prepare_exo(baggage, "Purse", None, {"more": lambda this: 0})
