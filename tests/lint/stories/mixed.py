# Shapes that fit no single subject: laziness, dispatch, coroutines handed on, zones behind attributes.
import asyncio
import contextlib
import functools
import itertools
from functools import partial
from vatdata_runtime import E, Exo, Far, make_durable_zone, make_heap_zone, make_virtual_zone, prepare_exo, prepare_exo_class, prepare_exo_class_kit, provide, provide_durable_map_store, make_exo

# case: nonlocal rebinding in a called helper
def build_root_object(vat_powers, vat_parameters, baggage):
    maker = None
    def setup():
        nonlocal maker
        maker = prepare_exo_class(baggage, "A", None, dict, {})
    setup()
    return Far("Root", {"make": lambda: maker()})

# case: try finally with early return in body
def build_root_object(vat_powers, vat_parameters, baggage):
    try:
        if vat_parameters:
            return Far("R", {})
        prepare_exo(baggage, "A", None, {})  # finding: VD101
    finally:
        prepare_exo(baggage, "B", None, {})

# case: nested try, inner reraises to a swallowing outer
def build_root_object(vat_powers, vat_parameters, baggage):
    try:
        try:
            prepare_exo(baggage, "A", None, {})  # finding: VD101
        except KeyError:
            raise
    except Exception:
        pass

# case: handler calls sys.exit
def build_root_object(vat_powers, vat_parameters, baggage):
    import sys
    try:
        prepare_exo(baggage, "A", None, {})
    except Exception:
        sys.exit(1)

# case: contextlib.suppress by module
def build_root_object(vat_powers, vat_parameters, baggage):
    with contextlib.suppress(Exception):
        prepare_exo(baggage, "A", None, {})  # finding: VD101

# case: lambda default argument evaluated now
def build_root_object(vat_powers, vat_parameters, baggage):
    return Far("R", {"x": lambda a=prepare_exo(baggage, "A", None, {}): a})

# case: async generator consumed
async def kinds(baggage):
    yield prepare_exo(baggage, "A", None, {})
async def build_root_object(vat_powers, vat_parameters, baggage):
    return [k async for k in kinds(baggage)]

# case: method on self of an entry class
class Vat:
    def __init__(self, baggage):
        self.baggage = baggage
    def prepare_kinds(self):
        self.make = prepare_exo_class(self.baggage, "A", None, dict, {})
    def later(self):
        return prepare_exo(self.baggage, "B", None, {})  # finding: VD105
def build_root_object(vat_powers, vat_parameters, baggage):
    vat = Vat(baggage)
    vat.prepare_kinds()
    return Far("Root", {"later": vat.later})

# case: dict dispatch chosen by parameter
def pa(baggage):
    return prepare_exo(baggage, "A", None, {})
