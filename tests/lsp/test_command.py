"""The command ``vatdata-lsp`` and what its process loads."""

from __future__ import annotations

import subprocess
import sys


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False)


def test_the_server_process_loads_neither_the_parser_nor_the_engine():
    code = "import sys, vatdata_lsp.assembly; print(sorted({'libcst', 'vatdata_lint.engine', 'click'} & set(sys.modules)))"
    assert run("-c", code).stdout.strip() == "[]"


def test_the_version_is_printed():
    assert run("-m", "vatdata_lsp", "--version").stdout.startswith("vatdata-lsp ")


def test_a_tcp_address_without_a_port_is_refused_with_the_expected_form():
    done = run("-m", "vatdata_lsp", "--tcp", "localhost")
    assert done.returncode == 2
    assert "expected HOST:PORT, found 'localhost'" in done.stderr


def test_the_end_of_the_input_ends_the_server():
    done = subprocess.run(
        [sys.executable, "-m", "vatdata_lsp"], input=b"", capture_output=True, check=False, timeout=20
    )
    assert done.returncode == 0
