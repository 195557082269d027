"""Forwarders: objects that offer some methods of another one, and can be cut off from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ..errors import PatternDefinitionError, RevokedError
from ..patterns import M, MethodGuard, must_match
from .zone import make_heap_zone

if TYPE_CHECKING:
    from ..vat.kinds import Maker
    from ..vat.representatives import Kit
    from .zone import Zone

__all__ = ["Revocables", "attenuate_one", "prepare_attenuator_maker", "prepare_revocable_maker_kit"]

Method = Callable[..., Any]

_UNDERLYING = "underlying"


def prepare_attenuator_maker(
    zone: Zone,
    kind_name: str,
    method_names: Iterable[str],
    *,
    interface_name: str | None = None,
    extra_methods: Mapping[str, Method] | None = None,
    extra_method_guards: Mapping[str, MethodGuard] | None = None,
) -> Maker:
    """Define objects that offer only the named methods of the object behind them.

    Arguments and results go through unguarded and uncopied; the guard of the object behind still holds.

    Args:
        zone: where the kind is defined.
        kind_name: its label in the zone.
        method_names: the methods that are forwarded.
        interface_name: name of the attenuators' interface; *kind_name* if not given.
        extra_methods: further methods, functions of ``this`` as in ``exo_class``. The field ``this.state.underlying``
            holds the object behind; set to None, it is cut off, and forwarded methods raise ``RevokedError``.
        extra_method_guards: their guards.

    Returns:
        The maker: takes the object behind, returns the attenuator.

    Raises:
        PatternDefinitionError: a method is named twice.
        PatternMismatchError: from the maker, for what is no remotable.

    Source: ``prepareAttenuatorMaker`` of @agoric/base-zone.
    """
    return zone.exo_class(
        kind_name,
        M.interface(interface_name or kind_name, extra_method_guards or {}, default_guards="raw"),
        _init_of(kind_name),
        _forwarders(kind_name, method_names, extra_methods or {}),
        state_shape={_UNDERLYING: M.opt(M.remotable(_UNDERLYING))},
    )


def attenuate_one(
    underlying: Any,
    method_names: Iterable[str],
    *,
    interface_name: str | None = None,
    extra_methods: Mapping[str, Method] | None = None,
    extra_method_guards: Mapping[str, MethodGuard] | None = None,
) -> Any:
    """Make one attenuator of *underlying* in memory; see ``prepare_attenuator_maker``."""
    make = prepare_attenuator_maker(
        make_heap_zone("attenuator"),
        interface_name or "attenuator",
        method_names,
        interface_name=interface_name,
        extra_methods=extra_methods,
        extra_method_guards=extra_method_guards,
    )
    return make(underlying)


class Revocables:
    """What ``prepare_revocable_maker_kit`` returns: makes forwarders, and cuts them off."""

    __slots__ = ("_amplify", "_make_kit")

    def __init__(self, make_kit: Maker, amplify: Callable[[Any], Kit]) -> None:
        self._make_kit = make_kit
        self._amplify = amplify

    def make_revocable_kit(self, underlying: Any) -> Kit:
        """Return a new forwarder with what revokes it: facets ``revocable`` and ``revoker``."""
        kit: Kit = self._make_kit(underlying)
        return kit

    def make_revocable(self, underlying: Any) -> Any:
        """Return a new forwarder to *underlying*."""
        return self._make_kit(underlying).revocable

    def revoke(self, revocable: Any) -> bool:
        """Cut a forwarder off; say whether it was not before.

        Raises:
            WrongReceiverError: *revocable* was not made here.
        """
        return bool(self._amplify(revocable).revoker.revoke())


def prepare_revocable_maker_kit(
    zone: Zone,
    kind_name: str,
    method_names: Iterable[str],
    *,
    interface_name: str | None = None,
    extra_methods: Mapping[str, Method] | None = None,
    extra_method_guards: Mapping[str, MethodGuard] | None = None,
) -> Revocables:
    """Define forwarders that can be revoked from outside.

    Args, errors: as ``prepare_attenuator_maker``. Extra methods find the other facet in ``this.facets.revoker``.

    Source: ``prepareRevocableMakerKit`` of @agoric/base-zone.
    """
    name = interface_name or kind_name
    amplifiers: list[Callable[[Any], Kit]] = []

    def revoke(this: Any) -> bool:
        if this.state.underlying is None:
            return False
        this.state.underlying = None
        return True

    make_kit = zone.exo_class_kit(
        kind_name,
        {
            "revoker": M.interface(f"{name}_revoker", {"revoke": M.call().returns(M.boolean())}),
            "revocable": M.interface(f"{name}_revocable", extra_method_guards or {}, default_guards="raw"),
        },
        _init_of(kind_name),
        {
            "revoker": {"revoke": revoke},
            "revocable": _forwarders(kind_name, method_names, extra_methods or {}),
        },
        state_shape={_UNDERLYING: M.opt(M.remotable(_UNDERLYING))},
        receive_amplifier=amplifiers.append,
    )
    return Revocables(make_kit, amplifiers[0])


def _init_of(kind_name: str) -> Callable[[Any], dict[str, Any]]:
    def init(underlying: Any) -> dict[str, Any]:
        # None is for the revoked; an attenuator is not born so.
        must_match(underlying, M.remotable(_UNDERLYING), f"the object behind a {kind_name!r}")
        return {_UNDERLYING: underlying}

    return init


def _forwarders(
    kind_name: str, method_names: Iterable[str], extra_methods: Mapping[str, Method]
) -> dict[str, Method]:
    if isinstance(method_names, str):
        raise TypeError(f"method_names is an iterable of names, not the text {method_names!r}")
    methods: dict[str, Method] = {}
    for name in (*method_names, *extra_methods):
        if name in methods:
            raise PatternDefinitionError(f"method {name!r} of {kind_name!r} is named twice")
        methods[name] = extra_methods.get(name) or _forwarder(kind_name, name)
    return methods


def _forwarder(kind_name: str, name: str) -> Method:
    def forward(this: Any, *args: Any, **kwargs: Any) -> Any:
        underlying = this.state.underlying
        if underlying is None:
            raise RevokedError(f"{kind_name!r}")
        return getattr(underlying, name)(*args, **kwargs)

    forward.__name__ = name
    forward.__doc__ = f"Forward to ``{name}`` of the object behind."
    return forward
