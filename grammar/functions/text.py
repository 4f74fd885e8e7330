"""Functions of text. Characters are counted from 1, whatever their length in bytes."""

from __future__ import annotations

from headrace.grammar.function import Constant, Example, Function, signature

_COUNT = Constant(required=False, minimum=0)
_POSITION = Constant(required=False, minimum=1)
# Nothing, or an error where the count is negative, which REPEAT, LPAD and RPAD would take for 0.
_NO_NEGATIVE = "SUBSTRING('' FROM 1 FOR {1:int})"

_CASE = (
    Function(
        "upper",
        "text",
        "row",
        (signature("text", "text", "UPPER({0})"),),
        "The text in capitals.",
        (Example('upper("Zürich")', "ZÜRICH"), Example("upper(null::text)", None)),
        aliases=("upper_case", "uppercase", "ucase"),
    ),
    Function(
        "lower",
        "text",
        "row",
        (signature("text", "text", "LOWER({0})"),),
        "The text in small letters.",
        (Example('lower("ÉCLAIR")', "éclair"),),
        aliases=("lower_case", "lowercase", "lcase"),
    ),
    Function(
        "proper",
        "text",
        "row",
        (signature("text", "text", "INITCAP({0})"),),
        "The text with a capital at the start of every word and small letters after it.",
        (Example('proper("jean-paul o\'NEIL")', "Jean-Paul O'Neil"),),
        aliases=("initcap", "title_case"),
    ),
)

_SPACE = (
    Function(
        "trim",
        "text",
        "row",
        (
            signature("text", "text", "TRIM({0})"),
            signature("text, text", "text", "TRIM({1} FROM {0})"),
        ),
        "The text without spaces at both ends, or without the characters of the second text.",
        (
            Example('trim("  two  words ")', "two  words"),
            Example('trim("--x-y--", "-")', "x-y"),
            Example('trim("yxabcxy", "xy")', "abc"),
        ),
        aliases=("btrim",),
        caution="TRIM of spreadsheets also makes one space of several inside the text: that is collapse_spaces(x).",
    ),
    Function(
        "ltrim",
        "text",
        "row",
        (
            signature("text", "text", "LTRIM({0})"),
            signature("text, text", "text", "LTRIM({0}, {1})"),
        ),
        "The text without spaces, or without the characters of the second text, at its start.",
        (Example('ltrim("  x ")', "x "), Example('ltrim("00120", "0")', "120")),
        aliases=("trim_start",),
    ),
    Function(
        "rtrim",
        "text",
        "row",
        (
            signature("text", "text", "RTRIM({0})"),
            signature("text, text", "text", "RTRIM({0}, {1})"),
        ),
        "The text without spaces, or without the characters of the second text, at its end.",
        (Example('rtrim(" x  ")', " x"), Example('rtrim("1200", "0")', "12")),
        aliases=("trim_end",),
    ),
    Function(
        "collapse_spaces",
        "text",
        "row",
        (signature("text", "text", "REGEXP_REPLACE(TRIM({0}), ' +', ' ', 'g')"),),
        "The text without spaces at both ends and with one space where there were several, as TRIM of spreadsheets.",
        (Example('collapse_spaces("  two   words ")', "two words"),),
    ),
    Function(
        "clean",
        "text",
        "row",
        (signature("text", "text", "REGEXP_REPLACE({0}, '[[:cntrl:]]', '', 'g')"),),
        "The text without control characters such as tabs and line ends.",
        (Example('clean("a" & char(9) & "b" & char(10))', "ab"),),
    ),
    Function(
        "remove_accents",
        "text",
        "row",
        (signature("text", "text", r"REGEXP_REPLACE(NORMALIZE({0}, NFD), '[\u0300-\u036f]', '', 'g')"),),
        "The text with plain letters for those that carry an accent; ligatures such as œ stay.",
        (Example('remove_accents("Éléonore à Zürich")', "Eleonore a Zurich"),),
        aliases=("unaccent",),
    ),
    Function(
        "normalize",
        "text",
        "row",
        (signature("text", "text", "NORMALIZE({0}, NFC)"),),
        "The text in Unicode's composed form (NFC), in which texts that look the same are equal.",
        (Example('len(normalize("e" & char(769)))', "1"), Example('normalize("é")', "é")),
    ),
)

