"""The library of ``examples/evolution`` in its five versions, and a store made by each.

    python -m tests.golden.library

makes the stores anew. Do that only while no release reads them: what these files prove is that stores of earlier days
can be upgraded.
"""

from __future__ import annotations

import gzip
import sys
import tempfile
from pathlib import Path

from vatdata_runtime import open_vat
from vatdata_runtime.store import open_store

VERSIONS = (1, 2, 3, 4, 5)
STORE_FORMAT = 1
"""The format that the stores are kept in; stores of a newer format are added beside them, not put in their place."""
HERE = Path(__file__).parent
CODE = HERE.parents[1] / "examples" / "evolution"


def code(version: int) -> str:
    """Return the path of a version's code."""
    return str(CODE / f"library_{version}.py")


def unpack(version: int, folder: Path) -> Path:
    """Write the store that a version has made into a folder; returns its path."""
    path = folder / f"library_{version}.db"
    path.write_bytes(gzip.decompress((HERE / f"library_{version}.db.gz").read_bytes()))
    return path


def make(version: int, folder: Path) -> bytes:
    """Make the store of a version, with two members and what else it can hold; returns it compacted and packed."""
    path = folder / f"made_{version}.db"
    with open_vat(path, code(version)) as library:
        library.call("join", 1, "Ada Lovelace")
        library.call("join", 2, "Grace Brewster Hopper")
        library.call("lend")
        if version >= 2:
            library.call("set_email", 1, "ada@example.org")
        if version < 5:
            library.call("note", 1, "likes numbers")
    compact = folder / f"compact_{version}.db"
    with open_store(path, readonly=True) as store:
        store.backup(str(compact))
    return gzip.compress(compact.read_bytes(), mtime=0)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for version in VERSIONS:
            data = make(version, Path(folder))
            (HERE / f"library_{version}.db.gz").write_bytes(data)
            print(f"library_{version}.db.gz: {len(data)} bytes", file=sys.stderr)


if __name__ == "__main__":
    main()
