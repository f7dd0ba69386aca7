"""Headers, words and numbers as people write them in a list of facilities, in Dutch, English or French."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence

from loaders.catalogue.plain_words import header_word
from loaders.catalogue.plain_words import plain_word as plain_word
from loaders.catalogue.regions.region import Region
from loaders.catalogue.regions.region_in_use import ListOfRegion, OfRegion

_HEADERS: dict[str, str] = {
    "id": "id facility_id plaats_id identificatie identifier bureau_id locatie_id ~nr ~nummer ~code "
    "~volgnummer ~objectid ~object_id ~fid ~ogc_fid ~gid ~uidn ~oidn ~recordid ~globalid ~ref ~identifiant",
    "service": "service dienst type soort soort_dienst type_dienst dienstverlening voorziening ~categorie ~category "
    "~type_de_service ~facility_type",
    "name": "name naam nom benaming naam_cb naam_bureau bureaunaam locatienaam naam_locatie naam_voorziening "
    "naam_dienst ~label ~title ~titel ~omschrijving ~denomination ~intitule",
    "lat": "lat latitude breedtegraad breedte noorderbreedte lat_dd latitude_dd lat_wgs84 latitude_wgs84 wgs84_lat "
    "wgs84_latitude wgs84_y y_wgs84 gps_lat gps_latitude gps_breedte geo_lat point_lat latdd lat_deg",
    "lon": "lon lng long longitude lengtegraad lengte oosterlengte lon_dd long_dd longitude_dd lon_wgs84 long_wgs84 "
    "longitude_wgs84 wgs84_lon wgs84_long wgs84_longitude wgs84_x x_wgs84 gps_lon gps_long gps_longitude gps_lengte "
    "geo_lon geo_lng point_lon londd longdd lon_deg long_deg",
    "x": "x x_coordinaat x_m point_x pointx x_coord xcoord x_coordinate coord_x x_co easting "
    "utm_e utm_x utm_easting utm_oost",
    "y": "y y_coordinaat y_m point_y pointy y_coord ycoord y_coordinate coord_y y_co northing "
    "utm_n utm_y utm_northing utm_noord",
    "point": "coordinaten coordinaat coordinates coordinate coordonnees coords coord geo_point geo_point_2d geopoint "
    "geopunt geo_punt latlon lat_lon latlong lat_long latlng lat_lng breedte_lengte gps gps_coordinaten wkt wkt_geom "
    "geom the_geom st_astext google_maps google_maps_link maps_link ~geo_shape ~geometrie ~geometry ~shape "
    "~wkb_geometry ~location ~locatie ~ligging ~positie ~center",
    "house_id": "house_id huis_id huisid samenwerkingsverband partnership",
    "physical": "physical fysiek physique",
    "status": "status toestand statut ~actief ~active ~actif ~in_gebruik ~in_werking ~business_status ~bedrijfsstatus "
    "~open_gesloten",
    "organiser": "organiser organizer organisator organiserend_bestuur organisateur inrichtende_macht ~organisatie",
    "hours_per_year": "hours_per_year uren_per_jaar uren hours heures_par_an uren_jaar jaaruren uren_op_jaarbasis "
    "toegekende_uren aantal_uren uur_per_jaar aantal_uren_per_jaar u_jaar u_j ~heures",
    "hours_per_week": "hours_per_week uren_per_week heures_par_semaine uren_week weekuren uur_per_week "
    "aantal_uren_per_week aantal_uren_week openingsuren_per_week uur_week u_week u_w h_week heures_semaine",
    "serves": "serves bedient bedient_gemeenten bediende_gemeenten werkingsgebied dessert",
    "source": "source bron",
    "as_of": "as_of stand peildatum stand_op toestand_op referentiejaar ~jaar ~jaartal ~year ~annee ~werkjaar",
    "evidence": "evidence herkomst",
    "address": "address adres adresse straat street rue straatnaam huisnummer huisnr straat_nr straat_en_nr "
    "straat_en_nummer numero_de_police volledig_adres street_address",
    "postcode": "postcode postal_code postalcode post_code code_postal zip zipcode zip_code postnummer",
    "municipality": "gemeente municipality gemeentenaam naam_gemeente gemeente_naam commune plaats city stad ville "
    "woonplaats fusiegemeente hoofdgemeente localite postcode_en_gemeente postcode_gemeente ~plaatsnaam ~stad_gemeente "
    "~gemeente_stad",
}

STREETS = frozenset(["straat", "street", "rue", "straatnaam"])
HOUSE_NUMBERS = frozenset(["nr", "nummer", "no", "number", "numero", "huisnummer", "huisnr", "bus", "boite"])
"""Headers that are part of an address where a street stands beside them."""


class Spellings(dict[str, str]):
    """Field by spelling of a header; a ``weak`` spelling counts only where no other column is that field."""

    weak: frozenset[str] = frozenset()

    def extended(self, more: Mapping[str, str]) -> Spellings:
        """The same with other spellings beside it, which go before."""
        made = Spellings({**self, **more})
        made.weak = self.weak - set(more)
        return made


def weak_of(known: Mapping[str, str]) -> frozenset[str]:
    """Spellings that count only where no other column is the field."""
    known_words = known.now() if isinstance(known, SpellingsOfRegion) else known
    return known_words.weak if isinstance(known_words, Spellings) else frozenset()


def spellings(headers: Mapping[str, str]) -> Spellings:
    """Field by each of its spellings, out of the spellings of each field in one text; ``~`` marks a weak one."""
    pairs = [(alias, field) for field, aliases in headers.items() for alias in aliases.split()]
    made = Spellings({alias.lstrip("~"): field for alias, field in pairs})
    made.weak = frozenset(alias[1:] for alias, _ in pairs if alias.startswith("~"))
    return made


class SpellingsOfRegion(OfRegion[str]):
    """Spellings that follow from the region in use."""

    def __init__(self, make: Callable[[Region], Spellings]) -> None:
        super().__init__(make)

    def now(self) -> Spellings:
        """Spellings of the region in use."""
        current = self._now()
        return current if isinstance(current, Spellings) else Spellings(current)


def _of_region(chosen: Region) -> Spellings:
    of_points = {name: words for name, words in chosen.headers.items() if name in ("x", "y")}
    of_code = {"nis": chosen.headers.get("place_code", "")}
    words = {name: f"{known} {of_points.get(name, '')}" for name, known in _HEADERS.items()}
    return spellings(words | of_code)


FACILITY_FIELDS = SpellingsOfRegion(_of_region)
"""Field of a list of places by every header that people write for it."""

DERIVED: Sequence[str] = ListOfRegion(lambda chosen: (*chosen.code_columns, "precision", "flags", "geometry"))
"""Columns of our own files that are worked out anew, so they are passed over without a word."""

STATUS_WORDS: Mapping[str, str] = {
    **dict.fromkeys(
        (
            "exists",
            "bestaat",
            "bestaand",
            "bestaande",
            "open",
            "actief",
            "active",
            "existe",
            "existant",
            "ouvert",
            "in werking",
            "in gebruik",
            "operationeel",
            "operational",
            "en service",
            "geopend",
            "ja",
            "yes",
            "oui",
            "true",
            "waar",
        ),
        "exists",
    ),
    **dict.fromkeys(
        (
            "planned",
            "gepland",
            "geplande",
            "prevu",
            "nog niet open",
            "not yet open",
            "pas encore ouvert",
            "in opbouw",
            "in aanbouw",
            "toekomstig",
            "en projet",
        ),
        "planned",
    ),
    **dict.fromkeys(("antenna", "antenne", "antennepunt"), "antenna"),
}
TRUTH_WORDS: Mapping[str, bool] = {
    **dict.fromkeys(("ja", "j", "yes", "y", "1", "true", "waar", "oui", "vrai", "x"), True),
    **dict.fromkeys(("nee", "neen", "n", "no", "0", "false", "onwaar", "non", "faux"), False),
}

PHYSICAL_WORDS: Mapping[str, bool] = {
    **TRUTH_WORDS,
    **dict.fromkeys(("fysiek", "physical", "physique"), True),
    **dict.fromkeys(("digitaal", "virtueel", "online", "niet fysiek", "digital", "virtual", "numerique"), False),
}
"""What stands under whether families can walk in."""


def field_of(header: str, known: Mapping[str, str] = FACILITY_FIELDS) -> str | None:
    """Field a header stands for among the known spellings, or None."""
    return known.get(plain_word(header).replace(" ", "_")) or known.get(header_word(header))


def near_field(header: str, known: Mapping[str, str] = FACILITY_FIELDS) -> str | None:
    """Field that an unknown header may have been meant for: by a slip of the pen, or as one of its words.

    Examples
    --------
    >>> near_field("Breedtegrad"), near_field("Naam CB Boom"), near_field("opmerking")
    ('lat', 'name', None)
    """
    from rapidfuzz import fuzz, process  # asked for headers that are not known alone

    word = header_word(header)
    if len(word) >= 5:
        close = process.extractOne(word, [one for one in known if len(one) >= 5], scorer=fuzz.ratio, score_cutoff=86)
        if close:
            return _of_week(word, known[str(close[0])])
    weak = weak_of(known)
    parts = [known[part] for part in word.split("_") if part in known and part not in weak]
    return _of_week(word, parts[0]) if parts else None


def _of_week(word: str, field: str) -> str:
    """Field of hours by the week where the header says so."""
    weekly = field == "hours_per_year" and ("week" in word or "semaine" in word)
    return "hours_per_week" if weekly else field


_STROKES = frozenset("-–—−./?_*~ ")
_EMPTY = "n v t,nvt,nihil,geen,onbekend,onb,na,n a,n b,nb,nan,null,none,nil,inconnu,nd,n d,unknown,not available"
EMPTY_WORDS = frozenset(_EMPTY.split(","))
"""Words that stand for nothing in a cell that may be empty."""

_SHEET_ERRORS = frozenset({"ref", "value", "naam", "name", "waarde", "getal", "num", "div 0", "deel 0", "verw"})
"""What a spreadsheet writes after a ``#``."""


