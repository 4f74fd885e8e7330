"""The text of a query as a tree, and what may not stand in it.

Only what is listed here may: whatever sqlglot learns to read later is refused until somebody has looked at it. A query
reads and does nothing else, so that it gives the same rows whenever the same data is there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import TokenType

from headrace.diagnostics import Span
from headrace.sql.dialect import Headrace
from headrace.sql.reading.functions import INSTEAD
from headrace.sql.reading.names import folded
from headrace.sql.reading.problem import Problem, Refused

LONGEST = 100_000
"""Characters of a query."""

DEEPEST = 250
"""How far a query nests; a chain of 250 operators does so too."""

_QUERY = ("with_", "expressions", "from_", "joins", "where", "group", "having", "order", "limit", "offset", "distinct")
_SET = ("with_", "this", "expression", "distinct", "by_name", "order", "limit", "offset")

# What may be read, each with the parts it may have; for the rest, every part.
_PARTS: Mapping[type[exp.Expr], tuple[str, ...]] = {
    exp.Select: (*_QUERY, "windows"),
    exp.Union: _SET,
    exp.Intersect: _SET,
    exp.Except: _SET,
    exp.Subquery: ("this", "alias", "with_", "order", "limit", "offset"),
    exp.With: ("expressions", "recursive"),
    exp.CTE: ("this", "alias", "materialized"),
    exp.From: ("this",),
    exp.Join: ("this", "on", "using", "side", "kind"),
    exp.Table: ("this", "alias", "joins"),
    exp.TableAlias: ("this", "columns"),
    exp.Lateral: ("this", "alias"),
    exp.Values: ("expressions", "alias"),
    exp.Tuple: ("expressions",),
    exp.Where: ("this",),
    exp.Having: ("this",),
    exp.Group: ("expressions",),
    exp.Order: ("this", "expressions"),
    exp.Ordered: ("this", "desc", "nulls_first"),
    exp.Limit: ("expression",),
    exp.Offset: ("expression",),
    exp.Distinct: ("expressions", "on"),
    exp.Window: ("this", "partition_by", "order", "spec", "over", "alias"),
    exp.WindowSpec: ("kind", "start", "start_side", "end", "end_side", "exclude"),
    exp.Filter: ("this", "expression"),
    exp.WithinGroup: ("this", "expression"),
    exp.Column: ("this", "table"),
    exp.Star: (),
    exp.Cast: ("this", "to"),
    exp.In: ("this", "expressions", "query", "field"),
}

_WHOLE = (
    exp.Add,
    exp.Alias,
    exp.All,
    exp.And,
    exp.Anonymous,
    exp.Any,
    exp.AtTimeZone,
    exp.Between,
    exp.Boolean,
    exp.Case,
    exp.Collate,
    exp.CurrentTimestamp,
    exp.DPipe,
    exp.DataType,
    exp.DataTypeParam,
    exp.Div,
    exp.EQ,
    exp.Escape,
    exp.Exists,
    exp.Extract,
    exp.GT,
    exp.GTE,
    exp.ILike,
    exp.Identifier,
    exp.If,
    exp.Interval,
    exp.Is,
    exp.JSONExtract,
    exp.JSONExtractScalar,
    exp.JSONPath,
    exp.JSONPathKey,
    exp.JSONPathRoot,
    exp.JSONPathSubscript,
    exp.LT,
    exp.LTE,
    exp.Like,
    exp.Literal,
    exp.Mod,
    exp.Mul,
    exp.NEQ,
    exp.Neg,
    exp.Not,
    exp.Null,
    exp.NullSafeEQ,
    exp.NullSafeNEQ,
    exp.Or,
    exp.Overlay,
    exp.Parameter,
    exp.Paren,
    exp.Pow,
    exp.RegexpILike,
    exp.RegexpLike,
    exp.SimilarTo,
    exp.StrPosition,
    exp.Sub,
    exp.Substring,
    exp.Trim,
    exp.Var,
)

_ENDS = ("with_", "order", "limit", "offset")
_BRACKETS = ("Put that side in brackets.",)

_WRITES = (exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.Into, exp.DDL, exp.Command)


@dataclass(frozen=True, slots=True)
class Parsed:
    """A query that may be run, as far as its form goes.

    ``relations`` are the names that it reads and does not define, ``own`` those of its WITH, ``parameters`` those it
    takes as ``$name``. ``reads_clock``: now() is in it.
    """

    tree: exp.Query
    relations: tuple[str, ...]
    own: tuple[str, ...]
    parameters: tuple[str, ...]
    reads_clock: bool


def parse_query(text: str) -> Parsed | Problem:
    """The query, or what is wrong with it.

    >>> parse_query("select a from t join (select 1 as b) as u on true").relations
    ('t',)
    """
    try:
        return _parsed(text)
    except Refused as refused:
        return refused.problem


@lru_cache(maxsize=256)
def _parsed(text: str) -> Parsed:
    if len(text) > LONGEST:
        raise Refused("S251", limit=LONGEST)
    try:
        _one_query(text)
        (tree,) = Headrace().parse(text)
    except RecursionError:
        raise Refused("S252") from None
    except SqlglotError as error:
        raise _unreadable(error, text) from None
    if not isinstance(tree, exp.Query):
        raise Refused("S253", found="something else")
    try:
        if _depth(tree) > DEEPEST:
            raise Refused("S252")
        _look(tree)
        if not _is_printed_alike(tree):
            raise Refused("S252")
        relations = dict.fromkeys(name for name, _ in free_tables(tree))
    except RecursionError:
        raise Refused("S252") from None
    own = dict.fromkeys(folded(cte.args["alias"].this) for cte in tree.find_all(exp.CTE))
    parameters = dict.fromkeys(each.name for each in tree.find_all(exp.Parameter))
    clock = tree.find(exp.CurrentTimestamp) is not None or any(
        str(each.this).lower() == "now" for each in tree.find_all(exp.Anonymous)
    )
    return Parsed(tree, tuple(relations), tuple(own), tuple(parameters), clock)


def _depth(tree: exp.Expr) -> int:
    deepest, stack = 0, [(tree, 1)]
    while stack:
        node, depth = stack.pop()
        deepest = max(deepest, depth)
        stack.extend((child, depth + 1) for child in node.iter_expressions())
    return deepest


def _one_query(text: str) -> None:
    """Refuses what does not begin as a query, and more than one, before any of it is parsed."""
    tokens = Headrace().tokenize(text)
    while tokens and tokens[-1].token_type == TokenType.SEMICOLON:
        tokens.pop()
    if not tokens:
        raise Refused("S253", found="none")
    if any(token.token_type == TokenType.SEMICOLON for token in tokens):
        raise Refused("S253", found="more than one")
    if tokens[0].token_type not in (TokenType.SELECT, TokenType.WITH, TokenType.L_PAREN):
        raise Refused("S253", found=tokens[0].text.upper())


def read_again(text: str) -> exp.Query:
    """The tree of a query that has been parsed before, to be changed."""
    return _parsed(text).tree.copy()


def free_tables(tree: exp.Expr) -> Iterator[tuple[str, exp.Table]]:
    """The tables that a query reads and does not define itself, each with its name as PostgreSQL understands it."""
    for table in tree.find_all(exp.Table):
        if isinstance(table.this, exp.Identifier):
            name = folded(table.this)
            if not _is_defined(table, name):
                yield name, table


def _is_defined(table: exp.Table, name: str) -> bool:
    """Whether a WITH around the table defines its name: one before it in the list, or any where it is recursive."""
    node: exp.Expr | None = table
    inside: exp.Expr | None = None
    while node is not None:
        with_: exp.Expr | None = node.args.get("with_")
        if with_ is not None:
            for cte in with_.expressions:
                if inside is not None and cte is inside:
                    if with_.args.get("recursive") and folded(cte.args["alias"].this) == name:
                        return True
                    break
                if folded(cte.args["alias"].this) == name:
                    return True
        if isinstance(node, exp.CTE):
            inside = node
        node = node.parent
    return False


def _look(tree: exp.Query) -> None:
    for node in tree.walk():
        node.pop_comments()
        if isinstance(node, _WRITES):
            raise Refused("S254", node, found=_word(node))
        kind = type(node)
        if kind in _PARTS:
            for part, value in node.args.items():
                if value and part not in _PARTS[kind]:
                    hints = _SCHEMA_HINTS if part in ("db", "catalog") and kind is exp.Table else ()
                    found = _word(value if isinstance(value, exp.Expr) and part not in _PART_WORDS else node, part)
                    raise Refused("S255", node, hints, found=found)
        elif kind not in _WHOLE:
            hints = (INSTEAD["current_date"],) if kind is exp.CurrentDate else ()
            raise Refused("S255", node, hints, found=_word(node))
        if isinstance(node, exp.SetOperation):
            for operand in (node.this, node.expression):
                # In brackets it is a Subquery.
                if isinstance(operand, (exp.Select, exp.SetOperation)) and any(map(operand.args.get, _ENDS)):
                    word = type(node).__name__.upper()
                    raise Refused("S255", node, _BRACKETS, found=f"WITH, ORDER BY or LIMIT of one side of {word}")
        if kind is exp.Anonymous and not isinstance(node.this, str):
            raise Refused("S255", node, found="A function with a quoted name")


def _is_printed_alike(tree: exp.Query) -> bool:
    """Whether the query means the same when sqlglot has read and printed it: read again, it is the same tree."""
    plain = tree.transform(_power_called)
    again = Headrace().parse(Headrace().generate(plain))
    return len(again) == 1 and again[0] == plain


def _power_called(node: exp.Expr) -> exp.Expr:
    """``a ^ b`` is printed as the call of POWER that it is."""
    if isinstance(node, exp.Pow):
        return exp.Anonymous(this="POWER", expressions=[node.this, node.expression])
    return node


_WORDS: Mapping[type[exp.Expr], str] = {
    exp.Lock: "FOR UPDATE",
    exp.Into: "SELECT INTO",
    exp.TableSample: "TABLESAMPLE",
    exp.Fetch: "FETCH",
    exp.Unnest: "UNNEST",
    exp.CurrentDate: "CURRENT_DATE",
    exp.CurrentTime: "CURRENT_TIME",
    exp.Localtime: "LOCALTIME",
    exp.Localtimestamp: "LOCALTIMESTAMP",
    exp.ByteString: "A string with E or B before it",
    exp.UnicodeString: "A string with U& before it",
    exp.RawString: "A string between dollar signs",
    exp.Dot: "A function or type with its schema",
    exp.Array: "ARRAY",
    exp.Bracket: "A subscript",
    exp.JSONBExtract: "#>",
    exp.JSONBExtractScalar: "#>>",
}


_PART_WORDS: Mapping[str, str] = {
    "catalog": "A name with its database",
    "db": "A name with its schema",
    "locks": "FOR UPDATE or FOR SHARE",
    "method": "NATURAL",
}
_SCHEMA_HINTS = ("Make a table a source, orders: {table: shop.orders}, and name the source.",)


def _word(node: exp.Expr, part: str = "") -> str:
    """What something is called, for people."""
    known = _WORDS.get(type(node))
    if known is not None:
        return known
    if part in _PART_WORDS:
        return _PART_WORDS[part]
    return (part or type(node).__name__).replace("_", " ").strip().upper()


def _unreadable(error: SqlglotError, text: str) -> Refused:
    details = getattr(error, "errors", None) or [{}]
    detail = details[0]
    said = str(detail.get("description") or "it is not SQL that PostgreSQL reads").rstrip(".")
    near = str(detail.get("highlight") or "")
    refused = Refused("S250", near=near or "the end", reason=said[:1].lower() + said[1:])
    line, column = detail.get("line"), detail.get("col")
    if isinstance(line, int) and isinstance(column, int):
        lines = text.splitlines(keepends=True)
        end = min(sum(map(len, lines[: line - 1])) + column, len(text))
        span = Span(max(0, end - max(1, len(near))), end)
        refused.problem = Problem("S250", refused.problem.params, span)
    return refused
