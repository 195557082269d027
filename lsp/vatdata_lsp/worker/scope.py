"""One folder of the workspace, or the files outside all folders that share a root: checked as the command does."""

from __future__ import annotations

import ast
import dataclasses
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from vatdata_lint import (
    Baseline,
    Checked,
    Config,
    Edit,
    Finding,
    Listener,
    Project,
    SourceLines,
    check,
    decode,
    fix,
    tool_version,
)
from vatdata_lsp.text import Text
from vatdata_lsp.worker.broken_source import LineMap, carried
from vatdata_lsp.worker.manifests import Manifests
from vatdata_lsp.worker.messages import Change, FileFindings, Folder, Lines
from vatdata_lsp.worker.spelling import Spelling

__all__ = ["Scope"]

SYNTAX_ERROR = "VD900"


class Scope:
    """A project and the texts that an editor has open in it.

    Paths outside of this class are absolute and spelled as the client spells the folder; inside they are as
    in findings, relative to the project's root.

    Args:
        folder: What is checked, and its settings.
        loose: Whether the folder is not part of the workspace: then only open files are reported, and a
            folder without any mark of a project is not walked.
    """

    def __init__(self, folder: Folder, *, loose: bool = False) -> None:
        self.folder = folder
        self._loose = loose
        self._real = Path(folder.path).resolve()
        self._config = self._load_config()
        self.spelling = Spelling(folder.path, self._config.root)
        self._manifests = Manifests(self._named(folder.manifest), self._named(folder.store))
        self.project = self._open_project()
        self._texts: dict[str, Text] = {}
        self._good: dict[str, Text] = {}
        self._sources = SourceLines(self._config.root)
        self._current: dict[str, tuple[Finding, ...]] = {}
        self.files_checked = 0

    def _load_config(self) -> Config:
        folder = self.folder
        if folder.configuration is not None:
            config = Config.from_file(self._real / folder.configuration)
        else:
            config = Config.load(self._real)
        if self._loose and config.origin is None and not _is_project(config.root):
            # nobody said that what lies around a single file belongs to it
            config = config.with_options(exclude=("*",))
        return config.with_options(
            select=folder.select or config.select,
            extend_select=(*config.extend_select, *folder.extend_select),
            ignore=(*config.ignore, *folder.ignore),
        )

    def _open_project(self) -> Project:
        config = self._config
        return Project(
            config.root,
            config,
            cache_dir=config.root / config.cache_dir,
            includes_excluded=self._loose,  # being open does not make the command check a file
        )

    def _named(self, name: str | None) -> Path | None:
        return self._real / Path(name).expanduser() if name is not None else None

    def inputs(self) -> list[str]:
        """Return the files besides sources that the findings depend on, also those that are not there."""
        config = self._config
        found = self._manifests.files(config)
        if config.baseline is not None:
            found.append(config.root / config.baseline)
        if config.origin is not None:
            found.append(config.origin)
        return [str(path) for path in found]

    def close(self) -> None:
        """Let go of the project; nothing may be asked afterwards."""
        self.project.close()

    def check(
        self, texts: Mapping[str, str], listener: Listener | None = None
    ) -> dict[str, tuple[Finding, ...]]:
        """Return the findings by file, in the command's order, with the client's paths.

        A file that does not parse keeps the findings of its last good text, outside of what was changed since.

        Args:
            texts: Open files by the client's path; those of other folders are left out.
            listener: Hears of findings on the way, and may end the check.

        Raises:
            ConfigError, CannotWorkError, BaselineError: The settings cannot be used.
            GivenUp: The listener ended the check; the next one goes on from there.
        """
        if not self.folder.enabled or not (self._loose or self._real.is_dir()):
            self._current = {}
            return {}
        config = self._load_config()
        if config != self._config:
            self._config = config
            self.spelling = Spelling(self.folder.path, config.root)
            self.project.close()
            self.project = self._open_project()
            self._texts = {}
        self.project.listener = listener
        try:
            self._take(texts)
            checked = self._checked({path: text.content for path, text in self._texts.items()})
            found = _by_path(checked.findings)
            broken = self._broken(found)
            if broken:
                found = self._with_last_good(found, broken)
        finally:
            self.project.listener = None
        for path, text in self._texts.items():
            if path not in broken:
                self._good[path] = text
        self._sources = checked.sources
        self.files_checked = checked.report.files_checked
        self._current = found
        return {self.spelling.outside(path): self._seen_findings(items) for path, items in found.items()}

    def _take(self, texts: Mapping[str, str]) -> None:
        inside = {self.spelling.inside(path): text for path, text in texts.items()}
        wanted = {path: text for path, text in inside.items() if path is not None}
        for path in [known for known in self._texts if known not in wanted]:
            self.project.set_overlay(path, None)
            del self._texts[path]
            self._good.pop(path, None)
        for path, content in wanted.items():
            known = self._texts.get(path)
            if known is None or known.content != content:
                self._texts[path] = Text(content)
                self.project.set_overlay(path, content)

    def _paths(self) -> list[Path] | None:
        """Return what is reported: the folder, or the open files where no folder is meant; None for everything."""
        if self._loose:
            return [self._config.root / path for path in self._texts]
        return None if self._real == self._config.root else [self._real]

    def _checked(self, overlays: Mapping[str, str]) -> Checked:
        paths = self._paths()
        manifests = self._manifests.read(self._config)
        checked = check(self.project, paths, manifests, overlays)
        if self._config.baseline is None:
            return checked
        baseline = Baseline.read(self._config.root / self._config.baseline)
        return dataclasses.replace(checked, findings=baseline.compare(checked.findings, checked.sources).new)

    def _broken(self, found: Mapping[str, Sequence[Finding]]) -> frozenset[str]:
        return frozenset(
            path
            for path, text in self._texts.items()
            if any(finding.code == SYNTAX_ERROR for finding in found.get(path, ()))
            and not _parses(text.content)
        )

    def _with_last_good(
        self, found: dict[str, tuple[Finding, ...]], broken: frozenset[str]
    ) -> dict[str, tuple[Finding, ...]]:
        """Judge the project as if the broken files still had their last good text."""
        restored = {path: self._good[path] for path in broken if path in self._good}
        if not restored:
            return found
        for path, text in restored.items():
            self.project.set_overlay(path, text.content)
        try:
            texts = self._texts | restored
            again = self._checked({path: text.content for path, text in texts.items()})
        finally:
            for path in restored:
                self.project.set_overlay(path, self._texts[path].content)
        maps = {path: LineMap(text, self._texts[path]) for path, text in restored.items()}
        moved = [finding for finding in (carried(item, maps) for item in again.findings) if finding]
        errors = [item for path in broken for item in found.get(path, ()) if item.code == SYNTAX_ERROR]
        return _by_path(sorted([*moved, *errors], key=lambda item: item.sort_key))

    def _seen_findings(self, findings: Sequence[Finding]) -> tuple[Finding, ...]:
        return tuple(self.spelling.finding(finding) for finding in findings)

    def lines(self, places: Sequence[tuple[str, int]]) -> Lines:
        """Return those of the lines (client's path, number from 1) that hold more than ASCII."""
        found: dict[tuple[str, int], str] = {}
        for path, number in set(places):
            inside = self.spelling.inside(path)
            if inside is None:
                continue
            open_text = self._texts.get(inside)
            line = open_text.line(number - 1) if open_text else self._sources.line(inside, number)
            if not line.isascii():
                found[path, number] = line
        return found

    def file_findings(self, path: str, findings: Sequence[Finding]) -> FileFindings:
        """Pack the findings of one file for the way to the server."""
        places: list[tuple[str, int]] = []
        for finding in findings:
            places += _places(finding)
        lines = self.lines(places)
        told = [
            tool_version(),
            [finding.to_json() for finding in findings],
            sorted([*place, line] for place, line in lines.items()),
        ]
        digest = hashlib.blake2b(json.dumps(told).encode(), digest_size=12).hexdigest()
        return FileFindings(path, tuple(findings), lines, digest)

    def early_findings(self, path: str, findings: Sequence[Finding]) -> FileFindings | None:
        """Pack what a running check says of a file (path as in findings), None where the report may leave it out."""
        full = self._config.root / path
        if self._config.baseline is not None or self._loose or not full.is_relative_to(self._real):
            return None
        return self.file_findings(self.spelling.outside(path), self._seen_findings(findings))

    def proves(self, finding: Finding, edits: Sequence[Edit]) -> bool:
        """Say whether edits (client's paths) remove a finding of the last check and bring none.

        Cost: two checks of the project, in which only the changed files are read anew.
        """
        changed: dict[str, Text] = {}
        for path in {edit.path for edit in edits}:
            inside = self.spelling.inside(path)
            if inside is None:
                return False
            mine = [edit for edit in edits if edit.path == path]
            changed[inside] = _edited(self._text(inside), mine)
        before = _counts(self._seen_findings([f for items in self._current.values() for f in items]))
        try:
            for path, text in changed.items():
                self.project.set_overlay(path, text.content)
            overlays = {path: text.content for path, text in {**self._texts, **changed}.items()}
            after = _counts(self._seen_findings(self._checked(overlays).findings))
        finally:
            for path in changed:
                known = self._texts.get(path)
                self.project.set_overlay(path, known.content if known is not None else None)
        key = _key(finding)
        return after.get(key, 0) < before.get(key, 0) and all(
            count <= before.get(other, 0) for other, count in after.items()
        )

    def _text(self, path: str) -> Text:
        known = self._texts.get(path)
        return known if known is not None else Text("\n".join(self._sources.lines(path)))

    def fix_all(self, path: str | None) -> tuple[Change, ...]:
        """Return what all safe fixes of one open file (client's path), or of the folder, lead to.

        Nothing is written.
        """
        paths = self._paths()
        if path is not None:
            inside = self.spelling.inside(path)
            if inside is None or inside not in self._texts:
                return ()
            paths = [self._config.root / inside]
        overlays = {known: text.content for known, text in self._texts.items()}
        manifests = self._manifests.read(self._config)
        try:
            fixed = fix(self.project, paths, manifests, overlays, unsafe=False)
        finally:
            for known, text in overlays.items():
                self.project.set_overlay(known, text)
        for changed in fixed.texts:
            if changed not in overlays:
                self.project.set_overlay(changed, None)
        return tuple(
            Change(
                self.spelling.outside(changed),
                overlays.get(changed) or decode((self._config.root / changed).read_bytes()),
                text,
            )
            for changed, text in fixed.texts.items()
        )

    def described(self) -> tuple[str, ...]:
        """Return lines about this folder for a report of trouble."""
        return (
            f"folder {self.folder.path}",
            f"  configuration {self._config.origin or 'defaults'}",
            f"  root {self._config.root}",
            f"  cache {self._config.root / self._config.cache_dir}",
            f"  files {self.files_checked}, open {len(self._texts)}",
        )


