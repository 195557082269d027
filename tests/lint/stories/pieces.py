# Work done in pieces: generators that are asked for a part, stacks of contexts, errors kept for later, parts of lists.
import functools
from contextlib import ExitStack, contextmanager
from itertools import islice
from vatdata_runtime import Far, prepare_exo, prepare_exo_class

# case: a generator that is asked for its first member only
def kinds(baggage):
    yield prepare_exo(baggage, "Purse", None, {})
    yield prepare_exo(baggage, "Mint", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    steps = kinds(baggage)  # finding: VD105
    purse = next(steps)
    return Far("Root", {"purse": lambda: purse})

# case: a generator that is asked for all of its members one by one
def kinds(baggage):
    yield prepare_exo(baggage, "Purse", None, {})
    yield prepare_exo(baggage, "Mint", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    steps = kinds(baggage)
    purse = next(steps)
    mint = next(steps)
    return Far("Root", {"purse": lambda: purse, "mint": lambda: mint})

# case: a generator whose rest is collected
def kinds(baggage):
    yield prepare_exo(baggage, "Purse", None, {})
    yield prepare_exo(baggage, "Mint", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    steps = kinds(baggage)
    purse = next(steps)
    rest = list(steps)
    return Far("Root", {"purse": lambda: purse, "rest": lambda: rest})

# case: the first two of three
def kinds(baggage):
    yield prepare_exo(baggage, "Purse", None, {})
    yield prepare_exo(baggage, "Mint", None, {})
    yield prepare_exo(baggage, "Vault", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    purse, mint = islice(kinds(baggage), 2)  # finding: VD105
    return Far("Root", {"purse": lambda: purse, "mint": lambda: mint})

# case: the first two of two
def kinds(baggage):
    yield prepare_exo(baggage, "Purse", None, {})
    yield prepare_exo(baggage, "Mint", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    purse, mint = islice(kinds(baggage), 2)
    return Far("Root", {"purse": lambda: purse, "mint": lambda: mint})

# case: a stack of contexts enters one that defines
@contextmanager
def kinds_of(baggage):
    purse = prepare_exo(baggage, "Purse", None, {})
    try:
        yield purse
    finally:
        prepare_exo(baggage, "Mint", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    with ExitStack() as stack:
        purse = stack.enter_context(kinds_of(baggage))
    if vat_parameters:
        with ExitStack() as stack:
            stack.enter_context(kinds_of(baggage.get("child")))  # finding: VD101
    return Far("Root", {"purse": lambda: purse})

# case: errors are collected and raised together
def prepare_purse(baggage):
    return prepare_exo(baggage, "Purse", None, {})
def prepare_mint(baggage):
    return prepare_exo(baggage, "Mint", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    errors = []
    for prepare in (prepare_purse, prepare_mint):
        try:
            prepare(baggage)
        except Exception as error:
            errors.append(error)
    if errors:
        raise ExceptionGroup("not prepared", errors)

# case: errors are collected and only told of
def prepare_purse(baggage):
    return prepare_exo(baggage, "Purse", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    errors = {}
    for prepare in (prepare_purse,):
        try:
            prepare(baggage)  # finding: VD101
        except Exception as error:
            errors[prepare.__name__] = error
    if errors:
        print(errors)

# case: a list that a caller hands in may be empty
def prepare_all(baggage, names):
    if names:
        prepare_exo(baggage, "Purse", None, {})  # finding: VD101
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_all(baggage, ["x"])

# case: parts of fixed lists
NAMES = ("Purse", "Mint", "Vault")
def build_root_object(vat_powers, vat_parameters, baggage):
    for name in NAMES[:2]:
        prepare_exo(baggage, name, None, {})
    for name in NAMES[::2]:
        prepare_exo(baggage, name, None, {})  # finding: VD107
    for name in NAMES[:vat_parameters["many"]]:
        prepare_exo(baggage, "Extra" + name, None, {})  # finding: VD102

# case: a variable of the module is asked again, without a baggage
_kinds = None
class Kinds:
    def __init__(self, baggage):
        self.purse = prepare_exo(baggage, "Purse", None, {})
def kinds_of(baggage=None):
    global _kinds
    if _kinds is None:
        _kinds = Kinds(baggage)
    return _kinds
def build_root_object(vat_powers, vat_parameters, baggage):
    kinds_of(baggage)
    return Far("Root", {"purse": lambda: kinds_of().purse})

# case: a helper fills the list that it is given
def add_core(steps):
    steps.append(("Purse", {}))
    steps.append(("Mint", {}))
def add_vault(steps, wanted):
    if wanted:
        steps.append(("Vault", {}))
def build_root_object(vat_powers, vat_parameters, baggage):
    steps = []
    add_core(steps)
    for name, methods in steps:
        prepare_exo(baggage, name, None, methods)
    more = []
    add_vault(more, vat_parameters)
    for name, methods in more:
        prepare_exo(baggage, name, None, methods)  # finding: VD101

# case: a helper that works on a copy
def longer(steps):
    steps = list(steps)
    steps.append("Mint")
    return steps
def build_root_object(vat_powers, vat_parameters, baggage):
    steps = ["Purse"]
    for name in longer(steps):
        prepare_exo(baggage, name, None, {})
    for name in steps:
        prepare_exo(baggage, "Old" + name, None, {})
    prepare_exo(baggage, "OldMint", None, {})

# case: a helper keeps a function in a list of the module, another in a list that is worked off
QUEUE = []
def later(queue, step):
    queue.append(step)
def build_root_object(vat_powers, vat_parameters, baggage):
    steps = []
    later(steps, lambda: prepare_exo(baggage, "Purse", None, {}))
    for step in steps:
        step()
    later(QUEUE, lambda: prepare_exo(baggage, "Mint", None, {}))  # finding: VD105

# case: handlers of a bus, kept in a table of lists
class Bus:
    def __init__(self):
        self.handlers = {}
    def on(self, name, handler):
        self.handlers.setdefault(name, []).append(handler)
    def emit(self, name):
        for handler in self.handlers.get(name, ()):
            handler()
def build_root_object(vat_powers, vat_parameters, baggage):
    bus = Bus()
    bus.on("ready", lambda: prepare_exo(baggage, "Purse", None, {}))  # finding: VD105
    return Far("Root", {"emit": bus.emit})

# case: a definer with its baggage, given to whoever calls it at the end
def prepare_purse(baggage):
    return prepare_exo(baggage, "Purse", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    vat_powers.at_end(prepare_purse, baggage)  # finding: VD105
    vat_powers.at_end(prepare_exo, baggage, "Mint", None, {})  # finding: VD105

# case: attributes by name
class Kinds:
    def __init__(self, baggage):
        self.baggage = baggage
    def add(self, name):
        setattr(self, name.lower(), prepare_exo(self.baggage, name, None, {}))
        return self
def build_root_object(vat_powers, vat_parameters, baggage):
    kinds = Kinds(baggage).add("Purse").add("Mint")
    setattr(kinds, "vault", lambda: prepare_exo(baggage, "Vault", None, {}))
    return Far("Root", {"open": lambda: kinds.vault()})  # finding: VD105

# case: rows of arguments, and names from a generator expression
from itertools import starmap
ROWS = [("Purse", {}), ("Mint", {})]
NUMBERED = tuple(f"Kind{n}" for n in range(3))
def build_root_object(vat_powers, vat_parameters, baggage):
    made = list(starmap(lambda name, methods: prepare_exo(baggage, name, None, methods), ROWS))
    for name in NUMBERED:
        prepare_exo(baggage, name, None, {})
    prepare_exo(baggage, "Kind2", None, {})  # finding: VD107
    later = starmap(lambda name: prepare_exo(baggage, name, None, {}), [("Vault",)])  # finding: VD105
    more = list(starmap(lambda name: prepare_exo(baggage, name, None, {}), vat_parameters))  # finding: VD102
    return Far("Root", {"made": lambda: made, "later": lambda: next(later)})

# case: a class method of a declarative class is no message
from vatdata_runtime import Exo, make_durable_zone
class Account(Exo):
    owner: str
    @classmethod
    def define(cls, zone):
        return zone.prepare(cls)
class Savings(Account):
    rate: int = 1
def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage)
    Account.define(zone)
    if vat_parameters:
        Savings.define(zone)  # finding: VD101

# case: methods of a class that are made from another one, and attributes that read each other
class Definer:
    prefix = "bank"
    full = prefix + ".Account"
    def __init__(self, baggage):
        self.baggage = baggage
    def define(self, name):
        return prepare_exo(self.baggage, name, None, {})
    purse = functools.partialmethod(define, "Purse")
    loan = functools.partialmethod(define, "Loan")
def build_root_object(vat_powers, vat_parameters, baggage):
    definer = Definer(baggage)
    purse = definer.purse()
    if vat_parameters:
        definer.loan()  # finding: VD101
    definer.define(Definer.full)
    prepare_exo(baggage, "bank.Account", None, {})  # finding: VD107
    return Far("Root", {"purse": lambda: purse})

# case: a break behind the call leaves out the next round
def build_root_object(vat_powers, vat_parameters, baggage):
    for name in ("Purse", "Mint"):
        prepare_exo(baggage, name, None, {})  # finding: VD101
        if vat_parameters.get("only") == name:
            break

# case: sums of lists, keys of a dict, names from named parts
CORE = ["Purse", "Mint"]
MORE = ["Vault"]
def build_root_object(vat_powers, vat_parameters, baggage):
    for name in sum([CORE, MORE], []):
        prepare_exo(baggage, name, None, {})
    for name in dict.fromkeys(["A", "B", "A"]):
        prepare_exo(baggage, name, None, {})
    prepare_exo(baggage, "{bank}.{kind}".format(bank="acme", kind="Account"), None, {})
    prepare_exo(baggage, "acme.Account", None, {})  # finding: VD107

# case: an object that makes what it is asked for, from what it keeps
class Makers:
    def __init__(self, baggage):
        self._baggage = baggage
    def __getattr__(self, name):
        return prepare_exo(self._baggage, name, None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    makers = Makers(baggage)
    purse = makers.Purse
    return Far("Root", {"purse": lambda: purse, "mint": lambda: makers.Mint})  # finding: VD105

# case: two functions under one decorator, of which one calls the other
def logged(function):
    def inner(*args, **keywords):
        print(function)
        return function(*args, **keywords)
    return inner
@logged
def prepare_low(baggage):
    prepare_exo(baggage, "Low", None, {})
@logged
def prepare_high(baggage):
    prepare_low(baggage)
def build_root_object(vat_powers, vat_parameters, baggage):
    if vat_parameters:
        prepare_high(baggage)  # finding: VD101

# case: one decorator several times over one function
def logged(function):
    def inner(*args):
        return function(*args)
    return inner
@logged
@logged
@logged
def prepare_low(baggage):
    prepare_exo(baggage, "Low", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    if vat_parameters:
        prepare_low(baggage)  # finding: VD101

# case: a method that comes from a base far up
class A:
    def setup(self, baggage):
        prepare_exo(baggage, "Low", None, {})
class B(A): pass
class C(B): pass
class D(C): pass
class E1(D): pass
class F(E1): pass
class G(F): pass
class H(G): pass
class I(H): pass
class J(I): pass
class K(J): pass
def build_root_object(vat_powers, vat_parameters, baggage):
    if vat_parameters:
        K().setup(baggage)  # finding: VD101

# case: loops nine deep, each with a definition
def build_root_object(vat_powers, vat_parameters, baggage):
    for a in vat_parameters:
        for b in a:
            for c in b:
                for d in c:
                    for e in d:
                        for f in e:
                            for g in f:
                                for h in g:
                                    prepare_exo(baggage, "H", None, {})  # finding: VD102
                                    for i in h:
                                        prepare_exo(baggage, "I", None, {})  # finding: VD102
                                prepare_exo(baggage, "G", None, {})  # finding: VD102
        prepare_exo(baggage, "A", None, {})  # finding: VD102
