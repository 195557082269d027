"""The chain of a finding: from the entry, over the line that makes it so, to the definition."""

from __future__ import annotations

from pathlib import Path

from vatdata_lint.testing import parse_case, run_case

HELPERS = """
    # file: vat.py
    from kinds import install
    def build_root_object(vat_powers, vat_parameters, baggage):
        install(baggage, vat_parameters)
    # file: kinds.py
    from vatdata_runtime import prepare_exo
    def install(baggage, parameters):
        loans(baggage, parameters)
    def loans(baggage, parameters):
        if parameters:
            prepare_exo(baggage, "Loan", None, {})  # finding: VD101
"""


def steps_of(source: str, folder: Path) -> list[tuple[str, int, str]]:
    (finding,) = run_case(parse_case("chain", source), folder, {})
    return [(step.location.path, step.location.line, step.message) for step in finding.chain]


def test_a_finding_in_a_helper_tells_how_the_entry_comes_to_it(tmp_path: Path) -> None:
    assert steps_of(HELPERS, tmp_path) == [
        ("vat.py", 2, "in 'build_root_object', which a vat starts with"),
        ("vat.py", 3, "calls 'install'"),
        ("kinds.py", 3, "calls 'loans'"),
        ("kinds.py", 4, "in 'loans'"),
        ("kinds.py", 5, "the 'if' on line 5"),
        ("kinds.py", 6, "defines 'Loan' through 'prepare_exo'"),
    ]


def test_a_finding_in_the_entry_begins_there(tmp_path: Path) -> None:
    source = """
        from vatdata_runtime import prepare_exo
        def build_root_object(vat_powers, vat_parameters, baggage):
            if vat_parameters:
                prepare_exo(baggage, "Loan", None, {})  # finding: VD101
    """
    assert [line for _, line, _ in steps_of(source, tmp_path)] == [2, 3, 4]


def test_a_way_of_hundreds_of_calls_is_left_out(tmp_path: Path) -> None:
    functions = [f"def f{n}(zone, flag):\n    f{n + 1}(zone, flag)\n" for n in range(300)]
    source = (
        "from vatdata_runtime import prepare_exo\n"
        "def f300(zone, flag):\n    if flag:\n        prepare_exo(zone, 'A', None, {})  # finding: VD101\n"
        + "".join(functions)
        + "def build_root_object(vat_powers, vat_parameters, baggage):\n    f0(baggage, vat_parameters)\n"
    )
    assert steps_of(source, tmp_path)[0][2] == "in 'f300'"
