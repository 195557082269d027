"""Code of several versions, for tests of upgrades."""

from __future__ import annotations

from typing import Any

import pytest

from vatdata_runtime import (
    IncompatibleKindError,
    M,
    prepare_exo_class,
    prepare_exo_class_kit,
)

from .conftest import Lives


class Thing:
    def get(this: Any, name: str) -> Any:
        return getattr(this.state, name)

    def set(this: Any, name: str, value: Any) -> None:
        setattr(this.state, name, value)

    def fields(this: Any) -> Any:
        return tuple(dir(this.state))


class Facet(Thing):
    def sibling(this: Any, name: str) -> Any:
        return this.facets[name]


def single(shape: Any = None, *, name: str = "Thing", **options: Any) -> Any:
    """A setup that prepares a single kind whose init takes its fields as keywords."""

    def setup(baggage: Any) -> dict[str, Any]:
        return {
            "make": prepare_exo_class(
                baggage, name, None, lambda **fields: fields, Thing, state_shape=shape, **options
            )
        }

    return setup


def kit(*facets: str, shape: Any = None, **options: Any) -> Any:
    """A setup that prepares a kit with these facets."""

    def setup(baggage: Any) -> dict[str, Any]:
        return {
            "make": prepare_exo_class_kit(
                baggage,
                "Thing",
                None,
                lambda **fields: fields,
                dict.fromkeys(facets, Facet),
                state_shape=shape,
                **options,
            )
        }

    return setup


def refused(lives: Lives, setup: Any, reason: str) -> None:
    """Start with *setup*, expect that it is refused for *reason*, and that the store stays as it was."""
    lives.stop()
    before = lives.dump()
    with pytest.raises(IncompatibleKindError, match="'Thing'") as caught:
        lives.start(setup)
    assert reason in " ".join(caught.value.reasons)
    assert lives.dump() == before


def migration(**options: Any) -> tuple[Any, list[Any]]:
    """A second version whose state has ``total`` in place of ``a`` and ``b``; and the list of its calls."""
    calls: list[Any] = []

    def migrate(old: Any, version: int) -> dict[str, Any]:
        calls.append((dict(old), version))
        return {"total": old["a"] + old["b"]}

    return single({"total": M.int()}, version=2, migrate=migrate, **options), calls


def first_version() -> Any:
    return single({"a": M.int(), "b": M.int()})
