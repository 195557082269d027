"""Proving that a new pattern accepts all that an old one did, for definitions that follow stored data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from vatdata_runtime.passable import CopyMap, CopySet, Record, compare_keys, is_key, same
from vatdata_runtime.passable.classes import class_of
from vatdata_runtime.patterns.compile import compile_pattern
from vatdata_runtime.patterns.kinds import kinds_matched_whole, kinds_possible
from vatdata_runtime.patterns.matchers import Matcher
from vatdata_runtime.patterns.text import pattern_text

__all__ = ["allows_none", "narrowings"]


def allows_none(pattern: Any) -> bool:
    """Say whether None matches a frozen pattern, so that a field with this pattern may be absent."""
    return compile_pattern(pattern)(None)


def narrowings(old: Any, new: Any, field: str) -> list[str]:
    """Say what *new* may refuse that *old* accepted.

    Args:
        old: a frozen pattern that stored values match.
        new: the frozen pattern that is to take its place. Remotables in the two are compared by identity.
        field: what the patterns are for, to be named in the reasons.

    Returns:
        One sentence for each part that is narrower; empty where every value that matches *old* is proved to
        match *new*. Where no proof is found there is a reason, although *new* may in truth be as wide.

    Cost: at most the product of the parts of both; meant for definitions, not for calls.
    """
    return [
        f"{field}{where}: {pattern_text(narrower)} does not accept all that {pattern_text(wider)} did"
        for where, wider, narrower in _narrower_parts(old, new, "")
    ]


def _narrower_parts(old: Any, new: Any, where: str) -> Iterator[tuple[str, Any, Any]]:
    """Yield place, old and new of each narrower part, as deep in record literals as can be told."""
    if _covers(new, old):
        return
    parts: list[tuple[str, Any, Any]] = []
    if class_of(old) is Record and class_of(new) is Record and old.keys() == new.keys():
        for name in old:
            parts += _narrower_parts(old[name], new[name], f"{where}[{name!r}]")
    yield from parts or [(where, old, new)]


def _covers(new: Any, old: Any) -> bool:
    """Prove that *new* accepts whatever *old* accepts; False where no proof is found.

    Every rule must be sound by itself. A rule that is missing costs a refusal that could have been avoided;
    a rule that is wrong lets a definition in that the stored values do not match.
    """
    if same(new, old) or kinds_possible(old) <= kinds_matched_whole(new):
        return True
    alternatives = _alternatives(old)
    if alternatives is not None:
        return all(_covers(new, alternative) for alternative in alternatives)
    if _is_single(old):
        return compile_pattern(new)(old)
    if _name(new) == "and":
        return all(_covers(part, old) for part in new.payload)
    combine = _COMBINATIONS.get(_name(new))
    if combine is not None and combine(old, *new.payload):
        return True
    if _name(old) == "and":
        return any(_covers(new, part) for part in old.payload)
    rule = _RULES.get(_name(new))
    return rule is not None and rule(new, old)


def _name(pattern: Any) -> str:
    """Name what rules go by: a matcher by its name, a literal by a name that no matcher has."""
    return pattern.name if type(pattern) is Matcher else _LITERALS.get(class_of(pattern), "literal")


_LITERALS: Final[Mapping[type, str]] = {
    tuple: "tuple literal",
    Record: "record literal",
    CopyMap: "map literal",
}


def _alternatives(pattern: Any) -> tuple[Any, ...] | None:
    """Split a pattern into simpler ones that accept the same together; None where it can't be split."""
    name = _name(pattern)
    if name == "or":
        return tuple(pattern.payload)
    if name == "number":
        return tuple(Matcher("match:kind", (kind,)) for kind in ("int", "float"))
    kind = pattern.payload[0] if name == "kind" else None
    if name == "boolean" or kind == "bool":
        return (False, True)
    return (None,) if name == "none" or kind == "none" else None


def _is_single(pattern: Any) -> bool:
    """Say whether a pattern accepts one value only, itself."""
    if type(pattern) is Matcher:
        return False
    return class_of(pattern) not in (tuple, Record, CopyMap) or is_key(pattern)


# --- combinations -------------------------------------------------------------------------------------------


def _or(old: Any, *parts: Any) -> bool:
    return any(_covers(part, old) for part in parts)


