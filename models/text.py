"""The characters of documents: decoding, and characters that no document can hold."""

from __future__ import annotations

import re
import unicodedata

MAX_CHARACTERS = 10_000_000

_UNUSABLE = re.compile("[\0\ud800-\udfff]")
_UNREADABLE = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff\ufeff]")


def decode(data: bytes) -> tuple[str, int | None]:
    """The text of UTF-8 (or of UTF-16 with its mark), and where it is no such text, if anywhere.

    What cannot be decoded becomes U+FFFD, so that the rest can be read.
    """
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        return data.decode(encoding), None
    except UnicodeDecodeError as error:
        text = data.decode(encoding, errors="replace")
        return text, min(len(data[: error.start].decode(encoding, errors="replace")), len(text))


def name_of(character: str) -> str:
    """A character that cannot be shown, for people: ``U+0000``."""
    code = f"U+{ord(character):04X}"
    name = unicodedata.name(character, "")
    return f"{code} ({name.lower()})" if name else code


def clean(text: str) -> tuple[str, list[int]]:
    """A text of YAML or JSON with each character that neither can hold replaced by U+FFFD, and where they stood."""
    places = [match.start() for match in _UNREADABLE.finditer(text)]
    return (_UNREADABLE.sub("\ufffd", text) if places else text), places


def mend_text(text: str) -> tuple[str, str | None]:
    """A value with what no database holds (NUL, half a surrogate pair) replaced, and the name of the first of it."""
    match = _UNUSABLE.search(text)
    return (_UNUSABLE.sub("\ufffd", text), name_of(match[0])) if match else (text, None)
