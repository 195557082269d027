"""The configurations for Vim with ALE and for Helix, in real terminals."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.editors.conftest import EDITORS, Project, program
from tests.editors.terminal import terminal

VIMRC = """
set nocompatible hidden noswapfile
packadd! ale
let g:ale_linters = {{'python': ['vatdata']}}
filetype plugin indent on
call timer_start(200, {{-> writefile([json_encode(getloclist(0))], '{report}')}}, {{'repeat': -1}})
"""


@pytest.fixture
def tmux() -> str:
    return program("tmux", "apt-get install tmux")


def test_ale_shows_the_fault_and_applies_the_fix(
    tmux: str, project: Project, environment: dict[str, str], tmp_path: Path
):
    vim = program("vim", "apt-get install vim vim-ale")
    if not Path("/usr/share/vim-ale").exists():
        pytest.skip("no ALE on this machine: apt-get install vim-ale")
    home, report = Path(environment["HOME"]), tmp_path / "report.json"
    (home / ".vim/after/plugin").mkdir(parents=True)
    shutil.copy(EDITORS / "vim-ale/vatdata.vim", home / ".vim/after/plugin")
    (home / ".vimrc").write_text(VIMRC.format(report=report))

    def shown() -> list[list[int]] | None:
        """Line, and first and last column from 1, of each finding; None before the first report."""
        try:
            found = json.loads(report.read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            return None
        return [[item["lnum"], item["col"], item["end_col"]] for item in found]

    with terminal(tmux, f"{vim} {project.bank}", environment, tmp_path) as screen:
        screen.until("the finding", lambda: bool(shown()))
        start, end = project.columns
        assert shown() == [[project.line, start + 1, end]]
        screen.type(f":call cursor({project.line}, {start + 1})")
        screen.press("Enter")
        screen.type(":ALECodeAction")
        screen.press("Enter")
        screen.see("Move it above line")
        screen.type("1")
        screen.press("Enter")
        screen.until("the finding to go", lambda: shown() == [])
        screen.type(":wq")
        screen.press("Enter")
        screen.until("the file", project.is_saved_fixed)


@pytest.fixture
def helix(tmp_path: Path) -> Iterator[str]:
    """A command that runs Helix of the folder VATDATA_HELIX, which sees the files of this machine."""
    own = shutil.which("hx") or shutil.which("helix")
    if own is not None:
        yield own
        return
    folder = os.environ.get("VATDATA_HELIX")
    if folder is None:
        pytest.skip("no hx on this machine, and VATDATA_HELIX names no folder that install_helix.sh filled")
    # Where the server, its interpreter and the project are. Helix sees them at the same places.
    wanted = {tmp_path.parent, Path(sys.prefix), Path(sys.base_prefix), EDITORS.parent, Path("/proc")}
    mounted: list[Path] = []
    try:
        for path in sorted(wanted):
            place = Path(folder + str(path))
            place.mkdir(parents=True, exist_ok=True)
            subprocess.run(["mount", "--bind", path, place], check=True)
            mounted.append(place)
        yield f"chroot {folder} /usr/bin/hx"
    finally:
        for place in reversed(mounted):
            subprocess.run(["umount", "--lazy", place], check=True)


def test_helix_shows_the_fault_and_applies_the_fix(
    tmux: str, helix: str, project: Project, environment: dict[str, str], tmp_path: Path
):
    configuration = Path(environment["XDG_CONFIG_HOME"]) / "helix"
    configuration.mkdir(parents=True)
    shutil.copy(EDITORS / "helix/languages.toml", configuration)
    with terminal(
        tmux, f"{helix} {project.bank}:{project.line}:{project.columns[0] + 1}", environment, tmp_path
    ) as screen:
        screen.see("kind 'Receipt' is defined after the await")
        screen.press("Space", "d")
        screen.see("VD103")
        screen.press("Escape")
        screen.press("Space", "a")
        screen.see("Move it above line")
        screen.press("Enter")
        screen.until("the finding to go", lambda: "defined after the await" not in screen.screen())
        screen.type(":wq")
        screen.press("Enter")
        screen.until("the file", project.is_saved_fixed)
