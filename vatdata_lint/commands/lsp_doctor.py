"""``vatdata-lint lsp-doctor``: what the language server would work with here, for reports of trouble."""

from __future__ import annotations

import platform
import shutil
import sys
import time
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

import click

from vatdata_lint.commands.common import existing, load_config, open_project, output_style, tool_version
from vatdata_lint.commands.errors import CANNOT, CLEAN
from vatdata_lint.config import ConfigError

__all__ = ["command"]

SERVER = "vatdata-lsp"


@click.command("lsp-doctor")
@click.argument("path", required=False, type=click.Path(path_type=Path))
def command(path: Path | None) -> int:
    """Show configuration, interpreter, root, encodings, server and timings for the folder at PATH.

    Exit code: 0 when the server can start here, 2 when something is missing.
    """
    style = output_style()
    healthy = True

    def show(name: str, value: object) -> None:
        click.echo(f"{style.bold(name.ljust(16))} {value}")

    def complain(name: str, value: str) -> None:
        nonlocal healthy
        healthy = False
        click.echo(f"{style.bold(name.ljust(16))} {style.error(value)}")

    paths = existing([path] if path is not None else [])
    show("vatdata", tool_version())
    show("interpreter", f"{sys.executable} ({platform.python_implementation()} {platform.python_version()})")
    show("platform", platform.platform())
    show("encoding", f"source utf-8 or PEP 263, file system {sys.getfilesystemencoding()}")
    show("positions", "utf-8, utf-16 or utf-32, as the editor asks")
    for name in ("pygls", "lsprotocol", "libcst"):
        try:
            show(name, version(name))
        except PackageNotFoundError:
            complain(name, "not installed: pip install 'vatdata[lsp]'")
    if find_spec("vatdata_lsp") is None:
        complain("server", "the package vatdata_lsp is not importable from this interpreter")
    beside = Path(sys.executable).with_name(SERVER)
    program = str(beside) if beside.exists() else shutil.which(SERVER)
    if program is None:
        complain("command", f"{SERVER} is neither beside the interpreter nor on PATH")
    else:
        show("command", program)
    show("channel", "stdio; --tcp HOST:PORT for debugging")
    try:
        config = load_config(None, paths)
    except ConfigError as error:
        complain("configuration", str(error))
        return CANNOT
    show("configuration", config.origin or "defaults (no vatdata-lint.toml, no [tool.vatdata-lint])")
    show("root", config.root)
    show("cache", config.root / config.cache_dir)
    for label in ("first check", "second check"):
        begin = time.perf_counter()
        report = open_project(config, no_cache=False).check(None)
        seconds = time.perf_counter() - begin
        show(label, f"{seconds:.2f} s, {report.files_checked} files, {report.files_parsed} parsed")
    return CLEAN if healthy else CANNOT
