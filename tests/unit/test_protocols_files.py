"""Archives, workbooks, delimited text, links and geometries: what is read, and the sentence for what is not."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import struct
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import GeometryCollection, LineString, MultiPolygon, Point, Polygon, box

from i18n.errors import DataError, MissingColumnError, NabijError, NotDataError
from loaders.http.client import Client
from loaders.protocols import archives, delimited, workbooks
from loaders.protocols.geometry import Checked
from loaders.protocols.services import links
from loaders.protocols.services.features import checked
from loaders.reading_room import zip_archives
from tests.unit.misbehaving import Misbehaving, Misbehaviour, serving

# archives


def packed(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


GOOD = packed({"readme.txt": b"hello", "data/TF_2025.TXT": b"A|B\n1|2\n"})


def test_the_member_wanted_is_read(tmp_path: Path) -> None:
    member = archives.open_member(GOOD, r"tf_\d+\.txt$", "a.zip")
    assert member == zip_archives.ArchiveMember("data/TF_2025.TXT", b"A|B\n1|2\n")
    path = tmp_path / "a.zip"
    path.write_bytes(GOOD)
    assert zip_archives.member_names(path, "a.zip") == ["readme.txt", "data/TF_2025.TXT"]
    zip_archives.check_archive(path, "a.zip")


def encrypted() -> bytes:
    """Set the flag of encryption in both headers of an archive with one member."""
    data = bytearray(packed({"secret.txt": b"x" * 50}))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def damaged() -> bytes:
    data = bytearray(packed({"a.txt": bytes(range(256)) * 4}, zipfile.ZIP_STORED))
    data[200] ^= 1
    return bytes(data)


def lying() -> bytes:
    """Archive of a megabyte of zeros whose directory claims four gigabytes less one byte."""
    data = bytearray(packed({"a.txt": b"\x00" * 1_000_000}))
    at = data.index(b"PK\x01\x02") + 24
    data[at : at + 4] = struct.pack("<I", 0xFFFFFFFE)
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (GOOD[:-30], "not a readable zip file .*; fetch it again"),
        (b"", "not a readable zip file"),
        (b"PK\x03\x04", "not a readable zip file"),
        (packed({"../evil.txt": b"1"}), "'../evil.txt' points outside the archive"),
        (packed({"/etc/passwd": b"1"}), "'/etc/passwd' points outside the archive"),
        (packed({"C:\\boot.ini": b"1"}), "points outside the archive"),
        (packed({"a\\..\\..\\b.txt": b"1"}), "points outside the archive"),
        (packed({"zeros.txt": b"\x00" * 20_000_000}), "19,\\d+ bytes would unpack to 20,000,000"),
        (lying(), "would unpack to 4,294,967,294"),
        (encrypted(), "'secret.txt' is encrypted; unpack it and give the file itself"),
        (damaged(), "not a readable zip file|'a.txt' in it is damaged"),
    ],
    ids=["cut", "empty", "four bytes", "up", "root", "drive", "backslash", "bomb", "lie", "encrypted", "damaged"],
)
def test_an_archive_that_cannot_be_trusted(data: bytes, sentence: str) -> None:
    for use in (lambda: zip_archives.check_archive(data, "a.zip"), lambda: archives.open_member(data, ".", "a.zip")):
        with pytest.raises(DataError, match=f"^a.zip: .*(?:{sentence}).*\\.$"):
            use()


@pytest.mark.parametrize(
    ("pattern", "sentence"),
    [
        (r"\.csv$", r"holds no file like '\\.csv\$' \(found: readme.txt, data/TF_2025.TXT\)"),
        (r"\.txt$", r"holds 2 files like"),
    ],
)
def test_none_or_several_members(pattern: str, sentence: str) -> None:
    with pytest.raises(DataError, match=sentence):
        archives.open_member(GOOD, pattern, "a.zip")


@settings(max_examples=150)
@given(st.data())
def test_only_our_own_errors_come_out_of_an_altered_archive(data: st.DataObject) -> None:
    altered = bytearray(GOOD)
    for _ in range(data.draw(st.integers(1, 4))):
        altered[data.draw(st.integers(0, len(GOOD) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(NabijError):
        zip_archives.check_archive(bytes(altered), "a.zip")
        archives.open_member(bytes(altered), "TF", "a.zip")


# workbooks


def workbook(rows: list[list[object]], merged: tuple[str, ...] = (), title: str = "2025 ") -> bytes:
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    page.title = title
    for row in rows:
        page.append(row)
    for area in merged:
        page.merge_cells(area)
    book.create_sheet("Méta").append(["note"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


TITLED: list[list[object]] = [
    ["Loop van de bevolking"], [], ["NIS-code", "Woonplaats", "Geboorten", "Geboorten", None],
    [11001, "Aartselaar", 131.0, 2.5, "x"], [None, None, None, None, None], ["11002", " Antwerpen ", None, True, ""],
]  # fmt: skip


def test_a_header_is_found_below_titles() -> None:
    frame = workbooks.read_sheet(
        workbook(TITLED), file="b.xlsx", sheet="2025", header_contains=("nis code", "GEBOORTEN")
    )
    assert list(frame.columns) == ["NIS-code", "Woonplaats", "Geboorten", "Geboorten (2)"]
    assert frame.to_dict("list") == {
        "NIS-code": ["11001", "11002"], "Woonplaats": ["Aartselaar", "Antwerpen"],
        "Geboorten": ["131", ""], "Geboorten (2)": ["2.5", "true"],
    }  # fmt: skip
    assert list(frame.index) == [4, 6]


def test_merged_cells_count_for_every_cell_they_cover() -> None:
    rows: list[list[object]] = [
        ["Gemeente", "Geboorten", None, None], [None, "jongens", "meisjes", None],
        ["Boom", 1, 2, None], [None, 3, 4, None],
    ]  # fmt: skip
    data = workbook(rows, ("A1:A2", "B1:C1", "A3:A4"))
    frame = workbooks.read_sheet(data, file="b.xlsx", header_contains=("gemeente",), header_rows=2)
    assert list(frame.columns) == ["Gemeente", "Geboorten jongens", "Geboorten meisjes"]
    assert frame["Gemeente"].tolist() == ["Boom", "Boom"]
    assert frame["Geboorten meisjes"].tolist() == ["2", "4"]


def test_sheets_are_found_by_name_or_position() -> None:
    data = workbook(TITLED)
    assert workbooks.sheet_names(data, "b.xlsx") == ["2025 ", "Méta"]
    book = workbooks.Workbook(data, "b.xlsx")
    assert list(book.read("meta").columns) == list(book.read(1).columns) == ["note"]
    for sheet in ("2024", 7):
        with pytest.raises(DataError, match=rf"^b.xlsx: there is no sheet '{sheet}' \(found: 2025 , Méta\)"):
            book.read(sheet)


def test_a_layout_that_changed_gets_one_sentence() -> None:
    with pytest.raises(
        DataError, match=r"^b.xlsx, sheet '2025 ': no header with 'naissances' in the first 40 rows; the"
    ):
        workbooks.read_sheet(workbook(TITLED), file="b.xlsx", header_contains=("naissances",))


def reworked(change: Callable[[str, bytes], bytes]) -> bytes:
    """Workbook with its parts altered."""
    with zipfile.ZipFile(io.BytesIO(workbook(TITLED))) as archive:
        return packed({name: change(name, archive.read(name)) for name in archive.namelist()})


ENDLESS = b'</sheetData><mergeCells><mergeCell ref="A1:XFD99999"/></mergeCells>'


def far_away(_name: str, part: bytes) -> bytes:
    """Move a row and a cell to the far corner of the sheet."""
    return part.replace(b'r="4"', b'r="1048576"').replace(b'r="E4"', b'r="XFD4"')


@settings(max_examples=80)
@given(st.data())
def test_only_our_own_errors_come_out_of_an_altered_workbook(data: st.DataObject) -> None:
    target = data.draw(st.sampled_from(["sheet1.xml", "workbook.xml", "sharedStrings.xml", "styles.xml", "rels"]))

    def alter(name: str, part: bytes) -> bytes:
        altered = bytearray(part)
        if name.endswith(target):
            at = data.draw(st.integers(0, len(part) - 1))
            altered[at : at + data.draw(st.integers(0, 8))] = data.draw(st.binary(max_size=4))
        return bytes(altered)

    with contextlib.suppress(NabijError):
        workbooks.read_sheet(reworked(alter), file="b.xlsx", header_contains=("nis",))


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"<html>", "not a readable zip file"),
        (GOOD, "not a readable Excel workbook"),
        (workbook(TITLED)[:-40], "not a readable zip file"),
        (reworked(lambda name, part: part[:-20] if "sheet1" in name else part), "not a readable Excel workbook"),
        (reworked(lambda _n, part: part.replace(b"</sheetData>", ENDLESS)), "claims more than 20,000,000 cells"),
        (reworked(far_away), "claims more than 20,000,000 cells"),
    ],
    ids=["html", "zip", "cut", "sheet cut", "merged without end", "cells without end"],
)
def test_a_workbook_that_cannot_be_read(data: bytes, sentence: str) -> None:
    with pytest.raises(DataError, match=f"^b.xlsx: .*{sentence}"):
        workbooks.read_sheet(data, file="b.xlsx", header_contains=("nis",))


def test_dates_are_text_too() -> None:
    frame = workbooks.read_sheet(workbook([["dag"], [dt.datetime(2025, 1, 31)]]), file="b.xlsx")  # noqa: DTZ001
    assert frame["dag"].tolist() == ["2025-01-31 00:00:00"]


# delimited text

TABLE = "CD_REFNIS|NAAM|AANTAL\r\n11001|Sint-Amands|1.234,5\r\n11002|Liège|\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("sep", ["|", ";", "\t"])
def test_delimited_text_in_every_guise(encoding: str, sep: str) -> None:
    data = TABLE.replace("|", sep).encode(encoding)
    frame = delimited.read(data, file="t.txt", columns=["CD_REFNIS", "AANTAL"])
    assert frame["NAAM"].tolist() == ["Sint-Amands", "Liège"]
    assert delimited.to_numbers(frame["AANTAL"], "t.txt").fillna(-1).tolist() == [1234.5, -1]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (TABLE.replace("CD_REFNIS", "NIS").encode(), r"column 'CD_REFNIS' is missing \(found: NIS, NAAM, AANTAL\)"),
        (TABLE.encode("utf-16"), "not UTF-8 text"),
        (b"CD_REFNIS|\x81", "neither UTF-8 nor Windows-1252"),
        (b"", "not a readable table"),
        (b"CD_REFNIS|A\n1|2|3|4\n1|2|3|4|5\n", "not a readable table"),
        (b'CD_REFNIS|A\n"1|2\n', "not a readable table"),
    ],
)
def test_delimited_text_that_is_no_table(data: bytes, sentence: str) -> None:
    with pytest.raises(DataError, match=f"^t.txt: .*{sentence}"):
        delimited.read(data, file="t.txt", columns=["CD_REFNIS"])


@pytest.mark.parametrize(
    ("text", "decimal", "number"),
    [
        ("1.234,5", ",", 1234.5), ("1234,50", ",", 1234.5), ("12", ",", 12.0), ("-3,25", ",", -3.25),
        ("1 234", ",", 1234.0),
        ("1\u202f234\u00a0567", ",", 1234567.0), ("1,234.5", ".", 1234.5), ("0.5", ".", 0.5), (" 7 ", ".", 7.0),
    ],
)  # fmt: skip
def test_numbers_as_people_write_them(text: str, decimal: str, number: float) -> None:
    assert delimited.to_number(text, decimal) == number


@pytest.mark.parametrize("text", ["12.5", "1.23,4", "1,2,3", "twaalf", "1e5", "nan", "12,", ",5", "1.2345"])
def test_what_is_no_number_with_a_decimal_comma(text: str) -> None:
    column = pd.Series(["1", text], name="AANTAL")
    with pytest.raises(DataError, match=r"^t.csv: row 3, column 'AANTAL': '.*' is not a number with a decimal comma"):
        delimited.to_numbers(column, "t.csv")


@given(st.floats(-1e9, 1e9, allow_nan=False))
def test_a_decimal_comma_loses_nothing(number: float) -> None:
    written = f"{number:,.3f}".translate(str.maketrans(",.", ".,"))
    assert delimited.to_number(written) == pytest.approx(number, abs=0.0006)


# links

PAGE = b"""<!doctype html><html><head><base href="/sites/default/"></head><body><p>Cijfers</p>
<a href="files/pop1992-mov2025.xlsx"><b>Loop</b> van de
bevolking</a> <a href='files/pop1992-mov2025.xlsx'>again</a>
<a href="Huisartsenkring%20per%20gemeente%20(2019).xlsx">tabel</a><a href="mailto:a@b.be">mail</a>
<a href="javascript:void(0)">x</a><a>no address</a><a href="http://[::">odd</a><a href="about.html">unclosed
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Misbehaving]:
    with serving() as running:
        yield running


