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
from dash import ALL, Dash, Input, Output, State, ctx, dcc, html, no_update

from coverage.zones.complete import complete_for
from i18n.errors import InputError, NabijError
from i18n.messages import MessageError
from i18n.texts import format_number, text
from layers.files.list_files import FORMS, KINDS
from layers.sentences import listed
from loaders.catalogue.regions.levels import OWN
from loaders.catalogue.services import services_in_words
from loaders.lists.facilities.facility_choice import facilities_of
from loaders.lists.facilities.facility_file import read_facility_file
from loaders.lists.facilities.facility_report import FacilityReport
from loaders.lists.list_preview import missing_fields, preview
from loaders.lists.list_repair import RepairedList, repaired
from loaders.lists.list_suffixes import SPATIAL_SUFFIXES
from loaders.lists.partition_file import PartitionReport, read_partition_file
from loaders.lists.raw_table import ListOptions
from loaders.live.address_service import address_service
from loaders.reading_room import UPLOAD, allow
from pages.data.list_fixes import Fixes, chosen_area, lacking, repairs_of, system_choice, with_fix
from pages.data.list_review import field_name, fields_of, first_look, outcome, refusal
from pages.request.client import gone_of_request
from pages.request.input_kinds import UnfitError
from pages.shell.context import current
from pages.shell.markup import attributes, icon, select_data
from pages.shell.session_uploads import MAX_BYTES, uploads
from pages.shell.state import OWN_PLACES, read_state

PREVIEW_ROWS = 6
StoreData = dict[str, Any]


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
            dcc.Store(id="list-fixes", data={}),
            dcc.Store(id="list-sheet", data=""),
            dcc.Store(id="list-system", data=""),
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
        Input("list-sheet", "data"),
        Input("list-system", "data"),
        State("list-file", "filename"),
        State("data-state", "data"),
        prevent_initial_call=True,
    )(_open_file)
    app.callback(
        Output("list-fixes", "data"),
        Output("list-sheet", "data"),
        Output("list-system", "data"),
        Input("list-file", "last_modified"),
        Input("list-file", "filename"),
        Input("list-kind", "value"),
        Input({"type": "list-fix", "what": ALL}, "n_clicks"),
        Input({"type": "list-set", "field": ALL}, "value"),
        Input({"type": "list-rows", "at": ALL}, "cellValueChanged"),
        State({"type": "list-set", "field": ALL}, "id"),
        State("list-fixes", "data"),
        prevent_initial_call=True,
    )(keep_fixes)
    app.callback(
        Output("list-outcome", "children"),
        Input({"type": "list-column", "at": ALL}, "value"),
        Input("list-geocode", "checked"),
        Input("list-fixes", "data"),
        State("list-file", "contents"),
        State("list-file", "filename"),
        State("list-kind", "value"),
        State("data-state", "data"),
    )(_check_file)
    app.callback(
        Output("list-used", "href"),
        Input({"type": "list-use", "kind": ALL}, "n_clicks"),
        State({"type": "list-column", "at": ALL}, "value"),
        State("list-geocode", "checked"),
        State("list-fixes", "data"),
        State("list-file", "contents"),
        State("list-file", "filename"),
        State("list-kind", "value"),
        State("data-state", "data"),
        prevent_initial_call=True,
    )(_use_file)


def _open_file(
    contents: str | None, kind: str, sheet: str | None, system: str | None, filename: str | None, given: StoreData
) -> Any:
    """A new file begins with the sheet that fits best; what was chosen for the one before is not its own."""
    same = ctx.triggered_id in ("list-sheet", "list-system")
    return open_file(contents, kind, filename, given, (sheet or "") if same else "", (system or "") if same else "")


def _check_file(
    chosen: list[str | None],
    geocode: bool,
    fixes: Fixes | None,
    contents: str | None,
    filename: str | None,
    kind: str,
    given: StoreData,
) -> Any:
    return check_file(chosen, geocode, contents, filename, kind, given, fixes)


def _use_file(
    clicks: list[int | None],
    chosen: list[str | None],
    geocode: bool | None,
    fixes: Fixes | None,
    contents: str | None,
    filename: str | None,
    kind: str,
    given: StoreData,
) -> Any:
    return use_file(clicks, chosen, geocode, contents, filename, kind, given, fixes)


def explain(kind: str, given: StoreData) -> tuple[Any, str]:
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


def open_file(
    contents: str | None, kind: str, filename: str | None, given: StoreData, sheet: str = "", system: str = ""
) -> Any:
    """Show the first rows of a file and what its columns are taken for; a file that cannot be read is told.

    A map that does not say its coordinate system gets a choice of it.
    """
    if not contents or not filename:
        return None
    lang = str(given["lang"])
    options = ListOptions(sheet=sheet, constants={"crs": system} if system else {})
    try:
        with stored_file(contents, filename, lang) as path:
            look = preview(path, kind, PREVIEW_ROWS, options)
    except NabijError as error:
        return refusal(error.sentence(lang), lang, system_choice(error, lang))
    return first_look(look, file_name(filename), kind, lang)


