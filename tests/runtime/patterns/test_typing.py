"""What type checkers say about code that uses ``M``."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

USE = """
from vatdata_runtime.patterns import M, InterfaceGuard, Matcher, MethodGuard

reveal_type(M.int(decimal_digits_limit=5))
reveal_type(M.call(M.int(), memo=M.string()).optional(M.any()).rest(M.array()).returns(M.nat()))
reveal_type(M.interface("Purse", {"deposit": M.call(M.int())}, default_guards="raw"))
pattern: Matcher = M.split_record({"a": [M.int(), None]}, rest={})
M.intt()
M.int(string_length_limit=5)
M.string(limits={"max_size": 5})
M.kind("copyBag")
M.interface("Purse", {"deposit": M.int()})
M.interface("Purse", {}, default_guards="sloppy")
M.call().option(M.int())
"""


def test_names_limits_kinds_and_guards_are_checked_before_the_program_runs(tmp_path: Path) -> None:
    file = tmp_path / "use.py"
    file.write_text(USE)
    root = Path(__file__).parents[3]
    (tmp_path / "pyrightconfig.json").write_text(json.dumps({"extraPaths": [str(root)]}))
    command = [sys.executable, "-m", "pyright", "--outputjson", "-p", str(tmp_path)]
    output = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    found = json.loads(output)["generalDiagnostics"]
    revealed = [each["message"] for each in found if each["severity"] == "information"]
    assert [text.split('"')[-2] for text in revealed] == ["Matcher", "MethodGuard", "InterfaceGuard"]
    lines = USE.splitlines()
    refused = [lines[each["range"]["start"]["line"]] for each in found if each["severity"] == "error"]
    assert refused == lines[lines.index("M.intt()") :]
