"""Regular expressions, in PostgreSQL's dialect (nearly Perl's). With ``"i"`` capitals do not count."""

from __future__ import annotations

from headrace.grammar.function import Constant, Example, Function, signature

_IGNORE_CASE = Constant(choices=("i",))

FUNCTIONS: tuple[Function, ...] = (
    Function(
        "regexp_match",
        "regular expressions",
        "row",
        (
            signature("text, text", "boolean", "{0} ~ {1}"),
            signature("text, text, text", "boolean", "{0} ~* {1}", constants={2: _IGNORE_CASE}),
        ),
        "Whether the expression is found in the text; for the whole text write ^ and $ around it.",
        (
            Example('regexp_match("FR-75001", "[0-9]{5}$")', "true"),
            Example('regexp_match("abc", "^B")', "false"),
            Example('regexp_match("abc", "^A", "i")', "true"),
        ),
        aliases=("regexp_like", "regexp_matches", "regexmatch", "rlike", "matches"),
    ),
    Function(
        "regexp_extract",
        "regular expressions",
        "row",
        (
            signature("text, text", "text", "SUBSTRING({0} FROM {1})"),
            signature(
                "text, text, integer",
                "text",
                "REGEXP_SUBSTR({0}, {1}, 1, 1, '', {2:int})",
                constants={2: Constant(required=False, minimum=0)},
            ),
        ),
        "The first part of the text that the expression finds, or its first bracket if it has some, or the bracket of"
        " the number given, 0 being all that is found; null where nothing is found, or no such bracket.",
        (
            Example('regexp_extract("order 4711 of 12", "[0-9]+")', "4711"),
            Example('regexp_extract("a@b.org", "@(.*)[.]")', "b"),
            Example('regexp_extract("2024-08-09", "([0-9]+)-([0-9]+)", 2)', "08"),
            Example('regexp_extract("none", "[0-9]+")', None),
            Example('regexp_extract("a@b.org", "@(.*)[.]", 0)', "@b."),
            Example('regexp_extract("a@b.org", "@(.*)[.]", 2)', None),
        ),
        aliases=("regexextract",),
        nulls="custom",
    ),
    Function(
        "regexp_replace",
        "regular expressions",
        "row",
        (
            signature("text, text, text", "text", "REGEXP_REPLACE({0}, {1}, {2}, 'g')"),
            signature(
                "text, text, text, text",
                "text",
                "REGEXP_REPLACE({0}, {1}, {2}, 'gi')",
                constants={3: _IGNORE_CASE},
            ),
        ),
        r"The text with every part that the expression finds replaced; \1 in the replacement is the first bracket.",
        (
            Example('regexp_replace("a1b22", "[0-9]+", "#")', "a#b#"),
            Example(r'regexp_replace("Doe, John", "(\w+), (\w+)", "\2 \1")', "John Doe"),
            Example('regexp_replace("aAb", "a", "", "i")', "b"),
        ),
        aliases=("regexreplace",),
        caution="REGEXP_REPLACE of PostgreSQL replaces the first part only: that is regexp_replace_first.",
    ),
    Function(
        "regexp_replace_first",
        "regular expressions",
        "row",
        (signature("text, text, text", "text", "REGEXP_REPLACE({0}, {1}, {2})"),),
        "The text with the first part that the expression finds replaced.",
        (Example('regexp_replace_first("a1b22", "[0-9]+", "#")', "a#b22"),),
    ),
    Function(
        "regexp_count",
        "regular expressions",
        "row",
        (
            signature("text, text", "integer", "CAST(REGEXP_COUNT({0}, {1}) AS BIGINT)"),
            signature(
                "text, text, text",
                "integer",
                "CAST(REGEXP_COUNT({0}, {1}, 1, 'i') AS BIGINT)",
                constants={2: _IGNORE_CASE},
            ),
        ),
        "How often the expression is found in the text, not counting overlaps.",
        (
            Example('regexp_count("a1b22", "[0-9]")', "3"),
            Example('regexp_count("aAa", "a")', "2"),
            Example('regexp_count("aAa", "a", "i")', "3"),
        ),
    ),
    Function(
        "regexp_position",
        "regular expressions",
        "row",
        (signature("text, text", "integer", "CAST(NULLIF(REGEXP_INSTR({0}, {1}), 0) AS BIGINT)"),),
        "Where the expression is first found in the text, the first character being 1; null where it is not.",
        (Example('regexp_position("Zürich 8001", "[0-9]")', "8"), Example('regexp_position("a", "[0-9]")', None)),
        aliases=("regexp_instr",),
        nulls="custom",
    ),
    Function(
        "regexp_split",
        "regular expressions",
        "row",
        (
            signature(
                "text, text, integer",
                "text",
                "(REGEXP_SPLIT_TO_ARRAY({0}, {1}))[{2:int}]",
                constants={2: Constant(required=False, minimum=1)},
            ),
        ),
        "One part of a text cut where the expression is found, from 1; null where there are fewer.",
        (
            Example(r'regexp_split("a, b;c", "[,;] *", 2)', "b"),
            Example(r'regexp_split("a, b;c", "[,;] *", 4)', None),
        ),
        nulls="custom",
    ),
)
