"""Values within JSON."""

from __future__ import annotations

from headrace.grammar.function import Example, Function, signature

_DOCUMENT = 'parse_json(\'{"a": {"b": [1, "x"]}, "n": null}\')'

FUNCTIONS: tuple[Function, ...] = (
    Function(
        "parse_json",
        "json",
        "row",
        (signature("text", "json", "CAST({0} AS JSONB)"),),
        "The text as JSON; a text that is no JSON is an error.",
        (Example('parse_json(\'{"b": 1, "a": [true]}\')', '{"a": [true], "b": 1}'),),
        aliases=("json", "json_parse"),
    ),
    Function(
        "to_json",
        "json",
        "row",
        tuple(
            signature(kind, "json", "TO_JSONB({0:typed})")
            for kind in ("boolean", "integer", "decimal", "text", "date", "timestamp", "uuid", "json")
        ),
        "The value as JSON: a number, true or false, or a text; dates as ISO text.",
        (
            Example('to_json("a")', '"a"'),
            Example("to_json(1.50)", "1.50"),
            Example('to_json(date("2024-01-31"))', '"2024-01-31"'),
        ),
    ),
    Function(
        "json_extract_path_text",
        "json",
        "row",
        (
            signature("json, text*", "text", "JSONB_EXTRACT_PATH_TEXT({0}, {1*})"),
            signature("text, text*", "text", "JSONB_EXTRACT_PATH_TEXT(CAST({0} AS JSONB), {1*})"),
        ),
        "The value under the keys, one after the other, as text; elements of arrays count from 0; null where there is"
        " none.",
        (
            Example(f'json_extract_path_text({_DOCUMENT}, "a", "b", "1")', "x"),
            Example(f'json_extract_path_text({_DOCUMENT}, "a", "c")', None),
            Example('json_extract_path_text(\'{"a": 1}\', "a")', "1"),
        ),
        aliases=("json_extract_text",),
        nulls="custom",
    ),
    Function(
        "json_extract_path",
        "json",
        "row",
        (signature("json, text*", "json", "JSONB_EXTRACT_PATH({0}, {1*})"),),
        "The value under the keys, one after the other, as JSON; null where there is none.",
        (Example(f'json_extract_path({_DOCUMENT}, "a", "b")', '[1, "x"]'),),
        aliases=("json_extract",),
        nulls="custom",
    ),
    Function(
        "json_value",
        "json",
        "row",
        (signature("json, text", "text", "JSONB_PATH_QUERY_ARRAY({0}, CAST({1} AS JSONPATH)) ->> 0"),),
        "The first value at a path of SQL/JSON, such as $.a.b[0], as text; null where there is none.",
        (
            Example(f'json_value({_DOCUMENT}, "$.a.b[1]")', "x"),
            Example(f'json_value({_DOCUMENT}, "$.n")', None),
            Example(f'json_value({_DOCUMENT}, "$.z")', None),
        ),
        nulls="custom",
    ),
    Function(
        "json_query",
        "json",
        "row",
        (signature("json, text", "json", "JSONB_PATH_QUERY_FIRST({0}, CAST({1} AS JSONPATH))"),),
        "The first value at a path of SQL/JSON, as JSON; null where there is none.",
        (Example(f'json_query({_DOCUMENT}, "$.a.b")', '[1, "x"]'),),
        nulls="custom",
    ),
    Function(
        "json_exists",
        "json",
        "row",
        (signature("json, text", "boolean", "JSONB_PATH_EXISTS({0}, CAST({1} AS JSONPATH))"),),
        "Whether there is a value at a path of SQL/JSON.",
        (Example(f'json_exists({_DOCUMENT}, "$.a.b")', "true"), Example(f'json_exists({_DOCUMENT}, "$.z")', "false")),
        nulls="custom",
    ),
    Function(
        "json_has_key",
        "json",
        "row",
        (signature("json, text", "boolean", "JSONB_EXISTS({0}, {1})"),),
        "Whether a JSON object has the key, even with a null under it.",
        (Example(f'json_has_key({_DOCUMENT}, "n")', "true"), Example(f'json_has_key({_DOCUMENT}, "b")', "false")),
    ),
    Function(
        "json_array_length",
        "json",
        "row",
        (signature("json", "integer", "CAST(JSONB_ARRAY_LENGTH({0}) AS BIGINT)"),),
        "The number of elements of a JSON array; of anything else it is an error.",
        (Example("json_array_length(parse_json('[1, [2, 3]]'))", "2"),),
    ),
    Function(
        "json_type",
        "json",
        "row",
        (signature("json", "text", "JSONB_TYPEOF({0})"),),
        "What the JSON is: object, array, string, number, boolean or null.",
        (Example("json_type(parse_json('[]'))", "array"), Example("json_type(parse_json('null'))", "null")),
        aliases=("json_typeof",),
    ),
)
