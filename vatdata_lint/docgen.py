"""Rule pages under ``docs/rules``, made from the rules: ``python -m vatdata_lint.docgen [--check]``."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

from vatdata_lint.rules import Rule, all_rules
from vatdata_lint.testing import parse_case

__all__ = ["main", "pages", "rule_page"]

SHOWN_CASES = 3
FOLDER = Path(__file__).resolve().parent.parent / "docs" / "rules"

FAMILIES = {
    "VD1": "First crank: will every stored kind be defined again?",
    "VD2": "Behaviour: what methods and `init` may do",
    "VD3": "Guards",
    "VD9": "The check itself",
}


def rule_page(rule: type[Rule]) -> str:
    """Return the Markdown page of a rule: docstring, first cases, code, and since when."""
    head, _, rest = rule.page_body().partition("\n\n")
    state = "on by default" if rule.DEFAULT_ON else "off by default"
    facts = f"**{rule.CODE}** · {rule.CATEGORY} · {rule.SEVERITY} · {state} · since {rule.SINCE}"
    parts = [f"# {rule.NAME} ({rule.CODE})", facts, head, rest]
    parts += ["## Reported", *_cases(rule, rule.INVALID)]
    parts += ["## Not reported", *_cases(rule, rule.VALID)]
    if rule.SUPPRESSIBLE:
        comment = f"# vatdata: ignore[{rule.CODE}] reason"
        parts += [
            "## Silence it",
            f"Write `{comment}` on the line, or above the statement, and say why it does not matter there.",
        ]
    return "\n\n".join(part.strip("\n") for part in parts if part) + "\n"


def _cases(rule: type[Rule], cases: Mapping[str, str]) -> Iterator[str]:
    for title, source in islice(cases.items(), SHOWN_CASES):
        yield f"{title[:1].upper()}{title[1:]}:"
        files = parse_case(title, source, rule.CODE).files
        for path, text in files.items():
            name = f"`{path}`\n" if len(files) > 1 else ""
            language = "python" if path.endswith(".py") else "json"
            yield f"{name}\n```{language}\n{text.strip()}\n```"


def pages() -> dict[str, str]:
    """Return file name to text of all generated pages, the index among them."""
    made = {f"{rule.NAME}.md": rule_page(rule) for rule in all_rules()}
    lines = [
        "# Rules",
        "",
        "Made from the rules themselves; `# finding` marks the reported line in every example.",
    ]
    for prefix, title in FAMILIES.items():
        lines += ["", f"## {title}", "", "| code | rule | what |", "| --- | --- | --- |"]
        for rule in all_rules():
            if rule.CODE.startswith(prefix):
                off = "" if rule.DEFAULT_ON else " (off by default)"
                lines.append(f"| {rule.CODE} | [`{rule.NAME}`]({rule.NAME}.md) | {rule.SUMMARY}{off} |")
    made["README.md"] = "\n".join(lines) + "\n"
    return made


def main(args: Sequence[str]) -> int:
    """Write the pages, or with ``--check`` say which are not what they should be; return the exit code."""
    made = pages()
    present = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")}
    stale = sorted(name for name in made.keys() | present.keys() if made.get(name) != present.get(name))
    if "--check" in args:
        for name in stale:
            sys.stderr.write(f"docs/rules/{name} is stale: run `python -m vatdata_lint.docgen`\n")
        return 1 if stale else 0
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in stale:
        if name in made:
            (FOLDER / name).write_text(made[name], encoding="utf-8")
        else:
            (FOLDER / name).unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
