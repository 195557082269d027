"""Wrapping one function as a guarded method of a plain receiver."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from vatdata_runtime.patterns import compile_method


class Receiver:
    """Stands for an instance: its context is a list of what was done to it."""

    def __init__(self) -> None:
        self.log: list[Any] = []
        self.is_gone = False


def context_of(receiver: Any) -> Receiver:
    if not isinstance(receiver, Receiver) or receiver.is_gone:
        raise TypeError("wrong receiver")
    return receiver


def no_spawn(coroutine: Any) -> Any:
    coroutine.close()
    raise AssertionError("nothing to spawn was expected")


def guarded(
    function: Callable[..., Any], guard: Any, *, spawn: Any = no_spawn, **options: Any
) -> Callable[..., Any]:
    """Wrap *function* as method ``act`` of interface ``Thing``."""
    return compile_method(
        function,
        guard,
        method="act",
        interface="Thing",
        enter="this = context_of(self)",
        scope={"context_of": context_of},
        spawn=spawn,
        **options,
    )
