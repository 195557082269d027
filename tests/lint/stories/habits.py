# What programs do so as not to do a thing twice, and values that are never false.
import functools
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import Enum
from functools import cached_property, lru_cache
from vatdata_runtime import Far, make_durable_zone, prepare_exo, prepare_exo_class, provide_durable_map_store

# case: makers in a table, made when missing, all of them at start
def build_root_object(vat_powers, vat_parameters, baggage):
    makers = {}
    def maker_of(name):
        if name not in makers:
            makers[name] = prepare_exo_class(baggage, name, None, dict, {})
        return makers[name]
    for name in ("Purse", "Mint"):
        maker_of(name)
    return Far("Root", {"purse": lambda: maker_of("Purse")(), "mint": lambda: maker_of("Mint")()})

# case: makers in a table, one of them first asked for by a message
def build_root_object(vat_powers, vat_parameters, baggage):
    makers = {}
    def maker_of(name):
        if name in makers:
            return makers[name]
        makers[name] = prepare_exo_class(baggage, name, None, dict, {})
        return makers[name]
    maker_of("Purse")
    return Far("Root", {"purse": lambda: maker_of("Purse")(), "mint": lambda: maker_of("Mint")()})  # finding: VD105

# case: makers in a table, whichever a message asks for
def build_root_object(vat_powers, vat_parameters, baggage):
    makers = {}
    def maker_of(name):
        if name not in makers:
            makers[name] = prepare_exo_class(baggage, name, None, dict, {})
        return makers[name]
    return Far("Root", {"make": lambda name: maker_of(name)()})  # finding: VD105

# case: a durable table is full from the start in the next incarnation
def build_root_object(vat_powers, vat_parameters, baggage):
    known = provide_durable_map_store(baggage, "known")
    for name in ("Purse", "Mint"):
        if name not in known:
            known.init(name, True)
            prepare_exo(baggage, name, None, {})  # finding: VD101

# case: an attribute that begins as None, made when missing
class Bank:
    def __init__(self, baggage):
        self.baggage = baggage
        self.maker = None
    def make(self):
        if self.maker is None:
            self.maker = prepare_exo_class(self.baggage, "Account", None, dict, {})
        return self.maker()
def build_root_object(vat_powers, vat_parameters, baggage):
    bank = Bank(baggage)
    first = bank.make()
    return Far("Root", {"first": lambda: first, "make": lambda: bank.make()})

# case: an attribute that somebody may bring along
class Bank:
    def __init__(self, baggage, maker=None):
        self.baggage = baggage
        self.maker = maker
    def make(self):
        if self.maker is None:
            self.maker = prepare_exo_class(self.baggage, "Account", None, dict, {})  # finding: VD101
        return self.maker
def build_root_object(vat_powers, vat_parameters, baggage):
    maker = Bank(baggage, vat_parameters["maker"]).make()
    return Far("Root", {"make": lambda: maker()})

# case: a cache in front of a definer, filled at start
def build_root_object(vat_powers, vat_parameters, baggage):
    @functools.cache
    def maker(name):
        return prepare_exo_class(baggage, name, None, dict, {})
    maker("Purse")
    maker("Purse")
    return Far("Root", {"purse": lambda: maker("Purse")()})

# case: a cache in front of a definer, filled by a message
def build_root_object(vat_powers, vat_parameters, baggage):
    @lru_cache(maxsize=None)
    def maker(name):
        return prepare_exo_class(baggage, name, None, dict, {})
    return Far("Root", {"purse": lambda: maker("Purse")()})  # finding: VD105

