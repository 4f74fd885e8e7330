"""Codes ``F100`` and up: what can be said of the meaning and types of a formula.

Names come first (F100), then arguments and operands (F110), constants (F120), levels (F130), clauses (F140), formulas
within formulas (F150), and last what is allowed but perhaps not meant (F160).
"""

from headrace.diagnostics.code import Code

CODES: tuple[Code, ...] = (
    # Names
    Code("F100", "There is no column {name}.", "sum(amout)"),
    Code("F101", "There is no function {name}.", "summ(amount)"),
    Code("F102", "There is no parameter ${name}.", "order_date > $mnth"),
    Code("F103", "There is no relation {name}.", "custmer.country"),
    Code("F104", "{relation} has no column {name}.", "customer.contry"),
    Code(
        "F105",
        "The relation {relation} goes by the column {column}, and that is not here.",
        "customer.country after drop: [customer_id]",
    ),
    Code("F106", '${name} is a list of values. A list stands only after "in".', "country = $countries"),
    Code("F107", "{name} means different things in different programs. {choice}", "mod(-7, 3)"),
    Code(
        "F108",
        "The condition of {name} is written as a formula: {instead}.",
        'sumif(country, "FR", amount)',
    ),
    Code("F109", "{function} takes the word {word} in quotes: {text}.", "date_trunc(month, order_date)"),
    Code(
        "F196",
        "{name} can be reached by several paths: {paths}. Write the whole path.",
        "country.name where both the customer and the shop have a country",
    ),
    Code(
        "F197",
        "The relation {relation} is {cardinality}: it leads to several rows, and a formula can only follow relations "
        "to one.",
        "lines.amount",
    ),
    Code("F198", "A path can lead through {limit} relations at most.", "boss.boss.boss … twenty times"),
    Code(
        "F199",
        "The formulas of one node can follow {limit} paths at most: split it into several nodes.",
        "200 different paths",
    ),
    # Arguments and operands
    Code("F110", "{function} cannot take {found} ({type}) as its {position} argument.", "upper(amount)"),
    Code("F111", "{function} takes {expected}, not {found}.", "upper(name, 2)"),
    Code("F112", "{operator} does not work with {left} ({left_type}) and {right} ({right_type}).", "amount + country"),
    Code("F113", "{left} ({left_type}) and {right} ({right_type}) cannot be compared.", "amount = country"),
    Code(
        "F114",
        "{left} ({left_type}) and {right} ({right_type}) do not go together: one is a moment everywhere in the "
        "world, the other what a clock shows somewhere.",
        "created_at > shipped_at_utc",
    ),
    Code("F115", "{left} ({left_type}) and {right} ({right_type}) do not go together.", "created_at > order_date"),
    Code("F116", "{text} does not read as {kind}.", 'order_date > "24/10/2010"'),
    Code("F117", "The condition {found} is {type}; it must be true or false.", "if(amount, 1, 0)"),
    Code(
        "F118",
        "The values of {form} do not go together: {first} is {first_type}, {other} is {other_type}.",
        'if(amount > 100, "big", 0)',
    ),
    Code("F119", "There is no type {name}.", "amount::money"),
    Code("F120", "{found} ({type}) cannot be turned into {wanted}.", "is_new::date"),
    Code("F121", "{operator} does not work with {found} ({type}).", "-country"),
    Code("F122", "The arguments of {function} do not go together: {found}.", 'greatest(1, "a")'),
    # Constants
    Code("F123", "This text holds a character that a database cannot store: {character}.", '"a" and a NUL'),
    Code("F124", "{number} is beyond what a number can hold.", "1e999"),
    Code("F125", "{number} {unit}s is not a whole number of {whole}s.", "order_date + 0.5 months"),
    Code("F126", "This length of time is too long.", "now() + 999999999999 years"),
    Code("F127", "* stands alone only in count(*).", "sum(*)"),
    Code(
        "F128", "The {position} argument of {function} must be written out, and {found} is computed.", "left(name, n)"
    ),
    Code("F129", "{function} does not know {found} as its {position} argument.", 'date_trunc("mnth", day)'),
    # Levels
    Code(
        "F130",
        "{found} makes one value of many rows, but here every row has a value of its own.",
        "amount / sum(amount)",
    ),
    Code(
        "F131",
        "{found} stands inside {outer}, and a value of many rows cannot be made of such values again.",
        "sum(max(amount))",
    ),
    Code(
        "F132",
        '{function} needs to know the order of the rows, or of which rows: say "order by" or "per".',
        "lag(amount)",
    ),
    Code("F133", "{found} looks at other rows, which is not possible here.", "sum(amount per country) > 100"),
    Code("F134", "{found} looks at other rows, which is not possible inside {outer}.", "max(rank(order by amount))"),
    Code(
        "F135",
        "{name} has a value for each row, but here there is one row for each group.",
        "sum(amount) / quantity",
    ),
    Code(
        "F136",
        "{row} has a value for each row, {aggregate} one for many rows: they cannot stand side by side.",
        "amount / sum(amount)",
    ),
    Code("F137", "Here one value of many rows is wanted, but {found} has a value for each row.", "amount"),
    # Clauses
    Code("F140", '{function} works on one row, so "{clause}" cannot stand in it.', "upper(name per country)"),
    Code(
        "F141",
        '{function} cannot take different values only and a part of the rows too: leave out "distinct" or "{clause}".',
        "count(distinct x order by day rows 7)",
    ),
    Code("F142", '"{clause}" cannot stand in {function}.', "rank(where amount > 0 order by day)"),
    Code("F143", '"{clause}" needs an "order by" before it can say how far back to look.', "sum(amount per id rows 7)"),
    Code("F144", '"range {size}" needs one "order by", on a date or a time.', "sum(amount order by id range 7 days)"),
    Code("F145", '"rows" needs a whole number from 1 up, not {size}.', "sum(amount order by day rows 0)"),
    Code(
        "F146",
        "Where {function} takes different values only, it can be ordered by nothing but {argument}.",
        "string_agg(distinct name, ',' order by day)",
    ),
    Code("F147", "{function} needs at least one argument to take the different values of.", "count(distinct)"),
    Code("F148", "{function} cannot take {found} here: it must be {bounds}.", "left(name, -1)"),
    Code("F149", "{found} is no pattern of a date. {why}", 'to_text(day, "YYYY-mm")'),
    Code("F138", "The pattern {found} ends with a backslash that stands before nothing.", 'name like "A\\"'),
    # Formulas within formulas
    Code("F150", "These formulas need each other: {circle}.", "a: b + 1, b: a - 1"),
    Code("F151", "The formula {name} cannot be used here. {message}", "unit_price, where that is amount / quantitty"),
    Code("F152", "These formulas build on each other more than {limit} deep.", "f40: f39 + 1, f39: f38 + 1, …"),
    Code("F153", "This formula is too long: with the formulas it uses it has over {limit:,} parts.", "f20 * f20"),
    Code("F154", "This formula is nested too deep: compute some of it in a derive step before.", "a + (a + (a + …))"),
    Code("F155", "This formula calls own functions more than {limit:,} times.", "f20(x), where f20 is f19(x) + f19(x)"),
    # Own functions
    Code("F170", "{found} cannot be computed. {message}", "net(name), where net(x) is x / 1.2"),
    Code("F171", "There is a function {name} already, which means the same everywhere.", "functions: {sum(x): x}"),
    Code("F172", "The function {name} is declared twice.", "functions: {net(x): x / 2, NET(y): y / 3}"),
    Code("F173", "{name} is a word of the language: call the argument something else.", "functions: {net(case): 1}"),
    Code("F174", "These functions need each other: {circle}.", "functions: {f(x): g(x), g(x): f(x)}"),
    Code("F175", "{name} is no argument of {usage}, which sees nothing else.", "functions: {net(x): x / rate}"),
    Code("F176", "{usage} never uses {name}.", "functions: {net(x, y): x / 2}", "warning"),
    # Allowed, but perhaps not meant
    Code("F160", "A comparison with null is never true.", "country = null", "warning"),
    Code(
        "F162",
        "In {word}, % stands for any text and _ for one character; * and ? are themselves.",
        'name like "A*"',
        "warning",
    ),
    Code("F161", "{text} is a text here; without quotes it is the column.", '"country" = "FR"', "warning"),
    Code(
        "F163",
        "{function} is the same in any order, so order by {order} changes nothing.",
        "sum(x order by day)",
        "warning",
    ),
)
