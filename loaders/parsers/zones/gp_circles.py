"""GP circles (huisartsenkringen): from the table of municipalities or postcodes, the published areas, or cited facts.

A circle may split a municipality by postcode. Its part then consists of the sub-municipalities that the table names or
that the postcode is known to be; what cannot be told is left out, and the circle says ``approximate_borders``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from i18n.errors import DataError
from i18n.messages import Message, Note, Word
from loaders.catalogue.schemas import MEMBERSHIP
from loaders.parsers.bounds import check_bounds
from loaders.parsers.facts.public_facts import (
    basis_of,
    check_names,
    check_sources,
    check_words,
    dates,
    members2018,
    tidy,
)
from loaders.parsers.municipal import plain_name
from loaders.parsers.vintages import VINTAGES, detect_by_name
from loaders.parsers.zones.coverages import located
from loaders.protocols import workbooks
from loaders.protocols.geometry import mend
from loaders.protocols.spellings import slug
from loaders.protocols.tables import read_csv
from loaders.protocols.vectors import read_vector

LEVEL = "gp_circle"
WORKBOOK = b"PK"
"""How a workbook begins, which is a zip archive."""
APPROXIMATE = "approximate_borders"
NOT_STATED = "membership_not_stated"
SUB_MUNICIPALITIES_OF_POSTCODE: dict[str, tuple[str, ...]] = {
    "2040": ("11002y",),  # Berendrecht-Zandvliet-Lillo
    "2170": ("11002q",),  # Merksem
    "2180": ("11002p",),  # Ekeren
    "2600": ("11002t",),  # Berchem
    "9051": ("44021t", "44021u"),  # Afsnee, Sint-Denijs-Westrem
    "9052": ("44021h",),  # Zwijnaarde
}
"""Postcodes that stand in the documented circles and whose area is one or more sub-municipalities (bpost numbering).

