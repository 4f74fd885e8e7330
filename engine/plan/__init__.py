"""The plan: a relational algebra of small frozen nodes, each with schema, keys, row bounds and lineage."""

from headrace.plan.aggregation import Aggregation, Distinct
from headrace.plan.assured import Assured, Known
from headrace.plan.clock import Clock, clock_of
from headrace.plan.derivation import Derivation, Use
from headrace.plan.expansion import Expansion, Strategy
from headrace.plan.joins import Join, JoinColumn, JoinKind
from headrace.plan.lineage import ColumnLineage, Edge, Lineage, Made, Origin, lineage_of
from headrace.plan.ordering import InOrder, Limit, Sample, Sort, in_order, sorted_relation
from headrace.plan.rebuild import map_expressions, rebuild, with_inputs
from headrace.plan.relation import Key, Relation, RowBounds, postorder
from headrace.plan.rowwise import Filter, Project
from headrace.plan.scans import FileScan, NodeScan, Rows, Series, TableScan
from headrace.plan.series_between import SeriesBetween
from headrace.plan.set_operation import SetOperation
from headrace.plan.split import Split
from headrace.plan.sql_query import SqlQuery
from headrace.plan.union import Union
from headrace.plan.unpivoting import Unpivot

__all__ = [
    "Aggregation",
    "Assured",
    "Clock",
    "ColumnLineage",
    "Derivation",
    "Distinct",
    "Edge",
    "Expansion",
    "FileScan",
    "Filter",
    "InOrder",
    "Join",
    "JoinColumn",
    "JoinKind",
    "Key",
    "Known",
    "Limit",
    "Lineage",
    "Made",
    "NodeScan",
    "Origin",
    "Project",
    "Relation",
    "RowBounds",
    "Rows",
    "Sample",
    "Series",
    "SeriesBetween",
    "SetOperation",
    "Sort",
    "Split",
    "SqlQuery",
    "Strategy",
    "TableScan",
    "Union",
    "Unpivot",
    "Use",
    "clock_of",
    "in_order",
    "lineage_of",
    "map_expressions",
    "postorder",
    "rebuild",
    "sorted_relation",
    "with_inputs",
]