_LENGTH = (
    Function(
        "len",
        "text",
        "row",
        (signature("text", "integer", "CAST(LENGTH({0}) AS BIGINT)"),),
        "The number of characters.",
        (Example('len("Zürich")', "6"), Example('len("日本")', "2"), Example('len("")', "0")),
        aliases=("length", "str_len", "char_length", "character_length", "strlen"),
    ),
    Function(
        "byte_length",
        "text",
        "row",
        (
            signature("text", "integer", "CAST(OCTET_LENGTH({0}) AS BIGINT)"),
            signature("binary", "integer", "CAST(OCTET_LENGTH({0}) AS BIGINT)"),
        ),
        "The number of bytes, which is more than that of characters where there are accents.",
        (Example('byte_length("Zürich")', "7"),),
        aliases=("octet_length",),
    ),
    Function(
        "count_substring",
        "text",
        "row",
        (
            signature(
                "text, text",
                "integer",
                "CAST((LENGTH({0}) - LENGTH(REPLACE({0}, {1}, ''))) / NULLIF(LENGTH({1}), 0) AS BIGINT)",
            ),
        ),
        "How often the second text stands in the first, not counting overlaps; null for an empty second text.",
        (
            Example('count_substring("banana", "an")', "2"),
            Example('count_substring("aaa", "aa")', "1"),
            Example('count_substring("a", "")', None),
        ),
        nulls="custom",
    ),
)

_PARTS = (
    Function(
        "left",
        "text",
        "row",
        (
            signature("text, integer", "text", "LEFT({0}, {1})", constants={1: Constant(minimum=0)}),
            # SUBSTRING refuses a negative count, where LEFT would take it as "all but the last".
            signature("text, integer", "text", "SUBSTRING({0} FROM 1 FOR {1:int})"),
        ),
        "The first characters of a text, as many as the count; the whole text where it is shorter.",
        (
            Example('left("Zürich", 2)', "Zü"),
            Example('left("ab", 5)', "ab"),
            Example('left("ab", 0)', ""),
            Example('left("abc", len("xx"))', "ab"),
        ),
    ),
    Function(
        "right",
        "text",
        "row",
        (
            signature("text, integer", "text", "RIGHT({0}, {1})", constants={1: Constant(minimum=0)}),
            signature(
                "text, integer",
                "text",
                "SUBSTRING({0} FROM GREATEST(LENGTH({0}) - {1:int} + 1, 1) FOR {1:int})",
            ),
        ),
        "The last characters of a text, as many as the count; the whole text where it is shorter.",
        (
            Example('right("Genève", 3)', "ève"),
            Example('right("ab", 5)', "ab"),
            Example('right("abc", len("xx"))', "bc"),
            Example('right("abc", len(""))', ""),
        ),
    ),
    Function(
        "substring",
        "text",
        "row",
        (
            signature("text, integer", "text", "SUBSTRING({0} FROM {1:int})", constants={1: _POSITION}),
            signature(
                "text, integer, integer",
                "text",
                "SUBSTRING({0} FROM {1:int} FOR {2:int})",
                constants={1: _POSITION, 2: _COUNT},
            ),
        ),
        "The characters of a text from a position on, the first being 1: all of them or as many as the count.",
        (
            Example('substring("Zürich", 2, 3)', "üri"),
            Example('substring("Zürich", 3)', "rich"),
            Example('substring("ab", 5, 2)', ""),
        ),
        aliases=("mid", "substr"),
    ),
    Function(
        "split",
        "text",
        "row",
        (signature("text, text, integer", "text", "SPLIT_PART({0}, {1}, {2:int})"),),
        "One part of a text cut at a separator: part 1 is the first, -1 the last; empty where there is no such part.",
        (
            Example('split("a-b-c", "-", 2)', "b"),
            Example('split("a-b-c", "-", -1)', "c"),
            Example('split("a-b-c", "-", 4)', ""),
        ),
        aliases=("split_part",),
    ),
    Function(
        "text_before",
        "text",
        "row",
        (signature("text, text", "text", "SUBSTRING({0} FROM 1 FOR NULLIF(POSITION({1} IN {0}), 0) - 1)"),),
        "What stands before the first occurrence of the second text; null where it does not occur.",
        (Example('text_before("a@b.c", "@")', "a"), Example('text_before("abc", "@")', None)),
        aliases=("textbefore",),
        nulls="custom",
    ),
    Function(
        "text_after",
        "text",
        "row",
        (signature("text, text", "text", "SUBSTRING({0} FROM NULLIF(POSITION({1} IN {0}), 0) + LENGTH({1}))"),),
        "What stands after the first occurrence of the second text; null where it does not occur.",
        (Example('text_after("a@b@c", "@")', "b@c"), Example('text_after("abc", "@")', None)),
        aliases=("textafter",),
        nulls="custom",
    ),
)

