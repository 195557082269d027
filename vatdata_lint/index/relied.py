"""Finds functions whose own judgement their callers rely on, and that nothing in their own module leads to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from vatdata_lint.facts.effects import RELIED, Applied
from vatdata_lint.facts.module import FunctionInfo, ModuleFacts

__all__ = ["relied_upon"]


def relied_upon(
    applied: Iterable[Applied], load: Callable[[str], ModuleFacts | None]
) -> Iterator[FunctionInfo]:
    """Yield the functions of modules and methods of their classes that callers leave it to report what is in them.

    Those that speak of definers are judged with their module; others may call what they find in a table.
    """
    wanted: dict[str, set[str]] = {}
    for uid, _, word in applied:
        if word == RELIED:
            wanted.setdefault(uid.rsplit(":", 2)[0], set()).add(uid)
    for path, uids in sorted(wanted.items()):
        facts = load(path)
        for fn in list(facts.functions.values()) if facts is not None else ():
            outer = fn.outer or (fn.owner.outer if fn.owner is not None else None)
            if fn.uid in uids and outer is None and not fn.module.mentions_prepare(fn.node):
                yield fn
