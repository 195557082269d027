"""The ``vatdata`` command."""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

import click

from . import __version__

__all__ = ["main"]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="vatdata")
def main() -> None:
    """Durable objects that survive crashes, restarts and code upgrades.

    Shell completion: eval "$(_VATDATA_COMPLETE=bash_source vatdata)", or zsh_source, fish_source.
    """


@main.command()
@click.option("--fast", is_flag=True, help="Without pauses between the steps.")
def demo(fast: bool) -> None:
    """Tell the whole story on a real store in a temporary folder: calls, a kill, a restart, upgrades.

    Example: vatdata demo
    """
    from rich.console import Console

    from .tools.demo.story import DemoFailedError, tell

    try:
        tell(Console(), pause_s=0.0 if fast else 1.5)
    except DemoFailedError as error:
        raise click.ClickException(f"the demo failed: {error}") from error


@main.command()
@click.argument("source")
@click.option("--store", required=True, help="The store's file; made if it does not exist.")
@click.option("--name", default="main", show_default=True, help="The vat's name in the store.")
@click.option("--parameters", default=None, help="JSON passed to the build function.")
@click.option(
    "--call", "calls", multiple=True, help="Call a root method, as in Python: 'deposit(\"alice\", 5)'."
)
@click.option("--json", "as_json", is_flag=True, help="Print results as JSON lines.")
def run(
    source: str, store: str, name: str, parameters: str | None, calls: tuple[str, ...], as_json: bool
) -> None:
    """Start the next incarnation of a vat from SOURCE, and call methods of its root, one crank each.

    SOURCE is a .py file, package.module or package.module:function. Without --call it only checks that the code starts
    on the store. Exit codes: 0 done, 1 a call raised, 2 the vat could not start.

    Example: vatdata run bank.py --store bank.db --call 'open_purse("alice")' --call 'total()'
    """
    from .errors import VatDataError
    from .kernel.embedded import open_vat

    parsed = [_parse_call(text) for text in calls]
    given = _parse_json(parameters)
    try:
        vat = open_vat(store, source, name=name, parameters=given)
    except Exception as error:
        _report(error)
        sys.exit(2)
    with vat:
        click.echo(f"vat {vat.name!r}, incarnation {vat.incarnation}", err=True)
        for text, (method, args, kwargs) in zip(calls, parsed, strict=True):
            try:
                result = vat.call(method, *args, **kwargs)
            except (VatDataError, Exception) as error:
                click.echo(f"{text} raised", err=True)
                _report(error)
                sys.exit(1)
            click.echo(_as_json(result) if as_json else repr(result))


@main.command()
@click.option("--store", required=True, help="The store's file.")
@click.option("--json", "as_json", is_flag=True, help="Print findings as JSON lines.")
@click.option("--repair", "repairs", is_flag=True, help="Write what is right where it follows from the data.")
def verify(store: str, as_json: bool, repairs: bool) -> None:
    """Check every page, entry and invariant of a store, beside a vat that has it open.

    Recomputes reference counts, sizes, ordinals, recognition, layouts, facets and numbers from the data, and says of
    each difference what it means. Exit codes: 0 sound, 1 broken, 2 it could not be checked.

    Example: vatdata verify --store bank.db
    """
    from .tools import verify as tool

    try:
        with _progress_bar() as progress:
            findings = list(tool.verify(store, progress=progress))
            if repairs and any(finding.can_be_repaired for finding in findings):
                click.echo(f"{tool.repair(store)} repaired", err=True)
                findings = list(tool.verify(store))
    except OSError as error:
        _report(error)
        sys.exit(2)
    for finding in findings:
        if as_json:
            line = {"vat": finding.vat, "text": finding.text, "can_be_repaired": finding.can_be_repaired}
            click.echo(json.dumps(line, ensure_ascii=False))
        else:
            where = "" if finding.vat is None else f"vat {finding.vat!r}: "
            click.echo(f"{where}{finding.text}" + (" (can be repaired)" if finding.can_be_repaired else ""))
    click.echo(f"{store}: {'sound' if not findings else f'{len(findings)} findings'}", err=True)
    sys.exit(1 if findings else 0)


@contextmanager
def _progress_bar() -> Generator[Callable[[int, int], None] | None]:
    """Give something to report progress to; nothing where nobody looks."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("pages", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _report(error: BaseException) -> None:
    notes = "".join(f"\n  {note}" for note in getattr(error, "__notes__", ()))
    click.echo(f"{type(error).__name__}: {error}{notes}", err=True)


def _parse_json(text: str | None) -> Any:
    if text is None:
        return None
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise click.BadParameter(f"--parameters is not JSON: {error}") from error


def _parse_call(text: str) -> tuple[str, list[Any], dict[str, Any]]:
    """Read a call with literal arguments. Nothing of it is evaluated but literals."""
    problem = f"--call {text!r} is not a call with literal arguments, as in 'deposit(\"alice\", 5)'"
    try:
        call = ast.parse(text, mode="eval").body
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name)):
            raise ValueError(problem)
        keywords = {keyword.arg: ast.literal_eval(keyword.value) for keyword in call.keywords}
        if None in keywords:
            raise ValueError(problem)
        args = [ast.literal_eval(arg) for arg in call.args]
    except (SyntaxError, ValueError, TypeError, RecursionError) as error:
        raise click.BadParameter(problem) from error
    return call.func.id, args, {str(name): value for name, value in keywords.items()}


def _as_json(value: Any) -> str:
    return json.dumps(value, default=_plain, ensure_ascii=False)


def _plain(value: Any) -> Any:
    from .passable import CopyMap, CopySet, Record

    if isinstance(value, Record):
        return dict(value)
    if isinstance(value, CopySet):
        return list(value)
    if isinstance(value, CopyMap):
        return list(value.items())
    if isinstance(value, bytes):
        return value.hex()
    return str(value)