_FIND = (
    Function(
        "find",
        "text",
        "row",
        (
            signature("text, text", "integer", "CAST(NULLIF(POSITION({0} IN {1}), 0) AS BIGINT)"),
            signature(
                "text, text, integer",
                "integer",
                "CAST(NULLIF(POSITION({0} IN SUBSTRING({1} FROM {2:int})), 0) + {2:int} - 1 AS BIGINT)",
                constants={2: _POSITION},
            ),
        ),
        "Where the first text stands in the second, from a position on; capitals count; null where it does not occur.",
        (
            Example('find("r", "Zürich")', "3"),
            Example('find("R", "Zürich")', None),
            Example('find("a", "banana", 3)', "4"),
        ),
        aliases=("position",),
        nulls="custom",
    ),
    Function(
        "search",
        "text",
        "row",
        (
            signature("text, text", "integer", "CAST(NULLIF(POSITION(LOWER({0}) IN LOWER({1})), 0) AS BIGINT)"),
            signature(
                "text, text, integer",
                "integer",
                "CAST(NULLIF(POSITION(LOWER({0}) IN LOWER(SUBSTRING({1} FROM {2:int}))), 0) + {2:int} - 1 AS BIGINT)",
                constants={2: _POSITION},
            ),
        ),
        "As find, but capitals do not count.",
        (
            Example('search("R", "Zürich")', "3"),
            Example('search("A", "banana", 3)', "4"),
            Example('search("x", "a")', None),
        ),
        nulls="custom",
    ),
    Function(
        "contains",
        "text",
        "row",
        (signature("text, text", "boolean", "POSITION({1} IN {0}) > 0"),),
        "Whether the second text stands in the first; capitals count.",
        (
            Example('contains("Zürich", "rich")', "true"),
            Example('contains("100%", "%")', "true"),
            Example('contains("a", "A")', "false"),
        ),
    ),
    Function(
        "icontains",
        "text",
        "row",
        (signature("text, text", "boolean", "POSITION(LOWER({1}) IN LOWER({0})) > 0"),),
        "Whether the second text stands in the first; capitals do not count.",
        (Example('icontains("Éclair", "éC")', "true"), Example('icontains("a", "b")', "false")),
    ),
    Function(
        "starts_with",
        "text",
        "row",
        (signature("text, text", "boolean", "STARTS_WITH({0}, {1})"),),
        "Whether the first text begins with the second; capitals count.",
        (Example('starts_with("FR-75", "FR")', "true"), Example('starts_with("FR", "fr")', "false")),
        aliases=("startswith", "begins_with"),
    ),
    Function(
        "ends_with",
        "text",
        "row",
        (signature("text, text", "boolean", "RIGHT({0}, LENGTH({1})) = {1}"),),
        "Whether the first text ends with the second; capitals count.",
        (
            Example('ends_with("photo.png", ".png")', "true"),
            Example('ends_with("a", "")', "true"),
            Example('ends_with("g", "png")', "false"),
        ),
        aliases=("endswith",),
    ),
)

