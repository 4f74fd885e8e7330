"""What an engine lets a document do, and how much of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Policy:
    """Permissions and limits. The default is for documents from outside: they reach nothing but the catalog.

    - ``files``: sources may read files;
    - ``tables``: sources may read tables that the catalog does not list;
    - ``grants``: nodes may grant privileges;
    - ``sql_steps``: nodes may have steps of raw SQL, which read sources and nodes and nothing else;
    - ``sql_functions``: these may call functions that Headrace does not know, and what those do;
    - ``jinja``: steps of raw SQL may be templates;
    - ``nodes``, ``steps``: how many nodes a project may have, and steps in all;
    - ``values``: how many combinations of values a node may be expanded over;
    - ``columns``: how many columns all steps may have together;
    - ``tests``: how many tests of flows a project may have;
    - ``sql``: how many characters of SQL a program may have.
    """

    files: bool = False
    tables: bool = False
    grants: bool = False
    sql_steps: bool = False
    sql_functions: bool = False
    jinja: bool = False
    nodes: int = 2_000
    steps: int = 20_000
    values: int = 10_000
    columns: int = 200_000
    tests: int = 1_000
    sql: int = 50_000_000


OWNER = Policy(
    files=True,
    tables=True,
    grants=True,
    sql_steps=True,
    sql_functions=True,
    jinja=True,
    nodes=100_000,
    steps=1_000_000,
    values=100_000,
    columns=10_000_000,
    tests=100_000,
    sql=1_000_000_000,
)
"""For projects that their owner opens from a folder."""
