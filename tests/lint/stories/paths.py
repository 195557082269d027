# What a way through a program shows: flags, keys of the baggage that are there or not, calls that never return, bases.
import threading
from enum import Enum
from functools import partial
from types import SimpleNamespace
from typing import assert_never
from vatdata_runtime import Far, prepare_exo, prepare_exo_class

# case: a key of a dict is no key of the baggage
def define(baggage):
    return prepare_exo(baggage, "Ledger", None, {})

def accounting(baggage, features):
    parts = {}
    if "ledger" in features:
        parts["ledger"] = define(baggage)  # finding: VD101
    return parts

def build_root_object(vat_powers, vat_parameters, baggage):
    parts = accounting(baggage, vat_parameters["features"])
    return Far("Root", {"parts": lambda: tuple(parts)})

# case: what is written where the key is there already is not the first write
def define(baggage):
    return prepare_exo(baggage, "Market", None, {})

def reopen(baggage):
    if baggage.has("market"):
        baggage.set("market", define(baggage))  # finding: VD101

def build_root_object(vat_powers, vat_parameters, baggage):
    reopen(baggage)
    return Far("Root", {})

# case: an early return where a later message has not yet written the key
def define(baggage):
    return prepare_exo(baggage, "Market", None, {})

def build_root_object(vat_powers, vat_parameters, baggage):
    def open_market():
        baggage.init("market", define(baggage))

    if not baggage.has("market"):
        return Far("Root", {"open": open_market})
    market = define(baggage)
    return Far("Root", {"open": open_market, "market": lambda: market})

# case: an early return that has nothing to do with the key
def define(baggage):
    return prepare_exo(baggage, "Market", None, {})

def build_root_object(vat_powers, vat_parameters, baggage):
    def open_market():
        baggage.init("market", define(baggage))

    if vat_parameters.get("closed"):
        return Far("Root", {})
    if not baggage.has("market"):
        return Far("Root", {"open": open_market})
    market = define(baggage)  # finding: VD101
    return Far("Root", {"open": open_market, "market": lambda: market})

# case: the key stands before an and, and in a conditional expression
def define(baggage):
    return prepare_exo(baggage, "Market", None, {})

def build_root_object(vat_powers, vat_parameters, baggage):
    market = baggage.has("market") and define(baggage)

    def open_market():
        nonlocal market
        market = define(baggage) if market is False else market
        if not baggage.has("market"):
            baggage.init("market", market)

    return Far("Root", {"open": open_market})

# case: another condition inside the test of the key
def define(baggage):
    return prepare_exo(baggage, "Market", None, {})

def build_root_object(vat_powers, vat_parameters, baggage):
    if baggage.has("market"):
        if vat_parameters.get("open"):
            define(baggage)  # finding: VD101

    def open_market():
        baggage.init("market", define(baggage))

    return Far("Root", {"open": open_market})

# case: a flag tells that the definition was skipped, and the start is refused
def build_root_object(vat_powers, vat_parameters, baggage):
    ok = False
    try:
        size = vat_parameters["size"]
        prepare_exo(baggage, "Hall", None, {"size": lambda this: size})
        ok = True
    except KeyError:
        print("no size")
    if not ok:
        raise ValueError("the parameters are not complete")
    return Far("Root", {})

# case: a flag tells that the definition was skipped, and the start goes on
def build_root_object(vat_powers, vat_parameters, baggage):
    ok = False
    try:
        size = vat_parameters["size"]
        prepare_exo(baggage, "Hall", None, {"size": lambda this: size})  # finding: VD101
        ok = True
    except KeyError:
        print("no size")
    if not ok:
        print("the parameters are not complete")
    return Far("Root", {})

# case: a flag that is set in a loop may be either
def build_root_object(vat_powers, vat_parameters, baggage):
    first = True
    for name in vat_parameters["names"]:
        if first:
            first = False
            continue
        prepare_exo(baggage, name, None, {})  # finding: VD102
    return Far("Root", {})

# case: a variable that stayed None refuses the start
def build_root_object(vat_powers, vat_parameters, baggage):
    hall = None
    try:
        size = vat_parameters["size"]
        hall = prepare_exo(baggage, "Hall", None, {"size": lambda this: size})
    except KeyError:
        pass
    if hall is None:
        raise ValueError("the parameters are not complete")
    return Far("Root", {"hall": lambda: hall})

# case: the last case never returns
class Mode(Enum):
    FAST = 1
    SLOW = 2

def build_root_object(vat_powers, vat_parameters, baggage):
    mode = Mode(vat_parameters["mode"])
    match mode:
        case Mode.FAST:
            prepare_exo(baggage, "Runner", None, {"speed": lambda this: 2})
        case Mode.SLOW:
            prepare_exo(baggage, "Runner", None, {"speed": lambda this: 1})
        case _:
            assert_never(mode)
    return Far("Root", {})

