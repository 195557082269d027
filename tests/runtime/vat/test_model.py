"""Instances beside a model of dicts: over aborted cranks, failed makings, tiny caches, restarts, upgrades, collection."""

from __future__ import annotations

import contextlib
import tempfile
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from vatdata_runtime import M, prepare_exo_class, prepare_exo_class_kit, provide_durable_map_store

from .conftest import Abort, Lives

NAMES = st.sampled_from("abcdefgh")
SORTS = st.sampled_from(["single", "kit", "bag"])
VALUES = st.one_of(st.integers(-3, 3), st.text("xyé", max_size=3), st.none(), st.booleans())


class Refuse(Exception):
    """Raised by a ``finish`` of the model."""


class Thing:
    def value(this: Any) -> Any:
        return this.state.value

    def link(this: Any) -> Any:
        return this.state.link

    def set(this: Any, value: Any) -> None:
        this.state.value = value

    def set_link(this: Any, link: Any) -> None:
        this.state.link = link

    def extra(this: Any, number: int) -> Any:
        return getattr(this.state, f"extra{number}")


class KitThing(Thing):
    def sibling(this: Any, name: str) -> Any:
        return this.facets[name]


def setup_of(version: int) -> Any:
    """The code of a version: each has one facet more, another layout of ``single``, and doubles ``bag`` values."""

    def finish(this: Any) -> None:
        if this.state.value == "refuse":
            world["things"].init("half made", this.self)
            for thing in world["things"].values():
                thing.set("spoilt")
            raise Refuse

    world: dict[str, Any] = {}

    def setup(baggage: Any) -> dict[str, Any]:
        shape = {"value": M.any(), "link": M.any(), **{f"extra{n}": M.opt(M.int()) for n in range(version)}}
        facets = {f"facet{n}": KitThing for n in reversed(range(2 + version))}
        world["things"] = provide_durable_map_store(baggage, "things")
        return {
            "things": world["things"],
            "make_single": prepare_exo_class(
                baggage,
                "Single",
                None,
                lambda value, link: {"value": value, "link": link},
                Thing,
                state_shape=shape,
                finish=finish,
            ),
            "make_kit": prepare_exo_class_kit(
                baggage, "Kit", None, lambda value, link: {"value": value, "link": link}, facets
            ),
            "make_bag": prepare_exo_class(
                baggage,
                "Bag",
                None,
                lambda value, link: {
                    "link": link,
                    "value": value,
                    **({str(value): 1} if value in ("x", "y") else {}),
                },
                Thing,
                version=1 + version,
                migrate=lambda old, _: {**old, "migrated": old.get("migrated", 0) + 1},
            ),
        }

    return setup


class VatModel(RuleBasedStateMachine):
    """A name leads to a sort, a value and the name of what it links to; nothing else is promised."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self.lives = Lives(Path(self._folder.name))
        self.committed: dict[str, list[Any]] = {}
        self.version = 0
        self.held: list[Any] = []

    @initialize(cache_bytes=st.sampled_from([0, 900, 1 << 20]))
    def start(self, cache_bytes: int) -> None:
        self.lives.start(setup_of(0), cache_bytes=cache_bytes, durability="relaxed")
        self.cache_bytes = cache_bytes

    def act(self, here: Any, model: dict[str, list[Any]], action: tuple[Any, ...]) -> None:
        """Do one thing in the vat and in the model."""
        what, name, other, sort, value = action
        things = here.things
        if what == "make" and name not in model:
            link = things.get(other) if other in model else None
            made = getattr(here, f"make_{sort}")(value, link)
            if sort == "kit":
                made = made["facet1"]
            things.init(name, made)
            model[name] = [sort, value, other if other in model else None]
        elif what == "fail":
            with contextlib.suppress(Refuse):
                here.make_single("refuse", things.get(name) if name in model else None)
        elif name not in model:
            return
        elif what == "set":
            things.get(name).set(value)
            model[name][1] = value
        elif what == "link" and other in model:
            things.get(name).set_link(things.get(other))
            model[name][2] = other
        elif what == "unlink":
            things.get(name).set_link(None)
            model[name][2] = None
        elif what == "drop" and not any(entry[2] == name for entry in model.values()):
            things.delete(name)
            del model[name]
        elif what == "hold":
            self.held.append(things.get(name))
        elif what == "check":
            self.check(here, model)

    def check(self, here: Any, model: dict[str, list[Any]]) -> None:
        assert sorted(here.things.keys()) == sorted(model)
        for name, (sort, value, link) in model.items():
            thing = here.things.get(name)
            if (
                sort == "single" and self.version
            ):  # first of all: the object may be of an older layout than its record
                assert thing.extra(self.version - 1) is None
            found = thing.value()
            assert (type(found), found) == (type(value), value)
            assert thing.link() is (None if link is None else here.things.get(link))
            if sort == "kit":
                assert thing.sibling("facet0").sibling("facet1") is thing
                assert thing.sibling(f"facet{1 + self.version}").value() == value

    ACTIONS = st.lists(
        st.tuples(
            st.sampled_from(
                ["make", "make", "set", "set", "link", "unlink", "drop", "fail", "fail", "hold", "check"]
            ),
            NAMES,
            NAMES,
            SORTS,
            VALUES,
        ),
        min_size=1,
        max_size=8,
    )

    @rule(actions=ACTIONS, looks=st.booleans())
    def kept_crank(self, actions: Any, looks: bool) -> None:
        with self.lives.crank() as here:
            for action in actions:
                self.act(here, self.committed, action)
            if looks:
                self.check(here, self.committed)

    @rule(actions=ACTIONS)
    def aborted_crank(self, actions: Any) -> None:
        tentative = deepcopy(self.committed)
        before = self.lives.dump()
        try:
            with self.lives.crank() as here:
                for action in actions:
                    self.act(here, tentative, action)
                raise Abort
        except Abort:
            pass
        self.held.clear()
        assert self.lives.dump() == before

    @rule()
    def look(self) -> None:
        with self.lives.crank() as here:
            self.check(here, self.committed)

    @rule()
    def let_go_and_collect(self) -> None:
        self.held.clear()
        self.lives.vat.collect()
        records = sum(key.startswith(b"\x02\x01o") for key in self.lives.dump())
        assert records >= len(self.committed)

    @rule()
    def restart(self) -> None:
        self.held.clear()
        self.lives.restart()

    @rule()
    def crash(self) -> None:
        self.held.clear()
        setup, options = self.lives._setup, self.lives._options
        self.lives.crash()
        assert setup is not None
        self.lives.start(setup, **options)

    @precondition(lambda self: self.version < 3)
    @rule()
    def upgrade(self) -> None:
        self.held.clear()
        self.version += 1
        self.lives.start(setup_of(self.version), cache_bytes=self.cache_bytes, durability="relaxed")

    def teardown(self) -> None:
        if self.lives._vat is not None:
            with self.lives.crank() as here:
                self.check(here, self.committed)
        self.lives.stop()
        try:
            assert self.lives.differences() == []
        finally:
            self._folder.cleanup()


TestVatModel = pytest.mark.timeout(600)(VatModel.TestCase)  # a failure takes minutes to be made small
TestVatModel.settings = settings(
    max_examples=50, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
)
