"""Codes ``S182`` to ``S187``: what can be said of nodes that compute only what is new."""

from headrace.diagnostics.code import Code

CODES: tuple[Code, ...] = (
    Code(
        "S182",
        "{found} keeps what it has computed (materialize: incremental) and depends on {parameters}, so it cannot be "
        "computed inside the for_each of {node}: keep it as a table.",
        "for_each: {region: [north]} over an incremental node with $region in its steps",
    ),
    Code(
        "S183",
        "by is for nodes without for_each: the rows of this one are replaced by {parameters}. Take by away.",
        "materialize: {kind: incremental, by: [customer_id]} beside for_each",
    ),
    Code(
        "S184",
        "look_back beside for_each is a number of values, such as 3; {found} is none.",
        "for_each: {month: …}, materialize: {kind: incremental, look_back: 3 days}",
    ),
    Code(
        "S185",
        "{found} is no parameter of the for_each of {node}.",
        "for_each: {month: …}, materialize: {kind: incremental, time: moth, look_back: 3}",
    ),
    Code(
        "S186",
        "{parameters} have values: say with time which of them look_back counts.",
        "for_each: {month: …, country: …}, materialize: {kind: incremental, look_back: 3}",
    ),
    Code(
        "S187",
        "{found} in then needs the rows of all values, and an incremental node computes only those that are new: put "
        "it in a node of its own that reads {node}.",
        "then: [{derive: {change: total - lag(total order by month)}}] of an incremental node",
    ),
)
