"""What formulas are read as. Expected trees are written out by hand, from the design of the language."""

from __future__ import annotations

from dataclasses import fields

import pytest

from headrace.diagnostics import Span
from headrace.grammar import tree
from headrace.grammar.parse import parse
from headrace.grammar.tree import (
    Between,
    Binary,
    Boolean,
    Call,
    Case,
    Cast,
    Clauses,
    Duration,
    Frame,
    In,
    IsDistinct,
    IsNull,
    Like,
    Name,
    Node,
    Null,
    Number,
    Order,
    Parameter,
    Star,
    Text,
    Unary,
)
from headrace.grammar.words import RESERVED


def col(name: str) -> Name:
    return Name((name,))


A, B, C, D = (col(name) for name in "abcd")
ONE, TWO, THREE = (Number(text) for text in "123")


def read(formula: str) -> Node:
    parsed = parse(formula)
    assert parsed.tree is not None, parsed.diagnostics
    return parsed.tree


VALUES = {
    "amount": col("amount"),
    "[Unit price]": col("Unit price"),
    "[a]]b]": col("a]b"),
    "[]]]": col("]"),
    "[]]a]": col("]a"),
    "[[a]": col("[a"),
    "[Größe (cm)]": col("Größe (cm)"),
    "größe": col("größe"),
    "_x1": col("_x1"),
    "Amount": col("Amount"),
    "customer.country": Name(("customer", "country")),
    "[customer].[Country]": Name(("customer", "Country")),
    "a . [b c] . d": Name(("a", "b c", "d")),
    "$month": Parameter("month"),
    "{{month}}": Parameter("month"),
    "{{ month }}": Parameter("month"),
    "{{__month__}}": Parameter("month"),
    "{{_month}}": Parameter("_month"),
    '"FR"': Text("FR"),
    "'FR'": Text("FR"),
    '"6"" pipe"': Text('6" pipe'),
    "'it''s'": Text("it's"),
    "'6\" pipe'": Text('6" pipe'),
    '""': Text(""),
    '"a -- b /* c */"': Text("a -- b /* c */"),
    '"[x]"': Text("[x]"),
    "12": Number("12"),
    "0.50": Number("0.50"),
    ".5": Number("0.5"),
    "1e-3": Number("1e-3"),
    "1E3": Number("1e3"),
    "true": Boolean(True),
    "FALSE": Boolean(False),
    "Null": Null(),
    "TRUE()": Boolean(True),
    "null()": Null(),
    "12 months": Duration((("12", "month"),)),
    "1 month": Duration((("1", "month"),)),
    "2 Years 3 MONTHS": Duration((("2", "year"), ("3", "month"))),
    "1.5 hours": Duration((("1.5", "hour"),)),
    "1 quarter 2 weeks 3 days 4 hours 5 minutes 6 seconds 7 milliseconds": Duration(
        (
            ("1", "quarter"),
            ("2", "week"),
            ("3", "day"),
            ("4", "hour"),
            ("5", "minute"),
            ("6", "second"),
            ("7", "millisecond"),
        )
    ),
}

