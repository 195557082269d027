"""Why an object is alive: the shortest way to it from something that is kept."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise

from ...vat.identifiers import Slot
from .edges import Edges, Node, Root
from .mentions import mentions_in
from .names import Reference
from .store_reader import StoreReader

__all__ = ["Answer", "Step", "why_alive"]

_REPORT_EVERY = 10_000

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Step:
    """One object on the way.

    Attributes:
        reference: the object.
        through: which part of the step before mentions it: a field's name, a key; empty for the first step.
    """

    reference: Reference
    through: str


@dataclass(frozen=True, slots=True)
class Answer:
    """Why an object is alive.

    Attributes:
        root: what keeps the first step; None where nothing leads to the object.
        is_certain: whether the root is in the store; memory may hold what nothing stored mentions, or may not.
        steps: the way, the object itself last.
    """

    root: str | None
    is_certain: bool
    steps: tuple[Step, ...]

    @property
    def text(self) -> str:
        """The answer in one sentence."""
        if self.root is None:
            return (
                "nothing leads to it: it is counted by a cycle that nothing reaches. "
                "'vatdata collect --cycles' deletes it"
            )
        if not self.is_certain:
            return f"no stored data leads to it. {self.root} may hold it; if it does not, a collection deletes it"
        return f"kept by {self.root}"


def why_alive(reader: StoreReader, target: Reference, *, progress: Progress | None = None) -> Answer:
    """Find the shortest way to an object from baggage, kinds, watches, messages, promises or parameters.

    Only where there is none are objects taken as roots that memory alone may hold.

    Args:
        reader: the store.
        target: an object that is there.
        progress: called with objects seen, and 0.

    Cost: reads each object that is nearer to a root once; memory of one small entry for each.
    """
    reader.require(target)
    search = _Search(Edges(reader), Node(target.vat, target.base), progress)
    goal = search.find(search.edges.roots()) or search.find(search.edges.memory_roots())
    if goal is None:
        return Answer(None, True, ())
    root, nodes = goal
    references = [Reference(node.vat, Slot(node.base)) for node in nodes]
    steps = [Step(references[0], "")]
    for before, after in pairwise(references):
        mention = next(mentions_in(reader, before, after), None)
        steps.append(Step(after, "" if mention is None else mention.detail))
    return Answer(root.text, not root.is_memory, tuple(steps))


class _Search:
    """A search by breadth. What an earlier run has seen is not searched again."""

    def __init__(self, edges: Edges, goal: Node, progress: Progress | None) -> None:
        self.edges = edges
        self._goal = goal
        self._progress = progress
        self._parents: dict[Node, Node | Root] = {}
        self._waiting: dict[Node, list[tuple[Node, Node]]] = {}  # weak key to weak map and value

    def find(self, roots: Iterable[tuple[Root, Node]]) -> tuple[Root, list[Node]] | None:
        todo: deque[Node] = deque()
        for root, node in roots:
            self._reach(node, root, todo)
        while todo and self._goal not in self._parents:
            node = todo.popleft()
            for child in self.edges.out(node):
                self._reach(child, node, todo)
            for key, child in self.edges.weak_out(node):
                if key in self._parents:
                    self._reach(child, node, todo)
                else:
                    self._waiting.setdefault(key, []).append((node, child))
        return self._way() if self._goal in self._parents else None

    def _reach(self, node: Node, parent: Node | Root, todo: deque[Node]) -> None:
        if node in self._parents:
            return
        self._parents[node] = parent
        todo.append(node)
        if self._progress is not None and len(self._parents) % _REPORT_EVERY == 0:
            self._progress(len(self._parents), 0)
        for weak_map, child in self._waiting.pop(node, ()):
            self._reach(child, weak_map, todo)

    def _way(self) -> tuple[Root, list[Node]]:
        way = [self._goal]
        while True:
            parent = self._parents[way[-1]]
            if isinstance(parent, Root):
                return parent, way[::-1]
            way.append(parent)
