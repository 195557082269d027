"""``M``: every matcher and guard under one name."""

from __future__ import annotations

import enum as enums
from collections.abc import Mapping, Sequence
from typing import Final, Unpack, cast

from vatdata_runtime.errors import GuardDefinitionError, PatternDefinitionError
from vatdata_runtime.passable import Record, check_key
from vatdata_runtime.patterns.compile import compile_pattern
from vatdata_runtime.patterns.guards import (
    ArgumentGuard,
    AwaitGuard,
    DefaultGuards,
    InterfaceGuard,
    MethodGuard,
    RawGuard,
    make_await_guard,
    make_interface_guard,
    make_method_guard,
    make_raw_guard,
)
from vatdata_runtime.patterns.limits import (
    ArrayLimits,
    BagLimits,
    BytesLimits,
    IntLimits,
    MapLimits,
    RecordLimits,
    SetLimits,
    StringLimits,
    limits_record,
)
from vatdata_runtime.patterns.matchers import Matcher, Pattern, make_matcher
from vatdata_runtime.patterns.signatures import SIGNATURES, KindName

__all__ = ["M", "PatternNamespace"]

# Inside the class these names are matchers.
_Text = str
_Count = int

# Defaults are patterns themselves, since None is one too.
_ANY: Final = make_matcher("any", ())
_STRING: Final = make_matcher("string", (), limits_record("string", SIGNATURES["string"].limits, None, {}))
_NO_FIELDS: Final[Mapping[str, Pattern]] = Record()


