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
    if meeting:
        _report_meeting(meeting, wanted, taken, context)
        return None
    return tuple(columns)


def _report_meeting(meeting: Sequence[str], wanted: Sequence[str], taken: Taken, context: Context) -> None:
    """Names that both sides have: once for the step, or for each that is asked for by name, where that stands."""
    rest = [name for name in wanted if taken.prefix + name not in meeting]
    asked = taken.columns or ()
    places: dict[str, list[str]] = {}
    for new in meeting:
        pointer = taken.at(asked.index(new)) if new in asked else taken.pointer
        places.setdefault(pointer, []).append(new)
    for pointer, names in places.items():
        first = names[0]
        hints = [f"For example: prefix: {taken.other}_{taken.prefix}, which gives {taken.other}_{first}."]
        if rest:
            without = "it" if len(names) == 1 else "them"
            hints.append(f"Or without {without}: columns: [{', '.join(rest)}].")
        some = f"{', '.join(names[:12])}{' …' if len(names) > 12 else ''}"
        found = f"a column {first}" if len(names) == 1 else f"columns {some}"
        context.report("S131", pointer, found=found, names=names, hints=hints)


def _key_type(kind: JoinKind, ours: Type, theirs: Type) -> Type:
    if kind == "right":
        return theirs
    if kind == "full":
        common = common_type(ours, theirs) or ours
        return common.with_null(ours.nullable or theirs.nullable)
    if kind == "inner":
        return ours.with_null(False)
    return ours
