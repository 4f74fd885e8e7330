"""What is known about tables and files before anything runs: columns, keys, row counts."""

from headrace.catalog.catalog import Catalog, FileFacts, TableFacts

__all__ = ["Catalog", "FileFacts", "TableFacts"]
