"""Answers the server's questions from the analyser: what the worker process knows between two messages."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path

from vatdata_lint import (
    BaselineError,
    CallExplanation,
    CannotWorkError,
    ConfigError,
    Finding,
    FirstCrankCall,
    GivenUp,
    GraphNode,
    Location,
    tool_version,
)
from vatdata_lsp.worker import messages as m
from vatdata_lsp.worker.listening import Listening
from vatdata_lsp.worker.rule_pages import describe_rules, pages_folder
from vatdata_lsp.worker.scope import Scope
from vatdata_lsp.worker.scopes import Scopes

__all__ = ["Analyst"]

CONDITIONAL_CODES = frozenset({"VD101", "VD102"})
LATE_CODES = frozenset({"VD103", "VD104", "VD105", "VD106"})


class Analyst:
    """The folders of the workspace with their projects, and what was said of each file last.

    Args:
        is_wanted: Says whether the running check should go on.
        found: Called with what a running first check is sure of.
    """

    def __init__(
        self,
        is_wanted: Callable[[], bool] = lambda: True,
        found: Callable[[m.EarlyFindings], None] = lambda early: None,
    ) -> None:
        self._is_wanted = is_wanted
        self._found = found
        self._scopes = Scopes()
        self._texts: dict[str, str] = {}
        self._sent: set[str] = set()
        self._said: dict[str, m.FileFindings] = {}
        self._checked_before = False
        self._rules: tuple[m.RuleInfo, ...] | None = None

    def prepare(self) -> tuple[m.RuleInfo, ...]:
        """Describe the rules, which takes as long as a small check; a process does so before it is asked."""
        if self._rules is None:
            self._rules = describe_rules(pages_folder(tool_version()))
        return self._rules

    def answer(self, request: object) -> object:
        """Answer one request.

        Raises:
            TypeError: It is none that this process knows.
        """
        match request:
            case m.Check():
                try:
                    return self._check(request)
                except GivenUp:
                    return m.Superseded()
            case m.Describe():
                return self.prepare()
            case m.Explain():
                return self._explain(request)
            case m.Outline():
                return self._outline(request.path)
            case m.FirstCrankCalls():
                return self._calls(request)
            case m.ProveFix():
                scope = self._scopes.of(request.finding.location.path)
                return scope is not None and scope.proves(request.finding, request.edits)
            case m.FixAll():
                return self._fix_all(request.path)
            case m.Doctor():
                return tuple(line for scope in self._scopes for line in scope.described())
            case _:
                raise TypeError(f"no answer to a {type(request).__name__}")

    def _check(self, request: m.Check) -> m.CheckReply:
        began = time.perf_counter()
        if request.fresh:
            self._scopes.clear()
        for path, text in request.texts.items():
            if text is None:
                self._texts.pop(path, None)
            else:
                self._texts[path] = text
        self._sent.update(request.texts)
        problems: list[str] = []
        now: dict[str, tuple[Scope, tuple[Finding, ...]]] = {}
        for scope in self._scopes.wanted(request.folders, self._texts, problems):
            listener = Listening(scope, self._is_wanted, self._early)
            try:
                found = scope.check(self._texts, listener)
            except (ConfigError, CannotWorkError, BaselineError) as error:
                problems.append(_text_of(error))
                continue
            for path, findings in found.items():
                if self._scopes.of(path) is scope:
                    now[path] = (scope, findings)
        if not self._is_wanted():
            raise GivenUp  # the last moment at which nothing has been noted as said
        changed = self._news(now)
        complete, self._checked_before = not self._checked_before, True
        return m.CheckReply(
            tuple(changed),
            complete,
            tuple(problems),
            self._inputs(request.folders),
            sum(scope.files_checked for scope in self._scopes),
            time.perf_counter() - began,
        )

    def _news(self, now: Mapping[str, tuple[Scope, tuple[Finding, ...]]]) -> list[m.FileFindings]:
        """Return what is new since the last reply, and note it as said."""
        changed: list[m.FileFindings] = []
        for path in sorted(now.keys() | self._said.keys()):
            before = self._said.get(path)
            entry = now.get(path)
            if entry is None:
                changed.append(m.FileFindings(path, (), {}, ""))
                del self._said[path]
            elif before is None or before.findings != entry[1] or path in self._sent:
                after = entry[0].file_findings(path, entry[1])
                if before is None or before.result_id != after.result_id:
                    self._said[path] = after
                    changed.append(after)
        self._sent.clear()
        return changed

    def _inputs(self, folders: tuple[m.Folder, ...]) -> tuple[str, ...]:
        """Return the files besides sources that findings depend on, those that were not usable among them."""
        named = [
            str(Path(folder.path, folder.configuration))
            for folder in folders
            if folder.configuration is not None
        ]
        return tuple(sorted({*named, *(path for scope in self._scopes for path in scope.inputs())}))

    def _early(self, scope: Scope, files: list[m.FileFindings]) -> None:
        if not self._checked_before:
            mine = tuple(file for file in files if self._scopes.of(file.path) is scope)
            if mine:
                self._found(m.EarlyFindings(mine))

    def _fix_all(self, path: str | None) -> tuple[m.Change, ...]:
        if path is not None:
            scope = self._scopes.of(path)
            return scope.fix_all(path) if scope is not None else ()
        changes = [
            change
            for scope in self._scopes
            for change in scope.fix_all(None)
            if self._scopes.of(change.path) is scope
        ]
        return tuple(sorted(changes, key=lambda change: change.path))

    def _explain(self, request: m.Explain) -> m.Explained | None:
        scope = self._scopes.of(request.path)
        inside = scope.spelling.inside(request.path) if scope is not None else None
        if scope is None or inside is None:
            return None
        found = scope.project.explain_call(inside, request.line, request.column)
        if found is None:
            return None
        seen = CallExplanation(
            callee=found.callee,
            location=scope.spelling.location(found.location),
            kinds=found.kinds,
            crank=found.crank,
            reason=found.reason,
            chain=tuple(
                type(step)(scope.spelling.location(step.location), step.message) for step in found.chain
            ),
            findings=tuple(scope.spelling.finding(finding) for finding in found.findings),
        )
        return m.Explained(seen, _lines(scope, [seen.location, *(step.location for step in seen.chain)]))

    def _outline(self, path: str) -> m.OutlineReply:
        scope = self._scopes.of(path)
        inside = scope.spelling.inside(path) if scope is not None else None
        if scope is None or inside is None:
            return m.OutlineReply((), (), {})
        project = scope.project
        kinds = project.kinds()
        findings = project.check(None).findings
        entries: list[m.EntrySummary] = []
        for entry in project.entries():
            if entry.location.path != inside:
                continue
            codes = [item.code for item in findings if item.entry == entry.qualified_name]
            entries.append(
                m.EntrySummary(
                    entry.qualified_name,
                    scope.spelling.location(entry.location),
                    tuple(
                        m.KindLine(kind.name or "", kind.definer, scope.spelling.location(kind.location))
                        for kind in kinds
                        if entry.qualified_name in kind.entries
                    ),
                    conditional=sum(code in CONDITIONAL_CODES for code in codes),
                    late=sum(code in LATE_CODES for code in codes),
                    suspends=scope.spelling.location(entry.suspends) if entry.suspends is not None else None,
                )
            )
        calls: list[m.CallMark] = []
        for place in sorted(
            {edge.location for edge in project.graph().edges if edge.location.path == inside}
        ):
            said = project.explain_call(inside, place.line, place.column)
            if said is not None:
                calls.append(m.CallMark(scope.spelling.location(place), said.crank))
        places = [entry.location for entry in entries] + [call.location for call in calls]
        places += [kind.location for entry in entries for kind in entry.kinds]
        places += [entry.suspends for entry in entries if entry.suspends is not None]
        return m.OutlineReply(tuple(entries), tuple(calls), _lines(scope, places))

    def _calls(self, request: m.FirstCrankCalls) -> m.FirstCrankReply:
        scope = self._scopes.of(request.path)
        inside = scope.spelling.inside(request.path) if scope is not None else None
        if scope is None or inside is None:
            return m.FirstCrankReply((), {})

        def seen(node: GraphNode) -> GraphNode:
            return GraphNode(node.id, node.label, scope.spelling.location(node.location), node.role)

        calls = tuple(
            FirstCrankCall(seen(call.caller), seen(call.callee), scope.spelling.location(call.location))
            for call in scope.project.first_crank_calls(inside, request.line)
        )
        places: list[Location] = []
        for call in calls:
            places += [call.location, call.caller.location, call.callee.location]
        return m.FirstCrankReply(calls, _lines(scope, places))


def _lines(scope: Scope, locations: list[Location]) -> Mapping[tuple[str, int], str]:
    return scope.lines([(place.path, line) for place in locations for line in (place.line, place.end_line)])


def _text_of(error: Exception) -> str:
    return error.format_message() if isinstance(error, CannotWorkError) else str(error)
