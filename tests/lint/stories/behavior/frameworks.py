# Small frameworks over the runtime, base classes of other modules, and look-alikes from elsewhere.

# case: an object that defines kinds, in another module
# file: vat.py
from vatdata_runtime import Far

from framework import Kinds


def init_stack():
    return {"items": []}


class Stack:
    def push(this, item):
        this.state.items.append(item)  # finding: VD203

    def size(this):
        return len(this.state.items)


def check(context):
    context.state.checked = True  # finding: VD204


def init_cell(value):
    return (value,)  # finding: VD202


def build_root_object(vat_powers, vat_parameters, baggage):
    kinds = Kinds(baggage)
    make_stack = kinds.define("Stack", init_stack, Stack, finish=check)
    make_cell = kinds.define("Cell", init_cell, {"get": lambda this: this.state.value})
    return Far("Data", {"stack": make_stack, "cell": make_cell})
# file: framework.py
from vatdata_runtime import prepare_exo_class


class Kinds:
    def __init__(self, baggage):
        self._baggage = baggage

    def define(self, name, init, methods, **options):
        return prepare_exo_class(self._baggage, name, None, init, methods, **options)

# case: an object that defines kinds, all well
# file: vat.py
from vatdata_runtime import Far

from framework import Kinds, guard_of, traced


class Stack:
    @traced
    def push(this, item):
        this.state.items = (*this.state.items, item)

    @traced
    def pop(this):
        *rest, last = this.state.items
        this.state.items = tuple(rest)
        return last


class Cell:
    def get(this, *rest):
        return this.state.value

    def put(this, value, *rest):
        this.state.value = value


def build_root_object(vat_powers, vat_parameters, baggage):
    kinds = Kinds(baggage)
    make_stack = kinds.define("Stack", lambda: {"items": ()}, Stack)
    make_cell = kinds.define("Cell", lambda: {"value": None}, Cell, guard_of("Cell", "get", "put"))
    return Far("Data", {"stack": make_stack, "cell": make_cell})
# file: framework.py
import functools

from vatdata_runtime import M, prepare_exo_class


class Kinds:
    def __init__(self, baggage):
        self._baggage = baggage
        self.makers = {}

    def define(self, name, init, methods, guard=None):
        self.makers[name] = prepare_exo_class(self._baggage, name, guard, init, methods)
        return self.makers[name]


def guard_of(name, *methods):
    return M.interface(name, {method: M.call().rest(M.any()).returns(M.any()) for method in methods})


def traced(function):
    @functools.wraps(function)
    def wrapper(this, *args):
        result = function(this, *args)
        return result

    return wrapper

# case: base classes of another module
# file: vat.py
from vatdata_runtime import Far, M, prepare_exo_class

from mixins import Logged, Owned

TaskI = M.interface("Task", {
    "owner": M.call().returns(M.string()),
    "transfer": M.call(M.string()),
    "log": M.call().returns(M.any()),
    "done": M.call(),
})


class Task(Owned, Logged):
    def done(this):
        this.state.status = "done"
        Logged.note(this, "done")


class Job(Logged):
    def run(this):
        this.state.runs += 1


def init_task(title, owner):
    return {"title": title, "owner": owner, "status": "open", "lines": ()}


def build_root_object(vat_powers, vat_parameters, baggage):
    make_task = prepare_exo_class(baggage, "Task", None, init_task, Task)
    make_strict = prepare_exo_class(baggage, "Strict", TaskI, init_task, Task)  # finding: VD301
    make_job = prepare_exo_class(baggage, "Job", None, lambda: {"runs": 0, "lines": ()}, Job)
    return Far("Tasks", {"task": make_task, "strict": make_strict, "job": make_job})
# file: mixins.py
class Owned:
    def owner(this):
        return this.state.owner

    def transfer(this, owner):
        this.state.owner = owner


class Logged:
    def note(this, text):
        this.state.lines = (*this.state.lines, text)

    def log(this):
        return this.state.lines

# case: names of other libraries
"""Names of other libraries that look like ours."""
from attrs import define
from pydantic import BaseModel
from transitions import Machine

import database as db
from vatdata_runtime import Far, make_durable_zone


@define
class State:
    items: list = []


class Widget:
    state = State()

    def add(this, item):
        this.state.items.append(item)

    def prepare(self, query):
        return db.prepare(query)


class Model(BaseModel):
    name: str
    tags: list[str] = []

    def tag(self, text):
        self.tags.append(text)
        self.changed = True


class Door(Machine):
    def __init__(self):
        self.state = "closed"
        self.log = []

    def open(self):
        self.state = "open"
        self.log.append("open")


class Zone:
    def exo_class(self, name, guard, init, methods):
        return (name, guard, init, methods)


async def init_page():
    return []


def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage)
    names = zone.set_store("names")
    widget = Widget()
    door = Door()

    def add(name):
        widget.add(name)
        door.open()
        names.add(name)

    return Far("Root", {"add": add})

# case: the host program in the same file
"""The vat and the program around it in one file."""
import json
import subprocess
import sys
import time
from pathlib import Path

import requests

from vatdata_runtime import Exo, Far, make_durable_zone, open_vat

SESSION = requests.Session()
OUTPUT = Path("out.json")


class Point(Exo):
    x: int = 0
    y: int = 0

    def move(self, dx: int, dy: int) -> tuple[int, int]:
        self.x += dx
        self.y += dy
        return (self.x, self.y)


