"""The places of a list together: the municipality each lies in, compared with its own words and with each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from i18n.messages import NumberAsGiven
from loaders.catalogue.regions.region_in_use import region
from loaders.catalogue.services import partnership_services
from loaders.catalogue.types import Floats
from loaders.lists.facilities.facility_report import ACCEPTED, REFUSED, REPAIRED, Findings
from loaders.lists.municipality_names import Municipalities
from loaders.snapshot.locator import SNAP_M, Located, Locator
from loaders.snapshot.reader import Snapshot

Row = dict[str, Any]
MANY_ON_A_POINT = 3


def settle_places(rows: list[Row], snapshot: Snapshot, municipalities: Municipalities, findings: Findings) -> list[Row]:
    """Rows that can be used, with the municipality of every point, and whom each serves.

    Refused are points outside all municipalities, and points that contradict the municipality, postcode or address of
    their own row. Places on one point, and the same place twice, are told.
    """
    points = [row for row in rows if row["x"] is not None]
    if points:
        locator = Locator.of(snapshot)
        xy = np.array([[row["x"], row["y"]] for row in points])
        located = locator.locate(xy)
        doubted = [i for i, row in enumerate(points) if _is_doubted(row, i, xy, located, locator)]
        turned = locator.locate(xy[doubted][:, ::-1]) if doubted else located
        mirrored = dict(zip(doubted, range(len(doubted)), strict=True))
        for i, row in enumerate(points):
            row["precision"] = "point"
            row |= {name: codes[i] for name, codes in located.codes.items()}
            if i in mirrored:
                at = mirrored[i]
                inside = bool(turned.outside_m[at] <= SNAP_M)
                there = turned.smallest[at] if inside else ""
                if not _contradicted(row, located, i, there, locator, xy, municipalities, findings):
                    _check_outside(row, float(located.outside_m[i]), inside and row["in_metres"], findings)
            if row["coarse"] and row["row"] not in findings.refused():
                findings.add(row["row"], "x", row["shown"], REPAIRED, "whole_kilometres")
        _tell_few_decimals([row for row in points if row["few"] and row["row"] not in findings.refused()], findings)
        standing = [row for row in points if row["row"] not in findings.refused()]
        _tell_stacked(standing, findings)
        _tell_near(standing, findings)
    kept = [row for row in rows if row["row"] not in findings.refused()]
    _default_serves(kept, findings)
    _tell_same_partnership(kept, findings)
    return kept


def _tell_same_partnership(rows: Sequence[Row], findings: Findings) -> None:
    """Ask whether places of one name that do not say their partnership are one."""
    partnered = partnership_services()
    alone: dict[tuple[str, str], list[int]] = {}
    for row in rows:
        if row["service"] in partnered and row["house_id"] == row["id"] and row["name"]:
            alone.setdefault((row["service"], str(row["name"]).casefold()), []).append(row["row"])
    for rows_alone in alone.values():
        if len(rows_alone) > 1:
            findings.add(
                0, "house_id", "", ACCEPTED, "same_partnership", n=len(rows_alone), rows=findings.shown(*rows_alone)
            )


def _is_doubted(row: Row, i: int, xy: Floats, located: Located, locator: Locator) -> bool:
    """Whether a point lies outside all municipalities, or not in that of its own row."""
    return bool(located.outside_m[i] > 0) or any(
        not _fits(codes, i, xy, located, locator) for _, _, codes in row["own"]
    )


def _fits(codes: set[str], i: int, xy: Floats, located: Located, locator: Locator) -> bool:
    """Whether a point lies in the smallest municipalities, give or take the width of a border."""
    return located.smallest[i] in codes or locator.metres_to(codes, xy[i]) <= SNAP_M


def _contradicted(
    row: Row,
    located: Located,
    i: int,
    there: str,
    locator: Locator,
    xy: Floats,
    municipalities: Municipalities,
    findings: Findings,
) -> bool:
    """Refuse a point that lies in another municipality than its own row says.

    ``there`` is the smallest municipality in which it lies with its axes exchanged, '' for none.
    """
    if located.outside_m[i] > SNAP_M:
        return False
    for column, word, codes in row["own"]:
        if _fits(codes, i, xy, located, locator):
            continue
        key = "exchanged" if there in codes else "contradicted"
        place = f"{municipalities.name(located.newest[i])} ({located.newest[i]})"
        findings.add(row["row"], column, row["shown"], REFUSED, key, place=place, own=word)
        return True
    return False


def _check_outside(row: Row, outside_m: float, mirrored: bool, findings: Findings) -> None:
    """Refuse a point far outside, note one just outside; ``mirrored``: with x and y swapped it would be inside."""
    shown = row["shown"]
    if outside_m > SNAP_M:
        key = "x_y_swapped" if mirrored else "outside"
        findings.add(row["row"], "x", shown, REFUSED, key, km=NumberAsGiven(outside_m / 1000, ".1f"))
    elif outside_m > 0:
        row["flags"] = ";".join(filter(None, [row["flags"], "snapped_to_municipality"]))
        findings.add(
            row["row"], "x", shown, REPAIRED, "snapped", metres=round(outside_m), nis=row[region().newest_code]
        )


def _tell_stacked(rows: Sequence[Row], findings: Findings) -> None:
    """Say where many places stand on one point, and where one place stands twice."""
    if not rows:
        return
    whole = np.rint([[row["x"], row["y"]] for row in rows]).astype(np.int64)
    _, number, count = np.unique(whole, axis=0, return_inverse=True, return_counts=True)
    by_point: dict[int, list[Row]] = {}
    for at in np.flatnonzero(count[number] > 1).tolist():
        by_point.setdefault(int(number[at]), []).append(rows[at])
    for same in by_point.values():
        if len(same) >= MANY_ON_A_POINT:
            shown = findings.shown(*(row["row"] for row in same))
            findings.add(0, "", same[0]["shown"], ACCEPTED, "stacked", n=len(same), rows=shown)
            continue
        seen: dict[tuple[str, str], int] = {}
        for row in same:
            named = row["service"], str(row["name"]).casefold()
            if named in seen and named[1]:
                first, again = seen[named], row["row"]
                findings.add(0, "", row["shown"], ACCEPTED, "same_place", first=first, again=again)
            seen.setdefault(named, row["row"])


def _tell_near(rows: Sequence[Row], findings: Findings) -> None:
    """Ask whether places of one service a few steps apart are one, as after geocoding a list twice."""
    by_point: dict[str, dict[tuple[int, int], int]] = {}
    for row in rows:
        point = round(row["x"]), round(row["y"])
        by_point.setdefault(row["service"], {}).setdefault(point, row["row"])
    for points in by_point.values():
        if len(points) < 2:
            continue
        xy, number = np.array(list(points), dtype=np.float64), list(points.values())
        found = cKDTree(xy).query(xy, k=2, distance_upper_bound=NEAR_M)
        away, other = (np.asarray(each)[:, 1] for each in found)
        pairs: dict[tuple[int, int], float] = {}
        for one in np.flatnonzero(away < NEAR_M).tolist():
            pairs[min(one, int(other[one])), max(one, int(other[one]))] = float(away[one])
        for (one, second), metres in sorted(pairs.items())[:_MAX_NEAR]:
            told = {"first": number[one], "again": number[second], "metres": f"{metres:.0f}"}
            findings.add(0, "", "", ACCEPTED, "near_place", **told)


NEAR_M, _MAX_NEAR = 25.0, 20
"""Metres within which places of a service may be one, and pairs that are told."""


def _tell_few_decimals(rows: Sequence[Row], findings: Findings) -> None:
    """Say which points are known to a kilometre only."""
    if rows:
        shown = findings.shown(*(row["row"] for row in rows))
        findings.add(0, "lat", rows[0]["shown"], ACCEPTED, "few_decimals", n=len(rows), rows=shown)


def _default_serves(rows: list[Row], findings: Findings) -> None:
    """Let a place that does not say whom it serves serve what its partnership serves, else where its places are."""
    served: dict[tuple[str, str], set[str]] = {}
    stands: dict[tuple[str, str], set[str]] = {}
    partnered = partnership_services()
    of_partnerships = [row for row in rows if row["service"] in partnered]
    for row in of_partnerships:
        partnership = row["service"], row["house_id"]
        served.setdefault(partnership, set()).update(filter(None, row["serves"].split(";")))
        stands.setdefault(partnership, set()).update(filter(None, [row[region().served_code]]))
    for row in of_partnerships:
        if not row["serves"]:
            partnership = row["service"], row["house_id"]
            row["serves"] = codes = ";".join(sorted(served[partnership] or stands[partnership]))
            findings.add(row["row"], "serves", "", REPAIRED, "default_serves", codes=codes, house=row["house_id"])
