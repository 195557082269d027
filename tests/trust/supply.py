"""What the project is made of: ``python -m tests.trust.supply [--advisories FOLDER_OR_ZIP]``. Asks no server.

Two questions. *Installed*: do the files of every installed package that the pins name have the sums that its wheel recorded?
*Advisories*: is a pinned version known to be vulnerable? The answer is only as new as the records given: those of OSV for
PyPI, one JSON file each, in a folder or in the archive that OSV publishes.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import re
import sys
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from tests.support.processes import ROOT

__all__ = ["altered_files", "main", "pinned_versions", "read_advisories", "vulnerable"]

_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", re.MULTILINE)

Advisory = Mapping[str, Any]


def pinned_versions(file: Path) -> dict[str, set[str]]:
    """The versions of each package in a file of pins."""
    found: dict[str, set[str]] = {}
    for name, version in _PIN.findall(file.read_text()):
        found.setdefault(canonicalize_name(name), set()).add(version)
    return found


# --- what is installed


def altered_files(distribution: Distribution) -> Iterator[str]:
    """Find files of a package that are gone, or are not those that its wheel recorded.

    What has no sum in the record, such as compiled bytecode, is passed over.
    """
    for file in distribution.files or ():
        if file.hash is None:
            continue
        path = Path(str(file.locate()))
        if not path.is_file():
            yield f"{file} is missing"
            continue
        digest = hashlib.new(file.hash.mode, path.read_bytes()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != file.hash.value:
            yield f"{file} was changed after it was installed"


# --- what is known


def read_advisories(path: Path) -> Iterator[Advisory]:
    """Read OSV records from a folder of JSON files, or from a zip archive of them."""
    if path.is_dir():
        for file in sorted(path.glob("**/*.json")):
            yield json.loads(file.read_bytes())
        return
    with zipfile.ZipFile(path) as archive:
        for name in sorted(archive.namelist()):
            if name.endswith(".json"):
                yield json.loads(archive.read(name))


def vulnerable(
    pins: Mapping[str, Iterable[str]], advisories: Iterable[Advisory]
) -> Iterator[tuple[str, str, str, str]]:
    """Find pinned versions that an advisory names, as package, version, id of the advisory, and its summary.

    An advisory that was withdrawn says nothing. A bound that is no version is taken to be met: better one alarm too many.
    """
    for advisory in advisories:
        if "withdrawn" in advisory:
            continue
        for affected in advisory.get("affected", ()):
            package = affected.get("package", {})
            if package.get("ecosystem") != "PyPI":
                continue
            name = canonicalize_name(package.get("name", ""))
            for version in sorted(pins.get(name, ())):
                if _is_affected(version, affected):
                    yield name, version, advisory["id"], advisory.get("summary", "")


def _is_affected(version: str, affected: Mapping[str, Any]) -> bool:
    if version in affected.get("versions", ()):
        return True
    return any(
        _is_in_range(version, span.get("events", ()))
        for span in affected.get("ranges", ())
        if span.get("type") == "ECOSYSTEM"
    )


def _is_in_range(text: str, events: Iterable[Mapping[str, str]]) -> bool:
    """Whether a version is behind the last ``introduced`` and before what ends it."""
    is_inside = False
    for event in events:
        for sort, bound in event.items():
            try:
                version, limit = Version(text), Version(bound)
            except InvalidVersion:
                return True
            if sort == "introduced" and version >= limit:
                is_inside = True
            elif (sort == "fixed" and version >= limit) or (sort == "last_affected" and version > limit):
                is_inside = False
    return is_inside


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.trust.supply", description=__doc__)
    parser.add_argument("--advisories", type=Path, help="OSV records for PyPI, in a folder or a zip archive")
    parser.add_argument("--pins", type=Path, default=ROOT / ".ci/pins/all.txt")
    options = parser.parse_args(arguments)
    pins = pinned_versions(options.pins)
    troubles = checked = 0
    for distribution in distributions():
        name = canonicalize_name(distribution.metadata["Name"])
        if name not in pins:
            continue
        checked += 1
        if distribution.version not in pins[name]:
            print(f"note: {name} {distribution.version} is installed, pinned is {sorted(pins[name])}")
        for trouble in altered_files(distribution):
            troubles += 1
            print(f"{name}: {trouble}")
    print(f"{checked} installed packages are what their wheels recorded" if not troubles else "")
    if options.advisories is None:
        print("no advisories were given: --advisories takes the records of OSV for PyPI")
        return 1 if troubles else 0
    if not options.advisories.exists():
        parser.error(f"{options.advisories} does not exist")
    for name, version, identity, summary in vulnerable(pins, read_advisories(options.advisories)):
        troubles += 1
        print(f"{name} {version}: {identity}: {summary}")
    print(f"{len(pins)} pinned packages were looked up, {troubles} troubles")
    return 1 if troubles else 0


if __name__ == "__main__":
    sys.exit(main())
