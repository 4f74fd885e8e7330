"""Random flows run where texts are ordered by the rules of a language."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from linguistic import linguistic_connection

from headrace.run.embedded import Server


@pytest.fixture(scope="module")
def connection(server: Server) -> Iterator[Any]:
    """A connection to a database in which a comes before B, where the server knows languages."""
    with linguistic_connection(server.url) as opened:
        yield opened
