"""The exact words about nodes, steps and compilations (``S…`` and ``P…``), from the case files beside this one.

A case holds ``nodes``, ``sources``, ``parameters`` of a document (or a whole ``document``), what the engine is called
with (``given``, ``row_filters``, ``as_of``, ``preview``, ``policy``), and ``says``: all that is said, in order.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from headrace import Engine, Policy
from headrace.diagnostics import CODES, Diagnostic
from headrace.models import read_yaml

FOLDER = Path(__file__).parent
_SOURCES = {"t": {"rows": [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]}, "u": {"rows": [{"a": 1, "c": "z"}]}}


def _cases() -> list[Any]:
    found = []
    for path in sorted(FOLDER.glob("*.yaml")):
        reading = read_yaml(path.read_text("utf-8"), path.name)
        assert not reading.diagnostics
        assert isinstance(reading.data, list)
        found += [pytest.param(case, id=f"{path.stem}: {case['about']}") for case in reading.data]
    return found


CASES = _cases()


def _said(case: dict[str, Any]) -> tuple[Diagnostic, ...]:
    parts = {key: case[key] for key in ("parameters", "nodes") if key in case}
    document = case.get("document") or {"headrace": 1, "sources": case.get("sources") or _SOURCES, **parts}
    said = {name: int(limit) for name, limit in (case.get("policy") or {}).items()}
    allowed: dict[str, Any] = {"sql_steps": True, "jinja": True, **said}
    engine = Engine(Policy(**allowed), as_of=case.get("as_of"))
    given, filters = case.get("given"), case.get("row_filters")
    if "preview" in case:
        name, step = case["preview"]
        return engine.preview(document, None, name, step, parameters=given, row_filters=filters).diagnostics
    return engine.compile(document, case.get("catalog"), given, filters).diagnostics


def _told(diagnostic: Diagnostic) -> dict[str, Any]:
    told: dict[str, Any] = {"code": diagnostic.code, "message": diagnostic.message}
    if diagnostic.pointer is not None:
        told["at"] = diagnostic.pointer
    if diagnostic.hints:
        told["hints"] = list(diagnostic.hints)
    return told


@pytest.mark.parametrize("case", CASES)
def test_the_words(case: dict[str, Any]) -> None:
    assert [_told(each) for each in _said(case)] == case["says"]


@pytest.mark.parametrize("case", CASES)
def test_no_jargon(case: dict[str, Any]) -> None:
    words = " ".join(" ".join([said["message"], *said.get("hints", [])]) for said in case["says"])
    assert not re.search(r"\b(Relation|NodeScan|Expression|None|Traceback|tuple)\b|<object", words)


def test_every_code_has_a_case() -> None:
    """Those that no step can give yet, and those of other folders, are named here."""
    # Two names of one hash, moments, previews that need tables placed between: tests/engine; headrace.lock: tests/cli;
    # queries that are too long or nest too deeply: tests/sql.
    elsewhere = {"P107", "P109", "P204", "P210", "S251", "S252"}
    declared = {code for code in CODES if code[0] in "SP"}
    assert {said["code"] for case in CASES for said in case.values[0]["says"]} >= declared - elsewhere
