"""Words in plain letters, so that what people write in many ways can be compared."""

from __future__ import annotations

import re
import unicodedata


def plain_word(value: str) -> str:
    """Lower case without accents, with single spaces for every run of other signs: ``Huis_van-het Kind``."""
    bare = unicodedata.normalize("NFKD", value).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", " ", bare).strip()
