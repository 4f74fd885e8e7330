"""The keys of a join: pairs of a column or formula over each side, made pairs of columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from headrace.bind.bound import Stream
from headrace.bind.context import Context, plain_columns
from headrace.grammar import tree
from headrace.grammar.expression import Column, Expression
from headrace.grammar.parse import parse
from headrace.grammar.types import Type, common_type
from headrace.plan import Project, Relation
from headrace.plan.names import NameSpace


@dataclass(frozen=True, slots=True)
class JoinKeys:
    """Both sides with a column for every key, and the pairs of columns that must be equal.

    ``shared`` maps columns of the left to their partner on the right: keys that come out as one column. ``hidden`` are
    columns of the left that only the join needs.
    """

    left: Relation
    right: Relation
    on: tuple[tuple[str, str], ...]
    shared: dict[str, str]
    hidden: frozenset[str]


def bind_keys(
    by: Sequence[tuple[str, str]], left: Stream, right: Stream, context: Context, pointer: str
) -> JoinKeys | None:
    """The keys as columns; those written as formulas are computed first. None after reporting.

    A key column has our name; where ours is a formula and theirs a column whose name is free, theirs.
    """
    ours_made: list[tuple[str, Expression]] = []
    theirs_made: list[tuple[str, Expression]] = []
    names = NameSpace((*left.relation.schema.names, *right.relation.schema.names))
    on: list[tuple[str, str]] = []
    shared: dict[str, str] = {}
    hidden: set[str] = set()
    sound = True
    for ours_text, theirs_text in by:
        ours = _side(ours_text, left, context, pointer)
        theirs = _side(theirs_text, right, context, pointer)
        if ours is None or theirs is None:
            sound = False
            continue
        if not _fit(ours_text, ours.type, theirs_text, theirs.type, context, pointer):
            sound = False
            continue
        their_name = theirs.name if isinstance(theirs, Column) else names.claim(f"key_{len(on) + 1}")
        if not isinstance(theirs, Column):
            theirs_made.append((their_name, theirs))
        if isinstance(ours, Column):
            our_name = ours.name
            shared.setdefault(our_name, their_name)
        elif isinstance(theirs, Column) and their_name not in left.relation.schema and their_name not in shared:
            our_name = their_name
            shared[our_name] = their_name
            ours_made.append((our_name, ours))
        else:
            our_name = names.claim(f"key_{len(on) + 1}")
            hidden.add(our_name)
            ours_made.append((our_name, ours))
        on.append((our_name, their_name))
    if not sound:
        return None
    return JoinKeys(
        _with(left.relation, ours_made, f"{context.label}_ours"),
        _with(right.relation, theirs_made, f"{context.label}_theirs"),
        tuple(on),
        shared,
        frozenset(hidden),
    )


def _side(text: str, stream: Stream, context: Context, pointer: str) -> Expression | None:
    """A key of one side: its column of that name, or else the formula."""
    schema = context.visible(stream.relation.schema)
    name = text
    if text not in schema:
        written = parse(text).tree
        if not isinstance(written, tree.Name) or len(written.path) > 1 or written.path[0] in stream.formulas:
            return context.formula(text, pointer, context.scope(stream))
        name = written.path[0]
    type_ = context.column(name, pointer, schema)
    return None if type_ is None else Column(type_, name)


def _fit(ours: str, our_type: Type, theirs: str, their_type: Type, context: Context, pointer: str) -> bool:
    if common_type(our_type, their_type) is not None:
        return True
    hints = ["A key may be a formula that makes one the type of the other."]
    if "text" in (our_type.kind, their_type.kind):
        sides = ((ours, our_type), (theirs, their_type))
        texts = [text if type_.kind == "text" else f"to_text({text})" for text, type_ in sides]
        hints = [f"A key may be a formula: {{{': '.join(texts)}}}."]
    types = {"left_type": str(our_type), "right_type": str(their_type)}
    context.report("S130", pointer, left=ours, right=theirs, hints=hints, **types)
    return False


def _with(relation: Relation, made: list[tuple[str, Expression]], step: str) -> Relation:
    if not made:
        return relation
    return Project(relation, (*plain_columns(relation, relation.schema.names), *made), step=step)
