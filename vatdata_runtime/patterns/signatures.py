"""What arguments each matcher takes: the table that construction, storage and printing share."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from typing import Final, Literal, get_args

from msgspec import Struct

__all__ = ["KIND_NAMES", "SIGNATURES", "TAG_PREFIX", "Argument", "KindName", "Signature"]

TAG_PREFIX: Final = "match:"
"""A matcher is tagged data: this prefix, then the name of the matcher without a closing underscore."""

KindName = Literal[
    "none",
    "bool",
    "int",
    "float",
    "str",
    "bytes",
    "tuple",
    "record",
    "remotable",
    "error",
    "promise",
    "tagged",
    "copy_set",
    "copy_bag",
    "copy_map",
    "datetime",
    "date",
    "time",
    "timedelta",
    "decimal",
    "uuid",
    "enum",
]
KIND_NAMES: Final[tuple[str, ...]] = get_args(KindName)


class Argument(Enum):
    """What one argument of a matcher must be."""

    PATTERN = auto()
    KEY = auto()
    KIND = auto()
    """A name from ``KIND_NAMES``."""
    TEXT = auto()
    OPTIONAL_TEXT = auto()
    COUNT = auto()
    """An int of at least 1."""
    PATTERN_TUPLE = auto()
    PATTERN_RECORD = auto()


class Signature(Struct, frozen=True):
    """Arguments of one matcher, in the order of its payload.

    The payload of a matcher is the tuple of its arguments, followed by the complete record of its limits
    where it has any.
    """

    arguments: tuple[Argument, ...] = ()
    defaults: int = 0
    """How many of the last arguments may be left out when they accept everything."""
    variadic: bool = False
    """Whether any number of patterns is taken."""
    limits: tuple[str, ...] = ()


_NONE: Final = Signature()
_ONE_KEY: Final = Signature((Argument.KEY,))
_PATTERNS: Final = Signature(variadic=True)
_INT: Final = ("decimal_digits_limit",)
_RECORD: Final = ("num_properties_limit", "property_name_length_limit")
_ARRAY: Final = ("array_length_limit",)
_SET: Final = ("num_set_elements_limit",)
_BAG: Final = ("num_unique_bag_elements_limit", "decimal_digits_limit")
_MAP: Final = ("num_map_entries_limit",)
_ONE: Final = (Argument.PATTERN,)
_TWO: Final = (Argument.PATTERN, Argument.PATTERN)

SIGNATURES: Final[Mapping[str, Signature]] = {
    # everything, and combinations
    "any": _NONE,
    "and": _PATTERNS,
    "or": _PATTERNS,
    "not": Signature(_ONE),
    # by kind
    "scalar": _NONE,
    "key": _NONE,
    "pattern": _NONE,
    "kind": Signature((Argument.KIND,)),
    "none": _NONE,
    "boolean": _NONE,
    "number": _NONE,
    "int": Signature(limits=_INT),
    "nat": Signature(limits=_INT),
    "float": _NONE,
    "string": Signature(limits=("string_length_limit",)),
    "bytes": Signature(limits=("byte_length_limit",)),
    "datetime": _NONE,
    "date": _NONE,
    "time": _NONE,
    "timedelta": _NONE,
    "decimal": _NONE,
    "uuid": _NONE,
    "enum": Signature((Argument.TEXT,)),
    "remotable": Signature((Argument.OPTIONAL_TEXT, Argument.OPTIONAL_TEXT)),
    "error": _NONE,
    "promise": _NONE,
    # by order
    "lt": _ONE_KEY,
    "lte": _ONE_KEY,
    "neq": _ONE_KEY,
    "gte": _ONE_KEY,
    "gt": _ONE_KEY,
    # containers
    "array": Signature(limits=_ARRAY),
    "array_of": Signature(_ONE, defaults=1, limits=_ARRAY),
    "split_array": Signature((Argument.PATTERN_TUPLE, Argument.PATTERN_TUPLE, Argument.PATTERN)),
    "record": Signature(limits=_RECORD),
    "record_of": Signature(_TWO, defaults=2, limits=_RECORD),
    "split_record": Signature((Argument.PATTERN_RECORD, Argument.PATTERN_RECORD, Argument.PATTERN)),
    "set": Signature(limits=_SET),
    "set_of": Signature(_ONE, defaults=1, limits=_SET),
    "bag": Signature(limits=_BAG),
    "bag_of": Signature(_TWO, defaults=2, limits=_BAG),
    "map": Signature(limits=_MAP),
    "map_of": Signature(_TWO, defaults=2, limits=_MAP),
    "container_has": Signature((Argument.PATTERN, Argument.COUNT)),
    "tagged": Signature(_TWO),
}
"""Name of a matcher, without a closing underscore, to its signature."""
