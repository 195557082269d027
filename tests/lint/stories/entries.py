# Entries: assigned, decorated, wrapped, made by classes and partials, and stories of several modules.
import asyncio
import functools
from functools import partial, wraps
from vatdata_runtime import E, Far, make_durable_zone, prepare_exo, prepare_exo_class

# case: start
def start(zcf, private_args, baggage):
    if private_args["x"]:
        prepare_exo(baggage, "A", None, {})  # finding: VD101

# case: async start
async def start(zcf, private_args, baggage):
    await E(private_args["x"]).get()
    prepare_exo(baggage, "A", None, {})  # finding: VD103

# case: an entry by assignment
def _start(powers, parameters, baggage):
    if parameters["x"]:
        prepare_exo(baggage, "A", None, {})  # finding: VD101
build_root_object = _start

# case: an entry that is a lambda
build_root_object = lambda powers, parameters, baggage: parameters["x"] and prepare_exo(baggage, "A", None, {})  # finding: VD101

# case: an entry that is a partial
def contract(options, powers, parameters, baggage):
    prepare_exo(baggage, "A", None, {})
    if options["more"]:
        prepare_exo(baggage, "B", None, {})  # finding: VD101
build_root_object = partial(contract, {"more": True})

# case: an entry made by a higher-order function
def with_zone(contract):
    def start(powers, parameters, baggage):
        zone = make_durable_zone(baggage)
        return contract(zone, parameters)
    return start
def contract(zone, parameters):
    zone.exo("A", None, {})
    for name in parameters["names"]:
        zone.exo(name, None, {})  # finding: VD102
start = with_zone(contract)

# case: an entry with a decorator
def entry(function):
    @wraps(function)
    def wrapper(powers, parameters, baggage):
        prepare_exo(baggage, "Logger", None, {})
        return function(powers, parameters, baggage)  # finding: VD107
    return wrapper
@entry
def build_root_object(powers, parameters, baggage):
    prepare_exo(baggage, "A", None, {})
    prepare_exo(baggage, "Logger", None, {})

# case: an entry with a decorator that takes arguments
def entry(label):
    def decorate(function):
        @wraps(function)
        async def wrapper(powers, parameters, baggage):
            prepare_exo(baggage, label, None, {})
            return await function(powers, parameters, baggage)
        return wrapper
    return decorate
@entry("Logger")
async def build_root_object(powers, parameters, baggage):
    await E(parameters["x"]).get()
    prepare_exo(baggage, "A", None, {})  # finding: VD103

# case: a wrapper that awaits before it calls the entry
def after(function):
    async def wrapper(powers, parameters, baggage):
        await E(parameters["x"]).ready()
        return function(powers, parameters, baggage)  # finding: VD103
    return wrapper
@after
def build_root_object(powers, parameters, baggage):
    prepare_exo(baggage, "A", None, {})

# case: a wrapper that calls the entry on a condition
def guarded(function):
    def wrapper(powers, parameters, baggage):
        if parameters["enabled"]:
            return function(powers, parameters, baggage)  # finding: VD101
        return Far("Off", {})
    return wrapper
@guarded
def build_root_object(powers, parameters, baggage):
    prepare_exo(baggage, "A", None, {})

# case: an entry that is a method
class Contract:
    def __init__(self, label):
        self.label = label
    def start(self, powers, parameters, baggage):
        prepare_exo(baggage, self.label, None, {})
        if parameters["x"]:
            prepare_exo(baggage, "B", None, {})  # finding: VD101
build_root_object = Contract("A").start

# case: an entry that is a callable object
class Contract:
    def __call__(self, powers, parameters, baggage):
        if parameters["x"]:
            prepare_exo(baggage, "B", None, {})  # finding: VD101
build_root_object = Contract()

# case: a class as the entry
class Contract:
    def __init__(self, powers, parameters, baggage):
        if parameters["x"]:
            prepare_exo(baggage, "B", None, {})  # finding: VD101
build_root_object = Contract

# case: an entry with fewer parameters and other names
def build_root_object(_powers, _parameters, bag):
    if _parameters:
        prepare_exo(bag, "A", None, {})  # finding: VD101

# case: an entry with star arguments
def build_root_object(*args):
    _, parameters, baggage = args
    if parameters:
        prepare_exo(baggage, "A", None, {})  # finding: VD101

# case: an entry with keyword options
def build_root_object(powers, parameters, baggage, **options):
    prepare_exo(baggage, "A", None, {})
    return Far("Root", {})

# case: an entry behind a condition at module level
import sys
if sys.version_info >= (3, 11):
    def build_root_object(powers, parameters, baggage):
        if parameters:
            prepare_exo(baggage, "A", None, {})  # finding: VD101
