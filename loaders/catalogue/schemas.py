"""The tables of a snapshot: the columns, types, units and keys of each, declared once.

The builder checks every table against its schema before writing it, ``nabij data verify`` checks it again after
reading, and the data package prints it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from i18n.errors import DataError, MissingColumnError
from i18n.messages import Message
from loaders.catalogue.columns import CONFLICT_COLUMNS, FACILITY_COLUMNS, Column
from loaders.catalogue.regions.region import Region
from loaders.catalogue.regions.region_in_use import OfRegion

AGES = tuple(f"age{n}" for n in range(6))
"""Columns of children by age in whole years, on 1 January."""

PUBLIC_FACT_COLUMNS: dict[str, Column] = {
    column.name: column
    for column in (
        Column("nis2025", "string", required=True),
        Column("nis2019", "string"),  # the member of a merged municipality the fact speaks of
        Column("municipality", "string", required=True),
        Column("sub_municipality", "string"),
        Column("postcode", "string"),
        Column("street", "string"),
        Column("number", "string"),
        Column("service", "string", required=True),
        Column("status", "string", required=True),  # exists | planned | closed | none
        Column("physical", "boolean"),
        Column("shared_site", "boolean"),
        Column("organiser", "string"),
        Column("since", "integer", "year"),
        Column("place_count", "integer", "places", minimum=1),
        Column("partners", "string"),  # NIS codes of 2019 of an intermunicipal house, joined by ';'
        Column("as_of", "string"),  # YYYY or YYYY-MM; empty when undated
        Column("as_of_basis", "string", required=True),  # stated | inferred | undated
        Column("source_url", "string", required=True),
        Column("source_title", "string", required=True),
    )
}
"""Columns of the table of public facts, in order."""


@dataclass(frozen=True)
class TableSchema:
    """Columns of one table, its key, the sources it rests on; an optional table need not be there.

    Rows go by ``order``, else by the key, else as they come.
    """

    columns: tuple[Column, ...]
    key: tuple[str, ...]
    sources: tuple[str, ...]
    vintage: str
    optional: bool = False
    order: tuple[str, ...] = ()

    def descriptor(self) -> dict[str, Any]:
        """Frictionless table schema."""
        return {"fields": [_field(column) for column in self.columns], "primaryKey": list(self.key)}


def _field(column: Column) -> dict[str, Any]:
    field: dict[str, Any] = {"name": column.name, "type": column.kind}
    if column.unit:
        field["unit"] = column.unit
    constraints: dict[str, Any] = {}
    if column.required:
        constraints["required"] = True
    if column.minimum is not None:
        constraints["minimum"] = column.minimum
    return field | ({"constraints": constraints} if constraints else {})


def _text(*names: str, required: bool = True) -> tuple[Column, ...]:
    return tuple(Column(name, "string", required=required) for name in names)


def _count(name: str, unit: str = "people") -> Column:
    return Column(name, "integer", unit, required=True, minimum=0)


_YEAR = Column("year", "integer", "year", required=True)
_VINTAGE = Column("vintage", "integer", "year", required=True)


def _tables(chosen: Region) -> dict[str, TableSchema]:
    known = _known_tables(chosen)
    return {name: replace(schema, optional=name not in chosen.tables) for name, schema in known.items()}


def _known_tables(chosen: Region) -> dict[str, TableSchema]:
    vintages = chosen.vintages.held
    return {
        "births": TableSchema(
            (*_text(chosen.newest_code), _YEAR, _count("births", "live births per year")),
            (chosen.newest_code, "year"),
            ("births",),
            "2025",
        ),
        "ages": TableSchema(
            (_VINTAGE, *_text("nis"), _YEAR, _count("population"), *(_count(age) for age in AGES)),
            ("vintage", "nis", "year"),
            ("ages",),
            "1992–2022",
        ),
        "sector_population": TableSchema(
            (*_text("sector_id"), _YEAR, _count("population")), ("sector_id", "year"), ("sectors",), "2011–2022"
        ),
        "municipality_codes": TableSchema(
            _text(*(column(year) for year in vintages for column in (chosen.code_column, chosen.name_column))),
            (chosen.smallest_code,),
            ("refnis",),
            ", ".join(map(str, vintages)),
        ),
        "membership": TableSchema(
            (
                *_text("level"),
                _VINTAGE,
                *_text("zone_id", "member_level"),
                Column("member_vintage", "integer", "year", required=True),
                *_text("member_id"),
            ),
            ("level", "vintage", "member_level", "member_vintage", "member_id"),
            ("zones", "field_reports", "gp_circles"),
            "2025; documented zones 2013–2024",
            order=tuple(MEMBERSHIP),
        ),
        "postcodes": TableSchema(
            _text("postcode", "nis2018", "nis2019", "nis2025"),
            ("postcode", "nis2018", "nis2019", "nis2025"),
            ("refnis",),
            "2011",
        ),
        "census_grid": TableSchema(
            (
                Column("x", "integer", "m (EPSG:3035, lower left)", required=True),
                Column("y", "integer", "m (EPSG:3035, lower left)", required=True),
                _count("population"),
                _count("under15"),
                Column("domestic", "boolean", required=True),
                Column("settlement", "string", required=True),  # city | town | rural
            ),
            ("x", "y"),
            ("census_grid",),
            "2021",
        ),
        "stations": TableSchema(
            (
                *_text("station_id", "name"),
                Column("lon", "number", "degrees (EPSG:4326)", required=True),
                Column("lat", "number", "degrees (EPSG:4326)", required=True),
            ),
            ("station_id",),
            ("stations",),
            "2026",
        ),
        "public_buildings": TableSchema(
            (
                *_text("building_id", "kind"),
                *_text("name", required=False),
                *_text(chosen.newest_code),
                Column("x", "integer", "m (EPSG:31370)", required=True),
                Column("y", "integer", "m (EPSG:31370)", required=True),
            ),
            ("building_id",),
            ("buildings_osm",),
            "2021",
        ),
        "located_places": TableSchema(
            (
                *_text("place_id", "service", "name", chosen.newest_code),
                Column("x", "integer", "m (EPSG:31370)", required=True),
                Column("y", "integer", "m (EPSG:31370)", required=True),
            ),
            ("place_id",),
            ("buildings_osm",),
            "2021",
        ),
        "ground": TableSchema(
            (
                Column("feature", "integer", "number", required=True, minimum=0),
                *_text("kind"),  # water | river | canal | railway | motorway | town | village
                *_text("name", required=False),
            ),
            ("feature",),
            ("ground_osm", "ground_egm"),
            "2014–2021",
        ),
        "ground_vertices": TableSchema(
            (
                Column("feature", "integer", "number", required=True, minimum=0),
                Column("part", "integer", "number", required=True, minimum=0),
                Column("x", "integer", "m (EPSG:31370)", required=True),
                Column("y", "integer", "m (EPSG:31370)", required=True),
            ),
            (),
            ("ground_osm", "ground_egm"),
            "2014–2021",
        ),
        "public_facts": TableSchema(tuple(PUBLIC_FACT_COLUMNS.values()), (), ("public_facts",), "2011–2026"),
        "gp_circle_facts": TableSchema(
            (
                *_text("gp_circle", "nis2018", "nis2025", "municipality"),
                *_text("postcode", required=False),
                Column("whole", "boolean", required=True),
                *_text("basis"),
                *_text("as_of", "as_of_basis", "source_url", "source_title", required=False),
            ),
            (),
            ("gp_circles",),
            "2016–2024",
        ),
        "care_region_facts": TableSchema(
            _text("care_region", "nis2018", "nis2025", "municipality", "as_of", "source_title"),
            ("care_region", "nis2018"),
            ("field_reports",),
            "2013",
        ),
        "case_facts": TableSchema(
            (
                *_text("care_region", "nis2018", "nis2025", "municipality", required=False),
                *_text("subject", "fact", "value"),
                *_text("since", "until", "certainty", required=False),
                *_text("section"),
            ),
            (),
            ("field_reports",),
            "2013",
        ),
        "survey_facts": TableSchema(
            (
                *_text("subject", "statement", "value"),
                Column("number", "number", "that of unit"),
                *_text("unit"),
                Column("counted", "number", "that of unit", minimum=0),
                Column("share", "number", "share 0–1", minimum=0),
                Column("of", "integer", "that of unit", minimum=1),
                Column("about", "boolean", required=True),
                _YEAR,
                Column("vintage", "integer", "year"),
                *_text("scope", "source_title"),
            ),
            (),
            ("surveys",),
            "2013–2026",
        ),
        "sector_deprivation": TableSchema(
            (
                *_text("sector_id"),
                Column("score", "number", "index points, more is more deprived", required=True, minimum=0),
                Column("rank", "integer", "1 = most deprived sector of Belgium", required=True, minimum=1),
            ),
            ("sector_id",),
            ("deprivation",),
            "2011",
        ),
        "municipality_deprivation": TableSchema(
            (
                *_text(chosen.smallest_code),
                Column("score", "number", "index points, more is more deprived", required=True, minimum=0),
                Column("rank", "integer", "1 = most deprived municipality of Belgium", required=True, minimum=1),
            ),
            (chosen.smallest_code,),
            ("deprivation",),
            "2011",
        ),
        "child_deprivation": TableSchema(
            (
                *_text(chosen.newest_code),
                Column("deprived_births_share", "number", "share 0–1", minimum=0),
                Column("education_index", "number", "index 0–4", minimum=0),
                Column("median_income_eur", "number", "€ per year", minimum=0),
                Column("income_year", "integer", "year"),
            ),
            (chosen.newest_code,),
            ("child_deprivation",),
            "not stated; income 2023",
        ),
        "sector_income": TableSchema(
            (
                *_text("sector_id"),
                Column("mean_eur", "number", "€ per year", minimum=0),
                Column("median_eur", "number", "€ per year", minimum=0),
            ),
            ("sector_id",),
            ("income",),
            "fiscal year not stated",
        ),
        "households": TableSchema(
            (*_text(chosen.newest_code), _YEAR, _count("households", "households, observed and projected")),
            (chosen.newest_code, "year"),
            ("households",),
            "2010–2040",
        ),
        "facilities_documented": TableSchema(tuple(FACILITY_COLUMNS.values()), ("id",), ("field_reports",), "2013"),
        "documented_scope": TableSchema(
            _text("service", chosen.smallest_code, "as_of", "source"),
            ("service", chosen.smallest_code),
            ("field_reports",),
            "2013",
        ),
        "facilities_illustrative": TableSchema(tuple(FACILITY_COLUMNS.values()), ("id",), ("illustration",), "–"),
        "facilities_register": TableSchema(tuple(FACILITY_COLUMNS.values()), ("id",), ("poi", "social_map"), "now"),
        "register_conflicts": TableSchema(
            tuple(CONFLICT_COLUMNS.values()),
            ("kind", "service", "poi_id", "social_map_id"),
            ("poi", "social_map"),
            "now",
        ),
    }


MEMBERSHIP = ["level", "vintage", "zone_id", "member_level", "member_vintage", "member_id"]
"""Columns of the table of members, which is ordered by all of them."""

TABLES: Mapping[str, TableSchema] = OfRegion(_tables)
"""Every table of a snapshot by name."""

ZONE_COLUMNS = _text("zone_id", "zone_name") + _text("parent_nis", "flags", required=False)
"""Columns of a zone resource beside its geometry."""

_DTYPES = {"integer": pd.api.types.is_integer_dtype, "number": pd.api.types.is_numeric_dtype}


def check_table(name: str, frame: pd.DataFrame, columns: Mapping[str, Column], key: tuple[str, ...]) -> None:
    """Check a table against its columns and key.

    Raises
    ------
    MissingColumnError
        a declared column is absent
    DataError
        a wrong type, a missing or too small value, a repeated key; the message names table and row
    """
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        raise MissingColumnError(Message("error.snapshot.no_column", table=name, column=str(missing[0])))
    for column in columns.values():
        _check_column(name, frame[column.name], column)
    if key and frame.duplicated(list(key)).any():
        row = int(frame.duplicated(list(key)).to_numpy().argmax())
        values = ", ".join(str(v) for v in frame[list(key)].iloc[row])
        raise DataError(Message("error.snapshot.repeated_key", table=name, row=str(row + 1), values=values))


def _check_column(name: str, values: pd.Series, column: Column) -> None:
    is_dtype = _DTYPES.get(column.kind)
    if is_dtype and len(values) and not is_dtype(values.dtype):
        raise DataError(
            Message(
                "error.snapshot.wrong_type",
                table=name,
                column=column.name,
                dtype=str(values.dtype),
                kind=str(column.kind),
            )
        )
    bad = values.isna() if column.required else pd.Series(data=False, index=values.index)
    if column.minimum is not None:
        bad = bad | (values < column.minimum).fillna(False).astype(bool)
    if bad.any():
        row = int(bad.to_numpy().argmax())
        raise DataError(
            Message(
                "error.snapshot.too_small",
                table=name,
                row=str(row + 1),
                column=column.name,
                value=str(values.iloc[row]),
            )
        )
