"""Codes ``F001`` to ``F099``: what can be said of the writing of a formula."""

from headrace.diagnostics.code import Code

CODES: tuple[Code, ...] = (
    Code("F001", "This formula cannot be read from here on.", "a b"),
    Code("F020", "This list mixes , and ; between its parts: use one of them.", "round(1, 5; 2)"),
    Code("F021", "Only cast(x as type) has an as in it; {name}(…) does not.", "round(x as integer)"),
    Code("F022", "Only extract(year from day) has a from in it; {name}(…) does not.", "trim(a from b)"),
    Code("F023", "{clause} is written twice in this call.", "sum(x where a where b)"),
)