def keep_fixes(
    _modified: float | None,
    _filename: str | None,
    _kind: str,
    clicks: list[int | None],
    chosen: list[str | None],
    edited: list[Any],
    ids: list[dict[str, str]],
    fixes: dict[str, Any] | None,
) -> tuple[Any, Any, Any]:
    """What the visitor repairs, kept as it is chosen; another file or kind of list begins anew."""
    before = dict(fixes or {})
    by = ctx.triggered_id
    if by in ("list-file", "list-kind") or not isinstance(by, dict):
        return {}, "", ""
    after = with_fix(before, by, clicks, dict(zip((one["field"] for one in ids), chosen, strict=True)), edited)
    if after == before:
        return no_update, no_update, no_update
    sheet, system = after.get("sheet", ""), after.get("crs", "")
    of_map = Path(_filename or "").suffix.lower() in SPATIAL_SUFFIXES
    return (
        after,
        sheet if sheet != before.get("sheet", "") else no_update,
        system if of_map and system != before.get("crs", "") else no_update,
    )


def check_file(
    chosen: list[str | None],
    geocode: bool,
    contents: str | None,
    filename: str | None,
    kind: str,
    given: StoreData,
    fixes: Fixes | None = None,
) -> Any:
    """Show what becomes of every row, with the columns and repairs as they were chosen."""
    if not contents or not filename or not chosen:
        return None
    lang = str(given["lang"])
    fields, repairs = fields_of(chosen), fixes or {}
    spatial = Path(filename).suffix.lower() in SPATIAL_SUFFIXES
    missing = [
        field
        for field in missing_fields(kind, [*fields, *repairs_of(repairs).constants], drawn=spatial)
        if not (spatial and kind == "places" and field in ("lat", "lon", "x", "y"))
    ]
    try:
        mended = _read(chosen, geocode, repairs, contents, filename, kind, lang)
    except NabijError as error:
        if missing:
            names = listed([f"‘{field_name(field, lang)}’" for field in missing], lang)
            return lacking(text("data.missing", lang, fields=names), missing, repairs, lang)
        return refusal(error.sentence(lang), lang)
    except ChangedColumnsError:
        return None  # the columns of another sheet are on their way
    territory = current().engine.territory
    return outcome(mended, kind, lang, repairs, territory)


def use_file(
    clicks: list[int | None],
    chosen: list[str | None],
    geocode: bool | None,
    contents: str | None,
    filename: str | None,
    kind: str,
    given: StoreData,
    fixes: Fixes | None = None,
) -> Any:
    """Keep the list for this session and go to the map that shows it; the list in use stays until that worked."""
    if not any(clicks) or not contents or not filename:
        return no_update
    state, repairs = read_state(given, str(given["lang"])), fixes or {}
    report = _read(chosen, bool(geocode), repairs, contents, filename, kind, state.lang).report
    if isinstance(report, PartitionReport):
        key = uploads().add(report.checked())
        return "./" + state.address(zones=key, level=OWN, areas="", zone="")
    assert isinstance(report, FacilityReport)  # noqa: S101
    facilities, territory = facilities_of(report), current().engine.territory
    area = chosen_area(repairs, report, territory)
    if area:
        facilities = complete_for(facilities, territory, (area,))
    key = uploads().add(facilities)
    return "./" + state.address(places=key, facilities=OWN_PLACES, zone="")


class ChangedColumnsError(UnfitError):
    """The columns chosen are not those of the sheet that is read."""


def _read(
    chosen: list[str | None], geocode: bool, fixes: Fixes, contents: str, filename: str, kind: str, lang: str
) -> RepairedList:
    """Read a file with the columns and repairs as they were chosen."""
    snapshot, repairs = current().snapshot, repairs_of(fixes)
    with stored_file(contents, filename, lang) as path:
        crs = {"crs": repairs.constants["crs"]} if "crs" in repairs.constants else {}
        look = preview(path, kind, 0, ListOptions(sheet=repairs.sheet, constants=crs))
        if len(chosen) != len(look.fields):
            raise ChangedColumnsError("list-column.value")
        mapping = look.mapping(fields_of(chosen))
        if kind == "zones":
            return repaired(path, kind, mapping, repairs, lambda o: read_partition_file(path, snapshot, options=o))
        with address_service(geocode) as locate:
            return repaired(
                path, kind, mapping, repairs, lambda o: read_facility_file(path, snapshot, locate=locate, options=o)
            )


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
