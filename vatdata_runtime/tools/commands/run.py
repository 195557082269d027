"""``vatdata run``."""

from __future__ import annotations

import ast
import json
import sys
from typing import Any

import click

from .shared import ToolCommand, fail, report

__all__ = ["command"]


@click.command(
    "run",
    cls=ToolCommand,
    epilog="Exit codes: 0 done, 1 a call raised, 2 the vat could not start.\n"
    "Example: vatdata run bank.py --store bank.db --call 'open_purse(\"alice\")' --call 'total()'",
)
@click.argument("source")
@click.option(
    "--store",
    required=True,
    type=click.Path(dir_okay=False),
    help="The store's file; made if it does not exist.",
)
@click.option("--name", default="main", show_default=True, help="The vat's name in the store.")
@click.option("--parameters", default=None, help="JSON passed to the build function.")
@click.option(
    "--call", "calls", multiple=True, help="Call a root method, as in Python: 'deposit(\"alice\", 5)'."
)
@click.option("--json", "as_json", is_flag=True, help="Print results as JSON lines.")
def command(
    source: str, store: str, name: str, parameters: str | None, calls: tuple[str, ...], as_json: bool
) -> None:
    """Start the next incarnation of a vat from SOURCE, and call methods of its root, one crank each.

    SOURCE is a .py file, package.module or package.module:function. Without --call it only checks that the code starts
    on the store.
    """
    from ...errors import VatDataError
    from ...kernel.embedded import open_vat

    parsed = [_parse_call(text) for text in calls]
    given = _parse_json(parameters)
    try:
        vat = open_vat(store, source, name=name, parameters=given)
    except Exception as error:
        fail(error)
    with vat:
        click.echo(f"vat {vat.name!r}, incarnation {vat.incarnation}", err=True)
        for text, (method, args, kwargs) in zip(calls, parsed, strict=True):
            try:
                result = vat.call(method, *args, **kwargs)
            except (VatDataError, Exception) as error:
                click.echo(f"{text} raised", err=True)
                report(error)
                sys.exit(1)
            click.echo(_as_json(result) if as_json else repr(result))


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
    from ...passable import CopyMap, CopySet, Record

    if isinstance(value, Record):
        return dict(value)
    if isinstance(value, CopySet):
        return list(value)
    if isinstance(value, CopyMap):
        return list(value.items())
    if isinstance(value, bytes):
        return value.hex()
    return str(value)
