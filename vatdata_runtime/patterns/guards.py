"""Guards: which arguments and results the methods of an interface accept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, cast

from vatdata_runtime.errors import GuardDefinitionError
from vatdata_runtime.passable import Tagged, register_tag
from vatdata_runtime.patterns.matchers import Pattern, check_pattern
from vatdata_runtime.patterns.text import pattern_text

__all__ = [
    "ArgumentGuard",
    "AwaitGuard",
    "DefaultGuards",
    "InterfaceGuard",
    "MethodGuard",
    "RawGuard",
    "check_interface",
    "make_await_guard",
    "make_interface_guard",
    "make_method_guard",
    "make_raw_guard",
]

ArgumentGuard = object
"""A pattern, ``M.raw()``, or in the arguments of ``M.call_when`` also ``M.await_(pattern)``."""

DefaultGuards = Literal["passable", "raw"]
"""What methods without a guard of their own are held to: any data, or nothing at all."""

_PREFIX: Final = "guard:"
_AWAIT: Final = "guard:await"
_RAW: Final = "guard:raw"
_METHOD: Final = "guard:method"
_INTERFACE: Final = "guard:interface"


class AwaitGuard(Tagged):
    """``M.await_(pattern)``: an argument that is waited for, and checked when it has settled."""

    __slots__ = ()

    @property
    def pattern(self) -> Pattern:
        """What the awaited value must match."""
        return self.payload

    def __repr__(self) -> str:
        return f"M.await_({pattern_text(self.payload)})"


class RawGuard(Tagged):
    """``M.raw()``: an argument or result that is neither frozen nor checked."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "M.raw()"


class MethodGuard(Tagged):
    """What one method accepts and gives; built by ``M.call`` or ``M.call_when`` and the methods here.

    Each builder method returns a new guard. They are called in the order ``optional``, ``rest``,
    ``returns``, each at most once. Without ``returns`` the method has to return None.
    """

    __slots__ = ()

    def optional(self, *patterns: ArgumentGuard, **keyword_patterns: ArgumentGuard) -> MethodGuard:
        """Accept more arguments, by position and by keyword; None in place of one counts as left out.

        Raises:
            GuardDefinitionError: after ``optional``, ``rest`` or ``returns``, or a keyword is guarded twice.
            NotAPatternError: one of the patterns is none.
        """
        self._refuse_after("optional", "optional_arguments", "rest", "returns")
        twice = [name for name in keyword_patterns if name in self.keywords]
        if twice:
            raise GuardDefinitionError(None, f"keyword {twice[0]!r} is guarded twice in {self!r}")
        return self._with(optional_arguments=patterns, optional_keywords=keyword_patterns)

    def rest(self, pattern: ArgumentGuard) -> MethodGuard:
        """Accept any number of further positional arguments; *pattern* is for the tuple of them all.

        Raises:
            GuardDefinitionError: after ``rest`` or ``returns``, or *pattern* is an ``M.await_``.
            NotAPatternError: *pattern* is none.
        """
        self._refuse_after("rest", "rest", "returns")
        return self._with(rest=pattern)

    def returns(self, pattern: ArgumentGuard = None) -> MethodGuard:
        """Say what the result must match.

        Raises:
            GuardDefinitionError: after ``returns``, or *pattern* is an ``M.await_``.
            NotAPatternError: *pattern* is none.
        """
        self._refuse_after("returns", "returns")
        return self._with(returns=pattern)

    @property
    def is_async(self) -> bool:
        """Whether the method answers with a promise, after waiting for arguments: ``M.call_when``."""
        return bool(self.payload["call"] == "call_when")

    @property
    def arguments(self) -> tuple[ArgumentGuard, ...]:
        """Guards of the positional arguments that must be given."""
        return cast(tuple[ArgumentGuard, ...], self.payload["arguments"])

    @property
    def optional_arguments(self) -> tuple[ArgumentGuard, ...]:
        """Guards of the positional arguments that may follow."""
        return cast(tuple[ArgumentGuard, ...], self.payload.get("optional_arguments", ()))

    @property
    def keywords(self) -> Mapping[str, ArgumentGuard]:
        """Guards of the keywords that must be given."""
        return cast(Mapping[str, ArgumentGuard], self.payload["keywords"])

    @property
    def optional_keywords(self) -> Mapping[str, ArgumentGuard]:
        """Guards of the keywords that may be given."""
        return cast(Mapping[str, ArgumentGuard], self.payload.get("optional_keywords", {}))

    @property
    def has_rest(self) -> bool:
        """Whether there may be more positional arguments than named here."""
        return "rest" in self.payload

    @property
    def rest_argument(self) -> ArgumentGuard:
        """Guard of the tuple of all further positional arguments; None where ``has_rest`` is false."""
        return self.payload.get("rest")

    @property
    def result(self) -> ArgumentGuard:
        """Guard of the result; None, which only None matches, where ``returns`` was left out."""
        return self.payload.get("returns")

    def _with(self, **changes: object) -> MethodGuard:
        return _method_guard({**self.payload, **changes})

    def _refuse_after(self, builder: str, *earlier: str) -> None:
        for field in earlier:
            if field in self.payload:
                done = "optional" if field == "optional_arguments" else field
                raise GuardDefinitionError(None, f".{builder}(...) cannot follow .{done}(...) in {self!r}")

    def __repr__(self) -> str:
        fields = self.payload
        text = f"M.{fields['call']}({_arguments_text(self.arguments, self.keywords)})"
        if "optional_arguments" in fields:
            text += f".optional({_arguments_text(self.optional_arguments, self.optional_keywords)})"
        if "rest" in fields:
            text += f".rest({pattern_text(fields['rest'])})"
        if "returns" in fields:
            text += f".returns({pattern_text(fields['returns'])})"
        return text


