"""Files of a zone table: what they hold, that they say where it comes from, and that they can be made again."""

from __future__ import annotations

import contextlib
import io
import json
import sqlite3
import zipfile
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest
import shapely
from defusedxml import ElementTree
from hypothesis import given
from hypothesis import strategies as st

from i18n.errors import InputError, MissingFileError
from i18n.texts import LANGUAGES, has_text, text
from layers.files.export import packed, render, table_file
from layers.files.geopackage import COLUMNS_LAYER, LAYER, METADATA_LAYER
from layers.files.output import FORMATS, check_out, format_of, save
from layers.files.presented import shown_columns, unit_words
from layers.notes.column_sources import rests_on
from layers.notes.notes import Notes, SourceNote
from loaders.catalogue.columns import DECLARED

WARNING = "ILLUSTRATIEVE GEGEVENS: de plaatsen zijn verzonnen."
NOTES = Notes(
    title="Leemten",
    question="Hoeveel geboorten\nhebben een bureau?",
    warning=WARNING,
    evidence="illustrative",
    sources=(SourceNote("Geboorten", "Statbel", "2025", "vrij"),),
    caveats=("Afstanden zijn een schatting.",),
    command="nabij gaps --service bureau",
    snapshot="ab" * 32,
    version="0.1.0",
    lang="nl",
)


@pytest.fixture
def table() -> pd.DataFrame:
    """Two zones and a remainder without borders; a number that no short decimal equals."""
    return pd.DataFrame(
        {
            "zone_id": ["11001", "12009", "not_known_here"],
            "zone_name": ["Aartselaar", 'Duffel, "aan" de Nete', "Hier niet bekend"],
            "births": [0.1 + 0.2, 91.0, 5.0],
            "n_facilities": pd.array([3, 0, None], dtype="Int64"),
            "share_in_reach": [0.5, np.nan, np.nan],
            "gap": pd.array([True, False, None], dtype="boolean"),
            "gap_reasons": ["beyond_reach", "", None],
            "evidence": ["illustrative"] * 3,
            "flags": ["illustrative;merged", "illustrative", "illustrative;not_known_here"],
        }
    )


@pytest.fixture
def zones() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"zone_id": ["12009", "11001"]},
        geometry=[shapely.box(160_000, 200_000, 161_000, 201_000), shapely.box(150_000, 200_000, 151_000, 201_000)],
        crs="EPSG:31370",
    )


@pytest.mark.parametrize("form", FORMATS)
def test_written_twice_is_the_same(form: str, table: pd.DataFrame, zones: gpd.GeoDataFrame) -> None:
    assert render(table, NOTES, form, zones) == render(table, NOTES, form, zones)


def test_csv_keeps_full_precision_and_says_what_is_missing(table: pd.DataFrame) -> None:
    lines = render(table, NOTES, "csv").decode().splitlines()
    body = [line for line in lines if not line.startswith("# ")]
    assert body[0] == ",".join(table.columns)
    assert body[1] == "11001,Aartselaar,0.30000000000000004,3,0.5,true,beyond_reach,illustrative,illustrative;merged"
    assert body[2].startswith('12009,"Duffel, ""aan"" de Nete",91.0,0,,false,,illustrative,')
    assert body[3] == "not_known_here,Hier niet bekend,5.0,,,,,illustrative,illustrative;not_known_here"


def test_csv_begins_with_the_warning_and_names_its_sources(table: pd.DataFrame) -> None:
    lines = render(table, NOTES, "csv").decode().splitlines()
    head = [line for line in lines if line.startswith("# ")]
    assert lines[0] == f"# {WARNING}"
    assert "# Vraag: Hoeveel geboorten hebben een bureau?" in head  # on one line, whatever the text
    assert "# Bron: Geboorten · Statbel · 2025 · vrij" in head
    assert f"# Momentopname (SHA-256): {'ab' * 32}" in head
    assert "# births [children per year]: " in "\n".join(head)
    assert lines[: len(head)] == head


