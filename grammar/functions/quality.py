"""Questions about the quality of data. They answer true or false, never null."""

from __future__ import annotations

from headrace.grammar.function import Example, Function, signature
from headrace.grammar.functions.conversion import DAY, FALSE, INTEGER, MOMENT, NUMBER, TRUE, UUID
from headrace.grammar.functions.date_text import PATTERN

_EMAIL = r"^[^@[:space:]]+@[^@[:space:].]+([.][^@[:space:].]+)+$"
_URL = "^https?://[^[:space:]/]+[^[:space:]]*$"


def _matching(name: str, expression: str, meaning: str, *examples: Example, aliases: tuple[str, ...] = ()) -> Function:
    call = signature("text", "boolean", f"COALESCE({{0}} ~ '{expression}', FALSE)")
    return Function(name, "quality", "row", (call,), meaning, examples, aliases=aliases, nulls="never")


def _dated(name: str, expression: str, meaning: str, *examples: Example, aliases: tuple[str, ...] = ()) -> Function:
    signatures = (
        signature("text", "boolean", f"COALESCE({{0}} ~ '{expression}', FALSE)"),
        signature("text, text", "boolean", "COALESCE({0} ~ {1:regex}, FALSE)", constants={1: PATTERN}),
    )
    return Function(name, "quality", "row", signatures, meaning, examples, aliases=aliases, nulls="never")


FUNCTIONS: tuple[Function, ...] = (
    Function(
        "is_defined",
        "quality",
        "row",
        (signature("any", "boolean", "{0} IS NOT NULL"),),
        "Whether the value is not null.",
        (Example('is_defined("")', "true"), Example("is_defined(null)", "false")),
        aliases=("is_not_null",),
        nulls="never",
    ),
    Function(
        "is_empty",
        "quality",
        "row",
        (
            signature("text", "boolean", "{0} IS NULL OR {0} = ''"),
            signature("any", "boolean", "{0} IS NULL"),
        ),
        "Whether the value is null or an empty text.",
        (
            Example('is_empty("")', "true"),
            Example('is_empty(" ")', "false"),
            Example("is_empty(null::integer)", "true"),
            Example("is_empty(0)", "false"),
        ),
        nulls="never",
    ),
    Function(
        "is_blank",
        "quality",
        "row",
        (
            signature("text", "boolean", "{0} IS NULL OR {0} ~ '^[[:space:]]*$'"),
            signature("any", "boolean", "{0} IS NULL"),
        ),
        "Whether the value is null or a text of nothing but spaces.",
        (Example('is_blank("  ")', "true"), Example('is_blank(" a ")', "false"), Example("is_blank(null)", "true")),
        aliases=("isblank",),
        nulls="never",
    ),
    Function(
        "null_if_empty",
        "quality",
        "row",
        (signature("text", "text", "NULLIF(TRIM({0}), '')"),),
        "The text without spaces at both ends, or null where nothing is left.",
        (Example('null_if_empty("  ")', None), Example('null_if_empty(" a ")', "a")),
        aliases=("empty_to_null",),
        nulls="custom",
    ),
    Function(
        "is_number",
        "quality",
        "row",
        (
            signature("text", "boolean", f"COALESCE({{0}} ~ '{NUMBER}', FALSE)"),
            signature("number", "boolean", "{0} IS NOT NULL"),
        ),
        "Whether the text reads as a number, as to_decimal takes it; a number does, null does not.",
        (
            Example('is_number("-12.5e3")', "true"),
            Example('is_number("1,5")', "false"),
            Example('is_number("")', "false"),
            Example("is_number(null::text)", "false"),
            Example("is_number(5)", "true"),
        ),
        aliases=("isnumber", "is_numeric"),
        nulls="never",
    ),
    _matching(
        "is_integer",
        INTEGER,
        "Whether the text reads as a whole number.",
        Example('is_integer("-12")', "true"),
        Example('is_integer("12.0")', "false"),
    ),
    _dated(
        "is_date",
        DAY,
        "Whether the text is a day that there is, as YYYY-MM-DD or as the pattern says.",
        Example('is_date("2024-02-29")', "true"),
        Example('is_date("2023-02-29")', "false"),
        Example('is_date("29/02/2024", "DD/MM/YYYY")', "true"),
        Example('is_date("29/02/1900", "DD/MM/YYYY")', "false"),
        Example("is_date(null::text)", "false"),
        aliases=("isdate",),
    ),
    _dated(
        "is_timestamp",
        MOMENT,
        "Whether the text is a date and time that there is, as YYYY-MM-DD HH:mm:ss or as the pattern says.",
        Example('is_timestamp("2024-02-29 23:59:59")', "true"),
        Example('is_timestamp("2024-02-29 24:00:00")', "false"),
    ),
    Function(
        "is_boolean",
        "quality",
        "row",
        (signature("text", "boolean", f"COALESCE(LOWER(TRIM({{0}})) IN ({TRUE}, {FALSE}), FALSE)"),),
        "Whether to_boolean takes the text.",
        (Example('is_boolean("Yes")', "true"), Example('is_boolean("maybe")', "false")),
        nulls="never",
    ),
    _matching(
        "is_uuid",
        UUID,
        "Whether the text is a UUID in its usual form.",
        Example('is_uuid("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")', "true"),
        Example('is_uuid("a0eebc99")', "false"),
    ),
    _matching(
        "is_email",
        _EMAIL,
        "Whether the text has the form of an e-mail address: one @, no spaces, a point in the domain.",
        Example('is_email("jean.d\'arc@exemple.fr")', "true"),
        Example('is_email("jean@exemple")', "false"),
        Example('is_email("a@b@c.fr")', "false"),
    ),
    _matching(
        "is_url",
        _URL,
        "Whether the text has the form of a web address, with http:// or https://.",
        Example('is_url("https://exemple.fr/a?b=c")', "true"),
        Example('is_url("exemple.fr")', "false"),
    ),
)
