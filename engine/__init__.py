"""Headrace compiles dataflows, written in YAML, JSON or Python, into SQL that runs inside PostgreSQL.

>>> import headrace
>>> result = headrace.compile({"headrace": 1, "nodes": {}})
>>> result.ok
True

The names below are the public API; everything else may change. They are loaded when first used, so that
``import headrace`` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headrace.catalog import Catalog
    from headrace.compiler import Engine
    from headrace.diagnostics import Diagnostic
    from headrace.editing import CompletionResult, Explanation, FormatResult, HoverResult
    from headrace.grammar.function import Function, signature
    from headrace.models import read_yaml
    from headrace.models.json_reader import read_json
    from headrace.policy import Policy
    from headrace.program.program import Program
    from headrace.project import OpenProject
    from headrace.project import open_project as open
    from headrace.results import CheckResult, CompileResult, NodeResult, PreviewResult

__version__ = "0.1.0"

_HOMES = {
    "Catalog": "headrace.catalog",
    "CheckResult": "headrace.results",
    "CompileResult": "headrace.results",
    "CompletionResult": "headrace.editing",
    "Diagnostic": "headrace.diagnostics",
    "Engine": "headrace.compiler",
    "Explanation": "headrace.editing",
    "FormatResult": "headrace.editing",
    "Function": "headrace.grammar.function",
    "HoverResult": "headrace.editing",
    "NodeResult": "headrace.results",
    "OpenProject": "headrace.project",
    "Policy": "headrace.policy",
    "PreviewResult": "headrace.results",
    "Program": "headrace.program.program",
    "read_json": "headrace.models.json_reader",
    "read_yaml": "headrace.models",
    "signature": "headrace.grammar.function",
}

__all__ = [
    "Catalog",
    "CheckResult",
    "CompileResult",
    "CompletionResult",
    "Diagnostic",
    "Engine",
    "Explanation",
    "FormatResult",
    "Function",
    "HoverResult",
    "NodeResult",
    "OpenProject",
    "Policy",
    "PreviewResult",
    "Program",
    "check",
    "compile",
    "open",
    "preview",
    "read_json",
    "read_yaml",
    "signature",
]


def check(document: Any, catalog: Catalog | Mapping[str, Any] | None = None, **options: Any) -> CheckResult:
    """``Engine().check``: schemas, keys, lineage and everything that is wrong with a document from outside."""
    from headrace.compiler import Engine

    return Engine().check(document, catalog, **options)


def compile(document: Any, catalog: Catalog | Mapping[str, Any] | None = None, **options: Any) -> CompileResult:
    """``Engine().compile``: the program of a document from outside, and what ``check`` gives."""
    from headrace.compiler import Engine

    return Engine().compile(document, catalog, **options)


def preview(document: Any, catalog: Catalog | Mapping[str, Any] | None, node: str, **options: Any) -> PreviewResult:
    """``Engine().preview``: one SELECT for the first rows of a node or step."""
    from headrace.compiler import Engine

    return Engine().preview(document, catalog, node, **options)


def __getattr__(name: str) -> Any:
    if name == "open":
        return import_module("headrace.project").open_project
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'headrace' has no attribute {name!r}")
    return getattr(import_module(home), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
