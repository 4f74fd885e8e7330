"""What a join takes for granted and no key proves stops the run where it does not hold, with the rows that show it."""

from __future__ import annotations

from typing import Any

import psycopg2
import pytest
from case_runs import build_program, undone

from headrace import Engine
from headrace.run.embedded import Server

_SALES = [{"p": 1, "day": 5}, {"p": 1, "day": 9}, {"p": 2, "day": 9}]


def _document(join: dict[str, Any], rows: list[dict[str, Any]], sales: list[dict[str, Any]], **node: Any) -> Any:
    return {
        "headrace": 1,
        "sources": {"sales": {"rows": sales}, "prices": {"rows": rows}},
        "nodes": {"result": {"from": "sales", "steps": [{"join": join}], "materialize": "table", **node}},
    }


def _price(p: int | None, d: int | None, price: int) -> dict[str, Any]:
    return {"p": p, "d": d, "price": price}


_LATEST = {"with": "prices", "by": "p", "latest": "d <= day"}
_LATEST_OF_MATCHES = {**_LATEST, "where": "price <> day"}
_TIE = "That there is one latest row of prices does not hold"
_RANGE = {"with": "prices", "by": "p", "where": "d <= day", "kind": "left"}


@pytest.mark.parametrize(
    ("join", "prices", "said"),
    [
        (_LATEST, [_price(1, 1, 10), _price(1, 4, 12), _price(1, 9, 13)], None),
        (
            _LATEST,
            [_price(1, 4, 10), _price(1, 4, 12), _price(1, 1, 13)],
            _TIE,
        ),
        # Rows that are alike, and that nothing takes for the latest.
        (_LATEST, [_price(1, 1, 10), _price(1, 1, 11), _price(1, 4, 12)], None),
        (_LATEST, [_price(3, 1, 10), _price(3, 1, 11), _price(1, 10, 1), _price(1, 10, 2)], None),
        (_LATEST, [_price(None, 1, 10), _price(None, 1, 11), _price(1, None, 1), _price(1, None, 2)], None),
        (
            _LATEST_OF_MATCHES,
            [_price(1, 4, 10), _price(1, 4, 5), _price(1, 9, 9)],
            _TIE,
        ),
        (_LATEST_OF_MATCHES, [_price(2, 4, 10), _price(2, 4, 9)], None),
        (
            {**_RANGE, "cardinality": "many_to_one"},
            [_price(1, 6, 1), _price(1, 5, 2), _price(2, 4, 3)],
            "declared cardinality many_to_one",
        ),
        ({**_RANGE, "cardinality": "many_to_one"}, [_price(1, 1, 1), _price(2, 4, 3), _price(2, 10, 3)], None),
        ({"with": "prices", "kind": "cross", "cardinality": "many_to_one", "prefix": "x_"}, [_price(1, 1, 1)], None),
        (
            {"with": "prices", "kind": "cross", "cardinality": "many_to_one", "prefix": "x_"},
            [_price(1, 1, 1), _price(2, 1, 1)],
            "a row meets one row of prices at most",
        ),
        ({**_RANGE, "cardinality": "one_to_one"}, [_price(1, 1, 1)], "The declared cardinality one_to_"),
        ({**_LATEST, "cardinality": "one_to_one"}, [_price(1, 1, 1), _price(1, 6, 2)], None),
        ({**_LATEST, "cardinality": "one_to_one"}, [_price(1, 1, 1)], "The declared cardinality one_to_"),
        ({**_LATEST_OF_MATCHES, "cardinality": "one_to_many"}, [_price(1, 1, 1)], "The declared cardinality one_to_"),
        ({**_LATEST_OF_MATCHES, "cardinality": "one_to_many"}, [_price(1, 1, 1), _price(1, 6, 2)], None),
    ],
)
def test_joins(join: dict[str, Any], prices: list[dict[str, Any]], said: str | None, server: Server) -> None:
    _run(_document(join, prices, _SALES), said, server)


def test_the_rows_of_ours_that_are_alike_are_told_apart(server: Server) -> None:
    """Two sales that are alike meet one price each: that is no row that meets two."""
    join = {**_RANGE, "cardinality": "many_to_one"}
    _run(_document(join, [_price(1, 1, 10)], [{"p": 1, "day": 5}] * 3), None, server)
    _run(_document(_LATEST_OF_MATCHES, [_price(1, 1, 10)], [{"p": 1, "day": 5}] * 3), None, server)


def test_each_value_of_an_expansion_is_checked(server: Server) -> None:
    prices = [_price(1, 1, 10), _price(1, 4, 12), _price(1, 4, 13)]
    join = {**_LATEST, "latest": "d <= $q"}
    _run(_document(join, prices, _SALES, for_each={"q": [1, 2, 3]}), None, server)
    _run(
        _document(join, prices, _SALES, for_each={"q": [1, 2, 4]}),
        _TIE,
        server,
    )


def _run(document: Any, said: str | None, server: Server) -> None:
    result = Engine().compile(document)
    assert result.ok, [each.message for each in result.diagnostics]
    connection = psycopg2.connect(server.url)
    try:
        with undone(connection) as cursor:
            if said is None:
                build_program(cursor, result.program)
                return
            with pytest.raises(AssertionError) as failed:
                build_program(cursor, result.program)
            assert said in str(failed.value.__cause__)
    finally:
        connection.close()