def _not(old: Any, excluded: Any) -> bool:
    """Prove that nothing which *old* accepts is *excluded*."""
    alternatives = _alternatives(excluded)
    if alternatives is not None:
        return all(_not(old, alternative) for alternative in alternatives)
    if _is_single(excluded):
        return not compile_pattern(old)(excluded)
    if _name(old) in ("not", "neq") and _covers(old.payload[0], excluded):
        return True
    return not kinds_possible(old) & kinds_possible(excluded)


_COMBINATIONS: Final[Mapping[str, Callable[..., bool]]] = {"or": _or, "not": _not, "neq": _not}


# --- limits, order and names --------------------------------------------------------------------------------


def _limits_cover(new: Record, old: Record) -> bool:
    return all(most is None or (old[limit] is not None and old[limit] <= most) for limit, most in new.items())


def _within(limits: Record, name: str, count: int) -> bool:
    most = limits[name]
    return most is None or count <= most


def _int(new: Matcher, old: Any) -> bool:
    return _name(old) in (new.name, "nat") and _limits_cover(new.payload[-1], old.payload[-1])


def _sized(new: Matcher, old: Any) -> bool:
    return _name(old) == new.name and _limits_cover(new.payload[-1], old.payload[-1])


def _compared(strict: str, loose: str, sign: int) -> Callable[[Matcher, Any], bool]:
    """Make the rule for ``lt`` and ``lte`` (sign 1) or ``gt`` and ``gte`` (sign -1)."""

    def rule(new: Matcher, old: Any) -> bool:
        if _name(old) not in (strict, loose):
            return False
        order = compare_keys(new.payload[0], old.payload[0])
        # The bound itself lets go of nothing, unless the new pattern excludes it and the old one did not.
        return order == sign or (order == 0 and (new.name == loose or old.name == strict))

    return rule


def _remotable(new: Matcher, old: Any) -> bool:
    return _name(old) == "remotable" and old.payload[1] == new.payload[1]


def _pattern(_new: Matcher, old: Any) -> bool:
    return _name(old) in ("key", "lt", "lte", "gte", "gt")


def _key(_new: Matcher, old: Any) -> bool:
    return _name(old) in ("lt", "lte", "gte", "gt")


# --- tuples and records -------------------------------------------------------------------------------------


class _Frame(NamedTuple):
    """A pattern for containers whose first or named parts are told apart from the rest."""

    required: Any
    optional: Any
    rest: Any


def _array_frame(pattern: Any) -> _Frame | None:
    if class_of(pattern) is tuple:
        return _Frame(pattern, (), ())
    return _Frame(*pattern.payload) if _name(pattern) == "split_array" else None


def _record_frame(pattern: Any) -> _Frame | None:
    if class_of(pattern) is Record:
        return _Frame(pattern, Record(), Record())
    return _Frame(*pattern.payload) if _name(pattern) == "split_record" else None


def _or_none(pattern: Any) -> Matcher:
    return Matcher("match:or", (None, pattern))


def _element_of_rest(rest: Any) -> Any:
    """Return a pattern for each part that a rest pattern lets in; None where there is no telling."""
    name = _name(rest)
    if name == "any":
        return rest
    if name in ("array_of", "record_of"):
        return rest.payload[-2]
    return Matcher("match:any", ()) if name in ("array", "record") else None


def _arrays(new: Any, old: Any) -> bool:
    mine, theirs = _array_frame(new), _array_frame(old)
    if mine is None or theirs is None or len(mine.required) > len(theirs.required):
        return False
    wanted = (*mine.required, *map(_or_none, mine.optional))
    # None in an optional position is let in by the old pattern whatever stands there, and by the new one too:
    # what is required now was required before.
    given = (*theirs.required, *theirs.optional)
    if not all(_covers(part, was) for part, was in zip(wanted, given, strict=False)):
        return False
    return _rest_covers(mine.rest, theirs.rest, len(wanted) - len(given), list(wanted[len(given) :]), ())


def _records(new: Any, old: Any) -> bool:
    mine, theirs = _record_frame(new), _record_frame(old)
    if mine is None or theirs is None or not mine.required.keys() <= theirs.required.keys():
        return False
    wanted = {**mine.required, **{name: _or_none(part) for name, part in mine.optional.items()}}
    given = {**theirs.required, **theirs.optional}
    if not all(_covers(wanted[name], given[name]) for name in given if name in wanted):
        return False
    added = [wanted[name] for name in wanted if name not in given]
    moved = any(name not in wanted for name in given)
    return _rest_covers(mine.rest, theirs.rest, -1 if moved else len(added), added, Record())


