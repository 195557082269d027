# Definitions in code that somebody runs later: methods, closures, properties, factories, generators.
import functools
from dataclasses import dataclass, field
from vatdata_runtime import Exo, ExoKit, Facet, Far, M, make_durable_zone, make_exo, prepare_exo, prepare_exo_class, prepare_exo_class_kit

# case: in a method of a dict
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_exo(baggage, "Bank", None, {
        "open": lambda this: prepare_exo(baggage, "Purse", None, {}),  # finding: VD106
    })

# case: in a method of a class used as a bag of methods
def build_root_object(vat_powers, vat_parameters, baggage):
    class Bank:
        def open(this):
            return prepare_exo(baggage, "Purse", None, {})  # finding: VD106
    prepare_exo(baggage, "Bank", None, Bank)

# case: in a method of a facet
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_exo_class_kit(baggage, "Kit", None, lambda: {}, {
        "reader": {"read": lambda this: 1},
        "writer": {"write": lambda this: prepare_exo(baggage, "Log", None, {})},  # finding: VD106
    })

# case: in init
def build_root_object(vat_powers, vat_parameters, baggage):
    def init():
        return {"log": prepare_exo(baggage, "Log", None, {})}  # finding: VD106
    prepare_exo_class(baggage, "Bank", None, init, {})

# case: in finish
def build_root_object(vat_powers, vat_parameters, baggage):
    def finish(context):
        prepare_exo(baggage, "Log", None, {})  # finding: VD106
    prepare_exo_class(baggage, "Bank", None, lambda: {}, {}, finish=finish)

# case: in migrate
def build_root_object(vat_powers, vat_parameters, baggage):
    def migrate(state, version):
        prepare_exo(baggage, "Log", None, {})  # finding: VD106
        return state
    prepare_exo_class(baggage, "Bank", None, lambda: {}, {}, version=2, migrate=migrate)

# case: init only uses a maker that was defined before
def build_root_object(vat_powers, vat_parameters, baggage):
    make_log = prepare_exo_class(baggage, "Log", None, lambda: {}, {})
    prepare_exo_class(baggage, "Bank", None, lambda: {"log": make_log()}, {"log": lambda this: this.state.log})

