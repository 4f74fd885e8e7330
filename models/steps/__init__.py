"""Steps of a node, one file each; ``STEPS`` maps the key of a step to its model."""

from collections.abc import Mapping

from headrace.models.steps.aggregate import Aggregate
from headrace.models.steps.dedupe import Dedupe
from headrace.models.steps.derive import Derive
from headrace.models.steps.distinct import Distinct
from headrace.models.steps.drop import Drop
from headrace.models.steps.except_ import Except
from headrace.models.steps.expect import Expect, Expectation
from headrace.models.steps.fill import Fill
from headrace.models.steps.filter import Filter
from headrace.models.steps.intersect import Intersect
from headrace.models.steps.join import Join, JoinKind
from headrace.models.steps.limit import Limit
from headrace.models.steps.lookup import Lookup
from headrace.models.steps.output_column import OutputColumn
from headrace.models.steps.pivot import Pivot
from headrace.models.steps.rename import Rename
from headrace.models.steps.sample import Sample
from headrace.models.steps.select import Select
from headrace.models.steps.sort import Sort
from headrace.models.steps.sort_key import SortKey
from headrace.models.steps.split import Split
from headrace.models.steps.sql import Sql
from headrace.models.steps.step import InvalidStep, Step, StepNotes
from headrace.models.steps.union import Union
from headrace.models.steps.unpivot import Unpivot

STEPS: Mapping[str, type[Step]] = {
    step.word: step
    for step in (
        Select,
        Drop,
        Rename,
        Derive,
        Filter,
        Aggregate,
        Join,
        Lookup,
        Union,
        Intersect,
        Except,
        Fill,
        Sample,
        Distinct,
        Dedupe,
        Sort,
        Limit,
        Pivot,
        Unpivot,
        Split,
        Expect,
        Sql,
    )
}

LATER_STEPS: tuple[str, ...] = ("python",)
"""Steps that the language has and this version does not."""

__all__ = [
    "LATER_STEPS",
    "STEPS",
    "Aggregate",
    "Dedupe",
    "Derive",
    "Distinct",
    "Drop",
    "Except",
    "Expect",
    "Expectation",
    "Fill",
    "Filter",
    "Intersect",
    "InvalidStep",
    "Join",
    "JoinKind",
    "Limit",
    "Lookup",
    "OutputColumn",
    "Pivot",
    "Rename",
    "Sample",
    "Select",
    "Sort",
    "SortKey",
    "Split",
    "Sql",
    "Step",
    "StepNotes",
    "Union",
    "Unpivot",
]
