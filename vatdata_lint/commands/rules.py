"""``vatdata-lint rules``: the list of rules, for people or as JSON."""

from __future__ import annotations

import json

import click

from vatdata_lint.commands.common import output_style
from vatdata_lint.rules import all_rules

__all__ = ["command"]


@click.command("rules")
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
def command(as_json: bool) -> None:
    """List all rules."""
    if as_json:
        records = [
            {
                "code": rule.CODE,
                "name": rule.NAME,
                "category": rule.CATEGORY,
                "summary": rule.SUMMARY,
                "severity": rule.SEVERITY,
                "default": rule.DEFAULT_ON,
                "suppressible": rule.SUPPRESSIBLE,
                "since": rule.SINCE,
                "documentation": rule.page_body(),
            }
            for rule in all_rules()
        ]
        click.echo(json.dumps(records, indent=2, ensure_ascii=False))
        return
    style = output_style()
    width = max(len(rule.NAME) for rule in all_rules())
    for rule in all_rules():
        off = "" if rule.DEFAULT_ON else style.dim(" (off by default)")
        code = style.severity(rule.CODE, rule.SEVERITY)
        click.echo(f"{code}  {style.bold(rule.NAME.ljust(width))}  {rule.SUMMARY}{off}")