OPERATORS = {
    "a or b and c": Binary("or", A, Binary("and", B, C)),
    "a AND not b": Binary("and", A, Unary("not", B)),
    "not a = b": Unary("not", Binary("=", A, B)),
    "not not a": Unary("not", Unary("not", A)),
    "a == b": Binary("=", A, B),
    "a <> b": Binary("!=", A, B),
    "a != b": Binary("!=", A, B),
    "a<=b": Binary("<=", A, B),
    "a >= b ?? c": Binary(">=", A, Binary("??", B, C)),
    "a ?? b & c": Binary("??", A, Binary("&", B, C)),
    "a || b + c": Binary("&", A, Binary("+", B, C)),
    "a - b - c": Binary("-", Binary("-", A, B), C),
    "a + b * c": Binary("+", A, Binary("*", B, C)),
    "a // b % c / d": Binary("/", Binary("%", Binary("//", A, B), C), D),
    "-a * b": Binary("*", Unary("-", A), B),
    "a - -b": Binary("-", A, Unary("-", B)),
    "+a": Unary("+", A),
    "-a ^ b": Unary("-", Binary("^", A, B)),
    "a ^ b ^ c": Binary("^", A, Binary("^", B, C)),
    "a ^ -b ^ c": Binary("^", A, Unary("-", Binary("^", B, C))),
    "-a::text": Unary("-", Cast(A, "text")),
    "a ^ b::text": Binary("^", A, Cast(B, "text")),
    "(a + b) * c": Binary("*", Binary("+", A, B), C),
    "((a))": A,
    "(a < b) < c": Binary("<", Binary("<", A, B), C),
    "a in (1, 2)": In(A, (ONE, TWO)),
    "a not in (1)": In(A, (ONE,), negated=True),
    "a in [1, b]": In(A, (ONE, B)),
    "a in [[b], 1]": In(A, (B, ONE)),
    "a in (1; 2)": In(A, (ONE, TWO)),
    "a in $list": In(A, (Parameter("list"),)),
    "a in ($list)": In(A, (Parameter("list"),)),
    "a between 1 and 2 and b": Binary("and", Between(A, ONE, TWO), B),
    "a not between 1 and b + 2": Between(A, ONE, Binary("+", B, TWO), negated=True),
    'a like "x%"': Like(A, Text("x%")),
    'a not ilike "x%"': Like(A, Text("x%"), case_sensitive=False, negated=True),
    "a is null": IsNull(A),
    "a IS NOT NULL": IsNull(A, negated=True),
    "a is distinct from b": IsDistinct(A, B),
    "a is not distinct from b": IsDistinct(A, B, negated=True),
    "a::integer": Cast(A, "integer"),
    "a::INT": Cast(A, "integer"),
    "a::numeric(12,2)": Cast(A, "decimal(12, 2)"),
    "a::decimal(12)": Cast(A, "decimal(12, 0)"),
    "a::text::date": Cast(Cast(A, "text"), "date"),
    "a::double precision": Cast(A, "float"),
    "a::timestamp  with time zone": Cast(A, "timestamptz"),
    "a::timestamp without time zone": Cast(A, "timestamp"),
    "a::money": Cast(A, "money"),
    "a::varchar( 20 )": Cast(A, "varchar(20)"),
    "cast(a as numeric(12,2))": Cast(A, "decimal(12, 2)"),
    "CAST(a + b AS text)": Cast(Binary("+", A, B), "text"),
}

CALLS = {
    "today()": Call("today"),
    "ROUND(a, 2)": Call("round", (A, TWO)),
    "round(a; 2)": Call("round", (A, TWO)),
    "if (a, b, c)": Call("if", (A, B, C)),
    "sum /* of */ (a)": Call("sum", (A,)),
    "and(a, b)": Call("and", (A, B)),
    "a and AND(b, c)": Binary("and", A, Call("and", (B, C))),
    "or(a, b) or c": Binary("or", Call("or", (A, B)), C),
    "like(a, b)": Call("like", (A, B)),
    "a like (b)": Like(A, B),
    "a and (b)": Binary("and", A, B),
    "not(a)": Unary("not", A),
    "count(*)": Call("count", (Star(),)),
    "count(* where a)": Call("count", (Star(),), Clauses(where=A)),
    "count(where a)": Call("count", (), Clauses(where=A)),
    "count(distinct a)": Call("count", (A,), Clauses(distinct=True)),
    "count(a distinct)": Call("count", (A,), Clauses(distinct=True)),
    "count(distinct a where b)": Call("count", (A,), Clauses(distinct=True, where=B)),
    "count(a where b distinct)": Call("count", (A,), Clauses(distinct=True, where=B)),
    'string_agg(a, ", " order by b)': Call("string_agg", (A, Text(", ")), Clauses(order=(Order(B),))),
    "sum(a per b)": Call("sum", (A,), Clauses(per=(B,))),
    "sum(a per ())": Call("sum", (A,), Clauses(per=())),
    "sum(a per b, year(c))": Call("sum", (A,), Clauses(per=(B, Call("year", (C,))))),
    "sum(a per (b, c))": Call("sum", (A,), Clauses(per=(B, C))),
    "sum(a per (b))": Call("sum", (A,), Clauses(per=(B,))),
    "sum(a per (b) + c, d)": Call("sum", (A,), Clauses(per=(Binary("+", B, C), D))),
    "sum(a order by b per c)": Call("sum", (A,), Clauses(per=(C,), order=(Order(B),))),
    "sum(a order by b desc nulls first, c asc nulls last, d)": Call(
        "sum", (A,), Clauses(order=(Order(B, True, True), Order(C, False, False), Order(D)))
    ),
    "sum(a rows 7 order  by b)": Call("sum", (A,), Clauses(order=(Order(B),), frame=Frame("rows", Number("7")))),
    "sum(a order by b range 1 month 2 days where c)": Call(
        "sum",
        (A,),
        Clauses(where=C, order=(Order(B),), frame=Frame("range", Duration((("1", "month"), ("2", "day"))))),
    ),
    "sum(sum(a) per b)": Call("sum", (Call("sum", (A,)),), Clauses(per=(B,))),
    "extract(year from a)": Call("extract", (Text("year"), A)),
    'extract("year" from a)': Call("extract", (Text("year"), A)),
    "case when a then b end": Case(((A, B),)),
    "case when a then b when c then d else 1 end": Case(((A, B), (C, D)), ONE),
    "case a when 1 then b else null end": Case(((ONE, B),), Null(), A),
    "case case when a then b end when c then case d when 1 then 2 end end": Case(
        ((C, Case(((ONE, TWO),), None, D)),), None, Case(((A, B),))
    ),
    "a -- the rest is a comment": A,
    "a --\n + b": Binary("+", A, B),
    "/* ** / */ a /**/ + /* b */ b": Binary("+", A, B),
    "\ta\n+\r\n b ": Binary("+", A, B),
    "a\N{NO-BREAK SPACE}+ b": Binary("+", A, B),
    "=a + b": Binary("+", A, B),
    " = [Unit price]": col("Unit price"),
    '="FR"': Text("FR"),
}