# case: a method calls a helper that defines
def prepare_purse(bag):
    return prepare_exo(bag, "Purse", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_exo(baggage, "Bank", None, {
        "open": lambda this: prepare_purse(baggage),  # finding: VD106
    })

# case: a method of the root
def build_root_object(vat_powers, vat_parameters, baggage):
    def open_purse():
        return prepare_exo(baggage, "Purse", None, {})  # finding: VD105
    return Far("Root", {"open": open_purse})

# case: a lambda of the root
def build_root_object(vat_powers, vat_parameters, baggage):
    return Far("Root", {"open": lambda: prepare_exo(baggage, "Purse", None, {})})  # finding: VD105

# case: an object whose public methods are exposed
class Root:
    def __init__(self, bag):
        self.bag = bag
        self.purse = prepare_exo(bag, "Purse", None, {})
    def open(self):
        return prepare_exo(self.bag, "Vault", None, {})  # finding: VD105
def build_root_object(vat_powers, vat_parameters, baggage):
    return Far("Root", Root(baggage))

# case: a nested function that is called at once
def build_root_object(vat_powers, vat_parameters, baggage):
    def setup():
        return prepare_exo(baggage, "Purse", None, {})
    purse = setup()
    return Far("Root", {"purse": lambda: purse})

# case: a lambda that is called at once
def build_root_object(vat_powers, vat_parameters, baggage):
    purse = (lambda bag: prepare_exo(bag, "Purse", None, {}))(baggage)
    return Far("Root", {"purse": lambda: purse})

# case: a nested function that is called in one branch
def build_root_object(vat_powers, vat_parameters, baggage):
    def setup():
        return prepare_exo(baggage, "Purse", None, {})
    if vat_parameters["x"]:
        setup()  # finding: VD101

# case: a nested function that is given to a helper which calls it
def twice(work):
    return [work("A"), work("B")]
def build_root_object(vat_powers, vat_parameters, baggage):
    def setup(name):
        return prepare_exo(baggage, name, None, {})
    twice(setup)

# case: a nested function that is given to a helper which keeps it
HOOKS = []
def keep(work):
    HOOKS.append(work)
def build_root_object(vat_powers, vat_parameters, baggage):
    def setup():
        return prepare_exo(baggage, "A", None, {})  # finding: VD105
    keep(setup)

# case: a property that is read in the first crank
class Kinds:
    def __init__(self, bag):
        self.bag = bag
    @property
    def purse(self):
        return prepare_exo(self.bag, "Purse", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    kinds = Kinds(baggage)
    purse = kinds.purse
    return Far("Root", {"purse": lambda: purse})

# case: a property that a method reads
class Kinds:
    def __init__(self, bag):
        self.bag = bag
    @property
    def purse(self):
        return prepare_exo(self.bag, "Purse", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    kinds = Kinds(baggage)
    return Far("Root", {"purse": lambda: kinds.purse})  # finding: VD105

# case: a cached property, read once now
class Kinds:
    def __init__(self, bag):
        self.bag = bag
    @functools.cached_property
    def purse(self):
        return prepare_exo(self.bag, "Purse", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    kinds = Kinds(baggage)
    kinds.purse
    return Far("Root", {})

# case: a default factory of a dataclass
def build_root_object(vat_powers, vat_parameters, baggage):
    @dataclass
    class Holder:
        purse: object = field(default_factory=lambda: prepare_exo(baggage, "Purse", None, {}))  # finding: VD105
    return Far("Root", {"make": lambda: Holder().purse})

# case: a default argument is evaluated when the function is made
def build_root_object(vat_powers, vat_parameters, baggage):
    def use(purse=prepare_exo(baggage, "Purse", None, {})):
        return purse
    return Far("Root", {"use": use})

# case: a class body runs at once
def build_root_object(vat_powers, vat_parameters, baggage):
    class Kinds:
        purse = prepare_exo(baggage, "Purse", None, {})
    return Far("Root", {"purse": lambda: Kinds.purse})

# case: a partial that is returned as a method
def prepare_named(bag, name):
    return prepare_exo(bag, name, None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    return Far("Root", {"open": functools.partial(prepare_named, baggage)})  # finding: VD105

# case: a partial that is called
def prepare_named(bag, name):
    return prepare_exo(bag, name, None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare = functools.partial(prepare_named, baggage)
    prepare("A")
    prepare(name="B")

# case: a closure factory whose product is called now
def preparer(bag):
    def prepare(name):
        return prepare_exo(bag, name, None, {})
    return prepare
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare = preparer(baggage)
    prepare("A")
    preparer(baggage)("B")

# case: a closure factory whose product becomes a method
def preparer(bag):
    def prepare(name):
        return prepare_exo(bag, name, None, {})  # finding: VD105
    return prepare
def build_root_object(vat_powers, vat_parameters, baggage):
    return Far("Root", {"prepare": preparer(baggage)})

# case: a declarative class with a method that defines
def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage)
    class Bank(Exo):
        name: str
        def open(self) -> object:
            return prepare_exo(baggage, "Purse", None, {})  # finding: VD106
    zone.prepare(Bank)

# case: a declarative kit with a facet that defines
def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage)
    class Bank(ExoKit):
        name: str
        class admin(Facet):
            def open(self) -> object:
                return zone.exo("Purse", None, {})  # finding: VD106
    zone.prepare(Bank)

# case: declarative classes at module level, prepared in order
class Purse(Exo):
    balance: int = 0
    def deposit(self, amount: int) -> int:
        self.balance += amount
        return self.balance
class Bank(Exo):
    name: str
    def title(self) -> str:
        return self.name
def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage)
    for cls in (Purse, Bank):
        zone.prepare(cls)

# case: one declarative class under a condition
class Purse(Exo):
    balance: int = 0
def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage)
    if vat_parameters["purses"]:
        zone.prepare(Purse)  # finding: VD101

# case: in a callback that sorted calls now
def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage)
    purse = zone.exo("Purse", None, {})
    names = sorted(vat_parameters["names"], key=lambda name: len(name))
    return Far("Root", {"purse": lambda: purse, "names": lambda: names})

# case: a method defined in a loop of closures
def build_root_object(vat_powers, vat_parameters, baggage):
    methods = {}
    for name in ("a", "b"):
        methods[name] = lambda: prepare_exo(baggage, "X", None, {})  # finding: VD105
    return Far("Root", methods)

# case: stores and data in methods are fine
def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage)
    prepare_exo(baggage, "Bank", None, {
        "shelf": lambda this, name: zone.detached().map_store(name),
        "once": lambda this: zone.make_once("x", lambda key: 1),
        "sub": lambda this: zone.sub_zone("deep"),
    })

