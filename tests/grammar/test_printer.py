"""The canonical text of trees."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headrace.grammar.parse import parse
from headrace.grammar.printer import print_name, print_text, print_tree
from headrace.grammar.tree import Binary, Name, Node, Number, Unary
from tests.grammar.trees import names, trees


@given(trees)
@settings(max_examples=400, deadline=None)
def test_a_printed_tree_is_read_back_as_it_was(tree: Node) -> None:
    text = print_tree(tree)
    parsed = parse(text)
    assert parsed.tree == tree, (text, parsed.diagnostics)
    assert print_tree(parsed.tree) == text


@given(names)
def test_any_name_can_be_written(name: str) -> None:
    assert parse(print_name(name)).tree == Name((name,))
    assert parse(f"1 + {print_name(name)}.{print_name(name)} - 2").tree is not None


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_any_text_can_be_written(value: str) -> None:
    tree = parse(print_text(value)).tree
    assert tree is not None
    assert getattr(tree, "value", None) == value


CANONICAL = {
    # words, signs, quotes
    "A<>b AND NOT  c": "A != b and not c",
    "a==b Or TRUE": "a = b or true",
    "a||b": "a & b",
    "'it''s \"so\"'": '"it\'s ""so"""',
    "[amount]+[Unit price]": "amount + [Unit price]",
    "[order]-[Where]": "order - [Where]",
    "[a.b].[c]": "[a.b].c",
    "{{__month__}}": "$month",
    "SUM ( a ) ": "sum(a)",
    "TRUE() & null()": "true & null",
    "a + -- why\n b /* so */": "a + b",
    "=a": "a",
    # brackets: only where the reading would change
    "((a))": "a",
    "(a+b)+c": "a + b + c",
    "a+(b+c)": "a + (b + c)",
    "(a*b)+c": "a * b + c",
    "a*(b+c)": "a * (b + c)",
    "(a and b) or c": "a and b or c",
    "a and (b or c)": "a and (b or c)",
    "not (a = b)": "not a = b",
    "not (a and b)": "not (a and b)",
    "(not a) = b": "(not a) = b",
    "(a = b) = c": "(a = b) = c",
    "(a is null) is null": "(a is null) is null",
    "(a in (1)) and (b between 1 and 2)": "a in (1) and b between 1 and 2",
    "a between (1 + 2) and (b = c)": "a between 1 + 2 and (b = c)",
    "(-2)^2": "(-2) ^ 2",
    "-(2^2)": "-2 ^ 2",
    "2^(-3)": "2 ^ -3",
    "(a^b)^c": "(a ^ b) ^ c",
    "a^(b^c)": "a ^ b ^ c",
    "-(-a)": "- -a",
    "a-(-b)": "a - -b",
    "a-(-(-b))": "a - - -b",
    "+(-a)": "+-a",
    "(-a)::text": "(-a)::text",
    "(a::text)::date": "a::text::date",
    "(a ?? b) & c": "(a ?? b) & c",
    "a ?? (b & c)": "a ?? b & c",
    # calls and clauses, in one order
    "f(a;b)": "f(a, b)",
    "count(a distinct)": "count(distinct a)",
    "count( * where a)": "count(* where a)",
    "f(distinct)": "f(distinct)",
    "f(rows 3 distinct)": "f(distinct rows 3)",
    "sum(a rows 7 order by b Desc Nulls First, c ASC per (d, e) where f)": (
        "sum(a where f per d, e order by b desc nulls first, c rows 7)"
    ),
    "sum(a per ( ) range 1 days 2 month)": "sum(a per () range 1 day 2 months)",
    "cast(a as NUMERIC(12,2))": "a::decimal(12, 2)",
    "extract(YEAR from a)": 'extract("year", a)',
    "a IN [1,2]": "a in (1, 2)",
    "a not in ($list)": "a not in $list",
    "a in ($x, 1)": "a in ($x, 1)",
    "a NOT ILIKE 'x'": 'a not ilike "x"',
    "CASE a WHEN 1 THEN b ELSE c END": "case a when 1 then b else c end",
    # numbers and lengths of time
    "1E3 + .5": "1e3 + 0.5",
    "1 months 2 year": "1 month 2 years",
}


@pytest.mark.parametrize(("formula", "canonical"), CANONICAL.items())
def test_the_canonical_text(formula: str, canonical: str) -> None:
    tree = parse(formula).tree
    assert tree is not None
    assert print_tree(tree) == canonical
    assert parse(canonical).tree == tree


def test_printing_does_not_recurse() -> None:
    """Trees that are built, not parsed, may be deeper than formulas."""
    deep: Node = Name(("a",))
    for _ in range(50_000):
        deep = Unary("-", Binary("+", deep, Number("1")))
    assert print_tree(deep).count("(") == 50_000
