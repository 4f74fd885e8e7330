"""Functions that look from a row at other rows: ``rank(per country order by amount desc)``."""

from __future__ import annotations

from headrace.grammar.function import Constant, Example, Function, signature

_ROWS = (("x integer",), (10,), (20,), (20,), (30,))
_STEP = Constant(required=False, minimum=0)

_RANKS = (
    Function(
        "row_number",
        "windows",
        "window",
        (signature("", "integer", "ROW_NUMBER()"),),
        "The number of the row in the order given, from 1; no two rows have the same.",
        (Example("row_number(order by x)", "4", rows=_ROWS), Example("row_number(order by x desc)", "1", rows=_ROWS)),
        nulls="never",
        order="total",
    ),
    Function(
        "rank",
        "windows",
        "window",
        (signature("", "integer", "RANK()"),),
        "The place of the row in the order given; equal rows share a place, and places after them are left out.",
        (Example("rank(order by x)", "4", rows=_ROWS), Example("rank(order by x desc)", "1", rows=_ROWS)),
        nulls="never",
        order="ties",
        caution="RANK(value, list) of spreadsheets is rank(order by value desc).",
    ),
    Function(
        "dense_rank",
        "windows",
        "window",
        (signature("", "integer", "DENSE_RANK()"),),
        "The place of the row in the order given; equal rows share a place, and none is left out.",
        (Example("dense_rank(order by x)", "3", rows=_ROWS),),
        nulls="never",
        order="ties",
    ),
    Function(
        "percent_rank",
        "windows",
        "window",
        (signature("", "float", "PERCENT_RANK()"),),
        "The share of the other rows that come before the row, 0 to 1.",
        (Example("percent_rank(order by x)", "1", rows=_ROWS),),
        nulls="never",
        order="ties",
    ),
    Function(
        "cume_dist",
        "windows",
        "window",
        (signature("", "float", "CUME_DIST()"),),
        "The share of the rows that come before the row or equal it, above 0 to 1.",
        (Example("cume_dist(order by x desc)", "0.25", rows=_ROWS),),
        nulls="never",
        order="ties",
    ),
    Function(
        "ntile",
        "windows",
        "window",
        (
            signature(
                "integer",
                "integer",
                "NTILE({0:int})",
                outside="CAST({} AS BIGINT)",
                constants={0: Constant(required=False, minimum=1)},
            ),
        ),
        "The rows in the order given, cut into as many equal groups (give or take one): the group's number, from 1.",
        (Example("ntile(2 order by x)", "2", rows=_ROWS), Example("ntile(4 order by x desc)", "1", rows=_ROWS)),
        order="total",
    ),
    Function(
        "is_first",
        "windows",
        "window",
        (signature("", "boolean", "ROW_NUMBER()", outside="{} = 1"),),
        "Whether the row is the first in the order given: is_first(per customer_id order by day).",
        (
            Example("is_first(order by x)", "false", rows=_ROWS),
            Example("is_first(order by x desc)", "true", rows=_ROWS),
        ),
        nulls="never",
        order="total",
    ),
    Function(
        "is_last",
        "windows",
        "window",
        (signature("", "boolean", "LEAD(1)", outside="{} IS NULL"),),
        "Whether the row is the last in the order given.",
        (Example("is_last(order by x)", "true", rows=_ROWS), Example("is_last(order by x desc)", "false", rows=_ROWS)),
        nulls="never",
        order="total",
    ),
)


def _neighbour(name: str, where: str, examples: tuple[Example, ...], *aliases: str) -> Function:
    call = name.upper()
    return Function(
        name,
        "windows",
        "window",
        (
            signature("any", "argument 0", f"{call}({{0:typed}})"),
            signature("any, integer", "argument 0", f"{call}({{0:typed}}, {{1:int}})", constants={1: _STEP}),
            signature("same, integer, same", "same", f"{call}({{0:typed}}, {{1:int}}, {{2}})", constants={1: _STEP}),
        ),
        f"The value on the row {where} in the order given, or on the one so many rows {where.split()[0]};"
        " where there is none, null or the third argument.",
        examples,
        aliases=aliases,
        nulls="custom",
        order="total",
    )


_NEIGHBOURS = (
    _neighbour(
        "lag",
        "before",
        (
            Example("lag(x order by x)", "20", rows=_ROWS),
            Example("lag(x, 3 order by x)", "10", rows=_ROWS),
            Example("lag(x order by x desc)", None, rows=_ROWS),
            Example("lag(x, 1, 0 order by x desc)", "0", rows=_ROWS),
        ),
        "previous",
    ),
    _neighbour(
        "lead",
        "after",
        (
            Example("lead(x order by x)", None, rows=_ROWS),
            Example("lead(x order by x desc)", "20", rows=_ROWS),
            Example("lead(x, 1, 0 order by x)", "0", rows=_ROWS),
        ),
        "next",
    ),
    Function(
        "nth_value",
        "windows",
        "window",
        (
            signature(
                "any, integer",
                "argument 0",
                "NTH_VALUE({0:typed}, {1:int})",
                constants={1: Constant(required=False, minimum=1)},
            ),
        ),
        "The value on the n-th row in the order given, from 1; null where there are fewer.",
        (
            Example("nth_value(x, 2 order by x)", "20", rows=_ROWS),
            Example("nth_value(x, 9 order by x)", None, rows=_ROWS),
        ),
        nulls="custom",
        order="total",
        whole=True,
    ),
)

FUNCTIONS: tuple[Function, ...] = (*_RANKS, *_NEIGHBOURS)
