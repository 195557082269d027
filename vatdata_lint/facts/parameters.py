"""What the parameters and decorators of a function say about how it is called."""

from __future__ import annotations

import ast

from vatdata_lint.facts.module import FunctionInfo

__all__ = ["is_cached", "is_classmethod", "is_property", "is_static", "left_out", "parameter_names"]


def parameter_names(fn: FunctionInfo) -> list[tuple[str, str]]:
    """Give the parameters in order, each with its way: positional, star, keyword or options."""
    if isinstance(fn.node, ast.GeneratorExp):
        return []
    args = fn.node.args
    names = [(arg.arg, "positional") for arg in (*args.posonlyargs, *args.args)]
    if args.vararg is not None:
        names.append((args.vararg.arg, "star"))
    names += [(arg.arg, "keyword") for arg in args.kwonlyargs]
    if args.kwarg is not None:
        names.append((args.kwarg.arg, "options"))
    return names


def left_out(fn: FunctionInfo) -> set[str]:
    """Give the parameters that are None where a caller leaves them out."""
    if isinstance(fn.node, ast.GeneratorExp):
        return set()
    args = fn.node.args
    positional = [*args.posonlyargs, *args.args]
    behind = positional[len(positional) - len(args.defaults) :]
    pairs = [*zip(behind, args.defaults, strict=True), *zip(args.kwonlyargs, args.kw_defaults, strict=True)]
    return {arg.arg for arg, item in pairs if isinstance(item, ast.Constant) and item.value is None}


def is_static(fn: FunctionInfo) -> bool:
    """Say whether a method takes no ``self``."""
    return _has_decorator(fn, "staticmethod")


def is_classmethod(fn: FunctionInfo) -> bool:
    """Say whether a method takes its class."""
    return _has_decorator(fn, "classmethod")


def is_property(fn: FunctionInfo) -> bool:
    """Say whether reading the attribute calls the method."""
    return _has_decorator(fn, "property") or _has_decorator(fn, "cached_property")


def is_cached(fn: FunctionInfo) -> bool:
    """Say whether a further call with the same arguments gives what the first one gave."""
    return any(_has_decorator(fn, name) for name in ("cache", "cached_property", "lru_cache"))


def _has_decorator(fn: FunctionInfo, name: str) -> bool:
    if isinstance(fn.node, ast.Lambda | ast.GeneratorExp):
        return False
    for item in fn.node.decorator_list:
        if isinstance(item, ast.Call):
            item = item.func
        if isinstance(item, ast.Name) and item.id == name:
            return True
        if isinstance(item, ast.Attribute) and item.attr == name:
            return True
    return False
