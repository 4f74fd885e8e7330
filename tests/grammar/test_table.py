"""The checked-in parse table is the grammar's, and is run as Lark would run it."""

from __future__ import annotations

import re
import subprocess
import sys
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headrace.grammar import generate
from headrace.grammar.parse import parse
from headrace.grammar.printer import print_tree
from headrace.grammar.table import STATES, TERMINALS
from headrace.grammar.tree import Node
from headrace.grammar.words import RESERVED, UNITS
from tests.grammar.test_parse import CALLS, OPERATORS, VALUES
from tests.grammar.trees import trees


@cache
def _lark() -> Any:
    return generate.read_grammar()


def test_the_table_is_the_grammars() -> None:
    """It fails when formula.lark was changed: run python -m headrace.grammar.generate."""
    assert generate.generate() == generate.TABLE.read_text("utf-8")


def _lark_reads(formula: str) -> bool:
    from lark.exceptions import UnexpectedInput

    try:
        _lark().parse(formula)
    except UnexpectedInput:
        return False
    return True


@pytest.mark.parametrize("formula", [*VALUES, *OPERATORS, *CALLS])
def test_lark_reads_what_we_read(formula: str) -> None:
    assert _lark_reads(formula.strip().removeprefix("="))


@given(trees)
@settings(max_examples=60, deadline=None)
def test_lark_reads_what_we_print(tree: Node) -> None:
    assert _lark_reads(print_tree(tree))


_WORDS = st.sampled_from(
    [*sorted(RESERVED), "a", "12", "(", ")", ",", "+", "f(", "order by", "rows 7", "12 days", "=", "as"]
)


@given(st.lists(_WORDS, max_size=8))
@settings(max_examples=300, deadline=None)
def test_lark_refuses_what_we_refuse(words: list[str]) -> None:
    """But for what Builder refuses: clauses said twice, ``as`` and ``from`` in other calls."""
    formula = " ".join(words).lstrip("= ")
    parsed = parse(formula)
    if parsed.tree is not None or parsed.diagnostics[0].code not in ("F021", "F022", "F023"):
        assert _lark_reads(formula) == (parsed.tree is not None)


def test_the_reserved_words_are_those_the_grammar_takes_everywhere() -> None:
    patterns = dict(TERMINALS)
    excluded = re.search(r"\(\?!\(\?:([a-z|]+)\)", patterns["NAME"])
    assert excluded is not None
    assert set(excluded.group(1).split("|")) == RESERVED
    for word in RESERVED:
        kinds = [kind for kind, pattern in TERMINALS if kind != "TYPE" and re.fullmatch(pattern, word)]
        assert len(kinds) == 1


def test_the_units_are_the_grammars() -> None:
    pattern = dict(TERMINALS)["UNIT"]
    for unit in UNITS:
        assert re.fullmatch(pattern, unit)
        assert re.fullmatch(pattern, unit + "s")
    assert pattern.count("|") == len(UNITS) - 1


def test_no_two_words_can_be_meant_at_one_place() -> None:
    """Where a name could stand, no word that is also a name is tried, but for those told apart by what follows."""
    told_apart = {"FUNCTION", "ORDER_BY", "RANGE", "ROWS"}
    patterns = dict(TERMINALS)
    for row in STATES:
        kinds = {str(kind) for kind in row[::2]}
        if "NAME" not in kinds:
            continue
        for kind in kinds & patterns.keys() - told_apart - {"NAME"}:
            for word in ("asc", "desc", "as", "from", "months", "rows", "order", "nulls first", "nulls last"):
                assert not re.fullmatch(patterns[kind], word), (kind, word)


def test_parsing_needs_no_lark() -> None:
    script = (
        "import sys; from headrace.grammar.parse import parse; "
        "assert parse('sum(a where b)').tree; assert parse('a b').diagnostics; "
        "sys.exit('lark' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