# case: heap exos in methods are fine
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_exo(baggage, "Bank", None, {"fresh": lambda this: make_exo("Fresh", None, {})})

# case: methods that a nested object calls now
class Builder:
    def __init__(self, zone):
        self.zone = zone
        self.makers = {}
    def add(self, name, methods):
        self.makers[name] = self.zone.exo(name, None, methods)
        return self
def build_root_object(vat_powers, vat_parameters, baggage):
    builder = Builder(make_durable_zone(baggage)).add("A", {}).add("B", {})
    return Far("Root", {"get": lambda name: builder.makers[name]})

# case: a builder called in a branch
class Builder:
    def __init__(self, zone):
        self.zone = zone
    def add(self, name):
        self.zone.exo(name, None, {})
        return self
def build_root_object(vat_powers, vat_parameters, baggage):
    builder = Builder(make_durable_zone(baggage)).add("A")
    if vat_parameters["x"]:
        builder.add("B")  # finding: VD101

# case: a subclass calls its parent's preparation
class Base:
    def __init__(self, bag):
        self.part = prepare_exo(bag, "Part", None, {})
class Whole(Base):
    def __init__(self, bag, more):
        super().__init__(bag)
        if more:
            self.more = prepare_exo(bag, "More", None, {})  # finding: VD101
def build_root_object(vat_powers, vat_parameters, baggage):
    whole = Whole(baggage, vat_parameters["more"])
    return Far("Root", {"part": lambda: whole.part})

# case: a callable object
class Setup:
    def __init__(self, bag):
        self.bag = bag
    def __call__(self, name):
        return prepare_exo(self.bag, name, None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    setup = Setup(baggage)
    setup("A")
    if vat_parameters["x"]:
        setup("B")  # finding: VD101

# case: a static and a class method
class Kinds:
    @staticmethod
    def purse(bag):
        return prepare_exo(bag, "Purse", None, {})
    @classmethod
    def vault(cls, bag):
        return prepare_exo(bag, cls.__name__, None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    Kinds.purse(baggage)
    for _ in vat_parameters["x"]:
        Kinds.vault(baggage)  # finding: VD102

# case: a lazily called lambda in a local table, one entry is called
def build_root_object(vat_powers, vat_parameters, baggage):
    table = {"a": lambda: prepare_exo(baggage, "A", None, {})}
    table["a"]()

# case: a decorator that calls the function at once
def now(function):
    return function()
def build_root_object(vat_powers, vat_parameters, baggage):
    @now
    def purse():
        return prepare_exo(baggage, "Purse", None, {})
    return Far("Root", {"purse": lambda: purse})

# case: a decorator that registers it
REGISTRY = {}
def register(function):
    REGISTRY[function.__name__] = function
    return function
def build_root_object(vat_powers, vat_parameters, baggage):
    @register
    def purse():
        return prepare_exo(baggage, "Purse", None, {})  # finding: VD105
    return Far("Root", {})

# case: a cached helper is called once for each name
@functools.cache
def prepare_named(bag, name):
    return prepare_exo(bag, name, None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_named(baggage, "A")
    prepare_named(baggage, "B")

# case: a closure that is called at once and handed out as well
def makers_of(baggage):
    def define(name):
        return prepare_exo(baggage, name, None, {})  # finding: VD105
    return define
def build_root_object(vat_powers, vat_parameters, baggage):
    define = makers_of(baggage)
    purse = define("Purse")
    return Far("Root", {"purse": lambda: purse, "more": define})