def test_csv_reads_back_as_it_was(table: pd.DataFrame) -> None:
    content = io.BytesIO(render(table, NOTES, "csv"))
    back = pd.read_csv(content, comment="#", dtype={"zone_id": "str", "n_facilities": "Int64", "gap": "boolean"})
    assert back["zone_id"].tolist() == table["zone_id"].tolist()
    assert back["births"].tolist() == table["births"].tolist()
    assert back["gap"].tolist()[:2] == [True, False]
    assert back["gap"].isna().tolist() == [False, False, True]


@given(st.lists(st.floats(min_value=0, max_value=1e9, allow_nan=False), min_size=1, max_size=20))
def test_no_digit_is_lost_in_a_csv(values: list[float]) -> None:
    content = render(pd.DataFrame({"births": values}), NOTES, "csv")
    body = [line for line in content.decode().splitlines() if not line.startswith("# ")]
    assert [float(line) for line in body[1:]] == values


def test_without_warning_no_line_for_it(table: pd.DataFrame) -> None:
    quiet = Notes(**{**vars(NOTES), "warning": ""})
    assert render(table, quiet, "csv").decode().startswith("# Titel: Leemten\n")


def test_parquet_carries_types_and_notes(table: pd.DataFrame) -> None:
    read = pq.read_table(io.BytesIO(render(table, NOTES, "parquet")))
    notes = json.loads(read.schema.metadata[b"nabij"])
    assert notes["warning"] == WARNING
    assert notes["columns"]["births"]["unit"] == "children per year"
    assert notes["sources"][0]["licence"] == "vrij"
    assert {name: str(read.schema.field(name).type) for name in ("births", "n_facilities", "gap")} == {
        "births": "double",
        "n_facilities": "int64",
        "gap": "bool",
    }
    assert read.column("gap").to_pylist() == [True, False, None]


def test_geojson_follows_rfc_7946(table: pd.DataFrame, zones: gpd.GeoDataFrame) -> None:
    content = json.loads(render(table, NOTES, "geojson", zones))
    assert content["nabij"]["warning"] == WARNING
    assert [feature["id"] for feature in content["features"]] == table["zone_id"].tolist()
    assert content["features"][2]["geometry"] is None
    assert content["features"][1]["properties"]["share_in_reach"] is None
    assert content["features"][0]["properties"]["gap"] is True
    shape = shapely.geometry.shape(content["features"][0]["geometry"])
    assert shapely.is_ccw(shapely.get_exterior_ring(shape))
    # x 150 000, y 200 000 in Lambert 72 lies in Aartselaar: 4.3688 E, 51.1101 N
    assert shape.bounds == pytest.approx((4.36876, 51.11008, 4.38304, 51.11908), abs=1e-4)


def test_gpkg_has_borders_in_lambert_and_a_table_of_notes(
    table: pd.DataFrame, zones: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    path = tmp_path / "out.gpkg"
    path.write_bytes(render(table, NOTES, "gpkg", zones))
    frame = gpd.read_file(path, layer=LAYER)
    assert frame.crs.to_epsg() == 31370
    assert frame["zone_id"].tolist() == table["zone_id"].tolist()
    assert frame["geometry"].iloc[0].bounds == (150_000, 200_000, 151_000, 201_000)
    assert frame["geometry"].iloc[2] is None
    notes = gpd.read_file(path, layer=METADATA_LAYER)
    assert f"{notes['key'].iloc[0]}: {notes['value'].iloc[0]}" == WARNING
    with sqlite3.connect(path) as database:
        described = database.execute("SELECT description FROM gpkg_contents WHERE table_name = ?", (LAYER,)).fetchone()
    database.close()
    assert described[0].startswith("ILLUSTRATIEVE GEGEVENS")


def book_of(table: pd.DataFrame, notes: Notes = NOTES) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(render(table, notes, "xlsx")))


