"""Ranges: value k is the first plus k units; and values by their types."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from itertools import islice
from typing import Any

import pytest

from headrace.grammar.types import Type, parse_type
from headrace.models import Range, read_value
from headrace.models.scalar import PlainText
from headrace.models.value import infer_value


def _values(every: str, from_: str, to: str) -> list[str]:
    range_ = Range.model_validate({"every": every, "from": from_, "to": to})
    values = [str(value) for value in islice(range_.values(), 50)]
    assert range_.count() == len(values)
    return values


@pytest.mark.parametrize(
    ("every", "from_", "to", "values"),
    [
        ("month_end", "1997-01-31", "1997-04-30", ["1997-01-31", "1997-02-28", "1997-03-31", "1997-04-30"]),
        ("month_end", "1997-01-15", "1997-03-30", ["1997-01-31", "1997-02-28"]),
        ("1 month", "2024-01-31", "2024-04-30", ["2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30"]),
        ("month", "2024-01-30", "2024-03-01", ["2024-01-30", "2024-02-29"]),
        ("2 weeks", "2024-01-01", "2024-01-29", ["2024-01-01", "2024-01-15", "2024-01-29"]),
        ("quarter_end", "2023-11-05", "2024-06-30", ["2023-12-31", "2024-03-31", "2024-06-30"]),
        ("year", "2024-02-29", "2026-12-31", ["2024-02-29", "2025-02-28", "2026-02-28"]),
        ("week_end", "2024-01-03", "2024-01-14", ["2024-01-07", "2024-01-14"]),
        ("6 hours", "2024-01-01 12:00", "2024-01-02", None),
        ("90 minutes", "2024-01-01 22:30", "2024-01-02 00:30", ["2024-01-01 22:30:00", "2024-01-02 00:00:00"]),
        ("5", "0", "12", ["0", "5", "10"]),
        ("day", "2024-01-02", "2024-01-01", []),
        ("1 day", "9999-12-30", "9999-12-31", ["9999-12-30", "9999-12-31"]),
        ("1000 years", "2024-01-01", "9999-12-31", [f"{year}-01-01" for year in range(2024, 9999, 1000)]),
    ],
)
def test_values(every: str, from_: str, to: str, values: list[str] | None) -> None:
    if values is None:
        with pytest.raises(ValueError, match="not valid"):
            _values(every, from_, to)
    else:
        assert _values(every, from_, to) == values


@pytest.mark.parametrize(
    ("text", "type_", "value"),
    [
        ("12", "integer", 12),
        ("-9223372036854775808", "integer", -(2**63)),
        ("1.50", "decimal", Decimal("1.50")),
        ("0.19", "decimal(5, 4)", Decimal("0.19")),
        ("1e3", "float", 1000.0),
        ("True", "boolean", True),
        ("0012", "text", "0012"),
        (" x ", "text", " x "),
        ("1998-06-30", "date", dt.date(1998, 6, 30)),
        ("12:30", "time", dt.time(12, 30)),
        ("1998-06-30", "timestamp", dt.datetime(1998, 6, 30)),
        ("1998-06-30T12:30:05.5", "timestamp", dt.datetime(1998, 6, 30, 12, 30, 5, 500000)),
        ("1998-06-30 12:30Z", "timestamptz", dt.datetime(1998, 6, 30, 12, 30, tzinfo=dt.UTC)),
        ("12 months", "interval", "12 months"),
        ("123E4567-e89b-12d3-a456-426614174000", "uuid", "123e4567-e89b-12d3-a456-426614174000"),
        ('{"a": 1}', "json", '{"a": 1}'),
        ("\\xff00", "binary", b"\xff\x00"),
    ],
)
def test_values_by_type(text: str, type_: str, value: Any) -> None:
    read = read_value(text, _type(type_))
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("text", "type_"),
    [
        *(
            ("1.5", "integer"),
            ("1_000", "integer"),
            ("٣", "integer"),
            ("9223372036854775808", "integer"),
            ("", "integer"),
        ),
        *(("1,5", "decimal"), ("nan", "decimal"), ("1e9999", "decimal"), ("123.456", "decimal(5, 2)")),
        ("x", "float"),
        *(("1e999", "float"), ("yes", "boolean"), ("1", "boolean")),
        *(("30/06/1998", "date"), ("1998-02-30", "date"), ("19980630", "date"), ("25:00", "time"), ("12", "time")),
        *(("1998-06-30 12:30Z", "timestamp"), ("1998-06-30 12:30", "timestamptz"), ("1998-06-30", "timestamptz")),
        *(("soon", "interval"), ("x", "uuid"), ("{", "json"), ("[" * 100_000, "json"), ("xyz", "binary")),
    ],
)
def test_what_is_no_value_of_a_type(text: str, type_: str) -> None:
    with pytest.raises(ValueError, match=r"^(a|pairs|true) ?"):
        read_value(text, _type(type_))


def test_null_is_a_value_of_every_type_and_quoted_null_a_text() -> None:
    for kind in ("integer", "text", "date"):
        assert read_value(None, Type(kind)) is None
        assert read_value(PlainText("null"), Type(kind)) is None
    assert read_value("null", Type("text")) == "null"


def test_untyped_values_are_what_they_look_like() -> None:
    plain = ["12", "1.50", "true", "null", "x", "2024-01-31", "99999999999999999999"]
    inferred = [infer_value(PlainText(text)) for text in plain]
    assert inferred == [12, Decimal("1.50"), True, None, "x", "2024-01-31", Decimal(99999999999999999999)]
    assert infer_value("12") == "12"


def _type(text: str) -> Type:
    type_ = parse_type(text)
    assert type_ is not None
    return type_
