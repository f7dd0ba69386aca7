"""Taking in a list of places or own zones: choose a file, name its columns, see what becomes of every row, use it."""

from __future__ import annotations

import base64
import binascii
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dash_mantine_components as dmc
from dash import ALL, Dash, Input, Output, State, dcc, html, no_update

from i18n.errors import InputError, NabijError
from i18n.messages import MessageError
from i18n.texts import format_number, text
from layers.files.list_files import FORMS, KINDS
from layers.views.view import enumeration
from loaders.catalogue.levels import OWN
from loaders.catalogue.services import services_in_words
from loaders.lists.facility_choice import facilities_of
from loaders.lists.facility_file import read_facility_file
from loaders.lists.facility_report import FacilityReport, RowReport
from loaders.lists.list_preview import missing_fields, preview
from loaders.lists.list_suffixes import SPATIAL_SUFFIXES
from loaders.lists.partition_file import PartitionReport, read_partition_file
from loaders.live.address_service import address_service
from loaders.reading_room import UPLOAD, allow
from pages.data.list_review import field_name, fields_of, first_look, outcome, refusal
from pages.request.client import gone_of_request
from pages.request.input_kinds import UnfitError
from pages.shell.context import current
from pages.shell.markup import attributes, icon, select_data
from pages.shell.session_uploads import MAX_BYTES, uploads
from pages.shell.state import OWN_PLACES, read_state

PREVIEW_ROWS = 6
Given = dict[str, Any]


