"""In what is deep, long or wide a mistake is still found, on its own line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lint.robustness.shapes import ENTRY, HEAD, LAST, each, entry
from vatdata_lint import Config, Project

SKIPPED = "    if vat_parameters:\n        {0}  # finding: VD101\n"
DEFINITION = "prepare_exo(baggage, 'A', None, {})"
FUNCTION = "def prepare_0(baggage):\n" + LAST


def _chain(size: int) -> str:
    return FUNCTION + "".join(
        f"def prepare_{n}(baggage):\n    prepare_{n - 1}(baggage)\n" for n in range(1, size)
    )


def _modules_in_a_ring(size: int) -> dict[str, str]:
    files = {
        f"m{n}.py": f"from m{(n + 1) % size} import prepare_{(n + 1) % size}\n"
        f"def prepare_{n}(baggage):\n    prepare_{(n + 1) % size}(baggage)\n"
        for n in range(size)
    }
    files[f"m{size - 1}.py"] = f"{HEAD}from m0 import prepare_0\n{FUNCTION.replace('_0', f'_{size - 1}')}"
    files["vat.py"] = f"from m0 import prepare_0\n{ENTRY}{SKIPPED.format('prepare_0(baggage)')}"
    return files


DEPTHS = {
    "a chain of calls": entry(SKIPPED.format("prepare_1999(baggage)"), _chain(2000)),
    "modules in a ring": _modules_in_a_ring(1200),
    "arms of an if": entry(
        "    if vat_parameters == 'x':\n        pass\n"
        + each("    elif vat_parameters == {0}:\n        pass\n", 2000)
        + f"    else:\n        {DEFINITION}  # finding: VD101\n"
    ),
    "attributes of an object": entry(
        "    Kinds(baggage)\n" + SKIPPED.format("prepare_exo(baggage, 'Z', None, {})"),
        "class Kinds:\n    def __init__(self, baggage):\n"
        + each("        self.a{0} = prepare_exo(baggage, 'A{0}', None, {{}})\n", 1500),
    ),
    "functions in a table": entry(
        "    TABLE[vat_parameters['kind']](baggage)  # finding: VD101\n",
        "TABLE = {\n"
        + each("    'a{0}': lambda baggage: prepare_exo(baggage, 'A{0}', None, {{}}),\n", 1500)
        + "}\n",
    ),
    "members of a list": entry(
        "    for name in NAMES:\n        prepare_exo(baggage, name, None, {})\n" + SKIPPED.format(DEFINITION),
        "NAMES = [" + each("'K{0}', ", 900) + "]\n",
    ),
    "defaults that call their own function": entry(
        SKIPPED.format("define(baggage)"),
        "def define(baggage, value=define(1) + 1):\n    prepare_exo(baggage, 'A', None, {})\n",
    ),
    "combinations of names": entry(
        "    for one, other in product(NAMES, NAMES):\n"
        "        prepare_exo(baggage, f'{one} {other}', None, {})\n"
        "    prepare_exo(baggage, 'K24 K24', None, {})  # finding: VD107\n",
        "from itertools import product\nNAMES = [" + each("'K{0}', ", 25) + "]\n",
    ),
    "more combinations than are told one by one": entry(
        "    for one, other in product(NAMES, NAMES):\n"
        "        prepare_exo(baggage, f'{one} {other}', None, {})  # finding: VD102\n",
        "from itertools import product\nNAMES = [" + each("'K{0}', ", 60) + "]\n",
    ),
    "one decorator over and over": entry(
        SKIPPED.format("prepare_0(baggage)"),
        "def again(function):\n    def inner(*args):\n        return function(*args)\n    return inner\n"
        + "@again\n" * 100
        + FUNCTION,
    ),
    "classes on classes": entry(
        SKIPPED.format("C300().prepare(baggage)"),
        "class C0:\n    def prepare(self, baggage):\n        prepare_exo(baggage, 'A', None, {})\n"
        + "".join(f"class D{n}(C{n - 1}): pass\nclass C{n}(C{n - 1}, D{n}): pass\n" for n in range(1, 301)),
    ),
    "operands of an or": entry(
        "    x = "
        + " or ".join(f"vat_parameters[{n}]" for n in range(3000))
        + f" or {DEFINITION}  # finding: VD101\n"
    ),
    "loops in loops": entry(
        "".join(" " * (4 + n) + f"for a{n} in vat_parameters:\n" for n in range(19))
        + " " * 23
        + f"{DEFINITION}  # finding: VD102\n"
    ),
}


@pytest.mark.parametrize("name", DEPTHS)
def test_a_mistake_is_found_in_depths_and_widths(tmp_path: Path, name: str) -> None:
    expected: set[tuple[str, int, str]] = set()
    for path, text in DEPTHS[name].items():
        (tmp_path / path).write_text(text, encoding="utf-8")
        for number, line in enumerate(text.split("\n"), 1):
            _, mark, code = line.partition("# finding: ")
            if mark:
                expected.add((path, number, code))
    findings = Project(tmp_path, Config(root=tmp_path)).check().findings
    assert {(item.location.path, item.location.line, item.code) for item in findings} == expected
    assert expected


def test_a_record_of_a_module_that_depends_on_hundreds_of_files_ends_with_any_of_them(tmp_path: Path) -> None:
    size = 400
    files = _modules_in_a_ring(size)
    for path, text in files.items():
        (tmp_path / path).write_text(text, encoding="utf-8")
    cache = tmp_path / "cache"

    def codes(cache_dir: Path | None) -> list[tuple[str, str]]:
        report = Project(tmp_path, Config(root=tmp_path), cache_dir=cache_dir).check()
        return [(item.location.path, item.code) for item in report.findings]

    assert codes(cache) == [("vat.py", "VD101")]
    (tmp_path / f"m{size - 1}.py").write_text(
        f"def prepare_{size - 1}(baggage):\n    pass\n", encoding="utf-8"
    )
    assert codes(cache) == codes(None) == []
    (tmp_path / f"m{size - 1}.py").write_text(files[f"m{size - 1}.py"], encoding="utf-8")
    assert codes(cache) == [("vat.py", "VD101")]