def test_xlsx_is_a_table_and_what_explains_it(table: pd.DataFrame) -> None:
    book = book_of(table)
    assert book.sheetnames == ["Tabel", "Begrippen", "Bronnen", "Vraag"]
    rows = list(book["Tabel"].iter_rows(values_only=True))
    assert rows[0] == (
        *("Code", "Zone", "Kinderen (per jaar)", "Plaatsen in de zone", "Aandeel binnen bereik", "Leemte"),
        *("Redenen", "Herkomst", "Opmerkingen"),
    )
    assert list(rows[1][:4]) == ["11001", "Aartselaar", pytest.approx(0.3, rel=1e-15), 3]
    assert [row[5] for row in rows[1:]] == ["ja", "nee", None]
    assert rows[1][6:] == (
        "Te ver",
        "illustratief: verzonnen om uit te proberen",
        "Illustratief; Fusie verbergt een verschil",
    )
    assert rows[3][3:6] == (None, None, None)


def test_only_the_header_row_of_an_xlsx_is_frozen(table: pd.DataFrame) -> None:
    sheet = book_of(table)["Tabel"]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:I4"
    assert all(cell.font.b for cell in sheet[1])
    assert not any(cell.font.b for row in sheet.iter_rows(min_row=2, max_col=7) for cell in row)
    assert sheet.column_dimensions["B"].width > sheet.column_dimensions["D"].width
    assert sheet.print_title_rows == "$1:$1"


def test_numbers_of_an_xlsx_are_written_as_people_write_them(table: pd.DataFrame) -> None:
    sheet = book_of(table.assign(vintage=2025, mean_distance_m=[1234.5, 0.0, np.nan]))["Tabel"]
    forms = {sheet.cell(1, n).value: sheet.cell(2, n).number_format for n in range(1, sheet.max_column + 1)}
    assert forms["Kinderen (per jaar)"] == "#,##0.0"
    assert forms["Aandeel binnen bereik"] == "0.0%"
    assert forms["Grenzen van"] == "0"
    assert forms["Gemiddelde afstand (m)"] == "#,##0"


def test_an_xlsx_says_on_every_row_and_sheet_that_places_are_made_up(table: pd.DataFrame) -> None:
    """Red where it says so: the evidence of every row, and the first line of the question."""

    def red(notes: Notes) -> list[str]:
        book = book_of(table, notes)
        cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
        found = [cell for cell in cells if cell.fill.fill_type == "solid" and cell.fill.fgColor.rgb[-6:] == "9E1B32"]
        assert all(cell.font.b and cell.font.color.rgb[-6:] == "FFFFFF" for cell in found)
        return [f"{cell.parent.title}!{cell.coordinate}" for cell in found]

    assert red(NOTES) == ["Tabel!H2", "Tabel!H3", "Tabel!H4", "Vraag!A1", "Vraag!B1"]
    assert red(replace(NOTES, warning="")) == []
    book = book_of(table)
    assert f"{book['Vraag']['A1'].value}: {book['Vraag']['B1'].value}" == WARNING
    header = book["Tabel"].oddHeader
    assert header is not None
    assert header.center.text == WARNING


def test_an_xlsx_defines_every_column_and_cites_its_sources(table: pd.DataFrame) -> None:
    book = book_of(table)
    defined = list(book["Begrippen"].iter_rows(values_only=True))
    assert [row[1] for row in defined[1:]] == list(table.columns)
    assert defined[3] == (
        *("Kinderen", "births", "kinderen per jaar"),
        text("column.births.help", "nl"),
        "De aantallen per gemeente, verdeeld over hectaren naar waar gezinnen wonen.",
    )
    assert all(row[3] and row[4] for row in defined[1:])
    assert list(book["Bronnen"].iter_rows(values_only=True))[1][:4] == ("Geboorten", "Statbel", "2025", "vrij")
    told = {row[0]: row[1] for row in book["Vraag"].iter_rows(values_only=True)}
    assert told["Opnieuw te maken met"] == "nabij gaps --service bureau"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_declared_column_is_defined_in_every_language(lang: str) -> None:
    for name in DECLARED:
        assert has_text(f"rests_on.{rests_on(name)}")
        assert shown_columns(pd.DataFrame({name: ["x"]}), lang)[0].header
    units = {column.unit for column in DECLARED.values()} - {""}
    plain = {unit for unit in units if unit_words(unit, lang) == unit}
    alike = {"m", "km²", "0–1", "zones", "minutes"} | {unit for unit in units if unit.startswith("m (")}
    assert plain <= alike | (units if lang == "en" else set())


