"""Where a vat's code comes from, and a fresh instance of it for each incarnation."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import inspect
import os
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any, cast

from ..errors import VatStartError

__all__ = ["Source", "call_build", "require_source"]

BuildFunction = Callable[..., Any]
Source = str | os.PathLike[str] | BuildFunction
"""Path of a ``.py`` file, ``"package.module"``, ``"package.module:function"``, or the build function itself."""

_BUILD_NAMES = ("build_root_object", "start")


def load_build_function(source: Source, vat: str) -> BuildFunction:
    """Run the source's module anew and return its build function.

    The module instance is this incarnation's own: its globals begin again, and ``sys.modules`` does not keep it.

    Raises:
        TypeError: *source* is no source.
        VatStartError: there is no such file or module, or it has no build function. What the module itself raises
            while it runs is raised as it is.
    """
    if callable(source):
        return source
    if not isinstance(source, (str, os.PathLike)):  # pyright: ignore[reportUnnecessaryIsInstance] # what callers give is not checked
        raise TypeError(f"a vat's source is a path, the name of a module, or a function, not {source!r}")
    text = os.fspath(source)
    if text.endswith(".py") or os.sep in text:
        return _build_function_of(_load_file(text, vat), None, text, vat)
    module_name, _, function_name = text.partition(":")
    return _build_function_of(_load_module(module_name, text, vat), function_name or None, text, vat)


def require_source(text: str, vat: str) -> None:
    """Refuse the text of a source that leads to no file and no module. Of its code nothing is run.

    Raises:
        VatStartError: there is no such file or module.
    """
    if text.endswith(".py") or os.sep in text:
        _find_file(text, vat)
    else:
        _find_module(text.partition(":")[0], text, vat)


def _find_file(text: str, vat: str) -> str:
    path = os.path.realpath(text)
    if not os.path.isfile(path):
        raise VatStartError(vat, f"its source file {text!r} does not exist")
    return path


def _load_file(text: str, vat: str) -> ModuleType:
    path = _find_file(text, vat)
    name = f"vatdata_vat_{os.path.splitext(os.path.basename(text))[0]}"
    loader = importlib.machinery.SourceFileLoader(name, path)
    spec = importlib.util.spec_from_file_location(name, path, loader=loader)
    assert spec is not None  # a loader was given
    return _run(spec, None)


def _find_module(name: str, text: str, vat: str) -> importlib.machinery.ModuleSpec:
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        spec = None
    if spec is None or spec.loader is None:
        raise VatStartError(
            vat, f"its source {text!r} is neither a .py file nor a module that can be imported"
        )
    return spec


def _load_module(name: str, text: str, vat: str) -> ModuleType:
    return _run(_find_module(name, text, vat), sys.modules.get(name))


def _run(spec: importlib.machinery.ModuleSpec, known: ModuleType | None) -> ModuleType:
    """Run a module in an instance of its own; while it runs it is found under its name, as decorators expect."""
    module = importlib.util.module_from_spec(spec)
    assert spec.loader is not None  # the callers have looked
    sys.modules[spec.name] = module
    try:
        spec.loader.exec_module(module)
    finally:
        if known is None:
            sys.modules.pop(spec.name, None)
        else:
            sys.modules[spec.name] = known
    return module


def _build_function_of(module: ModuleType, name: str | None, text: str, vat: str) -> BuildFunction:
    for candidate in (name,) if name is not None else _BUILD_NAMES:
        function = getattr(module, candidate, None)
        if callable(function):
            return cast(BuildFunction, function)
    wanted = name or " or ".join(_BUILD_NAMES)
    raise VatStartError(
        vat, f"its source {text!r} has no function {wanted}(vat_powers, vat_parameters, baggage)"
    )


def call_build(build: BuildFunction, *arguments: Any) -> Any:
    """Call a build function with as many of the arguments as it takes."""
    try:
        parameters = inspect.signature(build).parameters.values()
    except (TypeError, ValueError):
        return build(*arguments)
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    if any(parameter.kind is inspect.Parameter.VAR_POSITIONAL for parameter in parameters):
        return build(*arguments)
    count = sum(parameter.kind in positional for parameter in parameters)
    return build(*arguments[:count])
