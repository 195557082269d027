# Suspension, tasks and threads: what may end the crank before a definition, and what surely does not.
import asyncio
import concurrent.futures
import threading
from contextlib import asynccontextmanager
from functools import partial
from vatdata_runtime import E, Far, make_durable_zone, make_heap_zone, make_promise_kit, prepare_exo, prepare_exo_class, provide_durable_map_store

# case: an await in a branch before it
async def build_root_object(vat_powers, vat_parameters, baggage):
    if vat_parameters["remote"]:
        await E(vat_parameters["x"]).ping()
    prepare_exo(baggage, "A", None, {})  # finding: VD103

# case: an await in both branches, after the definition in each
async def build_root_object(vat_powers, vat_parameters, baggage):
    if vat_parameters["remote"]:
        prepare_exo(baggage, "A", None, {})
        await E(vat_parameters["x"]).ping()
    else:
        prepare_exo(baggage, "A", None, {})

# case: an await in a loop that comes round again
async def build_root_object(vat_powers, vat_parameters, baggage):
    for name in ("A", "B"):
        prepare_exo(baggage, name, None, {})  # finding: VD103
        await E(vat_parameters["x"]).ping(name)

# case: awaits behind everything
async def build_root_object(vat_powers, vat_parameters, baggage):
    a = prepare_exo(baggage, "A", None, {})
    for peer in vat_parameters["peers"]:
        await E(peer).hello(a)
    return Far("Root", {})

# case: an async with before it, and one around it
async def build_root_object(vat_powers, vat_parameters, baggage):
    async with vat_parameters["session"]:
        prepare_exo(baggage, "A", None, {})  # finding: VD103

# case: an async for in front
async def build_root_object(vat_powers, vat_parameters, baggage):
    async for item in vat_parameters["stream"]:
        print(item)
    prepare_exo(baggage, "A", None, {})  # finding: VD103

# case: an async comprehension in front
async def build_root_object(vat_powers, vat_parameters, baggage):
    items = [item async for item in vat_parameters["stream"]]
    prepare_exo(baggage, "A", None, {"items": lambda this: items})  # finding: VD103

# case: an await in a handler that goes on
async def build_root_object(vat_powers, vat_parameters, baggage):
    try:
        check(vat_parameters)
    except ValueError:
        await E(vat_parameters["log"]).warn()
    prepare_exo(baggage, "A", None, {})  # finding: VD103
def check(parameters):
    if not parameters:
        raise ValueError

# case: an await in a handler that raises
async def build_root_object(vat_powers, vat_parameters, baggage):
    try:
        check(vat_parameters)
    except ValueError:
        await E(vat_parameters["log"]).warn()
        raise
    prepare_exo(baggage, "A", None, {})
def check(parameters):
    if not parameters:
        raise ValueError

# case: the coroutine is made before and awaited after the definition
async def ping(x):
    await E(x).ping()
async def build_root_object(vat_powers, vat_parameters, baggage):
    waiting = ping(vat_parameters["x"])
    prepare_exo(baggage, "A", None, {})
    await waiting

# case: a coroutine that defines, made before an await and awaited after it
async def define(bag):
    return prepare_exo(bag, "A", None, {})
async def build_root_object(vat_powers, vat_parameters, baggage):
    waiting = define(baggage)
    await E(vat_parameters["x"]).ping()
    await waiting  # finding: VD103

# case: two coroutines deep, no suspension
async def inner(bag):
    return prepare_exo(bag, "A", None, {})
async def outer(bag):
    return await inner(bag)
async def build_root_object(vat_powers, vat_parameters, baggage):
    await outer(baggage)
    prepare_exo(baggage, "B", None, {})

# case: two coroutines deep, suspension in the innermost
async def innermost(x):
    return await E(x).get()
async def inner(x):
    return await innermost(x)
async def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_exo(baggage, "A", None, {})
    await inner(vat_parameters["x"])
    prepare_exo(baggage, "B", None, {})  # finding: VD103