def build_root_object(vat_powers, vat_parameters, baggage):
    make_point = make_durable_zone(baggage).prepare(Point)
    return Far("Points", {"point": lambda: make_point()})


def save(point):
    OUTPUT.write_text(json.dumps(point))
    subprocess.run(["sync"], check=True)


def fetch_moves():
    return SESSION.get("https://moves.example").json()


ACTIONS = {"save": save, "fetch": fetch_moves}


def main():
    with open_vat("points.db", "points.py") as vat:
        for dx, dy in ACTIONS["fetch"]():
            with vat.crank() as root:
                point = root.point().move(dx, dy)
            save(point)
            time.sleep(0.1)


if __name__ == "__main__":
    sys.exit(main())

# case: state handed around, all well
"""State handed around, read in many ways, changed in none that is lost."""
from vatdata_runtime import Far, M, prepare_exo_class_kit


def summary(state):
    parts = []
    for name, amount in state.amounts.items():
        parts.append(f"{name}: {amount}")
    parts.sort()
    return ", ".join(parts)


def as_dict(state):
    found = {"owner": state.owner}
    found.update(state.amounts)
    found.setdefault("total", sum(state.amounts.values()))
    return found


def rename(state, old, new):
    state.amounts = {new if key == old else key: value for key, value in state.amounts.items()}


def each(state, visit):
    for name in state.amounts:
        visit(name)


class Owner:
    def set(this, name, amount):
        this.state.amounts = this.state.amounts | {name: amount} if False else {**this.state.amounts, name: amount}

    def rename(this, old, new):
        rename(this.state, old, new)

    def names(this):
        found = []
        each(this.state, found.append)
        found.reverse()
        return found

    def biggest(this):
        items = sorted(this.state.amounts.items(), key=lambda item: item[1])
        name, _ = items.pop()
        return name


class Viewer:
    def summary(this):
        return summary(this.state)

    def all(this):
        found = as_dict(this.state)
        found["owner"] = found["owner"].title()
        return found


def build_root_object(vat_powers, vat_parameters, baggage):
    make_kit = prepare_exo_class_kit(
        baggage, "Book", None, lambda owner: {"owner": owner, "amounts": {}}, {"owner": Owner, "viewer": Viewer}
    )
    return Far("Books", {"book": make_kit})

# case: a worker in modules
# file: worker/__init__.py
# nothing here
# file: worker/behavior.py
from .report import write_report


def make_job_methods(runner):
    async def run(this):
        this.state.status = "running"
        lines = await runner.run(this.state.command)
        this.state.output.extend(lines)  # finding: VD203
        this.state.status = "done"

    def finish(this, path):
        write_report(path, this.state.output)  # finding: VD206
        this.state.reported = path  # finding: VD204

    def status(this):
        return this.state.status

    def output(this):
        return list(this.state.output)

    return {"control": {"run": run, "finish": finish}, "viewer": {"status": status, "output": output}}
# file: worker/entry.py
from vatdata_runtime import Far, make_durable_zone, provide_durable_map_store

from .behavior import make_job_methods
from .guards import job_guards
from .runner import Runner


def start(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage)
    runner = Runner(vat_powers.devices["shell"])
    jobs = provide_durable_map_store(baggage, "jobs")
    make_job = zone.exo_class_kit("Job", job_guards(), init_job, make_job_methods(runner))

    def submit(name, command):
        kit = make_job(name, command)
        jobs.init(name, kit.control)
        return kit.viewer

    return Far("Worker", {"submit": submit, "job": jobs.get})


def init_job(name, command):
    return {"name": name, "command": command, "output": [], "status": "new"}


build_root_object = start
# file: worker/guards.py
from vatdata_runtime import M


def job_guards():
    return {
        "control": M.interface("JobControl", {"run": M.call_when(), "finish": M.call(M.string())}),
        "viewer": M.interface("JobViewer", {"status": M.call().returns(M.string()), "output": M.call().returns(M.any())}),
    }
# file: worker/report.py
def write_report(path, lines):
    with open(path, "w") as report:
        report.write("\n".join(lines))
# file: worker/runner.py
from vatdata_runtime import E


class Runner:
    def __init__(self, shell):
        self._shell = shell

    async def run(self, command):
        text = await E(self._shell).run(command)
        return text.splitlines()

# case: one fault of each rule
"""One fault of each rule."""
import asyncio
import time

from vatdata_runtime import Far, M, prepare_exo_class

ThingI = M.interface("Thing", {"a": M.call(), "b": M.call_when(), "c": M.call(M.any()), "d": M.call()})


def init_thing(ready):
    if ready:
        return {"items": [], "hook": None}
    return None  # finding: VD202


async def migrate_thing(old, version):  # finding: VD201
    return dict(old)


class Thing:
    def a(this):
        this.state.items.append(1)  # finding: VD203

    async def b(this):
        await asyncio.sleep(5)  # finding: VD207

    def c(this):
        this.state.itemz = ()  # finding: VD204
        time.sleep(5)  # finding: VD206

    def d(this):
        this.state.hook = lambda: 1  # finding: VD205


def build_root_object(vat_powers, vat_parameters, baggage):
    make = prepare_exo_class(baggage, "Thing", ThingI, init_thing, Thing, version=2, migrate=migrate_thing)  # finding: VD301
    return Far("Things", {"thing": make})
