"""A chain of derive, select, rename and drop is one projection.

What a step computes stands in the place of the columns that read it, where it is read once or is cheap to compute
again; so does what an aggregate reads. What may be dear (a regular expression, a conversion of a text) is computed in a
step of its own where several columns read it, and a window over windows stays above them. A projection that gives the
columns it reads, and no others, vanishes.

before: project(project(scan sales, net = price - discount), net, tax = net * 0.2)
after:  project(scan sales, net = price - discount, tax = (price - discount) * 0.2)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from headrace.grammar.expression import Aggregate, Column, Expression, Literal, ParameterValue, Window, parameters_of
from headrace.plan import Aggregation, Expansion, Project, Relation, postorder, with_inputs
from headrace.plan.estimates import Estimates
from headrace.rules.failing import may_fail
from headrace.rules.rule import Rule
from headrace.rules.substitution import LONGEST, size_of, substituted

_CHEAP = 8
"""Parts of an expression that may be written, and computed, more than once."""

_LONG_CHAIN = 16
"""In a chain of more projections an expression is repeated up to ``LONGEST``: each level copies every column, too."""


def _rewrite(relation: Relation, _: Estimates) -> Relation:
    nodes = list(postorder(relation))
    if not any(isinstance(node, Project) for node in nodes):
        return relation
    return _Folding(nodes).of(relation)


@dataclass
class _Folding:
    nodes: list[Relation]
    readers: Counter[int] = field(init=False)
    varying: frozenset[str] = field(init=False)
    cheap: int = field(init=False)

    def __post_init__(self) -> None:
        self.readers = Counter(id(each) for node in self.nodes for each in node.inputs)
        expansions = (node for node in self.nodes if isinstance(node, Expansion))
        self.varying = frozenset(name for node in expansions for name in node.names.names)
        self.cheap = LONGEST if _longest_chain(self.nodes) > _LONG_CHAIN else _CHEAP

    def of(self, relation: Relation) -> Relation:
        made: dict[int, Relation] = {}
        for node in self.nodes:
            new = with_inputs(node, tuple(made[id(each)] for each in node.inputs))
            if isinstance(new, Project | Aggregation) and self.readers[id(node.inputs[0])] == 1:
                while isinstance(new.input, Project):
                    folded = self.folded(new, new.input)
                    if folded is None:
                        break
                    new = folded
            made[id(node)] = new.input if isinstance(new, Project) and _is_identity(new) else new
        return made[id(relation)]

    def folded(self, node: Project | Aggregation, inner: Project) -> Project | Aggregation | None:
        """The node over what the projection below it is over, or None."""
        values = dict(inner.columns)
        windows = {name for name, value in inner.columns if _has_window(value)}
        own = list(_expressions(node))
        if windows and not self.may_take_windows(node, own, windows):
            return None
        reads = Counter(name for value in own for name in _names_read(value))
        sizes: dict[str, int] = {}
        for name, count in reads.items():
            value = values[name]
            sizes[name] = size_of(value)
            if count > 1 and (sizes[name] > self.cheap or name in windows or may_fail(value)):
                return None
        for value in own:
            grown = 0 if isinstance(value, Column) else sum(sizes[name] for name in _names_read(value))
            if grown and grown + size_of(value) > LONGEST and not _only_columns(value, values):
                return None
        if isinstance(node, Aggregation):
            return _aggregated(node, inner, values)
        columns = tuple((name, _placed(value, values)) for name, value in node.columns)
        return replace(node, input=inner.input, columns=columns)

    def may_take_windows(self, node: Project | Aggregation, own: list[Expression], windows: set[str]) -> bool:
        """Whether windows may be computed with the node itself: no window is over them, and they are computed once for
        all values of an expansion as before."""
        if isinstance(node, Aggregation):
            return False
        if any(_has_window(value) and windows & set(_names_read(value)) for value in own):
            return False
        return not any(parameters_of(value) & self.varying for value in own)


def _longest_chain(nodes: Iterable[Relation]) -> int:
    lengths: dict[int, int] = {}
    for node in nodes:
        if isinstance(node, Project):
            lengths[id(node)] = lengths.get(id(node.input), 0) + 1
    return max(lengths.values(), default=0)


def _expressions(node: Project | Aggregation) -> Iterator[Expression]:
    columns = node.columns if isinstance(node, Project) else (*node.groups, *node.measures)
    return (value for _, value in columns)


def _names_read(value: Expression) -> Iterator[str]:
    """The columns that an expression reads, each as often as it does."""
    if isinstance(value, Column):
        yield value.name
        return
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Column):
            yield part.name
        else:
            waiting.extend(part.children)


def _has_window(value: Expression) -> bool:
    if isinstance(value, Column | Literal | ParameterValue):
        return False
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Window):
            return True
        waiting.extend(part.children)
    return False


def _only_columns(value: Expression, values: Mapping[str, Expression]) -> bool:
    return all(isinstance(values[name], Column) for name in _names_read(value))


def _placed(value: Expression, values: Mapping[str, Expression]) -> Expression:
    return values[value.name] if isinstance(value, Column) else substituted(value, values)


def _aggregated(node: Aggregation, inner: Project, values: Mapping[str, Expression]) -> Aggregation | None:
    """The aggregation over what the projection is over.

    Where a measure reads a group key beside its aggregates, PostgreSQL must see the very expression of the key in it:
    the key then stays a column.
    """
    beside = {name for _, value in node.measures for name in _names_beside_aggregates(value)}
    if any(not isinstance(values[name], Column) for name in beside):
        return None
    groups = tuple((name, _placed(value, values)) for name, value in node.groups)
    measures = tuple((name, substituted(value, values)) for name, value in node.measures)
    return replace(node, input=inner.input, groups=groups, measures=measures)


def _names_beside_aggregates(value: Expression) -> Iterator[str]:
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Column):
            yield part.name
        elif not isinstance(part, Aggregate):
            waiting.extend(part.children)


def _is_identity(node: Project) -> bool:
    given = node.input.schema.columns
    return len(given) == len(node.columns) and all(
        isinstance(value, Column) and name == value.name == column and value.type.same_as(type_)
        for (name, value), (column, type_) in zip(node.columns, given, strict=True)
    )


FOLD_PROJECTIONS = Rule("fold_projections", _rewrite)
