"""The plan: a relational algebra of small frozen nodes, each with schema, keys, row bounds and lineage."""

from headrace.plan.aggregation import Aggregation, Distinct
from headrace.plan.clock import Clock, clock_of
from headrace.plan.expansion import Expansion
from headrace.plan.joins import Join, JoinColumn, JoinKind
from headrace.plan.lineage import Lineage, Origin, lineage_of
from headrace.plan.ordering import Limit, Sort
from headrace.plan.rebuild import map_expressions, rebuild, with_inputs
from headrace.plan.relation import Key, Relation, RowBounds, postorder
from headrace.plan.rowwise import Filter, Project
from headrace.plan.scans import FileScan, NodeScan, Rows, Series, TableScan
from headrace.plan.set_operation import SetOperation
from headrace.plan.union import Union

__all__ = [
    "Aggregation",
    "Clock",
    "Distinct",
    "Expansion",
    "FileScan",
    "Filter",
    "Join",
    "JoinColumn",
    "JoinKind",
    "Key",
    "Limit",
    "Lineage",
    "NodeScan",
    "Origin",
    "Project",
    "Relation",
    "RowBounds",
    "Rows",
    "Series",
    "SetOperation",
    "Sort",
    "TableScan",
    "Union",
    "clock_of",
    "lineage_of",
    "map_expressions",
    "postorder",
    "rebuild",
    "with_inputs",
]
