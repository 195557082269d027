"""Say whether the pins fit pyproject.toml: all that it names is pinned, with hashes, to a version that it takes."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PINS = Path(__file__).parent
ROOT = PINS.parents[1]
PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^ ;\\]+)")


def pinned(name: str) -> dict[str, set[str]]:
    """The versions of each package in a file of pins; one that has no hash is left out."""
    found: dict[str, set[str]] = {}
    for entry in (PINS / name).read_text().replace("\\\n", " ").splitlines():
        match = PIN.match(entry)
        if match and "--hash=sha256:" in entry:
            found.setdefault(canonicalize_name(match["name"]), set()).add(match["version"])
    return found


def wanted(extras: tuple[str, ...]) -> Iterator[Requirement]:
    """What pyproject.toml asks for, extras of its own followed."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    ahead = [*project["dependencies"], *(f"{project['name']}[{extra}]" for extra in extras)]
    while ahead:
        requirement = Requirement(ahead.pop())
        if requirement.name == project["name"]:
            ahead += [
                text for extra in requirement.extras for text in project["optional-dependencies"][extra]
            ]
        else:
            yield requirement


def problems() -> Iterator[str]:
    for name, extras in (("all.txt", ("dev", "editors")), ("runtime.txt", ())):
        pins = pinned(name)
        for requirement in wanted(extras):
            versions = pins.get(canonicalize_name(requirement.name), set())
            if not any(requirement.specifier.contains(version, prereleases=True) for version in versions):
                yield f"{name}: {requirement} is not pinned with a hash (found {sorted(versions) or 'nothing'})"


if __name__ == "__main__":
    found = list(problems())
    if found:
        sys.stderr.write("\n".join([*found, "Run .ci/pins/renew, and commit what it writes.", ""]))
    sys.exit(1 if found else 0)
