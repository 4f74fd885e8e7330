"""No text crashes the parser, the checker, the printer or the renderer; ``make fuzz`` asks a million of them."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headrace import Engine
from headrace.grammar.parse import parse
from tests.safety.asking import ask
from tests.safety.documents import document, everywhere
from tests.safety.fuzz import main
from tests.safety.texts import GOOD, KINDS, text_of

_SLOW = settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))


@given(st.text(max_size=200))
@_SLOW
def test_any_text(text: str) -> None:
    ask(text)


@given(st.integers(0, 2**32), st.integers(0, 3_000))
@_SLOW
def test_words_of_the_language_in_any_order(seed: int, number: int) -> None:
    ask(text_of(seed, number))


@given(st.integers(0, 2**32), st.integers(0, 300))
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_documents_with_such_formulas(seed: int, number: int) -> None:
    """Also where they are keys, names, groups, conditions and orders."""
    one, two, three = (text_of(seed, number + each) for each in range(3))
    steps = [
        {"derive": {"new": one, two or "x": "a"}},
        {"filter": two},
        {"aggregate": {"by": ["b", {"y": three}], "measures": {"m": one}}},
        {"sort": [three]},
    ]
    everywhere(document(steps))
    for step in steps:
        everywhere(document([step], materialize="table"))


@given(st.integers(0, 2**32), st.integers(0, 300))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_editors_may_ask_about_any_text(seed: int, number: int) -> None:
    text = text_of(seed, number)
    engine = Engine()
    made = document([{"derive": {"new": "a"}}, {"filter": "k"}])
    for pointer in ("/nodes/n/steps/0/derive/new", "/nodes/n/steps/1/filter"):
        engine.explain(made, None, pointer, text)
        for offset in (0, len(text) // 2, len(text)):
            engine.complete(made, None, pointer, text, offset)
            engine.hover(made, None, pointer, offset, text)
    written = engine.format(text, formula=True).text
    if parse(text).tree is not None:
        assert parse(written).tree == parse(text).tree


def test_the_good_ones_are_read() -> None:
    read = [text for text in GOOD if parse(text).tree is not None]
    assert len(read) == len(GOOD) - 1, "all but the one with names that have points"


@pytest.mark.parametrize("kind", KINDS)
def test_a_text_can_be_made_again(kind: object) -> None:
    numbers = [number for number in range(30) if KINDS[number % len(KINDS)] is kind]
    assert [text_of(7, number) for number in numbers] == [text_of(7, number) for number in numbers]
    assert len({text_of(7, number) for number in numbers}) > 1


def test_the_fuzzer_counts_and_finds(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert main(["--texts", "600", "--seed", "3", "--jobs", "1"]) == 0
    assert "600 texts, none of which crashed" in capsys.readouterr().out

    def fails(text: str) -> None:
        raise ValueError("bad")

    monkeypatch.setattr("tests.safety.fuzz.ask", fails)
    assert main(["--texts", "600", "--seed", "3", "--jobs", "1"]) == 1
    said = capsys.readouterr().out
    assert "ValueError: bad" in said
    assert "python -m tests.safety.fuzz --seed 3 --only 0" in said
