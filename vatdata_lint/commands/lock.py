"""``vatdata-lint lock``: writes ``kinds.lock``, to be committed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from vatdata_lint.behavior.loader import ViewLoader
from vatdata_lint.commands.common import cache_option, config_option, existing, load_config, open_project
from vatdata_lint.commands.errors import CLEAN, FINDINGS, CannotWorkError
from vatdata_lint.commands.manifests import read_manifest
from vatdata_lint.manifest.code import code_kinds
from vatdata_lint.manifest.intents import intents
from vatdata_lint.manifest.lock import lock
from vatdata_lint.manifest.records import LOCK_FILE
from vatdata_lint.output.summary import plural
from vatdata_lint.progress import progress

__all__ = ["command"]


@click.command("lock")
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.option("--retire", "retired", multiple=True, metavar="NAME", help="This kind may be gone.")
@click.option("--rename", "renamed", multiple=True, metavar="OLD=NEW", help="This kind has another name now.")
@click.option(
    "--check", "only_check", is_flag=True, help="Write nothing; exit with 1 when the lock is not current."
)
@cache_option
@config_option
def command(
    path: Path | None,
    retired: tuple[str, ...],
    renamed: tuple[str, ...],
    only_check: bool,
    no_cache: bool,
    config_path: Path | None,
) -> int:
    """Write kinds.lock: the names, facets, fields and versions of all kinds that each entry point defines.

    Commit it: `vatdata-lint check` then reports a kind that vanishes or changes incompatibly. Exit code: 0 written,
    1 refused, 2 could not do its work.
    """
    config = load_config(config_path, existing([path] if path is not None else []))
    target = config.root / LOCK_FILE
    before = read_manifest(target, LOCK_FILE) if target.exists() else None
    project = open_project(config, no_cache=no_cache)
    with progress("following the first crank"):
        entries = project.entries()
        if not entries:
            raise CannotWorkError(
                "no entry point was recognised, so there is nothing to lock; see 'entry-points'"
            )
        loader = ViewLoader(config.root, config.source_roots)
        made = lock(
            entries,
            code_kinds(project, loader),
            intents(project, loader),
            before,
            retire=retired,
            rename=_pairs(renamed),
        )
    for kind in made.unnamed:
        place = f"{kind.location.path}:{kind.location.line}"
        click.echo(
            f"vatdata-lint: warning: {place}: the name is computed, so this kind is not locked", err=True
        )
    if made.refusals:
        for refusal in made.refusals:
            click.echo(f"vatdata-lint: {refusal}", err=True)
        click.echo(f"{LOCK_FILE} was not changed.", err=True)
        return FINDINGS
    text = made.manifest.to_text()
    kinds = sum(len(vat.kinds) for vat in made.manifest.vats)
    if only_check:
        current = before is not None and text == before.to_text()
        if not current:
            click.echo(f"{LOCK_FILE} is not current; run `vatdata-lint lock`.", err=True)
        return CLEAN if current else FINDINGS
    try:
        target.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise CannotWorkError(f"cannot write {target}: {error.strerror or error}") from None
    click.echo(
        f"Locked {plural(kinds, 'kind')} of {plural(len(entries), 'entry point')} in {LOCK_FILE}.", err=True
    )
    return CLEAN


def _pairs(values: Sequence[str]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for value in values:
        old, equals, new = value.partition("=")
        if not equals or not old or not new:
            raise CannotWorkError(f"--rename takes OLD=NEW, not {value!r}")
        pairs[old] = new
    return pairs
