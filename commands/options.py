"""What the commands of ``nabij`` can be asked, each option declared once, and how they tell what is wrong."""

from __future__ import annotations

import contextlib
import inspect
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, get_type_hints

import typer

from i18n.errors import NabijError
from i18n.languages import LANGUAGE_VARIABLE, language_of_system
from i18n.messages import Message, MessageError, Note, Reason
from i18n.texts import LANGUAGES, check_language, has_text, text

if TYPE_CHECKING:
    from loaders.snapshot.reader import Snapshot

SETTINGS: dict[str, Any] = {"no_args_is_help": True, "context_settings": {"help_option_names": ["--help", "-h"]}}
"""Settings of every group of commands."""

WHAT = "help.panel.what"
FAR = "help.panel.far"
WHERE = "help.panel.where"


def option(names: str, metavar: str | None, panel: str | None, key: str) -> Any:
    """Declare an option by its names, what stands for its value, and the keys of its panel and of what it does."""
    return typer.Option(*names.split(), metavar=metavar, rich_help_panel=panel, help=key)


def _format(names: str) -> Any:
    """Declare ``--format`` with the formats that a command can write."""
    return option("--format", names, None, "help.format")


Out = Annotated[Path, option("--out", "FILE", None, "help.out")]
TableFormat = Annotated[str | None, _format("csv|csv-excel|parquet|xlsx")]
MapFormat = Annotated[str | None, _format("csv|csv-excel|parquet|geojson|gpkg|xlsx")]
"""Formats of a table, and of a table whose rows have a place on the map."""

ColumnMap = Annotated[
    list[str] | None,
    option(
        "--map",
        "COLUMN=FIELD",
        WHAT,
        "help.map",
    ),
]
Constants = Annotated[
    list[str] | None,
    option(
        "--set",
        "FIELD=VALUE",
        WHAT,
        "help.set",
    ),
]
Sheet = Annotated[
    str,
    option("--sheet", "NAME", WHAT, "help.sheet"),
]
Database = Annotated[
    str | None,
    option(
        "--database",
        "FILE|ADDRESS",
        None,
        "help.database",
    ),
]
Geocode = Annotated[
    bool,
    option("--geocode", "", WHAT, "help.geocode"),
]


@dataclass(frozen=True, kw_only=True)
class Common:
    """Options of every command."""

    snapshot: Annotated[
        Path | None,
        option(
            "--snapshot",
            "DIR",
            None,
            "help.snapshot",
        ),
    ] = None
    services: Annotated[
        Path | None,
        option(
            "--services",
            "FILE",
            None,
            "help.services",
        ),
    ] = None
    lang: Annotated[
        str,
        typer.Option(
            "--lang", metavar="|".join(LANGUAGES), help="help.lang", envvar=LANGUAGE_VARIABLE, show_envvar=False
        ),
    ] = "nl"
    debug: Annotated[bool, option("--debug", "", None, "help.debug")] = False

    @property
    def folder(self) -> Path:
        """Folder of the snapshot asked for, else of the environment, refreshed by the user, or embedded."""
        from loaders.snapshot.upkeep.store import default_snapshot

        return self.snapshot or default_snapshot()

    def open_snapshot(self) -> Snapshot:
        """Open the snapshot asked for, refusing one whose files were altered."""
        from loaders.snapshot.reader import Snapshot, check_region
        from loaders.snapshot.upkeep.integrity import check_bytes

        return check_region(check_bytes(Snapshot(self.folder)))


