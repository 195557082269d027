"""Classes that make no kind are refused when they are prepared, with the name of what is wrong."""

from __future__ import annotations

from typing import Any

import pytest

from tests.runtime.zones.conftest import ZoneLives
from vatdata_runtime import Exo, ExoKit, Facet, PatternMismatchError, Zone


class WithInit(Exo):
    n: int = 0

    def __init__(self) -> None: ...


class WithLength(Exo):
    n: int = 0

    def __len__(self) -> int:
        return self.n


class FieldAndMethod(Exo):
    n: int

    def n(self) -> int:  # type: ignore[no-redef]  # what is tested
        return 1


class BaseMethod(Exo):
    def n(self) -> int:
        return 1


class FieldOverMethod(BaseMethod):
    n: int = 5  # type: ignore[assignment]  # what is tested


class WithoutSelf(Exo):
    def method() -> int:  # type: ignore[misc]  # what is tested
        return 1


class DefaultFirst(Exo):
    a: int = 1
    b: int  # type: ignore[misc]  # what is tested


@pytest.mark.parametrize(
    ("cls", "text"),
    [
        (WithInit, "__init__"),
        (WithLength, "__len__"),
        (FieldAndMethod, "'n'"),
        (FieldOverMethod, "'n'"),
        (WithoutSelf, "self"),
        (DefaultFirst, "'b'"),
        (Exo, "Exo"),
        (ExoKit, "ExoKit"),
        (Facet, "Facet"),
        (int, "int"),
        (None, "None"),
    ],
)
def test_what_makes_no_kind_is_refused_with_its_name(zones: ZoneLives, cls: Any, text: str):
    def script(zone: Zone) -> None:
        with pytest.raises(TypeError, match=text):
            zone.prepare(cls)

    zones.run(script)


def test_a_default_that_does_not_fit_is_refused_at_the_definition(zones: ZoneLives):
    class Wrong(Exo):
        n: int = "text"  # type: ignore[assignment]  # what is tested

    def script(zone: Zone) -> None:
        with pytest.raises(PatternMismatchError, match="'n'"):
            zone.prepare(Wrong)

    zones.run(script)
