"""The enums that a vat has registered, so that their members can be stored and sent by name."""

from __future__ import annotations

from contextvars import ContextVar
from enum import Enum, Flag
from typing import Any, Final

from vatdata_runtime.errors import LabelInUseError, NotPassableError
from vatdata_runtime.passable.decode_error import UnknownEnumError

__all__ = ["EnumRegistry", "current_enums"]


class EnumRegistry:
    """Names of enum classes, one to one. A vat has one registry for each incarnation.

    Attributes:
        owner: the incarnation, for the floor that knows what that is; None for a registry of none.
    """

    __slots__ = ("_classes", "_names", "owner")

    def __init__(self, owner: Any = None) -> None:
        self.owner = owner
        self._names: dict[type[Enum], str] = {}
        self._classes: dict[str, type[Enum]] = {}

    def register(self, cls: type[Enum], name: str | None = None) -> None:
        """Make members of *cls* passable under *name*, which is the class's own name where not given.

        Members are stored by name, so values may change and members may be reordered between incarnations.
        Registering the same pair again changes nothing.

        Raises:
            TypeError: *cls* is no enum class.
            LabelInUseError: the name means another class, or the class has another name.
        """
        if not _is_enum_class(cls):
            raise TypeError(f"register_enum takes an enum class, not {cls!r}")
        name = cls.__name__ if name is None else name
        if self._classes.get(name, cls) is not cls:
            raise LabelInUseError(
                name, f"already registered for {self._classes[name]!r}. Give {cls!r} another name"
            )
        if self._names.get(cls, name) != name:
            raise LabelInUseError(name, f"{cls!r} is already registered as {self._names[cls]!r}")
        self._classes[name] = cls
        self._names[cls] = name

    def __contains__(self, cls: type[Enum]) -> bool:
        return cls in self._names

    def check(self, member: Enum) -> None:
        """Raise ``NotPassableError`` unless *member* can be stored by name."""
        cls = type(member)
        if cls not in self._names:
            raise NotPassableError(
                f"{member!r} is a member of an enum that this vat has not registered. Call "
                f"register_enum({cls.__name__}) in the first crank"
            )
        if _member(cls, member_name(member)) is not member:
            raise NotPassableError(f"{member!r} cannot be named by members of {cls.__name__}")

    def names_of(self, member: Enum) -> tuple[str, str]:
        """Return the registered name of the class of *member*, and the name of *member*; see ``check``."""
        self.check(member)
        return self._names[type(member)], member_name(member)

    def member_of(self, class_name: str, name: str) -> Enum:
        """Return the member that ``names_of`` names so.

        Raises:
            UnknownEnumError: no such class is registered, or it has no such member.
        """
        cls = self._classes.get(class_name)
        if cls is None:
            raise UnknownEnumError(
                f"enum {class_name!r} is not registered. Call register_enum in the first crank"
            )
        member = _member(cls, name)
        if member is None:
            raise UnknownEnumError(f"enum {class_name!r} has no member {name!r}")
        return member


def _is_enum_class(cls: object) -> bool:
    return isinstance(cls, type) and issubclass(cls, Enum)


def member_name(member: Enum) -> str:
    """Return the name of *member*; for a combination of flags the names of the parts, joined by ``|``."""
    name: str | None = member.name
    return name or ""


def _member(cls: type[Enum], name: str) -> Enum | None:
    if not issubclass(cls, Flag):
        return cls.__members__.get(name)
    combined = cls(0)
    for part in name.split("|") if name else ():
        member = cls.__members__.get(part)
        if member is None:
            return None
        combined |= member
    return combined


_NO_ENUMS: Final = EnumRegistry()

current_enums: ContextVar[EnumRegistry] = ContextVar("current_enums", default=_NO_ENUMS)
"""The registry of the vat whose crank is running, which says by its owner which vat that is. Outside cranks an empty
one, or one that is used to read what a vat has said."""