else:
    def build_root_object(powers, parameters, baggage):
        prepare_exo(baggage, "A", None, {})

# case: a function that no entry calls is judged as well
def prepare_parts(bag, on):
    if on:
        prepare_exo(bag, "Part", None, {})  # finding: VD101

# case: a function that no entry calls and that is fine
def prepare_parts(bag):
    return prepare_exo(bag, "Part", None, {})

# case: aliases over two modules
# file: vat.py
from lib import setup as install
def build_root_object(powers, parameters, baggage):
    install(baggage)
    if parameters["more"]:
        install.extra(baggage) if hasattr(install, "extra") else None
# file: lib.py
from parts import prepare_part
setup = prepare_part
# file: parts.py
from vatdata_runtime import prepare_exo
def prepare_part(bag):
    return prepare_exo(bag, "Part", None, {})

# case: a package's __init__ gathers preparers
# file: vat.py
import kinds
def build_root_object(powers, parameters, baggage):
    kinds.prepare_purse(baggage)
    if parameters["x"]:
        kinds.prepare_vault(baggage)  # finding: VD101
# file: kinds/__init__.py
from .purse import prepare_purse
from .vault import *
__all__ = ["prepare_purse", "prepare_vault"]
# file: kinds/purse.py
from vatdata_runtime import prepare_exo
def prepare_purse(bag):
    return prepare_exo(bag, "Purse", None, {})
# file: kinds/vault.py
from vatdata_runtime import prepare_exo
def prepare_vault(bag):
    return prepare_exo(bag, "Vault", None, {})

# case: relative imports two levels up
# file: bank/__init__.py
# file: bank/vats/__init__.py
# file: bank/vats/main.py
from ..kinds import purse
from ..kinds.vault import install
def build_root_object(powers, parameters, baggage):
    purse.install(baggage)
    for n in parameters["n"]:
        install(baggage)  # finding: VD102
# file: bank/kinds/__init__.py
# file: bank/kinds/purse.py
from vatdata_runtime import prepare_exo
def install(bag):
    return prepare_exo(bag, "Purse", None, {})
# file: bank/kinds/vault.py
from vatdata_runtime import prepare_exo
def install(bag):
    return prepare_exo(bag, "Vault", None, {})

# case: an import inside the function
# file: vat.py
def build_root_object(powers, parameters, baggage):
    from kinds import install
    if parameters["x"]:
        install(baggage)  # finding: VD101
# file: kinds.py
from vatdata_runtime import prepare_exo
def install(bag):
    return prepare_exo(bag, "Vault", None, {})

# case: conditional imports of two implementations
# file: vat.py
try:
    from fast import install
except ImportError:
    from slow import install
def build_root_object(powers, parameters, baggage):
    if parameters["x"]:
        install(baggage)  # finding: VD101
# file: fast.py
from vatdata_runtime import prepare_exo
def install(bag):
    return prepare_exo(bag, "Vault", None, {"go": lambda this: 2})
# file: slow.py
from vatdata_runtime import prepare_exo
def install(bag):
    return prepare_exo(bag, "Vault", None, {"go": lambda this: 1})

# case: modules that import each other
# file: vat.py
import helper
def prepare_a(bag):
    return prepare_exo(bag, "A", None, {})
from vatdata_runtime import prepare_exo
def build_root_object(powers, parameters, baggage):
    helper.install(baggage, parameters["x"])
# file: helper.py
import vat
def install(bag, more):
    vat.prepare_a(bag)
    if more:
        bag.set("more", 1)

# case: the condition is in the other module
# file: vat.py
from helper import install
def build_root_object(powers, parameters, baggage):
    install(baggage, parameters["x"])
# file: helper.py
from vatdata_runtime import prepare_exo
def install(bag, more):
    prepare_exo(bag, "A", None, {})
    if more:
        prepare_exo(bag, "B", None, {})  # finding: VD101

# case: a class of preparers in another module
# file: vat.py
from manager import Manager
def build_root_object(powers, parameters, baggage):
    manager = Manager(baggage)
    manager.install_basics()
    if parameters["x"]:
        manager.install_extras()  # finding: VD101
# file: manager.py
from vatdata_runtime import make_durable_zone
class Manager:
    def __init__(self, bag):
        self.zone = make_durable_zone(bag)
    def install_basics(self):
        self.basic = self.zone.exo("Basic", None, {})
    def install_extras(self):
        self.extra = self._install("Extra")
    def _install(self, name):
        return self.zone.exo(name, None, {})

