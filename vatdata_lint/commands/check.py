"""``vatdata-lint check``: the options of a check, and what is done with what it finds."""

from __future__ import annotations

import dataclasses
import gc
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from vatdata_lint.baseline import Baseline, BaselineError, Compared, baseline_text
from vatdata_lint.checking import Checked, Fixed, check, fix
from vatdata_lint.commands.common import (
    cache_option,
    config_option,
    existing,
    load_config,
    open_project,
    path_argument,
    tool_version,
)
from vatdata_lint.commands.errors import CLEAN, FINDINGS, CannotWorkError
from vatdata_lint.commands.formats import Sink, parse_sinks, tell
from vatdata_lint.commands.manifests import manifests_to_check
from vatdata_lint.config import Config
from vatdata_lint.fixes import unified_diff, write_source
from vatdata_lint.output import Run
from vatdata_lint.output.summary import plural
from vatdata_lint.progress import progress
from vatdata_lint.selection import selected_codes
from vatdata_lint.source import decode
from vatdata_lint.watch import WatchUnavailableError, changes

__all__ = ["command"]

DEFAULT_BASELINE = "vatdata-lint-baseline.json"


@dataclasses.dataclass(frozen=True, slots=True)
class Options:
    """The command line, as click read it."""

    paths: tuple[Path, ...]
    output_formats: tuple[str, ...]
    selects: tuple[str, ...]
    extend_selects: tuple[str, ...]
    ignores: tuple[str, ...]
    fix: bool
    unsafe_fixes: bool
    diff: bool
    baseline: Path | None
    write_baseline: bool
    manifest: Path | None
    store: Path | None
    stdin_filename: Path | None
    watch: bool
    statistics: bool
    no_cache: bool
    jobs: int
    config_path: Path | None
    exit_zero: bool
    quiet: bool


@click.command("check")
@path_argument
@click.option(
    "--output-format",
    "output_formats",
    multiple=True,
    metavar="NAME[=FILE]",
    help="full (default), concise, json, jsonl, sarif, github, gitlab, junit or rdjson; may be repeated.",
)
@click.option(
    "--select", "selects", multiple=True, metavar="CODES", help="Only these rules: codes, prefixes, ALL."
)
@click.option("--extend-select", "extend_selects", multiple=True, metavar="CODES", help="These rules too.")
@click.option("--ignore", "ignores", multiple=True, metavar="CODES", help="Not these rules.")
@click.option("--fix", is_flag=True, help="Make the fixes that keep the meaning of the program.")
@click.option("--unsafe-fixes", is_flag=True, help="Make the other fixes too.")
@click.option("--diff", is_flag=True, help="Show what --fix would change, and change nothing.")
@click.option("--baseline", type=click.Path(path_type=Path), help="Accept the findings of this file.")
@click.option("--write-baseline", is_flag=True, help="Accept all findings of today.")
@click.option("--manifest", type=click.Path(path_type=Path), help="Compare with this kind manifest.")
@click.option(
    "--store", type=click.Path(path_type=Path), help="Compare with the kinds that this store holds."
)
@click.option("--stdin-filename", type=click.Path(path_type=Path), help="Check standard input as this file.")
@click.option("--watch", is_flag=True, help="Check again whenever a file changes.")
@click.option("--statistics", is_flag=True, help="Count by rule, and say what could not be followed.")
@cache_option
@click.option(
    "--jobs",
    "-j",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help='Processes that parse files without vat code, where check-syntax is "always".',
)
@config_option
@click.option("--exit-zero", is_flag=True, help="Exit with 0 also when something was found.")
@click.option("--quiet", "-q", is_flag=True, help="Findings only, no summary.")
def command(**values: Any) -> int:
    """Check files and folders: will every stored kind be defined again in the first crank?

    The whole project is understood, whatever PATH is; findings are shown for PATH. Exit code: 0 clean,
    1 findings, 2 could not do its work.
    """
    options = Options(**values)
    if options.diff and options.write_baseline:
        raise CannotWorkError("--diff changes nothing, so it cannot be combined with --write-baseline")
    if options.stdin_filename is not None and (options.paths or options.watch):
        raise CannotWorkError("--stdin-filename checks standard input alone: give no PATH and no --watch")
    sinks = parse_sinks(options.output_formats)
    code = _check_once(options, sinks)
    if options.watch:
        _watch(options, sinks)
    return CLEAN if options.exit_zero else code


def _watch(options: Options, sinks: Sequence[Sink]) -> None:
    root = load_config(options.config_path, existing(options.paths)).root
    click.echo("Watching for changes; Ctrl-C ends.", err=True)
    try:
        for changed in changes(root):
            if not options.quiet:
                click.echo(f"\n{plural(len(changed), 'file')} changed: {changed[0].name}", err=True)
            gc.collect()  # nothing else does in this process
            try:
                _check_once(options, sinks)
            except click.ClickException as error:
                error.show()  # a half-written configuration is repaired by the next save
    except WatchUnavailableError as error:
        raise CannotWorkError(str(error)) from None