def _rest_covers(new: Any, old: Any, change: int, added: list[Any], empty: Any) -> bool:
    """Prove that a rest pattern accepts what is left over.

    Args:
        new, old: the rest patterns.
        change: how many parts more are told apart than before; negative where some are left over now.
        added: the patterns of those.
        empty: the container without parts.
    """
    if same(old, empty):
        return _name(new) == "any" or (change >= 0 and compile_pattern(new)(empty))
    if added:
        element = _element_of_rest(old)
        if element is None or not all(_covers(part, element) for part in added):
            return False
    if change < 0:
        return _name(new) == "any"
    # Where parts were taken out of the rest, what is left matches the old pattern still: it is one of those that
    # have an element pattern, and these match with fewer parts too.
    return _covers(new, old)


def _array_of(new: Matcher, old: Any) -> bool:
    element, limits = _element_of_rest(new), new.payload[-1]
    if _name(old) in ("array", "array_of"):
        return _covers(element, _element_of_rest(old)) and _limits_cover(limits, old.payload[-1])
    frame = _array_frame(old)
    if frame is None or not same(frame.rest, ()):
        return False
    parts = (*frame.required, *map(_or_none, frame.optional))
    return _within(limits, "array_length_limit", len(parts)) and all(_covers(element, part) for part in parts)


def _record_of(new: Matcher, old: Any) -> bool:
    limits = new.payload[-1]
    name_pattern, value_pattern = _entry_patterns(new)
    if _name(old) in ("record", "record_of"):
        return _entries(new, old, "record")
    frame = _record_frame(old)
    if frame is None or not same(frame.rest, Record()):
        return False
    parts = {**frame.required, **{name: _or_none(part) for name, part in frame.optional.items()}}
    return _within(limits, "num_properties_limit", len(parts)) and all(
        _within(limits, "property_name_length_limit", len(name))
        and compile_pattern(name_pattern)(name)
        and _covers(value_pattern, part)
        for name, part in parts.items()
    )


def _entry_patterns(pattern: Matcher) -> tuple[Any, ...]:
    return pattern.payload[:-1] or (Matcher("match:any", ()), Matcher("match:any", ()))


def _entries(new: Matcher, old: Any, plain: str) -> bool:
    """Compare two matchers of one kind of collection: ``plain`` with or without patterns for its parts."""
    if _name(old) not in (plain, f"{plain}_of"):
        return False
    parts = zip(_entry_patterns(new), _entry_patterns(old), strict=False)
    return _limits_cover(new.payload[-1], old.payload[-1]) and all(_covers(part, was) for part, was in parts)


def _collection(new: Matcher, old: Any) -> bool:
    return _entries(new, old, new.name.removesuffix("_of"))


def _copy_map(new: CopyMap, old: Any) -> bool:
    if not isinstance(old, CopyMap) or CopySet(old) != CopySet(new):
        return False
    return all(_covers(part, was) for part, was in zip(new.values(), old.values(), strict=True))


def _container_has(new: Matcher, old: Any) -> bool:
    if _name(old) != "container_has":
        return False
    return new.payload[1] <= old.payload[1] and _covers(new.payload[0], old.payload[0])


def _tagged(new: Matcher, old: Any) -> bool:
    return _name(old) == "tagged" and all(map(_covers, new.payload, old.payload))


_RULES: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "int": _int,
    "nat": _int,
    "string": _sized,
    "bytes": _sized,
    "lt": _compared("lt", "lte", 1),
    "lte": _compared("lt", "lte", 1),
    "gt": _compared("gt", "gte", -1),
    "gte": _compared("gt", "gte", -1),
    "remotable": _remotable,
    "key": _key,
    "pattern": _pattern,
    "tuple literal": _arrays,
    "split_array": _arrays,
    "array": _array_of,
    "array_of": _array_of,
    "record literal": _records,
    "split_record": _records,
    "record": _record_of,
    "record_of": _record_of,
    "set": _collection,
    "set_of": _collection,
    "bag": _collection,
    "bag_of": _collection,
    "map": _collection,
    "map_of": _collection,
    "map literal": _copy_map,
    "container_has": _container_has,
    "tagged": _tagged,
}
"""Name of the new pattern to the rule that compares it with an old one."""
