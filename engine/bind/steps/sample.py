"""``sample``: rows by a hash of what tells them apart and a seed, so that the same rows are taken every time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from headrace.bind.bound import Stream
from headrace.bind.checks import typed
from headrace.bind.context import Context, plain_columns
from headrace.grammar.expression import Cast, Column, Expression, Level, Order
from headrace.grammar.printer import print_name
from headrace.grammar.types import Schema, Type
from headrace.models.steps import Sample as SampleStep
from headrace.plan import Filter, Project, Relation, Sample
from headrace.plan.names import NameSpace

_WINDOW: tuple[Level, ...] = ("window",)
_TEXT = Type("text")
_HASHES = 2**128
"""How many values an MD5 hash can have."""


def bind(step: SampleStep, stream: Stream, context: Context) -> Stream | None:
    relation = stream.relation
    if step.share == 1:
        return stream
    # What is added to the rows serves for the choice alone.
    telling, told = _told_apart(relation, context.label)
    names = NameSpace(told.schema.names)
    hash_ = names.claim("hash")
    hashed = _with(told, {hash_: typed(_hash(telling, step.seed, told.schema), told)}, context.label)
    if step.share is not None:
        bound = format(min(int(step.share * _HASHES), _HASHES - 1), "032x")
        chosen = Filter(hashed, typed(f'{print_name(hash_)} < "{bound}"', hashed), step=context.label)
        return Stream(
            Project(chosen, plain_columns(chosen, relation.schema.names), step=context.label), stream.formulas
        )
    added = tuple(name for name in hashed.schema.names if name not in relation.schema)
    order = tuple(Order(Column(hashed.schema[name], name)) for name in (hash_, *telling))
    sample = Sample(hashed, step.rows or 0, order, hidden=added, step=context.label)
    return Stream(sample, stream.formulas)


def _told_apart(relation: Relation, label: str) -> tuple[list[str], Relation]:
    """Columns that tell the rows apart, and the relation with them, where no key is known among others of its own."""
    names = NameSpace(relation.schema.names)
    telling = sorted(relation.keys[0]) if relation.keys else []
    added: dict[str, Expression] = {}
    if not telling:
        telling = sorted(relation.schema.names)
        if not relation.keys:
            # Rows alike in all their columns are numbered; which of them has which number makes no difference.
            alike = ", ".join(print_name(name) for name in telling)
            number = names.claim("copy")
            added[number] = typed(f"row_number(per {alike} order by {print_name(telling[0])})", relation, _WINDOW)
            telling = [*telling, number]
    for place, name in enumerate(telling):
        type_ = relation.schema.get(name)
        if type_ is not None and type_.kind in ("interval", "null"):
            # There is no function that writes them as texts.
            telling[place] = names.claim(f"{name}_text")
            added[telling[place]] = Cast(_TEXT.with_null(type_.nullable), Column(type_, name))
    return telling, _with(relation, added, label)


def _hash(columns: Sequence[str], seed: int, schema: Schema) -> str:
    """The formula for the hash: of the seed and the values, written as texts."""
    texts = [f"to_text({print_name(name)})" for name in columns]
    parts = [
        f'coalesce({text}, "")' if schema[name].nullable else text for name, text in zip(columns, texts, strict=True)
    ]
    joined = ' & "|" & '.join([f'"{seed}"', *parts])
    return f"md5({joined})"


def _with(relation: Relation, added: Mapping[str, Expression], label: str) -> Relation:
    if not added:
        return relation
    columns = (*plain_columns(relation, relation.schema.names), *added.items())
    return Project(relation, columns, step=label)
