"""What an editor offers at each place of a formula, half-written as it is."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headrace.grammar.completion import suggest
from headrace.grammar.expression import LEVELS, Column, Level, Scope
from headrace.grammar.functions import CATALOGUE
from headrace.grammar.hover import hover
from headrace.grammar.suggestion import Suggestion, Suggestions
from headrace.grammar.types import Type

SCOPE = Scope(
    columns={
        name: Column(Type(kind, nullable=name != "id"), name)
        for name, kind in (
            ("id", "integer"),
            ("amount", "decimal"),
            ("country", "text"),
            ("Unit price", "decimal"),
            ("day", "date"),
        )
    },
    formulas={"net": "amount / 1.2"},
    qualified={("customer",): {"city": Column(Type("text"), "city"), "Post code": Column(Type("text"), "Post code")}},
    parameters={"month": (Type("date", nullable=False), False), "shops": (Type("text", nullable=False), True)},
)


def at(marked: str, scope: Scope = SCOPE, levels: tuple[Level, ...] = LEVELS, order: bool = False) -> Suggestions:
    """What is offered where ``|`` stands."""
    offset = marked.index("|")
    return suggest(marked.replace("|", "", 1), offset, scope, levels, order=order)


def labels(found: Suggestions) -> list[str]:
    return [item.label for item in found.items]


@pytest.mark.parametrize(
    ("marked", "first"),
    [
        ("|", ["id", "amount", "country", "Unit price", "day", "net", "customer", "$month", "$shops"]),
        ("am|", ["amount"]),
        ("AM|", ["amount"]),
        ("=am|", ["amount"]),
        ("round(am|", ["amount"]),
        ("price|", ["Unit price"]),
        ("sum(|", ["id", "amount", "Unit price", "country", "day"]),
        ("lower(|", ["country", "id", "amount"]),
        ("year(|", ["day", "id"]),
        ("sum(amount |", ["where", "per", "order by", "distinct", "rows", "range", "and"]),
        ("sum(amount p|", ["per"]),
        ("sum(amount per |", ["id", "amount", "country", "Unit price", "day"]),
        ("sum(amount where cou|", ["country"]),
        ("round(amount |", ["and", "or", "not"]),
        ("amount |", ["and", "or", "not", "in", "between", "like", "ilike", "is null", "is not null"]),
        ("country not |", ["in", "between", "like", "ilike"]),
        ("[|", ["id", "amount", "country", "Unit price", "day"]),
        ("[uni|", ["Unit price"]),
        ("$|", ["$month", "$shops"]),
        ("$mo|", ["$month"]),
        ("{{mo|", ["$month"]),
        ("country in |", ["$month", "$shops"]),
        ("customer.|", ["city", "Post code"]),
        ("customer.ci|", ["city"]),
        ("customer.[po|", ["Post code"]),
        ("amount::|", ["boolean", "integer", "decimal"]),
        ("amount::dec|", ["decimal"]),
        ("day + 12 |", ["years", "quarters", "months"]),
        ("day + 12 mo|", ["months"]),
        ("date_trunc(day, |", ["year", "quarter", "month", "week", "day", "hour", "minute", "second"]),
        ('date_trunc(day, "mo|', ["month"]),
        ('date_trunc(day, "mo|")', ["month"]),
        ("case when amount > 1 |", ["then", "and"]),
        ("case when amount > 1 then 2 |", ["when", "else", "end"]),
        ("lag(amount per country order by day |", ["where", "per"]),
        ("amount) + roun|", ["round"]),
        ("a b c sum(amount wh|", ["where"]),
        ("sumi|", ["sumif"]),
    ],
)
def test_first_come_those_that_fit(marked: str, first: list[str]) -> None:
    assert labels(at(marked))[: len(first)] == first


@pytest.mark.parametrize("marked", ['"am|', '"am|"', "-- am|", "/* am|", "12am|", "customers.|", "date_trunc(day) |x"])
def test_where_nothing_can_stand_nothing_of_the_kind_is_offered(marked: str) -> None:
    assert "amount" not in labels(at(marked))


@pytest.mark.parametrize(
    ("marked", "replaced", "insert"),
    [
        ("am|", "am", "amount"),
        ("am|ou + 1", "amou", "amount"),
        ("[uni|", "[uni", "[Unit price]"),
        ("[uni|t] * 2", "[unit]", "[Unit price]"),
        ("1 + $mo|n", "$mon", "$month"),
        ("roun|", "roun", "round("),
        ("roun|(amount)", "roun", "round"),
        ('date_trunc(day, "mo|nth")', '"month"', '"month"'),
        ("uni|", "uni", "[Unit price]"),
        ("cust|", "cust", "customer."),
        ("|amount", "", "id"),
    ],
)
def test_what_is_put_in_takes_the_place_of_what_is_there(marked: str, replaced: str, insert: str) -> None:
    found = at(marked)
    text = marked.replace("|", "", 1)
    assert (text[found.span.start : found.span.end], found.items[0].insert) == (replaced, insert)


def test_columns_tell_their_type_and_functions_their_call_and_meaning() -> None:
    assert at("i|d").items[0] == Suggestion("id", "column", "id", "integer", "never null")
    assert at("ne|").items[0] == Suggestion("net", "formula", "net", "", "amount / 1.2")
    assert at("$s|").items[0] == Suggestion("$shops", "parameter", "$shops", "list of text")
    trim = at("tri|").items[0]
    assert trim.detail == "trim(text, [text]) → text"
    assert trim.meaning == CATALOGUE["trim"].meaning


def test_every_function_has_a_call_and_one_line() -> None:
    offered = {item.label: item for item in at("|").items if item.kind == "function"}
    missing = {name for name, each in CATALOGUE.items() if each.family != "operators"} - set(offered)
    assert not missing
    assert all(item.detail and item.meaning and "\n" not in item.meaning for item in offered.values())
    assert {"share", "total", "cast", "if"} <= set(offered)


def test_a_filter_is_offered_no_aggregates() -> None:
    offered = labels(at("|", levels=("row",)))
    assert "round" in offered
    assert not {"sum", "lag", "share", "row_number"} & set(offered)


def test_in_groups_keys_stand_outside_functions_and_columns_inside() -> None:
    columns = SCOPE.columns
    scope = Scope(columns=columns, groups={"country": columns["country"]}, formulas={"revenue": "sum(amount)"})
    assert labels(at("|", scope))[:2] == ["country", "revenue"]
    assert labels(at("sum(|", scope))[:2] == ["id", "amount"]
    assert labels(at("round(|", scope))[:2] == ["country", "revenue"]


def test_keys_of_orders_end_in_their_direction() -> None:
    assert labels(at("amount |", order=True))[:4] == ["desc", "asc", "nulls first", "nulls last"]
    assert "desc" not in labels(at("amount |"))


@pytest.mark.parametrize(
    ("marked", "function", "argument"),
    [
        ("round(|", "round", 0),
        ("round(amount, |", "round", 1),
        ("round(abs(amount), |", "round", 1),
        ("round((amount + |", "round", 0),
        ("round(abs(|", "abs", 0),
        ("sum(amount where |", "sum", None),
        ("if(amount > 1; 2; |", "if", 2),
        ("share(|", "share", 0),
    ],
)
def test_the_open_call(marked: str, function: str, argument: int | None) -> None:
    call = at(marked).call
    assert call is not None
    assert (call.function, call.argument) == (function, argument)
    assert call.calls[0].startswith(f"{function}(")
    assert call.meaning


@pytest.mark.parametrize("marked", ["|", "amount + |", "round(amount)|", "nosuch(|"])
def test_no_call_is_open(marked: str) -> None:
    assert at(marked).call is None


@settings(max_examples=400, deadline=None)
@given(
    st.lists(st.sampled_from([*"ab1 .,;()[]{}\"'$=+-*/%^:<>&?\n\\é\0", "sum", " per ", " where "])).map("".join),
    st.integers(0, 40),
)
def test_no_text_is_too_broken(text: str, offset: int) -> None:
    found = suggest(text, offset, SCOPE, LEVELS)
    assert 0 <= found.span.start <= min(offset, len(text)) <= found.span.end <= len(text)
    hover(text, offset, SCOPE)


@pytest.mark.parametrize("text", ["(" * 5000, "a + " * 5000, "f(" * 3000 + "x", "[" * 9000, '"' * 9001, "x" * 200_000])
def test_long_texts_are_answered(text: str) -> None:
    assert suggest(text, len(text), SCOPE, LEVELS).span.end == len(text)
    hover(text, len(text) // 2, SCOPE)


@pytest.mark.parametrize(
    ("marked", "title"),
    [
        ("am|ount * 2", "amount: decimal"),
        ("amount |* 2", "amount * 2: decimal"),
        ("[Unit |price]", "Unit price: decimal"),
        ("customer.ci|ty", "customer.city: text"),
        ("ro|und(amount)", "round(number, [integer]) → number"),
        ("day <= $mo|nth", "$month: date"),
        ("country in $sh|ops", "$shops: list of text"),
        ("ne|t + 1", "net = amount / 1.2"),
        ("sum(amount per coun|try)", "country: text"),
        ("sum(amount order by da|y)", "day: date"),
        ("sha|re(amount)", "share(number) → number"),
        ("roun|d(amount +", "round(number, [integer]) → number"),
        ("round(am|ount +", "amount: decimal"),
        ("roun|d(amount", "round(number, [integer]) → number"),
        ("nosuch|", None),
        ("|", None),
    ],
)
def test_hover(marked: str, title: str | None) -> None:
    found = hover(marked.replace("|", "", 1), marked.index("|"), SCOPE)
    assert (None if found is None else found.title) == title


def test_hover_says_what_a_value_is() -> None:
    def text(marked: str) -> str:
        found = hover(marked.replace("|", "", 1), marked.index("|"), SCOPE)
        assert found is not None
        return found.text

    assert text("i|d") == "A column; never null."
    assert text("amount |+ 1") == "A value of each row; may be null."
    assert text("1 |+ 1") == "The same for all rows; never null."
    assert text("sum(amount) |+ 1") == "One value of the rows of a group; may be null."
    assert text("sum(amount per ()) |+ 1") == "A value of each row that looks at other rows; may be null."
    found = hover("trim(country)", 1, SCOPE)
    assert found is not None
    assert found.example