@pytest.mark.parametrize(("formula", "expected"), [*VALUES.items(), *OPERATORS.items(), *CALLS.items()])
def test_what_it_is_read_as(formula: str, expected: Node) -> None:
    parsed = parse(formula)
    assert parsed.tree == expected, parsed.diagnostics
    assert {one.severity for one in parsed.diagnostics} <= {"warning"}


# Words that mean something in places, and are columns everywhere else.
SOFT = [
    *("order", "by", "desc", "asc", "nulls", "first", "last", "rows", "range", "from", "as", "if", "over", "filter"),
    *("rank", "date", "month", "months", "day", "days", "year", "quarter", "count", "current", "row", "group"),
]


@pytest.mark.parametrize("word", SOFT)
def test_words_that_need_no_brackets(word: str) -> None:
    name = col(word)
    assert read(word) == name
    assert read(f"{word} + 1") == Binary("+", name, ONE)
    assert read(f"1 - {word}") == Binary("-", ONE, name)
    assert read(f"f({word})") == Call("f", (name,))
    assert read(f"f({word}, {word} where {word} per {word}, {word})") == Call(
        "f", (name, name), Clauses(where=name, per=(name, name))
    )
    assert read(f"f({word} order by {word} desc nulls last, {word} rows 3)") == Call(
        "f", (name,), Clauses(order=(Order(name, True, False), Order(name)), frame=Frame("rows", THREE))
    )
    assert read(f"case {word} when {word} then {word} else {word} end") == Case(((name, name),), name, name)
    assert read(f"{word} is distinct from {word}") == IsDistinct(name, name)
    assert read(f"{word} in ({word})") == In(name, (name,))
    assert read(f"{word}.{word}") == Name((word, word))
    assert read(f"{word} + 12 months") == Binary("+", name, Duration((("12", "month"),)))
    assert read(f"{word}({word})") == Call(word, (name,))


@pytest.mark.parametrize("word", sorted(RESERVED))
def test_reserved_words_are_columns_in_brackets_only(word: str) -> None:
    assert read(f"[{word}] + 1") == Binary("+", col(word), ONE)
    assert read(f"x.[{word.upper()}]") == Name(("x", word.upper()))
    for formula in (f"1 + {word}", f"1 + {word.upper()}", f"x.{word}"):
        parsed = parse(formula)
        if word in ("null", "true", "false") and "." not in formula:
            assert parsed.tree is not None
        else:
            assert parsed.tree is None


@pytest.mark.parametrize("word", sorted(RESERVED | {"order", "rows"}))
def test_words_end_at_their_boundary(word: str) -> None:
    """A longer word that begins with one of ours is a name: ``organic``, ``android``, ``nullable``."""
    assert read(f"{word}a + 1") == Binary("+", col(f"{word}a"), ONE)
    assert read(f"a + {word}_1") == Binary("+", A, col(f"{word}_1"))
    assert parse(f"a {word}b").tree is None


def test_names_keep_their_capitals_and_words_ignore_theirs() -> None:
    assert read("Not Name Is Null") == Unary("not", IsNull(col("Name")))
    assert read("SUM(Amount WHERE Paid PER Country ORDER BY Day DESC NULLS FIRST ROWS 7)") == Call(
        "sum",
        (col("Amount"),),
        Clauses(
            where=col("Paid"),
            per=(col("Country"),),
            order=(Order(col("Day"), True, True),),
            frame=Frame("rows", Number("7")),
        ),
    )


def test_a_date_that_looks_like_a_subtraction_is_refused_and_one_with_blanks_is_none() -> None:
    assert parse("2024-01-31").tree is None
    assert read("2024 - 01 - 31") == Binary("-", Binary("-", Number("2024"), Number("01")), Number("31"))
    assert read("12345-1-1") == Binary("-", Binary("-", Number("12345"), ONE), ONE)
    assert read("1/2/3") == Binary("/", Binary("/", ONE, TWO), THREE)


