"""Names with signs that files, pictures and typefaces do not take: documents are made all the same."""

from __future__ import annotations

import io
import zipfile
from xml.etree import ElementTree

import pytest

from layers.dossier.document import Bullets, Document, Facts, Line, Paragraph, Picture, Section, Table
from layers.dossier.writers.docx import _LONGEST
from layers.dossier.writers.files import FORMS, NAME, write_document
from layers.figures.drawing import Drawing
from layers.look.signs import UNKNOWN, in_letters, in_xml

WORDS = {
    "control": "a\x00\x01\x08\x0b\x1b[2Jb",
    "no characters": "a\ufffe\uffffb",
    "half a pair": "a\ud800b",
    "no typeface": "plan 咨询 \N{FAMILY}\U0010ffff \N{ALARM CLOCK}",
    "long": "woord " * 100,
    "markup": '#eval("1") $x$ </script><script>hit</script> { DDEAUTO c x }',
}


def document(words: str) -> Document:
    drawing = Drawing(100, 40, words, words)
    drawing.text((5, 20), words)
    blocks = (
        *(Paragraph(words, "verdict"), Bullets((words,)), Facts(((words, words),)), Line(words)),
        *(Table(words, (words, words), ((words, words),), "lr", (), words), Picture(drawing.svg(), words, words)),
    )
    return Document(words, words, "nl", words, words, (Section("één", blocks),), "p", "/", (words,))


def picture(words: str) -> bytes:
    drawing = Drawing(100, 40, words, words)
    drawing.text((5, 20), words, halo="#ffffff")
    return drawing.svg()


@pytest.mark.parametrize("words", WORDS.values(), ids=WORDS)
@pytest.mark.parametrize("form", FORMS)
def test_a_document_takes_any_signs(words: str, form: str) -> None:
    made = write_document(document(words), form)
    assert made == write_document(document(words), form)
    if form == "pdf":
        assert made.startswith(b"%PDF")
    elif form == "html":
        assert b"<script>hit" not in made
    else:
        with zipfile.ZipFile(io.BytesIO(made)) as book:
            parts = [ElementTree.fromstring(book.read(name)) for name in book.namelist() if name.endswith(".xml")]  # noqa: S314
        assert len(parts) > 5


@pytest.mark.parametrize("words", WORDS.values(), ids=WORDS)
def test_a_picture_is_xml_whatever_it_says(words: str) -> None:
    assert ElementTree.fromstring(picture(words)).tag.endswith("svg")  # noqa: S314


def test_what_cannot_be_held_is_left_out_and_what_cannot_be_shown_is_told() -> None:
    assert in_xml("a\x01\tb\n\x0c\ud800é") == f"a\tb\n{UNKNOWN}é"
    assert in_letters("Gent – Ελλ, Киев: 咨 ⌚ €") == f"Gent – Ελλ, Киев: {UNKNOWN} ⌚ €"
    assert in_letters("Gent – ⌚ €", strictly=True) == f"Gent – {UNKNOWN} €"


def test_a_document_whose_title_shows_nothing_has_one() -> None:
    assert f"<title>{NAME} ".encode() in write_document(document("\x01\x02"), "html")
    assert _LONGEST == 255
