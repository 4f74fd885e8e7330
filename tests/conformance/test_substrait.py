"""The cases of Substrait come out as they say, or otherwise for a reason that is written down."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import psycopg2
import pytest

from headrace.run.embedded import Server
from tests.conformance.page import page, summary
from tests.conformance.substrait_cases import FOLDER, read_cases, split
from tests.conformance.substrait_runs import MEANINGS, Answer, run_cases

PAGE = Path(__file__).resolve().parents[2] / "docs" / "conformance.md"


@pytest.fixture(scope="module")
def answers(server: Server) -> Iterator[Sequence[Answer]]:
    connection = psycopg2.connect(server.url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        yield run_cases(read_cases(FOLDER), cursor)
    connection.close()


def test_no_case_comes_out_wrong(answers: Sequence[Answer]) -> None:
    wrong = [f"{each.case.line} → {each.note}" for each in answers if each.outcome == "wrong"]
    assert wrong == []
    print(summary(answers))


def test_every_case_is_answered(answers: Sequence[Answer]) -> None:
    """Each function is mapped, or said to be none of ours; most cases are attempted."""
    mapped = {name.split("[")[0].split()[0] for name in MEANINGS["formulas"]}
    assert {each.case.function for each in answers} == mapped | set(MEANINGS["not_ours"])
    attempted = [each for each in answers if each.outcome != "not ours"]
    assert len(attempted) > 600
    assert len(attempted) / len(answers) > 0.85


def test_every_reason_is_needed(answers: Sequence[Answer]) -> None:
    """A difference that is none any more is taken off the list."""
    used = {each.note for each in answers if each.outcome == "differs"}
    assert used == {each["reason"] for each in MEANINGS["differs"]}


def test_the_page_is_current(answers: Sequence[Answer]) -> None:
    current = PAGE.read_text(encoding="utf-8") == page(answers)
    assert current, "write it again: python -m tests.conformance.page URL > docs/conformance.md"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", []),
        ("1::i8, 2::i8", ["1::i8", "2::i8"]),
        ("'a, b'::str, 2.5::dec<3, 1>", ["'a, b'::str", "2.5::dec<3, 1>"]),
        ("(1.0), (2.0)", ["(1.0)", "(2.0)"]),
    ],
)
def test_arguments_are_told_apart(text: str, parts: list[str]) -> None:
    assert split(text) == parts
