"""The exact words about YAML that cannot be read, or that takes formulas apart, and the document read nevertheless.

Each case of the files beside this one has the ``text``, what it ``says`` (in order), and the ``data`` that reading
goes on with.

Seen at dbt-labs/dbt-fusion#1117, dbt-labs/dbt-core#1325, dbt-labs/dbt-core#2499, dbt-labs/dbt-core#1469,
dbt-labs/dbt-core#9545.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from headrace.models import read_yaml

FOLDER = Path(__file__).parent


def _cases() -> list[Any]:
    found = []
    for path in sorted(FOLDER.glob("*.yaml")):
        for number, case in enumerate(yaml.safe_load(path.read_text("utf-8"))):
            found.append(pytest.param(case, id=f"{path.stem}-{number}"))
    return found


CASES = _cases()


@pytest.mark.parametrize("case", CASES)
def test_the_words(case: dict[str, Any]) -> None:
    reading = read_yaml(case["text"])
    said = [
        {
            "code": each.code,
            "at": [each.line, each.column],
            "message": each.message,
            **({"hints": list(each.hints)} if each.hints else {}),
        }
        for each in reading.diagnostics
    ]
    assert said == case["says"]
    assert reading.data == case["data"]


def _mendings(case: dict[str, Any]) -> list[Any]:
    return [each.params for each in read_yaml(case["text"]).diagnostics if "mended" in each.params]


def _offers_a_line(case: dict[str, Any]) -> bool:
    return any(hint.startswith("Write:") for said in case["says"] for hint in said.get("hints", ()))


MENDED = [each for each in CASES if _offers_a_line(each.values[0])]


@pytest.mark.parametrize("case", CASES)
def test_a_line_that_is_offered_is_given_to_hosts_too(case: dict[str, Any]) -> None:
    assert bool(_mendings(case)) == _offers_a_line(case)


@pytest.mark.parametrize("case", MENDED)
def test_the_mended_line_is_right(case: dict[str, Any]) -> None:
    """The document with each mended line in place of the broken one reads without a word, and to the same data."""
    lines = case["text"].split("\n")
    for mending in _mendings(case):
        first, new = mending["mended_from"] - 1, mending["mended"]
        lines[first : first + len(new)] = new
    reading = read_yaml("\n".join(lines))
    assert reading.diagnostics == ()
    assert reading.data == case["data"]


@pytest.mark.parametrize("case", CASES)
def test_places_are_those_of_the_text(case: dict[str, Any]) -> None:
    """Every place lies in the text, and the excerpt is its line as the author wrote it."""
    lines = case["text"].split("\n")
    for each in read_yaml(case["text"], "flow.yaml").diagnostics:
        assert each.file == "flow.yaml"
        assert each.line is not None
        assert each.column is not None
        assert each.source == lines[each.line - 1]
        assert 1 <= each.column <= len(lines[each.line - 1]) + 1
