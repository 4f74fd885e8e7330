"""Diagnostics on the screen."""

from __future__ import annotations

import json

import pytest

from headrace.cli.screen import plain_text, plural, report, report_json, summary
from headrace.diagnostics import Diagnostic, Span

WRONG = Diagnostic(
    "F100",
    "There is no column amout.",
    file="flows/shop.yaml",
    line=7,
    column=11,
    pointer="/nodes/x/steps/0/filter",
    source="amout > 1",
    span=Span(0, 5),
    hints=("Did you mean amount?",),
)


def test_a_report_shows_each_diagnostic_and_counts_them(capsys: pytest.CaptureFixture[str]) -> None:
    status = report([WRONG, Diagnostic("P1", "This order is not total.", "warning")])
    out, err = capsys.readouterr()
    assert status == 2
    assert out == ""
    assert err == (
        "flows/shop.yaml:7:11  nodes › x › steps › 0 › filter\n"
        "error F100: There is no column amout.\n"
        "    amout > 1\n"
        "    ^^^^^\n"
        "  Did you mean amount?\n"
        "\n"
        "warning P1: This order is not total.\n"
        "\n"
        "1 error, 1 warning\n"
    )


def test_warnings_alone_are_fine(capsys: pytest.CaptureFixture[str]) -> None:
    assert report([Diagnostic("P1", "…", "warning")], error=False) == 0
    assert capsys.readouterr().out.endswith("1 warning\n")


def test_nothing_to_report_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert report([]) == 0
    assert capsys.readouterr() == ("", "")


def test_a_message_cannot_command_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    report([Diagnostic("M1", "There is no column \x1b]0;owned\x07.", source="\x1b[2J", span=Span(0, 1))])
    err = capsys.readouterr().err
    assert not {"\x1b", "\x07"} & set(err)
    assert "␛]0;owned␇" in err


def test_diagnostics_as_data(capsys: pytest.CaptureFixture[str]) -> None:
    assert report_json([WRONG]) == 2
    (found,) = json.loads(capsys.readouterr().out)["diagnostics"]
    assert found["code"] == "F100"
    assert (found["file"], found["line"], found["column"], found["span"]) == ("flows/shop.yaml", 7, 11, [0, 5])


def test_counts_in_words() -> None:
    assert summary([WRONG, WRONG, Diagnostic("X", "…", "info")]) == "2 errors, 1 note"
    assert plural(1, "row") == "1 row"
    assert plural(69659, "row") == "69,659 rows"
    assert plural(0, "row") == "0 rows"


def test_plain_text_keeps_what_is_harmless() -> None:
    assert plain_text("Ünïcode 漢字 → “x”") == "Ünïcode 漢字 → “x”"
