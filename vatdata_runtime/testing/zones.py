"""One script in each of the three zones: what it does may not depend on where its objects live."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..passable import Far, freeze
from ..zones import Zone, make_durable_zone, make_heap_zone, make_virtual_zone
from .lives import Lives

__all__ = ["assert_same_in_all_zones"]

Script = Callable[[Zone], Callable[[], Any]]

_ZONES: dict[str, Callable[[Any], Zone]] = {
    "heap": lambda _baggage: make_heap_zone(),
    "virtual": lambda _baggage: make_virtual_zone(),
    "durable": make_durable_zone,
}


def assert_same_in_all_zones(script: Script) -> None:
    """Run a script in a heap, a virtual and a durable zone, and compare what comes of it.

        def script(zone):
            make = zone.exo_class("Counter", None, lambda: {"n": 0}, Counter)
            return lambda: [make().add(1), make().add(2)]

        assert_same_in_all_zones(script)

    Args:
        script: given a zone in the first crank, it prepares what it needs and returns a function. That is called in a
            crank of its own; it returns data, or raises. In the durable zone the vat is then restarted from the same
            script, which has to prepare the same kinds.

    Raises:
        AssertionError: two zones differ; it tells both outcomes.
    """
    outcomes = {name: _outcome(script, make_zone) for name, make_zone in _ZONES.items()}
    first = outcomes["heap"]
    for name, outcome in outcomes.items():
        if outcome != first:
            raise AssertionError(
                f"the zones differ:\n  in the heap zone it {_told(first)}\n  in the {name} zone it {_told(outcome)}"
            )


def _outcome(script: Script, make_zone: Callable[[Any], Zone]) -> tuple[str, object]:
    def build(_powers: Any, _parameters: Any, baggage: Any) -> Any:
        return Far("Root", {"run": script(make_zone(baggage))})

    with Lives(build) as lives:
        outcome: tuple[str, object]
        try:
            with lives.vat.crank() as root:
                outcome = ("returned", freeze(root.run()))
        except Exception as error:
            outcome = (type(error).__name__, str(error))
        lives.restart()
    return outcome


def _told(outcome: tuple[str, object]) -> str:
    how, what = outcome
    return f"returned {what!r}" if how == "returned" else f"raised {how}: {what}"
