"""The rules as editors show them, each page also as a file that a link can open."""

from __future__ import annotations

import logging
import os
import re
from pathlib import Path

from vatdata_lint import Rule, all_rules, rule_page
from vatdata_lsp.worker.messages import RuleInfo

__all__ = ["describe_rules", "pages_folder"]

logger = logging.getLogger(__name__)


def pages_folder(version: str) -> Path:
    """Return the folder that holds the pages of one version, in the user's cache."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return Path(base) / "vatdata" / f"rules-{re.sub(r'[^A-Za-z0-9.]', '-', version)}"


def describe_rules(folder: Path) -> tuple[RuleInfo, ...]:
    """List the rules by code, and write their pages where they are not there yet.

    Where the folder cannot be written, the rules come without links.
    """
    return tuple(_describe(rule, folder) for rule in all_rules())


def _describe(rule: type[Rule], folder: Path) -> RuleInfo:
    page = rule_page(rule)
    path = folder / f"{rule.NAME}.md"
    uri = ""
    try:
        if not path.is_file() or path.read_text(encoding="utf-8") != page:
            folder.mkdir(parents=True, exist_ok=True)
            path.write_text(page, encoding="utf-8")
        uri = path.as_uri()
    except OSError as error:
        logger.warning("no page for %s: %s", rule.CODE, error)
    return RuleInfo(rule.CODE, rule.NAME, rule.SUMMARY, rule.SUPPRESSIBLE, page, uri)
