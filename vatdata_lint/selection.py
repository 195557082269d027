"""Which findings reach the user: selected rules, per-file ignores and suppression comments."""

from __future__ import annotations

import ast
import difflib
import functools
import re
from collections.abc import Iterable
from pathlib import PurePosixPath

from vatdata_lint import suppression
from vatdata_lint.config import Config, ConfigError
from vatdata_lint.finding import Finding
from vatdata_lint.hoist import with_hoists
from vatdata_lint.rules import all_rules, rule_by_code
from vatdata_lint.rules.suppression_without_reason import SuppressionWithoutReason
from vatdata_lint.rules.unused_suppression import UnusedSuppression

__all__ = ["is_selected", "report_file", "selected_codes"]


def selected_codes(config: Config) -> frozenset[str]:
    """Return the codes of the rules that a configuration turns on.

    Where a code is both selected and ignored, the more specific word wins: a full code or name over a prefix,
    a longer prefix over a shorter one, and ``ignore`` where both are as long.

    Raises:
        ConfigError: A selector fits no rule; the nearest is named.
    """
    return _selected(
        config.select, config.extend_select, config.ignore, str(config.origin or "configuration")
    )


@functools.lru_cache(maxsize=32)
def _selected(
    select: tuple[str, ...], extend_select: tuple[str, ...], ignore: tuple[str, ...], origin: str
) -> frozenset[str]:
    weights: dict[str, tuple[int, int]] = {}
    for sign, selectors in ((1, (*select, *extend_select)), (-1, ignore)):
        for selector in selectors:
            for code, weight in _expand(selector, origin).items():
                known = weights.get(code, (0, 0))
                if weight > known[0] or (weight == known[0] and sign < 0):
                    weights[code] = (weight, sign)
    on: set[str] = set()
    for rule in all_rules():
        _, sign = weights.get(rule.CODE, (0, 0))
        if sign > 0 or (sign == 0 and not select and rule.DEFAULT_ON):
            on.add(rule.CODE)
    return frozenset(on)


def _expand(selector: str, origin: str) -> dict[str, int]:
    """Return the codes that a selector means, each with how specific it is."""
    word = selector.strip()
    if word.upper() == "ALL":
        return {rule.CODE: 1 for rule in all_rules()}
    rule = rule_by_code(word)
    if rule is not None:
        return {rule.CODE: 6}
    if re.fullmatch(r"VD\d{0,2}", word.upper()):
        matching = {rule.CODE: len(word) for rule in all_rules() if rule.CODE.startswith(word.upper())}
        if matching:
            return matching
    names = [name for known in all_rules() for name in (known.CODE, known.NAME)]
    nearest = difflib.get_close_matches(word, names, n=1)
    advice = f"did you mean {nearest[0]}?" if nearest else "`vatdata-lint rules` lists them"
    raise ConfigError(origin, f"no rule is called {selector!r}; {advice}")


def is_selected(code: str, path: str, config: Config) -> bool:
    """Say whether a code is reported in a file.

    Args:
        code: ``VD101``.
        path: Relative to the root, with forward slashes.
        config: The settings.

    Raises:
        ConfigError: A selector of the configuration fits no rule.
    """
    if code not in selected_codes(config):
        return False
    for glob, selectors in config.per_file_ignores.items():
        if _matches(path, glob):
            for selector in selectors:
                if code in _expand(selector, str(config.origin or "configuration")):
                    return False
    return True


@functools.lru_cache(maxsize=4096)
def _matches(path: str, glob: str) -> bool:
    """Say whether a glob fits a relative path, one of its folders, or (without a slash) its last name.

    ``**`` stands for any number of folders.
    """
    parts = PurePosixPath(path).parts
    candidates = ["/".join(parts[: count + 1]) for count in range(len(parts))]
    if "/" not in glob.rstrip("/"):
        candidates += parts
    pattern = _glob_pattern(glob.rstrip("/"))
    return any(pattern.fullmatch(candidate) for candidate in candidates)


@functools.lru_cache(maxsize=256)
def _glob_pattern(glob: str) -> re.Pattern[str]:
    out: list[str] = []
    for piece in re.findall(r"\*\*/|\*\*|\*|\?|\[[^\]]*\]|[^*?\[]+|\[", glob):
        match piece:
            case "**/":
                out.append("(?:.*/)?")
            case "**":
                out.append(".*")
            case "*":
                out.append("[^/]*")
            case "?":
                out.append("[^/]")
            case _ if piece.startswith("[") and piece.endswith("]"):
                out.append(piece.replace("[!", "[^"))
            case _:
                out.append(re.escape(piece))
    return re.compile("".join(out))


def report_file(
    path: str,
    source: str,
    findings: Iterable[Finding],
    config: Config,
    tree: ast.Module | None = None,
) -> tuple[Finding, ...]:
    """Return what is reported of one file, in order, suppressions applied and judged themselves.

    Args:
        path: Relative to the root, with forward slashes.
        source: The file's text; it may be empty where the file could not be read.
        findings: All findings that start in this file, whatever their rule.
        config: The settings.
        tree: The text's tree where it is known.

    Raises:
        ConfigError: A selector of the configuration fits no rule.
    """
    wanted = [finding for finding in findings if is_selected(finding.code, path, config)]
    comments = suppression.parse(source)
    if comments:
        on = [rule for rule in all_rules() if rule.SUPPRESSIBLE and is_selected(rule.CODE, path, config)]
        judged = [word for rule in on for word in (rule.CODE, rule.NAME)]
        fixed = [finding for finding in wanted if not _is_suppressible(finding.code)]
        matched = suppression.match(
            (finding for finding in wanted if _is_suppressible(finding.code)), comments, judged=judged
        )
        wanted = [*fixed, *matched.kept]
        if is_selected(UnusedSuppression.CODE, path, config):
            wanted += UnusedSuppression.findings(path, source, comments, matched.unused)
        if is_selected(SuppressionWithoutReason.CODE, path, config):
            wanted += SuppressionWithoutReason.findings(path, comments)
    ordered = sorted(wanted, key=lambda finding: finding.sort_key)
    return with_hoists(path, source, ordered, tree)


def _is_suppressible(code: str) -> bool:
    rule = rule_by_code(code)
    return rule is None or rule.SUPPRESSIBLE
