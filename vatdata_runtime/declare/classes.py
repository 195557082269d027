"""The bases of declarative classes, and what their methods receive as ``self``.

No instance of a declarative class ever leaves a method: what a vat hands around is the representative, as for every
kind. While a method runs, ``self`` is an object of a class derived from the user's, so that ``super()``, private
methods and class attributes work as in any Python class: it is the context of the call, in the shape of the class. Its
fields are those of the state, its public methods lead through the guards, and wherever it would be kept or sent it
becomes the representative.
"""

from __future__ import annotations

import dataclasses
import inspect
import sys
import weakref
from collections.abc import Callable, Iterable, Mapping
from operator import attrgetter
from types import FunctionType
from typing import TYPE_CHECKING, Any, NoReturn, dataclass_transform

from ..passable.freeze import register_freezer
from .scope import Scope

if TYPE_CHECKING:
    from ..vat.definitions import ContextMaker

__all__ = [
    "DeclaredClass",
    "Exo",
    "ExoKit",
    "Facet",
    "context_maker",
    "declared_parts",
    "interface_name",
    "kind_name_of",
    "note_representatives",
    "scope_of",
]

_declared_by: weakref.WeakKeyDictionary[type, type] = weakref.WeakKeyDictionary()
"""A class of representatives to the declarative class that it was made from."""


class DeclaredClass(type):
    """The metaclass of declarative classes: they are never called, and know where they were written."""

    _vatdata_scope: Scope
    _vatdata_facet: tuple[type[object], str] | None

    def __new__(
        mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any], /, **options: Any
    ) -> DeclaredClass:
        # Without a __dict__ nothing can be kept beside the state, where it would be lost when the method returns.
        namespace.setdefault("__slots__", ())
        cls = super().__new__(mcs, name, bases, namespace, **options)
        cls._vatdata_scope = Scope.at(sys._getframe(1), _annotation_texts(namespace))
        cls._vatdata_facet = None
        return cls

    def __set_name__(cls, owner: type, name: str) -> None:
        # A facet learns which kit it belongs to, and so what its interface is called.
        if cls._vatdata_facet is None:
            cls._vatdata_facet = (owner, name)

    def __instancecheck__(cls, instance: object) -> bool:
        if super().__instancecheck__(instance):
            return True
        declared = _declared_by.get(type(instance))
        return declared is not None and issubclass(declared, cls)

    if not TYPE_CHECKING:  # checkers would take this for what the constructor, and so the maker, accepts

        def __call__(cls, *args: Any, **kwargs: Any) -> NoReturn:
            name = cls.__name__
            if issubclass(cls, Facet):
                raise TypeError(
                    f"{name}(...) makes no facet: facets are made together, by the maker of their kit"
                )
            raise TypeError(
                f"{name}(...) makes no instance, since an instance belongs to a zone. Define the kind in the first "
                f"crank with make = zone.prepare({name}), and call make(...)"
            )


def _annotation_texts(namespace: Mapping[str, Any]) -> Iterable[str]:
    functions = [value for value in namespace.values() if isinstance(value, FunctionType)]
    notes = [namespace.get("__annotations__", {}), *(function.__annotations__ for function in functions)]
    return [note for annotations in notes for note in annotations.values() if isinstance(note, str)]


class _Context(metaclass=DeclaredClass):
    """What ``self`` is in the methods of declarative classes.

    It has no condition of its own: two contexts of one instance are equal, and equal to the representative.
    """

    __slots__ = ("_vatdata_core", "_vatdata_self")

    _vatdata_core: Any
    _vatdata_self: Any

    def __eq__(self, other: object) -> bool:
        return getattr(other, "_vatdata_self", other) is self._vatdata_self

    def __hash__(self) -> int:
        return hash(self._vatdata_self)

    def __repr__(self) -> str:
        return repr(self._vatdata_self)


@dataclass_transform(field_specifiers=(dataclasses.field,))
class Exo(_Context):
    """Base of declarative kinds: annotated names are the fields of the state, public methods are the interface.

    ``zone.prepare(cls)`` defines the kind and returns its maker, which takes the fields as a dataclass does. The state
    shape follows from the annotations, and the interface guard from the signatures of the methods. Methods that begin
    with an underscore are private to the class. ``super()`` calls the inherited method itself, without its guard.

    Args:
        name: the kind's name, where it is not to be that of the class.

    Example:
        >>> class Purse(Exo):
        ...     owner: str
        ...     balance: int = 0
        ...
        ...     def deposit(self, amount: int) -> int:
        ...         self.balance += amount
        ...         return self.balance
    """

    def __init_subclass__(cls, *, name: str | None = None, **options: Any) -> None:
        super().__init_subclass__(**options)
        type.__setattr__(cls, "_vatdata_name", cls.__name__ if name is None else name)

    def __setattr__(self, name: str, value: Any) -> None:
        # A name that is no field is refused by the state, which says what the fields are.
        setattr(self._vatdata_core, name, value)

    def __delattr__(self, name: str) -> None:
        delattr(self._vatdata_core, name)


