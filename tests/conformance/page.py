"""Writes ``docs/conformance.md``: how the cases of Substrait come out, and why some come out otherwise.

``python -m tests.conformance.page postgresql://postgres@127.0.0.1/postgres > docs/conformance.md``
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import closing

import psycopg2

from tests.conformance.substrait_cases import FOLDER, read_cases
from tests.conformance.substrait_runs import MEANINGS, Answer, run_cases

_HEAD = """# Conformance

Written by `python -m tests.conformance.page`; a test compares it with a run on PostgreSQL 15 and 18.

[Substrait](https://github.com/substrait-io/substrait) states function by function what should come out: for nulls,
overflow, rounding, text of several bytes, dates. Its cases were written by people who know nothing of Headrace. Each
function is mapped to the formula of the same meaning (`tests/conformance/meanings.yaml`), its arguments become columns,
and the formula is computed by PostgreSQL.

The cases stand in `tests/conformance/cases`, unchanged, with their source and licence.
"""


def page(answers: Sequence[Answer]) -> str:
    """The page, as Markdown."""
    return "\n".join([_HEAD, *_counts(answers), "", *_differences(answers), "", *_not_ours(answers)]) + "\n"


def summary(answers: Sequence[Answer]) -> str:
    """One line: ``742 cases: 672 attempted, 645 passed, 27 differ on purpose, 70 not ours``."""
    counts = Counter(answer.outcome for answer in answers)
    line = (
        f"{len(answers)} cases: {len(answers) - counts['not ours']} attempted, {counts['passed']} passed, "
        f"{counts['differs']} differ on purpose, {counts['not ours']} not ours"
    )
    return line + (f", {counts['wrong']} WRONG" if counts["wrong"] else "")


def _counts(answers: Sequence[Answer]) -> list[str]:
    lines = [
        f"{summary(answers)}.\n",
        "| function | formula | attempted | passed | differs | not ours |",
        "|---|---|---|---|---|---|",
    ]
    for function in sorted({answer.case.function for answer in answers}):
        outcomes = Counter(answer.outcome for answer in answers if answer.case.function == function)
        formulas = [text for name, text in MEANINGS["formulas"].items() if name.split("[")[0].split()[0] == function]
        formula = ", ".join(f"`{_letters(text)}`" for text in dict.fromkeys(formulas))
        attempted = sum(outcomes.values()) - outcomes["not ours"]
        cells = [f"`{function}`", formula.replace("|", "\\|"), attempted, outcomes["passed"], outcomes["differs"]]
        lines.append("| " + " | ".join(str(cell) for cell in [*cells, outcomes["not ours"]]) + " |")
    return lines


def _letters(formula: str) -> str:
    for position, letter in enumerate("xyz"):
        formula = formula.replace(f"{{{position}}}", letter)
    return formula


def _differences(answers: Sequence[Answer]) -> list[str]:
    lines = ["## Differs on purpose\n", "| cases | why |", "|---|---|"]
    for each in MEANINGS["differs"]:
        cases = [answer.case for answer in answers if answer.note == each["reason"]]
        first = f"`{cases[0].line}`".replace("|", "\\|") if cases else ""
        more = f" and {len(cases) - 1} more" if len(cases) > 1 else ""
        lines.append(f"| {first}{more} | {each['reason'].strip()} |")
    return lines


def _not_ours(answers: Sequence[Answer]) -> list[str]:
    lines = ["## Not ours\n", "| functions | why |", "|---|---|"]
    reasons = dict.fromkeys(answer.note for answer in answers if answer.outcome == "not ours")
    for reason in reasons:
        found = [answer.case for answer in answers if answer.note == reason and answer.outcome == "not ours"]
        functions = sorted({case.function for case in found})
        lines.append(f"| {', '.join(f'`{name}`' for name in functions)} ({len(found)} cases) | {reason} |")
    return lines


if __name__ == "__main__":
    with closing(psycopg2.connect(sys.argv[1])) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            print(page(run_cases(read_cases(FOLDER), cursor)), end="")
