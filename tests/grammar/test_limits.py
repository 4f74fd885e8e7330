"""No text makes the parser raise, or run long."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headrace.grammar.parse import MAX_DEPTH, MAX_LENGTH, MAX_TOKENS, parse
from headrace.grammar.table import TERMINALS
from headrace.grammar.tree import Name, Number
from headrace.grammar.words import RESERVED

SECONDS = 5.0
"""Far more than any of these takes (under one), so that a busy machine passes, and what is not linear fails."""


def code(formula: str) -> str | None:
    parsed = parse(formula)
    assert (parsed.tree is None) == any(one.severity == "error" for one in parsed.diagnostics)
    return parsed.diagnostics[0].code if parsed.diagnostics else None


@given(st.text())
@settings(max_examples=300, deadline=None)
def test_no_text_raises(text: str) -> None:
    code(text)


_PIECES = [
    *sorted(RESERVED),
    *("order by", "rows 7", "range 30 days", "nulls first", "desc", "from", "as", "if", "over", "filter", "by", "date"),
    *("a", "[b c]", "$p", "{{q}}", "12", "1.5", '"x"', "'", '"', "sum(", "2024-01-31", "12mo", "months", "mouths", "é"),
    *("[", "]", "(", ")", ",", ";", ".", "+", "-", "--", "*", "/", "/*", "*/", "//", "%", "^", "=", "<", ">", "!", "&"),
    *("&&", "|", "??", "?", "::", ":", "{", "}", "$", "#", "`", "“", "\u200b", "\n", "\ud800", "contains"),
]


@given(st.lists(st.sampled_from(_PIECES), max_size=12), st.sampled_from([" ", ""]))
@settings(max_examples=600, deadline=None)
def test_no_mix_of_pieces_raises(pieces: list[str], between: str) -> None:
    code(between.join(pieces))


WHOLE = (
    'sum([Unit price] * 2 where a in ("x", "y") and not b between 1 and 2 per c, year(d) order by e desc nulls first'
    " rows 7) + case a when 1 then $m - 2 years 3 months else {{n}}::decimal(12, 2) end /* x */ - if(a is not null,"
    " cast(b as text) & 'it''s', -2^2 // 5 % 3) -- note"
)


def test_cutting_anywhere_and_leaving_out_anything_never_raises() -> None:
    assert parse(WHOLE).tree is not None
    for at in range(len(WHOLE)):
        code(WHOLE[:at])
        code(WHOLE[at:])
        code(WHOLE[:at] + WHOLE[at + 1 :])


@given(st.integers(0, len(WHOLE)), st.sampled_from(_PIECES))
@settings(max_examples=300, deadline=None)
def test_putting_anything_in_never_raises(at: int, piece: str) -> None:
    code(WHOLE[:at] + piece + WHOLE[at:])


def test_messages_never_name_a_token() -> None:
    kinds = {name for name, _ in TERMINALS}
    for at in range(len(WHOLE)):
        for one in parse(WHOLE[:at]).diagnostics:
            assert not kinds & set(one.message.replace(".", " ").split())


def test_the_length_is_limited() -> None:
    longest = '"' + "x" * (MAX_LENGTH - 2) + '"'
    assert parse(longest).tree is not None
    (said,) = parse(longest + " ").diagnostics
    assert said.code == "F070"
    assert said.message == "This formula has 100,001 characters; 100,000 are allowed."


def test_the_words_and_signs_are_limited() -> None:
    """A list of 9,900 values passes; past the limit the place is where it is passed."""
    values = ", ".join(str(n) for n in range(9_900))
    assert parse(f"a in ({values})").tree is not None
    (said,) = parse("f(" + "1," * 15_000 + "1)").diagnostics
    assert said.code == "F071"
    assert said.message == "This formula has more than 20,000 words and signs."
    assert said.span is not None
    assert said.span.start == MAX_TOKENS


def test_the_digits_of_a_number_are_limited() -> None:
    assert parse("1" * 100).tree == Number("1" * 100)
    (said,) = parse("a + " + "1" * 101).diagnostics
    assert said.code == "F076"
    assert said.message == "This number has 101 characters; 100 are allowed."
    assert code("1" * 101 + " years") == "F076"


def test_the_depth_is_limited() -> None:
    """A chain of an operator has as many levels as terms."""
    chain = " + ".join(["a"] * MAX_DEPTH)
    assert parse(chain).tree is not None
    (said,) = parse(f"{chain} + a").diagnostics
    assert said.code == "F072"
    assert said.message == "This formula is nested more than 200 levels deep."
    assert code("f(" * MAX_DEPTH + "a" + ")" * MAX_DEPTH) == "F072"
    assert parse("f(" * (MAX_DEPTH - 1) + "a" + ")" * (MAX_DEPTH - 1)).tree is not None
    assert code("-" + " -" * MAX_DEPTH + "a") == "F072"
    assert code("a ^ " * MAX_DEPTH + "a") == "F072"
    assert code("not " * MAX_DEPTH + "a") == "F072"
    assert code("sum(a where " * MAX_DEPTH + "a" + ")" * MAX_DEPTH) == "F072"


def test_branches_and_lists_are_no_depth() -> None:
    assert parse("case " + "when a then 1 " * 1_000 + "end").tree is not None
    assert parse("f(" + ", ".join(["a"] * 1_000) + ")").tree is not None


def test_redundant_brackets_are_no_depth() -> None:
    assert parse("(" * 500 + "a" + ")" * 500).tree == Name(("a",))
    assert parse("(" * 9_000 + "1" + ")" * 9_000).tree == Number("1")


@pytest.mark.parametrize(
    "formula",
    [
        " + ".join(["a"] * 9_999),
        "a" + " or a" * 10_000,
        "(" * 100_000,
        "(" * 50_000 + ")" * 50_000,
        "f(" * 33_000,
        "case " * 20_000,
        "case when " * 9_000,
        "- " * 50_000,
        "not " * 25_000,
        "[" * 100_000,
        "[a" * 50_000,
        "]" * 100_000,
        '"' * 99_999,
        "'" + '"' * 99_998,
        "a." * 50_000,
        "/*" * 50_000,
        "--" * 50_000,
        "-- " * 33_000,
        " " * 100_000,
        "a b " * 25_000,
        "1" * 100_000,
        "1." * 50_000,
        "1 years " * 12_000,
        "{{" * 50_000,
        "$" * 100_000,
        "a ? b : " * 12_000,
        "if a then " * 10_000,
        "“" * 100_000,
        "sum(x) over (" * 7_000,
        "sum(x) filter (where " + "(a) " * 20_000,
        "a[" * 50_000,
        "\u200b" * 100_000,
        "order by " * 11_000,
        "f(a order by " * 7_600,
        "a ? " * 25_000,
        # not too long for fixes to be tried
        "[" + "a " * 2_400,
        '"' + "“" * 4_900,
        '"' + "x, " * 1_600,
        "if a then b else c " * 50,
        "if a then " * 99,
        "sum(x) over (partition by " + "order by " * 100,
        "sum(x) filter (where " + "(a) " * 240,
        "a ? b : " * 120,
        "a b " * 1_200,
    ],
    ids=lambda formula: formula[:16],
)
def test_long_texts_are_answered_soon(formula: str) -> None:
    start = time.perf_counter()
    said = code(formula)
    assert said is not None
    assert time.perf_counter() - start < SECONDS


@pytest.mark.parametrize("character", ["\0", "\ud800", chr(0xDFFF)])
def test_characters_that_no_database_takes(character: str) -> None:
    for formula in (f'"a{character}"', f"[a{character}]", character):
        (said,) = parse(formula).diagnostics
        assert said.code == "F073"
        assert said.span is not None
        assert formula[said.span.start : said.span.end] == character


def test_threads_do_not_disturb_each_other() -> None:
    formulas = [f"sum(a{n} where b{n} = {n} per c{n}) + {n} months" for n in range(400)]
    alone = [parse(formula).tree for formula in formulas]
    with ThreadPoolExecutor(8) as pool:
        assert [parsed.tree for parsed in pool.map(parse, formulas)] == alone
