# Definitions after a point where the crank may end.
import asyncio
from vatdata_runtime import E, Far, make_heap_zone, prepare_exo, prepare_exo_class, provide_durable_map_store

# case: after an await of a message
async def build_root_object(vat_powers, vat_parameters, baggage):
    await E(vat_parameters["x"]).get()
    prepare_exo(baggage, "A", None, {})  # finding: VD103

# case: before it
async def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_exo(baggage, "A", None, {})
    await E(vat_parameters["x"]).get()
    return Far("Root", {})

# case: an await in an argument
async def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_exo(baggage, await E(vat_parameters["x"]).name(), None, {})  # finding: VD103

# case: the argument of an awaited call
async def build_root_object(vat_powers, vat_parameters, baggage):
    await E(vat_parameters["x"]).put(prepare_exo(baggage, "A", None, {}))

# case: left of an await in a tuple
async def build_root_object(vat_powers, vat_parameters, baggage):
    return prepare_exo(baggage, "A", None, {}), await E(vat_parameters["x"]).get()

# case: right of an await in a tuple
async def build_root_object(vat_powers, vat_parameters, baggage):
    return await E(vat_parameters["x"]).get(), prepare_exo(baggage, "A", None, {})  # finding: VD103

# case: the target of an assignment is evaluated last
async def build_root_object(vat_powers, vat_parameters, baggage):
    table = {}
    table[prepare_exo(baggage, "A", None, {})] = await E(vat_parameters["x"]).get()  # finding: VD103

# case: after the await of a coroutine that awaits nothing
async def load(params):
    return params["x"]
async def build_root_object(vat_powers, vat_parameters, baggage):
    x = await load(vat_parameters)
    prepare_exo(baggage, "A", None, {"x": lambda this: x})

# case: after the await of a coroutine that awaits such a coroutine
async def inner():
    return 1
async def load():
    return await inner()
async def build_root_object(vat_powers, vat_parameters, baggage):
    await load()
    prepare_exo(baggage, "A", None, {})

# case: after the await of a coroutine that awaits a message
async def load(x):
    return await E(x).get()
async def build_root_object(vat_powers, vat_parameters, baggage):
    await load(vat_parameters["x"])
    prepare_exo(baggage, "A", None, {})  # finding: VD103

# case: inside an awaited coroutine, after its own await
async def setup(baggage, x):
    await E(x).get()
    return prepare_exo(baggage, "A", None, {})  # finding: VD103
async def build_root_object(vat_powers, vat_parameters, baggage):
    await setup(baggage, vat_parameters["x"])

# case: the call of an awaited coroutine after an await
async def setup(baggage):
    return prepare_exo(baggage, "A", None, {})
async def build_root_object(vat_powers, vat_parameters, baggage):
    await E(vat_parameters["x"]).get()
    await setup(baggage)  # finding: VD103

# case: an awaited coroutine that defines first and awaits then
async def setup(baggage, x):
    prepare_exo(baggage, "A", None, {})
    await E(x).get()
async def build_root_object(vat_powers, vat_parameters, baggage):
    await setup(baggage, vat_parameters["x"])
    prepare_exo(baggage, "B", None, {})  # finding: VD103

# case: an await in one branch
async def build_root_object(vat_powers, vat_parameters, baggage):
    if vat_parameters:
        await E(vat_parameters["x"]).get()
    prepare_exo(baggage, "A", None, {})  # finding: VD103

# case: an await in a branch that returns
async def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_exo(baggage, "A", None, {})
    if vat_parameters:
        return await E(vat_parameters["x"]).get()
    prepare_exo_class(baggage, "B", None, dict, {})  # finding: VD101

# case: an await in a branch that raises
async def build_root_object(vat_powers, vat_parameters, baggage):
    if not vat_parameters:
        raise ValueError(await E(vat_powers.x).get())
    prepare_exo(baggage, "A", None, {})

# case: async with
async def build_root_object(vat_powers, vat_parameters, baggage):
    async with vat_powers.lock:
        prepare_exo(baggage, "A", None, {})  # finding: VD103

