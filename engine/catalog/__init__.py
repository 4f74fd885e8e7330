"""What is known before anything runs: columns, keys and row counts of tables, headers of files, values of pivots."""

from headrace.catalog.catalog import Catalog, FileFacts, TableFacts
from headrace.catalog.pivots import PivotFacts
from headrace.catalog.statistics import ColumnStatistics, Statistics

__all__ = ["Catalog", "ColumnStatistics", "FileFacts", "PivotFacts", "Statistics", "TableFacts"]
