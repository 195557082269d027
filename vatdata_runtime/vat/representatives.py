"""The objects that user code holds for instances: one generated class for each kind and facet.

A representative has methods and nothing else. What leads to its state is a slot whose descriptor was taken out of the
class, so no attribute, ``vars``, ``dir``, pickle or copy reaches it; and since a slot's getter refuses objects of any
other class, the same getter is the check of the receiver, by kind and by facet, at no extra cost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import count
from typing import TYPE_CHECKING, Any, NoReturn, cast

import msgspec

from ..errors import NotPassableError
from ..passable import Remotable
from ..passable.freeze import freeze_part, register_freezer

if TYPE_CHECKING:
    from .identifiers import Slot

__all__ = [
    "Context",
    "Kit",
    "KitContext",
    "Representative",
    "representative_class",
    "slot_of_instance",
]

_new = object.__new__


class Representative(Remotable):
    """Base of the objects that stand for instances and facets."""

    __slots__ = ("__vatdata_slot__",)

    def __new__(cls) -> NoReturn:
        raise TypeError(f"{cls.__name__} instances are made by the maker that the kind's definition returned")

    def __init_subclass__(cls, /, **kwargs: object) -> None:
        if not kwargs.pop("generated", False):
            raise TypeError(
                f"{cls.__mro__[1].__name__} instances belong to a vat; their class has no subclasses"
            )
        super().__init_subclass__(**kwargs)


_slot = Representative.__dict__["__vatdata_slot__"]
del Representative.__vatdata_slot__  # type: ignore[attr-defined]  # made by __slots__

slot_of_instance: Callable[[Any], Slot] = _slot.__get__
set_slot: Callable[[Any, Slot], None] = _slot.__set__


class Context(msgspec.Struct, eq=False):
    """What a method of a single kind receives as ``this``. A struct, since one is made for each call.

    Attributes:
        state: the instance's fields.
        self: the instance.
    """

    state: Any
    self: Any

    def __repr__(self) -> str:
        return "<context>"


class KitContext:
    """What a method of a kit's facet receives as ``this``.

    Attributes:
        state: the instance's fields, shared by its facets.
        facets: all facets of the instance.
    """

    __slots__ = ("_core", "_keeps", "state")

    def __init__(self, state: Any, core: Any, keeps: Any) -> None:
        self.state = state
        self._core = core
        self._keeps = keeps  # a facet: as long as a method runs, suspended or not, its instance is in use

    @property
    def facets(self) -> Kit:
        """All facets; made when first asked for in this call."""
        return cast(Kit, self._core.kit())

    def __repr__(self) -> str:
        return "<context>"


class Kit(Mapping[str, Any]):
    """The facets of one instance, by attribute and by item, in the order of their definition; frozen."""

    __slots__ = ("_facets",)

    _facets: dict[str, Any]

    def __new__(cls, facets: dict[str, Any]) -> Kit:
        self = _new(cls)
        object.__setattr__(self, "_facets", facets)
        return self

    def __getattr__(self, name: str) -> Any:
        try:
            return self._facets[name]
        except KeyError:
            known = ", ".join(self._facets)
            raise AttributeError(f"no facet {name!r}; the facets are {known}", name=name, obj=self) from None

    def __getitem__(self, name: str) -> Any:
        return self._facets[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._facets)

    def __len__(self) -> int:
        return len(self._facets)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("a kit's facets cannot be replaced")

    def __delattr__(self, name: str) -> None:
        raise AttributeError("a kit's facets cannot be removed")

    def __dir__(self) -> list[str]:
        return list(self._facets)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Kit) and self._facets == other._facets

    def __hash__(self) -> int:
        return hash(tuple(self._facets.items()))

    def __repr__(self) -> str:
        return f"<kit of {', '.join(self._facets)}>"


def _refuse_context(context: object, _room: int) -> NoReturn:
    others = "this.self" if isinstance(context, Context) else "one of this.facets"
    raise NotPassableError(f"'this' is for the method that it was given to, and no data. Pass {others}")


# Stored or sent, a kit is a record of its facets.
register_freezer(Kit, lambda kit, room: freeze_part(dict(kit), room))
register_freezer(Context, _refuse_context)
register_freezer(KitContext, _refuse_context)


class GeneratedClass:
    """A representative class with the access that only the vat has.

    Attributes:
        make: makes an object for a slot and a core.
        core_of: the core of one of its objects; raises ``TypeError`` for anything else.
        is_instance: whether something is one of its objects.
    """

    __slots__ = ("cls", "core_of", "is_instance", "make", "set_core")

    def __init__(
        self,
        cls: type[Representative],
        core_of: Callable[[Any], Any],
        set_core: Callable[[Any, Any], None],
    ) -> None:
        self.cls = cls
        self.core_of = core_of
        self.set_core = set_core

        def make(slot: Slot, core: Any) -> Any:
            obj = _new(cls)
            set_slot(obj, slot)
            set_core(obj, core)
            return obj

        self.make = make
        self.is_instance: Callable[[object], bool] = lambda obj: type(obj) is cls


_numbers = count()


def representative_class(
    name: str,
    describe: str,
    build_methods: Callable[[Callable[[Any], Any]], Mapping[str, Callable[..., Any]]],
) -> GeneratedClass:
    """Generate the class of one kind or facet.

    Args:
        name: the class's name.
        describe: how its objects print, without the brackets.
        build_methods: given the getter of the core, returns the methods.
    """
    # A name of its own for the slot of each class: Python exchanges the class of an object for one whose slots have
    # the same names, and a facet would have become its sibling.
    slot = f"__vatdata_core_{next(_numbers)}__"
    bare = cast(
        "type[Representative]",
        _make_type(name, (Representative,), {"__slots__": (slot,)}),
    )
    descriptor = bare.__dict__[slot]
    delattr(bare, slot)
    text = f"<{describe}>"
    for method_name, method in build_methods(descriptor.__get__).items():
        setattr(bare, method_name, method)
    bare.__repr__ = lambda self: text  # type: ignore[method-assign]
    bare._interface_name = lambda self: describe  # type: ignore[method-assign]
    bare.__module__ = __name__
    return GeneratedClass(bare, descriptor.__get__, descriptor.__set__)


def _make_type(name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> type:
    return type(name, bases, namespace, generated=True)
