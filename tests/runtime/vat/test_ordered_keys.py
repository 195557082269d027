"""Keys in order beside a sorted list, with few of them and with many."""

from __future__ import annotations

import bisect
import random

import pytest

from vatdata_runtime.vat.ordered_keys import OrderedKeys


@pytest.mark.parametrize("count", [0, 5, 999, 1000, 1001, 3000])
def test_keys_come_and_go_in_order(count: int) -> None:
    dice = random.Random(count)
    model = sorted({dice.randbytes(3) for _ in range(count)})
    keys = OrderedKeys(model)
    for _ in range(300):
        key = dice.choice(model) if model and dice.random() < 0.4 else dice.randbytes(2)
        changes = keys.changes
        if key in model:
            keys.discard(key)
            model.remove(key)
        else:
            keys.add(key)
            bisect.insort(model, key)
        assert keys.changes > changes
        start, stop, limit = dice.randbytes(2), dice.randbytes(2), dice.randrange(4)
        between = [key for key in model if start <= key < stop]
        assert keys.between(start, stop, limit) == between[:limit]
        assert keys.first_from(start, stop) == (between[0] if between else None)


@pytest.mark.parametrize("count", [3, 2000])
def test_discarding_a_key_that_is_not_there_changes_nothing(count: int) -> None:
    keys = OrderedKeys(n.to_bytes(2, "big") for n in range(count))
    keys.discard(b"no such key")
    assert keys.between(b"", b"\xff", count + 1) == [n.to_bytes(2, "big") for n in range(count)]
