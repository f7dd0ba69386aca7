"""Dossiers and needs analyses on the tiny world: what they say, in which files, and that they can be made again."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openpyxl
import pikepdf
import pytest

from coverage.analysis import Engine
from coverage.core.query import Query
from coverage.dossier.facts import gather
from coverage.dossier.subject import subject_of
from coverage.scenario.edits import Add
from coverage.scenario.replay import replay
from coverage.scenario.scenario import start
from i18n.errors import InputError
from i18n.texts import LANGUAGES, text
from layers.dossier.document import Document, Facts, Paragraph, Picture, Section, Table, as_data
from layers.dossier.requested import dossier_of_area, dossier_of_plan, profile_of_area
from layers.dossier.writers.book import write_book
from layers.dossier.writers.files import FORMS, document_format, write_document
from loaders.snapshot.reader import Snapshot

if TYPE_CHECKING:
    from tests.unit.conftest import TinyWorld

SOUTH, NORTH = (("province", "zuid"),), (("province", "noord"),)
SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20" viewBox="0 0 40 20">'
    b'<rect width="9" height="9"/></svg>'
)
PLAIN = Document(
    title="Een <titel> & meer",
    subtitle="#set text(red)",
    lang="nl",
    warning="VERZONNEN: niets is echt.",
    foot="voet",
    sections=(
        Section("Eerst", (Paragraph("*niet vet* $x$ @noot", "verdict"), Facts((("91", "geboorten"),)))),
        Section(
            "Dan",
            (
                Picture(SVG, "Een kaart", "Kaart van niets"),
                Table("Wijken", ("Wijk", "Baby's"), (("Noord", "12"), ("Zuid & <west>", "<1")), "lr"),
            ),
        ),
    ),
    page="pagina",
    of="van",
)


@pytest.fixture(autouse=True)
def named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tiny world has no files, so no hash either."""
    monkeypatch.setattr(Snapshot, "hash", property(lambda _: "ab" * 32))
    monkeypatch.setattr(Snapshot, "sources", property(lambda _: {}))
    levels = [("care_region", 2025), ("gp_circle", 2025), ("province", 2025)]
    monkeypatch.setattr("coverage.dossier.profile._levels", lambda _engine: levels)


@pytest.fixture
def query() -> Query:
    return Query(areas=SOUTH, within_m=390)


def _elements(file: bytes) -> list[Any]:
    """Structure elements of a tagged PDF, in reading order."""
    found: list[Any] = []

    def walk(node: Any) -> None:
        if isinstance(node, pikepdf.Array):
            for child in node:
                walk(child)
        elif isinstance(node, pikepdf.Dictionary):
            if "/S" in node:
                found.append(node)
            if "/K" in node:
                walk(node["/K"])

    with pikepdf.open(io.BytesIO(file)) as book:
        walk(book.Root.StructTreeRoot.K)
        return [(str(node.S), str(node.get("/Alt", ""))) for node in found]


def test_a_threshold_that_cannot_be_is_an_error_and_no_document(tiny: TinyWorld, query: Query) -> None:
    engine, places = Engine(tiny.snapshot()), tiny.facilities(tiny.place(5, 5))
    with pytest.raises(InputError, match="-5"):
        dossier_of_area(engine, query, places, "en", min_births=-5)
    with pytest.raises(InputError, match="luck"):
        dossier_of_area(engine, query, places, "en", "luck")


def test_a_pdf_is_tagged_and_names_its_language_title_and_pictures() -> None:
    file = write_document(PLAIN, "pdf")
    with pikepdf.open(io.BytesIO(file)) as book:
        assert bool(book.Root.MarkInfo.Marked)
        assert str(book.Root.Lang) == "nl"
        assert bool(book.Root.ViewerPreferences.DisplayDocTitle)
        meta = book.open_metadata()
        assert meta["dc:title"] == PLAIN.title
        assert meta["pdfuaid:part"] == "1"
    kinds = _elements(file)
    assert ("/Figure", "Kaart van niets") in kinds
    names = [name for name, _ in kinds]
    assert names.count("/H1") == 2
    assert (names.count("/TH"), names.count("/TD"), names.count("/TR")) == (2, 4, 3)


@pytest.mark.parametrize("form", FORMS)
def test_a_document_is_the_same_twice(form: str) -> None:
    assert write_document(PLAIN, form) == write_document(PLAIN, form)


def test_words_of_a_document_are_never_markup() -> None:
    page = write_document(PLAIN, "html").decode()
    assert "Een &lt;titel&gt; &amp; meer" in page
    assert "Zuid &amp; &lt;west&gt;" in page
    assert "http://" not in page.replace("http://www.w3.org/2000/svg", "")
    assert write_document(PLAIN, "pdf").startswith(b"%PDF-1.7")  # typst would refuse @noot, and turn text red


