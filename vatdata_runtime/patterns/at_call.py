"""What guarded methods do at a call besides checking: the uncommon ways to bind arguments, and waiting."""

from __future__ import annotations

from typing import Any

from vatdata_runtime.passable import is_promise
from vatdata_runtime.patterns.coercion import ABSENT

__all__ = ["extend", "given", "present", "reject", "settled"]


def given(values: tuple[Any, ...], extra: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the arguments that a call gave: without the absent ones at the end, and None for those between."""
    arguments = [*values, *extra]
    while arguments and arguments[-1] is ABSENT:
        arguments.pop()
    return tuple(None if value is ABSENT else value for value in arguments)


def extend(extra: tuple[Any, ...], named: dict[str, Any], names: tuple[str | None, ...]) -> tuple[Any, ...]:
    """Move keywords that name the parameters after *extra* to its end, as long as there is no gap."""
    for name in names[len(extra) :]:
        if name is None or name not in named:
            break
        extra = (*extra, named.pop(name))
    return extra


def present(*named: tuple[str, Any]) -> dict[str, Any]:
    """Return the keyword arguments that a call gave."""
    return {name: value for name, value in named if value is not ABSENT}


async def settled(*values: Any) -> list[Any]:
    """Wait for the promises among *values*; the first that is rejected ends the waiting."""
    promises = [value for value in values if is_promise(value)]
    if len(promises) == 1:
        await promises[0]
    elif promises:
        from asyncio import gather

        await gather(*promises)
    return [value.result() if is_promise(value) else value for value in values]


async def reject(error: Exception) -> None:
    """Raise *error*, for a promise that is rejected with it."""
    raise error
