"""Codes ``S130`` to ``S139``: what can be said of joins, lookups and relations."""

from headrace.diagnostics.code import Code

CODES: tuple[Code, ...] = (
    Code("S130", "{left} is {left_type} and {right} is {right_type}: they cannot be equal.", "join by: text = date"),
    Code(
        "S131",
        "Both sides of the join have {found}: give a prefix, or list the columns to take.",
        "join: {with: customers, by: id} where both have a name",
    ),
    Code("S132", "where of a join needs a condition that is true or false; this is {type}.", "where: day"),
    Code(
        "S133",
        "latest compares a column of the other side with ours: valid_from <= day, or with < in place of <=.",
        "latest: valid_from >= day",
    ),
    Code(
        "S134",
        "at_most: {found} does not go with values of type {type}: a duration goes with dates and times, a number with "
        "numbers.",
        "at_most: 30 where latest compares dates",
    ),
    Code(
        "S135", "{found} is no value of {column}: {expected} is expected.", "missing: {price: none} of a decimal column"
    ),
    Code(
        "S136",
        "The join {join} may give rows several times, and {formula} then counts each of them.",
        "sum(amount) after a join with a source without keys",
        "warning",
    ),
)
