"""Baggage, and what is prepared and provided through it."""

from __future__ import annotations

from typing import Any

import pytest

from vatdata_runtime import (
    KeyExistsError,
    KeyNotFoundError,
    LabelInUseError,
    M,
    NotAKeyError,
    PatternMismatchError,
    make_scalar_big_map_store,
    prepare_exo,
    prepare_exo_class,
    prepare_exo_class_kit,
    prepare_singleton,
    provide,
    provide_durable_map_store,
    provide_durable_set_store,
    provide_durable_weak_map_store,
    provide_durable_weak_set_store,
    provide_kind_handle,
)

from .conftest import Lives


def nothing(baggage: Any) -> dict[str, Any]:
    return {}


def test_baggage_begins_empty_and_is_the_same_map_in_every_incarnation(lives: Lives) -> None:
    sizes: list[int] = []

    def setup(baggage: Any) -> dict[str, Any]:
        sizes.append(len(baggage))
        baggage.init(f"start {len(sizes)}", len(sizes))
        return {}

    lives.start(setup)
    with lives.crank() as here:
        here.baggage.init("later", 7)
        here.baggage.init("itself", here.baggage)
    lives.restart()
    with lives.crank() as here:
        assert dict(here.baggage.entries("later")) == {} or here.baggage.get("later") == 7
        assert here.baggage.get("itself") is here.baggage
        assert sorted(here.baggage.keys()) == ["itself", "later", "start 1", "start 2"]
        here.baggage.delete("itself")
        here.baggage.set("later", 8)
    lives.restart()
    with lives.crank() as here:
        assert here.baggage.get("later") == 8
        assert not here.baggage.has("itself")
    assert sizes == [0, 3, 3]


def test_baggage_is_never_collected(lives: Lives) -> None:
    lives.start(nothing)
    with lives.crank() as here:
        here.baggage.init("kept", 1)
    lives.start(lambda baggage: {})
    lives.vat.collect()
    with lives.crank() as here:
        assert here.baggage.get("kept") == 1


@pytest.mark.parametrize("key", [None, 3, b"bytes", ("a",), 1.5])
def test_baggage_takes_text_keys_only(lives: Lives, key: Any) -> None:
    lives.start(nothing)
    before = lives.dump()
    with lives.crank() as here:
        with pytest.raises((PatternMismatchError, NotAKeyError)):
            here.baggage.init(key, 1)
        assert not here.baggage.has(key)
    assert lives.dump() == before


def test_a_singleton_keeps_its_identity_and_gets_new_methods(lives: Lives) -> None:
    def version(n: int) -> Any:
        count = 0

        def bump(this: Any) -> Any:
            nonlocal count
            count += 1
            return n, count

        def setup(baggage: Any) -> dict[str, Any]:
            return {"it": prepare_exo(baggage, "It", None, {"bump": bump, "me": lambda this: this.self})}

        return setup

    lives.start(version(1))
    with lives.crank() as here:
        here.baggage.init("also", here.it)
        assert [here.it.bump(), here.it.bump()] == [(1, 1), (1, 2)]
        assert here.baggage.get("the_It") is here.it
    lives.start(version(2))
    with lives.crank() as here:
        assert here.baggage.get("also") is here.it is here.it.me()
        assert here.it.bump() == (2, 1)


def test_prepare_singleton_is_the_deprecated_name(lives: Lives) -> None:
    def setup(baggage: Any) -> dict[str, Any]:
        with pytest.warns(DeprecationWarning, match="prepare_exo"):
            return {"it": prepare_singleton(baggage, "It", None, {"hi": lambda this: "hi"})}

    lives.start(setup)
    with lives.crank() as here:
        assert here.it.hi() == "hi"


def test_provide_makes_once_and_gives_the_key(lives: Lives) -> None:
    made: list[str] = []

    def make(key: str) -> Any:
        made.append(key)
        return [key]

    def setup(baggage: Any) -> dict[str, Any]:
        return {"value": provide(baggage, "thing", make)}

    lives.start(setup)
    with lives.crank() as here:
        assert here.value == ("thing",)
    lives.restart()
    with lives.crank() as here:
        assert here.value == here.baggage.get("thing") == ("thing",)
    assert made == ["thing"]


PROVIDERS = {
    "map": provide_durable_map_store,
    "set": provide_durable_set_store,
    "weak map": provide_durable_weak_map_store,
    "weak set": provide_durable_weak_set_store,
}


