"""A document as a file in one of the formats that a dossier comes in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from i18n.messages import MessageError
from layers.dossier.document import Document
from layers.files.output import STDOUT
from layers.look.signs import in_xml

NAME = "nabij"
"""Title of a document where its own shows nothing."""

FORMS = ("pdf", "html", "docx")
"""Formats of a document."""


def document_format(out: Path, given: str | None, known: tuple[str, ...] = FORMS) -> str:
    """Format that was asked for, else that of the suffix; the first one for standard output."""
    form = given or (known[0] if out == STDOUT else out.suffix.lower().lstrip("."))
    if form not in known:
        raise MessageError("error.dossier.format", value=form, known=", ".join(known))
    return form


def write_document(document: Document, form: str) -> bytes:
    """Write a document in one of `FORMS`; the same document gives the same bytes.

    Names in it may come from anybody's list: signs that no file can hold are left out.
    """
    document = document.told_in(in_xml)
    if not document.title.strip():
        document = replace(document, title=NAME)
    if form == "pdf":
        from layers.dossier.writers.pdf import write_pdf

        return write_pdf(document)
    if form == "docx":
        from layers.dossier.writers.docx import write_docx

        return write_docx(document)
    from layers.dossier.writers.html import write_html

    return write_html(document)