def test_a_docx_can_be_edited_and_keeps_its_warning_on_every_page() -> None:
    import docx

    book = docx.Document(io.BytesIO(write_document(PLAIN, "docx")))
    assert [p.text for p in book.paragraphs if p.style is not None and p.style.name == "Heading 1"] == [
        "1 Eerst",
        "2 Dan",
    ]
    assert book.sections[0].header.paragraphs[0].text == PLAIN.warning
    assert book.sections[0].footer.paragraphs[0].text.startswith("voet")
    table = book.tables[-1]
    assert [cell.text for cell in table.rows[2].cells] == ["Zuid & <west>", "<1"]
    assert "w:tblHeader" in table.rows[0]._tr.xml
    assert book.inline_shapes[0]._inline.docPr.get("descr") == "Kaart van niets"
    with zipfile.ZipFile(io.BytesIO(write_document(PLAIN, "docx"))) as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.parametrize(
    ("out", "given", "form"), [("a.PDF", None, "pdf"), ("a.x", "html", "html"), ("-", None, "pdf")]
)
def test_format_of_a_document(out: str, given: str | None, form: str) -> None:
    assert document_format(Path(out), given) == form


def test_a_format_that_is_no_document_is_refused() -> None:
    with pytest.raises(InputError, match="pdf, html, docx"):
        document_format(Path("a.xlsx"), None)


def test_the_facts_of_a_dossier_are_those_of_the_answer(tiny: TinyWorld, query: Query) -> None:
    engine, places = Engine(tiny.snapshot()), tiny.facilities(tiny.place(5, 5), tiny.place(5, 11))
    subject, asked = subject_of(engine, query)
    facts = gather(engine, asked, places, subject)
    row = engine.analyse(replace(query, level="province"), places).table.iloc[0]
    assert facts.standing.births == pytest.approx(row["births"])
    assert facts.standing.in_reach == pytest.approx(row["births_in_reach"])
    assert facts.standing.out_of_reach == pytest.approx(row["births_out_of_reach"])
    assert facts.standing.share == pytest.approx(row["share_in_reach"])
    assert facts.standing.mean_m == pytest.approx(row["mean_distance_m"])
    assert facts.standing.p90_m == pytest.approx(row["p90_distance_m"])
    assert facts.standing.n_places == row["n_facilities"] == 2
    assert facts.gap == bool(row["gap"])


def test_a_change_is_what_its_parts_add_up_to(tiny: TinyWorld, query: Query) -> None:
    engine, places = Engine(tiny.snapshot()), tiny.facilities(tiny.place(5, 11))
    subject, asked = subject_of(engine, query)
    change = gather(engine, asked, places, subject).change
    assert change is not None
    assert change.gained == pytest.approx(float(change.parts["births_gained"].sum()))
    before = gather(engine, asked, places, subject).standing
    assert change.standing.in_reach - before.in_reach == pytest.approx(change.gained - change.lost)
    outside = set(change.neighbours["zone_id"])
    assert not {"10012", "10034"} & outside
    assert float(change.neighbours["births_gained"].sum()) <= change.gained_elsewhere + 1e-9


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_dossier_reads_in_every_language(tiny: TinyWorld, query: Query, lang: str) -> None:
    engine, places = Engine(tiny.snapshot()), tiny.facilities(tiny.place(5, 11))
    made = dossier_of_area(engine, query, places, lang)
    words = made.document.plain()
    assert not re.search(r"\{[a-z_]+\}|\bnan\b|\binf\b|None(?! brings)", words)
    assert not re.search(r"\d+[.,]\d{3,}(?![\d ])\s*(baby|bab|naissance|geboort|birth)", words)
    assert made.warnings == ()
    assert as_data(made.document)["lang"] == lang
    titles = [section.title for section in made.document.sections]
    assert text("dossier.section.answer", lang) in titles
    assert text("dossier.section.test", lang) in titles
    assert f"--lang {lang}" in made.notes.command


def test_the_made_up_label_is_on_every_page_and_absent_where_nothing_is_made_up(tiny: TinyWorld, query: Query) -> None:
    engine, places = Engine(tiny.snapshot()), tiny.facilities(tiny.place(5, 11))
    made_up = replace(places, evidence="illustrative", frame=places.frame.assign(evidence="illustrative"))
    assert dossier_of_area(engine, query, made_up, "nl").document.warning == text("export.illustrative", "nl")
    assert dossier_of_area(engine, query, places, "nl").document.warning == ""


