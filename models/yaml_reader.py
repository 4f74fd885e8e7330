"""YAML text to a ``Reading``."""

from __future__ import annotations


from headrace.models.reading import Reading

from headrace.models.yaml_composer import compose


def read_yaml(text: str | bytes, file: str | None = None) -> Reading:
    """The reading of a YAML document. Never raises for what the text holds.

    YAML 1.2: every scalar keeps its text, and its type comes from the model.

    >>> read_yaml("answer: NO").data
    {'answer': 'NO'}
    """
    composed = compose(text)
    return Reading(
        composed.data,
        tuple(diagnostic for _, diagnostic in composed.diagnostics),
        file,
        text,
        not composed.stopped,
        composed.open,
        composed.place,
    )
