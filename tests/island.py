"""A made-up island: its profile is that of ``docs/another-region.md``, its figures can be worked out by hand.

40 by 24 cells of 100 m in two counties of three parishes each: poente (west, 310101 to 310103) is 20
cells wide, nascente (east, 310201 to 310203) as well, and each parish is 8 cells high, the first in the south. In every
third cell live two children and ten people.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
from pyproj import Transformer

DOCS = Path(__file__).resolve().parent.parent / "docs" / "another-region.md"
COLS, ROWS, CELL_M, HIGH = 40, 24, 100, 8
WEST, SOUTH = 1_810_000, 1_521_000
"""Lower left corner, metres of the grid (EPSG:5633)."""

BIRTHS = {"310101": 12, "310102": 8, "310103": 20, "310201": 5, "310202": 9, "310203": 15}
NAMES = {
    "310101": "Areia Branca",
    "310102": "Boa Vista",
    "310103": "Camacha de Cima",
    "310201": "Santo Amaro",
    "310202": "Fonte do Bispo",
    "310203": "São Vicente",
}
COUNTIES = {"poente": "Poente", "nascente": "Nascente"}
PLACES = (
    ("b1", "bureau", "Centro Poente", 5, 5),
    ("b2", "bureau", "Centro Nascente", 33, 20),
    ("h1", "house", "Casa", 21, 12),
)
"""Id, service, name, column and row of the cell that it stands in."""

_TO_DEGREES = Transformer.from_crs("EPSG:5633", "EPSG:4326", always_xy=True)


def blocks(language: str) -> list[str]:
    """Blocks of code of the page in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", DOCS.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def profile() -> str:
    """Profile as the page shows it."""
    (found,) = blocks("toml")
    return found


def parish(col: int, row: int) -> str:
    """Code of the parish of a cell."""
    return f"310{1 + col // (COLS // 2)}0{1 + row // HIGH}"


def lived_in() -> list[tuple[int, int]]:
    """Columns and rows of the cells with people: every third one."""
    return [(col, row) for row in range(ROWS) for col in range(COLS) if (col + row) % 3 == 0]


def write_island(folder: Path, text: str | None = None) -> Path:
    """Write the files that a snapshot of the island is built from."""
    (folder / "zones").mkdir(parents=True)
    (folder / "region.toml").write_text(profile() if text is None else text, encoding="utf-8")
    (folder / "zones" / "freguesia_2024.geojson").write_text(json.dumps(_parishes()), encoding="utf-8")
    rows = [f"{code},2024,{births}" for code, births in BIRTHS.items()]
    _csv(folder / "births.csv", "code,year,births", rows)
    cells = [f"{WEST + CELL_M * col},{SOUTH + CELL_M * row},2,10" for col, row in lived_in()]
    _csv(folder / "cells.csv", "x,y,children,population", cells)
    counties = dict(zip(("3101", "3102"), COUNTIES, strict=True))
    members = [f"concelho,{counties[code[:4]]},{COUNTIES[counties[code[:4]]]},{code}" for code in BIRTHS]
    _csv(folder / "membership.csv", "level,zone_id,zone_name,code", members)
    places = []
    for name, service, title, col, row in PLACES:
        lon, lat = _TO_DEGREES.transform(WEST + CELL_M * (col + 0.5), SOUTH + CELL_M * (row + 0.5))
        places.append(f"{name},{service},{title},{lat:.6f},{lon:.6f}")
    _csv(folder / "places.csv", "id,service,name,lat,lon", places)
    return folder


def _csv(file: Path, header: str, rows: list[str]) -> None:
    file.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")


def _parishes() -> dict[str, object]:
    features = []
    for code, name in NAMES.items():
        left = 0 if code[3] == "1" else COLS // 2
        bottom = HIGH * (int(code[5]) - 1)
        ring = np.array([(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)]) * [COLS // 2, HIGH] + [left, bottom]
        lon, lat = _TO_DEGREES.transform(*(np.array([WEST, SOUTH]) + CELL_M * ring).T)
        polygon = {"type": "Polygon", "coordinates": [np.column_stack([lon, lat]).round(7).tolist()]}
        features.append({"type": "Feature", "properties": {"id": code, "name": name}, "geometry": polygon})
    return {"type": "FeatureCollection", "features": features}