class InterfaceGuard(Tagged):
    """The methods of an exo and what they accept; built by ``M.interface``."""

    __slots__ = ()

    @property
    def name(self) -> str:
        """Name of the interface, for people."""
        return str(self.payload["name"])

    @property
    def method_guards(self) -> Mapping[str, MethodGuard]:
        """Method name to guard; may be given to another ``M.interface``, as ``{**a.method_guards, ...}``."""
        return cast(Mapping[str, MethodGuard], self.payload["methods"])

    @property
    def default_guards(self) -> DefaultGuards | None:
        """What holds for methods not listed; None where there may be none."""
        return cast(DefaultGuards | None, self.payload["default_guards"])

    def __repr__(self) -> str:
        default = "" if self.default_guards is None else f", default_guards={self.default_guards!r}"
        return f"M.interface({self.name!r}, {pattern_text(self.payload['methods'])}{default})"


def make_await_guard(pattern: Pattern) -> AwaitGuard:
    """Make ``M.await_(pattern)``; raise ``NotAPatternError`` where *pattern* is none."""
    return AwaitGuard(_AWAIT, check_pattern(pattern))


def make_raw_guard() -> RawGuard:
    """Make ``M.raw()``."""
    return RawGuard(_RAW, ())


def make_method_guard(
    call: Literal["call", "call_when"],
    arguments: tuple[ArgumentGuard, ...],
    keywords: Mapping[str, ArgumentGuard],
) -> MethodGuard:
    """Make the guard that ``M.call`` or ``M.call_when`` begins.

    Raises:
        NotAPatternError: one of the patterns is none.
        GuardDefinitionError: there is an ``M.await_`` in an ``M.call``.
    """
    return _method_guard({"call": call, "arguments": arguments, "keywords": keywords})


def make_interface_guard(
    name: str, methods: Mapping[str, MethodGuard], default_guards: object
) -> InterfaceGuard:
    """Make ``M.interface``.

    Raises:
        GuardDefinitionError: the name is no text, a method's guard is no method guard, or the default is
            unknown.
    """
    given = cast(object, name)
    if not isinstance(given, str) or not given:
        raise GuardDefinitionError(None, f"an interface is named by text that is not empty, found {given!r}")
    if default_guards not in (None, "passable", "raw"):
        raise GuardDefinitionError(
            name, f"default_guards must be None, 'passable' or 'raw', found {default_guards!r}"
        )
    listed = cast(object, methods)
    if not isinstance(listed, Mapping):
        raise GuardDefinitionError(name, f"methods must be a dict of method guards, found {listed!r}")
    for method, guard in cast(Mapping[object, object], listed).items():
        if not isinstance(method, str):
            raise GuardDefinitionError(name, f"a method is named by text, found {method!r}")
        if not isinstance(guard, MethodGuard):
            raise GuardDefinitionError(
                name, f"method {method!r} needs a guard from M.call or M.call_when, found {guard!r}"
            )
    return InterfaceGuard(
        _INTERFACE, {"name": name, "methods": dict(methods), "default_guards": default_guards}
    )


