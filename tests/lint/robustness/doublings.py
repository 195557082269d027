"""Values that are put into themselves in each round of a loop: few lines that stand for more than memory holds."""

from __future__ import annotations

from tests.lint.robustness.shapes import LAST, Shape, entry

__all__ = ["DOUBLINGS"]

_ABOVE = """\
from functools import partial
class Pair:
    def __init__(self, left, right):
        self.left, self.right = left, right
    def method(self): return self
def many(*args): return args
def named(**keywords): return keywords
async def later(*args): return args
def lazy(*args): yield args
"""

_DOUBLED = {
    "lists in a list": ("many", "data = [data, data]"),
    "dicts in a dict": ("many", "data = {'a': data, 'b': data}"),
    "objects in an object": ("many", "data = Pair(data, data)"),
    "bound methods": ("Pair(1, 2)", "data = Pair(data.method, data.method)"),
    "partials": ("many", "data = partial(data, data)"),
    "different containers": ("many", "data = (data, [data])"),
    "choices": ("many", "data = data if vat_parameters.x else [data, data]"),
    "closures": ("many", "data = lambda left=data, right=data: (left, right)"),
    "calls": ("many", "data = many(data, data)"),
    "coroutines": ("many", "data = later(data, data)"),
    "generators": ("many", "data = lazy(data, data)"),
    "named arguments": ("{'a': many}", "data = named(**data, b=data, c=data)"),
    "texts": ("'x'", "data = data + data"),
    "texts added in place": ("'x'", "data += data"),
    "formatted texts": ("many", "data = f'{data}{data}'"),
    "texts with percent signs": ("'x'", "data = '%s%s' % (data, data)"),
    "texts with braces": ("'x'", "data = '{}{}'.format(data, data)"),
    "joined texts": ("'x'", "data = ''.join([data, data])"),
    "texts with unknown parts": ("'x'", "data = data + vat_parameters.x + data"),
    "lists": ("[many]", "data = data + data"),
    "lists added in place": ("[many]", "data += data"),
    "lists of all members": ("[many]", "data = [*data, *data]"),
    "extended lists": ("[many]", "data.extend(data)"),
    "lists that hold themselves": ("[many]", "data.append(data)"),
    "all arguments": ("[many]", "data = many(*data, *data)"),
    "comprehensions": ("[many]", "data = [y for x in data for y in (x, x)]"),
    "sorted lists": ("[many]", "data = list(data) + sorted(data)"),
    "pairs of members": ("[many]", "data = list(zip(data, data))"),
    "dicts of all members": ("{'a': many}", "data = {**data, **data}"),
    "dicts with a bar": ("{'a': many}", "data = data | data"),
    "updated dicts": ("{'a': many}", "data.update(data)"),
    "dicts of a dict": ("{'a': many}", "data = dict(data, **data)"),
}
"""By name: what the value is at first, and what each round makes of it."""


def _doubling(first: str, statement: str) -> Shape:
    return lambda size: entry(
        f"    data = {first}\n    for n in range({size}):\n        {statement}\n"
        "    vat_powers.look(data)\n    for part in data:\n        vat_powers.look(part)\n" + LAST,
        _ABOVE,
    )


DOUBLINGS: dict[str, tuple[Shape, int, int]] = {
    name: (_doubling(*lines), 40, 200) for name, lines in _DOUBLED.items()
}
"""By name: the shape, rounds that would take ages if each were looked at, and the most that are followed one by one."""
