"""Signs that a file can hold: a name may come from anybody's list, and XML, paper and fonts do not take them all."""

from __future__ import annotations

import re

UNKNOWN = "\N{REPLACEMENT CHARACTER}"
"""What stands for a sign that cannot be shown."""

_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_HALF = re.compile("[\ud800-\udfff]")
_LETTERS = "\t\n\r -~\xa0-\u024f\u0370-\u04ff\u1e00-\u1eff"
_NOT_LETTERS = (
    re.compile(f"[^{_LETTERS}\u2000-\u2bff{UNKNOWN}]"),
    re.compile(f"[^{_LETTERS}\u2010-\u2044\u20ac{UNKNOWN}]"),
)


def in_xml(words: str) -> str:
    """Words without the signs that XML cannot hold: control characters are left out, half a pair is `UNKNOWN`."""
    return _HALF.sub(UNKNOWN, _NOT_XML.sub("", words))


def in_letters(words: str, strictly: bool = False) -> str:
    """Words with `UNKNOWN` for what is no letter of Latin, Greek or Cyrillic script, and no punctuation or symbol.

    Parameters
    ----------
    words : as somebody wrote them
    strictly : whether symbols are `UNKNOWN` as well
    """
    return _NOT_LETTERS[strictly].sub(UNKNOWN, words)
