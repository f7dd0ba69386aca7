"""Names in a sentence: articles, prepositions and elision in three languages."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from i18n.texts import format_number, has_text, text
from loaders.catalogue.regions.region_in_use import region

NAMES_SHOWN = 8
"""How many names a sentence tells before it says how many more there are."""
_NAMED_AFTER_TOWNS = ("municipality", "province", "arrondissement", "reference_region", "care_region")
"""Levels whose zones bear the names of towns as a register writes them; smaller ones have names of their own."""
_FEW = 3
"""Areas other than municipalities that a sentence names one by one."""

_VOWELS = frozenset("aeiou")
_MERGED = {"de": {"le ": "du ", "les ": "des "}, "à": {"le ": "au ", "les ": "aux "}}
"""What a French preposition makes of the article after it."""


def elides(word: str) -> bool:
    """Whether French drops a vowel before ``word``: *d'Oudenburg*, *d'Yvoir*; names with an h keep it.

    Examples
    --------
    >>> [elides(name) for name in ("Oudenburg", "Écaussinnes", "Hasselt", "Ypres", "Yerseke", "12")]
    [True, True, False, True, False, False]
    """
    letters = unicodedata.normalize("NFD", word.casefold().replace("œ", "oe").replace("æ", "ae"))
    first, second = letters[:1], letters[1:2]
    return first in _VOWELS or (first == "y" and second.isalpha() and second not in _VOWELS)


def of(phrase: str, lang: str) -> str:
    """``phrase`` after *of*: ``van Oudenburg``, ``d'Oudenburg``, ``du cercle …``, ``des communes``."""
    return _after("de", phrase) if _french(lang) else text("grammar.of", lang, name=phrase)


def say(key: str, lang: str, **values: str) -> str:
    """Text ``key`` with its values, French words before them elided or merged with what follows.

    Write the text as if nothing were elided: ``la région de {name}`` becomes *la région d'Oostende*, ``de {place}``
    *du cercle …*, ``que {who}`` *qu'aucun …*.
    """
    sentence = text(key, lang, **values)
    if _french(lang):
        for value in filter(None, values.values()):
            sentence = sentence.replace(f"de {value}", _after("de", value)).replace(f"à {value}", _after("à", value))
            if elides(value):
                sentence = sentence.replace(f"que {value}", f"qu'{value}")
    return sentence


def called(name: str, lang: str) -> str:
    """Name of a municipality in the language of the reader, where that has a usual one; else that of the register.

    Examples
    --------
    >>> [called("Elsene", lang) for lang in ("nl", "en", "fr")], called("Oudenburg", "fr")
    (['Elsene', 'Elsene', 'Ixelles'], 'Oudenburg')
    """
    key = f"municipality_name.{name}"
    return text(key, lang) if has_text(key) else name


def the(level: str, name: str, lang: str) -> str:
    """An area with its article and what it is: ``de zorgregio Boom``; a municipality by its name alone.

    Parameters
    ----------
    level : a level, ``own`` for an area of the user, ``drawn`` for one without a name
    name : of the area
    lang : language
    """
    name = called(name, lang) if level in _NAMED_AFTER_TOWNS else name
    key = f"grammar.the.{level}"
    if not has_text(key):
        return text("area.name", lang, level=text(f"level.{level}", lang), name=name)
    return say(key, lang, name=name)


def together(areas: Sequence[tuple[str, str]], lang: str) -> str:
    """Areas as one in a sentence: by their names where these are few, else by what they are and how many.

    Parameters
    ----------
    areas : (level, name) of each
    lang : language
    """
    levels = {level for level, _ in areas}
    most = NAMES_SHOWN if levels == {region().base} else _FEW
    if len(areas) <= most or len(levels) > 1:
        return listed([the(level, name, lang) for level, name in areas], lang)
    words = text(f"level.{areas[0][0]}.plural", lang)
    return say("grammar.the.several", lang, n=format_number(len(areas), lang), levels=words)


def within(level: str, name: str, lang: str) -> str:
    """An area after *in*: ``in Oudenburg``, ``in de zorgregio Boom``, ``à Oudenburg``."""
    phrase = the(level, name, lang)
    if phrase not in (name, called(name, lang)):
        return text("grammar.in_the", lang, name=phrase)
    return _after("à", phrase) if _french(lang) else text("grammar.in", lang, name=phrase)


def listed(names: list[str], lang: str, most: int = NAMES_SHOWN) -> str:
    """Names in a sentence: ``Hemiksem, Niel en Schelle``; the first ``most`` and how many more there are."""
    shown, more = names[:most], len(names) - most
    if more > 0:
        return text("list.more", lang, names=", ".join(shown), n=more)
    if len(shown) < 2:
        return "".join(shown)
    return text("list.and", lang, names=", ".join(shown[:-1]), last=shown[-1])


def capital(sentence: str) -> str:
    """Sentence with a capital at its start, the rest as it is; ``IJ`` is one letter in Dutch."""
    if sentence[:2] == "ij":
        return "IJ" + sentence[2:]
    return sentence[:1].upper() + sentence[1:]


def _french(lang: str) -> bool:
    return lang == "fr"


def _after(preposition: str, phrase: str) -> str:
    """French phrase after *de* or *à*."""
    for article, merged in _MERGED[preposition].items():
        if phrase.casefold().startswith(article):
            return merged + phrase[len(article) :]
    if preposition == "de" and elides(phrase):
        return f"d'{phrase}"
    return f"{preposition} {phrase}"
