"""Names that mean different things in different programs and that number or type of arguments does not tell apart.

None of them is a function here; each is answered with the names of what it may mean.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

AMBIGUOUS: Mapping[str, str] = MappingProxyType(
    {
        "mod": "x % y has the sign of x, floor_mod(x, y) that of y, as in spreadsheets.",
        "int": "floor(x) goes down, as in spreadsheets; trunc(x) goes towards 0.",
        "log": "ln(x) is the natural logarithm, log10(x) that to base 10.",
    }
)
"""What to write instead, by name."""
