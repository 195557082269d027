"""Counts of more keys than fit in memory."""

from __future__ import annotations

from collections import Counter
from contextlib import closing

from hypothesis import given
from hypothesis import strategies as st

from vatdata_runtime.vat.tallies import Tally, joined

keys = st.binary(max_size=3)


@given(st.lists(st.tuples(keys, st.integers(1, 5)), max_size=60), st.integers(1, 7))
def test_a_tally_counts_as_a_counter_does_however_little_it_keeps_in_memory(added, limit):
    with closing(Tally(limit)) as tally:
        counter: Counter[bytes] = Counter()
        for key, by in added:
            tally.add(key, by)
            counter[key] += by
        assert list(tally.sorted()) == sorted(counter.items())
        assert list(tally.sorted()) == sorted(counter.items()), "it can be walked again"


@given(st.dictionaries(keys, st.integers(0, 9)), st.dictionaries(keys, st.integers(0, 9)))
def test_streams_are_joined_by_key(left, right):
    expected = {
        key: {name: side[key] for name, side in (("left", left), ("right", right)) if key in side}
        for key in sorted({*left, *right})
    }
    streams = joined(left=iter(sorted(left.items())), right=iter(sorted(right.items())))
    assert dict(streams) == expected
