"""The exact words about the shape of documents (``M1…``), from the case files beside this one.

A case has the ``text`` of a document and what it ``says``, in order: code, place (line, column and pointer), message.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from headrace.diagnostics import CODES
from headrace.models import load_document, read_yaml

FOLDER = Path(__file__).parent

# Of files and folders (tests/models/test_folder.py), of JSON, Python data and bytes (tests/models/test_readings.py), of
# formatting (tests/editing/test_formatting.py).
ELSEWHERE = {"M007", "M008", "M010", "M019", "M020", "M025", *(f"M03{n}" for n in range(8))}


def _cases(folder: Path) -> list[Any]:
    found = []
    for path in sorted(folder.glob("*.yaml")):
        reading = read_yaml(path.read_text("utf-8"), path.name)
        assert reading.diagnostics == ()
        assert isinstance(reading.data, list)
        found += [pytest.param(case, id=f"{path.stem}-{number}") for number, case in enumerate(reading.data)]
    return found


CASES = _cases(FOLDER)


def _said(text: str) -> list[dict[str, Any]]:
    reading = read_yaml(text)
    said = []
    for diagnostic in load_document(reading).diagnostics:
        each = reading.placed(diagnostic)
        told: dict[str, Any] = {"code": each.code, "at": f"{each.line}:{each.column} {each.pointer}".strip()}
        told["message"] = each.message
        if each.hints:
            told["hints"] = list(each.hints)
        said.append(told)
    return said


@pytest.mark.parametrize("case", CASES)
def test_the_words(case: dict[str, Any]) -> None:
    assert _said(case["text"]) == case["says"]


@pytest.mark.parametrize("case", CASES)
def test_the_words_are_for_people(case: dict[str, Any]) -> None:
    """No word of pydantic or Python, no unfilled place in a message, and each sentence ends."""
    for said in case["says"]:
        assert not re.search(r"\b(str|dict|tuple|NoneType|pydantic|validat\w*|input|field|None)\b", said["message"])
        assert not re.search(r"\{\w*\}\s*(is|are|and)\b", said["message"])
        assert said["message"].endswith(".")


def test_every_code_has_a_case() -> None:
    yaml_cases = _cases(FOLDER.parent / "yaml")
    told = {said["code"] for case in (*CASES, *yaml_cases) for said in case.values[0]["says"]}
    declared = {code for code in CODES if code.startswith("M")}
    assert declared - told == ELSEWHERE
