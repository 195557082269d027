"""``Tagged``: data with a name that says what it means."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Self

from vatdata_runtime.errors import NotAKeyError, NotPassableError
from vatdata_runtime.passable.equality import same
from vatdata_runtime.passable.freeze import (
    MAX_DEPTH,
    depth_of,
    freeze_part,
    freeze_text,
    keep,
    register_freezer,
)
from vatdata_runtime.passable.immutable import CopyData
from vatdata_runtime.passable.key_encoding import OrdinalOf
from vatdata_runtime.passable.remotable import is_name

__all__ = ["Tagged", "make_tagged", "register_tag"]

_factories: dict[str, Callable[[str, Any], Tagged]] = {}


class Tagged(CopyData):
    """A payload of data under a tag. Equal when tag and payload are; never a key.

    Args:
        tag: what the payload means; not empty, and of no meaning to this library unless a prefix is
            registered.
        payload: any data.

    Raises:
        NotPassableError: *tag* is no text, or *payload* is outside the data model.
    """

    __slots__ = ("payload", "tag")

    pass_style: ClassVar[str] = "tagged"
    tag: str
    payload: Any

    def __new__(cls, tag: str, payload: Any) -> Self:
        if not is_name(tag):
            raise NotPassableError(f"a tag is a text that is not empty, not {tag!r}")
        self = super().__new__(cls)
        object.__setattr__(self, "tag", freeze_text(tag))
        object.__setattr__(self, "payload", freeze_part(payload, MAX_DEPTH - 1))
        object.__setattr__(self, "depth", 1 + depth_of((self.payload,)))
        return self

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Tagged):
            return NotImplemented
        return self.tag == other.tag and same(self.payload, other.payload)

    def __hash__(self) -> int:
        raise NotAKeyError(f"{self!r} is tagged data, which has no order and no hash")

    def __repr__(self) -> str:
        return f"make_tagged({self.tag!r}, {self.payload!r})"

    def __reduce__(self) -> tuple[Callable[[str, Any], Tagged], tuple[str, Any]]:
        return make_tagged, (self.tag, self.payload)

    def encode_as_key(self, ordinal_of: OrdinalOf) -> bytes:
        raise NotAKeyError(f"{self!r} is tagged data")


def register_tag(prefix: str, factory: Callable[[str, Any], Tagged]) -> None:
    """Let ``make_tagged`` and the decoder build tags that begin with *prefix* with *factory*.

    The factory gets tag and frozen payload. For those that make no sense it returns a plain ``Tagged``, or raises
    ``ValueError`` or ``TypeError``.
    """
    _factories[prefix] = factory


def make_tagged(tag: str, payload: Any) -> Tagged:
    """Make data under a tag; see ``Tagged``. A registered prefix of the tag decides on the class."""
    data = Tagged(tag, payload)
    for prefix, factory in _factories.items():
        if data.tag.startswith(prefix):
            return factory(data.tag, data.payload)
    return data


register_freezer(Tagged, keep)
