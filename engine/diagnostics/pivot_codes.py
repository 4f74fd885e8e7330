"""Codes ``S2…``: what can be said of ``pivot`` and ``unpivot``."""

from headrace.diagnostics.code import Code

CODES: tuple[Code, ...] = (
    Code(
        "S200",
        "These columns cannot stand in one: most are {type}, and {odd}.",
        'unpivot: {columns: "*", …} over numbers and texts',
    ),
    Code("S201", "{found} is {type}, whose values cannot become columns.", "pivot: {columns: payload, …} of JSON"),
    Code(
        "S202",
        "A row of a pivot stands for many rows: {name} needs an aggregate function, such as sum, max or count.",
        "values: {amount: amount}",
    ),
    Code("S203", "The values of {names} that become columns are not known.", "pivot: {columns: month, …} without only"),
    Code(
        "S204",
        "The values that were found for this pivot are those of {found}, and it is by {names} now.",
        "a pivot that was changed after headrace discover",
    ),
    Code(
        "S205",
        "Here should be {count} values, one for each of {names}, and there is {found}.",
        "pivot: {columns: [country, year], only: [FR]}",
    ),
    Code("S206", "{found} is not {expected}.", "pivot: {columns: month, only: [May]} over dates"),
    Code("S207", "The value {found} is listed twice.", "only: [1.0, 1.00]"),
    Code("S208", "{{{found}}} stands for nothing in the names of this pivot.", 'names: "{colum}_{value}"'),
    Code("S209", "The column for {about} would have no name.", 'names: "{value}" with an empty text among the values'),
    Code(
        "S210",
        "The columns for {first} and for {second} would both be called {name}: tell them apart in names.",
        'names: "{column}"',
    ),
)
