"""The explorer as a web application: ``create_app`` makes it, ``nabij serve`` runs it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from typing import Any

import brotli  # type: ignore[import-untyped]
import dash
import dash_mantine_components as dmc
import flask
from flask_compress import Compress

from coverage.memory.limits import limits_of_server
from coverage.memory.lru_cache import LruCache
from i18n.errors import NabijError
from i18n.texts import DEFAULT_LANGUAGE, check_language
from layers.look.tokens import PETROL
from layers.maps.symbols import symbol_css
from loaders.catalogue.regions.region_file import region_of_folder
from loaders.catalogue.regions.region_in_use import use_region
from loaders.reading_room import open_room
from loaders.snapshot.upkeep.store import default_snapshot
from loaders.storage.plan_room import plans_bytes
from loaders.storage.plan_store import ScenarioStore
from pages.compare import compare_answer
from pages.data import list_notes, list_upload
from pages.explore import measure_callbacks, view_callbacks
from pages.explore.charts import band_callbacks, chart_callbacks
from pages.explore.first_words import first_words
from pages.inputs import edge
from pages.municipality import sections
from pages.municipality.status import status_of
from pages.norm import answer as norm_answer
from pages.norm import norm_documents
from pages.overlap import answer as overlap_answer
from pages.plan import callbacks as plan_callbacks
from pages.plan import siting_search, why_there
from pages.request import client, stopping, visitor
from pages.searches import runner
from pages.server import barrier_files, jobs, libraries, map_files, memory, page_files
from pages.serving import guard, headers, not_found
from pages.serving.settings import ServeSettings
from pages.shell import session_uploads
from pages.shell.context import Context, SnapshotSwitcher, attach, current
from pages.shell.frame.masthead import PAGES
from pages.shell.plans import plan_versions
from pages.shell.reader import page_language
from pages.shell.state import State

_ROOT = Path(__file__).resolve().parent
_FONT = "fonts/source-sans-3-latin-wght-normal.woff2"
_COMPRESSED = (
    "text/html",
    "text/css",
    "text/javascript",
    "application/javascript",
    "application/json",
    "application/geo+json",
    "application/x-protobuf",
    "image/svg+xml",
)
_OURS = r".*\.(?:mjs|css)$"
"""Scripts and styles that `pages.server.page_files` gives to a page, under names that tell their content."""

_SUITES = ";/_dash-component-suites/"
_FOR_LISTS = ("dash_ag_grid/",)
"""Components that only the page of lists has."""

_NOWHERE = ("dash/dash_table/", "dash/deps/polyfill@")
"""What comes along with Dash and serves no page of ours: a table, and help for browsers that know no modules."""

_SCRIPTS = 64
_THOROUGH = 9
"""How hard Brotli tries on what is kept."""


def create_app(
    snapshot_path: Path | None = None,
    lang: str = DEFAULT_LANGUAGE,
    database: str | Path | None = None,
    hosts: Iterable[str] = (),
) -> dash.Dash:
    """Build the explorer on a snapshot.

    Parameters
    ----------
    snapshot_path : folder of the snapshot; None for the one that `loaders.snapshot.upkeep.store.default_snapshot` finds
    lang : language where the address names none
    database : file or address of the database with plans; None for that of `DatabaseAddress.of` in
        `loaders.storage.database_address`
    hosts : names under which it may be asked, besides those of loopback

    Raises
    ------
    InputError
        when the language is unknown, or the address of the database cannot be understood
    MissingFileError, SnapshotError
        when the snapshot cannot be read
    DataError
        when the snapshot carries a region profile that cannot be used
    """
    open_room()
    limits = replace(limits_of_server(), before_large=memory.hand_back)
    use_region(region_of_folder(snapshot_path or default_snapshot()))
    live = SnapshotSwitcher(lambda: snapshot_path or default_snapshot(), check_language(lang), _warm_up, limits)
    server = flask.Flask("nabij", static_folder=None)
    protection = headers.attach(server)
    watch = guard.attach(server, ServeSettings.of_environment(), hosts, live.lang)
    attach(server, live)
    visitor.attach(server)
    memory.attach(server, limits.heavy, client.client_gone)
    plan_versions.attach(server, ScenarioStore(database, plans_bytes()))
    jobs.attach(server)
    stopping.on_stop(server, jobs.jobs_of(server).stop_all)
    runner.attach(server, limits.question_bytes or 0)
    server.config.update(
        COMPRESS_MIMETYPES=list(_COMPRESSED),
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_STREAMS=False,  # files of assets are small, and would not be closed
        COMPRESS_BR_LEVEL=4,
        COMPRESS_LEVEL=5,
        COMPRESS_CACHE_BACKEND=_Packed,
        COMPRESS_CACHE_KEY=lambda request: request.path,
    )
    Compress(server)
    explorer = _Explorer(
        "app",
        server=server,  # type: ignore[arg-type]
        use_pages=True,
        pages_folder=str(_ROOT / "pages"),
        assets_folder=str(_ROOT / "assets"),
        assets_ignore=_OURS,
        title="nabij",
        update_title="",
        serve_locally=True,
        suppress_callback_exceptions=True,
        on_error=view_callbacks.on_error,
    )
    explorer.layout = dmc.MantineProvider(dash.page_container, id="theme", theme=_theme(), forceColorScheme="light")
    view_callbacks.register(explorer)
    measure_callbacks.register(explorer)
    chart_callbacks.register(explorer)
    band_callbacks.register(explorer)
    map_files.register(server)
    libraries.register(server)
    page_files.register(server)
    barrier_files.register(server)
    session_uploads.register(server)
    list_notes.register(explorer)
    list_upload.register(explorer)
    plan_callbacks.register(explorer)
    siting_search.register(explorer)
    why_there.register(explorer)
    sections.register(explorer)
    norm_answer.register(explorer)
    norm_documents.register(explorer)
    compare_answer.register(explorer)
    overlap_answer.register(explorer)
    explorer.protection = protection
    watch.callbacks = explorer.callback_map
    edge.attach(server, explorer.callback_map)
    return explorer


class _Packed:
    """Scripts of the components, compressed once and not for every visitor; what depends on a question is not kept."""

    def __init__(self) -> None:
        self._held: LruCache[bytes] = LruCache(_SCRIPTS, "compressed scripts")

    def get(self, key: str) -> bytes | None:
        """What is held for a path, None if nothing."""
        return self._held.peek(key)

    def set(self, key: str, content: bytes) -> None:
        """Hold what never changes under its path."""
        if _SUITES in key:
            self._held.get_or_make(key, lambda: _smaller(key, content))


def _smaller(key: str, content: bytes) -> bytes:
    """Script as small as it can be in a tenth of a second: a tenth less than what its first visitor got at once."""
    if not key.startswith(f"br{_SUITES}"):
        return content
    return bytes(brotli.compress(brotli.decompress(content), quality=_THOROUGH))


class _Explorer(dash.Dash):
    """Dash with declared inputs, the language of the address on the page, our own waiting text and the font early."""

    protection: headers.Headers

    def callback(self, *args: Any, **kwargs: Any) -> Any:
        """Register a callback whose inputs are all declared; `pages.inputs.edge.UndeclaredError` for another."""
        known = set(self.callback_map)
        made = super().callback(*args, **kwargs)
        for output in self.callback_map.keys() - known:
            edge.check_declared(self.callback_map[output])
        return made

    def index(self, *args: Any, **kwargs: Any) -> Any:
        """Answer with the page; "not found" where no page has this address."""
        if not not_found.is_page(flask.request.path):
            return not_found.answer(self.server.extensions["nabij"].lang)
        page = super().index(*args, **kwargs)  # type: ignore[no-untyped-call]
        status = status_of(flask.request.path, flask.request.args)
        return page if status == HTTPStatus.OK else (page, status)

    def interpolate_index(self, *args: Any, **kwargs: Any) -> Any:
        """Complete the page; Dash gives every part by name."""
        lang = page_language()
        explorer = flask.request.path.strip("/") == ""
        words = first_words(current(), lang, explorer, flask.request.args, self.config.requests_pathname_prefix)
        kwargs["app_entry"] = f'<div id="react-entry-point">{words}</div>'
        # modules run in the order of the page once all of it is there: Dash begins after ours, which it calls
        kwargs["renderer"] = kwargs["renderer"].replace('type="application/javascript"', 'type="module"')
        prefix = self.config.requests_pathname_prefix
        kwargs["scripts"] = f"{_needed(kwargs['scripts'], flask.request.path)}\n{page_files.script_tag(prefix)}"
        kwargs["css"] += f"\n{page_files.style_tag(prefix)}"
        kwargs["title"] = not_found.page_of(flask.request.path)["title"]()
        kwargs["metas"] += (
            f'\n<link rel="preload" href="{self.get_asset_url(_FONT)}" as="font" type="font/woff2" crossorigin>'
        )
        kwargs["metas"] += f"\n<style>{symbol_css()}</style>"
        page = str(super().interpolate_index(*args, **kwargs))  # type: ignore[no-untyped-call]
        self.protection.allow_scripts(self.csp_hashes())
        return page.replace("<html>", f'<html lang="{lang}">', 1)


def _needed(scripts: str, path: str) -> str:
    """Scripts of a page without those of components that it never shows, which would be a third of all its bytes."""
    unused = _NOWHERE if path.rstrip("/").endswith(f"/{PAGES['data']}") else (*_NOWHERE, *_FOR_LISTS)
    return re.sub(rf'<script src="[^"]*{_SUITES[1:]}(?:{"|".join(unused)})[^"]*"></script>\s*', "", scripts)


def _theme() -> dict[str, Any]:
    return {
        "fontFamily": "var(--font)",
        "colors": {"petrol": list(PETROL)},
        "primaryColor": "petrol",
        "primaryShade": 8,
        "defaultRadius": 6,
        "cursorType": "pointer",
        "focusRing": "auto",
    }


def _warm_up(context: Context) -> None:
    """Answer the opening question before anyone asks, so that the first visitor does not wait for it."""
    with suppress(NabijError):
        context.analyse(State())
        map_files.warm_up(context, State())
