"""``vatdata-lint explain``: a rule's page, in the terminal."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

import click

from vatdata_lint.commands.common import output_style
from vatdata_lint.commands.errors import CannotWorkError
from vatdata_lint.docgen import rule_page
from vatdata_lint.output.style import Style
from vatdata_lint.rules import all_rules, rule_by_code

__all__ = ["command"]


@click.command("explain")
@click.argument("rule")
def command(rule: str) -> None:
    """Show the page of RULE, a code or a name."""
    found = rule_by_code(rule)
    if found is None:
        known = [name for item in all_rules() for name in (item.CODE, item.NAME)]
        nearest = difflib.get_close_matches(rule, known, n=1)
        advice = f"did you mean {nearest[0]}?" if nearest else "`vatdata-lint rules` lists them"
        raise CannotWorkError(f"no rule is called {rule!r}; {advice}")
    for line in _styled(rule_page(found), output_style()):
        click.echo(line)


def _styled(markdown: str, style: Style) -> Iterator[str]:
    """Yield the page with headings and code set off, and the marks of cases in the colour of errors."""
    in_code = False
    for line in markdown.rstrip().split("\n"):
        if line.startswith("```"):
            in_code = not in_code
        elif in_code:
            marked = line.rstrip().endswith("# finding")
            yield f"    {style.error(line) if marked else line}"
        elif line.startswith("#"):
            yield style.bold(line.lstrip("# "))
        else:
            yield re.sub(r"`([^`]+)`", lambda found: style.info(found[1]), line)