# case: a coroutine that suspends only on one way
async def load(parameters):
    if parameters["cached"]:
        return parameters["cached"]
    return await E(parameters["x"]).get()
async def build_root_object(vat_powers, vat_parameters, baggage):
    await load(vat_parameters)
    prepare_exo(baggage, "A", None, {})  # finding: VD103

# case: a coroutine that only raises or returns
async def checked(parameters):
    if not parameters:
        raise ValueError("parameters")
    return parameters
async def build_root_object(vat_powers, vat_parameters, baggage):
    await checked(vat_parameters)
    prepare_exo(baggage, "A", None, {})

# case: asyncio.sleep
async def build_root_object(vat_powers, vat_parameters, baggage):
    await asyncio.sleep(1)
    prepare_exo(baggage, "A", None, {})  # finding: VD103

# case: create_task of a coroutine that defines
async def define(bag):
    prepare_exo(bag, "A", None, {})
async def build_root_object(vat_powers, vat_parameters, baggage):
    task = asyncio.create_task(define(baggage))  # finding: VD104
    return Far("Root", {"done": lambda: task.done()})

# case: create_task of a coroutine that defines nothing
async def chat(x):
    await E(x).ping()
async def build_root_object(vat_powers, vat_parameters, baggage):
    asyncio.create_task(chat(vat_parameters["x"]))
    prepare_exo(baggage, "A", None, {})

# case: gather
async def define(bag, name):
    prepare_exo(bag, name, None, {})
async def build_root_object(vat_powers, vat_parameters, baggage):
    await asyncio.gather(
        define(baggage, "A"),  # finding: VD104
        define(baggage, "B"),  # finding: VD104
    )

# case: a definition after gather
async def chat(x):
    await E(x).ping()
async def build_root_object(vat_powers, vat_parameters, baggage):
    await asyncio.gather(chat(vat_parameters["x"]), chat(vat_parameters["y"]))
    prepare_exo(baggage, "A", None, {})  # finding: VD103

# case: a task group
async def define(bag, name):
    prepare_exo(bag, name, None, {})
async def build_root_object(vat_powers, vat_parameters, baggage):
    async with asyncio.TaskGroup() as group:
        group.create_task(define(baggage, "A"))  # finding: VD104

# case: call_soon and call_later
def define(bag, name):
    prepare_exo(bag, name, None, {})
async def build_root_object(vat_powers, vat_parameters, baggage):
    loop = asyncio.get_running_loop()
    loop.call_soon(define, baggage, "A")  # finding: VD104
    loop.call_later(1, define, baggage, "B")  # finding: VD104

# case: a lambda given to call_soon
async def build_root_object(vat_powers, vat_parameters, baggage):
    asyncio.get_running_loop().call_soon(lambda: prepare_exo(baggage, "A", None, {}))  # finding: VD104