@dataclass_transform(field_specifiers=(dataclasses.field,))
class ExoKit(metaclass=DeclaredClass):
    """Base of declarative kits: annotated names are the fields of the state, ``Facet`` classes inside are the facets.

    Args:
        name: the kind's name, where it is not to be that of the class.
    """

    def __init_subclass__(cls, *, name: str | None = None, **options: Any) -> None:
        super().__init_subclass__(**options)
        type.__setattr__(cls, "_vatdata_name", cls.__name__ if name is None else name)


class Facet(_Context):
    """Base of the facets of an ``ExoKit``; its public methods are the facet's interface.

    Attributes:
        state: the fields of the instance, shared by its facets.
    """

    __slots__ = ("state",)

    state: Any

    @property
    def facets(self) -> Any:
        """All facets of the instance, by attribute and by item."""
        return self._vatdata_core.kit()

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(
            f"a facet has no fields of its own: annotate {name!r} in the kit, and set self.state.{name}"
        )


_BASES = frozenset({object, _Context, Exo, ExoKit, Facet})

# Wherever a context would be stored, sent or returned, the representative goes.
register_freezer(_Context, lambda context, _room: context._vatdata_self)


# --- what the other modules ask of a class


def declared_parts(cls: type) -> list[type]:
    """Return the classes that *cls* is composed of, farthest first, without the bases of this module."""
    return [part for part in reversed(cls.__mro__) if part not in _BASES and part.__module__ != "typing"]


def kind_name_of(cls: type) -> str:
    """Return the name of the kind that a class derived from ``Exo`` or ``ExoKit`` describes."""
    name: str = vars(cls)["_vatdata_name"]
    return name


def interface_name(cls: type[Any]) -> str | None:
    """Return the name of the interface of a class's instances; None for a facet class that is in no kit."""
    if not issubclass(cls, Facet):
        return kind_name_of(cls)
    kit = cls._vatdata_facet
    return None if kit is None else f"{kind_name_of(kit[0])} {kit[1]}"


def scope_of(cls: type) -> Scope | None:
    """Return where the annotations of a class mean something; None for a class that is not declarative."""
    return cls._vatdata_scope if isinstance(cls, DeclaredClass) else None


def note_representatives(representatives: type, cls: type) -> None:
    """Let ``isinstance(x, cls)`` hold for representatives of the kind that *cls* describes."""
    _declared_by[representatives] = cls


def context_maker(cls: type, fields: Iterable[str], methods: Iterable[str]) -> ContextMaker:
    """Return what makes the ``self`` of each call.

    Args:
        cls: the user's class.
        fields: names that read the state.
        methods: names that lead to the representative's guarded methods.

    Cost: a call of the result takes about 0.3 us; a field costs 60 ns to read.
    """
    namespace: dict[str, Any] = {"__doc__": cls.__doc__, "__module__": cls.__module__}
    namespace.update({name: property(attrgetter(f"_vatdata_core.{name}")) for name in fields})
    namespace.update({name: _outward(name) for name in methods})
    setters = _setters_of(cls)
    if setters:
        namespace["__setattr__"] = _through_setters(setters, inspect.getattr_static(cls, "__setattr__"))
    kind_name = vars(cls).get("_vatdata_name")  # facets have none
    options = {} if kind_name is None else {"name": kind_name}
    shaped = DeclaredClass(cls.__name__, (cls,), namespace, **options)
    new: Callable[[type], Any] = object.__new__
    put_core, put_self = (vars(_Context)[name].__set__ for name in ("_vatdata_core", "_vatdata_self"))

    if not issubclass(cls, Facet):

        def make_context(core: Any, obj: Any) -> Any:
            context = new(shaped)
            put_core(context, core)
            put_self(context, obj)
            return context

        return make_context

    put_state: Callable[[Any, Any], None] = vars(Facet)["state"].__set__

    def make_facet_context(core: Any, obj: Any) -> Any:
        context = new(shaped)
        put_core(context, core)
        put_self(context, obj)
        put_state(context, core.state)
        return context

    return make_facet_context


def _setters_of(cls: type) -> dict[str, Callable[[Any, Any], None]]:
    found: dict[str, Callable[[Any, Any], None]] = {}
    for part in declared_parts(cls):
        for name, value in vars(part).items():
            if isinstance(value, property) and value.fset is not None:
                found[name] = value.fset
            else:
                found.pop(name, None)
    return found


def _through_setters(
    setters: Mapping[str, Callable[[Any, Any], None]], otherwise: Callable[[Any, str, Any], None]
) -> Callable[[Any, str, Any], None]:
    def set_attribute(self: Any, name: str, value: Any) -> None:
        setter = setters.get(name)
        if setter is not None:
            setter(self, value)
        else:
            otherwise(self, name, value)

    return set_attribute


def _outward(name: str) -> Callable[..., Any]:
    def call_guarded(self: Any, /, *args: Any, **kwargs: Any) -> Any:
        return getattr(self._vatdata_self, name)(*args, **kwargs)

    call_guarded.__name__ = name
    return call_guarded
