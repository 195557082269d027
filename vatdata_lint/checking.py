"""One check as the command line makes it: settings, project, fixes, manifest, baseline."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from vatdata_lint.engine import Project, Report
from vatdata_lint.finding import Finding
from vatdata_lint.fixes import Chosen, apply_edits, choose
from vatdata_lint.manifest import Manifest, manifest_findings
from vatdata_lint.named_files import left_out, unreadable
from vatdata_lint.selection import is_selected
from vatdata_lint.source import SourceLines, decode

__all__ = ["Checked", "Fixed", "check", "fix"]

MAX_PASSES = 10
"""Fixes can make room for others (a hoist, then what it moved); more passes than this are a cycle."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found, with the lines of the texts that were checked."""

    report: Report
    findings: tuple[Finding, ...]
    sources: SourceLines


@dataclass(frozen=True, slots=True)
class Fixed:
    """What is left after fixes, the changed texts by path, and how many findings went away."""

    checked: Checked
    texts: Mapping[str, str] = field(default_factory=dict[str, str])
    removed: int = 0


def check(
    project: Project,
    paths: Sequence[Path] | None,
    manifests: Sequence[Manifest],
    overlays: Mapping[str, str] | None = None,
) -> Checked:
    """Check paths of a project, and the whole of it against manifests.

    Raises:
        ConfigError: A selector of the configuration fits no rule.
    """
    texts = dict(overlays or {})
    report = project.check(paths)
    files = [_relative(project.root, path) for path in paths or () if not path.is_dir()]
    if files:
        hidden = left_out(project.config, files, report)
        for path, text in hidden.items():
            project.set_overlay(path, text)
        texts |= hidden
        report = project.check(paths) if hidden else report
    findings = list(report.findings)
    for finding in unreadable(project.config, files, texts, findings):
        if is_selected(finding.code, finding.location.path, project.config):
            findings.append(finding)
    for manifest in manifests:
        findings += manifest_findings(project, manifest, texts)
    ordered = tuple(sorted(set(findings), key=lambda finding: finding.sort_key))
    return Checked(report, ordered, SourceLines(project.root, texts))


def _relative(root: Path, path: Path) -> str:
    base = Path(os.path.abspath(root))
    return path.relative_to(base).as_posix() if path.is_relative_to(base) else path.as_posix()


def fix(
    project: Project,
    paths: Sequence[Path] | None,
    manifests: Sequence[Manifest],
    overlays: Mapping[str, str] | None = None,
    *,
    unsafe: bool,
) -> Fixed:
    """Check, and make fixes in memory until none is left that helps.

    A fix is kept only when the next check finds less than before, so none trades one finding for another.
    The project's overlays hold the changed texts afterwards; nothing is written.

    Args:
        project: What to check; overlays are already set.
        paths: As for `check`.
        manifests: As for `check`.
        overlays: Texts that the project was given in place of the disk's.
        unsafe: Whether fixes that may change what the program does are made too.

    Raises:
        ConfigError: A selector of the configuration fits no rule.

    Cost: one check a pass, more where fixes stand in each other's way.
    """
    texts = dict(overlays or {})
    changed: dict[str, str] = {}
    checked = check(project, paths, manifests, texts)
    found_first = len(checked.findings)
    for _ in range(MAX_PASSES):
        better = _improve(project, paths, manifests, texts, checked, unsafe=unsafe)
        if better is None:
            break
        checked, new_texts = better
        texts |= new_texts
        changed |= new_texts
    return Fixed(checked, changed, found_first - len(checked.findings))


def _improve(
    project: Project,
    paths: Sequence[Path] | None,
    manifests: Sequence[Manifest],
    texts: Mapping[str, str],
    before: Checked,
    *,
    unsafe: bool,
) -> tuple[Checked, dict[str, str]] | None:
    """Make all fixes at once, or, if that does not help, the first single one that does."""
    together = choose(before.findings, unsafe=unsafe)
    attempts = [together]
    if len(together.findings) > 1:
        attempts += [choose([finding], unsafe=unsafe) for finding in together.findings]
    for attempt in attempts:
        if not attempt.edits:
            continue
        new_texts = _edited(project.root, texts, attempt)
        for path, text in new_texts.items():
            project.set_overlay(path, text)
        after = check(project, paths, manifests, {**texts, **new_texts})
        if len(after.findings) < len(before.findings):
            return after, new_texts
        for path in new_texts:
            project.set_overlay(path, texts.get(path))
    return None


def _edited(root: Path, texts: Mapping[str, str], chosen: Chosen) -> dict[str, str]:
    return {
        path: apply_edits(texts[path] if path in texts else decode((root / path).read_bytes()), edits)
        for path, edits in chosen.edits.items()
    }