# case: an own class of threads
class Worker(threading.Thread):
    def __init__(self, baggage):
        super().__init__(daemon=True)
        self.baggage = baggage

    def run(self):
        prepare_exo(self.baggage, "Late", None, {})

def build_root_object(vat_powers, vat_parameters, baggage):
    worker = Worker(baggage)
    worker.start()  # finding: VD104
    return Far("Root", {})

# case: an inherited method of behaviour
STATE = {}

class Grows:
    def grow(this, name):
        return prepare_exo(STATE["baggage"], name, None, {})  # finding: VD106

class Plant(Grows):
    pass

def build_root_object(vat_powers, vat_parameters, baggage):
    STATE["baggage"] = baggage
    return Far("Root", {"plant": prepare_exo_class(baggage, "Plant", None, lambda: {}, Plant)})

# case: an inherited method of the root
class Base:
    def __init__(self, baggage):
        self.baggage = baggage

    def open(self, name):
        return prepare_exo(self.baggage, name, None, {})  # finding: VD105

class Root(Base):
    pass

def build_root_object(vat_powers, vat_parameters, baggage):
    return Far("Root", Root(baggage))

# case: definers in a namespace
kinds = SimpleNamespace(
    user=lambda baggage: prepare_exo(baggage, "User", None, {}),
    group=lambda baggage: prepare_exo(baggage, "Group", None, {}),
)

def build_root_object(vat_powers, vat_parameters, baggage):
    user = kinds.user(baggage)
    group = kinds.group(baggage) if vat_parameters.get("groups") else None  # finding: VD101
    return Far("Root", {"user": lambda: user, "group": lambda: group})

# case: objects of a list that the parameters make longer
class Part:
    def __init__(self, baggage, name):
        self.baggage = baggage
        self.name = name

    def install(self):
        return prepare_exo(self.baggage, self.name, None, {})

def build_root_object(vat_powers, vat_parameters, baggage):
    parts = []
    for name in vat_parameters["names"]:
        parts.append(("part", Part(baggage, name)))
    for word, part in parts:
        part.install()  # finding: VD102
    return Far("Root", {"n": lambda: len(parts)})

# case: the entry is an object that knows what it defines
class App:
    def __init__(self, names):
        self.names = names

    def __call__(self, vat_powers, vat_parameters, baggage):
        exos = [prepare_exo(baggage, name, None, {}) for name in self.names]
        return Far("Root", {"n": lambda: len(exos)})

build_root_object = App(("A", "B"))

# case: the entry is a function to which what it defines is bound
def build(names, vat_powers, vat_parameters, store):
    for name in names:
        prepare_exo(store, name, None, {})
    if vat_parameters.has("old"):
        prepare_exo(store, "Old", None, {})  # finding: VD101
    return Far("Root", {})

build_root_object = partial(build, ("A", "B"))

# case: a message defines and writes the key where nobody has before
class Market:
    def __init__(self, baggage):
        self.baggage = baggage
        self.exo = self.define() if baggage.has("market") else None

    def define(self):
        return prepare_exo(self.baggage, "Market", None, {})

    def open(self):
        if self.exo is None:
            self.exo = self.define()
            self.baggage.init("market", self.exo)
        return self.exo

def build_root_object(vat_powers, vat_parameters, baggage):
    return Far("Root", Market(baggage))

# case: a message defines where nobody has before, and writes another key
class Market:
    def __init__(self, baggage):
        self.baggage = baggage
        self.exo = self.define() if baggage.has("market") else None  # finding: VD101

    def define(self):
        return prepare_exo(self.baggage, "Market", None, {})

    def open(self, name):
        self.exo = self.define()  # finding: VD105
        self.baggage.init(name, self.exo)
        return self.exo

def build_root_object(vat_powers, vat_parameters, baggage):
    return Far("Root", Market(baggage))

# case: a helper writes the key on the one way and forgets a kind on it
def define(baggage):
    if baggage.has("record"):
        prepare_exo(baggage, "Issuer", None, {})
        prepare_exo(baggage, "Upgrader", None, {})  # finding: VD101
    else:
        prepare_exo(baggage, "Issuer", None, {})
        baggage.init("record", 1)

def build_root_object(vat_powers, vat_parameters, baggage):
    define(baggage)
    return Far("Root", {})

# case: a copy of the context runs its function at once
import contextvars
def define(baggage):
    return prepare_exo(baggage, "Market", None, {})

def build_root_object(vat_powers, vat_parameters, baggage):
    context = contextvars.copy_context()
    market = context.run(define, baggage)
    if vat_parameters:
        contextvars.copy_context().run(prepare_exo, baggage, "Sometimes", None, {})  # finding: VD101
    return Far("Root", {"market": lambda: market})
