# Definitions in functions that someone calls later, or at once.
from dataclasses import dataclass, field
from functools import cached_property, partial, wraps
from vatdata_runtime import Far, make_durable_zone, prepare_exo, prepare_exo_class

# case: a closure in the root
def build_root_object(vat_powers, vat_parameters, baggage):
    def go():
        return prepare_exo(baggage, "A", None, {})  # finding: VD105
    return Far("Root", {"go": go})

# case: a lambda in the root
def build_root_object(vat_powers, vat_parameters, baggage):
    return Far("Root", {"go": lambda: prepare_exo(baggage, "A", None, {})})  # finding: VD105

# case: a helper called in a closure
def prepare_a(baggage):
    return prepare_exo(baggage, "A", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    return Far("Root", {"go": lambda: prepare_a(baggage)})  # finding: VD105

# case: a closure called at once
def build_root_object(vat_powers, vat_parameters, baggage):
    def go():
        return prepare_exo(baggage, "A", None, {})
    a = go()
    return Far("Root", {"a": lambda: a})

# case: a lambda called at once
def build_root_object(vat_powers, vat_parameters, baggage):
    a = (lambda: prepare_exo(baggage, "A", None, {}))()
    return Far("Root", {"a": lambda: a})

# case: a maker closure per instance
def prepare_purse_maker(baggage):
    def make_purse(owner):
        make = prepare_exo_class(baggage, "Purse", None, dict, {})  # finding: VD105
        return make(owner)
    return make_purse
def build_root_object(vat_powers, vat_parameters, baggage):
    make_purse = prepare_purse_maker(baggage)
    return Far("Root", {"make_purse": make_purse})

# case: a maker closure that uses a kind from outside
def prepare_purse_maker(baggage):
    make = prepare_exo_class(baggage, "Purse", None, dict, {})
    def make_purse(owner):
        return make(owner)
    return make_purse
def build_root_object(vat_powers, vat_parameters, baggage):
    return Far("Root", {"make_purse": prepare_purse_maker(baggage)})

# case: a factory of preparers whose product is called at once
def preparer(name):
    def prepare(baggage):
        return prepare_exo(baggage, name, None, {})
    return prepare
def build_root_object(vat_powers, vat_parameters, baggage):
    preparer("A")(baggage)
    prepare_b = preparer("B")
    prepare_b(baggage)

# case: a factory of preparers whose product is kept
def preparer(name):
    def prepare(baggage):
        return prepare_exo(baggage, name, None, {})
    return prepare
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_b = preparer("B")
    return Far("Root", {"go": lambda: prepare_b(baggage)})  # finding: VD105

# case: methods of a local object, called in this crank
class Manager:
    def __init__(self, zone):
        self.zone = zone
    def setup(self):
        self.make = self.zone.exo_class("A", None, dict, {})
    def open(self):
        return self.make()
def build_root_object(vat_powers, vat_parameters, baggage):
    manager = Manager(make_durable_zone(baggage))
    manager.setup()
    return Far("Root", {"open": manager.open})

# case: methods of an object that is handed out
class Service:
    def __init__(self, baggage):
        self.baggage = baggage
    def make_ledger(self):
        return prepare_exo(self.baggage, "Ledger", None, {})  # finding: VD105
def build_root_object(vat_powers, vat_parameters, baggage):
    return Far("Root", Service(baggage))

# case: the constructor defines
class Service:
    def __init__(self, baggage):
        self.make = prepare_exo_class(baggage, "Ledger", None, dict, {})
    def open(self):
        return self.make()
def build_root_object(vat_powers, vat_parameters, baggage):
    return Far("Root", Service(baggage))

# case: a property
class Service:
    def __init__(self, baggage):
        self.baggage = baggage
    @property
    def ledger(self):
        return prepare_exo(self.baggage, "Ledger", None, {})  # finding: VD105
def build_root_object(vat_powers, vat_parameters, baggage):
    return Far("Root", Service(baggage))

# case: a property read at once
class Service:
    def __init__(self, baggage):
        self.baggage = baggage
    @cached_property
    def ledger(self):
        return prepare_exo(self.baggage, "Ledger", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    service = Service(baggage)
    ledger = service.ledger
    return Far("Root", {"ledger": lambda: ledger})

# case: a class made in the entry
def build_root_object(vat_powers, vat_parameters, baggage):
    class Root:
        def go(self):
            return prepare_exo(baggage, "A", None, {})  # finding: VD105
    return Far("Root", Root())

# case: a class body runs at once
def build_root_object(vat_powers, vat_parameters, baggage):
    class Kinds:
        purse = prepare_exo(baggage, "Purse", None, {})
    return Far("Root", {"purse": lambda: Kinds.purse})

# case: a generator expression that nobody runs
def build_root_object(vat_powers, vat_parameters, baggage):
    makers = (prepare_exo(baggage, n, None, {}) for n in ("A", "B"))  # finding: VD105
    return Far("Root", {"next": lambda: next(makers)})

# case: a generator that nobody runs
def parts(baggage):
    yield prepare_exo(baggage, "A", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    lazy = parts(baggage)  # finding: VD105
    return Far("Root", {"next": lambda: next(lazy)})

# case: map that nobody runs
def build_root_object(vat_powers, vat_parameters, baggage):
    map(lambda n: prepare_exo(baggage, n, None, {}), ("A", "B"))  # finding: VD105

# case: a closure given to something unknown
def build_root_object(vat_powers, vat_parameters, baggage):
    vat_powers.on_ready(lambda: prepare_exo(baggage, "A", None, {}))  # finding: VD105

# case: a decorator of the project that calls through
def logged(fn):
    @wraps(fn)
    def wrapper(*args, **options):
        print(fn.__name__)
        return fn(*args, **options)
    return wrapper
@logged
def prepare_a(baggage):
    return prepare_exo(baggage, "A", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_a(baggage)

# case: a decorated function called in a branch
def logged(fn):
    @wraps(fn)
    def wrapper(*args, **options):
        return fn(*args, **options)
    return wrapper
@logged
def prepare_a(baggage):
    return prepare_exo(baggage, "A", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    if vat_parameters:
        prepare_a(baggage)  # finding: VD101

# case: a default factory
def build_root_object(vat_powers, vat_parameters, baggage):
    @dataclass
    class Config:
        maker: object = field(default_factory=lambda: prepare_exo(baggage, "A", None, {}))  # finding: VD105
    return Far("Root", {"config": Config})

# case: a dead nested function
def build_root_object(vat_powers, vat_parameters, baggage):
    def unused():
        return prepare_exo(baggage, "A", None, {})
    return Far("Root", {})

# case: a preparer only handed around
def prepare_a(baggage):
    return prepare_exo(baggage, "A", None, {})
def run(prepare, baggage):
    return prepare(baggage)
def build_root_object(vat_powers, vat_parameters, baggage):
    run(prepare_a, baggage)
    run(partial(prepare_exo, baggage, "B"), None)

# case: nested closures, one handed out
def build_root_object(vat_powers, vat_parameters, baggage):
    def inner():
        return prepare_exo(baggage, "A", None, {})
    def outer():
        return inner()  # finding: VD105
    return Far("Root", {"go": outer})

# case: a closure kept in an attribute of something else
def build_root_object(vat_powers, vat_parameters, baggage):
    vat_powers.hook = lambda: prepare_exo(baggage, "A", None, {})  # finding: VD105

# case: a start of the tests' own hands build functions to what opens vats
def start(folder, boot):
    async def build(vat_powers, vat_parameters, baggage):
        prepare_exo(baggage, "Purse", None, {})
        return Far("Root", {})
    boot(folder, build)
    boot(folder, lambda vat_powers, parameters, baggage: prepare_exo(baggage, "Purse", None, {}))
