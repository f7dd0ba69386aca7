"""OpenStreetMap extracts that a user gives: is it one, and does it cover what it should? Reading it is the engine's."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from i18n.errors import DataError, MissingFileError
from i18n.messages import Message, NumberAsGiven
from loaders.reading_room import PUBLISHER, read

Box = tuple[float, float, float, float]
BELGIUM: Box = (2.3, 49.4, 6.5, 51.6)
"""Belgium with a margin: west, south, east, north in degrees."""
LARGEST_DEGREES = (12.0, 8.0)
"""An extract wider or higher than this is not one of Belgium."""
_XML = (b"<?xml", b"<osm")


@dataclass(frozen=True)
class Extract:
    """An extract that can be used.

    Attributes
    ----------
    path : the file
    form : ``pbf`` or ``xml``
    box : west, south, east, north in degrees; None when its header states none
    """

    path: Path
    form: str
    box: Box | None


def check_osm_extract(path: Path) -> Extract:
    """Check that a file is an OpenStreetMap extract in or around Belgium.

    Raises
    ------
    MissingFileError
        there is no such file
    DataError
        another kind of file, cut off at its beginning, or of somewhere else
    """
    if not path.is_file():
        raise MissingFileError(Message("error.live.extract_gone", file=str(path)))
    with path.open("rb") as file:
        head = file.read(64)
    form = "pbf" if b"OSMHeader" in head else "xml" if head.lstrip().startswith(_XML) else ""
    if not form:
        raise DataError(Message("error.live.extract_other", file=path.name))
    box = _header_box(path)
    if box is not None:
        _check_box(box, path.name)
    return Extract(path, form, box)


def _header_box(path: Path) -> Box | None:
    box = read("street_box", path, file=path.name, limits=PUBLISHER).values["box"]
    return None if box is None else (box[0], box[1], box[2], box[3])


def _check_box(box: Box, file: str) -> None:
    west, south, east, north = box
    apart = west > BELGIUM[2] or east < BELGIUM[0] or south > BELGIUM[3] or north < BELGIUM[1]
    if apart:
        raise DataError(
            Message(
                "error.live.extract_elsewhere",
                file=file,
                west=NumberAsGiven(west, ".1f"),
                east=NumberAsGiven(east, ".1f"),
                south=NumberAsGiven(south, ".1f"),
                north=NumberAsGiven(north, ".1f"),
            )
        )
    if east - west > LARGEST_DEGREES[0] or north - south > LARGEST_DEGREES[1]:
        raise DataError(
            Message(
                "error.live.extract_large",
                file=file,
                width=NumberAsGiven(east - west, ".0f"),
                height=NumberAsGiven(north - south, ".0f"),
            )
        )
