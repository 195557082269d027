"""The first crank: every stored kind is defined again in it, or the start has never been."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from vatdata_runtime import (
    Far,
    FirstCrankError,
    KindNotDefinedError,
    KindRedefinedError,
    KindsNotPreparedError,
    VatDataError,
    VatStartError,
    define_durable_exo_class,
    define_virtual_exo_class,
    make_exo,
    make_kind_handle,
    open_vat,
    prepare_exo,
    prepare_exo_class,
    prepare_exo_class_kit,
    provide_durable_map_store,
    provide_kind_handle,
    register_enum,
    rename_kind,
    retire_kind,
)

from .conftest import Lives, stable_repr


class Box:
    def get(this: Any) -> Any:
        return this.state.value


def init_box(value: Any = None) -> dict[str, Any]:
    return {"value": value}


def prepares(*names: str) -> Any:
    """A setup that prepares these kinds and nothing else."""

    def setup(baggage: Any) -> dict[str, Any]:
        return {f"make_{name}": prepare_exo_class(baggage, name, None, init_box, Box) for name in names}

    return setup


def test_a_start_that_forgets_kinds_fails_naming_each_and_leaves_the_store_as_it_was(lives: Lives) -> None:
    lives.start(prepares("Alpha", "Beta", "Gamma"))
    with lives.crank() as here:
        here.baggage.init("alpha", here.make_Alpha(1))
    lives.stop()
    before = lives.dump()
    with pytest.raises(KindsNotPreparedError) as caught:
        lives.start(prepares("Beta", "Delta"))
    assert caught.value.missing == ("Alpha", "Gamma")
    assert caught.value.vat == "main"
    assert caught.value.incarnation == 1
    assert any("'main'" in note for note in caught.value.__notes__)
    assert lives.dump() == before
    vat = lives.start(prepares("Alpha", "Beta", "Gamma"))
    assert vat.incarnation == 1
    with lives.crank() as here:
        assert here.baggage.get("alpha").get() == 1


def test_what_a_build_function_raises_is_raised_with_a_note_and_nothing_is_kept(lives: Lives) -> None:
    def failing(baggage: Any) -> dict[str, Any]:
        baggage.init("written", prepares("Box")(baggage)["make_Box"](1))
        raise ZeroDivisionError("in the build")

    lives.start(prepares("Box"))
    lives.stop()
    before = lives.dump()
    with pytest.raises(ZeroDivisionError, match="in the build") as caught:
        lives.start(failing)
    assert caught.value.__notes__ == ["while vat 'main' was starting incarnation 1"]
    assert lives.dump() == before


def test_a_failed_first_start_leaves_an_empty_store_that_can_be_started(lives: Lives) -> None:
    def failing(baggage: Any) -> dict[str, Any]:
        baggage.init("written", 1)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        lives.start(failing)
    assert lives.dump() == {}
    assert lives.start(prepares("Box")).incarnation == 0
    with lives.crank() as here:
        assert not here.baggage.has("written")


def test_a_handle_that_is_made_and_not_defined_obliges_this_start(lives: Lives) -> None:
    with pytest.raises(KindsNotPreparedError, match="'Lost'"):
        lives.start(lambda baggage: {"handle": make_kind_handle("Lost") and None})


def test_a_handle_made_in_a_later_crank_obliges_the_next_start(lives: Lives) -> None:
    lives.start(prepares())
    with lives.crank() as here:
        here.baggage.init("handle", make_kind_handle("Later"))
    with pytest.raises(KindsNotPreparedError, match="'Later'"):
        lives.restart()

    def defines(baggage: Any) -> dict[str, Any]:
        return {"make": define_durable_exo_class(baggage.get("handle"), None, init_box, Box)}

    lives.start(defines)
    with lives.crank() as here:
        assert here.make(3).get() == 3


def test_definitions_are_refused_behind_the_first_crank_and_leave_nothing(lives: Lives) -> None:
    from enum import Enum

    class Color(Enum):
        RED = 1

    lives.start(prepares("Box"))
    before = lives.dump()
    with lives.crank() as here:
        baggage = here.baggage
        for late in (
            lambda: prepare_exo_class(baggage, "New", None, init_box, Box),
            lambda: prepare_exo_class_kit(baggage, "New", None, init_box, {"one": Box, "two": Box}),
            lambda: prepare_exo(baggage, "New", None, {}),
            lambda: provide_kind_handle(baggage, "New"),
            lambda: provide_kind_handle(baggage, "Box"),
            lambda: define_durable_exo_class(baggage.get("Box_kindHandle"), None, init_box, Box),
            lambda: rename_kind(baggage, "Box", "New"),
            lambda: retire_kind(baggage, "Box"),
            lambda: register_enum(Color),
        ):
            with pytest.raises(FirstCrankError, match="came too late"):
                late()
    assert lives.dump() == before


def test_virtual_and_heap_kinds_can_be_defined_at_any_time(lives: Lives) -> None:
    lives.start(prepares())
    with lives.crank():
        make = define_virtual_exo_class("Virtual", None, init_box, Box)
        box = make(1)
        assert make_exo("Heap", None, {"hi": lambda this: "hi"}).hi() == "hi"
    with lives.crank():
        assert box.get() == 1
        assert make(2).get() == 2


def test_a_kind_cannot_be_defined_twice_in_one_incarnation(lives: Lives) -> None:
    def twice(baggage: Any) -> dict[str, Any]:
        make = prepare_exo_class(baggage, "Box", None, init_box, Box)
        with pytest.raises(KindRedefinedError, match="'Box'"):
            prepare_exo_class(baggage, "Box", None, init_box, Box)
        return {"make": make}

    lives.start(twice)
    with lives.crank() as here:
        assert here.make(1).get() == 1


def test_two_kinds_may_share_a_tag(lives: Lives) -> None:
    def setup(baggage: Any) -> dict[str, Any]:
        names = {}
        for key in ("one", "two"):
            sub = provide_durable_map_store(baggage, key)
            names[key] = prepare_exo_class(sub, "Box", None, init_box, Box)
            if not sub.has("box"):
                sub.init("box", names[key](key))
        return names

    lives.start(setup)
    lives.restart()
    with lives.crank() as here:
        for key in ("one", "two"):
            assert here.baggage.get(key).get("box").get() == key


# --- reading before defining


def test_an_instance_read_before_its_kind_is_defined_is_an_error_that_damages_nothing(lives: Lives) -> None:
    lives.start(
        lambda baggage: {**prepares("Box")(baggage), "one": prepare_exo(baggage, "Single", None, Box)}
    )
    with lives.crank() as here:
        here.baggage.init("box", here.make_Box(5))

    def reads_first(baggage: Any) -> dict[str, Any]:
        for key, kind in (("box", "Box"), ("the_Single", "Single")):
            with pytest.raises(KindNotDefinedError, match=f"'{kind}'"):
                baggage.get(key)
        assert baggage.has("box")
        assert "box" in list(baggage.keys())
        assert len(baggage) == len(list(baggage.keys()))
        with pytest.raises(KindNotDefinedError):
            list(baggage.values())
        prepares("Box")(baggage)
        prepare_exo(baggage, "Single", None, Box)
        return {"box": baggage.get("box")}

    lives.start(reads_first)
    with lives.crank() as here:
        assert here.box.get() == 5
        assert here.box is here.baggage.get("box")


# --- async build functions


def open_with(lives: Lives, build: Any) -> Any:
    lives.stop()
    lives._vat = open_vat(lives.path, build)
    return lives.vat


def test_an_async_build_may_prepare_after_local_awaits(lives: Lives) -> None:
    async def build(vat_powers: Any, vat_parameters: Any, baggage: Any) -> Any:
        await asyncio.sleep(0)
        gate = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_soon(gate.set_result, 5)
        value = await gate
        make = prepare_exo_class(baggage, "Box", None, init_box, Box)
        return Far("Root", {"get": lambda: make(value).get()})

    for incarnation in range(2):
        vat = open_with(lives, build)
        assert vat.incarnation == incarnation
        assert vat.call("get") == 5


def test_detached_work_that_outlives_the_build_is_too_late_for_a_stored_kind(lives: Lives) -> None:
    lives.start(prepares("Box"))
    lives.stop()
    before = lives.dump()

    async def build(vat_powers: Any, vat_parameters: Any, baggage: Any) -> Any:
        async def late() -> None:
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            prepare_exo_class(baggage, "Box", None, init_box, Box)

        kept.append(asyncio.ensure_future(late()))
        return Far("Root", {})

    kept: list[Any] = []
    with pytest.raises(KindsNotPreparedError, match="'Box'"):
        open_with(lives, build)
    assert lives.dump() == before


def test_a_late_definition_of_a_new_kind_fails_the_start_too(lives: Lives) -> None:
    async def build(vat_powers: Any, vat_parameters: Any, baggage: Any) -> Any:
        async def late() -> None:
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            prepare_exo_class(baggage, "Box", None, init_box, Box)

        kept.append(asyncio.ensure_future(late()))
        return Far("Root", {})

    kept: list[Any] = []
    with pytest.raises(FirstCrankError, match="'Box'"):
        open_with(lives, build)
    assert lives.dump() == {}


def test_a_build_that_never_settles_fails_the_start(lives: Lives) -> None:
    async def build() -> Any:
        await asyncio.get_running_loop().create_future()

    with pytest.raises(VatStartError, match="settles"):
        open_with(lives, build)
    assert lives.dump() == {}
    with pytest.raises(VatStartError, match="settles"):
        open_with(lives, lambda: asyncio.get_running_loop().create_future())


def test_a_build_that_swallows_its_cancellation_still_fails_the_start(lives: Lives) -> None:
    async def build() -> Any:
        while True:
            try:
                await asyncio.get_running_loop().create_future()
            except asyncio.CancelledError:
                return Far("Root", {})

    with pytest.raises(VatStartError, match="settles"):
        open_with(lives, build)


def test_an_async_build_that_raises_is_raised(lives: Lives) -> None:
    async def build() -> Any:
        await asyncio.sleep(0)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        open_with(lives, build)
    assert lives.dump() == {}


def test_the_window_closes_when_the_builds_promise_settles(lives: Lives) -> None:
    outcomes: list[str] = []

    def build(vat_powers: Any, vat_parameters: Any, baggage: Any) -> Any:
        promise = asyncio.get_running_loop().create_future()

        async def rest() -> None:
            prepare_exo_class(baggage, "Before", None, init_box, Box)
            outcomes.append("before")
            promise.set_result(Far("Root", {}))
            # in the same turn: the promise is settled, and nobody has been told yet
            outcomes.append("same turn")

        asyncio.ensure_future(rest())  # noqa: RUF006  # it ends before the crank does
        return promise

    open_with(lives, build)
    assert outcomes == ["before", "same turn"]


# --- the root


@pytest.mark.parametrize(
    "root", [None, 3, "root", {"a": 1}, [], object(), print, ValueError("x")], ids=stable_repr
)
def test_a_root_that_is_no_remotable_is_refused(lives: Lives, root: Any) -> None:
    with pytest.raises(VatStartError, match="the root is a heap object"):
        open_with(lives, lambda: root)
    assert lives.dump() == {}


def test_a_root_that_is_virtual_or_durable_is_refused(lives: Lives) -> None:
    def durable(vat_powers: Any, vat_parameters: Any, baggage: Any) -> Any:
        return prepare_exo(baggage, "Root", None, Box)

    def virtual() -> Any:
        return define_virtual_exo_class("Root", None, init_box, Box)()

    def baggage_itself(vat_powers: Any, vat_parameters: Any, baggage: Any) -> Any:
        return baggage

    for build in (durable, virtual, baggage_itself):
        with pytest.raises(VatStartError, match="the root is a heap object"):
            open_with(lives, build)
    assert lives.dump() == {}


def test_a_heap_exo_can_be_the_root(lives: Lives) -> None:
    vat = open_with(lives, lambda: make_exo("Root", None, {"hi": lambda this: "hi"}))
    assert vat.call("hi") == "hi"


# --- what the build function is given


def test_a_build_function_may_take_fewer_arguments(lives: Lives) -> None:
    taken: list[Any] = []
    for build in (
        lambda: Far("R", {}),
        lambda powers: taken.append(powers) or Far("R", {}),
        lambda powers, parameters: taken.append(parameters) or Far("R", {}),
        lambda powers, parameters, baggage: taken.append(baggage) or Far("R", {}),
        lambda *everything: taken.append(everything) or Far("R", {}),
    ):
        open_with(lives, build)
    powers, parameters, baggage, everything = taken
    assert powers.vat_name == "main"
    assert powers.incarnation == 1
    assert parameters is None
    assert repr(baggage) == repr(everything[2])


def test_parameters_reach_the_build_function(lives: Lives) -> None:
    seen: list[Any] = []

    def build(vat_powers: Any, vat_parameters: Any) -> Any:
        seen.append(vat_parameters)
        return Far("R", {})

    with open_vat(lives.path, build, parameters={"currency": "EUR", "limits": [1, 2]}):
        pass
    assert seen[0]["currency"] == "EUR"
    assert list(seen[0]["limits"]) == [1, 2]


def test_every_start_error_is_a_vat_data_error_or_the_builds_own(lives: Lives) -> None:
    with pytest.raises(VatDataError):
        lives.start(lambda baggage: {"x": make_kind_handle("Lost") and 1})
