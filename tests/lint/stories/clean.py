# Names and shapes that look like trouble and are none.
import functools
import sqlite3
from functools import partial
from vatdata_runtime import Far, M, make_durable_zone, make_heap_zone, make_kind_handle, make_virtual_zone, prepare_exo
from vatdata_runtime import prepare_exo_class, prepare_exo_class_kit, provide, watch_promise
from vatdata_runtime import prepare_exo as pe
import vatdata_runtime as vd

# case: prepare of a database
def build_root_object(vat_powers, vat_parameters, baggage):
    db = vat_powers.db
    for sql in vat_parameters["sql"]:
        db.prepare(sql)
    if vat_parameters:
        db.prepare_statement("x")
    return Far("Root", {"q": lambda: db.prepare("select 1")})

# case: functions that are only called prepare
def prepare_message(text):
    return text.strip()
def build_root_object(vat_powers, vat_parameters, baggage):
    if vat_parameters:
        prepare_message("x")
    return Far("Root", {"p": lambda: prepare_message("y")})

# case: heap and virtual zones anywhere
heap = make_heap_zone()
make_note = heap.exo_class("Note", None, dict, {})
async def build_root_object(vat_powers, vat_parameters, baggage):
    virtual = make_virtual_zone()
    for name in vat_parameters:
        virtual.exo(name, None, {})
    await vat_parameters["p"]
    heap.exo("Late", None, {})
    return Far("Root", {"x": lambda: heap.exo("X", None, {}), "n": make_note})

# case: a helper that only gets a heap zone
def prepare_note(zone, flag):
    if flag:
        zone.exo("Note", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_note(make_heap_zone(), vat_parameters)

# case: a helper that gets both zones
def prepare_note(zone, flag):
    if flag:
        zone.exo("Note", None, {})  # finding: VD101
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_note(make_heap_zone(), vat_parameters)
    prepare_note(make_durable_zone(baggage), vat_parameters)

# case: providers of data
def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage)
    if vat_parameters:
        zone.map_store("a")
        zone.sub_zone("b").set_store("c")
        provide(baggage, "n", lambda key: 1)
        make_kind_handle("T")
        zone.detached()
        watch_promise(vat_parameters["p"], None)
    make = prepare_exo_class(baggage, "A", None, dict, {})
    for n in vat_parameters:
        make(n)
    return Far("Root", {"make": make, "again": lambda: make()})

# case: aliases
def build_root_object(vat_powers, vat_parameters, baggage):
    pe(baggage, "A", None, {})
    vd.prepare_exo(baggage, "B", None, {})
    local = pe
    local(baggage, "C", None, {})

# case: an alias in a branch
def build_root_object(vat_powers, vat_parameters, baggage):
    if vat_parameters:
        pe(baggage, "A", None, {})  # finding: VD101
    local = vd.prepare_exo
    for n in vat_parameters:
        local(baggage, n, None, {})  # finding: VD102

# case: a partial
prepare_here = partial(prepare_exo, guard=None, methods={})
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_here(baggage, "A")
    prepare_b = functools.partial(prepare_exo, baggage, "B", None)
    prepare_b({})
    if vat_parameters:
        prepare_here(baggage, "C")  # finding: VD101

# case: camel case
def buildRootObject(vat_powers, vat_parameters, baggage):
    from vatdata_runtime import prepareExoClass
    prepareExoClass(baggage, "A", None, dict, {})
    if vat_parameters:
        prepareExoClass(baggage, "B", None, dict, {})  # finding: VD101

# case: an unresolved name that gets the baggage
from elsewhere import prepare_ledger, provide_thing
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_ledger(baggage)
    if vat_parameters:
        provide_thing(baggage)
        prepare_ledger(baggage, "x")  # finding: VD101

# case: an entry made by a wrapper
def with_setup(contract):
    def wrapped(vat_powers, vat_parameters, baggage):
        zone = make_durable_zone(baggage)
        return contract(zone, vat_parameters)
    return wrapped
def contract(zone, params):
    zone.exo("A", None, {})
    return Far("Root", {})