@pytest.mark.parametrize("name", list(PROVIDERS))
def test_a_provided_store_is_the_same_one_in_every_incarnation(lives: Lives, name: str) -> None:
    def setup(baggage: Any) -> dict[str, Any]:
        store = PROVIDERS[name](baggage, "store")
        assert PROVIDERS[name](baggage, "store") is store
        return {"store": store}

    lives.start(setup)
    with lives.crank() as here:
        if "map" in name:
            here.store.init("key", 1)
        else:
            here.store.add("key")
    lives.restart()
    with lives.crank() as here:
        assert here.store.has("key")


@pytest.mark.parametrize("name", list(PROVIDERS))
def test_a_label_that_means_something_else_is_refused_and_nothing_changes(lives: Lives, name: str) -> None:
    def setup(baggage: Any) -> dict[str, Any]:
        PROVIDERS[name](baggage, "store", key_shape=M.string())
        if not baggage.has("data"):
            baggage.init("data", 5)
            baggage.init("made", make_scalar_big_map_store("other", durable=True))
        for other, provide_other in PROVIDERS.items():
            if other != name:
                with pytest.raises(LabelInUseError, match="'store'"):
                    provide_other(baggage, "store", key_shape=M.string())
            with pytest.raises(LabelInUseError, match="'data'"):
                provide_other(baggage, "data")
            with pytest.raises(LabelInUseError):
                provide_other(baggage, "store", key_shape=M.any())
            with pytest.raises(LabelInUseError):
                provide_other(baggage, "store")
        return {}

    lives.start(setup)
    keys = [key for key in lives.dump() if key[2:3] != b"m"]
    lives.restart()
    assert [key for key in lives.dump() if key[2:3] != b"m"] == keys


def test_a_store_that_cannot_be_kept_leaves_no_trace(lives: Lives) -> None:
    lives.start(nothing)
    before = lives.dump()
    with lives.crank() as here:
        for key in ("x" * 481, 5, None):
            with pytest.raises((ValueError, TypeError)):
                provide_durable_map_store(here.baggage, key)
    assert lives.dump() == before


def test_something_else_under_a_kinds_key_is_refused(lives: Lives) -> None:
    def setup(baggage: Any) -> dict[str, Any]:
        if not baggage.has("Thing_kindHandle"):
            baggage.init("Thing_kindHandle", "not a handle")
        with pytest.raises(LabelInUseError, match="Thing_kindHandle"):
            prepare_exo_class(baggage, "Thing", None, None, {})
        with pytest.raises(LabelInUseError, match="Thing_kindHandle"):
            provide_kind_handle(baggage, "Thing")
        return {}

    lives.start(setup)


@pytest.mark.parametrize("name", [None, 5, "", b"x"])
def test_a_kinds_name_is_text(lives: Lives, name: Any) -> None:
    def setup(baggage: Any) -> dict[str, Any]:
        for refused in (
            lambda: prepare_exo_class(baggage, name, None, None, {}),
            lambda: prepare_exo_class_kit(baggage, name, None, None, {"a": {}, "b": {}}),
            lambda: prepare_exo(baggage, name, None, {}),
            lambda: provide_kind_handle(baggage, name),
        ):
            with pytest.raises(TypeError):
                refused()
        assert len(baggage) == 0
        return {}

    lives.start(setup)


def test_any_durable_map_can_serve_as_baggage(lives: Lives) -> None:
    def setup(baggage: Any) -> dict[str, Any]:
        part = provide_durable_map_store(baggage, "part of the system")
        return {
            "make": prepare_exo_class(
                part, "Thing", None, lambda n: {"n": n}, {"n": lambda this: this.state.n}
            ),
            "it": prepare_exo(part, "It", None, {"hi": lambda this: "hi"}),
            "map": provide_durable_map_store(part, "map"),
        }

    lives.start(setup)
    with lives.crank() as here:
        here.map.init("thing", here.make(4))
        assert list(here.baggage.keys()) == ["part of the system"]
    lives.restart()
    with lives.crank() as here:
        assert here.map.get("thing").n() == 4
        assert here.it.hi() == "hi"


def test_baggage_says_what_is_wrong_with_a_key(lives: Lives) -> None:
    lives.start(nothing)
    with lives.crank() as here:
        here.baggage.init("a", 1)
        with pytest.raises(KeyExistsError, match="'a'"):
            here.baggage.init("a", 2)
        with pytest.raises(KeyNotFoundError, match="'b'"):
            here.baggage.get("b")
        with pytest.raises(KeyNotFoundError):
            here.baggage.set("b", 1)
        with pytest.raises(KeyNotFoundError):
            here.baggage.delete("b")
        assert here.baggage.get("a") == 1
