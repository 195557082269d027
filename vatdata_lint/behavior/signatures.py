"""Parameters of the runtime's definers, for calls that give them by position."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from vatdata_lint.vocabulary import snake_case

__all__ = ["DEFINERS", "EXO_BASES", "ZONE_METHODS", "Durability", "Signature", "normalized"]

Durability = Literal["durable", "virtual", "heap", "unknown"]
"""How long instances live; ``unknown`` where it depends on a zone that the module does not make."""


@dataclass(frozen=True, slots=True)
class Signature:
    """Names of the positional parameters, where instances live, and whether it defines facets."""

    parameters: tuple[str, ...]
    durability: Durability
    kit: bool = False
    context: bool = True
    """Whether methods get a context (``this``) first."""


def _signature(
    parameters: str, durability: Durability, *, kit: bool = False, context: bool = True
) -> Signature:
    return Signature(tuple(parameters.split()), durability, kit, context)


DEFINERS = {
    "prepare_exo": _signature("baggage kind_name guard methods", "durable"),
    "prepare_exo_class": _signature("baggage kind_name guard init methods", "durable"),
    "prepare_exo_class_kit": _signature("baggage kind_name guard init methods", "durable", kit=True),
    "prepare_singleton": _signature("baggage kind_name guard methods", "durable"),
    "prepare_kind": _signature("baggage kind_name init methods", "durable"),
    "prepare_kind_multi": _signature("baggage kind_name init methods", "durable", kit=True),
    "define_virtual_exo_class": _signature("kind_name guard init methods", "virtual"),
    "define_virtual_exo_class_kit": _signature("kind_name guard init methods", "virtual", kit=True),
    "define_durable_exo_class": _signature("handle guard init methods", "durable"),
    "define_durable_exo_class_kit": _signature("handle guard init methods", "durable", kit=True),
    "define_kind": _signature("kind_name init methods", "virtual"),
    "define_kind_multi": _signature("kind_name init methods", "virtual", kit=True),
    "define_durable_kind": _signature("handle init methods", "durable"),
    "define_durable_kind_multi": _signature("handle init methods", "durable", kit=True),
    "make_exo": _signature("kind_name guard methods", "heap"),
    "define_exo_class": _signature("kind_name guard init methods", "heap"),
    "define_exo_class_kit": _signature("kind_name guard init methods", "heap", kit=True),
    "Far": _signature("kind_name methods", "heap", context=False),
}

ZONE_METHODS = {
    "exo": _signature("kind_name guard methods", "unknown"),
    "exo_class": _signature("kind_name guard init methods", "unknown"),
    "exo_class_kit": _signature("kind_name guard init methods", "unknown", kit=True),
}

EXO_BASES = {"Exo": False, "ExoKit": True}
"""Base class of declarative kinds to whether its nested classes are facets."""

_PARAMETER_NAMES = {
    "tag": "kind_name",
    "label": "kind_name",
    "interface_name": "kind_name",
    "guard_kit": "guard",
    "interface_guard": "guard",
    "interface_guard_kit": "guard",
    "facets": "methods",
    "behavior": "methods",
    "kind_handle": "handle",
}


def normalized(keyword: str) -> str:
    """Return the one name under which a keyword of any definer is kept: ``facets`` is ``methods``."""
    snake = snake_case(keyword)
    return _PARAMETER_NAMES.get(snake, snake)