_CHANGE = (
    Function(
        "replace",
        "text",
        "row",
        (
            signature("text, text, text", "text", "REPLACE({0}, {1}, {2})"),
            signature(
                "text, integer, integer, text",
                "text",
                "OVERLAY({0} PLACING {3} FROM {1:int} FOR {2:int})",
                constants={1: _POSITION, 2: Constant(minimum=0)},
            ),
            signature(
                "text, integer, integer, text",
                "text",
                "SUBSTRING('' FROM 1 FOR {2:int}) || OVERLAY({0} PLACING {3} FROM {1:int} FOR {2:int})",
                constants={1: _POSITION},
            ),
        ),
        "The text with every occurrence of the second text replaced by the third; or, as in spreadsheets, with the"
        " characters from a position on, as many as the count, replaced.",
        (
            Example('replace("a-b-c", "-", "+")', "a+b+c"),
            Example('replace("Zürich", 2, 1, "u")', "Zurich"),
            Example('replace("abc", 2, 0, "--")', "a--bc"),
            Example('replace("abc", 2, len("x"), "--")', "a--c"),
        ),
    ),
    Function(
        "substitute",
        "text",
        "row",
        (
            signature("text, text, text", "text", "REPLACE({0}, {1}, {2})"),
            # '***=' makes PostgreSQL take the pattern literally; in the replacement only a backslash is special.
            signature(
                "text, text, text, integer",
                "text",
                r"REGEXP_REPLACE({0}, '***=' || {1}, REPLACE({2}, '\', '\\'), 1, {3:int})",
                constants={3: _POSITION},
            ),
        ),
        "The text with every occurrence of the second text replaced by the third, or only the n-th.",
        (
            Example('substitute("a-b-c", "-", "")', "abc"),
            Example('substitute("a.b.c", ".", "+", 2)', "a.b+c"),
            Example('substitute("a.b", ".", "+", 3)', "a.b"),
        ),
    ),
    Function(
        "translate",
        "text",
        "row",
        (signature("text, text, text", "text", "TRANSLATE({0}, {1}, {2})"),),
        "The text with each character of the second text replaced by the one at the same place in the third.",
        (Example('translate("1.234,5", ".,", ",.")', "1,234.5"), Example('translate("a1b", "1", "")', "ab")),
    ),
    Function(
        "repeat",
        "text",
        "row",
        (
            signature("text, integer", "text", "REPEAT({0}, {1:int})", constants={1: Constant(minimum=0)}),
            signature("text, integer", "text", f"{_NO_NEGATIVE} || REPEAT({{0}}, {{1:int}})"),
        ),
        "The text repeated as often as the count.",
        (
            Example('repeat("ab", 3)', "ababab"),
            Example('repeat("ab", 0)', ""),
            Example('repeat("ab", len("xx"))', "abab"),
        ),
        aliases=("rept",),
    ),
    Function(
        "reverse",
        "text",
        "row",
        (signature("text", "text", "REVERSE({0})"),),
        "The text with its characters in the opposite order.",
        (Example('reverse("Zürich")', "hcirüZ"),),
    ),
    Function(
        "lpad",
        "text",
        "row",
        (
            signature("text, integer", "text", "LPAD({0}, {1:int})", constants={1: Constant(minimum=0)}),
            signature("text, integer, text", "text", "LPAD({0}, {1:int}, {2})", constants={1: Constant(minimum=0)}),
            signature("text, integer", "text", f"{_NO_NEGATIVE} || LPAD({{0}}, {{1:int}})"),
            signature("text, integer, text", "text", f"{_NO_NEGATIVE} || LPAD({{0}}, {{1:int}}, {{2}})"),
        ),
        "The text brought to a length by spaces, or by the third text, before it; a longer one is cut at its end.",
        (
            Example('lpad("7", 3, "0")', "007"),
            Example('lpad("é", 2)', " é"),
            Example('lpad("12345", 3, "0")', "123"),
            Example('lpad("7", len("xx"), "0")', "07"),
        ),
        aliases=("pad_left",),
    ),
    Function(
        "rpad",
        "text",
        "row",
        (
            signature("text, integer", "text", "RPAD({0}, {1:int})", constants={1: Constant(minimum=0)}),
            signature("text, integer, text", "text", "RPAD({0}, {1:int}, {2})", constants={1: Constant(minimum=0)}),
            signature("text, integer", "text", f"{_NO_NEGATIVE} || RPAD({{0}}, {{1:int}})"),
            signature("text, integer, text", "text", f"{_NO_NEGATIVE} || RPAD({{0}}, {{1:int}}, {{2}})"),
        ),
        "The text brought to a length by spaces, or by the third text, after it; a longer one is cut at its end.",
        (
            Example('rpad("7", 3, "0")', "700"),
            Example('rpad("12345", 3)', "123"),
            Example('rpad("7", len("xx"))', "7 "),
        ),
        aliases=("pad_right",),
    ),
)