class PatternNamespace:
    """The type of ``M``.

    A matcher is made by calling its method, with patterns as arguments. Literals are patterns too: a key
    stands for itself, a tuple or list for a tuple of the same length, a dict for a record with exactly its
    names.

    Where a matcher has limits, they may be given as ``limits={...}`` or each as a keyword; those not named
    have their default from ``DEFAULT_LIMITS``, and ``None`` or ``math.inf`` lifts one. A limit holds for
    the value itself and never for its parts.

    Raises, in every method that takes such an argument:
        NotAPatternError: an argument is no pattern.
        NotAKeyError: an argument that is compared to is no key.
        PatternDefinitionError: an unknown limit or kind, or a limit or count that is no count.

    Source: ``M`` of @endo/patterns; names are in snake case, and there are matchers for Python's own data.
    """

    __slots__ = ()

    # --- everything, and combinations

    def any(self) -> Matcher:
        """Match everything that can be passed."""
        return make_matcher("any", ())

    def and_(self, *patterns: Pattern) -> Matcher:
        """Match what all patterns match; with no pattern, everything."""
        return make_matcher("and", patterns)

    def or_(self, *patterns: Pattern) -> Matcher:
        """Match what at least one pattern matches; with no pattern, nothing."""
        return make_matcher("or", patterns)

    def not_(self, pattern: Pattern) -> Matcher:
        """Match everything that can be passed and does not match *pattern*."""
        return make_matcher("not", (pattern,))

    def opt(self, pattern: Pattern) -> Matcher:
        """Match None, and what *pattern* matches."""
        return self.or_(self.none(), pattern)

    def eref(self, pattern: Pattern) -> Matcher:
        """Match what *pattern* matches, and every promise, whatever it will settle to."""
        return self.or_(pattern, self.promise())

    # --- by kind

    def scalar(self) -> Matcher:
        """Match what has no parts: None, numbers, text, bytes, times, enum members, and remotables."""
        return make_matcher("scalar", ())

    def key(self) -> Matcher:
        """Match every key."""
        return make_matcher("key", ())

    def pattern(self) -> Matcher:
        """Match every pattern; a key is one."""
        return make_matcher("pattern", ())

    def kind(self, name: KindName) -> Matcher:
        """Match every value of one kind, as ``pass_style_of`` names it, without limits."""
        return make_matcher("kind", (name,))

    def none(self) -> Matcher:
        """Match None."""
        return make_matcher("none", ())

    undefined = none

    def boolean(self) -> Matcher:
        """Match True and False, and no number."""
        return make_matcher("boolean", ())

    def number(self) -> Matcher:
        """Match every int and every float, infinities and NaN too, and no bool."""
        return make_matcher("number", ())

    def int(self, limits: IntLimits | None = None, **named: Unpack[IntLimits]) -> Matcher:
        """Match every int of at most ``decimal_digits_limit`` digits; a bool is none."""
        return _limited("int", (), limits, named)

    bigint = int

    def nat(self, limits: IntLimits | None = None, **named: Unpack[IntLimits]) -> Matcher:
        """Match every int from 0 on of at most ``decimal_digits_limit`` digits; a bool is none."""
        return _limited("nat", (), limits, named)

    def float(self) -> Matcher:
        """Match every float, infinities and NaN too; an int is none."""
        return make_matcher("float", ())

    def string(self, limits: StringLimits | None = None, **named: Unpack[StringLimits]) -> Matcher:
        """Match text of at most ``string_length_limit`` code points."""
        return _limited("string", (), limits, named)

    def bytes(self, limits: BytesLimits | None = None, **named: Unpack[BytesLimits]) -> Matcher:
        """Match bytes, at most ``byte_length_limit`` of them."""
        return _limited("bytes", (), limits, named)

    def datetime(self) -> Matcher:
        """Match every datetime, with a zone or without."""
        return make_matcher("datetime", ())

    def date(self) -> Matcher:
        """Match every date; a datetime is none."""
        return make_matcher("date", ())

    def time(self) -> Matcher:
        """Match every time of day."""
        return make_matcher("time", ())

    def timedelta(self) -> Matcher:
        """Match every timedelta."""
        return make_matcher("timedelta", ())

    def decimal(self) -> Matcher:
        """Match every Decimal."""
        return make_matcher("decimal", ())

    def uuid(self) -> Matcher:
        """Match every UUID."""
        return make_matcher("uuid", ())

    def enum(self, cls: type[enums.Enum]) -> Matcher:
        """Match the members of the enum class that is called like *cls*.

        By name, so that the pattern means the same when it is read back beside another version of the class.
        """
        given = cast(object, cls)
        if not (isinstance(given, type) and issubclass(given, enums.Enum)):
            raise PatternDefinitionError(f"M.enum takes an enum class, found {given!r}")
        return make_matcher("enum", (given.__name__,))

    def remotable(
        self, label: _Text | None = None, *, interface: InterfaceGuard | _Text | None = None
    ) -> Matcher:
        """Match what is passed by reference.

        Args:
            label: what it should be, for messages; it is not checked.
            interface: accept only remotables made with an interface of this name.
        """
        name = interface.name if isinstance(interface, InterfaceGuard) else interface
        return make_matcher("remotable", (label, name))

    def error(self) -> Matcher:
        """Match every exception."""
        return make_matcher("error", ())

    def promise(self) -> Matcher:
        """Match every promise; what it settles to is not looked at."""
        return make_matcher("promise", ())

    def tagged(self, tag: Pattern = _STRING, payload: Pattern = _ANY) -> Matcher:
        """Match tagged data by its tag and its payload."""
        return make_matcher("tagged", (tag, payload))

    # --- by order

    def eq(self, key: object) -> Pattern:
        """Match the keys equal to *key*: the key itself, which is a pattern, or ``M.none()`` for None."""
        frozen: object = check_key(key)
        return self.none() if frozen is None else frozen

    def neq(self, key: object) -> Matcher:
        """Match everything that can be passed but *key*."""
        return make_matcher("neq", (key,))

    def lt(self, key: object) -> Matcher:
        """Match the keys that are smaller than *key*; never one that can't be compared to it, as 1 to 1.0."""
        return make_matcher("lt", (key,))

    def lte(self, key: object) -> Matcher:
        """Match the keys that are smaller than or equal to *key*."""
        return make_matcher("lte", (key,))

    def gte(self, key: object) -> Matcher:
        """Match the keys that are greater than or equal to *key*."""
        return make_matcher("gte", (key,))

    def gt(self, key: object) -> Matcher:
        """Match the keys that are greater than *key*."""
        return make_matcher("gt", (key,))

    # --- containers

    def array(self, limits: ArrayLimits | None = None, **named: Unpack[ArrayLimits]) -> Matcher:
        """Match every tuple (a list becomes one) of at most ``array_length_limit`` elements."""
        return _limited("array", (), limits, named)

    def array_of(
        self, element: Pattern = _ANY, limits: ArrayLimits | None = None, **named: Unpack[ArrayLimits]
    ) -> Matcher:
        """Match every tuple, limited as by ``array``, each of whose elements matches *element*."""
        return _limited("array_of", (element,), limits, named)

    def split_array(
        self, required: Sequence[Pattern], optional: Sequence[Pattern] = (), rest: Pattern = _ANY
    ) -> Matcher:
        """Match tuples by their first elements.

        Args:
            required: patterns of the elements that must be there.
            optional: patterns of the elements that may follow; each of them may also be None.
            rest: pattern of the tuple of all elements after those.
        """
        return make_matcher("split_array", (required, optional, rest))

    def record(self, limits: RecordLimits | None = None, **named: Unpack[RecordLimits]) -> Matcher:
        """Match every record (a dict becomes one) of at most ``num_properties_limit`` fields.

        Names have at most ``property_name_length_limit`` code points.
        """
        return _limited("record", (), limits, named)

    def record_of(
        self,
        name: Pattern = _ANY,
        value: Pattern = _ANY,
        limits: RecordLimits | None = None,
        **named: Unpack[RecordLimits],
    ) -> Matcher:
        """Match every record, limited as by ``record``, whose names match *name* and values match *value*."""
        return _limited("record_of", (name, value), limits, named)

    def split_record(
        self,
        required: Mapping[_Text, Pattern],
        optional: Mapping[_Text, Pattern] = _NO_FIELDS,
        rest: Pattern = _ANY,
    ) -> Matcher:
        """Match records by the names of their fields.

        Args:
            required: patterns of the fields that must be there.
            optional: patterns of the fields that may be there; each of them may also be None.
            rest: pattern of the record of all other fields.
        """
        matcher = make_matcher("split_record", (required, optional, rest))
        first, second, _rest = matcher.payload
        twice = [name for name in first if name in second]
        if twice:
            raise PatternDefinitionError(f"M.split_record has {twice[0]!r} as required and as optional")
        return matcher

    def set(self, limits: SetLimits | None = None, **named: Unpack[SetLimits]) -> Matcher:
        """Match every ``CopySet`` of at most ``num_set_elements_limit`` members."""
        return _limited("set", (), limits, named)

    def set_of(
        self, member: Pattern = _ANY, limits: SetLimits | None = None, **named: Unpack[SetLimits]
    ) -> Matcher:
        """Match every ``CopySet``, limited as by ``set``, each of whose members matches *member*."""
        return _limited("set_of", (member,), limits, named)

    def bag(self, limits: BagLimits | None = None, **named: Unpack[BagLimits]) -> Matcher:
        """Match every ``CopyBag`` of at most ``num_unique_bag_elements_limit`` distinct members.

        Counts have at most ``decimal_digits_limit`` digits.
        """
        return _limited("bag", (), limits, named)

    def bag_of(
        self,
        member: Pattern = _ANY,
        count: Pattern = _ANY,
        limits: BagLimits | None = None,
        **named: Unpack[BagLimits],
    ) -> Matcher:
        """Match every ``CopyBag``, limited as by ``bag``, whose members and counts match."""
        return _limited("bag_of", (member, count), limits, named)

    def map(self, limits: MapLimits | None = None, **named: Unpack[MapLimits]) -> Matcher:
        """Match every ``CopyMap`` of at most ``num_map_entries_limit`` entries."""
        return _limited("map", (), limits, named)

    def map_of(
        self,
        key: Pattern = _ANY,
        value: Pattern = _ANY,
        limits: MapLimits | None = None,
        **named: Unpack[MapLimits],
    ) -> Matcher:
        """Match every ``CopyMap``, limited as by ``map``, whose keys match *key* and values match *value*."""
        return _limited("map_of", (key, value), limits, named)

    def container_has(
        self,
        element: Pattern = _ANY,
        at_least: _Count = 1,
        limits: IntLimits | None = None,
        **named: Unpack[IntLimits],
    ) -> Matcher:
        """Match tuples, ``CopySet`` and ``CopyBag`` in which at least *at_least* members match *element*.

        Each copy in a bag counts. ``decimal_digits_limit`` bounds *at_least* itself.
        ``container_has_split`` takes the members out.
        """
        matcher = make_matcher("container_has", (element, at_least))
        bound = limits_record("container_has", ("decimal_digits_limit",), limits, named)
        if not compile_pattern(make_matcher("int", (), bound))(at_least):
            raise PatternDefinitionError(f"M.container_has: {at_least} has more digits than {bound!r} allows")
        return matcher

    # --- guards

    def interface(
        self,
        name: _Text,
        methods: Mapping[_Text, MethodGuard],
        *,
        sloppy: bool = False,
        default_guards: DefaultGuards | None = None,
    ) -> InterfaceGuard:
        """Guard the methods of an exo.

        Args:
            name: name of the interface, for people.
            methods: method name to guard.
            sloppy: as ``default_guards="passable"``, for those who come from the original.
            default_guards: what holds for methods not listed. ``None``: there may be none. ``"passable"``:
                any number of arguments, all data. ``"raw"``: neither frozen nor checked.

        Raises:
            GuardDefinitionError: the name is no text, a guard is not from ``call`` or ``call_when``, the
                default is unknown, or *sloppy* contradicts it.
        """
        if sloppy and default_guards == "raw":
            raise GuardDefinitionError(
                name, "sloppy=True means default_guards='passable', and 'raw' was given too"
            )
        return make_interface_guard(name, methods, "passable" if sloppy else default_guards)

    def call(self, *patterns: ArgumentGuard, **keyword_patterns: ArgumentGuard) -> MethodGuard:
        """Guard a method: a pattern for each positional argument and each keyword that must be given.

        Keyword arguments for named parameters count by position; *keyword_patterns* are for keyword-only
        ones. Go on with ``.optional``, ``.rest`` and ``.returns``; a method without ``.returns`` has to
        return None.

        Raises:
            GuardDefinitionError: there is an ``await_`` among them.
        """
        return make_method_guard("call", patterns, keyword_patterns)

    def call_when(self, *patterns: ArgumentGuard, **keyword_patterns: ArgumentGuard) -> MethodGuard:
        """Guard a method that answers with a promise.

        As ``call``; arguments guarded by ``await_`` are waited for before the method runs, a promise as its
        result is
        waited for and then checked, and every failure rejects the promise: the call itself never raises.
        """
        return make_method_guard("call_when", patterns, keyword_patterns)

    def await_(self, pattern: Pattern) -> AwaitGuard:
        """Guard an argument of ``call_when`` that may be a promise: what it settles to matches *pattern*."""
        return make_await_guard(pattern)

    def raw(self) -> RawGuard:
        """Guard an argument, the rest of them or a result by nothing: it is neither frozen nor checked."""
        return make_raw_guard()


def _limited(name: str, arguments: Sequence[object], limits: object, named: Mapping[str, object]) -> Matcher:
    return make_matcher(name, arguments, limits_record(name, SIGNATURES[name].limits, limits, named))


M: Final = PatternNamespace()
"""The matchers and guards."""
