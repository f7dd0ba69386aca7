"""What a stage of a question takes, told before it is worked out, by rules that were measured.

The rules and what was seen beside them stand in docs/decisions/156-every-heavy-question-weighed.md. A stage that
needs more than one may take is refused, with a lighter question that was weighed by the same rule.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from coverage.memory.limits import PAIR_BYTES, QuestionLimits, gigabytes
from i18n.messages import MessageError, Value

DRAWS_TOGETHER = 100
"""Draws that are held at the same time (`coverage.zones.uncertainty.BATCH`)."""

RANGE_DRAWS = 400
"""Draws that a range of births out of reach rests on at most; more would move its ends by less than can be read."""

LAND_BYTES = 220_000_000
"""What the cost of travel over the whole land takes, for one place."""

CELL_BYTES = {"crow": 80, "raster": 480, "network": 180}
"""What a cell takes while its two nearest places are found, by travel model; any other takes as the straight line."""

MAKING_BYTES = {"raster": 650_000_000, "network": 750_000_000}
"""What a travel model takes while it is made ready for a mode; any other takes nothing."""

DEMAND_BYTES = 100
"""What a cell takes while births are spread over the cells."""


@dataclass(frozen=True)
class Weight:
    """Weight of a question: pairs of point and place, bytes of memory at the highest, and seconds of one core."""

    pairs: int
    bytes: int
    seconds: float = 0.0


def of_draws(cells: int, places: int, blocks: int, zones: int, draws: int) -> Weight:
    """Weight of the probability of a gap.

    Parameters
    ----------
    cells, places, blocks, zones : hectares with births, places, square kilometres by municipality, zones of the level
    draws : how many
    """
    together = min(draws, DRAWS_TOGETHER)
    size = 50 * cells + together * (24 * blocks + 40 * places + 16 * zones) + 12 * zones * min(draws, RANGE_DRAWS)
    return Weight(0, size, draws * (1e-9 * cells + 5e-7 * (places + blocks) + 1e-7 * zones))


def of_ground(squares: int, pairs: int, land: bool) -> Weight:
    """Weight of the ground within reach of a place.

    Parameters
    ----------
    squares : squares the ground is cut into; 0 where it is a circle
    pairs : hectares within reach
    land : whether travel over the land is worked out
    """
    size = 60 * squares + PAIR_BYTES * pairs + (LAND_BYTES if land else 0)
    return Weight(pairs, size, 1e-5 * squares + 1e-6 * pairs)


def of_nearest(cells: int, places: int, nearest: int) -> Weight:
    """Weight of the nearest places of every cell, and what follows when one closes."""
    return Weight(cells * nearest, 70 * cells * nearest + 200 * places, 1e-6 * cells * nearest)


def of_pairs(model: str, pairs: int) -> Weight:
    """Weight of finding so many pairs of cell and place by a travel model that is ready, and working with them."""
    land = LAND_BYTES if model == "raster" else 0
    return Weight(pairs, PAIR_BYTES * pairs + land, 1e-6 * pairs)


def of_distances(model: str, cells: int) -> Weight:
    """Weight of finding the two nearest places of every cell by a travel model that is ready."""
    return Weight(2 * cells, CELL_BYTES.get(model, CELL_BYTES["crow"]) * cells, 4e-6 * cells)


def of_making(model: str) -> Weight:
    """Weight of making a travel model ready for a mode."""
    return Weight(0, MAKING_BYTES.get(model, 0), 6.0)


def of_demand(cells: int) -> Weight:
    """Weight of spreading births over the cells."""
    return Weight(0, DEMAND_BYTES * cells, 5e-7 * cells)


def of_pieces(cells: int) -> Weight:
    """Weight of two divisions laid over one another: every cell in a zone of either."""
    return Weight(0, 90 * cells, 5e-7 * cells)


FILE_BYTES = {
    "csv": (70, 0),
    "csv-excel": (160, 0),
    "parquet": (10, 0),
    "geojson": (240, 240),
    "gpkg": (40, 25),
    "xlsx": (300, 0),
}
"""By format: bytes that a value of the table takes while it is written, and a corner of its borders."""


def of_file(rows: int, columns: int, corners: int, form: str) -> Weight:
    """Weight of a table written as a file."""
    value, corner = FILE_BYTES[form]
    return Weight(0, value * rows * columns + corner * corners, 2e-6 * rows * columns + 2e-6 * corners)


DOCUMENT_BYTES = {"pdf": (14_000_000, 10), "docx": (22_000_000, 30), "html": (2_000_000, 6), "xlsx": (8_000_000, 6)}
"""By format of a document: bytes that it takes while it is written, and for every byte of its text and pictures."""

PICTURE_BYTES = {"svg": (5_000_000, 4_000), "png": (32_000_000, 5_500), "html": (82_000_000, 6_000)}
"""By format of a map: bytes that it takes while it is drawn, and for every zone."""


def of_document(size: int, form: str) -> Weight:
    """Weight of a document with so many bytes of text and pictures, written as a file."""
    base, each = DOCUMENT_BYTES[form]
    return Weight(0, base + each * size, 0.3 + 1e-5 * size)


def of_picture(zones: int, form: str) -> Weight:
    """Weight of a map of so many zones, drawn as a file."""
    base, each = PICTURE_BYTES[form]
    return Weight(0, base + each * zones, 1.0 + 3e-4 * zones)


def check(limits: QuestionLimits, need: Weight, lighter: Iterable[tuple[Value, Weight]] = ()) -> None:
    """Refuse a stage that takes more than one may.

    Parameters
    ----------
    limits : of the engine; without a limit nothing is refused
    need : what the stage takes
    lighter : what to ask instead, in words, with its weight; the first that fits is told

    Raises
    ------
    MessageError
        when it takes too much memory, or too long
    """
    most, seconds = limits.stage_bytes, limits.stage_seconds
    if most is None or (need.bytes <= most and need.seconds <= seconds):
        return
    fits = next((less for less in lighter if less[1].bytes <= most and less[1].seconds <= seconds), None)
    told: dict[str, Value] = {"instead": fits[0]} if fits else {}
    if need.bytes > most:
        told |= {"need": _told(need.bytes), "limit": _told(most)} | ({"less": _told(fits[1].bytes)} if fits else {})
        raise MessageError("memory.stage" if fits else "memory.stage.none", **told)
    told |= {"need": round(need.seconds), "limit": round(seconds)}
    raise MessageError("memory.seconds" if fits else "memory.seconds.none", **told)


def _told(size: int) -> float:
    return max(gigabytes(size), 0.1)
