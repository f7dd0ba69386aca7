"""Rows that stand in a list and are no row of it: sums, headings between the rows, remarks below them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from loaders.lists.municipality_names import Municipalities, is_total, is_whole

_SIGNS = r"\*|†|©|\(\d{1,2}\)|\[\d{1,2}\]|[¹²³]"
_WORDS = (
    "bron bronnen source sources opmerking opmerkingen remarque remarques remark remarks nota noot note notes nb n.b. "
    "ps legende legend toelichting laatste_update laatste_bijwerking laatste_wijziging laatst_bijgewerkt "
    "laatst_gewijzigd bijgewerkt_op last_update last_updated stand_op toestand_op situation_au datum date"
)
_WORD = "|".join(re.escape(word).replace("_", r"\s+") for word in _WORDS.split())
_REMARK = re.compile(rf"(?:{_SIGNS}|(?:{_WORD})\b)", re.IGNORECASE)
_REMARK_CELLS = 2
_NUMBER = re.compile(r"[-+\d.,\s%]*")


def aside_of(cells: Iterable[str], municipalities: Municipalities) -> tuple[str, str]:
    """Key of what a row is when it is none of the list, and its words; ('', '') for any other row.

    Parameters
    ----------
    cells : all of the row, as written
    municipalities : their names, which stand alone above the places of each

    Returns
    -------
    tuple of str
        ``total_row``, ``heading_row``, ``note_row``, or ``only_one_cell`` where a single text says nothing of itself
    """
    values = list(dict.fromkeys(cell for cell in cells if cell))
    words = [cell for cell in values if not _NUMBER.fullmatch(cell)]
    total = next((word for word in words[:3] if is_total(word)), "")
    if total:
        return "total_row", total
    if words and len(values) <= _REMARK_CELLS and values[0] == words[0] and _REMARK.match(words[0]):
        return "note_row", words[0][:80]
    if len(values) != 1 or not words:
        return "", ""
    only = words[0]
    if is_whole(only) or only.endswith(":") or municipalities.find(only.rstrip(":")):
        return "heading_row", only[:80]
    return "only_one_cell", only[:80]