build_root_object = with_setup(contract)

# case: an entry made by a wrapper that waits first
def with_setup(contract):
    async def wrapped(vat_powers, vat_parameters, baggage):
        await vat_powers.ready
        return contract(make_durable_zone(baggage), vat_parameters)  # finding: VD103
    return wrapped
def contract(zone, params):
    zone.exo("A", None, {})
    return Far("Root", {})
build_root_object = with_setup(contract)

# case: an entry made by a decorator from elsewhere
from elsewhere import vat
@vat
def build_root_object(vat_powers, vat_parameters, baggage):
    if vat_parameters:
        prepare_exo(baggage, "A", None, {})  # finding: VD101

# case: start with another signature
async def start(zcf, private_args, baggage):
    prepare_exo(baggage, "A", None, {})
    await private_args.bank
    prepare_exo(baggage, "B", None, {})  # finding: VD103

# case: options in a dict
OPTIONS = {"state_shape": {"x": 1}}
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_exo_class(baggage, "A", None, dict, {}, **OPTIONS)
    spec = {"kind_name": "B", "guard": None, "methods": {}}
    prepare_exo(baggage, **spec)

# case: classes of helpers
class Kinds:
    def __init__(self, baggage):
        self.baggage = baggage
        self.make_a = prepare_exo_class(baggage, "A", None, dict, {})
        self._more()
    def _more(self):
        self.make_b = prepare_exo_class(self.baggage, "B", None, dict, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    kinds = Kinds(baggage)
    return Far("Root", {"a": lambda: kinds.make_a(), "b": lambda: kinds.make_b()})

# case: static and class methods
class Kinds:
    @staticmethod
    def prepare_a(baggage):
        return prepare_exo(baggage, "A", None, {})
    @classmethod
    def prepare_b(cls, baggage):
        return prepare_exo(baggage, "B", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    Kinds.prepare_a(baggage)
    Kinds.prepare_b(baggage)
    if vat_parameters:
        Kinds.prepare_b(baggage)  # finding: VD107

# case: inheritance
class Base:
    def __init__(self, baggage):
        self.a = prepare_exo(baggage, "A", None, {})
class Child(Base):
    def __init__(self, baggage):
        super().__init__(baggage)
        self.b = prepare_exo(baggage, "B", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    child = Child(baggage)
    return Far("Root", {"b": lambda: child.b})

# case: recursion that defines nothing
def depth(tree):
    return 1 + max(depth(child) for child in tree["children"])
def build_root_object(vat_powers, vat_parameters, baggage):
    depth(vat_parameters)
    prepare_exo(baggage, "A", None, {})

# case: mutual recursion, one definition
def even(baggage, n):
    return True if n == 0 else odd(baggage, n - 1)
def odd(baggage, n):
    return False if n == 0 else even(baggage, n - 1)
def build_root_object(vat_powers, vat_parameters, baggage):
    even(baggage, 4)
    prepare_exo(baggage, "A", None, {})

# case: evaluated defaults and decorators
def build_root_object(vat_powers, vat_parameters, baggage):
    def use(a=prepare_exo(baggage, "A", None, {})):
        return a
    return Far("Root", {"use": use})

# case: names from a comprehension of constants
def build_root_object(vat_powers, vat_parameters, baggage):
    makers = {}
    for name in [n.upper() for n in ("a", "b")]:
        makers[name] = prepare_exo(baggage, name, None, {})
    return Far("Root", {"get": lambda n: makers[n]})

# case: everything in one expression
def build_root_object(vat_powers, vat_parameters, baggage):
    return Far("Root", {
        "a": prepare_exo(baggage, "A", None, {}).go,
        "b": prepare_exo_class_kit(baggage, "B", None, dict, {"x": {}, "y": {}}),
    })

# case: a docstring and a comment that speak of it
def build_root_object(vat_powers, vat_parameters, baggage):
    """if x: prepare_exo(baggage, "A", None, {})"""
    # for n in names: prepare_exo(baggage, n, None, {})
    return Far("Root", {"text": lambda: "prepare_exo(baggage)"})