def check_interface(
    guard: InterfaceGuard | None, methods: Mapping[str, object], interface: str
) -> dict[str, MethodGuard | RawGuard | None]:
    """Find the guard of each method.

    Args:
        guard: the interface guard, or None: all methods are passable.
        methods: the methods by name.
        interface: name for errors, with the facet where there is one.

    Returns:
        Method name, in the order of *methods*, to what ``compile_method`` takes: its guard, ``M.raw()``, or None for
        passable.

    Raises:
        GuardDefinitionError: the guard lists a method that is not there, or there is one that it does not list and
            it has no default; all of them are named.
    """
    if guard is None:
        return dict.fromkeys(methods)
    missing = [name for name in guard.method_guards if name not in methods]
    if missing:
        raise GuardDefinitionError(
            interface, f"it lists {_names(missing)}, not implemented here. Implement all that it lists"
        )
    unlisted = [name for name in methods if name not in guard.method_guards]
    if unlisted and guard.default_guards is None:
        raise GuardDefinitionError(
            interface,
            f"it does not list {_names(unlisted)}, implemented here. Guard all methods, or give default_guards=",
        )
    default = make_raw_guard() if guard.default_guards == "raw" else None
    return {name: guard.method_guards.get(name, default) for name in methods}


def _names(methods: list[str]) -> str:
    return ("method " if len(methods) == 1 else "methods ") + ", ".join(map(repr, sorted(methods)))


def _method_guard(fields: Mapping[str, Any]) -> MethodGuard:
    """Check the fields of a method guard and make it."""
    may_wait = fields["call"] == "call_when"
    checked: dict[str, object] = {}
    for field, value in fields.items():
        if field in ("arguments", "optional_arguments"):
            checked[field] = tuple(_check_guard(guard, may_wait) for guard in value)
        elif field in ("keywords", "optional_keywords"):
            checked[field] = {name: _check_guard(guard, may_wait) for name, guard in value.items()}
        elif field in ("rest", "returns"):
            checked[field] = _check_guard(value, False)
        elif field == "call" and value in ("call", "call_when"):
            checked[field] = value
        else:
            raise GuardDefinitionError(None, f"a method guard has no field {field!r} with {value!r}")
    return MethodGuard(_METHOD, checked)


def _check_guard(guard: Any, may_wait: bool) -> Any:
    if isinstance(guard, RawGuard) or (may_wait and isinstance(guard, AwaitGuard)):
        return guard
    if isinstance(guard, AwaitGuard):
        raise GuardDefinitionError(
            None, f"{guard!r} can only guard one argument of M.call_when, not rest or results or an M.call"
        )
    return check_pattern(guard)


def _arguments_text(positional: tuple[ArgumentGuard, ...], keywords: Mapping[str, ArgumentGuard]) -> str:
    texts = [pattern_text(guard) for guard in positional]
    texts += [f"{name}={pattern_text(guard)}" for name, guard in keywords.items()]
    return ", ".join(texts)


def _from_tag(tag: str, payload: Any) -> Tagged:
    """Read a guard back. What no constructor makes is data under a tag that means nothing."""
    try:
        if tag == _RAW and payload == ():
            return make_raw_guard()
        if tag == _AWAIT:
            return make_await_guard(payload)
        if tag == _METHOD and {"call", "arguments", "keywords"} <= payload.keys():
            return _method_guard(payload)
        if tag == _INTERFACE and payload.keys() == {"name", "methods", "default_guards"}:
            return make_interface_guard(payload["name"], payload["methods"], payload["default_guards"])
    except (AttributeError, TypeError):
        return Tagged(tag, payload)  # the payload has another shape
    return Tagged(tag, payload)


register_tag(_PREFIX, _from_tag)