def _is_project(root: Path) -> bool:
    return (root / "pyproject.toml").exists() or (root / ".git").exists()


def _parses(source: str) -> bool:
    try:
        ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _by_path(findings: Sequence[Finding]) -> dict[str, tuple[Finding, ...]]:
    found: dict[str, list[Finding]] = {}
    for finding in findings:
        found.setdefault(finding.location.path, []).append(finding)
    return {path: tuple(items) for path, items in found.items()}


def _places(finding: Finding) -> list[tuple[str, int]]:
    locations = [finding.location, *(step.location for step in finding.chain)]
    places = [(place.path, line) for place in locations for line in (place.line, place.end_line)]
    for item in finding.fixes:
        for edit in item.edits:
            places += [(edit.path, edit.start[0]), (edit.path, edit.end[0])]
    return places


def _key(finding: Finding) -> tuple[str, str, str]:
    """Identify a finding across an edit: lines move, and messages name lines."""
    return finding.code, finding.location.path, finding.kind_name or ""


def _counts(findings: Sequence[Finding]) -> dict[tuple[str, str, str], int]:
    counts: dict[tuple[str, str, str], int] = {}
    for finding in findings:
        counts[_key(finding)] = counts.get(_key(finding), 0) + 1
    return counts


def _edited(text: Text, edits: Sequence[Edit]) -> Text:
    content = text.content
    for edit in sorted(edits, key=lambda item: item.start, reverse=True):
        start = text.starts[edit.start[0] - 1] + edit.start[1]
        end = text.starts[edit.end[0] - 1] + edit.end[1]
        content = content[:start] + edit.text + content[end:]
    return Text(content)
