"""What every rule has in common: a code, a page, and the cases that are both its documentation and its tests.

A rule lives alone in ``rules/<name>.py``, ``<name>`` being ``NAME`` with underscores, and is found by being
there. Its docstring is its page: the first line states the pattern, then ``## Why is this bad?``,
``## What to do``, ``## Known limits``. ``VALID`` and ``INVALID`` map a title to a case
(`vatdata_lint.testing` explains the marks).
"""

from __future__ import annotations

import functools
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, ClassVar, Literal

from vatdata_lint.finding import Finding, Fix, Location, Severity, Step

if TYPE_CHECKING:
    from vatdata_lint.behavior.module_view import ModuleView

__all__ = ["Category", "ModuleRule", "Rule", "all_rules", "rule_by_code"]

Category = Literal[
    "CONDITIONAL",
    "LOOP",
    "LATE",
    "ASYNC",
    "NESTED",
    "HANDLER",
    "DUPLICATE",
    "UNSTABLE",
    "UNREACHED",
    "ENTRY",
    "EVOLUTION",
    "BEHAVIOR",
    "CRANK",
    "GUARD",
    "FILE",
]
"""What goes wrong, one word a family; a corpus or a dashboard groups findings by it."""

CODE_PATTERN = re.compile(r"VD\d{3}")


class Rule:
    """One pattern that the linter reports. Subclasses set the class variables and write the docstring.

    The engine reports flow rules (VD1xx) from the solved project; `ModuleRule` is the base of those that look
    at one module. Either way the text of a finding is made by the rule.
    """

    CODE: ClassVar[str]
    """``VD`` and three digits; never reused for something else."""
    NAME: ClassVar[str]
    """The pattern, as if after "allow": ``prepare-after-await``."""
    CATEGORY: ClassVar[Category]
    SUMMARY: ClassVar[str]
    """One sentence without a full stop, for lists."""
    SEVERITY: ClassVar[Severity] = "error"
    DEFAULT_ON: ClassVar[bool] = True
    SINCE: ClassVar[str] = "0.1.0"
    """The first release that had the rule."""
    VALID: ClassVar[Mapping[str, str]] = {}
    INVALID: ClassVar[Mapping[str, str]] = {}
    CASE_CONFIG: ClassVar[Mapping[str, object]] = {}
    """Configuration (keys as in the file) under which the cases hold, besides selecting this rule alone."""
    CASES_COMPILE: ClassVar[bool] = True
    """False only where broken source is the subject."""
    SUPPRESSIBLE: ClassVar[bool] = True
    """False where no comment can hide the finding: the file is unreadable, or the comment is the subject."""

    @classmethod
    def finding(
        cls,
        location: Location,
        message: str,
        *,
        help: str,
        chain: tuple[Step, ...] = (),
        kind_name: str | None = None,
        fixes: tuple[Fix, ...] = (),
        entry: str | None = None,
    ) -> Finding:
        """Make a finding of this rule.

        Args:
            location: Where the call expression, statement or name starts that the user must change.
            message: What happened, to which name, and the line that makes it so; no full stop at the end.
            help: What to do, as an imperative; no full stop at the end.
            chain: How it comes to that, from the entry to the cause.
            kind_name: The kind in question, as written in the source.
            fixes: Edits that would remove the finding.
            entry: Name of the entry point from which it was reached.
        """
        return Finding(
            code=cls.CODE,
            name=cls.NAME,
            message=message,
            help=help,
            location=location,
            chain=chain,
            kind_name=kind_name,
            severity=cls.SEVERITY,
            fixes=fixes,
            entry=entry,
        )

    @classmethod
    def page_body(cls) -> str:
        """Return the docstring without its indentation."""
        return inspect.cleandoc(cls.__doc__ or "")


class ModuleRule(Rule):
    """A rule that needs one module and, by name, the functions which that module imports."""

    def check(self, module: ModuleView) -> Iterable[Finding]:
        """Yield the findings of one module, in any order, without regard to suppressions and selection."""
        raise NotImplementedError


@functools.cache
def all_rules() -> tuple[type[Rule], ...]:
    """Return every rule, by code.

    Raises:
        TypeError: A rule is named unlike its file, or two have one code.

    Cost: imports each rule module once.
    """
    rules: dict[str, type[Rule]] = {}
    for module_info in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{module_info.name}")
        for value in vars(module).values():
            if not (
                isinstance(value, type) and issubclass(value, Rule) and value.__module__ == module.__name__
            ):
                continue
            if not CODE_PATTERN.fullmatch(value.CODE) or value.NAME.replace("-", "_") != module_info.name:
                raise TypeError(
                    f"{value.__name__} in {module.__name__}: code {value.CODE!r}, name {value.NAME!r}"
                )
            if value.CODE in rules:
                raise TypeError(
                    f"{value.__name__} and {rules[value.CODE].__name__} share the code {value.CODE}"
                )
            rules[value.CODE] = value
    return tuple(rules[code] for code in sorted(rules))


def rule_by_code(code_or_name: str) -> type[Rule] | None:
    """Return the rule of a code (``VD103``, in any case) or a name (``prepare-after-await``), or None."""
    wanted = code_or_name.strip()
    for rule in all_rules():
        if wanted.upper() == rule.CODE or wanted.lower() == rule.NAME:
            return rule
    return None
