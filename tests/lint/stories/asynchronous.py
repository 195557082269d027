# Definitions in another activation.
import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from vatdata_runtime import E, Far, prepare_exo

async def setup(baggage):
    prepare_exo(baggage, "A", None, {})

def setup_now(baggage):
    prepare_exo(baggage, "B", None, {})

# case: create_task
async def build_root_object(vat_powers, vat_parameters, baggage):
    asyncio.create_task(setup(baggage))  # finding: VD104

# case: a task that is awaited afterwards
async def build_root_object(vat_powers, vat_parameters, baggage):
    task = asyncio.create_task(setup(baggage))  # finding: VD104
    await task

# case: ensure_future and loop.create_task
async def build_root_object(vat_powers, vat_parameters, baggage):
    asyncio.ensure_future(setup(baggage))  # finding: VD104

# case: a loop's create_task
async def build_root_object(vat_powers, vat_parameters, baggage):
    loop = asyncio.get_running_loop()
    loop.create_task(setup(baggage))  # finding: VD104

# case: gather
async def build_root_object(vat_powers, vat_parameters, baggage):
    await asyncio.gather(
        setup(baggage),  # finding: VD104
    )

# case: a task group
async def build_root_object(vat_powers, vat_parameters, baggage):
    async with asyncio.TaskGroup() as group:
        group.create_task(setup(baggage))  # finding: VD104

# case: a coroutine that nobody awaits
def build_root_object(vat_powers, vat_parameters, baggage):
    setup(baggage)  # finding: VD104
    return Far("Root", {})

# case: awaited in place
async def build_root_object(vat_powers, vat_parameters, baggage):
    await setup(baggage)

# case: call_soon
def build_root_object(vat_powers, vat_parameters, baggage):
    asyncio.get_event_loop().call_soon(setup_now, baggage)  # finding: VD104

# case: call_soon of a lambda
def build_root_object(vat_powers, vat_parameters, baggage):
    asyncio.get_event_loop().call_soon(lambda: setup_now(baggage))  # finding: VD104

# case: call_later with a partial
def build_root_object(vat_powers, vat_parameters, baggage):
    asyncio.get_event_loop().call_later(1, partial(setup_now, baggage))  # finding: VD104

# case: a thread
def build_root_object(vat_powers, vat_parameters, baggage):
    threading.Thread(target=setup_now, args=(baggage,)).start()  # finding: VD104

# case: an executor
def build_root_object(vat_powers, vat_parameters, baggage):
    with ThreadPoolExecutor() as pool:
        pool.submit(setup_now, baggage)  # finding: VD104

# case: to_thread
async def build_root_object(vat_powers, vat_parameters, baggage):
    await asyncio.to_thread(setup_now, baggage)  # finding: VD104

# case: run_in_executor
async def build_root_object(vat_powers, vat_parameters, baggage):
    await asyncio.get_running_loop().run_in_executor(None, setup_now, baggage)  # finding: VD104

# case: E.when
def build_root_object(vat_powers, vat_parameters, baggage):
    E.when(vat_parameters["p"], lambda value: setup_now(baggage))  # finding: VD104

# case: a done callback
def build_root_object(vat_powers, vat_parameters, baggage):
    vat_parameters["future"].add_done_callback(lambda done: setup_now(baggage))  # finding: VD104

# case: a task that defines nothing
async def work(x):
    await E(x).run()
async def build_root_object(vat_powers, vat_parameters, baggage):
    make = prepare_exo(baggage, "C", None, {})
    asyncio.create_task(work(make))
    return Far("Root", {})

# case: a task in a helper
def start_later(baggage):
    asyncio.create_task(setup(baggage))  # finding: VD104
def build_root_object(vat_powers, vat_parameters, baggage):
    start_later(baggage)

# case: a nested coroutine started as a task
async def build_root_object(vat_powers, vat_parameters, baggage):
    async def later():
        prepare_exo(baggage, "D", None, {})
    asyncio.create_task(later())  # finding: VD104

# case: definitions before a task is started
async def build_root_object(vat_powers, vat_parameters, baggage):
    await setup(baggage)
    asyncio.create_task(asyncio.sleep(1))

# case: a message is sent, not called
def build_root_object(vat_powers, vat_parameters, baggage):
    E(vat_parameters["other"]).prepare_things(baggage)
    E(vat_parameters["zone"]).exo("X", None, {})
    return Far("Root", {})

# case: a callback of a promise that a message gives
def build_root_object(vat_powers, vat_parameters, baggage):
    promise = E(vat_parameters["peer"]).open()
    promise.add_done_callback(lambda answer: prepare_exo(baggage, "A", None, {}))  # finding: VD104
    return Far("Root", {})
