# Lists, tables and objects that are filled with definers while modules are imported.

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
