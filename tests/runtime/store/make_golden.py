"""Writes the golden store of the present format, once: ``python -m tests.runtime.store.make_golden``.

A golden store of a released format is never written again; a new format gets a file of its own.
"""

from __future__ import annotations

from pathlib import Path

from vatdata_runtime.store import FORMAT_VERSION, open_store

GOLDEN = Path(__file__).parent / "golden"
GOLDEN_ENTRIES = {b"apple": b"red", b"pear": b"", b"plum": b"blue" * 2000}


def main() -> None:
    GOLDEN.mkdir(exist_ok=True)
    path = GOLDEN / f"format-{FORMAT_VERSION}.db"
    if path.exists():
        raise SystemExit(f"{path} exists; a golden store is never written again")
    with open_store(path) as store:
        store.apply({b"apple": b"green", b"gone": b""})
        store.commit()
        store.apply(GOLDEN_ENTRIES | {b"gone": None})
        store.commit()
    for beside in GOLDEN.glob(f"{path.name}-*"):
        beside.unlink()


if __name__ == "__main__":
    main()