def test_xlsx_holds_every_value_as_it_is(table: pd.DataFrame) -> None:
    table = table.assign(
        births=[0.1 + 0.2, 1e-300, np.inf],
        zone_name=["=1+1", "a < b & \x07c", "  twee\nregels"],
        rank=np.array([1, 2**40, -3], dtype=np.int64),
    )
    sheet = book_of(table)["Tabel"]
    rows = [dict(zip(table.columns, row, strict=True)) for row in list(sheet.iter_rows(values_only=True))[-3:]]
    assert [row["births"] for row in rows] == [0.1 + 0.2, 1e-300, "inf"]
    assert [row["zone_name"] for row in rows] == ["=1+1", "a < b & c", "  twee\nregels"]
    assert [row["rank"] for row in rows] == [1, 2**40, -3]
    assert sheet.cell(2, 2).data_type == "s"
    assert sheet.dimensions == "A1:J4"


def test_xlsx_of_no_rows_has_its_header(table: pd.DataFrame) -> None:
    sheet = book_of(table[:0])["Tabel"]
    assert [row[0] for row in sheet.iter_rows(values_only=True)] == ["Code"]


def test_csv_for_excel_is_a_table_and_nothing_else(table: pd.DataFrame) -> None:
    content = render(table, NOTES, "csv-excel")
    assert content.startswith(b"\xef\xbb\xbf")
    lines = content.decode("utf-8-sig").split("\r\n")
    assert lines[0].startswith("Code;Zone;Kinderen (per jaar);Plaatsen in de zone;Aandeel binnen bereik;Leemte;")
    assert lines[1].startswith("11001;Aartselaar;0,3;3;0,5;ja;Te ver;")
    assert lines[2].startswith('12009;"Duffel, ""aan"" de Nete";91;0;;nee;;')
    assert len(lines) == 5
    assert lines[4] == ""


def test_the_text_beside_a_csv_for_excel_says_what_it_is(table: pd.DataFrame, tmp_path: Path) -> None:
    made = table_file(table.assign(zone_name=["=1+1", "b", "c"]), NOTES, "csv-excel")
    made.write(tmp_path / "leemten.csv")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["leemten.csv", "leemten.csv.txt"]
    told = (tmp_path / "leemten.csv.txt").read_text(encoding="utf-8-sig").splitlines()
    assert told[0] == WARNING
    assert "Bron: Geboorten · Statbel · 2025 · vrij" in told
    assert any(line.startswith("Kinderen [kinderen per jaar] (births): ") for line in told)
    assert text("export.defused", "nl", n=1) in "\n".join(told)
    assert "'=1+1" in (tmp_path / "leemten.csv").read_text(encoding="utf-8-sig")
    with pytest.raises(InputError, match="lies beside a file"):
        made.write(Path("-"))


def test_a_packed_csv_holds_the_text_beside_it(table: pd.DataFrame) -> None:
    with zipfile.ZipFile(io.BytesIO(packed(table, NOTES, "leemten"))) as archive:
        assert archive.namelist() == ["leemten.csv", "leemten.txt"]
        assert archive.read("leemten.csv") == render(table, NOTES, "csv-excel")
    assert packed(table, NOTES, "x") == packed(table, NOTES, "x")


