"""How an entry comes to a function that defines kinds: the shortest chain of calls."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence

from vatdata_lint.facts.diagnosis import CallSite, EntryPoint
from vatdata_lint.finding import Step

__all__ = ["Ways", "calls_by_function"]

MAX_SHOWN = 20
"""Calls told of one way; what lies between the first ones and the last is left out."""


MAX_FOLLOWED = 200
"""Calls of one way that are looked at: generated code has thousands, and a finding in each function."""


def calls_by_function(sites: Iterable[CallSite]) -> dict[str, list[CallSite]]:
    """Sort the calls that define kinds by the function that they stand in."""
    calls: dict[str, list[CallSite]] = {}
    for site in sites:
        calls.setdefault(site.function, []).append(site)
    return calls


class Ways:
    """Chains of calls from the entries of a project.

    Args:
        entries: the functions that vats start with.
        calls: the calls that define kinds, by function.

    Cost: each call is looked at once.
    """

    def __init__(self, entries: Iterable[EntryPoint], calls: Mapping[str, Sequence[CallSite]]) -> None:
        self._begins: dict[str, Step] = {}
        self._calls: dict[str, CallSite] = {}
        waiting: deque[str] = deque()
        for entry in entries:
            if entry.function not in self._begins:
                name = entry.function.rpartition(".")[2]
                self._begins[entry.function] = Step(entry.location, f"in '{name}', which a vat starts with")
                waiting.append(entry.function)
        while waiting:
            for site in calls.get(waiting.popleft(), ()):
                callee = site.callee_function
                if callee is not None and callee not in self._begins and callee not in self._calls:
                    self._calls[callee] = site
                    waiting.append(callee)

    @property
    def functions(self) -> frozenset[str]:
        """The functions that an entry comes to, the entries included."""
        return frozenset((*self._begins, *self._calls))

    def to(self, function: str) -> tuple[Step, ...]:
        """Give the calls that lead to a function, the entry first; empty where none leads there."""
        calls: list[Step] = []
        at = function
        while at not in self._begins:
            site = self._calls.get(at)
            if site is None:
                return ()
            calls.append(Step(site.location, f"calls '{site.callee}'"))
            if len(calls) > MAX_FOLLOWED:
                return ()
            at = site.function
        if not calls:
            return ()  # the function is an entry itself, and its own chain begins there
        calls.append(self._begins[at])
        calls.reverse()
        if len(calls) > MAX_SHOWN:
            del calls[MAX_SHOWN // 2 : len(calls) - MAX_SHOWN // 2]
        return tuple(calls)