def is_empty_word(value: str) -> bool:
    """Whether a cell says that there is nothing to say.

    Examples
    --------
    >>> [is_empty_word(word) for word in ("n.v.t.", "-", "#N/B", "#NAAM?", "naam", "0")]
    [True, True, True, True, False, False]
    """
    word = plain_word(value)
    if not word:
        return all(sign in _STROKES for sign in value)
    return word in EMPTY_WORDS or (word in _SHEET_ERRORS and value.lstrip().startswith("#"))


_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}([.,])\d{3}(?:\1\d{3})*")


def grouped_sign(value: str) -> str:
    """The sign of a number that may be one that separates thousands, as the point of ``1.820``; else ''."""
    if "." not in value and "," not in value:
        return ""
    match = _GROUPED.fullmatch(re.sub(r"[\s\u00a0\u202f']", "", value))
    return match.group(1) if match else ""


def read_number(value: str) -> float | None:
    """Number with a decimal comma or point, with or without thousands separators; None when it is none.

    When both signs occur the last one is the decimal sign; a sign that occurs twice separates thousands.
    """
    try:
        number = float(value.replace(",", ".") if "." not in value else value)
    except ValueError:
        number = math.nan
    if math.isfinite(number) and value.count(",") < 2:
        return number
    digits = re.sub(r"[\s\u00a0\u202f\u200b-\u200f\u2060\ufeff']", "", value)
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
    """Lower-case id of a name: letters and digits joined by hyphens; Latin ones where there are any."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    name_slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    return name_slug or re.sub(r"[\W_]+", "-", name.casefold()).strip("-")