def test_percent_signs() -> None:
    assert read("10%3") == Binary("%", Number("10"), THREE)
    assert read("10 % -3") == Binary("%", Number("10"), Unary("-", THREE))
    assert parse("10% - 3").tree is None  # a spreadsheet user's 10 percent


def spans(formula: str) -> list[tuple[str, str]]:
    """Each node's type and the text that its span covers, outermost first."""
    found = []
    stack: list[object] = [read(formula)]
    while stack:
        item = stack.pop()
        if isinstance(item, Node):
            if item == Clauses():
                continue
            found.append((type(item).__name__, formula[item.span.start : item.span.end]))
            parts = [getattr(item, part.name) for part in fields(item) if part.compare]
            stack.extend(reversed(parts))
        elif isinstance(item, tuple):
            stack.extend(reversed(item))
    return found


def test_every_node_knows_where_it_stands() -> None:
    assert spans("= (a + [b c]) * -2 days") == [
        ("Binary", "(a + [b c]) * -2 days"),
        ("Binary", "(a + [b c])"),
        ("Name", "a"),
        ("Name", "[b c]"),
        ("Unary", "-2 days"),
        ("Duration", "2 days"),
    ]
    assert spans('x.y not in ("a" , $p) and {{q}}::decimal(5, 2) is not null') == [
        ("Binary", 'x.y not in ("a" , $p) and {{q}}::decimal(5, 2) is not null'),
        ("In", 'x.y not in ("a" , $p)'),
        ("Name", "x.y"),
        ("Text", '"a"'),
        ("Parameter", "$p"),
        ("IsNull", "{{q}}::decimal(5, 2) is not null"),
        ("Cast", "{{q}}::decimal(5, 2)"),
        ("Parameter", "{{q}}"),
    ]
    assert spans("f(distinct a where b per c order by d desc, 1 nulls last rows 7 )") == [
        ("Call", "f(distinct a where b per c order by d desc, 1 nulls last rows 7 )"),
        ("Name", "a"),
        ("Clauses", "distinct a where b per c order by d desc, 1 nulls last rows 7"),
        ("Name", "b"),
        ("Name", "c"),
        ("Order", "d desc"),
        ("Name", "d"),
        ("Order", "1 nulls last"),
        ("Number", "1"),
        ("Frame", "rows 7"),
        ("Number", "7"),
    ]
    assert spans("case a when 1 then true else not b end") == [
        ("Case", "case a when 1 then true else not b end"),
        ("Number", "1"),
        ("Boolean", "true"),
        ("Unary", "not b"),
        ("Name", "b"),
        ("Name", "a"),
    ]
    assert spans("a between 1 and 2 or a like b or a is distinct from null") == [
        ("Binary", "a between 1 and 2 or a like b or a is distinct from null"),
        ("Binary", "a between 1 and 2 or a like b"),
        ("Between", "a between 1 and 2"),
        ("Name", "a"),
        ("Number", "1"),
        ("Number", "2"),
        ("Like", "a like b"),
        ("Name", "a"),
        ("Name", "b"),
        ("IsDistinct", "a is distinct from null"),
        ("Name", "a"),
        ("Null", "null"),
    ]


def test_where_the_name_of_a_function_stands() -> None:
    call = read("  Round( a, 2)")
    assert isinstance(call, Call)
    assert call.name_span == Span(2, 7)
    assert call.span == Span(2, 14)


@pytest.mark.parametrize("formula", ["-2^2", "a - -b^2", "f(-(a)^b)", "=-2 ^ 2"])
def test_a_negated_power_is_warned_of(formula: str) -> None:
    parsed = parse(formula)
    assert parsed.tree is not None
    assert [(one.code, one.severity) for one in parsed.diagnostics] == [("F080", "warning")]


@pytest.mark.parametrize("formula", ["-(2^2)", "(-2)^2", "2^-2", "a - b^2", "-a", "- (2 ^ 2)"])
def test_a_power_that_all_read_alike_is_not(formula: str) -> None:
    assert parse(formula).diagnostics == ()


def test_both_fixes_of_a_negated_power_say_it_plainly() -> None:
    (warning,) = parse("1 + - 2 ^ 2").diagnostics
    mended = []
    for fix in warning.fixes:
        assert fix.span is not None
        mended.append("1 + - 2 ^ 2"[: fix.span.start] + fix.replacement + "1 + - 2 ^ 2"[fix.span.end :])
    assert [read(text) for text in mended] == [read("1 + -(2 ^ 2)"), read("1 + (-2) ^ 2")]


def test_trees_are_plain_data() -> None:
    """Equal whatever the place, hashable, and of tuples only: they are keys of caches."""
    first, second = read("sum(a where b in (1, 2))"), read(" sum ( a  where b in [1, 2] )")
    assert first == second
    assert hash(first) == hash(second)
    assert isinstance(first, tree.Node)
