"""Hypothesis strategies for patterns, and for values that have a fair chance to match them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.runtime.passable.strategies import (
    REMOTABLES,
    copy_bags,
    copy_maps,
    copy_sets,
    keys,
    scalar_keys,
    values,
)
from vatdata_runtime.passable import CopyMap, Record, freeze, make_tagged
from vatdata_runtime.patterns import M, Matcher, check_pattern, is_pattern

# Few scalars, so that patterns and values meet; of kinds that Python mixes up.
few_scalars = st.sampled_from(
    [None, False, True, 0, 1, 2, -1, 10, 0.0, 1.0, 2.5, float("nan"), "", "a", "ab", "b", b"", b"a"]
) | st.sampled_from(REMOTABLES[:2])
few_names = st.sampled_from(["a", "b", "c"])
few_values = st.recursive(
    few_scalars,
    lambda parts: st.one_of(
        st.lists(parts, max_size=3).map(tuple),
        st.dictionaries(few_names, parts, max_size=3).map(Record),
        copy_sets(few_scalars, max_size=3),
        copy_bags(few_scalars),
        copy_maps(few_scalars, parts),
        st.builds(make_tagged, st.sampled_from(["t", "u"]), parts),
    ),
    max_leaves=5,
)
any_values = few_values | few_values | values

limits = st.integers(0, 3) | st.none()
ordered = few_scalars | scalar_keys | keys

PLAIN_MATCHERS = [
        M.any(),
        M.scalar(),
        M.key(),
        M.pattern(),
        M.none(),
        M.boolean(),
        M.number(),
        M.float(),
        M.int(),
        M.nat(),
        M.string(),
        M.bytes(),
        M.remotable(),
        M.remotable("x"),
        M.error(),
        M.promise(),
        M.datetime(),
        M.date(),
        M.time(),
        M.timedelta(),
        M.decimal(),
        M.uuid(),
        M.array(),
        M.record(),
        M.set(),
        M.bag(),
        M.map(),
        M.tagged(),
        M.remotable(interface="Thing0"),
]  # fmt: skip

scalar_matchers = st.one_of(
    st.sampled_from(PLAIN_MATCHERS),
    st.sampled_from(
        ["none", "bool", "int", "float", "str", "tuple", "copy_bag", "error", "tagged", "date"]
    ).map(M.kind),
    st.builds(lambda n: M.int(decimal_digits_limit=n), limits),
    st.builds(lambda n: M.nat(decimal_digits_limit=n), limits),
    st.builds(lambda n: M.string(string_length_limit=n), limits),
    st.builds(lambda n: M.bytes(byte_length_limit=n), limits),
    st.builds(M.lt, ordered),
    st.builds(M.lte, ordered),
    st.builds(M.gte, ordered),
    st.builds(M.gt, ordered),
    st.builds(M.neq, ordered),
    st.builds(M.eq, ordered),
)
key_patterns = st.recursive(
    scalar_matchers | few_scalars | scalar_keys,
    lambda parts: st.one_of(
        st.lists(parts, max_size=3).map(lambda p: M.and_(*p)),
        st.lists(parts, max_size=3).map(lambda p: M.or_(*p)),
        st.builds(M.not_, parts),
        st.builds(M.opt, parts),
    ),
    max_leaves=5,
).map(check_pattern)


def _compound(parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    rests = parts | st.just(M.any()) | st.sampled_from([(), {}, M.array(), M.record()])
    tuples = st.lists(parts, max_size=2).map(tuple)
    return st.one_of(
        st.lists(parts, max_size=3).map(lambda p: M.and_(*p)),
        st.lists(parts, max_size=3).map(lambda p: M.or_(*p)),
        st.builds(M.not_, parts),
        st.builds(M.opt, parts),
        st.builds(M.eref, parts),
        tuples,
        st.dictionaries(few_names, parts, max_size=2).map(Record),
        st.dictionaries(st.sampled_from([0, 1, "a"]), parts, max_size=2).map(CopyMap),
        st.builds(lambda p, n: M.array_of(p, array_length_limit=n), parts, limits),
        st.builds(lambda k, v, n: M.record_of(k, v, num_properties_limit=n), parts, parts, limits),
        st.builds(lambda p, n: M.set_of(p, num_set_elements_limit=n), parts, limits),
        st.builds(lambda k, c, n: M.bag_of(k, c, decimal_digits_limit=n), parts, parts, limits),
        st.builds(lambda k, v, n: M.map_of(k, v, num_map_entries_limit=n), parts, parts, limits),
        st.builds(M.container_has, parts, st.integers(1, 3)),
        st.builds(M.tagged, st.just(M.string()) | st.just("t"), parts),
        st.builds(M.split_array, tuples, tuples, rests),
        st.builds(
            _split_record,
            st.dictionaries(few_names, parts, max_size=2),
            st.dictionaries(few_names, parts, max_size=2),
            rests,
        ),
    )


def _split_record(required: dict[str, Any], optional: dict[str, Any], rest: Any) -> Any:
    return M.split_record(required, {name: p for name, p in optional.items() if name not in required}, rest)


patterns = st.recursive(scalar_matchers | few_scalars, _compound, max_leaves=6).map(check_pattern)
frozen_keys = (scalar_keys | few_scalars).map(freeze)


def _varied(draw: st.DrawFn, part: Any) -> Any:
    """Change *part* of a pattern here and there, for the better or the worse."""
    choice = draw(st.integers(0, 9))
    if isinstance(part, Matcher):
        if choice == 0:
            return M.opt(part)
        if choice == 1:
            return M.or_(part, draw(key_patterns))
        if choice == 2:
            return M.and_(part, draw(key_patterns))
        if choice == 3:
            return draw(key_patterns)
        if choice == 4 and part.payload and is_pattern(part.payload[0]):
            return part.payload[0]
        changed = make_tagged(part.tag, tuple(_varied(draw, inner) for inner in part.payload))
        return changed if is_pattern(changed) else part
    if isinstance(part, tuple):
        items = [_varied(draw, item) for item in part]
        return tuple(items[1:] if choice == 0 else [*items, 1] if choice == 1 else items)
    if isinstance(part, Record):
        fields = {name: _varied(draw, value) for name, value in part.items()}
        if choice == 0 and "a" in fields:
            del fields["a"]
        return Record({**fields, "c": 1} if choice == 1 else fields)
    if type(part) is int and choice < 3:
        return part + choice - 1
    return M.any() if choice == 9 and is_pattern(part) and part is not None else part


@st.composite
def pattern_pairs(draw: st.DrawFn) -> tuple[Any, Any]:
    """A pattern, and another that was made from it by small changes, as code changes."""
    old = draw(patterns)
    new = _varied(draw, old)
    return (old, new) if is_pattern(new) else (old, old)