def pb(baggage):
    return prepare_exo(baggage, "B", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    return {"a": pa, "b": pb}[vat_parameters["which"]](baggage)  # finding: VD101

# case: dict dispatch with a literal key
def pa(baggage):
    return prepare_exo(baggage, "A", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    return {"a": pa}["a"](baggage)

# case: same kinds through different dispatch
def pa(baggage):
    return prepare_exo(baggage, "A", None, {"v": 1})
def pb(baggage):
    return prepare_exo(baggage, "A", None, {"v": 2})
def build_root_object(vat_powers, vat_parameters, baggage):
    return (pa if vat_parameters else pb)(baggage)

# case: map with a named function over literal
def build_root_object(vat_powers, vat_parameters, baggage):
    def prep(name):
        return prepare_exo(baggage, name, None, {})
    a, b = map(prep, ("A", "B"))
    return Far("R", {"a": lambda: a, "b": lambda: b})

# case: for over map result
def build_root_object(vat_powers, vat_parameters, baggage):
    for maker in map(partial(prepare_exo, baggage, guard=None, methods={}), ["A", "B"]):
        print(maker)

# case: reduce
def build_root_object(vat_powers, vat_parameters, baggage):
    functools.reduce(lambda acc, n: [*acc, prepare_exo(baggage, n, None, {})], vat_parameters, [])  # finding: VD102

# case: dict comprehension over literal dict items with condition on constant
SPEC = {"A": True, "B": False}
def build_root_object(vat_powers, vat_parameters, baggage):
    return {n: prepare_exo(baggage, n, None, {}) for n, on in SPEC.items() if on}  # finding: VD101

# case: itertools repeat in loop
def build_root_object(vat_powers, vat_parameters, baggage):
    for n in itertools.count():
        prepare_exo(baggage, f"K{n}", None, {})  # finding: VD102
        if n > vat_parameters["n"]:
            break

# case: string split constants
def build_root_object(vat_powers, vat_parameters, baggage):
    for n in "A B C".split():
        prepare_exo(baggage, n, None, {})

# case: tuple unpack in literal loop
def build_root_object(vat_powers, vat_parameters, baggage):
    for name, methods in (("A", {}), ("B", {"x": print})):
        prepare_exo(baggage, name, None, methods)

# case: baggage.get guard
def build_root_object(vat_powers, vat_parameters, baggage):
    if baggage.get("a"):
        prepare_exo(baggage, "A", None, {})  # finding: VD101

# case: 'in baggage' guarded early return
def build_root_object(vat_powers, vat_parameters, baggage):
    if "root" in baggage:
        return baggage.get("root")
    root = prepare_exo(baggage, "Root", None, {})  # finding: VD101
    baggage.init("root", root)
    return root

# case: helper returns a coroutine
async def setup(baggage):
    prepare_exo(baggage, "A", None, {})
def begin(baggage):
    return setup(baggage)
async def build_root_object(vat_powers, vat_parameters, baggage):
    await begin(baggage)

# case: helper returns a coroutine that nobody awaits
async def setup(baggage):
    prepare_exo(baggage, "A", None, {})
def begin(baggage):
    return setup(baggage)
async def build_root_object(vat_powers, vat_parameters, baggage):
    begin(baggage)  # finding: VD104

# case: awaiting list of coroutines in order
async def setup(baggage, n):
    prepare_exo(baggage, n, None, {})
async def build_root_object(vat_powers, vat_parameters, baggage):
    coros = [setup(baggage, n) for n in ("A", "B")]
    for c in coros:
        await c

# case: async with timeout
async def build_root_object(vat_powers, vat_parameters, baggage):
    async with asyncio.timeout(5):
        prepare_exo(baggage, "A", None, {})  # finding: VD103

# case: await in ternary test
async def build_root_object(vat_powers, vat_parameters, baggage):
    x = 1 if await vat_powers.ready else 2
    prepare_exo(baggage, "A", None, {"x": x})  # finding: VD103

# case: await in comprehension element
async def build_root_object(vat_powers, vat_parameters, baggage):
    xs = [await E(x).get() for x in vat_parameters]
    prepare_exo(baggage, "A", None, {"xs": xs})  # finding: VD103

# case: await in f-string
async def build_root_object(vat_powers, vat_parameters, baggage):
    print(f"{await vat_powers.name}")
    prepare_exo(baggage, "A", None, {})  # finding: VD103

# case: while with await then define
async def build_root_object(vat_powers, vat_parameters, baggage):
    while not await vat_powers.ready:
        pass
    prepare_exo(baggage, "A", None, {})  # finding: VD103

# case: await only in an except that raises
async def build_root_object(vat_powers, vat_parameters, baggage):
    try:
        x = vat_parameters["x"]
    except KeyError:
        await vat_powers.log("x")
        raise
    prepare_exo(baggage, "A", None, {"x": x})

# case: heap zone via ternary with durable
def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage) if vat_parameters else make_heap_zone()
    zone.exo("A", None, {})  # finding: VD101

# case: heap zone only where no baggage is
def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage) if baggage is not None else make_heap_zone()
    zone.exo("A", None, {})

# case: heap sub zone
def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_heap_zone().sub_zone("x")
    for n in vat_parameters:
        zone.exo(n, None, {})

# case: sub zone per parameter in loop
def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage)
    for n in vat_parameters:
        zone.sub_zone(n).exo("A", None, {})  # finding: VD102

# case: zone stored in a namespace object
class Ctx:
    def __init__(self, zone):
        self.zone = zone
def prepare_all(ctx):
    ctx.zone.exo("A", None, {})
    ctx.zone.exo("A", None, {})  # finding: VD107
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_all(Ctx(make_durable_zone(baggage)))

# case: heap context
class Ctx:
    def __init__(self, zone):
        self.zone = zone
def prepare_all(ctx, flag):
    if flag:
        ctx.zone.exo("A", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_all(Ctx(make_heap_zone()), vat_parameters)

# case: exo subclass method via self helper
class Book(Exo):
    title: str
    def note(self):
        return self._make()  # finding: VD106
    def _make(self):
        return prepare_exo(self.baggage, "Note", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    make_durable_zone(baggage).prepare(Book)

# case: zone.prepare in a branch
class Book(Exo):
    title: str
def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage)
    if vat_parameters:
        zone.prepare(Book)  # finding: VD101

# case: zone.prepare twice
class Book(Exo):
    title: str
def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage)
    zone.prepare(Book)
    zone.prepare(Book)  # finding: VD107

