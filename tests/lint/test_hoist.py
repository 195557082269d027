"""A late or conditional definition is moved where that keeps the meaning, and left alone where not."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from vatdata_lint.checking import fix
from vatdata_lint.config import Config
from vatdata_lint.engine import Project

HEAD = "from vatdata_runtime import prepare_exo, prepare_exo_class\n\n\n"


def fixed(tmp_path: Path, body: str, *, unsafe: bool = False) -> str | None:
    """Return the text after fixes, None when nothing was changed."""
    (tmp_path / "vat.py").write_text(HEAD + textwrap.dedent(body).lstrip("\n"))
    project = Project(tmp_path, Config.from_mapping({"select": ["VD1"]}, root=tmp_path))
    text = fix(project, None, (), unsafe=unsafe).texts.get("vat.py")
    return None if text is None else text.removeprefix(HEAD)


def test_a_definition_moves_above_the_await(tmp_path: Path) -> None:
    body = """
        async def build_root_object(vat_powers, vat_parameters, baggage):
            before = 1
            rate = await vat_powers.rate()
            print(rate)
            make_purse = prepare_exo_class(  # kept
                baggage, "Purse", None, lambda owner: {"owner": owner}, {}
            )
            return make_purse
        """
    assert fixed(tmp_path, body) == textwrap.dedent("""\
        async def build_root_object(vat_powers, vat_parameters, baggage):
            before = 1
            make_purse = prepare_exo_class(  # kept
                baggage, "Purse", None, lambda owner: {"owner": owner}, {}
            )
            rate = await vat_powers.rate()
            print(rate)
            return make_purse
        """)


def test_several_definitions_keep_their_order(tmp_path: Path) -> None:
    body = """
        async def build_root_object(vat_powers, vat_parameters, baggage):
            await vat_powers.ready()
            prepare_exo(baggage, "A", None, {})
            prepare_exo(baggage, "B", None, {})
            return baggage
        """
    text = fixed(tmp_path, body)
    assert text is not None
    assert text.index('"A"') < text.index('"B"') < text.index("await")


@pytest.mark.parametrize(
    "line",
    [
        'prepare_exo(baggage, "A", None, {"rate": rate})',
        'await vat_powers.use(prepare_exo(baggage, "A", None, {}))',
        'prepare_exo(baggage, "A", None, {}); print(1)',
        'rate = prepare_exo(baggage, "A", None, {})',
    ],
)
def test_what_depends_on_the_awaited_value_stays(tmp_path: Path, line: str) -> None:
    body = f"""
        async def build_root_object(vat_powers, vat_parameters, baggage):
            rate = await vat_powers.rate()
            {line}
            return rate
        """
    assert fixed(tmp_path, body, unsafe=True) is None


def test_arguments_that_are_calls_move_only_as_an_unsafe_fix(tmp_path: Path) -> None:
    body = """
        async def build_root_object(vat_powers, vat_parameters, baggage):
            await vat_powers.rate()
            prepare_exo(baggage, "A", None, methods())
            return baggage
        """
    assert fixed(tmp_path, body) is None
    text = fixed(tmp_path, body, unsafe=True)
    assert text is not None
    assert text.index("prepare_exo(") < text.index("await")


def test_a_definition_leaves_its_branch_while_the_data_stays(tmp_path: Path) -> None:
    body = """
        def build_root_object(vat_powers, vat_parameters, baggage):
            if vat_parameters["demo"]:
                make_demo = prepare_exo(baggage, "Demo", None, {})
                baggage.init("demo", make_demo)
            return baggage
        """
    assert fixed(tmp_path, body) is None
    assert fixed(tmp_path, body, unsafe=True) == textwrap.dedent("""\
        def build_root_object(vat_powers, vat_parameters, baggage):
            make_demo = prepare_exo(baggage, "Demo", None, {})
            if vat_parameters["demo"]:
                baggage.init("demo", make_demo)
            return baggage
        """)


def test_a_branch_that_held_the_definition_alone_goes(tmp_path: Path) -> None:
    body = """
        def build_root_object(vat_powers, vat_parameters, baggage):
            if vat_parameters and not vat_powers.quiet:
                make_demo = prepare_exo(baggage, "Demo", None, {})
            return baggage
        """
    assert fixed(tmp_path, body, unsafe=True) == textwrap.dedent("""\
        def build_root_object(vat_powers, vat_parameters, baggage):
            make_demo = prepare_exo(baggage, "Demo", None, {})
            return baggage
        """)


@pytest.mark.parametrize(
    "header",
    ["if vat_powers.wants('demo'):", "if vat_parameters:  # only then", "if vat_parameters['demo']:"],
)
def test_a_branch_whose_condition_does_something_or_says_why_stays_without_the_definition(
    tmp_path: Path, header: str
) -> None:
    body = f"""
        def build_root_object(vat_powers, vat_parameters, baggage):
            {header}
                prepare_exo(baggage, "Demo", None, {{}})
            return baggage
        """
    assert fixed(tmp_path, body, unsafe=True) == textwrap.dedent(f"""\
        def build_root_object(vat_powers, vat_parameters, baggage):
            prepare_exo(baggage, "Demo", None, {{}})
            {header}
                pass
            return baggage
        """)


def test_a_definition_in_an_elif_stays(tmp_path: Path) -> None:
    body = """
        def build_root_object(vat_powers, vat_parameters, baggage):
            if vat_powers:
                pass
            elif vat_parameters:
                prepare_exo(baggage, "Demo", None, {})
            return baggage
        """
    assert fixed(tmp_path, body, unsafe=True) is None


def test_a_condition_that_the_definition_needs_keeps_it(tmp_path: Path) -> None:
    body = """
        def build_root_object(vat_powers, vat_parameters, baggage):
            if (demo := vat_parameters["demo"]):
                prepare_exo(baggage, "Demo", None, {"d": demo})
                print(demo)
            return baggage
        """
    assert fixed(tmp_path, body, unsafe=True) is None
