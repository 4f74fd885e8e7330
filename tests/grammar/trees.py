"""Random syntax trees of every kind, for hypothesis."""

from __future__ import annotations

from hypothesis import strategies as st

from headrace.grammar import tree
from headrace.grammar.tree import Node
from headrace.grammar.types import KINDS
from headrace.grammar.words import OPERATOR_FUNCTIONS, RESERVED, UNITS

_CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
_DIGITS = st.text("0123456789", min_size=1, max_size=4)
_SOFT = ["order", "by", "rows", "range", "desc", "asc", "nulls", "first", "last", "from", "as", "months", "day", "if"]

plain_words = st.from_regex(r"[a-zA-Z_é][a-zA-Z0-9_ß]{0,5}", fullmatch=True)
names = st.one_of(
    plain_words,
    st.sampled_from(_SOFT + sorted(RESERVED)),
    st.text(_CHARACTERS, min_size=1, max_size=6),
    st.text("]['\" -", min_size=1, max_size=4),
)
functions = st.one_of(
    st.from_regex(r"[a-z_][a-z0-9_]{0,6}", fullmatch=True).filter(lambda word: word not in RESERVED),
    st.sampled_from(_SOFT + sorted(OPERATOR_FUNCTIONS)),
)
numbers = st.builds(
    lambda whole, rest, power: whole + (f".{rest}" if rest else "") + power,
    _DIGITS,
    st.one_of(st.none(), _DIGITS),
    st.sampled_from(["", "", "", "e3", "e-12", "e+1"]),
).map(tree.Number)
durations = st.lists(
    st.tuples(st.one_of(st.just("1"), _DIGITS, st.just("1.5")), st.sampled_from(UNITS)), min_size=1, max_size=3
).map(lambda parts: tree.Duration(tuple(parts)))
types = st.one_of(
    st.sampled_from(KINDS),
    st.tuples(st.integers(1, 40), st.integers(0, 9))
    .filter(lambda pair: pair[1] <= pair[0])
    .map(lambda pair: f"decimal({pair[0]}, {pair[1]})"),
    st.sampled_from(["money", "varchar(20)", "thing(1, 2)"]),
)

leaves: st.SearchStrategy[Node] = st.one_of(
    st.text(_CHARACTERS, max_size=8).map(tree.Text),
    numbers,
    st.booleans().map(tree.Boolean),
    st.just(tree.Null()),
    durations,
    st.lists(names, min_size=1, max_size=3).map(lambda path: tree.Name(tuple(path))),
    st.from_regex(r"[a-z_][a-z0-9_]{0,5}", fullmatch=True).map(tree.Parameter),
)

BINARY = ["or", "and", "=", "!=", "<", "<=", ">", ">=", "??", "&", "+", "-", "*", "/", "//", "%", "^"]


def _clauses(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[tree.Clauses]:
    order = st.builds(tree.Order, inner, st.booleans(), st.sampled_from([None, True, False]))
    frame = st.one_of(
        st.integers(0, 99).map(lambda n: tree.Frame("rows", tree.Number(str(n)))),
        durations.map(lambda size: tree.Frame("range", size)),
    )
    some = st.lists(inner, max_size=2).map(tuple)
    return st.builds(
        tree.Clauses,
        distinct=st.booleans(),
        where=st.one_of(st.none(), inner),
        per=st.one_of(st.none(), some),
        order=st.lists(order, max_size=2).map(tuple),
        frame=st.one_of(st.none(), frame),
    )


def _branching(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    some = st.lists(inner, min_size=1, max_size=3).map(tuple)
    maybe = st.one_of(st.none(), inner)
    star: st.SearchStrategy[tuple[Node, ...]] = st.just((tree.Star(),))
    plain = st.builds(tree.Clauses)
    return st.one_of(
        st.builds(tree.Unary, st.sampled_from(["-", "+", "not"]), inner),
        st.builds(tree.Binary, st.sampled_from(BINARY), inner, inner),
        st.builds(tree.Binary, st.sampled_from(["-", "^", "or", "="]), inner, inner),
        st.builds(tree.In, inner, some, st.booleans()),
        st.builds(tree.Between, inner, inner, inner, st.booleans()),
        st.builds(tree.Like, inner, inner, st.booleans(), st.booleans()),
        st.builds(tree.IsNull, inner, st.booleans()),
        st.builds(tree.IsDistinct, inner, inner, st.booleans()),
        st.builds(tree.Cast, inner, types),
        st.builds(tree.Case, st.lists(st.tuples(inner, inner), min_size=1, max_size=2).map(tuple), maybe, maybe),
        st.builds(tree.Call, functions, st.lists(inner, max_size=3).map(tuple), st.one_of(plain, _clauses(inner))),
        st.builds(tree.Call, functions, star, _clauses(inner).map(_without_distinct)),
    )


def _without_distinct(clauses: tree.Clauses) -> tree.Clauses:
    return tree.Clauses(False, clauses.where, clauses.per, clauses.order, clauses.frame)


trees = st.recursive(leaves, _branching, max_leaves=12)