# case: a base class in another module
# file: vat.py
from base import Contract
class Mint(Contract):
    def install(self):
        super().install()
        self.zone.exo("Mint", None, {})
def build_root_object(powers, parameters, baggage):
    mint = Mint(baggage)
    if parameters["x"]:
        mint.install()  # finding: VD101
# file: base.py
from vatdata_runtime import make_durable_zone
class Contract:
    def __init__(self, bag):
        self.zone = make_durable_zone(bag)
    def install(self):
        self.zone.exo("Contract", None, {})

# case: a template method
# file: vat.py
from base import Contract
class Mint(Contract):
    def install(self, zone):
        zone.exo("Mint", None, {})
build_root_object = Mint().start
# file: base.py
from vatdata_runtime import Far, make_durable_zone
class Contract:
    def start(self, powers, parameters, baggage):
        zone = make_durable_zone(baggage)
        if parameters["x"]:
            self.install(zone)  # finding: VD101
        return Far("Contract", {})
    def install(self, zone):
        zone.exo("Plain", None, {})

# case: a registry filled by a decorator over modules
# file: vat.py
from registry import PREPARERS
import purse
def build_root_object(powers, parameters, baggage):
    for prepare in PREPARERS:
        prepare(baggage)
# file: registry.py
PREPARERS = []
def preparer(function):
    PREPARERS.append(function)
    return function
# file: purse.py
from registry import preparer
from vatdata_runtime import prepare_exo
@preparer
def prepare_purse(bag):
    return prepare_exo(bag, "Purse", None, {})

# case: an async helper in another module that sends
# file: vat.py
from helper import load
from vatdata_runtime import prepare_exo
async def build_root_object(powers, parameters, baggage):
    settings = await load(parameters)
    prepare_exo(baggage, "A", None, {"s": lambda this: settings})  # finding: VD103
# file: helper.py
from vatdata_runtime import E
async def load(parameters):
    return await E(parameters["x"]).settings()

# case: an async helper in another module that never suspends
# file: vat.py
from helper import load
from vatdata_runtime import prepare_exo
async def build_root_object(powers, parameters, baggage):
    settings = await load(parameters)
    prepare_exo(baggage, "A", None, {"s": lambda this: settings})
# file: helper.py
from checks import check
async def load(parameters):
    await check(parameters)
    return dict(parameters)
# file: checks.py
async def check(parameters):
    if "x" not in parameters:
        raise KeyError("x")

# case: constants in another module
# file: vat.py
from names import NAMES, TABLE
from vatdata_runtime import prepare_exo
def build_root_object(powers, parameters, baggage):
    for name in NAMES:
        prepare_exo(baggage, name, None, {})
    for name, size in TABLE.items():
        prepare_exo(baggage, f"{name}{size}", None, {})
# file: names.py
NAMES = ("A", "B")
TABLE = {"C": 1, "D": 2}

# case: one kind over two modules
# file: vat.py
from a import install_a
from b import install_b
def build_root_object(powers, parameters, baggage):
    install_a(baggage)
    install_b(baggage)  # finding: VD107
# file: a.py
from vatdata_runtime import prepare_exo
def install_a(bag):
    prepare_exo(bag, "Shared", None, {})
# file: b.py
from vatdata_runtime import prepare_exo
from a import install_a
def install_b(bag):
    prepare_exo(bag, "Shared", None, {})

# case: a build function that is made where the vat is opened
from vatdata_runtime import open_vat
def main(folder, debug):
    def build(vat_powers, vat_parameters, baggage):
        prepare_exo(baggage, "Main", None, {})
        if debug:
            prepare_exo(baggage, "Tracer", None, {})  # finding: VD101
        return Far("Root", {})
    with open_vat(folder, build) as vat:
        return vat.incarnation

# case: a helper that opens a vat with a function that it is given, and calls it at start
from vatdata_runtime import open_vat
def boot(folder, define):
    def build(vat_powers, vat_parameters, baggage):
        define(baggage)
        return Far("Root", {})
    return open_vat(folder, build)
def main(folder):
    return boot(folder, lambda baggage: prepare_exo(baggage, "Main", None, {}))

# case: a helper that opens a vat with a function that it is given, and calls it when asked
from vatdata_runtime import open_vat
def boot(folder, define):
    def build(vat_powers, vat_parameters, baggage):
        return Far("Root", {"thing": lambda: define(baggage)})  # finding: VD105
    return open_vat(folder, build)
def main(folder):
    return boot(folder, lambda baggage: prepare_exo(baggage, "Main", None, {}))

# case: a dict is no baggage, whatever it is called
def check(flag):
    baggage = {}
    if flag:
        prepare_exo(baggage, "A", None, {})
