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

LANGUAGE_VARIABLE = "NABIJ_LANG"
_OF_SYSTEM = ("LC_ALL", "LC_MESSAGES", "LANG")


def language_of_system(environment: Mapping[str, str]) -> str | None:
    """Language of ``NABIJ_LANG``, else of the locale that is set; None for one that nabij does not speak."""
    locale = next((environment[name] for name in (LANGUAGE_VARIABLE, *_OF_SYSTEM) if environment.get(name)), "")
    language = locale.replace("-", "_").partition("_")[0].partition(".")[0].lower()
    return language if language in LANGUAGES else None
