"""Bases of the objects of this package that nobody may change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Self

from vatdata_runtime.passable.remotable import Remotable

__all__ = ["CopyData", "Immutable"]


class Immutable:
    """An object whose attributes can be neither set nor deleted; copies of it are the object itself."""

    __slots__ = ()

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is immutable: cannot set {name!r}. Make a new one")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} is immutable: cannot delete {name!r}. Make a new one")

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self


class CopyData(Immutable):
    """A container that is passed by copy. Its parts are frozen when it is made, so freezing it again is free.

    Attributes:
        pass_style: the kind of its instances, as ``pass_style_of`` gives it.
        depth: levels of containers from this one down, itself included.
    """

    __slots__ = ("_key_hash", "depth")

    pass_style: ClassVar[str]
    depth: int
    _key_hash: int

    def encode_as_key(self, ordinal_of: Callable[[Remotable], int]) -> bytes:
        """Encode as part of a key; see ``key_encoding``. Raises ``NotAKeyError`` where the kind is no key."""
        raise NotImplementedError

    def __reduce__(self) -> tuple[Any, ...]:
        raise NotImplementedError
