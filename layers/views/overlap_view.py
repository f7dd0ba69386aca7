"""Overlap as a map and tables show it: zones by whether they are cut, their parts, a matrix, and how families flow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from coverage.zones.partition_overlap import CUT, NOT_CUT, SLIVER, UNKNOWN, Overlap, verdicts
from i18n.texts import format_percent, text
from layers.sentences import figure
from loaders.catalogue.regions.levels import NOT_KNOWN_HERE

VERDICTS = (CUT, UNKNOWN, NOT_CUT)
COLOURS = {CUT: "#b8611a", UNKNOWN: "#c3ccd0", NOT_CUT: "#bfe0de"}
"""Colour of a zone by verdict; apart for every colour blindness, and by lightness in grey."""

MATRIX = 24
"""Zones of either side that the matrix shows; the file holds all of them."""

_NAMED = 4


@dataclass(frozen=True)
class Matrix:
    """Births where zones of two levels meet.

    Attributes
    ----------
    rows, columns : names of the zones of either level
    births : (n_rows, n_columns) births in each; 0 where they do not meet
    shares : the same as shares of the births of the row
    rest : (n_rows,) births in zones of the other level that have no column
    unknown : (n_rows,) births whose zone of the other level is not known
    left_out : zones of the first level that have no row
    """

    rows: list[str]
    columns: list[str]
    births: np.ndarray[Any, np.dtype[np.float64]]
    shares: np.ndarray[Any, np.dtype[np.float64]]
    rest: np.ndarray[Any, np.dtype[np.float64]]
    unknown: np.ndarray[Any, np.dtype[np.float64]]
    left_out: int


def zones_of(crossed: Overlap) -> pd.DataFrame:
    """One row per zone of the first level, what is cut most on top.

    ``zone, name, verdict, births, parts, effective, largest, unknown, documented``; ``largest`` is the share of its
    births that one zone of the other level holds at least.
    """
    table = crossed.table
    known = table[table["zone_a"] != NOT_KNOWN_HERE]
    births = known.groupby("zone_a")["births"].sum()
    inside = known[known["zone_b"] != NOT_KNOWN_HERE]
    largest = inside.groupby("zone_a")["share_of_a"].max()
    firsts = known.drop_duplicates("zone_a").set_index("zone_a")
    zones = verdicts(table, "a").set_index("zone")
    frame = zones.assign(
        births=births.reindex(zones.index),
        parts=firsts["parts_of_a"].reindex(zones.index),
        effective=firsts["effective_parts_of_a"].reindex(zones.index),
        largest=largest.reindex(zones.index).fillna(0.0),
    ).reset_index()
    order = frame.assign(
        rank=frame["verdict"].map({verdict: at for at, verdict in enumerate(VERDICTS)}), small=frame["largest"]
    )
    return frame.loc[order.sort_values(["rank", "small", "name"]).index].reset_index(drop=True)


def matrix_of(crossed: Overlap, zones: pd.DataFrame) -> Matrix:
    """Matrix of the first `MATRIX` zones of ``zones`` and of the zones of the other level with most births there."""
    shown = zones["zone"].head(MATRIX).tolist()
    table = crossed.table[crossed.table["zone_a"].isin(shown)]
    inside = table[table["zone_b"] != NOT_KNOWN_HERE]
    order = inside.groupby(["zone_b", "name_b"])["births"].sum().sort_values(ascending=False)
    columns = [zone for zone, _ in order.head(MATRIX).index]
    names = [str(name) for _, name in order.head(MATRIX).index]
    births = inside.pivot_table(index="zone_a", columns="zone_b", values="births", aggfunc="sum", fill_value=0.0)
    births = births.reindex(index=shown, columns=inside["zone_b"].unique(), fill_value=0.0).fillna(0.0)
    total = zones.set_index("zone")["births"].reindex(shown).to_numpy(np.float64)
    counts = births[columns].to_numpy(np.float64)
    outside = table[table["zone_b"] == NOT_KNOWN_HERE].groupby("zone_a")["births"].sum()
    return Matrix(
        rows=zones["name"].head(MATRIX).astype(str).tolist(),
        columns=names,
        births=counts,
        shares=counts / np.where(total > 0, total, np.nan)[:, None],
        rest=births.to_numpy(np.float64).sum(axis=1) - counts.sum(axis=1),
        unknown=outside.reindex(shown).fillna(0.0).to_numpy(np.float64),
        left_out=max(0, len(zones) - MATRIX),
    )


def map_of(crossed: Overlap, zones: pd.DataFrame, ids: pd.Series, lang: str) -> dict[str, Any]:
    """Zones of the first level by verdict, as linked maps take them.

    Parameters
    ----------
    crossed, zones : the overlap, and its zones as `zones_of` gives them
    ids : ids of all zones of the level, in the order of their borders
    """
    verdict = dict(zip(zones["zone"], zones["verdict"], strict=True))
    told = {zone: _parts(crossed.table, str(zone), verdict[zone], lang) for zone in verdict}
    judged = [(at, zone) for at, zone in enumerate(ids.tolist()) if zone in verdict]
    index = {name: at for at, name in enumerate(VERDICTS)}
    return {
        "i": [at for at, _ in judged],
        "values": [index[verdict[zone]] for _, zone in judged],
        "classes": "".join(str(index[verdict[zone]]) for _, zone in judged),
        "told": [told[zone] for _, zone in judged],
        "colours": [COLOURS[name] for name in VERDICTS],
        "circles": False,
    }


def _parts(table: pd.DataFrame, zone: str, verdict: str, lang: str) -> str:
    """Verdict on a zone with its parts, the largest first."""
    rows = table[(table["zone_a"] == zone) & (table["share_of_a"] >= SLIVER)].sort_values("births", ascending=False)
    parts = [
        f"{text('legend.not_known_here', lang) if row['zone_b'] == NOT_KNOWN_HERE else row['name_b']}"
        f" {format_percent(float(row['share_of_a']), lang)}"
        for row in rows.head(_NAMED).to_dict("records")
    ]
    more = len(rows) - _NAMED
    listed = ", ".join([*parts, *([f"+ {more}"] if more > 0 else [])])
    return f"{text(f'overlap.page.verdict.{verdict}', lang)}: {listed}"


def flows_told(frame: pd.DataFrame, names: dict[str, str], lang: str, most: int) -> list[dict[str, Any]]:
    """Largest flows of families to a place in another zone.

    Each has ``from, to`` (ids), ``here, there`` (names), ``births, share, minutes, told``.

    Parameters
    ----------
    frame : as `coverage.indicators.flows.flows` gives it
    names : names of the zones by id
    most : how many
    """
    known = frame[frame["to_zone_id"] != NOT_KNOWN_HERE].sort_values(["births", "zone_id"], ascending=[False, True])
    return [
        {
            "from": row["zone_id"],
            "to": row["to_zone_id"],
            "here": names.get(row["zone_id"], row["zone_id"]),
            "there": row["to_zone_name"],
            "births": round(float(row["births"]), 1),
            "share": float(row["share"]),
            "minutes": float(row["mean_minutes"]),
            "told": text(
                "overlap.page.flow",
                lang,
                n=figure(float(row["births"]), lang),
                here=names.get(row["zone_id"], row["zone_id"]),
                there=row["to_zone_name"],
            ),
        }
        for row in known.head(most).to_dict("records")
    ]
