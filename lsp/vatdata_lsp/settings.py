"""The editor's settings under ``vatdata``: what a user may change without touching the project's files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

__all__ = ["SECTION", "Settings"]

SECTION = "vatdata"


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of one folder.

    Attributes:
        enable: Whether the folder is checked.
        workspace: Whether files that are not open are reported too (``diagnosticMode``).
        configuration: Configuration file to use in place of the one that is found.
        select, extend_select, ignore: As on the command line.
        manifest: Kind manifest to compare the code with, in place of the configured one.
        store: Store whose kinds the code is compared with too.
        code_lens: Whether entry points carry a summary of their first crank.
        inlay_hints: Whether calls that define kinds carry their crank.
        analysis_timeout_s: How long an analysis may take before its process is replaced.
    """

    enable: bool = True
    workspace: bool = True
    configuration: str | None = None
    select: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    manifest: str | None = None
    store: str | None = None
    code_lens: bool = True
    inlay_hints: bool = False
    analysis_timeout_s: float = 60.0

    @classmethod
    def of(cls, value: object) -> Settings:
        """Read settings as a client sends them; what is missing or of a wrong type keeps its default."""
        table = _table(value)
        hints = _table(table.get("hints"))
        default = cls()
        timeout = table.get("analysisTimeout")
        return cls(
            enable=_flag(table.get("enable"), default.enable),
            workspace=table.get("diagnosticMode") != "openFilesOnly",
            configuration=_word(table.get("configuration")),
            select=_words(table.get("select")),
            extend_select=_words(table.get("extendSelect")),
            ignore=_words(table.get("ignore")),
            manifest=_word(table.get("manifest")),
            store=_word(table.get("store")),
            code_lens=_flag(hints.get("codeLens"), default.code_lens),
            inlay_hints=_flag(hints.get("inlay"), default.inlay_hints),
            analysis_timeout_s=(
                float(timeout)
                if isinstance(timeout, int | float) and not isinstance(timeout, bool) and timeout > 0
                else default.analysis_timeout_s
            ),
        )


def _table(value: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", value) if isinstance(value, Mapping) else {}


def _flag(value: object, default: bool) -> bool:
    return value if isinstance(value, bool) else default


def _word(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _words(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        return ()
    return tuple(word for word in cast("list[object]", value) if isinstance(word, str))
