"""A document as PDF/UA-1: tagged, with a title, a language and words for every picture, by typst."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

from i18n.errors import ArgumentError
from layers.dossier.document import Document, as_data
from layers.figures.drawing import FONTS
from layers.look.signs import in_letters

_PAGE = Path(__file__).parent / "page.typ"
_MOMENT = 315_532_800
"""Moment that stands in the file: 1 January 1980, so that the same document gives the same bytes."""

_NO_TYPEFACE = "could not be displayed with font"
"""What typst says of a sign that none of its typefaces has."""

_NARROW = str.maketrans({"\u2011": "-"})


def write_pdf(document: Document) -> bytes:
    """Write a document as PDF/UA-1; the same document gives the same bytes.

    What the document says is passed on as data and never read as markup. A sign for which there is no typeface would
    be a hole for whoever has the page read aloud; it is told as one that is not known.
    """
    import typst

    for told in (document, *(document.told_in(partial(in_letters, strictly=strictly)) for strictly in (False, True))):
        try:
            return _compiled(told)
        except typst.TypstError as error:
            if _NO_TYPEFACE not in str(error):
                raise
            refused = error
    raise ArgumentError("The document holds signs that cannot be written.") from refused


def _compiled(document: Document) -> bytes:
    import typst

    told = json.dumps(as_data(document), ensure_ascii=False).translate(_NARROW)
    made = typst.compile(  # type: ignore[call-overload]  # its types want one kind of path throughout
        _PAGE.read_bytes(),
        root=str(FONTS),
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        format="pdf",
        pdf_standards=["ua-1"],
        timestamp=_MOMENT,
        sys_inputs={"document": told},
    )
    if not isinstance(made, bytes):
        raise ArgumentError("The document gave no PDF.")
    return made
