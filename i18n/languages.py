"""The languages that nabij speaks, each declared once; its texts stand in ``i18n/texts`` and with the services."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Language:
    """A language.

    Attributes
    ----------
    locale : as CLDR names it: decides signs, plurals and months
    percent : sign behind a percentage, with the space before it
    """

    locale: str
    percent: str


SPOKEN: Mapping[str, Language] = {
    "nl": Language("nl_BE", "\u00a0%"),
    "en": Language("en_GB", "%"),
    "fr": Language("fr_BE", "\u00a0%"),
}
"""Languages by code, the first one leading. Flanders and Brussels write as Belgium does; CLDR has no space before a
Dutch percent sign, the Belgian standard has."""

LANGUAGES = tuple(SPOKEN)
DEFAULT_LANGUAGE = LANGUAGES[0]