def test_links_of_a_page() -> None:
    found = links.find_links(PAGE, "https://statbel.example/fr/page")
    assert [link.href.removeprefix("https://statbel.example/sites/default/") for link in found] == [
        "files/pop1992-mov2025.xlsx", "Huisartsenkring%20per%20gemeente%20(2019).xlsx", "about.html",
    ]  # fmt: skip
    assert found[0].text == "Loop van de bevolking"
    circle = links.only_link(PAGE, "https://z.example/", r"huisartsenkring.*gemeente.*\.xlsx", "the table of circles")
    assert circle.text == "tabel"


@pytest.mark.parametrize(
    ("pattern", "sentence"),
    [
        (
            r"births.*\.xlsx",
            r"no link to births on the page \(looked for 'births.*', found pop1992-mov2025.xlsx, Huisarts",
        ),
        (
            r"\.xlsx",
            r"2 links to births on the page .*found pop1992-mov2025.xlsx, Huisartsenkring per gemeente \(2019\).xlsx",
        ),
    ],
)
def test_a_link_that_is_not_the_only_one(pattern: str, sentence: str) -> None:
    with pytest.raises(NotDataError, match=f"^https://z.example/: {sentence}.*--source ID=FILE\\.$"):
        links.only_link(PAGE, "https://z.example/", pattern, "births")


