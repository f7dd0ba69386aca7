"""A document as DOCX, to be edited: styles, table heads that repeat, and words for every picture."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime
from typing import Any

from i18n.languages import SPOKEN
from layers.dossier.document import Block, Bullets, Document, Facts, Line, Paragraph, Picture, Table
from layers.figures.png import png_of
from layers.look.tokens import COLOURS

_LONGEST = 255
"""Letters that a property of the file may have; the pages themselves tell all of it."""

_WIDTH_CM = 17.0
_MOMENT = datetime(1980, 1, 1, tzinfo=UTC)
_FONT = "Calibri"


def write_docx(document: Document) -> bytes:
    """Write a document as DOCX; the same document gives the same bytes."""
    import docx
    from docx.shared import Cm, Pt

    book: Any = docx.Document()
    _properties(book, document)
    page = book.sections[0]
    page.page_width, page.page_height = Cm(21), Cm(29.7)
    page.left_margin = page.right_margin = Cm(2)
    page.top_margin, page.bottom_margin = Cm(2.4), Cm(2)
    style = book.styles["Normal"]
    style.font.name, style.font.size = _FONT, Pt(10.5)
    style.paragraph_format.space_after = Pt(6)
    _language(book, document.lang)
    for name, size in (("Title", 22), ("Heading 1", 15)):
        _headings(book.styles[name], size)
    _head_and_foot(page, document)
    book.add_paragraph(document.title, style="Title")
    if document.subtitle:
        _run(book.add_paragraph(), document.subtitle, colour="ink-2", size=12)
    for number, section in enumerate(document.sections, 1):
        book.add_heading(f"{number} {section.title}", level=1)
        for block in section.blocks:
            _block(book, block)
    buffer = io.BytesIO()
    book.save(buffer)
    return _undated(buffer.getvalue())


def _properties(book: Any, document: Document) -> None:
    about = book.core_properties
    about.title, about.author, about.last_modified_by = document.title[:_LONGEST], "nabij", "nabij"
    about.language, about.comments = document.lang, document.warning[:_LONGEST]
    about.keywords = ", ".join(document.keywords)[:_LONGEST]
    about.created = about.modified = _MOMENT
    about.revision = 1


def _language(book: Any, lang: str) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    properties = book.styles["Normal"].element.get_or_add_rPr()
    element = OxmlElement("w:lang")
    element.set(qn("w:val"), SPOKEN[lang].locale.replace("_", "-"))
    properties.append(element)


def _headings(style: Any, size: int) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Pt

    style.font.name, style.font.size, style.font.bold = _FONT, Pt(size), True
    style.font.color.rgb = _rgb("accent" if size < 20 else "ink")
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for name in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
        fonts.attrib.pop(qn(name), None)
    for border in style.element.iter(qn("w:pBdr")):
        border.getparent().remove(border)


def _rgb(name: str) -> Any:
    from docx.shared import RGBColor

    return RGBColor.from_string(COLOURS[name].lstrip("#").upper())


def _run(paragraph: Any, words: str, *, colour: str = "", size: float = 0.0, bold: bool = False) -> Any:
    from docx.shared import Pt

    run = paragraph.add_run(words)
    run.bold = bold or None
    if colour:
        run.font.color.rgb = _rgb(colour)
    if size:
        run.font.size = Pt(size)
    return run


def _head_and_foot(page: Any, document: Document) -> None:
    if document.warning:
        paragraph = page.header.paragraphs[0]
        _run(paragraph, document.warning, colour="warn-ink", size=8.5, bold=True)
        _shade(paragraph._p.get_or_add_pPr(), COLOURS["warn"])
    foot = page.footer.paragraphs[0]
    _run(foot, f"{document.foot}  ·  {document.page} ", colour="ink-2", size=8)
    _field(foot, "PAGE")
    _run(foot, f" {document.of} ", colour="ink-2", size=8)
    _field(foot, "NUMPAGES")


def _field(paragraph: Any, code: str) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    run = _run(paragraph, "", colour="ink-2", size=8)
    for kind in ("begin", "", "separate", "shown", "end"):
        if kind == "":
            element = OxmlElement("w:instrText")
            element.text = code
        elif kind == "shown":
            element = OxmlElement("w:t")
            element.text = "1"
        else:
            element = OxmlElement("w:fldChar")
            element.set(qn("w:fldCharType"), kind)
        run._r.append(element)


def _shade(properties: Any, colour: str) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    element = OxmlElement("w:shd")
    element.set(qn("w:val"), "clear")
    element.set(qn("w:color"), "auto")
    element.set(qn("w:fill"), colour.lstrip("#").upper())
    properties.append(element)


def _block(book: Any, block: Block) -> None:
    if isinstance(block, Paragraph):
        _paragraph(book, block)
    elif isinstance(block, Bullets):
        for item in block.items:
            book.add_paragraph(item, style="List Bullet")
    elif isinstance(block, Facts):
        _facts(book, block)
    elif isinstance(block, Picture):
        _picture(book, block)
    elif isinstance(block, Line):
        run = _run(book.add_paragraph(), block.text, size=8.5)
        run.font.name = "Consolas"
    else:
        _table(book, block)


def _paragraph(book: Any, block: Paragraph) -> None:
    paragraph = book.add_paragraph()
    if block.tone == "verdict":
        _run(paragraph, block.text, size=12, bold=True)
        _shade(paragraph._p.get_or_add_pPr(), COLOURS["accent-soft"])
    elif block.tone == "lead":
        _run(paragraph, block.text, size=12)
    elif block.tone == "quiet":
        _run(paragraph, block.text, colour="ink-2", size=9)
    else:
        _run(paragraph, block.text)
    paragraph.paragraph_format.widow_control = True


def _facts(book: Any, block: Facts) -> None:
    table = book.add_table(rows=2, cols=len(block.pairs))
    for at, (number, what) in enumerate(block.pairs):
        _run(table.rows[0].cells[at].paragraphs[0], number, colour="accent", size=18, bold=True)
        _run(table.rows[1].cells[at].paragraphs[0], what, colour="ink-2", size=9)
    book.add_paragraph()


def _picture(book: Any, block: Picture) -> None:
    from docx.shared import Cm

    shape = book.add_picture(io.BytesIO(png_of(block.svg)), width=Cm(_WIDTH_CM))
    shape._inline.docPr.set("descr", block.alt)
    shape._inline.docPr.set("title", block.caption)
    book.paragraphs[-1].paragraph_format.keep_with_next = True
    _run(book.add_paragraph(), block.caption, colour="ink-2", size=9)


def _table(book: Any, block: Table) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Cm

    caption = book.add_paragraph()
    _run(caption, block.caption, colour="ink-2", size=9)
    caption.paragraph_format.keep_with_next = True
    table = book.add_table(rows=1 + len(block.rows), cols=len(block.header), style="Light Grid Accent 1")
    table.style = book.styles["Table Grid"]
    table.autofit = False
    shares = block.widths or (2.2, *([1.0] * (len(block.header) - 1)))
    widths = [Cm(_WIDTH_CM * share / sum(shares)) for share in shares]
    for n, (row, words) in enumerate(zip(table.rows, (block.header, *block.rows), strict=True)):
        settings = row._tr.get_or_add_trPr()
        settings.append(OxmlElement("w:cantSplit"))
        if n == 0:
            settings.append(OxmlElement("w:tblHeader"))
        for at, (cell, word) in enumerate(zip(row.cells, words, strict=True)):
            cell.width = widths[at]
            paragraph = cell.paragraphs[0]
            paragraph.paragraph_format.space_after = Cm(0)
            paragraph.paragraph_format.keep_with_next = n == 0
            _run(paragraph, word, size=9, bold=n == 0)
            if block.align[at] == "r":
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            if n == 0:
                _shade(cell._tc.get_or_add_tcPr(), COLOURS["accent-soft"])
    about = OxmlElement("w:tblCaption")
    about.set(qn("w:val"), block.caption)
    table._tbl.tblPr.append(about)
    if block.note:
        _run(book.add_paragraph(), block.note, colour="ink-2", size=9)
    book.add_paragraph()


def _undated(archive: bytes) -> bytes:
    """Return the file without the moments that a zip archive holds."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as dated, zipfile.ZipFile(buffer, "w") as made:
        for name in dated.namelist():
            made.writestr(zipfile.ZipInfo(name), dated.read(name), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