@dataclass(frozen=True, kw_only=True)
class AccessOptions(Common):
    """Which places, for whom, and how people get there."""

    service: Annotated[
        str,
        option(
            "--service",
            "bureau|house|ID",
            WHAT,
            "help.service",
        ),
    ]
    out: Out
    facilities: Annotated[
        str | None,
        option(
            "--facilities",
            "register|illustrative|documented|FILE",
            WHAT,
            "help.facilities",
        ),
    ] = None
    complete_for: Annotated[
        str,
        option(
            "--complete-for",
            "LEVEL:ID,...",
            WHAT,
            "help.complete_for",
        ),
    ] = ""
    columns: ColumnMap = None
    constants: Constants = None
    sheet: Sheet = ""
    geocode: Geocode = False
    demand: Annotated[
        str | None,
        option(
            "--demand",
            "births|age0|age0_2|age0_5",
            WHAT,
            "help.demand",
        ),
    ] = None
    year: Annotated[
        int | None,
        option("--year", "YEAR", WHAT, "help.year"),
    ] = None
    mode: Annotated[str, option("--mode", "walk|bike|car", FAR, "help.mode")] = "walk"
    model: Annotated[
        str | None,
        option(
            "--model",
            "network|crow|raster|matrix",
            FAR,
            "help.model",
        ),
    ] = None
    network: Annotated[
        Path | None,
        option("--network", "FILE", FAR, "help.network"),
    ] = None
    matrix: Annotated[
        Path | None,
        option(
            "--matrix",
            "FILE",
            FAR,
            "help.matrix",
        ),
    ] = None
    ferries: Annotated[
        bool,
        option("--ferries", None, FAR, "help.ferries"),
    ] = False


@dataclass(frozen=True, kw_only=True)
class Question(AccessOptions):
    """What ``coverage``, ``gaps`` and ``map`` are asked; values are checked by `coverage.core.query.Query`."""

    within: Annotated[
        float | None,
        option(
            "--within",
            "METRES",
            FAR,
            "help.within",
        ),
    ] = None
    minutes: Annotated[
        str | None,
        option(
            "--minutes",
            "N,...",
            FAR,
            "help.minutes",
        ),
    ] = None
    speed: Annotated[
        float | None,
        option("--speed", "KMH", FAR, "help.speed"),
    ] = None
    min_share: Annotated[
        float,
        option(
            "--min-share",
            "SHARE",
            FAR,
            "help.min_share",
        ),
    ] = 0.5
    births_per_hour: Annotated[
        float | None,
        option(
            "--births-per-hour",
            "NUMBER",
            FAR,
            "help.births_per_hour",
        ),
    ] = None
    draws: Annotated[
        int,
        option(
            "--draws",
            "N",
            FAR,
            "help.draws",
        ),
    ] = 0
    seed: Annotated[int, option("--seed", "NUMBER", FAR, "help.seed")] = 1
    level: Annotated[
        str | None,
        option(
            "--level",
            "LEVEL|FILE",
            WHERE,
            "help.level",
        ),
    ] = None
    vintage: Annotated[
        int | None,
        option(
            "--vintage",
            "YEAR",
            WHERE,
            "help.vintage",
        ),
    ] = None
    areas: Annotated[
        str,
        option("--in", "LEVEL:ID,...", WHERE, "help.in"),
    ] = ""


By = Annotated[
    str | None,
    option(
        "--by",
        "deprivation|area_type",
        WHAT,
        "help.by",
    ),
]


@dataclass(frozen=True, kw_only=True)
class TableOptions(Question):
    """Options of commands that write a table."""

    format: MapFormat = None


@dataclass(frozen=True, kw_only=True)
class StrataOptions(TableOptions):
    """Options of ``nabij coverage`` and ``nabij gaps``, and of what else can be divided by strata."""

    by: By = None


@dataclass(frozen=True, kw_only=True)
class ServeOptions(Common):
    """Options of ``nabij serve``."""

    cache_mb: Annotated[
        int | None,
        option("--cache-mb", "MB", None, "help.cache_mb"),
    ] = None

    host: Annotated[str, option("--host", "ADDRESS", None, "help.host")] = "127.0.0.1"
    port: Annotated[int, option("--port", "PORT", None, "help.port")] = 8050
    allow_host: Annotated[
        list[str] | None,
        option(
            "--allow-host",
            "NAME",
            None,
            "help.allow_host",
        ),
    ] = None
    database: Database = None


@dataclass(frozen=True, kw_only=True)
class BuildOptions(Common):
    """Options of ``nabij data build``."""

    source: Annotated[Path, option("--from", "DIR", None, "help.from")]
    out: Annotated[Path | None, option("--out", "DIR", None, "help.data_build_out")] = None


Options = TypeVar("Options", bound=Common)


