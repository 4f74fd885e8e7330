"""The characters of documents: decoding, and characters that no document can hold."""

from __future__ import annotations

import re
import unicodedata

MAX_CHARACTERS = 10_000_000

_UNUSABLE = re.compile("[\0\ud800-\udfff]")
_UNREADABLE = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff\ufeff]")


def decode(data: bytes) -> tuple[str, str | None]:
    """The text of UTF-8 (UTF-16 with a mark is understood), and what is wrong with it.

    Where it is no UTF-8, the text is read as if each byte were a character, so that places can be told.
    """
    for mark, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            try:
                return data.decode(encoding), None
            except UnicodeDecodeError:
                break
    try:
        return data.decode("utf-8-sig"), None
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8-sig")
        line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
        return data.decode("latin-1"), f"line {line}, character {column} is the byte {data[error.start]:#04x}"


def name_of(character: str) -> str:
    """A character that cannot be shown, for people: ``U+0000``."""
    code = f"U+{ord(character):04X}"
    name = unicodedata.name(character, "")
    return f"{code} ({name.lower()})" if name else code


def unreadable(text: str) -> int | None:
    """Where ``text`` holds the first character that YAML and JSON texts must not."""
    match = _UNREADABLE.search(text)
    return match.start() if match else None


def mend_text(text: str) -> tuple[str, str | None]:
    """A value with what no database holds (NUL, half a surrogate pair) replaced, and the name of the first of it."""
    match = _UNUSABLE.search(text)
    return (_UNUSABLE.sub("\ufffd", text), name_of(match[0])) if match else (text, None)
