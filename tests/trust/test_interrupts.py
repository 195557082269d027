"""Ctrl-C in the middle of the runtime itself. Every point: ``python -m tests.trust.interrupts``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.processes import run_python

from .interrupts import FORMS

INTERRUPTED = """
import logging, sys
from tests.trust.interrupts import interrupt_all

logging.disable()
form, first, every = sys.argv[1], *map(int, sys.argv[2:])
count, failed = interrupt_all(form, first, every, print)
print(count, failed)
"""

MET = """
import contextlib, itertools, sys
from tests.trust.interrupts import Interrupt
from vatdata_runtime.kernel.holds import Holds
from vatdata_runtime.kernel.names import global_name
from vatdata_runtime.store import open_store
from vatdata_runtime.vat.crank_buffer import CrankBuffer
from vatdata_runtime.vat.identifiers import join_slot
from vatdata_runtime.vat.undo import UndoLog

slot = join_slot(b"d", 16, 7)
name = global_name(1, 0, slot)
with open_store(sys.argv[1]) as store:
    for n in itertools.count(1):
        holds, met = Holds(CrankBuffer(store, UndoLog()), store.path), {}
        interrupt = Interrupt(n)
        with contextlib.suppress(KeyboardInterrupt), interrupt:
            holds.hold_imported(name, met)
        assert holds.is_held(1, 0, slot) == (name in met), interrupt.where
        print(name in met)
        if interrupt.where is None:
            break
"""


FIRST = """
import contextlib, logging, sys
from tests.trust.interrupts import Interrupt
from vatdata_runtime import Far, open_vat, prepare_exo_class, provide_durable_map_store
from vatdata_runtime.tools.verify import verify

logging.disable()
KINDS = 1000

def build(_powers, _parameters, baggage):
    kinds = [
        prepare_exo_class(baggage, f"Kind {n}", None, lambda n: {"n": n}, {"n": lambda this: this.state.n})
        for n in range(KINDS)
    ]
    made = provide_durable_map_store(baggage, "made")

    def make(n):
        made.add_all([(len(made), kinds[n](n))])

    return Far("Root", {"make": make, "show": lambda: [thing.n() for thing in made.values()]})

path, expected = sys.argv[1], []
with open_vat(path, build, durability="relaxed") as vat:
    for n in range(1, KINDS):
        interrupt = Interrupt(n)
        with contextlib.suppress(KeyboardInterrupt), interrupt:
            vat.call("make", n)
        vat.call("make", n)
        made = list(vat.call("show"))
        assert made[len(expected) :] in ([n], [n, n]), (interrupt.where, made)
        expected = made
        if interrupt.where is None:
            break
    assert interrupt.where is None
    assert n > 100
assert not list(verify(path))
with open_vat(path, build) as vat:
    assert list(vat.call("show")) == expected
"""


OPENED = """
import contextlib, gc, itertools, logging, sys
from tests.trust.interrupts import Interrupt
from vatdata_runtime import Far, open_vat
from vatdata_runtime.vat.ambient import running

logging.disable()
build = lambda _powers, _parameters, _baggage: Far("Root", {"answer": lambda: 42})
path, struck = sys.argv[1], []
open_vat(path, build).close()
counting = Interrupt(1_000_000)
with counting:
    open_vat(path, build, durability="relaxed").close()
points = 1_000_000 - counting._left
for n in itertools.count(points - 150):
    interrupt = Interrupt(n)
    with contextlib.suppress(KeyboardInterrupt), interrupt:
        open_vat(path, build, durability="relaxed").close()
    assert running() is None, interrupt.where
    if interrupt.where is None:
        break
    struck.append(interrupt.where[2])
    gc.collect()  # what was half open is let go of
    with open_vat(path, build, durability="relaxed") as vat:
        assert vat.call("answer") == 42
assert "__exit__" in struck
"""


REHEARSED = r"""
import contextlib, itertools, logging, sys
from tests.trust.interrupts import Interrupt
from vatdata_runtime import open_vat
from vatdata_runtime.tools.check_upgrade import check_upgrade
from vatdata_runtime.tools.reading.store_reader import open_reader
from vatdata_runtime.vat.ambient import running

logging.disable()
MADE = '''
from vatdata_runtime import Far, prepare_exo_class
def build_root_object(_powers, _parameters, baggage):
    make = prepare_exo_class(baggage, "Node", None, lambda: {"value": 1}, {}%s)
    if not baggage.has("node"):
        baggage.init("node", make())
    return Far("Root", {})
'''
path, old, new = sys.argv[1:]
open(old, "w").write(MADE % "")
open(new, "w").write(MADE % ", state_shape={'value': 1}, version=2, migrate=lambda fields, _version: fields")
open_vat(path, old).close()
struck = []
for n in itertools.count(1):
    interrupt = Interrupt(n)
    with contextlib.suppress(KeyboardInterrupt), interrupt:
        with open_reader(path) as reader:
            check_upgrade(reader, "main", new)
    assert running() is None, interrupt.where
    if interrupt.where is None:
        break
    struck.append(interrupt.where[2])
assert "__exit__" in struck
"""


@pytest.mark.parametrize("form", FORMS)
def test_an_interrupt_leaves_the_data_before_the_crank_or_after_it_and_the_vat_goes_on(form: str) -> None:
    ended = run_python(INTERRUPTED, form, 11, 83)
    assert ended.returncode == 0, ended.stderr
    count, failed = map(int, ended.stdout.splitlines()[-1].split())
    assert failed == 0, ended.stdout
    assert count > 10


def test_an_interrupt_never_leaves_an_object_met_that_is_not_held(tmp_path: Path) -> None:
    ended = run_python(MET, tmp_path / "store.db")
    assert ended.returncode == 0, ended.stderr
    outcomes = ended.stdout.split()
    assert len(outcomes) > 3
    assert outcomes == sorted(outcomes)  # never met, then met
    assert outcomes[-1] == "True"


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("first", range(1, 11))
def test_an_interrupt_at_any_point_leaves_the_data_before_the_crank_or_after_it(
    form: str, first: int
) -> None:
    ended = run_python(INTERRUPTED, form, first, 10)
    assert ended.stdout.splitlines()[-1].split()[1:] == ["0"], ended.stdout + ended.stderr


def test_an_interrupted_first_instance_of_a_kind_leaves_the_kind_as_it_was(tmp_path: Path) -> None:
    ended = run_python(FIRST, tmp_path / "store.db")
    assert ended.returncode == 0, ended.stderr


def test_an_interrupt_at_the_end_of_an_opening_leaves_the_program_outside_of_the_vat(tmp_path: Path) -> None:
    ended = run_python(OPENED, tmp_path / "store.db")
    assert ended.returncode == 0, ended.stderr


def test_an_interrupt_of_a_rehearsed_upgrade_leaves_the_program_outside_of_the_vat(tmp_path: Path) -> None:
    ended = run_python(REHEARSED, tmp_path / "store.db", tmp_path / "old.py", tmp_path / "new.py")
    assert ended.returncode == 0, ended.stderr
