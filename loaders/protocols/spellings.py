"""Headers, words and numbers as people write them in a list of facilities, in Dutch, English or French."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping, Sequence

from loaders.catalogue.plain_words import plain_word as plain_word
from loaders.catalogue.region import Region
from loaders.catalogue.region_in_use import ListOfRegion, OfRegion

_HEADERS: dict[str, str] = {
    "id": "id nr code facility_id identificatie plaats_id",
    "service": "service dienst type soort",
    "name": "name naam nom benaming",
    "lat": "lat latitude breedtegraad breedte noorderbreedte",
    "lon": "lon lng long longitude lengtegraad lengte oosterlengte",
    "x": "x x_coordinaat x_m",
    "y": "y y_coordinaat y_m",
    "house_id": "house_id huis_id huisid samenwerkingsverband partnership",
    "physical": "physical fysiek physique",
    "status": "status toestand statut",
    "organiser": "organiser organizer organisator organiserend_bestuur organisateur",
    "hours_per_year": "hours_per_year uren_per_jaar uren hours heures_par_an",
    "serves": "serves bedient bedient_gemeenten werkingsgebied dessert",
    "source": "source bron",
    "as_of": "as_of stand peildatum",
    "evidence": "evidence herkomst",
    "address": "address adres adresse straat street rue huisnummer postcode gemeente municipality plaats city",
}


def spellings(headers: Mapping[str, str]) -> dict[str, str]:
    """Field by each of its spellings, out of the spellings of each field in one text."""
    return {alias: field for field, aliases in headers.items() for alias in aliases.split()}


def _of_points(chosen: Region) -> dict[str, str]:
    return {name: words for name, words in chosen.headers.items() if name in ("x", "y")}


FACILITY_FIELDS: Mapping[str, str] = OfRegion(lambda chosen: spellings(_HEADERS) | spellings(_of_points(chosen)))
"""Field of a list of places by every header that people write for it."""

DERIVED: Sequence[str] = ListOfRegion(lambda chosen: (*chosen.code_columns, "precision", "flags", "geometry"))
"""Columns of our own files that are worked out anew, so they are passed over without a word."""

STATUS_WORDS: Mapping[str, str] = {
    **dict.fromkeys(("exists", "bestaat", "bestaand", "open", "actief", "existe"), "exists"),
    **dict.fromkeys(("planned", "gepland", "prevu"), "planned"),
    **dict.fromkeys(("antenna", "antenne", "antennepunt"), "antenna"),
}
TRUTH_WORDS: Mapping[str, bool] = {
    **dict.fromkeys(("ja", "j", "yes", "y", "1", "true", "waar", "oui", "vrai"), True),
    **dict.fromkeys(("nee", "neen", "n", "no", "0", "false", "onwaar", "non", "faux"), False),
}


def field_of(header: str, known: Mapping[str, str] = FACILITY_FIELDS) -> str | None:
    """Field a header stands for among the known spellings, or None."""
    return known.get(plain_word(header).replace(" ", "_"))


def read_number(value: str) -> float | None:
    """Number with a decimal comma or point, with or without thousands separators; None when it is none.

    When both signs occur the last one is the decimal sign; a sign that occurs twice separates thousands.
    """
    digits = re.sub(r"[\s\u00a0\u202f']", "", value)
    comma, point = digits.rfind(","), digits.rfind(".")
    if comma >= 0 and point >= 0:
        digits = digits.replace("." if comma > point else ",", "")
    for sign in ",.":
        if digits.count(sign) > 1:
            digits = digits.replace(sign, "")
    try:
        number = float(digits.replace(",", "."))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def slug(name: str) -> str:
    """Lower-case id of a name: letters and digits joined by hyphens."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
