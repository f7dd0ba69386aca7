"""Places that a list itself says are closed, or will be: in their service or name, in a remark, or by a date of end."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping

from loaders.catalogue.plain_words import header_word
from loaders.protocols.spellings import is_empty_word

_LONGEST = 500
_CLOSED = re.compile(
    r"\b(?:gesloten|opgeheven|stopgezet|gestopt|afgeschaft|verhuisd|buiten (?:gebruik|werking)"
    r"|niet (?:meer|langer) (?:open|actief)|closed|ceased|discontinued|relocated|no longer (?:open|active)"
    r"|ferm[ée]e?s?|supprim[ée]e?s?|d[ée]m[ée]nag[ée]e?)\b"
    r"|\b(?:tot(?: en met)?|t/m|until|till|jusqu['’](?:en|au|à)?)\s+(?:[\w./-]+\s+){0,2}(?:19|20)\d\d\b",
    re.IGNORECASE,
)
_AT_TIMES = re.compile(
    r"\b(?:gesloten|closed|ferm[ée]e?s?)\s+(?:(?:op|in|tijdens|van|elke|iedere|bij|'s|on|during|in|every|at|le|la|les|en"
    r"|pendant|au|aux)\b)(?!\D{0,20}(?:19|20)\d\d)",
    re.IGNORECASE,
)
"""What is closed on some days only."""

_END_WORDS = (
    "einddatum einde datum_einde einddatum_werking sluitingsdatum datum_sluiting stopdatum gesloten_op gesloten_sinds "
    "opgeheven_op stopgezet_op end_date enddate closing_date closed_on closed_since date_closed date_fin date_de_fin "
    "date_de_fermeture date_fermeture ferme_le"
)
_ENDS = frozenset(_END_WORDS.split())


def is_end(header: str) -> bool:
    """Whether a header is that of the day on which a place closed."""
    return header_word(header) in _ENDS


def says_closed(text: str) -> bool:
    """Whether a text says that a place is closed for good.

    Examples
    --------
    >>> [says_closed(text) for text in ("CB Boom (gesloten)", "tot eind 2020", "gesloten op woensdag")]
    [True, True, False]
    """
    if len(text) > _LONGEST:
        return False
    return _CLOSED.search(_AT_TIMES.sub(" ", text)) is not None


def closed_by(line: Mapping[Hashable, str], ends: Mapping[str, bool]) -> tuple[str, str]:
    """Column and words by which a row says that its place is closed, or when it ends; ('', '') for none.

    Parameters
    ----------
    line : cells of the row by column
    ends : the columns to look in, and whether each holds days on which places end
    """
    for column, is_day in ends.items():
        word = line[column]
        if word and ((is_day and not is_empty_word(word)) or (not is_day and says_closed(word))):
            return column, word[:80]
    return "", ""
