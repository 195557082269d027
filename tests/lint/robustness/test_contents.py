"""Whatever a file holds: its findings, or one that says why there are none."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from pathlib import Path

import libcst
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.lint.cli.conftest import LATE, Done
from vatdata_lint.facts import newer_syntax
from vatdata_lint.facts.parse import NotUnderstoodError, parse_source
from vatdata_lint.index.candidates import is_primitive
from vatdata_lint.vocabulary import PRIMITIVE_WORDS

Lint = Callable[..., Done]
Write = Callable[[str, str | bytes], Path]

HELPED = LATE.replace("return prepare", "x = '''\n'''; return prepare").replace(
    "import prepare", "import  prepare"
)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("source", [LATE, HELPED], ids=["plain", "with a string of two lines"])
def test_findings_have_the_same_positions_whatever_ends_the_lines(
    lint: Lint, write: Write, source: str, end: str
) -> None:
    write("bank.py", source)
    expected = lint("--output-format", "json").out
    assert "VD103" in expected
    write("bank.py", source.replace("\n", end))
    assert lint("--output-format", "json", "--no-cache").out == expected
    write("bank.py", source.replace("\n", end, 3))
    assert lint("--output-format", "json", "--no-cache").out == expected


def test_a_fix_keeps_lone_carriage_returns(lint: Lint, write: Write) -> None:
    fixable = LATE.replace("return prepare_exo", "ready = 1\n    prepare_exo").replace(
        "(baggage", "(\n        baggage"
    )
    path = write("bank.py", fixable.replace("\n", "\r"))
    assert lint("--unsafe-fixes").code == 0
    assert b"\n" not in path.read_bytes()
    assert b"\r" in path.read_bytes()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"x = (\n", "other.py:1:5: VD900 this file was not checked: it is not Python: '(' was never closed"),
        (
            b"x = '\xe9'\n",
            "other.py:1:1: VD900 this file was not checked: it is not utf-8, and names no other encoding",
        ),
        (b"# coding: no-such-thing\n", "its encoding cannot be used"),
        (
            b"x = 1\ny = 2\nz = '\xe9'\n",
            "other.py:3:1: VD900 this file was not checked: it is not utf-8: byte 17",
        ),
        (b"# coding: utf-8\nx = '\xff'\n", "VD900"),
        (b"x = 1\0\n", "null bytes"),
        (b"\xff\xfex\0", "VD900"),
        (b"x = " + b"(" * 3000 + b")" * 3000, "too many nested parentheses"),
        (
            b"if x:\n" + b"".join(b" " * n + b"if x:\n" for n in range(1, 200)),
            "too many levels of indentation",
        ),
        (b"def f(:\n", "VD900"),
    ],
)
def test_a_file_without_vat_code_that_is_no_python_is_reported_too(
    lint: Lint, write: Write, content: bytes, says: str
) -> None:
    write("other.py", content)
    write("bank.py", LATE)
    first = lint("--output-format", "concise")
    assert says in first.out
    assert first.out.count("VD900") == 1
    assert "bank.py:6:12: VD103" in first.out
    assert lint("--output-format", "concise").out == first.out  # from the cache


@pytest.mark.parametrize("encoding", ["rot13", "base64", "hex", "zip", "undefined"])
def test_an_encoding_that_is_none_of_text_is_reported(lint: Lint, write: Write, encoding: str) -> None:
    write("other.py", f"# coding: {encoding}\nx = 1\n" + "y = 2\n" * 50)
    write("vat.py", f"# coding: {encoding}\n" + LATE)
    write("bank.py", LATE)
    done = lint("--output-format", "concise")
    assert done.code == 1
    assert sorted(line.partition(":")[0] for line in done.out.splitlines() if "VD900" in line) == [
        "other.py",
        "vat.py",
    ]
    assert "bank.py:6:12: VD103" in done.out


def test_latin_1_with_its_cookie_is_no_problem(lint: Lint, write: Write) -> None:
    write("other.py", "# -*- coding: latin-1 -*-\nname = 'B\xf6rse'\n".encode("latin-1"))
    assert lint().code == 0


@pytest.mark.parametrize(("setting", "reported"), [("auto", False), ("never", False), ("always", True)])
def test_in_a_large_project_the_setting_says_whether_files_without_vat_code_are_parsed(
    lint: Lint, write: Write, setting: str, reported: bool
) -> None:
    for number in range(2):
        write(f"table{number}.py", b"x = 1\n" * 800_000)
    write("broken.py", "x = (\n")
    write("undecodable.py", b"x = '\xe9'\n")
    write("vatdata-lint.toml", f'check-syntax = "{setting}"\n')
    done = lint("--output-format", "concise", "--jobs", "2")
    assert ("broken.py:1:5: VD900" in done.out) is reported
    assert "undecodable.py:1:1: VD900" in done.out


def test_a_project_that_grows_says_the_same_with_and_without_what_was_kept(lint: Lint, write: Write) -> None:
    write("broken.py", "x = (\n")
    assert "broken.py" in lint("--output-format", "concise").out
    write("table.py", b"x = 1\n" * 1_300_000)
    write("table2.py", b"x = 1\n" * 1_300_000)
    kept = lint("--output-format", "concise").out
    assert kept == lint("--output-format", "concise", "--no-cache").out
    assert "broken.py" not in kept


def test_a_file_of_thirty_megabytes_is_reported_without_being_read(
    lint: Lint, tmp_path: Path, write: Write
) -> None:
    with open(tmp_path / "big.py", "wb") as file:
        file.truncate(30_000_000)
    write("bank.py", LATE)
    done = lint("--output-format", "concise")
    assert "big.py:1:1: VD900 this file was not checked: it has 30,000,000 bytes" in done.out
    assert "null bytes" not in done.out
    assert "bank.py:6:12: VD103" in done.out
    assert "it has 30,000,000 bytes" in lint("big.py").out


def test_nesting_that_ast_refuses_is_not_tried_with_the_slower_parser(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tried: list[str] = []
    monkeypatch.setattr(newer_syntax, "downgrade", tried.append)
    with pytest.raises(NotUnderstoodError, match="too many nested parentheses"):
        parse_source("x = " + "[" * 5000 + "]" * 5000)
    with pytest.raises(NotUnderstoodError, match="never closed"):
        parse_source("x = 1\n" * 200_000 + "x = (")
    assert tried == []
    with pytest.raises(NotUnderstoodError, match="never closed"):
        parse_source("x = (")
    assert tried == ["x = ("]


@pytest.mark.parametrize("word", ["match x:\n    case ", "if x: del "])
@pytest.mark.parametrize("bracket", ["(", "[", "{1: ", "f("])
def test_brackets_that_the_slower_parser_tries_again_and_again_are_not_given_to_it(
    monkeypatch: pytest.MonkeyPatch, word: str, bracket: str
) -> None:
    tried: list[str] = []

    def parse_module(text: str) -> libcst.Module:
        tried.append(text)
        return libcst.Module([])

    monkeypatch.setattr(libcst, "parse_module", parse_module)
    for text in (word + bracket * 7, word + "'}])'" + bracket * 7, word + (bracket + "\n") * 40 + "pass\n"):
        assert newer_syntax.downgrade(text) is None
    assert tried == []
    for text in (word + bracket * 6, "x = " + bracket * 7, word + "'((((((('", "deletions = " + bracket * 9):
        newer_syntax.downgrade(text)
    assert len(tried) == 4


def test_a_pattern_that_is_being_written_does_not_stop_the_linter() -> None:
    with pytest.raises(NotUnderstoodError, match="never closed"):
        parse_source("match x:\n    case " + "[" * 40 + "\n        pass\n")


def test_a_template_string_beside_another_string_is_not_understood_and_no_internal_error() -> None:
    with pytest.raises(NotUnderstoodError, match="it is not Python"):
        parse_source("x = ('' t'')")


def test_a_notebook_in_a_folder_is_left_alone(lint: Lint, write: Write) -> None:
    write("demo.ipynb", '{"cells": [{"cell_type": "code", "source": ["x = ("]}]}')
    assert "looked at 0 files," in lint().out


@given(st.from_regex(PRIMITIVE_WORDS.encode().replace(rb"\w", rb"[\w\x80-\xff]")))
def test_the_quick_look_for_words_passes_over_nothing_that_the_pattern_finds(data: bytes) -> None:
    assert is_primitive(data)


def test_a_definer_whose_name_is_not_ascii_is_seen(lint: Lint, write: Write) -> None:
    write(
        "geldbörse.py",
        LATE.replace("build_root_object", "prepare_ö").replace("async ", "").replace("await ", "time = "),
    )
    write(
        "bank.py",
        "from geldbörse import prepare_ö\n\n\nasync def build_root_object(vat_powers, vat_parameters, baggage):\n    await vat_powers.ready()\n    prepare_ö(vat_powers, vat_parameters, baggage)\n",
    )
    assert "bank.py:6:5: VD103" in lint("--output-format", "concise").out


def test_a_name_whose_formatting_would_fail_is_an_unknown_name(lint: Lint, write: Write) -> None:
    write("bank.py", LATE.replace('"Purse"', '"%c" % -1'))
    done = lint("--output-format", "concise")
    assert "please report it" not in done.out
    assert "bank.py:6:12: VD103" in done.out


@pytest.mark.parametrize(
    "name",
    [
        "'%1000000000d' % 3",
        "'%*d' % (1000000000, 3)",
        "'%.*f' % (1000000000, 3)",
        "'{:1000000000}'.format(3)",
        "'{:{}}'.format(3, 1000000000)",
        "'{0:>{wide}}'.format(3, wide=1000000000)",
    ],
)
def test_a_name_that_would_fill_all_memory_is_not_made(lint: Lint, write: Write, name: str) -> None:
    write("bank.py", LATE.replace('"Purse"', name))
    tracemalloc.start()
    try:
        done = lint("--output-format", "concise")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert "bank.py:6:12: VD103" in done.out
    assert peak < 100_000_000


def test_a_name_with_an_ordinary_width_is_known(lint: Lint, write: Write) -> None:
    write("bank.py", LATE.replace('"Purse"', "'order 20241124 %05d' % 7"))
    assert "kind 'order 20241124 00007'" in lint("--output-format", "concise").out


def test_a_file_whose_tree_would_not_fit_into_memory_is_reported_without_being_parsed(
    lint: Lint, write: Write
) -> None:
    write("vat.py", "from vatdata_runtime import prepare_exo\n" + "a;" * 600_000 + "b = (\n")
    done = lint("--output-format", "concise")
    assert "vat.py:1:1: VD900 this file was not checked: it has 1,200,007 words and signs" in done.out
    assert done.code == 1


DECORATES_WITHIN_ITSELF = """\
def this(make, vat_parameters=zone.exo_class(zone, 'A', vat_parameters.x, b'x') if prepare_exo_class_kit('A', build_root_object.items, -1) else (E := items)) -> prepare_kind(helper, 'B', self, self, '😋'):
    try:
        try:

            def Purse(vat_powers, vat_parameters, baggage) -> (lambda items, zone=y.exo: -1) if asyncio(0) else -init.append:
                pass
        except (not 'A')(prepare_all(baggage, 'A')) as methods:

            class this:
                prepare_singleton(partial(open_vat, lambda this, helper=0, *, y: -1), (await make.x)[prepare_all(baggage, 'B', *this.sub_zone):x.has('😋')])
            from vatdata_runtime import prepare_exo, prepare_exo_class as make, M, Exo, ExoKit, Facet, provide
        finally:
            while (asyncio := (lambda vat_powers, vat_parameters, baggage: vat_powers.sub_zone(methods)['A' ^ E:prepare_kind(baggage, 'B', M.sub_zone, 10 ** 100, 2j, **zone.sub_zone)])):
                pass
    except* (yield methods.state.exo) as ready:
        pass
    finally:
        if -(helper(**prepare_all) if True else await (prepare_all := M.then)):
            pass
        elif -{}:
            pass
        else:

            @partial(open_vat, this.state.items.append(x, 'B'))
            @(ready := self) and items.has <= baggage <= vat_parameters.then
            async def baggage(ready, vat_powers=-('A' is not x not in ready), *, Purse):
                pass

    @this
    def ready(vat_powers, make=zone, *, items):
        pass
"""
"""What was left of a generated module when all that did not matter was taken out of it."""


@pytest.mark.timeout(60)
def test_what_a_generator_hands_out_that_decorates_within_itself_does_not_double_with_each_look(
    lint: Lint, write: Write
) -> None:
    write("kinds.py", DECORATES_WITHIN_ITSELF)
    done = lint("--output-format", "concise", "--select", "ALL")
    assert "looked at 1 file" in done.out, "it ends, be it for too many steps"
