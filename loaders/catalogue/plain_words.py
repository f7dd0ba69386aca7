"""Words in plain letters, so that what people write in many ways can be compared."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache


@lru_cache(maxsize=8_192)
def plain_word(value: str) -> str:
    """Lower case without accents, with single spaces for every run of other signs: ``Huis_van-het Kind``."""
    bare = unicodedata.normalize("NFKD", value).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", " ", bare).strip()


_BRACKETS = re.compile(r"[(\[{][^)\]}]{0,60}[)\]}]")


def header_word(header: str) -> str:
    """Words of a header joined by ``_``, without what stands between brackets.

    Examples
    --------
    >>> header_word("Breedtegraad (WGS84)"), header_word("naamGemeente"), header_word("(x)")
    ('breedtegraad', 'naamgemeente', 'x')
    """
    bare = plain_word(_BRACKETS.sub(" ", header)) or plain_word(header)
    return bare.replace(" ", "_")
