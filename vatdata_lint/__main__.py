"""``python -m vatdata_lint``: the command ``vatdata-lint``."""

from __future__ import annotations

from vatdata_lint.cli import main

if __name__ == "__main__":
    main()
