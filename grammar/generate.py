"""Writes ``table.py`` from ``formula.lark``: run ``python -m headrace.grammar.generate`` after changing the grammar.

Lark reads the grammar, checks that it is LALR(1), and computes the parse table. Doing that, and importing Lark, takes
some 200 ms, more than compiling a project; reading the table takes two. ``tests/grammar/test_table.py`` fails when
the table is not the grammar's.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lark import Lark

GRAMMAR = Path(__file__).with_name("formula.lark")
TABLE = Path(__file__).with_name("table.py")

_HEAD = '''"""The parse table of ``formula.lark``, written by ``grammar/generate.py``: do not edit.

- ``TERMINALS``: name and pattern, in the order in which a lexer tries them; ``IGNORED`` are skipped;
- ``RULES``: what a rule makes, how many parts it has, and the ``Builder`` method that makes it ("" passes its one
  part on);
- ``STATES``: for each state pairs of a terminal or rule and a number: the state to go to, or -1 - n to reduce by
  rule n. Parsing begins in state 0 and ends in ``END``.
"""

# ruff: noqa: E501  (generated, one row a line)
# fmt: off
'''


def read_grammar() -> Lark:
    """The grammar as Lark reads it; it raises where the grammar is not LALR(1)."""
    from lark import Lark

    text = GRAMMAR.read_text("utf-8")
    return Lark(text, parser="lalr", lexer="contextual", keep_all_tokens=True, maybe_placeholders=False)


def generate() -> str:
    """The text of ``table.py``: the same for the same grammar, whatever the order of Lark's sets."""
    lark = read_grammar()
    table: Any = lark.parser.parser._parse_table
    order = _order_states(table.states, table.start_states["start"])
    terminals = sorted(lark.terminals, key=lambda t: (-t.priority, -len(t.pattern.value), t.name))
    rules = sorted({_describe(rule) for rule in _reductions(table.states)})
    lines = [_HEAD]
    lines.append("TERMINALS: tuple[tuple[str, str], ...] = (")
    lines += [f"    {(t.name, t.pattern.to_regexp())!r}," for t in terminals if t.name not in lark.ignore_tokens]
    lines.append(")")
    lines.append("IGNORED: tuple[str, ...] = (")
    lines += [f"    {t.pattern.to_regexp()!r}," for t in terminals if t.name in lark.ignore_tokens]
    lines.append(")")
    lines.append("RULES: tuple[tuple[str, int, str], ...] = (")
    lines += [f"    {rule!r}," for rule in rules]
    lines.append(")")
    lines.append("STATES: tuple[tuple[str | int, ...], ...] = (")
    for state in order:
        row: list[str | int] = []
        for symbol, (action, argument) in sorted(table.states[state].items()):
            shift = action.name == "Shift"
            row += [str(symbol), order[argument] if shift else -1 - rules.index(_describe(argument))]
        lines.append(f"    {tuple(row)!r},")
    lines.append(")")
    lines.append(f"END = {order[table.end_states['start']]}")
    return "\n".join(lines) + "\n"


def _order_states(states: Any, start: int) -> dict[int, int]:
    """Each state's number in the order in which they are reached from the start, symbols in alphabetical order."""
    order = {start: 0}
    queue = [start]
    for state in queue:
        for _, (action, argument) in sorted(states[state].items()):
            if action.name == "Shift" and argument not in order:
                order[argument] = len(order)
                queue.append(argument)
    return order


def _reductions(states: Any) -> Iterator[Any]:
    for row in states.values():
        for action, argument in row.values():
            if action.name != "Shift":
                yield argument


def _describe(rule: Any) -> tuple[str, int, str]:
    passes = rule.options.expand1 and not rule.alias and len(rule.expansion) == 1
    return str(rule.origin.name), len(rule.expansion), "" if passes else str(rule.alias or rule.origin.name)


if __name__ == "__main__":
    TABLE.write_text(generate(), "utf-8")
