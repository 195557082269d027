"""Which kind manifests a command works with: ``kinds.lock``, ``--manifest``, and that of ``--store``."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from vatdata_lint.commands.errors import CannotWorkError
from vatdata_lint.config import Config
from vatdata_lint.manifest import LOCK_FILE, Manifest, ManifestError

__all__ = ["manifests_to_check", "read_manifest", "store_manifest"]


def manifests_to_check(config: Config, manifest: Path | None, store: Path | None) -> tuple[Manifest, ...]:
    """Return the manifests to compare the code with: the given ones, else the configured one, else the lock.

    Raises:
        CannotWorkError: One cannot be read.
    """
    found: list[Manifest] = []
    if manifest is not None:
        found.append(read_manifest(manifest))
    elif config.manifest is not None:
        found.append(read_manifest(config.root / config.manifest))
    elif (config.root / LOCK_FILE).is_file():
        found.append(read_manifest(config.root / LOCK_FILE, LOCK_FILE))
    if store is not None:
        found.append(store_manifest(store))
    return tuple(found)


def read_manifest(path: Path, origin: str | None = None) -> Manifest:
    """Read a manifest file; *origin* is what messages call it.

    Raises:
        CannotWorkError: It cannot be used.
    """
    try:
        manifest = Manifest.read(path)
    except ManifestError as error:
        raise CannotWorkError(str(error)) from None
    return Manifest(origin, manifest.vats) if origin is not None else manifest


def store_manifest(store: Path) -> Manifest:
    """Read the manifest of a store by running ``vatdata manifest --store PATH``, which never writes to it.

    Raises:
        CannotWorkError: The command is not installed, fails, or writes something else than a manifest.
    """
    beside = Path(sys.executable).with_name("vatdata")
    program = str(beside) if os.access(beside, os.X_OK) else shutil.which("vatdata")
    if program is None:
        raise CannotWorkError(
            "--store needs the command 'vatdata' of the runtime to read the store, and it is not on PATH; "
            "run `vatdata manifest --store PATH > kinds.json` where it is, and use --manifest kinds.json here"
        )
    try:
        done = subprocess.run(
            [program, "manifest", "--store", str(store)],
            capture_output=True,
            text=True,
            check=False,
            encoding="utf-8",
        )
    except OSError as error:
        raise CannotWorkError(f"cannot run {program}: {error.strerror or error}") from None
    if done.returncode != 0:
        said = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        raise CannotWorkError(f"`vatdata manifest` could not read the store {store}: {said[-1]}")
    try:
        return Manifest.parse(done.stdout, f"store {store}")
    except ManifestError as error:
        raise CannotWorkError(str(error)) from None