def takes(options: type[Options]) -> Callable[[Callable[[Options], None]], Callable[..., None]]:
    """Make a command of a function: one option per field of ``options``, every expected error told in a sentence."""
    general = {field.name for field in fields(Common)}
    hints = {name: hint for part in reversed(options.__mro__) for name, hint in _own_hints(part).items()}
    parameters = [p.replace(annotation=hints[p.name]) for p in inspect.signature(options).parameters.values()]
    parameters.sort(key=lambda p: p.name in general)

    def decorate(function: Callable[[Options], None]) -> Callable[..., None]:
        def run(context: typer.Context, **given: Any) -> None:
            chosen = options(**given)
            with _reporting(chosen.debug, _asked_language(context, chosen.lang)):
                check_language(chosen.lang)
                _check_areas(context, given)
                from loaders.catalogue.regions.region_file import region_of_folder
                from loaders.catalogue.regions.region_in_use import region_in_use

                if chosen.services is not None:
                    from loaders.catalogue.services import declare_services

                    declare_services(chosen.services)
                with region_in_use(region_of_folder(chosen.folder)):
                    function(chosen)

        run.__name__, run.__doc__ = function.__name__, function.__doc__
        run.__annotations__ = {p.name: p.annotation for p in (_CONTEXT, *parameters)}
        vars(run)["__signature__"] = inspect.Signature([_CONTEXT, *parameters])
        return run

    return decorate


@cache
def _own_hints(options: type) -> dict[str, Any]:
    """Types of the fields that a class declares itself: those of its bases are read once for all that have them."""
    own = {"__annotations__": vars(options).get("__annotations__", {}), "__module__": options.__module__}
    return get_type_hints(type(options.__name__, (), own), include_extras=True)


def _check_areas(context: typer.Context, given: dict[str, Any]) -> None:
    """Refuse ``--in`` without an area: it would quietly ask for all of them."""
    source = context.get_parameter_source("areas")
    if source is not None and source.name == "COMMANDLINE" and not str(given["areas"]).strip(" ,"):
        raise MessageError("error.command.empty_in")


_CONTEXT = inspect.Parameter("context", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context)


def _asked_language(context: typer.Context, lang: str) -> str:
    """Language of errors: that of ``--lang`` or ``NABIJ_LANG``, else of the system, else English."""
    source = context.get_parameter_source("lang")
    if source is not None and source.name in {"COMMANDLINE", "ENVIRONMENT"}:
        return lang if lang in LANGUAGES else "en"
    return language_of_system(os.environ) or "en"


@contextlib.contextmanager
def _reporting(debug: bool, lang: str) -> Iterator[None]:
    """Turn what a user can put right into one sentence and exit code 1."""
    try:
        yield
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader has seen enough
    except NabijError as error:
        if debug:
            raise
        _fail(" ".join(error.sentence(lang).split()))
    except OSError as error:
        if debug or error.strerror is None:
            raise
        reason = Reason(error, error.strerror)
        if error.filename:
            _fail(Message("error.command.system_file", reason=reason, file=str(error.filename)).sentence(lang))
        _fail(Message("error.command.system", reason=reason).sentence(lang))


def _fail(sentence: str) -> None:
    typer.secho(f"nabij: {sentence}", err=True)
    raise typer.Exit(1)


@contextlib.contextmanager
def busy(key: str, lang: str) -> Iterator[None]:
    """Show that work is going on, where a person is watching."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(text(key, lang)):
        yield


def show_table(header: list[str], rows: list[list[str]]) -> None:
    """Print rows: drawn up where a person is watching, with tabs for a program."""
    if not sys.stdout.isatty():
        for row in (header, *rows):
            typer.echo("\t".join(row))
        return
    from rich import box, console, markup, table

    shown = table.Table(*header, box=box.SIMPLE_HEAD)
    for row in rows:
        shown.add_row(*map(markup.escape, row))
    console.Console().print(shown)


@contextlib.contextmanager
def progress(lang: str) -> Iterator[Callable[[str, float], None]]:
    """Show a bar, fed with what is being done and the share that is done, where a person is watching."""
    if not sys.stderr.isatty():
        yield lambda _what, _share: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True)) as bar:
        task = bar.add_task("", total=1.0)
        yield lambda what, share: bar.update(task, description=_step(what, lang), completed=share)


def _step(what: str, lang: str) -> str:
    """What is being done, in the reader's language; a source by its id."""
    if isinstance(what, Note):
        return what.sentence(lang)
    key = f"progress.{what.replace(' ', '_')}"
    return text(key, lang) if has_text(key) else what
