"""Write ``docs/reference.md`` from the docstrings of the public names.

Run as ``python docs/make_reference.py``; with ``--check`` it only says whether the page is fresh.
"""

from __future__ import annotations

import inspect
import sys
from pathlib import Path

import vatdata_runtime
from vatdata_runtime import errors

PAGE = Path(__file__).parent / "reference.md"
INTRODUCTION = """# Reference

Made from the docstrings by `docs/make_reference.py`. All names are imported from `vatdata_runtime`.
"""


def signature_of(name: str, value: object) -> str:
    """The call of a function or class as it is written, without annotations."""
    try:
        signature = inspect.signature(value)  # type: ignore[arg-type]  # whatever it is, it is tried
    except (TypeError, ValueError):
        return name
    bare = [
        parameter.replace(annotation=inspect.Parameter.empty) for parameter in signature.parameters.values()
    ]
    return f"{name}{signature.replace(parameters=bare, return_annotation=inspect.Signature.empty)}"


def entry(name: str, value: object) -> list[str]:
    """The section of one public name, with the public methods of a class."""
    heading = name if isinstance(value, type) or not callable(value) else signature_of(name, value)
    lines = [f"### `{heading}`", "", text_of(value), ""]
    if isinstance(value, type) and not issubclass(value, BaseException):
        for member_name, member in sorted(inspect.getmembers(value)):
            if member_name.startswith("_") or not inspect.isroutine(member) or not inspect.getdoc(member):
                continue
            lines += [f"#### `{signature_of(f'{name}.{member_name}', member)}`", "", text_of(member), ""]
    return lines


def text_of(value: object) -> str:
    """A docstring as Markdown: its sections keep their lines."""
    text = inspect.getdoc(value) or ""
    lead, _, sections = text.partition("\n\n")
    parts = [" ".join(lead.split())]
    if sections:
        parts.append(f"```text\n{sections}\n```")
    return "\n\n".join(parts)


def page() -> str:
    """The whole page."""
    names = sorted({name for name in vatdata_runtime.__all__ if name != "M"}, key=str.lower)
    plain = [name for name in names if name not in errors.__all__]
    lines = [INTRODUCTION, "## Names", ""]
    for name in plain:
        lines += entry(name, getattr(vatdata_runtime, name))
    lines += ["## `M`: patterns and guards", ""]
    kind = type(vatdata_runtime.M)
    for name, member in sorted(inspect.getmembers(kind)):
        if not name.startswith("_") and inspect.getdoc(member):
            lines += [f"### `{signature_of(f'M.{name}', member)}`", "", text_of(member), ""]
    lines += ["## Errors", ""]
    for name in sorted(errors.__all__):
        value = getattr(errors, name)
        if isinstance(value, type):
            bases = ", ".join(f"`{base.__name__}`" for base in value.__bases__)
            lines += [f"### `{name}` ({bases})", "", text_of(value), ""]
    return "\n".join(lines).rstrip() + "\n"


def main() -> int:
    """Write the page, or compare it."""
    text = page()
    if "--check" in sys.argv[1:]:
        if not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text:
            sys.stderr.write(f"{PAGE} is not what the docstrings say: run python docs/make_reference.py\n")
            return 1
        return 0
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
