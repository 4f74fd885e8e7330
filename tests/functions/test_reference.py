"""docs/functions.md says what the catalogue says."""

from __future__ import annotations

from pathlib import Path

from headrace.grammar.functions import CATALOGUE
from headrace.grammar.functions.reference import reference_markdown

PAGE = Path(__file__).resolve().parents[2] / "docs" / "functions.md"


def test_page_is_current() -> None:
    page = PAGE.read_text(encoding="utf-8")
    # Not compared by assert alone: pytest would take minutes over the difference of two long texts.
    current = page == reference_markdown()
    assert current, "write it again: python -m headrace.grammar.functions.reference > docs/functions.md"


def test_page_has_every_function() -> None:
    lines = reference_markdown().splitlines()
    assert [name for name in CATALOGUE if f"### {name}" not in lines] == []
