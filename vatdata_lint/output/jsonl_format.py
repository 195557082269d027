"""``jsonl``: one JSON object a line and finding, with the fields of ``json``."""

from __future__ import annotations

import json
from collections.abc import Iterator

from vatdata_lint.output import Run
from vatdata_lint.output.json_format import finding_record

__all__ = ["render"]


def render(run: Run) -> Iterator[str]:
    """Yield one line a finding; nothing when there is none."""
    for finding in run.findings:
        yield json.dumps(finding_record(finding, run), ensure_ascii=False) + "\n"
