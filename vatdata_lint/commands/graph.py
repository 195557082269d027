"""``vatdata-lint graph``: the first-crank call graph as text, Mermaid or DOT."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import click

from vatdata_lint.commands.common import (
    cache_option,
    config_option,
    existing,
    load_config,
    open_project,
    output_style,
)
from vatdata_lint.engine import Graph, GraphEdge, GraphNode
from vatdata_lint.output.style import Style
from vatdata_lint.progress import progress

__all__ = ["command"]


@click.command("graph")
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.option(
    "--format", "form", type=click.Choice(["text", "mermaid", "dot"]), default="text", show_default=True
)
@cache_option
@config_option
def command(path: Path | None, form: str, no_cache: bool, config_path: Path | None) -> None:
    """Draw which functions of the project at PATH define which kinds through whom, from each entry on."""
    paths = existing([path] if path is not None else [])
    project = open_project(load_config(config_path, paths), no_cache=no_cache)
    with progress("following the first crank"):
        graph = project.graph()
    writers: Mapping[str, Callable[[Graph], Iterator[str]]] = {"mermaid": _mermaid, "dot": _dot}
    lines = writers[form](graph) if form in writers else _text(graph, output_style())
    for line in lines:
        click.echo(line)


def _text(graph: Graph, style: Style) -> Iterator[str]:
    """Yield a tree for each entry; a function that was shown already is named, not shown again."""
    nodes = {node.id: node for node in graph.nodes}
    calls: dict[str, list[GraphEdge]] = {}
    for edge in graph.edges:
        calls.setdefault(edge.source, []).append(edge)
    entries = [node for node in graph.nodes if node.role == "entry"]
    if not entries:
        yield "No entry point was recognised."
    shown: set[str] = set()
    for entry in entries:
        yield f"{style.bold(entry.label)}  {style.dim(_place(entry))}"
        shown.add(entry.id)
        # Written with a stack: a call chain may be deeper than Python recurses.
        pending = [(edge, "", index == 0) for index, edge in enumerate(reversed(calls.get(entry.id, [])))]
        while pending:
            edge, indent, is_last = pending.pop()
            node = nodes[edge.target]
            branch = "└─ " if is_last else "├─ "
            codes = f"  {style.error(' '.join(edge.codes))}" if edge.codes else ""
            label = style.good(node.label) if node.role == "kind" else node.label
            again = " (see above)" if node.id in shown and calls.get(node.id) else ""
            place = style.dim(f"{edge.location.path}:{edge.location.line}")
            yield f"{indent}{branch}{label}{again}  {place}{codes}"
            if node.id in shown:
                continue
            shown.add(node.id)
            deeper = indent + ("   " if is_last else "│  ")
            inner = list(reversed(calls.get(node.id, [])))
            pending += [(item, deeper, index == 0) for index, item in enumerate(inner)]


def _place(node: GraphNode) -> str:
    return f"{node.location.path}:{node.location.line}"


def _numbered(graph: Graph) -> dict[str, str]:
    return {node.id: f"n{number}" for number, node in enumerate(graph.nodes)}


def _mermaid(graph: Graph) -> Iterator[str]:
    names = _numbered(graph)
    shapes = {"entry": ("([", "])"), "kind": ("[(", ")]"), "function": ("[", "]")}
    yield "flowchart LR"
    for node in graph.nodes:
        before, after = shapes.get(node.role, shapes["function"])
        label = (
            node.label.replace("&", "#amp;").replace('"', "#quot;").replace("<", "#lt;").replace(">", "#gt;")
        )
        yield f'  {names[node.id]}{before}"{label}"{after}'
    for edge in graph.edges:
        codes = f"|{' '.join(edge.codes)}|" if edge.codes else ""
        yield f"  {names[edge.source]} -->{codes} {names[edge.target]}"


def _dot(graph: Graph) -> Iterator[str]:
    names = _numbered(graph)
    shapes = {"entry": "oval", "kind": "cylinder"}
    yield "digraph first_crank {"
    yield "  rankdir=LR;"
    for node in graph.nodes:
        label = node.label.replace("\\", "\\\\").replace('"', '\\"')
        yield f'  {names[node.id]} [label="{label}", shape={shapes.get(node.role, "box")}];'
    for edge in graph.edges:
        codes = f' [label="{" ".join(edge.codes)}", color=red]' if edge.codes else ""
        yield f"  {names[edge.source]} -> {names[edge.target]}{codes};"
    yield "}"
