"""Virtual columns cannot stand in for the columns that a host's row filter is about."""

from __future__ import annotations

from headrace import Engine


def test_a_formula_does_not_answer_a_row_filter() -> None:
    """The author of a document, who is not trusted, declares a column away and writes a formula of its name."""
    for formulas in ({"tenant": "5"}, {}):
        document = {
            "headrace": 1,
            "sources": {"t": {"rows": [{"k": 1}], "formulas": formulas}},
            "nodes": {"n": {"from": "t", "formulas": {"tenant": "5"}}, "m": {"from": "n"}},
        }
        for name in ("t", "n"):
            result = Engine().compile(document, row_filters={name: "tenant = 5"})
            assert [each.code for each in result.diagnostics] == ["P205"]
            assert result.nodes["m"].sql is None