def upload_area(lang: str) -> html.Div:
    """Build the controls and the room for what comes of a file."""
    return html.Div(
        [
            html.Div(
                [
                    dmc.SegmentedControl(
                        id="list-kind",
                        value=KINDS[0],
                        data=select_data(list(KINDS), [text(f"data.kind.{kind}", lang) for kind in KINDS]),
                        **attributes(aria_label=text("data.kind", lang)),
                    ),
                    html.Div(id="list-help"),
                ],
                className="list-kind",
            ),
            dcc.Upload(
                [
                    icon("upload"),
                    html.Span(
                        [html.Strong(text("data.drop.click", lang)), " ", text("data.drop.or", lang)],
                        className="drop-words",
                    ),
                    html.Span(text("data.drop.formats", lang, most=MAX_BYTES // 1_000_000), className="help"),
                ],
                id="list-file",
                className="drop",
                className_active="drop over",
            ),
            dmc.Checkbox(id="list-geocode", label=text("data.geocode", lang), checked=False, size="sm"),
            html.P(text("data.private", lang), className="help private"),
            html.Div(id="list-review", className="review", role="status"),
            dcc.Location(id="list-used", refresh=True),
        ],
        className="upload",
        id="list-area",
        **attributes(
            data_most=str(MAX_BYTES),
            data_large=text("own.too_large", lang),
            data_field=text("data.drop.click", lang),
        ),
    )


def register(app: Dash) -> None:
    """Connect the controls."""
    app.callback(
        Output("list-help", "children"),
        Output("list-geocode", "className"),
        Input("list-kind", "value"),
        State("data-state", "data"),
    )(explain)
    app.callback(
        Output("list-review", "children"),
        Input("list-file", "contents"),
        Input("list-kind", "value"),
        State("list-file", "filename"),
        State("data-state", "data"),
        prevent_initial_call=True,
    )(open_file)
    app.callback(
        Output("list-outcome", "children"),
        Input({"type": "list-column", "at": ALL}, "value"),
        Input("list-geocode", "checked"),
        State("list-file", "contents"),
        State("list-file", "filename"),
        State("list-kind", "value"),
        State("data-state", "data"),
    )(check_file)
    app.callback(
        Output("list-used", "href"),
        Input({"type": "list-use", "kind": ALL}, "n_clicks"),
        State({"type": "list-column", "at": ALL}, "value"),
        State("list-geocode", "checked"),
        State("list-file", "contents"),
        State("list-file", "filename"),
        State("list-kind", "value"),
        State("data-state", "data"),
        prevent_initial_call=True,
    )(use_file)


def explain(kind: str, given: Given) -> tuple[Any, str]:
    """Say what a list of this kind looks like, and offer the templates."""
    lang = str(given["lang"])
    links = [
        html.A(text(f"data.template.{form}", lang), href=f"templates/{kind}.{form}", download="", className="template")
        for form in FORMS
    ]
    return (
        html.P(
            [
                text(f"data.kind.{kind}.help", lang, known=services_in_words(lang)),
                " ",
                text("data.template", lang),
                *links,
            ]
        ),
        "" if kind == "places" else "hidden",
    )


def open_file(contents: str | None, kind: str, filename: str | None, given: Given) -> Any:
    """Show the first rows of a file and what its columns are taken for; a file that cannot be read is told."""
    if not contents or not filename:
        return None
    lang = str(given["lang"])
    try:
        with stored_file(contents, filename, lang) as path:
            found = preview(path, kind, PREVIEW_ROWS)
    except NabijError as error:
        return refusal(error.sentence(lang), lang)
    return first_look(found, file_name(filename), kind, lang)


def check_file(
    chosen: list[str | None], geocode: bool, contents: str | None, filename: str | None, kind: str, given: Given
) -> Any:
    """Show what becomes of every row, with the columns as they were chosen."""
    if not contents or not filename or not chosen:
        return None
    lang = str(given["lang"])
    fields = fields_of(chosen)
    missing = missing_fields(kind, fields, drawn=Path(filename).suffix.lower() in SPATIAL_SUFFIXES)
    if missing and not (kind == "places" and Path(filename).suffix.lower() in SPATIAL_SUFFIXES):
        names = enumeration([f"‘{field_name(field, lang)}’" for field in missing], lang)
        return refusal(text("data.missing", lang, fields=names), lang)
    try:
        report = _read(chosen, geocode, contents, filename, kind, lang)
    except NabijError as error:
        return refusal(error.sentence(lang), lang)
    return outcome(report, kind, lang)


def use_file(
    clicks: list[int | None],
    chosen: list[str | None],
    geocode: bool | None,
    contents: str | None,
    filename: str | None,
    kind: str,
    given: Given,
) -> Any:
    """Keep the list for this session and go to the map that shows it; the list in use stays until that worked."""
    if not any(clicks) or not contents or not filename:
        return no_update
    state = read_state(given, str(given["lang"]))
    report = _read(chosen, bool(geocode), contents, filename, kind, state.lang)
    if isinstance(report, PartitionReport):
        key = uploads().add(report.checked())
        return "./" + state.address(zones=key, level=OWN, areas="", zone="")
    assert isinstance(report, FacilityReport)  # noqa: S101
    key = uploads().add(facilities_of(report))
    return "./" + state.address(places=key, facilities=OWN_PLACES, zone="")


def _read(chosen: list[str | None], geocode: bool, contents: str, filename: str, kind: str, lang: str) -> RowReport:
    """Read a file with the columns as they were chosen."""
    snapshot = current().snapshot
    with stored_file(contents, filename, lang) as path:
        found = preview(path, kind, 0)
        if len(chosen) != len(found.fields):
            raise UnfitError("list-column.value")
        mapping = found.mapping(fields_of(chosen))
        if kind == "zones":
            return read_partition_file(path, snapshot, mapping=mapping)
        with address_service(geocode) as locate:
            return read_facility_file(path, snapshot, mapping=mapping, locate=locate)


@contextmanager
def stored_file(
    contents: str, filename: str, lang: str, should_stop: Callable[[], bool] | None = None
) -> Iterator[Path]:
    """Path of what was sent, for as long as it is being read, which `UPLOAD` limits.

    Parameters
    ----------
    should_stop : asked while it is read; True, such as when the client has left, ends the reading
    """
    try:
        data = base64.b64decode(contents.partition(",")[2], validate=True)
    except (binascii.Error, ValueError) as error:
        raise MessageError("error.file.not_whole", file=file_name(filename)) from error
    if len(data) > MAX_BYTES:
        size = {"size": format_number(len(data) / 1e6, lang, 1), "most": MAX_BYTES // 1_000_000}
        raise InputError(text("own.too_large", lang, file=file_name(filename), **size))
    with tempfile.TemporaryDirectory(prefix="nabij-") as folder:
        path = Path(folder) / file_name(filename)
        path.write_bytes(data)
        with allow(UPLOAD, should_stop or gone_of_request()):
            yield path


def file_name(filename: str) -> str:
    """Name of a file without folders and without signs that do not belong in one."""
    return re.sub(r"[^\w .()+-]", "_", Path(filename.replace("\\", "/")).name)[-80:] or "list"
