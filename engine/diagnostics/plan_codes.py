"""Codes ``P…``: what can be said of a compilation as a whole."""

from headrace.diagnostics.code import Code

CODES: tuple[Code, ...] = (
    Code(
        "P101",
        "The parameter {name} has no value: give it a default, or a value for this compilation "
        "(headrace run --param {name}=…).",
        "$month",
    ),
    Code("P102", "There is no parameter {found}.", "parameters={'mnth': …}"),
    Code("P103", "The value {found} of the parameter {name} is not {expected}.", "parameters={'month': 'May'}"),
    Code("P104", "There is no node {found}.", "preview('customer_inof')"),
    Code("P105", "The node {node} has no step {found}.", "preview('customers', step='fliter')"),
    Code("P106", "The node {node} cannot be compiled: it has mistakes.", "preview of a node with a mistake"),
    Code(
        "P107",
        "Two tables would have the name {name} in PostgreSQL, which keeps 63 bytes: {first} and {second}.",
        "names",
    ),
    Code(
        "P108",
        "The view {node} has more steps than PostgreSQL plans in one statement: keep it as a table.",
        "a view of 70 steps",
    ),
    Code(
        "P110",
        "The values of {node} cannot be computed by {wished}: {reason}."
        " They are computed by {used}, with the same rows.",
        "strategy: sweep",
        "warning",
    ),
    Code("P109", "The moment {found} is not {expected}.", "as_of='yesterday'"),
    Code("P201", "{what} is refused by the policy of this engine.", "a document from outside that reads a file"),
    Code("P202", "The document has {count} {what}; at most {limit} are allowed.", "a document of 100,000 nodes"),
    Code(
        "P203", "The table {found} is not in the catalog, and this engine takes no other.", "orders: {table: pg_authid}"
    ),
    Code("P210", "{path} cannot be read: {problem}.", "headrace.lock after a merge that was not resolved"),
    Code("P205", "The row filter of {name} cannot be used.", "row_filters={'sales': 'contry = \"FR\"'}"),
    Code(
        "P204", "The document nests too deeply to be compiled: split {node} into several nodes.", "10,000 nested calls"
    ),
)
