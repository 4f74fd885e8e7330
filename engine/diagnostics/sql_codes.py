"""Codes ``S25…`` to ``S28…``: what can be said of the query of a step ``sql``."""

from headrace.diagnostics.code import Code

CODES: tuple[Code, ...] = (
    Code("S250", "This is no query that PostgreSQL reads: at {near}, {reason}.", "sql: select a from from t"),
    Code("S251", "A query has at most {limit} characters.", "sql: of 200,000 characters"),
    Code("S252", "This query cannot be read for certain: write it in simpler parts.", "sql: 1,000 nested brackets"),
    Code("S253", "A step has one query, which begins with select or with; here is {found}.", "sql: select 1; select 2"),
    Code("S254", "A query only reads, and {found} changes something.", "sql: delete from t"),
    Code("S255", "{found} cannot stand in the query of a step.", "sql: select a from t for update"),
    Code("S256", "What stands in brackets in FROM needs a name.", "sql: select a from (select 1 as a)"),
    Code(
        "S257",
        "{word} takes as many columns on both sides, and there are {first} and {second}.",
        "select 1 union select 1, 2",
    ),
    Code("S258", "{name} is given {given} names for its columns, and has {count}.", "with t(a, b) as (select 1) …"),
    Code("S259", "There is no column {position}: the query gives {count}.", "sql: select a from t group by 2"),
    Code("S260", "The name {name} is given twice: give one of them another.", "sql: select 1 from t, t"),
    Code("S261", "Nothing in FROM is called {name}.", "sql: select x.a from t"),
    Code("S262", "{relation} has no column {name}.", "sql: select t.amout from t"),
    Code("S263", "There is no column {name} in what FROM names.", "sql: select amout from t"),
    Code("S264", "{name} could be the column of {relations}.", "sql: select id from a join b on a.id = b.id"),
    Code("S266", "There is no parameter {name}.", "sql: select a from t where d = $mnth"),
    Code(
        "S267", "The parameter {name} is a list: it can stand only behind in, as in x in ${name}.", "select $countries"
    ),
    Code("S268", "Column {number} of the query has no name: write … as name.", "sql: select sum(a) from t"),
    Code("S269", "The query gives two columns called {name}.", "sql: select a, b as a from t"),
    Code(
        "S270",
        "The type of {name} cannot be told from {words}: declare it.",
        "sql: select own_function(a) as b from t",
    ),
    Code("S271", "The query gives no column called {found}.", "columns: {revnue: decimal} beside sql"),
    Code(
        "S272", "{name} gives another result each time, or does something: a query may not call it.", "select random()"
    ),
    Code("S273", "There is no function {name} that a query may call here.", "sql: select own_function(a) as b from t"),
    Code("S274", "The type {found} cannot stand in the query of a step.", "sql: select a::int[] as b from t"),
    Code("S275", "The query reads nothing: it names no source or node.", "sql: select 1 as a"),
    Code(
        "S276",
        "input is the name of a source or node here, and would also be the rows that come in.",
        "sql: select * from input, where there is a source called input",
    ),
    Code(
        "S277", "{name} is {found}, and {type} does not hold all its values.", "columns: {total: integer} of a decimal"
    ),
    Code(
        "S278",
        "The query keeps some rows without saying which: add order by to its limit.",
        "sql: select a from t limit 10",
        "warning",
    ),
    Code("S279", "The query does not read the rows that come into its step.", "sql: select a from other", "warning"),
    Code("S280", "The template of this query cannot be carried out: {problem}.", "jinja: true with {% include %}"),
)
