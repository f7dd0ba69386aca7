"""Licences, years and publishers of sources in the language of the reader; the catalogue has them in English."""

from __future__ import annotations

from i18n.texts import has_text, text
from loaders.catalogue.plain_words import plain_word


def source_word(given: str, lang: str) -> str:
    """What the catalogue says of a source, in the reader's language; what has no words of ours, as a name, stays.

    Examples
    --------
    >>> source_word("facts, cited", "nl"), source_word("CC BY 4.0", "nl")
    ('feiten, met bronvermelding', 'CC BY 4.0')
    """
    key = f"source_word.{plain_word(given).replace(' ', '_')}"
    return text(key, lang) if has_text(key) else given