def test_gpkg_explains_its_columns(table: pd.DataFrame, zones: gpd.GeoDataFrame, tmp_path: Path) -> None:
    path = tmp_path / "out.gpkg"
    path.write_bytes(render(table, NOTES, "gpkg", zones))
    columns = gpd.read_file(path, layer=COLUMNS_LAYER).set_index("column")
    assert list(columns.index) == list(table.columns)
    assert columns.loc["births", "unit"] == "kinderen per jaar"
    with contextlib.closing(sqlite3.connect(path)) as database:
        found = database.execute(
            "SELECT title, description FROM gpkg_data_columns WHERE table_name = ? AND column_name = 'births'", (LAYER,)
        ).fetchone()
    assert found[0] == "Kinderen (kinderen per jaar)"
    assert found[1].startswith(text("column.births.help", "nl"))


def test_gpkg_has_styles_that_colour_every_value_once(
    table: pd.DataFrame, zones: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    path = tmp_path / "out.gpkg"
    path.write_bytes(render(table.assign(births_out_of_reach=[120.0, 0.0, np.nan]), NOTES, "gpkg", zones))
    with contextlib.closing(sqlite3.connect(path)) as database:
        styles = database.execute(
            "SELECT f_table_name, f_geometry_column, styleQML, styleSLD, useAsDefault FROM layer_styles"
        ).fetchall()
        assert [style[4] for style in styles] == [1, 0, 0, 0, 0]
        assert {style[:2] for style in styles} == {(LAYER, "geom")}
        rules = ElementTree.fromstring(styles[0][2].split(">", 1)[1]).findall(".//rule")
        assert rules[-1].get("filter") == "ELSE"
        ask = f"SELECT count(*) FROM {LAYER} WHERE "  # noqa: S608  (filters of our own style)
        counts = [database.execute(ask + str(rule.get("filter"))).fetchone()[0] for rule in rules[:-1]]
        assert sum(counts) == 2
        symbols = {
            symbol.get("name") for symbol in ElementTree.fromstring(styles[0][2].split(">", 1)[1]).iter("symbol")
        }
        assert {rule.get("symbol") for rule in rules} <= symbols
        for style in styles:
            ElementTree.fromstring(style[3])


def test_borders_are_asked_for_where_they_are_needed(table: pd.DataFrame) -> None:
    with pytest.raises(InputError, match="needs the borders"):
        render(table, NOTES, "geojson")
    with pytest.raises(InputError, match="Unknown format 'shp'; choose one of csv"):
        render(table, NOTES, "shp")


@pytest.mark.parametrize(
    ("out", "given", "expected"),
    [
        ("a.csv", None, "csv"),
        ("A.GPKG", None, "gpkg"),
        ("-", None, "csv"),
        ("-", "parquet", "parquet"),
        ("a.txt", "xlsx", "xlsx"),
    ],
)
def test_format_follows_suffix_or_option(out: str, given: str | None, expected: str) -> None:
    assert format_of(Path(out), given) == expected


@pytest.mark.parametrize(("out", "given"), [("a.shp", None), ("a", None), ("a.csv", "dbf")])
def test_unknown_formats_are_refused(out: str, given: str | None) -> None:
    with pytest.raises(InputError, match="csv, parquet, geojson, gpkg, xlsx"):
        format_of(Path(out), given)


def test_a_file_appears_in_one_step(tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    save(b"old", target)
    save(b"new", target)
    assert target.read_bytes() == b"new"
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "out.csv"
    target.write_bytes(b"old")

    def full(self: Path, data: bytes) -> int:
        with self.open("wb") as half:
            half.write(data[:1])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space left"):
        save(b"new", target)
    assert target.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]


def test_missing_folder_and_folder_as_file(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match=r"The folder .*nowhere' does not exist"):
        check_out(tmp_path / "nowhere" / "out.csv")
    with pytest.raises(InputError, match="is a folder"):
        check_out(tmp_path)
    assert list(tmp_path.iterdir()) == []
