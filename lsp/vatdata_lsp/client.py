"""What the connected editor can do, read once from its `initialize` parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lsprotocol import types as t
from pygls.capabilities import get_capability

from vatdata_lsp.text import PositionEncoding

__all__ = ["Client"]


@dataclass(frozen=True, slots=True)
class Client:
    """Abilities that change what is sent.

    Attributes:
        encoding: What a character of a position is.
        pulls: Asks for diagnostics; else they are published. Never both: both are shown twice.
        refreshes: Asks again when told that diagnostics changed.
        related_information, code_description, diagnostic_data, unnecessary_tag, diagnostic_version: Parts of
            a diagnostic that are understood.
        markdown: Hover texts may be Markdown.
        resolves_edits: Asks for the edit of a code action when it is chosen.
        action_literals: Takes code actions that are not just commands.
        document_changes: Takes edits with document versions.
        applies_edits: Makes edits that the server asks for.
        configuration: Can be asked for settings.
        registers_settings: Says when settings changed if asked to; other clients do so unasked.
        watches: Watches files when asked to.
        watches_elsewhere: Also files that lie outside of the workspace.
        progress: Shows progress.
        refreshes_lenses, refreshes_hints: Ask again when told that these changed.
    """

    encoding: PositionEncoding
    pulls: bool
    refreshes: bool
    related_information: bool
    code_description: bool
    diagnostic_data: bool
    unnecessary_tag: bool
    diagnostic_version: bool
    markdown: bool
    resolves_edits: bool
    action_literals: bool
    document_changes: bool
    applies_edits: bool
    configuration: bool
    registers_settings: bool
    watches: bool
    watches_elsewhere: bool
    progress: bool
    refreshes_lenses: bool
    refreshes_hints: bool

    @classmethod
    def of(cls, capabilities: t.ClientCapabilities) -> Client:
        """Read the capabilities that a client announced; what it does not announce it cannot do."""

        def has(path: str) -> bool:
            return bool(_value(capabilities, path))

        def shows(name: str) -> bool:
            """Say whether an ability is announced for either way of getting diagnostics."""
            return has(f"text_document.publish_diagnostics.{name}") or has(f"text_document.diagnostic.{name}")

        tags = [
            *_list(capabilities, "text_document.publish_diagnostics.tag_support.value_set"),
            *_list(capabilities, "text_document.diagnostic.tag_support.value_set"),
        ]
        formats = _list(capabilities, "text_document.hover.content_format")
        properties = _list(capabilities, "text_document.code_action.resolve_support.properties")
        return cls(
            encoding=_encoding(capabilities),
            pulls=_value(capabilities, "text_document.diagnostic") is not None,
            refreshes=has("workspace.diagnostics.refresh_support"),
            related_information=shows("related_information"),
            code_description=shows("code_description_support"),
            diagnostic_data=shows("data_support"),
            unnecessary_tag=t.DiagnosticTag.Unnecessary in tags,
            diagnostic_version=has("text_document.publish_diagnostics.version_support"),
            markdown=t.MarkupKind.Markdown in formats,
            resolves_edits="edit" in properties and has("text_document.code_action.data_support"),
            action_literals=_value(capabilities, "text_document.code_action.code_action_literal_support")
            is not None,
            document_changes=has("workspace.workspace_edit.document_changes"),
            applies_edits=has("workspace.apply_edit"),
            configuration=has("workspace.configuration"),
            registers_settings=has("workspace.did_change_configuration.dynamic_registration"),
            watches=has("workspace.did_change_watched_files.dynamic_registration"),
            watches_elsewhere=has("workspace.did_change_watched_files.relative_pattern_support"),
            progress=has("window.work_done_progress"),
            refreshes_lenses=has("workspace.code_lens.refresh_support"),
            refreshes_hints=has("workspace.inlay_hint.refresh_support"),
        )


def _value(capabilities: t.ClientCapabilities, path: str) -> Any:
    return get_capability(capabilities, path)


def _list(capabilities: t.ClientCapabilities, path: str) -> list[object]:
    return list(_value(capabilities, path) or ())


def _encoding(capabilities: t.ClientCapabilities) -> PositionEncoding:
    """Choose the client's first encoding that we know; the protocol's default is UTF-16."""
    known = {encoding.value: encoding for encoding in PositionEncoding}
    for name in _list(capabilities, "general.position_encodings"):
        word = str(getattr(name, "value", name))
        if word in known:
            return known[word]
    return PositionEncoding.UTF16
