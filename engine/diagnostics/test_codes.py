"""Codes ``T…``: what can be said of the tests of flows."""

from headrace.diagnostics.code import Code

CODES: tuple[Code, ...] = (
    Code("T100", "There is no node called {found}.", "tests: {totals: {node: custmers, …}}"),
    Code("T101", "There is no source or node called {found}.", "given: {slaes: […]}"),
    Code("T102", "{node} has mistakes, so it cannot be tested.", "a test of a node with a mistake"),
    Code(
        "T103",
        "{node} reads {found}, {what}, and this test gives no rows of it.",
        "a test without the rows of a file that its node reads",
    ),
    Code("T104", "Nothing that {node} is computed from reads {found}.", "given: {customers: […]}, where nobody asks"),
    Code("T105", "{of} has no column {found}.", "expect: [{revnue: 20}]"),
    Code("T106", "{found} is not {expected}.", "given: {sales: [{day: yesterday}]}"),
    Code("T107", "The column {column} of {of} is never null.", "given: {sales: [{id: null}]}, where id is never null"),
    Code(
        "T108",
        "The rows {first} and {second} of {of} are alike in {columns}, which no two of its rows are.",
        "given: {customers: [{id: 1}, {id: 1}]}, where id is the key",
    ),
    Code("T109", "There is at most one row of {of}, and here are {count}.", "given: {totals: [{n: 1}, {n: 2}]}"),
    Code(
        "T110",
        "The rows of {node} have no order: with ordered: true, its last step is a sort.",
        "ordered: true, where nothing is sorted",
    ),
    Code("T120", "There are no tests in this project.", "headrace test, in a new project"),
    Code("T121", "There is no test and no node with tests called {found}.", "headrace test totls"),
    Code("T122", "The test {test} of {node} could not be run: {reason}", "a formula that fails for the rows given"),
    Code("T123", "{node} gives more than {limit} rows, too many to compare.", "a test of a cross join"),
)