_JOIN = (
    Function(
        "concat",
        "text",
        "row",
        (signature("printed*", "text", "CONCAT({*})"),),
        "The texts one after the other; numbers and dates as plain ISO text; a null adds nothing.",
        (
            Example('concat("a", null, "b")', "ab"),
            Example('concat("n° ", 7, " ", date("2024-01-31"))', "n° 7 2024-01-31"),
        ),
        nulls="never",
        caution="Where a null should make the whole null, as CONCAT of some databases has it, join with &: a & b.",
    ),
    Function(
        "concat_ws",
        "text",
        "row",
        (signature("text, printed*", "text", "CONCAT_WS({0}, {1*})"),),
        "The texts with the first one between them; nulls are left out.",
        (Example('concat_ws(", ", "Paris", null, "FR")', "Paris, FR"), Example('concat_ws("-", "", "b")', "-b")),
        nulls="custom",
    ),
    Function(
        "textjoin",
        "text",
        "row",
        (
            signature(
                "text, boolean, printed*",
                "text",
                "CONCAT_WS({0}, {2*})",
                each="NULLIF({}, '')",
                constants={1: Constant(choices=(True,))},
            ),
            signature(
                "text, boolean, printed*",
                "text",
                "CONCAT_WS({0}, {2*})",
                each="COALESCE({}, '')",
                constants={1: Constant(choices=(False,))},
            ),
        ),
        "The texts with the first one between them; with true, nulls and empty texts are left out, with false kept.",
        (
            Example('textjoin("-", true, "a", "", null, "b")', "a-b"),
            Example('textjoin("-", false, "a", "", null, "b")', "a---b"),
        ),
        aliases=("text_join",),
        nulls="custom",
    ),
)

_CODES = (
    Function(
        "char",
        "text",
        "row",
        (signature("integer", "text", "CHR({0:int})", constants={0: Constant(required=False, minimum=1)}),),
        "The character of a Unicode code.",
        (Example("char(65)", "A"), Example("char(8364)", "€")),
        aliases=("chr", "unichar"),
    ),
    Function(
        "code",
        "text",
        "row",
        (signature("text", "integer", "CAST(ASCII({0}) AS BIGINT)"),),
        "The Unicode code of the first character; 0 for an empty text.",
        (Example('code("A")', "65"), Example('code("€uro")', "8364"), Example('code("")', "0")),
        aliases=("ascii", "unicode"),
    ),
    Function(
        "md5",
        "text",
        "row",
        (signature("text", "text", "MD5({0})"),),
        "The MD5 hash of the text, 32 hexadecimal digits: for keys, not for secrets.",
        (Example('md5("abc")', "900150983cd24fb0d6963f7d28e17f72"),),
    ),
    Function(
        "sha256",
        "text",
        "row",
        (signature("text", "text", "ENCODE(SHA256(CONVERT_TO({0}, 'UTF8')), 'hex')"),),
        "The SHA-256 hash of the text in UTF-8, 64 hexadecimal digits.",
        (Example('sha256("abc")', "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),),
    ),
)

FUNCTIONS: tuple[Function, ...] = (
    *_CASE,
    *_SPACE,
    *_LENGTH,
    *_PARTS,
    *_FIND,
    *_CHANGE,
    *_JOIN,
    *_CODES,
)