def test_an_area_without_births_says_so(tiny: TinyWorld, query: Query) -> None:
    snapshot = tiny.snapshot(births={"10012": 90, "10034": 60, "10005": 0, "10006": 0})
    made = dossier_of_area(Engine(snapshot), replace(query, areas=NORTH), tiny.facilities(tiny.place(5, 11)), "nl")
    assert made.warnings == (text("dossier.no_births", "nl", year=2025),)
    assert made.warnings[0] in made.document.plain()
    assert made.facts.change is None
    assert made.facts.test is None
    for form in FORMS:
        assert write_document(made.document, form)


def test_two_plans_are_told_apart(tiny: TinyWorld, query: Query) -> None:
    """What stands beside a plan is another plan and not today, and its new place is not this plan's that moved."""
    engine, places = Engine(tiny.snapshot()), tiny.facilities(tiny.place(5, 11))
    done = []
    for name, spot in (("Oost", (5, 5)), ("West", (14, 5))):
        plan = start(engine.snapshot, places, query, name)
        x, y = tiny.centre(*spot)
        done.append(replay(engine, plan.with_edit(Add("", "bureau", name, x, y), places, engine.snapshot), places))
    made = dossier_of_plan(engine, done[0], "nl", "oost", against=done[1], against_asked="west")
    words = made.document.plain()
    assert "binnen bereik met 'West'" in words
    assert "Vandaag" not in words
    change = made.facts.change
    assert change is not None
    states = dict(zip(change.places["name"], change.places["status"], strict=True))
    assert (states.get("Oost"), states.get("West")) == ("new", "closed")
    assert made.facts.planned is not None
    assert [name for name, _ in made.facts.planned.tests] == ["Oost"]


def test_a_list_without_places_of_the_service_says_so(tiny: TinyWorld, query: Query) -> None:
    engine = Engine(tiny.snapshot())
    places = tiny.facilities(tiny.place(5, 11, service="bureau"))
    told = text("dossier.no_places", "nl", services=text("service.house.plural", "nl"))
    made = dossier_of_area(engine, replace(query, service="house"), places, "nl")
    assert made.warnings == (told,)
    assert told in made.document.plain()
    analysis, _ = profile_of_area(engine, replace(query, service="house"), places, "nl")
    assert analysis.warnings == (told,)
    assert told in analysis.document.plain()


def test_places_known_by_municipality_alone_leave_distances_unknown(tiny: TinyWorld, query: Query) -> None:
    places = tiny.facilities(tiny.at("10003"), scope={"bureau": ("10001", "10002", "10003")})
    made = dossier_of_area(Engine(tiny.snapshot()), query, places, "nl")
    assert text("dossier.about.unknown", "nl") in made.document.plain()
    assert made.facts.change is None


def test_a_dossier_needs_an_area(tiny: TinyWorld) -> None:
    engine = Engine(tiny.snapshot())
    with pytest.raises(InputError, match="--in"):
        dossier_of_area(engine, Query(), tiny.facilities(tiny.place(5, 5)), "en")
    with pytest.raises(InputError, match="10013"):
        dossier_of_area(engine, Query(areas=(("municipality", "10013"),)), tiny.facilities(tiny.place(5, 5)), "en")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_needs_analysis_reads_and_counts(tiny: TinyWorld, query: Query, lang: str) -> None:
    engine, places = Engine(tiny.snapshot()), tiny.facilities(tiny.place(5, 5), tiny.place(5, 11))
    analysis, notes = profile_of_area(engine, query, places, lang)
    words = analysis.document.plain()
    assert not re.search(r"\{[a-z_]+\}|\bnan\b|\binf\b|None(?! brings)", words)
    book = openpyxl.load_workbook(io.BytesIO(write_book(analysis, notes)))
    assert book.sheetnames[0] == text("profile.sheet.short", lang)
    reach = book[text("profile.sheet.reach", lang)]
    row = engine.analyse(replace(query, level="province"), places).table.iloc[0]
    walked = [cell.value for cell in reach[2]]
    assert str(walked[0]).casefold() == text("service.bureau", lang).casefold()
    assert reach.freeze_panes == "A2"
    parts = book[text("profile.sheet.parts", lang)]
    births = [float(str(cells[1].value)) for cells in parts.iter_rows(min_row=2) if cells[1].value is not None]
    assert sum(births) == pytest.approx(row["births"])
    assert write_book(analysis, notes) == write_book(analysis, notes)


def test_a_needs_analysis_of_nobody_reads_too(tiny: TinyWorld, query: Query) -> None:
    snapshot = tiny.snapshot(births={"10012": 90, "10034": 60, "10005": 0, "10006": 0})
    analysis, _ = profile_of_area(
        Engine(snapshot), replace(query, areas=NORTH), tiny.facilities(tiny.place(5, 11)), "nl"
    )
    assert analysis.warnings == (text("dossier.no_births", "nl", year=2025),)
    assert "geen enkele geboorte" in analysis.document.plain()
    assert write_document(analysis.document, "pdf").startswith(b"%PDF")