# case: zone.prepare over a literal of classes
class A(Exo):
    x: int
class B(Exo):
    y: int
def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage)
    for cls in (A, B):
        zone.prepare(cls)

# case: methods built by a helper
def book_methods(baggage):
    return {"note": lambda this: prepare_exo(baggage, "Note", None, {})}  # finding: VD106
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_exo(baggage, "Book", None, book_methods(baggage))

# case: heap exo methods
def build_root_object(vat_powers, vat_parameters, baggage):
    return make_exo("Root", None, {"go": lambda this: prepare_exo(baggage, "A", None, {})})  # finding: VD105

# case: closure returned directly
def build_root_object(vat_powers, vat_parameters, baggage):
    def root():
        return prepare_exo(baggage, "A", None, {})  # finding: VD105
    return root

# case: list of thunks run now
def build_root_object(vat_powers, vat_parameters, baggage):
    thunks = []
    thunks.append(lambda: prepare_exo(baggage, "A", None, {}))
    thunks.append(lambda: prepare_exo(baggage, "B", None, {}))
    for t in thunks:
        t()

# case: registry decorator
PREPARERS = []
def preparer(fn):
    PREPARERS.append(fn)
    return fn
@preparer
def prepare_a(baggage):
    return prepare_exo(baggage, "A", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    for p in PREPARERS:
        p(baggage)

# case: lru cached helper
@functools.lru_cache(maxsize=None)
def prepare_a(baggage):
    return prepare_exo(baggage, "A", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    if vat_parameters:
        prepare_a(baggage)  # finding: VD101

# case: provide with a prepared maker outside and key guard inside
def build_root_object(vat_powers, vat_parameters, baggage):
    make = prepare_exo_class(baggage, "A", None, dict, {})
    if not baggage.has("a"):
        baggage.init("a", make())
    return baggage.get("a")

# case: multi-line call reports its first line
def build_root_object(vat_powers, vat_parameters, baggage):
    if vat_parameters:
        prepare_exo_class(  # finding: VD101
            baggage,
            "A",
            None,
            dict,
            {},
        )

# case: chained call on the maker
def build_root_object(vat_powers, vat_parameters, baggage):
    if vat_parameters:
        purse = (
            prepare_exo_class(baggage, "A", None, dict, {})()  # finding: VD101
        )

# case: del and rebinding of an alias
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_exo_local = print
    if vat_parameters:
        prepare_exo_local(baggage, "x")

# case: shadowed definer
def prepare_exo(*args):
    return args
def build_root_object(vat_powers, vat_parameters, baggage):
    if vat_parameters:
        prepare_exo(baggage, "A", None, {})

# case: provide family of our own
def provide_bank(baggage):
    return prepare_exo(baggage, "Bank", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    if vat_parameters:
        provide_bank(baggage)  # finding: VD101

# case: never-ending while true loop around awaits after definition
async def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_exo(baggage, "A", None, {})
    while True:
        await vat_powers.next()

# case: generator delegated
def parts(baggage):
    yield from [prepare_exo(baggage, "A", None, {})]
def build_root_object(vat_powers, vat_parameters, baggage):
    return list(parts(baggage))

# case: a generator used by next only once
def parts(baggage):
    yield prepare_exo(baggage, "A", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    return next(parts(baggage))

# case: sum of lens
def build_root_object(vat_powers, vat_parameters, baggage):
    makers = tuple(prepare_exo(baggage, n, None, {}) for n in ("A", "B"))
    other = dict((n, prepare_exo(baggage, n, None, {})) for n in ("C", "D"))
    return Far("R", {"n": lambda: (makers, other)})

# case: else of while
def build_root_object(vat_powers, vat_parameters, baggage):
    n = 3
    while n:
        n -= 1
    else:
        prepare_exo(baggage, "A", None, {})

# case: conditional import of the definer
try:
    from vatdata_runtime import prepare_exo as pe
except ImportError:
    pe = None
def build_root_object(vat_powers, vat_parameters, baggage):
    pe(baggage, "A", None, {})
    if vat_parameters:
        pe(baggage, "B", None, {})  # finding: VD101

# case: kwargs spelled definer
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_exo(baggage=baggage, kind_name="A", guard=None, methods={})
    prepare_exo(baggage=baggage, kind_name="A", guard=None, methods={})  # finding: VD107

# case: handlers with keyword methods
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_exo(baggage=baggage, kind_name="A", guard=None, methods={
        "go": lambda this: prepare_exo(baggage, "B", None, {}),  # finding: VD106
    })
