"""The columns that come out of a join: ours, and those taken from the other side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from headrace.bind.context import Context
from headrace.bind.join_keys import JoinKeys
from headrace.grammar.types import Schema, Type, common_type
from headrace.plan import JoinColumn, JoinKind


@dataclass(frozen=True, slots=True)
class Taken:
    """What a step says of the columns of the other side: which (None: all but its keys), and what goes before their
    names. ``at`` gives the pointer of one of them, ``pointer`` that of the step, ``other`` the name of the side."""

    columns: Sequence[str] | None
    prefix: str
    at: Callable[[int], str]
    pointer: str
    other: str


def join_columns(
    kind: JoinKind, left: Schema, right: Schema, keys: JoinKeys, taken: Taken, context: Context
) -> tuple[JoinColumn, ...] | None:
    """The columns, each with the type it has in a join of that kind; None after reporting names that meet."""
    if kind in ("semi", "anti"):
        return tuple(JoinColumn(name, name, None, type_) for name, type_ in left)
    ours, theirs = keys.left.schema, keys.right.schema
    left_may_lack, right_may_lack = kind in ("right", "full"), kind in ("left", "full")
    columns = []
    for name, type_ in ours:
        partner = keys.shared.get(name)
        if name in keys.hidden:
            continue
        if partner is None:
            columns.append(JoinColumn(name, name, None, type_.with_null(type_.nullable or left_may_lack)))
        else:
            columns.append(JoinColumn(name, name, partner, _key_type(kind, type_, theirs[partner])))
    names = {column.name for column in columns}
    partners = set(keys.shared.values())
    if taken.columns is None:
        wanted: list[str] | None = [name for name in right.names if name not in partners]
    else:
        wanted = context.columns(taken.columns, taken.at, right)
    if wanted is None:
        return None
    meeting = []
    for name in wanted:
        new = taken.prefix + name
        if taken.columns is not None and keys.shared.get(new) == name:
            continue  # A key that both sides call so comes out once, also where it is asked for.
        if new in names:
            meeting.append(new)
            continue
        names.add(new)
        type_ = theirs[name]
        columns.append(JoinColumn(new, None, name, type_.with_null(type_.nullable or right_may_lack)))
    for new in meeting:
        rest = [name for name in wanted if taken.prefix + name not in meeting]
        hints = [f"For example: prefix: {taken.other}_{taken.prefix}, which gives {taken.other}_{new}."]
        if rest:
            hints.append(f"Or without it: columns: [{', '.join(rest)}].")
        index = taken.columns.index(new) if taken.columns is not None and new in taken.columns else None
        context.report("S131", taken.at(index) if index is not None else taken.pointer, found=new, hints=hints)
    return None if meeting else tuple(columns)


def _key_type(kind: JoinKind, ours: Type, theirs: Type) -> Type:
    if kind == "right":
        return theirs
    if kind == "full":
        common = common_type(ours, theirs) or ours
        return common.with_null(ours.nullable or theirs.nullable)
    if kind == "inner":
        return ours.with_null(False)
    return ours