The other postcodes of the city of Antwerp (2000, 2018, 2030, 2050, 2060) cut through one sub-municipality: their part
of a circle has no borders here, and the circle says so with ``approximate_borders``.
"""
_BASES = ("stated", "nearly", "predecessor", "duty_post_area", "name_only")
_CIRCLE_COLUMNS = [
    "gp_circle",
    "nis2018",
    "nis2025",
    "municipality",
    "postcode",
    "whole",
    "basis",
    "as_of",
    "as_of_basis",
    "source_url",
    "source_title",
]
_HEADERS = {
    "circle": ("huisartsenkring", "kring", "naam kring", "gp_circle"),
    "nis": ("nis", "niscode", "nis code", "nis-code"),
    "postcode": ("postcode", "post code", "postnummer"),
    "part": ("deelgemeente",),
    "municipality": ("gemeente", "fusiegemeente", "hoofdgemeente"),
}
_FIELDS = ("nis", "postcode", "gemeente")


@dataclass(frozen=True)
class Circles:
    """Membership of all circles.

    Attributes
    ----------
    membership : in the shape of the table
    names : ``level, zone_id, zone_name, flags``
    notes : sentences on what is approximate or left out
    facts : the cited facts themselves, where that is what was read
    """

    membership: pd.DataFrame
    names: pd.DataFrame
    notes: tuple[str, ...]
    facts: pd.DataFrame | None = None


@dataclass(frozen=True)
class CirclePlaces:
    """What a row of the table may refer to.

    Attributes
    ----------
    codes : crosswalk with codes and names of three vintages
    postcodes : ``postcode, nis2018, nis2019, nis2025``
    parts : sub-municipalities, ``zone_id, zone_name, parent_nis``
    """

    codes: pd.DataFrame
    postcodes: pd.DataFrame
    parts: pd.DataFrame


def read_circles(data: bytes, places: CirclePlaces, file: str) -> Circles:
    """Circles of a workbook or of a table of cited facts, told by how the file begins; raises as the two parsers."""
    if data.startswith(WORKBOOK):
        return parse_circle_table(data, places, file)
    facts = parse_gp_circle_facts(data, places.codes, file)
    membership, names = gp_circle_membership(facts)
    return Circles(membership, names, (), facts)


def parse_circle_table(data: bytes, places: CirclePlaces, file: str) -> Circles:
    """Membership of circles by municipality, split by sub-municipality or postcode where the table splits.

    Parameters
    ----------
    data : workbook with a column for the circle and one for the municipality (name or NIS code) or postcode
    places : municipalities, postcodes and sub-municipalities of the snapshot
    file : name for error messages

    Raises
    ------
    DataError
        no such table, a municipality or postcode unknown, too few rows
    """
    rows = _rows(data, file)
    vintage = _place_rows(rows, places, file)
    check_bounds("gp_circle_table", file, rows=len(rows), what="rows")
    members: list[tuple[str, str, int, str]] = []
    approximate: set[str] = set()
    notes = [Note("note.circles_vintage", vintage=str(vintage))]
    for nis, group in rows.groupby("code"):
        circles = group["circle"].unique()
        if len(circles) == 1:
            members.append((circles[0], "municipality", vintage, str(nis)))
            continue
        inside = _parts_of(str(nis), vintage, places)
        left = 0
        for row in group.itertuples():
            subs = [sub for sub in _parts_of_row(str(row.part), str(row.postcode), inside) if sub in inside]
            left += not subs
            members += [(str(row.circle), "sub_municipality", VINTAGES[-1], sub) for sub in subs]
        approximate |= set(circles)
        name = str(group["municipality"].iloc[0]) or str(nis)
        split = {"name": name, "circles": ", ".join(sorted(circles))}
        if left:
            notes.append(Note("note.circles_split_left", **split, left=str(left), n=str(len(group))))
        else:
            notes.append(Note("note.circles_split", **split))
    return _circles(members, approximate, notes)


def _rows(data: bytes, file: str) -> pd.DataFrame:
    """Rows as ``circle, municipality, nis, postcode, part``, text, empty where the table has no such column."""
    cells = _table(data, file)
    by_name: dict[str, str] = {}
    for column in cells.columns:
        for field, known in _HEADERS.items():
            word = " ".join(str(column).lower().split())
            if field not in by_name and (word in known or (field == "circle" and "kring" in word)):
                by_name[field] = column
    if "circle" not in by_name or not by_name.keys() & {"nis", "municipality", "postcode"}:
        raise DataError(Message("error.live.circle_columns", file=file, known=", ".join(map(str, cells.columns))))
    rows = pd.DataFrame({field: cells[by_name[field]].str.strip() if field in by_name else "" for field in _HEADERS})
    return rows[(rows["circle"] != "") & (rows[["nis", "municipality", "postcode"]] != "").any(axis=1)].copy()


def _table(data: bytes, file: str) -> pd.DataFrame:
    """Cells below the header: the row with one cell for the circle and another for what belongs to it."""
    book = workbooks.Workbook(data, file)
    for field in _FIELDS:
        try:
            return book.read(header_contains=("kring", field))
        except DataError:
            continue
    return book.read(header_contains=("kring",))


def _place_rows(rows: pd.DataFrame, places: CirclePlaces, file: str) -> int:
    """Add ``code``, the municipality of every row in the vintage that is returned."""
    codes = places.codes
    if (rows["nis"] != "").all():
        fits = {v: int((~rows["nis"].isin(codes[f"nis{v}"])).sum()) for v in VINTAGES}
        vintage = min(VINTAGES, key=lambda v: (fits[v], -v))
        rows["code"] = rows["nis"].where(rows["nis"].isin(codes[f"nis{vintage}"]), "")
        asked = "nis"
    elif (rows["municipality"] != "").all():
        vintage, code_of, _ = detect_by_name(rows["municipality"], codes)
        rows["code"] = rows["municipality"].map(lambda name: code_of.get(name, ""))
        asked = "municipality"
    else:
        vintage, asked = VINTAGES[0], "postcode"
        one = places.postcodes.drop_duplicates("postcode").set_index("postcode")["nis2018"]
        rows["code"] = rows["postcode"].map(one).fillna("")
    unknown = rows[rows["code"] == ""]
    if len(unknown):
        raise DataError(
            Message(
                "error.live.circle_unknown",
                file=file,
                row=str(unknown.index[0]),
                column=asked,
                value=str(unknown[asked].iloc[0]),
                vintage=str(vintage),
            )
        )
    return vintage


def _parts_of(nis: str, vintage: int, places: CirclePlaces) -> dict[str, str]:
    """Sub-municipalities in a municipality of ``vintage``: plain name by id."""
    successor = places.codes.set_index(f"nis{vintage}")[f"nis{VINTAGES[-1]}"]
    parent = successor.loc[[nis]].iloc[0]
    parts = places.parts[places.parts["parent_nis"] == parent]
    return {str(i): slug(plain_name(str(n))) for i, n in zip(parts["zone_id"], parts["zone_name"], strict=True)}


def _parts_of_row(part: str, postcode: str, inside: dict[str, str]) -> list[str]:
    """Sub-municipalities a row stands for: the named one, those its postcode is known to be, or none."""
    if part:
        return [sub for sub, name in inside.items() if name == slug(plain_name(part))]
    return list(SUB_MUNICIPALITIES_OF_POSTCODE.get(postcode, ()))


def _circles(members: list[tuple[str, str, int, str]], approximate: set[str], notes: list[Note]) -> Circles:
    """Membership without repeats (the first circle keeps a place), names with flags."""
    frame = pd.DataFrame(members, columns=["circle", "member_level", "member_vintage", "member_id"])
    frame = frame.drop_duplicates(["member_level", "member_vintage", "member_id"], ignore_index=True)
    frame = frame.assign(level=LEVEL, vintage=2025, zone_id=frame["circle"].map(slug))
    circles = sorted(frame["circle"].unique())
    names = pd.DataFrame(
        {
            "level": LEVEL,
            "zone_id": [slug(c) for c in circles],
            "zone_name": circles,
            "flags": [APPROXIMATE if c in approximate else "" for c in circles],
        }
    ).drop_duplicates("zone_id", ignore_index=True)
    return Circles(frame[MEMBERSHIP], names, tuple(notes))


def parse_circle_borders(
    data: bytes, sectors: gpd.GeoDataFrame, municipalities: gpd.GeoDataFrame, file: str
) -> Circles:
    """Membership of circles by the area they are published with: a sector belongs where its inner point lies.

    A municipality whose sectors all lie in one circle counts as a whole; circles that cut one follow its sectors.

    Parameters
    ----------
    data : zipped shapefile, GeoPackage or GeoJSON
    sectors, municipalities : zones of the snapshot, municipalities of 2025
    file : name for error messages

    Raises
    ------
    DataError
        not readable, no column with names of circles, too few circles
    """
    frame = located(read_vector(data, file), file)
    column = _name_column(frame, file)
    check_bounds("gp_circle_borders", file, rows=frame[column].nunique(), what="circles")
    shapes = frame.geometry.to_numpy()
    crossed = ~shapely.is_valid(shapes)
    if crossed.any():
        shapes = shapes.copy()
        shapes[crossed] = mend(shapes[crossed], file, "linework")
    points = shapely.point_on_surface(sectors.geometry.to_numpy())
    tree = shapely.STRtree(shapes)
    which, circle = tree.query(points, predicate="within")
    owner = np.full(len(sectors), "", dtype=object)
    owner[which] = frame[column].astype(str).str.strip().to_numpy(dtype=object)[circle]
    members: list[tuple[str, str, int, str]] = []
    approximate: set[str] = set()
    placed = pd.DataFrame({"sector": sectors["zone_id"], "nis": sectors["parent_nis"], "circle": owner})
    for nis in municipalities["zone_id"]:
        group = placed[placed["nis"] == nis]
        circles = [c for c in group["circle"].unique() if c]
        if len(circles) == 1 and (group["circle"] != "").all():
            members.append((circles[0], "municipality", VINTAGES[-1], str(nis)))
            continue
        approximate |= set(circles)
        members += [(c, "sector", 2021, s) for s, c in zip(group["sector"], group["circle"], strict=True) if c]
    if not members:
        raise DataError(Message("error.live.circle_elsewhere", file=file))
    notes = [Note("note.circles_sectors", n=len(approximate))]
    return _circles(members, approximate, notes if approximate else [])


def _name_column(frame: gpd.GeoDataFrame, file: str) -> str:
    """Column with the names of the circles."""
    text = [str(c) for c in frame.columns if c != frame.geometry.name and pd.api.types.is_string_dtype(frame[c])]
    for word in ("kring", "hazone", "huisarts", "naam", "name"):
        columns = [c for c in text if word in c.lower() and frame[c].notna().all()]
        if columns:
            return columns[0]
    raise DataError(Message("error.live.circle_names", file=file, known=", ".join(text) or Word("error.live.no_text")))


def parse_gp_circle_facts(data: bytes, codes: pd.DataFrame, file: str = "documented_gp_circles.csv") -> pd.DataFrame:
    """Memberships of GP circles from public pages, one row per circle and municipality of 2018.

    Returns
    -------
    DataFrame
        ``gp_circle`` (name), ``nis2018``, ``nis2025``, ``municipality``, ``postcode`` (only that part of the
        municipality), ``whole`` (boolean: the whole municipality of 2018), ``basis`` (stated, nearly,
        predecessor, duty_post_area or name_only), ``as_of``, ``as_of_basis``, ``source_url``,
        ``source_title``

    Raises
    ------
    DataError, MissingColumnError
        as `parse_public_facts`
    """
    columns = ["gp_circle", "municipality", "nis2025", "old_name", "postcode", "part", "basis", "as_of"]
    raw = read_csv(data, file, [*columns, "source_url", "source_title", "note"])
    check_names(raw, codes, file)
    check_words(raw, "part", ("yes", "no"), file)
    check_words(raw, "basis", _BASES, file)
    check_sources(raw, file)
    rows = raw.assign(
        nis2018=members2018(raw, codes, file),
        as_of=dates(raw["as_of"]),
        as_of_basis=basis_of(raw["as_of"], raw["note"]),
    ).explode("nis2018")
    named_alone = (rows["part"] == "yes") & (rows["old_name"] == "")
    rows["whole"] = (rows["postcode"] == "") & ~named_alone
    return tidy(rows, _CIRCLE_COLUMNS, ["gp_circle", "nis2018", "postcode"])


def gp_circle_membership(facts: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Membership of the documented GP circles, by municipality of 2018 or sub-municipality.

    A place documented in two circles goes to the one with the firmer basis. ``names`` carries ``flags``:
    ``membership_not_stated`` when a membership follows from a duty area, a predecessor or a name;
    ``approximate_borders`` when a part of the circle has no borders of its own here.
    """
    facts = facts.assign(rank=facts["basis"].map({b: i for i, b in enumerate(_BASES)}))
    facts = facts.sort_values(["rank", "gp_circle"], kind="stable")
    taken: dict[tuple[str, int, str], str] = {}
    flags: dict[str, set[str]] = {circle: set() for circle in facts["gp_circle"]}
    fact: Any
    for fact in facts.itertuples():
        if fact.basis != "stated":
            flags[fact.gp_circle].add(NOT_STATED)
        covered = _circle_members(fact)
        if not covered or covered[0][0] == "sub_municipality":
            flags[fact.gp_circle].add(APPROXIMATE)
        for member in covered:
            taken.setdefault(member, fact.gp_circle)
    rows = [(slug(circle), *member) for member, circle in taken.items()]
    members = pd.DataFrame(rows, columns=["zone_id", "member_level", "member_vintage", "member_id"])
    members.insert(0, "level", "gp_circle")
    members.insert(1, "vintage", 2025)
    circles = sorted(set(taken.values()))
    names = pd.DataFrame(
        {
            "level": "gp_circle",
            "zone_id": [slug(c) for c in circles],
            "zone_name": circles,
            "flags": [";".join(sorted(flags[c])) for c in circles],
        }
    )
    return members[MEMBERSHIP], names


def _circle_members(fact: Any) -> list[tuple[str, int, str]]:
    """Zones a documented membership covers; none when only an unmapped part of a municipality belongs."""
    if fact.postcode:
        return [("sub_municipality", 2025, sub) for sub in SUB_MUNICIPALITIES_OF_POSTCODE.get(fact.postcode, ())]
    return [("municipality", 2018, fact.nis2018)] if fact.whole else []
