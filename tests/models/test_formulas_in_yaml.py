"""Formulas as values of YAML: every form in every place comes through as it was written, or is answered with the line
that brings it through."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from headrace.grammar.parse import parse
from headrace.models import read_yaml

ROOT = Path(__file__).resolve().parents[2]

FORMS = (
    # words
    "amount",
    "[Unit price] * 2",
    "amount * [Unit price]",
    "[a]]b]",
    "customer.country",
    "[customer].[Country]",
    "$month",
    "amount > $limit",
    "{{month}}",
    "day <= {{__month__}}",
    '"FR"',
    "'FR'",
    '"a ""quoted"" word"',
    "'it''s'",
    '"Total " & name',
    "name & ' total'",
    '"a, b"',
    'name & ", " & country',
    '"a: b"',
    'name & ": " & country',
    '"a #1"',
    'name & " #1"',
    '"{x}" & "[y]"',
    'name & "}" & "]"',
    '"50 %"',
    "12",
    "0.5",
    "1e-3",
    "-1",
    "- amount",
    "true",
    "false",
    "null",
    "12 months",
    "day + 2 years 3 months",
    'duration(n, "month")',
    'date("2024-01-31")',
    "amount -- a note",
    "amount /* a note */ + 1",
    "/* a note, too */ amount",
    # operators
    "a or b and not c",
    "not paid",
    "a = 1",
    "a == 1",
    "a != 1",
    "a <> 1",
    "a < 1",
    "a >= 1",
    'country in ("FR", "DE")',
    'country in ["FR", "DE"]',
    "country not in $countries",
    "amount between 1 and 10",
    'name like "A%"',
    'name not ilike "%a"',
    "name is null",
    "name is not distinct from other",
    "a ?? b",
    "a & b",
    "a || b",
    "a + b - c",
    "a * b / c // d % e",
    "-2^2",
    "amount::decimal(12, 2)",
    "amount::text",
    "(a + b) * c",
    # forms
    "if(amount > 100, 1, 0)",
    'if(country = "FR", "home", "abroad")',
    'switch(country, "FR", 1, "DE", 2, 0)',
    "case when a > 1 then 2 else 3 end",
    "case a when 1 then 'x' end",
    "round(a; 2)",
    "cast(a as decimal(12, 2))",
    "count(*)",
    "count()",
    "count(distinct customer_id where amount > 0)",
    'sum(amount where country = "FR")',
    'string_agg(name, ", " order by name)',
    "sum(amount per customer_id)",
    "sum(amount per ())",
    "sum(amount per country, year(day))",
    "sum(amount per customer_id order by day)",
    "lag(amount per customer_id order by day desc nulls first)",
    "sum(amount order by day rows 7)",
    "sum(amount order by day range 30 days)",
    "share(x)",
    "sum(amount) / sum(sum(amount) per ())",
    # with the sign of spreadsheets
    "=amount * 2",
    "=[Unit price] * 2",
    '="Total " & name',
    '="FR"',
    '="a, b" & c',
    '="Customer: " & id',
    '="a #1"',
    "={{month}}",
    "={x}",
    "=-1",
    '=if(a > 1, "x", "y")',
)

PLACES = {
    "value": "derive:\n  new: {}\n",
    "condition": "- filter: {}\n",
    "first of a step": "- derive: {{a: b}}\n- filter: {}\n  name: kept\n",
    "with a comment": "filter: {}   # why\n",
    "item": "by:\n  - {}\n",
    "item of a mapping": "by:\n  - new: {}\n",
    "flow mapping": "derive: {{new: {}}}\n",
    "flow mapping of several": "derive: {{a: 1, new: {}, z: b}}\n",
    "flow list": "by: [country, {}]\n",
    "flow in flow": "aggregate: {{by: [a], measures: {{m: {}}}}}\n",
}


def _find(data: Any, place: str) -> Any:
    """The formula in what was read of a place."""
    match place:
        case "value":
            return data["derive"]["new"]
        case "condition":
            return data[0]["filter"]
        case "first of a step":
            return data[1]["filter"]
        case "with a comment":
            return data["filter"]
        case "item":
            return data["by"][0]
        case "item of a mapping":
            return data["by"][0]["new"]
        case "flow mapping" | "flow mapping of several":
            return data["derive"]["new"]
        case "flow list":
            return data["by"][1]
    return data["aggregate"]["measures"]["m"]


def _as_written(found: Any, formula: str) -> bool:
    """Whether it is the formula, with ``=`` before it where YAML needed that."""
    return isinstance(found, str) and str(found).removeprefix("=") == formula.removeprefix("=")


def test_the_forms_are_formulas() -> None:
    assert [form for form in FORMS if parse(form).tree is None] == ["={x}"]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("formula", FORMS)
def test_a_formula_comes_through_or_is_mended(formula: str, place: str) -> None:
    # Of a ] that ends a name with ]] in it and the ] of the list right after it, nobody could say which is which.
    text = PLACES[place].format(f"{formula} " if "]]" in formula and place == "flow list" else formula)
    reading = read_yaml(text)
    if not reading.diagnostics:
        found = _find(reading.data, place)
        if place == "item" and formula.startswith("- "):
            assert found == [formula[2:]]  # A list in a list, which no step takes.
            return
        quoted = re.fullmatch(r"(['\"])(.*)\1", formula)
        if quoted and found == quoted.group(2).replace(quoted.group(1) * 2, quoted.group(1)):
            return  # A whole text in quotes is a text to YAML too: the formula is what stands between them.
        assert _as_written(found, formula), found
        return
    assert {each.code for each in reading.diagnostics} <= {"M015", "M016", "M017", "M018", "M024"}
    assert _as_written(_find(reading.data, place), formula)
    lines = text.split("\n")
    for each in reading.diagnostics:
        first, new = each.params["mended_from"] - 1, each.params["mended"]
        lines[first : first + len(new)] = new
    mended = read_yaml("\n".join(lines))
    assert mended.diagnostics == ()
    assert _as_written(_find(mended.data, place), formula)


# Every example there is


def _examples() -> list[Any]:
    found = []
    for path in sorted([ROOT / "README.md", *ROOT.glob("docs/**/*.md"), *ROOT.glob("engine/**/*.md")]):
        blocks = re.findall(r"(?ms)^( *)```ya?ml\n(.*?)^\1```", path.read_text(encoding="utf-8"))
        for number, (indent, block) in enumerate(blocks):
            text = re.sub(f"(?m)^{indent}", "", block)
            found.append(pytest.param(text, id=f"{path.relative_to(ROOT)}-{number}"))
    folders = ("examples", "engine/cli/scaffold", "tests/models/examples", "tests/cases", "docs/cookbook")
    for folder in folders:
        for path in sorted((ROOT / folder).glob("**/*.yaml")):
            found.append(pytest.param(path.read_text(encoding="utf-8"), id=str(path.relative_to(ROOT))))
    return found


EXAMPLES = _examples()


def _plain(value: Any) -> Any:
    """Plain text everywhere; what YAML calls null is what was written for it, or nothing."""
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return "" if value is None or str(value) in ("null", "~") else str(value)


def _restored(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _restored(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_restored(each) for each in value]
    return value.replace("¿¿", "??") if isinstance(value, str) else value


def test_there_are_examples_of_all_kinds() -> None:
    names = [str(example.id) for example in EXAMPLES]
    for start in ("README", "docs/documents.md", "docs/steps/", "examples/", "tests/cases/", "tests/models/examples/"):
        assert any(name.startswith(start) for name in names), start
    assert len(names) > 300


@pytest.mark.parametrize("text", EXAMPLES)
def test_every_example_reads_as_another_reader_of_yaml_has_it(text: str) -> None:
    """Not a word is said of it, and every value, formulas among them, is the text that PyYAML finds in it."""
    reading = read_yaml(text)
    assert [each.message for each in reading.diagnostics] == []
    try:
        other = yaml.load(text, yaml.BaseLoader)
    except yaml.YAMLError:
        # YAML 1.2 has ? and : within a value of { }, PyYAML has not.
        other = yaml.load(text.replace("??", "¿¿"), yaml.BaseLoader)
    assert _plain(reading.data) == _plain(_restored(other))
