"""Trees on the terminal, drawn with lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field


@dataclass
class Branch:
    """A line and what hangs on it."""

    text: str
    branches: list[Branch] = field(default_factory=list)


def tree_lines(roots: Sequence[Branch]) -> Iterator[str]:
    """The lines of trees, one under the other.

    >>> print("\\n".join(tree_lines([Branch("a", [Branch("b", [Branch("c")]), Branch("d")])])))
    a
    ├── b
    │   └── c
    └── d
    """
    stack = [(root, "", "") for root in reversed(roots)]
    while stack:
        branch, before, indent = stack.pop()
        yield before + branch.text
        last = len(branch.branches) - 1
        for index in range(last, -1, -1):
            is_last = index == last
            line = indent + ("└── " if is_last else "├── ")
            stack.append((branch.branches[index], line, indent + ("    " if is_last else "│   ")))
