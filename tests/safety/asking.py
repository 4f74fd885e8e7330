"""Everything that can be asked of one formula, and what must hold of the answers."""

from __future__ import annotations

from headrace.diagnostics import Diagnostic
from headrace.diagnostics.show import show
from headrace.grammar.check import type_tree
from headrace.grammar.expression import Column, Level, Scope
from headrace.grammar.parse import parse
from headrace.grammar.printer import print_tree
from headrace.grammar.types import Type
from tests.functions.formulas import sql
from tests.safety.documents import COLUMNS

_COLUMNS = {name: Column(Type(kind), name) for name, kind in COLUMNS.items()}
_ROWS = Scope(
    columns={**_COLUMNS, "Unit price": Column(Type("decimal"), "Unit price")},
    formulas={"net": "x / 1.2", "revenue": "sum(x)"},
    qualified={"customer": {"country": Column(Type("text"), "country")}},
    parameters={"month": (Type("date"), False), "countries": (Type("text"), True)},
)
_GROUPS = Scope(_ROWS.columns, _ROWS.formulas, {"b": _COLUMNS["b"]}, _ROWS.qualified, _ROWS.parameters)
_PLACES: tuple[tuple[Scope, tuple[Level, ...]], ...] = ((_ROWS, ("row", "window")), (_GROUPS, ("aggregate", "window")))


def ask(text: str) -> None:
    """Parse, check, print and render the text. Raises whatever they raise, and AssertionError for a bad answer."""
    parsed = parse(text)
    for each in parsed.diagnostics:
        _is_sound(text, each)
    if parsed.tree is None:
        assert [each for each in parsed.diagnostics if each.severity == "error"], "no tree and no error"
        return
    printed = print_tree(parsed.tree)
    assert parse(printed).tree == parsed.tree, f"printed as {printed!r}, which means something else"
    for scope, levels in _PLACES:
        typed = type_tree(parsed.tree, scope, text=text, levels=levels)
        for each in typed.diagnostics:
            _is_sound(text, each)
        if typed.expression is None:
            assert [each for each in typed.diagnostics if each.severity == "error"], "no expression and no error"
        elif "$" not in printed:
            assert sql(typed.expression)


def _is_sound(text: str, diagnostic: Diagnostic) -> None:
    """A place in the text, fixes that can be applied, words that can be shown."""
    assert diagnostic.message
    assert diagnostic.span is not None
    limit = len(diagnostic.source or "")
    assert 0 <= diagnostic.span.start <= diagnostic.span.end <= limit, diagnostic
    for fix in diagnostic.fixes:
        assert fix.span is not None
        assert 0 <= fix.span.start <= fix.span.end <= len(text), fix
    assert show(diagnostic)