# case: a thread
def define(bag):
    prepare_exo(bag, "A", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    thread = threading.Thread(target=define, args=(baggage,))  # finding: VD104
    thread.start()
    thread.join()

# case: an executor
def define(bag):
    prepare_exo(bag, "A", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    with concurrent.futures.ThreadPoolExecutor() as pool:
        pool.submit(define, baggage).result()  # finding: VD104

# case: run_in_executor
def define(bag):
    prepare_exo(bag, "A", None, {})
async def build_root_object(vat_powers, vat_parameters, baggage):
    await asyncio.get_running_loop().run_in_executor(None, define, baggage)  # finding: VD104

# case: to_thread
def define(bag):
    prepare_exo(bag, "A", None, {})
async def build_root_object(vat_powers, vat_parameters, baggage):
    await asyncio.to_thread(define, baggage)  # finding: VD104

# case: a partial given to a task starter
def define(bag, name):
    prepare_exo(bag, name, None, {})
async def build_root_object(vat_powers, vat_parameters, baggage):
    asyncio.get_running_loop().call_soon(partial(define, baggage, "A"))  # finding: VD104

# case: a coroutine that nobody awaits
async def define(bag):
    prepare_exo(bag, "A", None, {})
async def build_root_object(vat_powers, vat_parameters, baggage):
    define(baggage)  # finding: VD104

# case: a synchronous entry that returns the coroutine of a helper
async def define(bag):
    prepare_exo(bag, "A", None, {})
    return Far("Root", {})
def build_root_object(vat_powers, vat_parameters, baggage):
    return define(baggage)

# case: a done callback
def define(bag, task):
    prepare_exo(bag, "A", None, {})
async def build_root_object(vat_powers, vat_parameters, baggage):
    task = asyncio.ensure_future(vat_parameters["x"])
    task.add_done_callback(partial(define, baggage))  # finding: VD104

# case: a callback of E.when
def build_root_object(vat_powers, vat_parameters, baggage):
    E.when(E(vat_parameters["x"]).get(), lambda value: prepare_exo(baggage, "A", None, {}))  # finding: VD104

# case: wait_for makes a task of it
async def define(bag):
    prepare_exo(bag, "A", None, {})
async def build_root_object(vat_powers, vat_parameters, baggage):
    await asyncio.wait_for(define(baggage), 5)  # finding: VD104

# case: the argument of an await is evaluated first
def make_a(bag):
    return prepare_exo(bag, "A", None, {})
async def build_root_object(vat_powers, vat_parameters, baggage):
    await E(vat_parameters["x"]).register(make_a(baggage))
    return Far("Root", {})

# case: a second argument after an awaited first one
def make_a(bag):
    return prepare_exo(bag, "A", None, {})
async def build_root_object(vat_powers, vat_parameters, baggage):
    pair = dict(x=await E(vat_parameters["x"]).get(), a=make_a(baggage))  # finding: VD103
    return Far("Root", {"pair": lambda: list(pair)})

# case: an await in an f-string name
async def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_exo(baggage, f"A{await E(vat_parameters['x']).get()}", None, {})  # finding: VD103

# case: an await in the keyword of the definition itself
async def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_exo_class(baggage, "A", None, lambda: {}, {}, version=await E(vat_parameters["x"]).get())  # finding: VD103

# case: a heap kind after an await
async def build_root_object(vat_powers, vat_parameters, baggage):
    await E(vat_parameters["x"]).get()
    zone = make_heap_zone()
    zone.exo("A", None, {})

# case: a durable store after an await
async def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_exo(baggage, "A", None, {})
    await E(vat_parameters["x"]).get()
    provide_durable_map_store(baggage, "things")

# case: an await on one way, an early return on the other
async def build_root_object(vat_powers, vat_parameters, baggage):
    if not vat_parameters["x"]:
        prepare_exo(baggage, "A", None, {})
        return Far("Root", {})
    prepare_exo(baggage, "A", None, {})
    await E(vat_parameters["x"]).get()
    return Far("Root", {})

# case: an async context manager of ours that never suspends
@asynccontextmanager
async def noted(label):
    print("begin", label)
    yield label
    print("end", label)
async def build_root_object(vat_powers, vat_parameters, baggage):
    async with noted("kinds"):
        prepare_exo(baggage, "A", None, {})

# case: an async context manager of ours that suspends at its start
@asynccontextmanager
async def locked(x):
    await E(x).lock()
    yield
    await E(x).unlock()
async def build_root_object(vat_powers, vat_parameters, baggage):
    async with locked(vat_parameters["x"]):
        prepare_exo(baggage, "A", None, {})  # finding: VD103

# case: an async generator that never suspends
async def names():
    yield "A"
    yield "B"
async def build_root_object(vat_powers, vat_parameters, baggage):
    async for name in names():
        print(name)
    prepare_exo(baggage, "A", None, {})

# case: an awaited method of an object of ours
class Setup:
    def __init__(self, bag):
        self.bag = bag
    async def run(self):
        self.make = prepare_exo(self.bag, "A", None, {})
        return self
async def build_root_object(vat_powers, vat_parameters, baggage):
    setup = await Setup(baggage).run()
    prepare_exo(baggage, "B", None, {})
    return Far("Root", {"a": lambda: setup.make})

# case: an awaited method that sends first
class Setup:
    def __init__(self, bag, x):
        self.bag = bag
        self.x = x
    async def run(self):
        name = await E(self.x).name()
        return prepare_exo(self.bag, "A", None, {"name": lambda this: name})  # finding: VD103
async def build_root_object(vat_powers, vat_parameters, baggage):
    await Setup(baggage, vat_parameters["x"]).run()

# case: awaiting a promise kit
async def build_root_object(vat_powers, vat_parameters, baggage):
    kit = make_promise_kit()
    E(vat_parameters["x"]).answer(kit.resolver)
    await kit.promise
    prepare_exo(baggage, "A", None, {})  # finding: VD103

# case: sending without awaiting
def build_root_object(vat_powers, vat_parameters, baggage):
    answer = E(vat_parameters["x"]).get()
    E.send_only(vat_parameters["x"]).ping()
    prepare_exo(baggage, "A", None, {"answer": lambda this: answer})

# case: an await in a nested coroutine that is awaited
async def build_root_object(vat_powers, vat_parameters, baggage):
    async def load():
        return await E(vat_parameters["x"]).get()
    x = await load()
    prepare_exo(baggage, "A", None, {"x": lambda this: x})  # finding: VD103

# case: an await in a nested coroutine that is never run
async def build_root_object(vat_powers, vat_parameters, baggage):
    async def load():
        return await E(vat_parameters["x"]).get()
    prepare_exo(baggage, "A", None, {"load": lambda this: load()})

# case: await in a while test
async def build_root_object(vat_powers, vat_parameters, baggage):
    while not await E(vat_parameters["x"]).ready():
        pass
    prepare_exo(baggage, "A", None, {})  # finding: VD103

# case: await in an assertion
async def build_root_object(vat_powers, vat_parameters, baggage):
    assert await E(vat_parameters["x"]).ready()
    prepare_exo(baggage, "A", None, {})  # finding: VD103

# case: await in finally
async def build_root_object(vat_powers, vat_parameters, baggage):
    try:
        prepare_exo(baggage, "A", None, {})
    finally:
        await E(vat_parameters["x"]).log()
    prepare_exo(baggage, "B", None, {})  # finding: VD103

# case: await in a return
async def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_exo(baggage, "A", None, {})
    return await E(vat_parameters["x"]).root()

# case: an await on the way that returns
async def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_exo(baggage, "A", None, {})
    if vat_parameters["proxy"]:
        return await E(vat_parameters["x"]).root()
    prepare_exo(baggage, "B", None, {})  # finding: VD101
    return Far("Root", {})

# case: asyncio.run in a synchronous entry runs it now
async def define(bag):
    prepare_exo(bag, "A", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    asyncio.get_event_loop().run_until_complete(define(baggage))
    return Far("Root", {})

# case: a list of coroutines, awaited one by one
async def define(bag, name):
    prepare_exo(bag, name, None, {})
async def build_root_object(vat_powers, vat_parameters, baggage):
    for waiting in [define(baggage, "A"), define(baggage, "B")]:
        await waiting

# case: a coroutine in a ternary
async def local():
    return 1
async def build_root_object(vat_powers, vat_parameters, baggage):
    x = await (local() if vat_parameters["local"] else E(vat_parameters["x"]).get())
    prepare_exo(baggage, "A", None, {"x": lambda this: x})  # finding: VD103

# case: a context manager that waits at the end of its block only
@asynccontextmanager
async def registered(directory):
    yield directory
    await E(directory).leave()
async def build_root_object(vat_powers, vat_parameters, baggage):
    async with registered(vat_parameters["directory"]):
        prepare_exo(baggage, "A", None, {})
    prepare_exo(baggage, "B", None, {})  # finding: VD103