# case: a cached property that was read at start
class Bank:
    def __init__(self, baggage):
        self.baggage = baggage
    @cached_property
    def make_account(self):
        return prepare_exo_class(self.baggage, "Account", None, dict, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    bank = Bank(baggage)
    bank.make_account
    return Far("Root", {"account": lambda: bank.make_account()})

# case: a zone and what a definer gives are never false
def build_root_object(vat_powers, vat_parameters, baggage):
    if (zone := make_durable_zone(baggage)) and (make := zone.exo_class("Purse", None, dict, {})):
        return Far("Root", {"make": lambda: make()})
    return Far("Root", {})

# case: an empty baggage is false
def build_root_object(vat_powers, vat_parameters, baggage):
    baggage and prepare_exo(baggage, "A", None, {})  # finding: VD101

# case: an argument that says whether a function given along runs now
WAITING = []
def boot(zone, define, later=False):
    if later:
        WAITING.append(define)
        return None
    return define(zone)
def build_root_object(vat_powers, vat_parameters, baggage):
    boot(baggage, lambda zone: prepare_exo(zone, "A", None, {}))
    boot(baggage, lambda zone: prepare_exo(zone, "B", None, {}), later=True)  # finding: VD105

# case: a callback that may be left out
def boot(zone, before=None, after=None):
    if before is not None:
        before(zone)
    prepare_exo(zone, "Main", None, {})
    if after:
        after(zone)
def build_root_object(vat_powers, vat_parameters, baggage):
    boot(baggage, before=lambda zone: prepare_exo(zone, "A", None, {}), after=lambda zone: prepare_exo(zone, "B", None, {}))

# case: a setting of the module that a function is given
LATER = False
def boot(zone, define, later):
    return None if later else define(zone)
def build_root_object(vat_powers, vat_parameters, baggage):
    boot(baggage, lambda zone: prepare_exo(zone, "A", None, {}), LATER)  # finding: VD101

# case: the text of an object is its id, unless its class says what it is
class Plain:
    pass
class Named(Plain):
    def __str__(self):
        return "Named"
@dataclass
class Record:
    n: int = 1
class Level(Enum):
    LOW = "low"
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_exo(baggage, f"A {Plain()}", None, {})  # finding: VD108
    prepare_exo(baggage, f"B {Named()}", None, {})
    prepare_exo(baggage, f"C {Named()!r}", None, {})  # finding: VD108
    prepare_exo(baggage, f"D {Record()} {Level.LOW}", None, {})
    prepare_exo(baggage, "E " + str(Plain()), None, {})  # finding: VD108

# case: a pool maps in threads
def build_root_object(vat_powers, vat_parameters, baggage):
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda name: prepare_exo(baggage, name, None, {}), ["A", "B"]))  # finding: VD104

# case: a variable of the module that begins as None, made when missing
_bank = None
def bank(baggage=None):
    global _bank
    if _bank is None:
        _bank = prepare_exo_class(baggage, "Bank", None, dict, {})
    return _bank
def build_root_object(vat_powers, vat_parameters, baggage):
    bank(baggage)
    return Far("Root", {"bank": lambda: bank(baggage)()})

# case: a variable of the entry that begins as None, made when missing, by a message
def build_root_object(vat_powers, vat_parameters, baggage):
    make = None
    def maker():
        nonlocal make
        if make is None:
            make = prepare_exo_class(baggage, "Purse", None, dict, {})
        return make
    return Far("Root", {"purse": lambda: maker()()})  # finding: VD105

# case: an argument that may be left out
def maker(baggage, make=None):
    if make is None:
        make = prepare_exo_class(baggage, "Purse", None, dict, {})  # finding: VD101
    return make
def build_root_object(vat_powers, vat_parameters, baggage):
    make = maker(baggage, vat_parameters["maker"])
    return Far("Root", {"purse": lambda: make()})

# case: an object that hands everything on to a zone
class Logged:
    def __init__(self, zone):
        self._zone = zone
    def __getattr__(self, name):
        return getattr(self._zone, name)
def build_root_object(vat_powers, vat_parameters, baggage):
    zone = Logged(make_durable_zone(baggage))
    zone.exo("A", None, {})
    if vat_parameters["b"]:
        zone.exo("B", None, {})  # finding: VD101

# case: a plug-in of the module that is none today
PLUGIN = None
def build_root_object(vat_powers, vat_parameters, baggage):
    if PLUGIN is not None:
        prepare_exo(baggage, "Plugged", None, {})  # finding: VD101
