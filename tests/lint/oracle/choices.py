"""Parameters that answer every question both ways, so that a vat can be driven through all of its branches."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Generator, Iterator
from dataclasses import dataclass, field
from typing import Any

from vatdata_runtime import make_promise_kit

__all__ = ["Answers", "Choice", "Outside"]


MAX_ASKED = 6


class Answers:
    """One way of answering: everything with *base*, except the questions in *flipped*.

    ``asked`` collects the questions in the order in which they were asked first.
    """

    def __init__(self, base: int, flipped: frozenset[str] = frozenset()) -> None:
        self.base = base
        self.flipped = flipped
        self.asked: dict[str, int] = {}

    def ask(self, question: str) -> int:
        """Give the answer; a loop that asks on and on hears the opposite in the end."""
        times = self.asked[question] = self.asked.get(question, 0) + 1
        is_other = (question in self.flipped) != (times > MAX_ASKED)
        return 1 - self.base if is_other else self.base


@dataclass
class Outside:
    """Promises whose answers come from outside the vat, after the first crank."""

    resolvers: list[Any] = field(default_factory=list[Any])

    def promise(self) -> Any:
        kit = make_promise_kit()
        self.resolvers.append(kit.resolve)
        return kit.promise

    def answer(self, value: object) -> bool:
        """Settle what waits; say whether anything did."""
        waiting, self.resolvers = self.resolvers, []
        for resolver in waiting:
            resolver(value)
        return bool(waiting)


class Choice(str):
    """A text that is also a mapping, a sequence, a number and a function: whatever a vat takes its parameters for.

    What a program asks of it is answered by *answers*, the same question always in the same way.
    """

    __slots__ = ("_answers", "_outside")
    _answers: Answers
    _outside: Outside

    def __new__(cls, path: str, answers: Answers, outside: Outside) -> Choice:
        self = super().__new__(cls, path)
        self._answers = answers
        self._outside = outside
        return self

    def _part(self, step: str) -> Choice:
        return Choice(f"{self!s}{step}", self._answers, self._outside)

    def _yes(self, question: str) -> bool:
        return bool(self._answers.ask(f"{self!s} {question}"))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return self._part(f".{name}")

    def __call__(self, *args: object, **options: object) -> Choice:
        return self._part("()")

    def __getitem__(self, key: Any) -> Choice:  # it is a mapping as well
        if self._yes(f"lacks {key!s}"):
            raise KeyError(key)
        return self._part(f"-{key}")

    def get(self, key: object, default: object = None) -> object:
        return default if self._yes(f"lacks {key!s}") else self._part(f"-{key}")

    def keys(self) -> Iterator[str]:
        return iter(self)

    def items(self) -> Iterator[tuple[str, str]]:
        return ((key, key) for key in self)

    def __iter__(self) -> Iterator[Any]:
        for number in range(2 * self._answers.ask(f"{self!s} has members")):
            yield f"{self!s}/{number}"  # plain, since it may become a kind's name

    def __len__(self) -> int:
        return 2 * self._answers.ask(f"{self!s} has members")

    def __bool__(self) -> bool:
        return self._yes("is true")

    def __contains__(self, item: object) -> bool:
        return self._yes(f"contains {item!s}")

    def __index__(self) -> int:
        return 2 * self._answers.ask(f"{self!s} has members")

    def __int__(self) -> int:
        if self._yes("is no number"):
            raise ValueError(f"{str(self)!r} is no number")
        return 1

    def __eq__(self, other: object) -> bool:
        return True if other is self else self._yes(f"equals {other!s}")

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = str.__hash__

    def __lt__(self, other: object) -> bool:
        return self._yes(f"is less than {other!s}")

    __le__ = __lt__

    def __gt__(self, other: object) -> bool:
        return self._yes(f"is more than {other!s}")

    __ge__ = __gt__

    def __radd__(self, other: Any) -> Any:
        return other + (str(self) if isinstance(other, str) else 1)

    def __enter__(self) -> Choice:
        return self

    def __exit__(self, *error: object) -> None:
        """Let exceptions through."""

    def __await__(self) -> Generator[Any, None, Any]:
        return self._outside.promise().__await__()  # type: ignore[no-any-return]  # a promise is typed as Any

    async def __aenter__(self) -> Choice:
        await self
        return self

    async def __aexit__(self, *error: object) -> None:
        await self

    async def __aiter__(self) -> AsyncIterator[str]:
        await self
        for part in self:
            yield part


def sender(outside: Outside, real: Any) -> Any:
    """Give an ``E`` whose answers come from outside; what it does with promises is the real one's."""

    class Sent:
        def __getattr__(self, name: str) -> Callable[..., Any]:
            return lambda *args, **options: outside.promise()

    class Sender:
        def __call__(self, target: object) -> Sent:
            return Sent()

        def send_only(self, target: object) -> Any:
            return Sent()

        def __getattr__(self, name: str) -> Any:
            return getattr(real, name)

    return Sender()