# case: async for
async def build_root_object(vat_powers, vat_parameters, baggage):
    async for item in vat_powers.feed:
        print(item)
    prepare_exo(baggage, "A", None, {})  # finding: VD103

# case: an async comprehension
async def build_root_object(vat_powers, vat_parameters, baggage):
    items = [item async for item in vat_powers.feed]
    prepare_exo(baggage, "A", None, {"n": lambda this: len(items)})  # finding: VD103

# case: an async with of our own that awaits nothing
class Section:
    async def __aenter__(self):
        return self
    async def __aexit__(self, *details):
        return None
async def build_root_object(vat_powers, vat_parameters, baggage):
    async with Section():
        prepare_exo(baggage, "A", None, {})

# case: an async for over our own generator that awaits nothing
async def numbers():
    yield 1
async def build_root_object(vat_powers, vat_parameters, baggage):
    async for n in numbers():
        print(n)
    prepare_exo(baggage, "A", None, {})

# case: sleep suspends
async def build_root_object(vat_powers, vat_parameters, baggage):
    await asyncio.sleep(1)
    prepare_exo(baggage, "A", None, {})  # finding: VD103

# case: an await in a literal loop reaches the second round
async def build_root_object(vat_powers, vat_parameters, baggage):
    for name in ("A", "B"):
        prepare_exo(baggage, name, None, {})  # finding: VD103
        await E(vat_parameters["x"]).put(name)

# case: stores and heap objects may come late
async def build_root_object(vat_powers, vat_parameters, baggage):
    await E(vat_parameters["x"]).get()
    provide_durable_map_store(baggage, "late")
    make_heap_zone().exo("Late", None, {})
    return Far("Root", {})

# case: after provide_all, which reads the baggage
async def build_root_object(vat_powers, vat_parameters, baggage):
    from vat_helpers import provide_all
    await provide_all(baggage, {"x": print})
    prepare_exo(baggage, "A", None, {})

# case: the await is in a function that is only made
async def build_root_object(vat_powers, vat_parameters, baggage):
    async def refresh():
        return await E(vat_parameters["x"]).get()
    prepare_exo(baggage, "A", None, {"refresh": lambda this: refresh()})
    return Far("Root", {"refresh": refresh})

# case: an await and then a condition is late
async def build_root_object(vat_powers, vat_parameters, baggage):
    x = await E(vat_parameters["x"]).get()
    if x:
        prepare_exo(baggage, "A", None, {})  # finding: VD103

# case: a condition around both is a condition
async def build_root_object(vat_powers, vat_parameters, baggage):
    if vat_parameters:
        await E(vat_parameters["x"]).get()
        prepare_exo(baggage, "A", None, {})  # finding: VD101

# case: a local coroutine awaited in place
async def build_root_object(vat_powers, vat_parameters, baggage):
    async def setup():
        prepare_exo(baggage, "A", None, {})
    await setup()
    prepare_exo(baggage, "B", None, {})

# case: a sync entry that gives back its coroutine
async def setup(baggage):
    prepare_exo(baggage, "A", None, {})
    return Far("Root", {})
def build_root_object(vat_powers, vat_parameters, baggage):
    return setup(baggage)

# case: a try around the await
async def build_root_object(vat_powers, vat_parameters, baggage):
    try:
        await E(vat_parameters["x"]).get()
    except Exception:
        print("no")
    prepare_exo(baggage, "A", None, {})  # finding: VD103

# case: a stored coroutine awaited at once
async def setup(baggage):
    prepare_exo(baggage, "A", None, {})
async def build_root_object(vat_powers, vat_parameters, baggage):
    waiting = setup(baggage)
    await waiting

# case: several coroutines awaited one after the other
async def setup(baggage, name):
    prepare_exo(baggage, name, None, {})
async def build_root_object(vat_powers, vat_parameters, baggage):
    for name in ("A", "B"):
        await setup(baggage, name)