def test_a_page_with_open_comments_or_declarations_gives_what_stands_before() -> None:
    """An open comment is looked for at every sign of what follows, which took a page of 120 kB half a minute."""
    before = b'<a href="a.xlsx">births</a>'
    for hostile in (b"<!--" * 100_000, b"<![" * 1_000, b"<!x>" * 10):
        found = links.find_links(before + hostile, "https://z.example/")
        assert [link.href for link in found] == ["https://z.example/a.xlsx"]
    closed = links.find_links(
        b"<!-- x -->" + before + b"<!-- y -->" + before.replace(b"a.", b"b."), "https://z.example/"
    )
    assert len(closed) == 2


def test_a_page_without_files() -> None:
    with pytest.raises(NotDataError, match="found no link to a file"):
        links.only_link(b"<html><body>Moved</body></html>", "https://z.example/", "x", "births")


def test_a_link_is_followed_and_a_file_taken_as_it_is(
    server: Misbehaving, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    page = server.on("/page", Misbehaviour(PAGE))
    file = server.on("/sites/default/files/pop1992-mov2025.xlsx", Misbehaviour(GOOD))
    own = tmp_path / "own.xlsx"
    own.write_bytes(GOOD)
    with Client(pace_s=0, retries=0) as client:
        for address in (page, file, own):
            assert links.follow(client, address, r"pop1992-mov", "births", "zip").data == GOOD
        server.on("/sites/default/files/pop1992-mov2025.xlsx", Misbehaviour(b"<html><title>Are you human?</title>"))
        with pytest.raises(NotDataError, match=r"a web page \('Are you human\?'\) came instead of a zip file"):
            links.follow(client, page, r"pop1992-mov", "births", "zip")


@settings(max_examples=100)
@given(st.text(alphabet='<>/="abhref &;#\x00\n'), st.binary(max_size=60))
def test_any_page_has_links_or_none(text: str, tail: bytes) -> None:
    with contextlib.suppress(DataError):
        links.find_links(text.encode() + tail, "https://z.example/")


# geometries


def zones(*shapes: object, keys: tuple[str, ...] = (), **more: list[object]) -> gpd.GeoDataFrame:
    names = list(keys or "abcdefgh"[: len(shapes)])
    ids = [f"f{i}" for i in range(len(shapes))]
    return gpd.GeoDataFrame({"NISCODE": names, "feature_id": ids, **more}, geometry=list(shapes), crs="EPSG:31370")


BOW = Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
"""Half of its bounding box is covered once: area 50 after repair, 0 by the shoelace formula."""

NICK = Polygon([(0, 0), (100, 0), (100, 100), (50, 100), (50, 100.001), (50, 99), (50, 100), (0, 100)])


def check(frame: gpd.GeoDataFrame, **options: bool) -> Checked:
    return checked(frame, where="VRBG", key="NISCODE", **options)


def test_sound_features_pass_as_they_are() -> None:
    frame = zones(box(0, 0, 1, 1), Point(3, 4))
    got = check(frame)
    assert (got.repaired, got.dropped) == ((), ())
    assert got.frame.equals(frame)


def test_a_border_that_crosses_itself_a_little_is_put_right_and_told() -> None:
    assert not NICK.is_valid
    got = check(zones(box(0, 0, 1, 1), NICK))
    assert got.repaired == ("b",)
    assert got.frame.geometry.is_valid.all()
    assert got.frame.geometry.iloc[1].area == pytest.approx(10_000, abs=1)
    assert isinstance(got.frame.geometry.iloc[1], (Polygon, MultiPolygon))


def test_what_a_repair_leaves_over_is_no_area() -> None:
    spike = Polygon([(0, 0), (100, 0), (100, 100), (50, 100), (50, 150), (50, 100), (0, 100)])
    got = check(zones(spike)).frame.geometry.iloc[0]
    assert not isinstance(got, (GeometryCollection, LineString))
    assert got.area == 10_000


@pytest.mark.parametrize(
    ("frame", "options", "sentence"),
    [
        (zones(BOW), {}, "the border of NISCODE 'a' crosses itself; putting it right would change its area; give a"),
        (zones(NICK), {"repair": False}, "the border of NISCODE 'a' crosses itself; give a corrected file"),
        (zones(box(0, 0, 1, 1), None), {}, "1 without geometry, the first NISCODE 'b'"),
        (zones(Polygon()), {}, "1 without geometry, the first NISCODE 'a'"),
        (zones(Point(0, 0), Point(1, 1), keys=("a", "a")), {}, "NISCODE 'a' occurs on different features"),
    ],
)
def test_features_that_cannot_be_used(frame: gpd.GeoDataFrame, options: dict[str, bool], sentence: str) -> None:
    with pytest.raises(DataError, match=f"^VRBG: {sentence}"):
        check(frame, **options)


def test_what_is_left_out_is_told() -> None:
    got = check(zones(Point(0, 0), None, Point(0, 0), keys=("a", "b", "a")), drop_missing=True)
    assert got.dropped == ("a", "b")
    assert got.frame["NISCODE"].tolist() == ["a"]
    with pytest.raises(MissingColumnError, match="VRBG: column 'NIS' is missing"):
        checked(zones(Point(0, 0)), where="VRBG", key="NIS")
