"""Codes ``S…``: what can be said of nodes and their steps."""

from headrace.diagnostics.code import Code

CODES: tuple[Code, ...] = (
    Code("S101", "There is no source or node called {found}.", "from: slaes"),
    Code("S102", "These nodes read one another in a circle: {circle}.", "a: {from: b} with b: {from: a}"),
    Code("S110", "There is no column called {found}.", "select: [amout]"),
    Code("S111", "The column {found} would come out twice.", "select: [a, a]"),
    Code("S105", "{columns} is declared a key, and rows {first} and {second} are alike in it.", "keys: [id] over rows"),
    Code("S112", "The columns {first} and {second} are the same to PostgreSQL, which keeps 63 bytes of a name.", "two"),
    Code("S113", "No column would be left.", "drop: every column"),
    Code("S114", "No column fits {found}.", 'drop: ["amount_*"] where there is none'),
    Code("S116", "There would be {count} columns, and a table of PostgreSQL has at most {limit}.", "a wide pivot"),
    Code(
        "S117",
        "A row takes at least {width} bytes, and PostgreSQL keeps at most {limit} of a row in a table.",
        "1,100 counts in one row",
    ),
    Code(
        "S118",
        "A row in which no column is null takes at least {width} bytes, and PostgreSQL keeps at most {limit}.",
        "1,100 sums in one row",
        "warning",
    ),
    Code(
        "S115",
        "{new} and {old} must have as many * and ? as each other: what they stand for goes from one to the other.",
        'rename: {amount: "*_amount"}',
    ),
    Code("S120", "A filter needs a condition that is true or false; this is {type}.", "filter: amount + 1"),
    Code("S122", "The formulas of {circle} need one another in a circle.", "derive: {a: b + 1, b: a + 1}"),
    Code(
        "S140",
        "The column {found} is {first_type} in {first} and {second_type} in {second}: no type holds both.",
        "union of a text and a date column of one name",
    ),
    Code(
        "S141", "The column {found} is there already: choose another name for origin.", "union: {with: [a], origin: x}"
    ),
    Code(
        "S142",
        "{has} has {found}, and {lacks} has not: rows are compared in all their columns, so both sides need the same.",
        "except: [blocked] where blocked has a column more",
    ),
    Code("S143", "{found} is {type}: only texts can be split.", 'split: {column: amount, at: ","}'),
    Code(
        "S144",
        "{found} stands in {first} and in {second}: each column has one part in a fill.",
        "fill: {series: {day: 1 day}, per: [day]}",
    ),
    Code(
        "S145",
        "{found} is {type}: a series to fill has dates, timestamps or whole numbers.",
        "fill: {series: {name: 1 day}}",
    ),
    Code("S146", "Steps of {every} do not go with {found}, which is {type}.", "fill: {series: {day: 1 hour}}"),
    Code("S147", "{found} is {type}; here should be {expected}.", "fill: {series: {day: {every: 1 day, from: 1 + 1}}}"),
    Code(
        "S148",
        "{found} is {type} and its value for added rows is {value_type}: no type holds both.",
        'fill: {series: {day: 1 day}, values: {net: "x"}}',
    ),
    Code(
        "S149",
        "No column tells rows of one {order} apart, so which of their values is carried down all columns decide.",
        "fill: {down: [balance], order: day}",
        "warning",
    ),
    Code(
        "S150",
        "No column tells these rows apart, so which rows are kept is decided by all their columns after {order}.",
        "limit: {rows: 3, order: country}",
        "warning",
    ),
    Code(
        "S151",
        "A limit without an order keeps the first rows by {order}: say order: if you mean others.",
        "limit: 10",
        "warning",
    ),
    Code(
        "S152",
        "Of rows alike in {by}, the first by {order} is kept: say order: if you mean another.",
        "dedupe: customer_id",
        "warning",
    ),
    Code(
        "S153",
        "{function} depends on the order of the rows, and no column tells all of them apart: rows that are alike in the"
        " order given are taken in the order of {order}.",
        "row_number(per country order by day)",
        "warning",
    ),
    Code("S160", "The parameter {found} is also a column of the result: rename one of them.", "for_each: {month: …}"),
    Code(
        "S161",
        "Values of a node come in no order, so they cannot be zipped: write the values out, or let them multiply.",
        "zip: {month: {node: months}, label: [a, b]}",
    ),
    Code("S162", "{found} is not {expected}.", "for_each: {month: [1998-13-01]}"),
    Code(
        "S163",
        "The values of {name} are of different types: {first} is {first_type}, {second} is {second_type}.",
        "[1, x]",
    ),
    Code(
        "S164",
        "Zipped parameters need as many values each: {first} has {first_count}, {second} has {second_count}.",
        "zip",
    ),
    Code(
        "S165", "There are {count} combinations of values; a node is expanded at most {limit} times.", "every: 1 second"
    ),
    Code(
        "S166", "Nothing in this node depends on ${name}: every value would give the same rows.", "for_each", "warning"
    ),
    Code("S167", "The values {first} and {second} of {name} are the same.", "for_each: {rate: [1, 1.0]}"),
    Code(
        "S168",
        "The parameter {name} is a list, and for_each gives one value at a time: use another parameter.",
        "for_each: {countries: [FR, DE]} where countries is a list",
    ),
    Code("S170", "The formula {found} has the name of a column.", "formulas: {amount: quantity * 2}"),
    Code("S171", "The columns of {found} are not known: list them under columns.", "orders: {table: shop.orders}"),
    Code("S172", "{table} has no column {found}.", "columns: {amout: decimal} of a table that the catalog knows"),
    Code("S173", "The file {path} has no column {found}.", "columns: {amout: decimal}"),
    Code(
        "S174",
        "What fits {found} is not known: nobody has looked at the columns of {name}.",
        'columns: {"????-??": decimal} of a table that the catalog does not know',
    ),
    Code(
        "S180",
        "A view cannot read the file {found}, which is there only while a run loads it: keep {node} as a table.",
        "view",
    ),
    Code(
        "S181", "The key {found} of an inline node or view cannot be enforced and is not used.", "keys: [a]", "warning"
    ),
    Code("S290", "{found} is {type}, and this needs {expected}.", "freshness: {column: name, within: 2 days}"),
    Code("S291", "An expectation is a condition that is true or false; this is {type}.", "formula: amount + 1"),
    Code("S190", "{found} is not in this version of Headrace yet.", "defaults: {materialize: incremental}"),
)
