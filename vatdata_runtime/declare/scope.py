"""Where the names in the annotations of a class mean something, also when the annotations are text."""

from __future__ import annotations

import builtins
from collections.abc import Iterable
from types import FrameType
from typing import Any

__all__ = ["Scope"]


class Scope:
    """The names that were visible where a class was written.

    Annotations may be text that mentions the class itself, or names of the function that the class stands in; and a
    vat's module is not in ``sys.modules`` after it has run. So what a class needs is noted when the class is made.
    """

    __slots__ = ("_globals", "_names")

    def __init__(self, names: dict[str, Any], module_names: dict[str, Any]) -> None:
        self._names = names
        self._globals = module_names

    @classmethod
    def at(cls, frame: FrameType, texts: Iterable[str]) -> Scope:
        """Note what *texts* can mean in a class statement that runs in *frame*; only what they mention is kept."""
        mentioned = {name for text in texts for name in _names_in(text)}
        names: dict[str, Any] = {}
        here: FrameType | None = frame
        while here is not None and here.f_locals is not here.f_globals:
            names = {**{name: here.f_locals[name] for name in mentioned & here.f_locals.keys()}, **names}
            if "__qualname__" not in here.f_locals:
                break  # a function: the names of its callers mean nothing here
            here = here.f_back  # the body of an enclosing class
        return cls(names, frame.f_globals)

    def evaluate(self, text: str, own: dict[str, Any]) -> Any:
        """Return what *text* means; *own* holds the names that were not yet there then.

        Raises:
            Exception: what evaluating the text raises, ``NameError`` above all.
        """
        return eval(text, {"__builtins__": builtins, **self._globals, **self._names, **own})


def _names_in(text: str) -> Iterable[str]:
    try:
        return compile(text, "<annotation>", "eval").co_names
    except SyntaxError:
        return ()
