"""Which vintage of municipalities a file speaks of, told from the codes or names in it, and carrying to 2025.

Publishers relabel: Statbel's birth sheets of 2018 and 2024 already use the codes after the mergers of 2019 and 2025.
So a vintage is never taken from a title or a year; the set of codes decides.
"""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from i18n.errors import DataError
from i18n.messages import Message, Word
from loaders.catalogue.regions.levels import MUNICIPALITIES, is_brussels
from loaders.parsers.municipal import plain_name
from loaders.protocols.spellings import slug

VINTAGES = tuple(MUNICIPALITIES)
_WALLOON_PREFIXES = ("25", "5", "6", "8", "9")


def is_flemish_or_brussels(nis: pd.Series) -> pd.Series:
    """Whether NIS codes are municipalities of Flanders or Brussels: no region, province or arrondissement."""
    text = nis.astype(str)
    return text.str.fullmatch(r"[1-9]\d{4}") & ~text.str.endswith("000") & ~text.str.startswith(_WALLOON_PREFIXES)


def detect_vintage(file_codes: Iterable[str], codes: pd.DataFrame, where: str, *, brussels: bool = True) -> int:
    """Vintage of which ``file_codes`` are exactly the municipality codes.

    Parameters
    ----------
    file_codes : NIS codes of a file, of Flanders and Brussels only
    codes : crosswalk with ``nis2018, nis2019, nis2025``
    where : file or sheet, for the error
    brussels : whether the nineteen codes of Brussels must be there too

    Raises
    ------
    DataError
        the codes are of no vintage held: names a code too many or too few of the nearest vintage
    """
    have = set(file_codes)
    wanted = {}
    for vintage in VINTAGES:
        column = codes[f"nis{vintage}"]
        wanted[vintage] = set(column if brussels else column[~is_brussels(column)])
        if wanted[vintage] == have:
            return vintage
    nearest = min(VINTAGES, key=lambda v: (len(wanted[v] ^ have), -v))
    odd = sorted(have - wanted[nearest]) or sorted(wanted[nearest] - have)
    what = Word("error.live.code_unknown" if odd[0] in have else "error.live.code_missing")
    known = {"codes": str(len(wanted[nearest])), "nearest": str(nearest)}
    raise DataError(Message("error.live.codes", where=where, odd=odd[0], what=what, **known, n=len(odd)))


def detect_by_name(names: Iterable[str], codes: pd.DataFrame) -> tuple[int, dict[str, str], list[str]]:
    """Vintage whose municipality names fit best: the vintage, name to NIS code, and the names that fit none."""
    asked = list(dict.fromkeys(names))
    best: tuple[int, dict[str, str]] = (VINTAGES[-1], {})
    for vintage in reversed(VINTAGES):
        known = _by_name(codes, vintage)
        fits = {name: known[slug(plain_name(name))] for name in asked if slug(plain_name(name)) in known}
        if len(fits) > len(best[1]):
            best = (vintage, fits)
    return best[0], best[1], [name for name in asked if name not in best[1]]


def _by_name(codes: pd.DataFrame, vintage: int) -> dict[str, str]:
    """Code by plain name; a name two municipalities share stands for neither."""
    pairs = codes[[f"name{vintage}", f"nis{vintage}"]].drop_duplicates()
    plain = pairs[f"name{vintage}"].map(plain_name).map(slug)
    known = dict(zip(plain, pairs[f"nis{vintage}"], strict=True))
    for twice in plain[plain.duplicated()]:
        known.pop(twice, None)
    full = dict(zip(pairs[f"name{vintage}"].map(slug), pairs[f"nis{vintage}"], strict=True))
    return full | known


def carry(nis: pd.Series, vintage: int, to: int, codes: pd.DataFrame) -> pd.Series:
    """Codes of ``vintage`` as codes of the later vintage ``to``: mergers only, so every code has one successor."""
    if vintage == to:
        return nis.astype(str)
    successor = codes.drop_duplicates(f"nis{vintage}").set_index(f"nis{vintage}")[f"nis{to}"]
    return nis.map(successor).astype(str)