def _check_once(options: Options, sinks: Sequence[Sink]) -> int:
    paths, overlays = _subject(options)
    config = _configured(load_config(options.config_path, paths), options)
    selected_codes(config)  # an unknown selector is said before any work is done
    texts = {_relative(config, path): text for path, text in overlays.items()}
    manifests = manifests_to_check(config, options.manifest, options.store)
    project = open_project(config, no_cache=options.no_cache, overlays=texts, jobs=options.jobs)
    fixing = options.fix or options.unsafe_fixes or options.diff
    with progress("checking", wanted=not options.quiet):
        if fixing:
            fixed = fix(project, paths, manifests, texts, unsafe=options.unsafe_fixes)
        else:
            fixed = Fixed(check(project, paths, manifests, texts))
    differs = _apply(fixed, config, options, texts)
    checked = fixed.checked
    if options.write_baseline:
        return _write_baseline(checked, config, options)
    compared = _compare(checked, config, options)
    run = Run(
        findings=compared.new,
        report=checked.report,
        sources=checked.sources,
        accepted=compared.accepted,
        stale=compared.stale,
        statistics=options.statistics,
        quiet=options.quiet,
        version=tool_version(),
        prefix=_prefix(config.root),
    )
    if not options.diff:
        tell(run, _without_stdout(sinks) if fixing and options.stdin_filename else sinks)
        if fixed.removed and not options.quiet:
            click.echo(f"Fixed {plural(fixed.removed, 'finding')}.", err=True)
    return FINDINGS if compared.new or differs else CLEAN


def _subject(options: Options) -> tuple[tuple[Path, ...], dict[Path, str]]:
    """Return absolute paths to check, and text that stands in for files on disk."""
    if options.stdin_filename is None:
        return existing(options.paths), {}
    path = Path(os.path.abspath(options.stdin_filename))
    data = sys.stdin.buffer.read()
    try:
        return (path,), {path: decode(data)}
    except (SyntaxError, UnicodeDecodeError) as error:
        raise CannotWorkError(f"standard input cannot be decoded: {error}") from None


def _configured(config: Config, options: Options) -> Config:
    def codes(values: Sequence[str]) -> tuple[str, ...]:
        return tuple(code.strip() for value in values for code in value.split(",") if code.strip())

    return config.with_options(
        select=codes(options.selects) or config.select,
        extend_select=(*config.extend_select, *codes(options.extend_selects)),
        ignore=(*config.ignore, *codes(options.ignores)),
    )


def _relative(config: Config, path: Path) -> str:
    root = Path(os.path.abspath(config.root))
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()


def _prefix(root: Path) -> str:
    relative = os.path.relpath(root, Path.cwd()).replace(os.sep, "/")
    return "" if relative == "." else relative


def _apply(fixed: Fixed, config: Config, options: Options, texts: dict[str, str]) -> bool:
    """Write the fixes, or show them; return whether ``--diff`` had something to show."""
    shown = False
    for path, text in sorted(fixed.texts.items()):
        target = config.root / path
        if options.diff:
            before = texts[path] if path in texts else decode(target.read_bytes())
            click.echo("".join(unified_diff(path, before, text)), nl=False)
            shown = True
        elif path not in texts:
            try:
                write_source(target, text)
            except OSError as error:
                raise CannotWorkError(f"cannot write {target}: {error.strerror or error}") from None
            except UnicodeEncodeError as error:
                raise CannotWorkError(f"cannot write {target}: {error}") from None
    if options.stdin_filename is not None and not options.diff and (options.fix or options.unsafe_fixes):
        (path,) = texts
        click.echo(fixed.texts.get(path, texts[path]), nl=False)
    return shown


def _without_stdout(sinks: Sequence[Sink]) -> list[Sink]:
    """Leave standard output to the fixed text."""
    return [sink for sink in sinks if sink.path is not None]


def _baseline_path(config: Config, options: Options) -> Path | None:
    if options.baseline is not None:
        return options.baseline
    return config.root / config.baseline if config.baseline is not None else None


def _compare(checked: Checked, config: Config, options: Options) -> Compared:
    path = _baseline_path(config, options)
    if path is None:
        return Compared(checked.findings, accepted=0, stale=0)
    try:
        return Baseline.read(path).compare(checked.findings, checked.sources)
    except BaselineError as error:
        raise CannotWorkError(str(error)) from None


def _write_baseline(checked: Checked, config: Config, options: Options) -> int:
    path = _baseline_path(config, options) or config.root / DEFAULT_BASELINE
    try:
        path.write_text(baseline_text(checked.findings, checked.sources), encoding="utf-8", newline="\n")
    except OSError as error:
        raise CannotWorkError(f"cannot write {path}: {error.strerror or error}") from None
    if not options.quiet:
        click.echo(f"Accepted {plural(len(checked.findings), 'finding')} in {path}.", err=True)
    return CLEAN
