"""One binder a step: ``bind(step, stream, context)`` gives the stream after it, or None after reporting."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from headrace.bind.bound import Stream
from headrace.bind.context import Context
from headrace.bind.steps import (
    aggregate,
    dedupe,
    derive,
    distinct,
    drop,
    except_,
    expect,
    fill,
    filter,
    intersect,
    join,
    limit,
    lookup,
    pivot,
    rename,
    sample,
    select,
    sort,
    split,
    union,
    unpivot,
)

Binder = Callable[[Any, Stream, Context], Stream | None]


def _sql(step: Any, stream: Stream, context: Context) -> Stream | None:
    # Reading SQL takes a tenth of a second to load, and most projects write none.
    from headrace.bind.steps import sql

    return sql.bind(step, stream, context)


BINDERS: Mapping[str, Binder] = {
    "select": select.bind,
    "drop": drop.bind,
    "rename": rename.bind,
    "derive": derive.bind,
    "filter": filter.bind,
    "aggregate": aggregate.bind,
    "join": join.bind,
    "lookup": lookup.bind,
    "union": union.bind,
    "intersect": intersect.bind,
    "except": except_.bind,
    "fill": fill.bind,
    "sample": sample.bind,
    "distinct": distinct.bind,
    "dedupe": dedupe.bind,
    "sort": sort.bind,
    "limit": limit.bind,
    "pivot": pivot.bind,
    "unpivot": unpivot.bind,
    "split": split.bind,
    "expect": expect.bind,
    "sql": _sql,
}
"""By the step's key in the document."""
