"""The kind manifests of one folder, read again only when their files have changed."""

from __future__ import annotations

from pathlib import Path

from vatdata_lint import LOCK_FILE, CannotWorkError, Config, Manifest, manifests_to_check

__all__ = ["Manifests"]

Stamp = tuple[tuple[str, int, int], ...]
"""Path, time of change and size of files that exist."""


class Manifests:
    """What the code of a folder is compared with.

    Args:
        manifest: Manifest file in place of the configured one.
        store: Store whose kinds are compared too.
    """

    def __init__(self, manifest: Path | None, store: Path | None) -> None:
        self._manifest = manifest
        self._store = store
        self._known: tuple[Config, Stamp, tuple[Manifest, ...] | CannotWorkError] | None = None

    def files(self, config: Config) -> list[Path]:
        """Return the files that count, also those that are not there."""
        manifest = self._manifest or (config.root / config.manifest if config.manifest is not None else None)
        return [manifest or config.root / LOCK_FILE, *([self._store] if self._store is not None else [])]

    def read(self, config: Config) -> tuple[Manifest, ...]:
        """Return the manifests as the command has them.

        Raises:
            CannotWorkError: One cannot be read.

        Cost: a look at each file; a store that has changed is read by a process, half a second.
        """
        stamp = _stamp(self.files(config))
        if self._known is None or self._known[:2] != (config, stamp):
            self._known = config, stamp, self._read(config)
        found = self._known[2]
        if isinstance(found, CannotWorkError):
            raise found
        return found

    def _read(self, config: Config) -> tuple[Manifest, ...] | CannotWorkError:
        try:
            return manifests_to_check(config, self._manifest, self._store)
        except CannotWorkError as error:
            return error


def _stamp(paths: list[Path]) -> Stamp:
    """Say which files there are and when they changed; a store may be a folder of files."""
    found: list[tuple[str, int, int]] = []
    for path in paths:
        try:
            for file in sorted(path.iterdir()) if path.is_dir() else [path]:
                status = file.stat()
                found.append((str(file), status.st_mtime_ns, status.st_size))
        except OSError:
            continue  # reading it gives the reason
    return tuple(found)
