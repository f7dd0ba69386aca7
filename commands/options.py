"""What the commands of ``nabij`` can be asked, each option declared once, and how they tell what is wrong."""

from __future__ import annotations

import contextlib
import inspect
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, get_type_hints

import typer

from i18n.errors import NabijError
from i18n.messages import Message, MessageError, Note, Reason
from i18n.texts import LANGUAGES, check_language, has_text, text

if TYPE_CHECKING:
    from loaders.snapshot.reader import Snapshot

SETTINGS: dict[str, Any] = {"no_args_is_help": True, "context_settings": {"help_option_names": ["--help", "-h"]}}
"""Settings of every group of commands."""

WHAT = "What and for whom (wat, voor wie)"
FAR = "How far (hoe ver)"
WHERE = "At which scale, where (schaal, gebied)"


def option(names: str, metavar: str | None, panel: str | None, explanation: str) -> Any:
    """Declare an option by its names, what stands for its value, its panel in the help and what it does."""
    return typer.Option(*names.split(), metavar=metavar, rich_help_panel=panel, help=explanation)


def _format(names: str) -> Any:
    """Declare ``--format`` with the formats that a command can write."""
    return option("--format", names, None, "Format of the file; left out, its suffix says it.")


Out = Annotated[Path, option("--out", "FILE", None, "File to write (bestand); - for standard output.")]
TableFormat = Annotated[str | None, _format("csv|parquet|xlsx")]
MapFormat = Annotated[str | None, _format("csv|parquet|geojson|gpkg|xlsx")]
"""Formats of a table, and of a table whose rows have a place on the map."""

ColumnMap = Annotated[
    list[str] | None,
    option(
        "--map",
        "COLUMN=FIELD",
        WHAT,
        "What a column of your own list, zones or travel table is, when its header is not recognised, such as "
        "'Breedte=lat'; nothing after = leaves the column out; may be given several times.",
    ),
]
Constants = Annotated[
    list[str] | None,
    option(
        "--set",
        "FIELD=VALUE",
        WHAT,
        "What holds for all rows of your own list or zones, such as service=bureau, crs=EPSG:3857 or an older vintage; "
        "may be given several times.",
    ),
]
Sheet = Annotated[
    str,
    option("--sheet", "NAME", WHAT, "Sheet (blad) of a workbook or layer (laag) of a map file with your own list."),
]
Database = Annotated[
    str | None,
    option(
        "--database",
        "FILE|ADDRESS",
        None,
        "Where plans (plannen) are kept: a SQLite file, or postgresql://USER:PASSWORD@HOST/NAME; left out, "
        "NABIJ_DATABASE, else a file of your own.",
    ),
]
Geocode = Annotated[
    bool,
    option("--geocode", "", WHAT, "Look up the addresses (adressen) of your own list on the network."),
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
            "Data (gegevens) to work from; left out: folder NABIJ_SNAPSHOT, else what you refreshed, else what came "
            "with nabij.",
        ),
    ] = None
    services: Annotated[
        Path | None,
        option(
            "--services",
            "FILE",
            None,
            "Kinds of place of your own (eigen diensten) in a TOML file, besides bureau and house; left out, "
            "NABIJ_SERVICES.",
        ),
    ] = None
    lang: Annotated[
        str, option("--lang", "|".join(LANGUAGES), None, "Language of messages, notes and titles (taal).")
    ] = "nl"
    debug: Annotated[bool, option("--debug", "", None, "Show the whole trace of an error.")] = False

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
            "Consultation bureau (consultatiebureau), physical house (fysiek Huis van het Kind), or the kind of place "
            "with this id in the file of --services.",
        ),
    ]
    out: Out
    facilities: Annotated[
        str | None,
        option(
            "--facilities",
            "register|illustrative|documented|FILE",
            WHAT,
            "The places: the register once it was loaded, a made-up set to try things out, the cases that field "
            "reports document, or your own list (CSV, XLSX, GeoJSON, GPKG); left out, the register if held, else the "
            "made-up set.",
        ),
    ] = None
    complete_for: Annotated[
        str,
        option(
            "--complete-for",
            "LEVEL:ID,...",
            WHAT,
            "Areas (gebieden) that your own list is complete for, such as care_region:boom; elsewhere nothing is known "
            "then. Left out, it is taken to hold all places of the region.",
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
            "Live births (geboorten), or children on 1 January aged 0, 0 to 2 or 0 to 5; left out, what the service "
            "declares: births for a bureau and a house.",
        ),
    ] = None
    year: Annotated[
        int | None,
        option("--year", "YEAR", WHAT, "Year of the births or children; left out, the newest held."),
    ] = None
    mode: Annotated[str, option("--mode", "walk|bike|car", FAR, "On foot, by bike or by car.")] = "walk"
    model: Annotated[
        str | None,
        option(
            "--model",
            "network|crow|raster|matrix",
            FAR,
            "Travel distance: network, over the streets of the data or of --network; crow, the straight line times 1.3 "
            "(by car a curve of it); raster, around rivers and motorways (land cover); matrix, from the table of "
            "--matrix. Left out, network where the data hold streets, else crow.",
        ),
    ] = None
    network: Annotated[
        Path | None,
        option("--network", "FILE", FAR, "OpenStreetMap extract (.osm.pbf, .osm) for --model network or raster."),
    ] = None
    matrix: Annotated[
        Path | None,
        option(
            "--matrix",
            "FILE",
            FAR,
            "Table (CSV, Parquet) with from_id, to_id and metres or minutes; other headers by --map.",
        ),
    ] = None
    ferries: Annotated[
        bool,
        option("--ferries", None, FAR, "Count ferries (veren) on foot and by bike, with a wait of 15 minutes."),
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
            "Near enough; left out, 15 minutes (1200 on foot, 3750 by bike), unless the service declares its own norm. "
            "By car 1000 m count as a minute: give --minutes instead.",
        ),
    ] = None
    minutes: Annotated[
        str | None,
        option(
            "--minutes",
            "N,...",
            FAR,
            "Near enough in minutes (minuten) instead of metres; of several the first decides the gap, and coverage "
            "and gaps get columns for each.",
        ),
    ] = None
    speed: Annotated[
        float | None,
        option("--speed", "KMH", FAR, "Your pace (snelheid) on foot or by bike; left out, 4.8 and 15 km/h."),
    ] = None
    min_share: Annotated[
        float,
        option(
            "--min-share",
            "SHARE",
            FAR,
            "A zone has a gap (leemte) when a smaller share of its births is within reach.",
        ),
    ] = 0.5
    births_per_hour: Annotated[
        float | None,
        option(
            "--births-per-hour",
            "NUMBER",
            FAR,
            "Births for an hour per year (uren) that a place can take, where its hours are known; left out, 1.5 times "
            "what the places with known hours get on average.",
        ),
    ] = None
    draws: Annotated[
        int,
        option(
            "--draws",
            "N",
            FAR,
            "Random draws for the probability of a gap (kans op een leemte), such as 200; left out, none is given.",
        ),
    ] = 0
    seed: Annotated[
        int, option("--seed", "NUMBER", FAR, "Where the random numbers start; same seed, same figures.")
    ] = 1
    level: Annotated[
        str | None,
        option(
            "--level",
            "LEVEL|FILE",
            WHERE,
            "municipality (gemeente), sub_municipality (deelgemeente), neighbourhood (wijk), sector, province, "
            "arrondissement, primary_care_zone (eerstelijnszone), reference_region (referentieregio), "
            "care_region (zorgregio), gp_circle (huisartsenkring), region (gewest), or a file (CSV, XLSX, GeoJSON, "
            "GPKG) with your own zones (eigen zones), which --in then knows as own:ID; data of another region have "
            "levels of their own; left out, municipality.",
        ),
    ] = None
    vintage: Annotated[
        int | None,
        option(
            "--vintage",
            "YEAR",
            WHERE,
            "Year of the borders, for mergers (fusies) change them; left out, the usual one of the region.",
        ),
    ] = None
    areas: Annotated[
        str,
        option("--in", "LEVEL:ID,...", WHERE, "Only these areas, such as care_region:boom,municipality:35013."),
    ] = ""


By = Annotated[
    str | None,
    option(
        "--by",
        "deprivation|area_type",
        WHAT,
        "Divide every zone: by fifths of deprivation (kansarmoede) of the sector people live in, 1 being the most "
        "deprived, or by type of area (gebiedstype): city, town, rural.",
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
        option("--cache-mb", "MB", None, "Memory for kept answers; left out, NABIJ_CACHE_MB or 600."),
    ] = None

    host: Annotated[str, option("--host", "ADDRESS", None, "Address to listen on; 0.0.0.0 lets other machines in.")] = (
        "127.0.0.1"
    )
    port: Annotated[int, option("--port", "PORT", None, "Port to listen on; 0 for any free one.")] = 8050
    allow_host: Annotated[
        list[str] | None,
        option(
            "--allow-host",
            "NAME",
            None,
            "Name under which browsers reach the explorer, such as nabij.example.be behind a proxy; may be given "
            "several times, besides NABIJ_ALLOWED_HOSTS.",
        ),
    ] = None
    database: Database = None


@dataclass(frozen=True, kw_only=True)
class BuildOptions(Common):
    """Options of ``nabij data build``."""

    source: Annotated[Path, option("--from", "DIR", None, "Folder with the raw open data.")]
    out: Annotated[Path | None, option("--out", "DIR", None, "Folder to write; left out, that of --snapshot.")] = None


Options = TypeVar("Options", bound=Common)


def takes(options: type[Options]) -> Callable[[Callable[[Options], None]], Callable[..., None]]:
    """Make a command of a function: one option per field of ``options``, every expected error told in a sentence."""
    general = {field.name for field in fields(Common)}
    hints = get_type_hints(options, include_extras=True)
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


def _check_areas(context: typer.Context, given: dict[str, Any]) -> None:
    """Refuse ``--in`` without an area: it would quietly ask for all of them."""
    source = context.get_parameter_source("areas")
    if source is not None and source.name == "COMMANDLINE" and not str(given["areas"]).strip(" ,"):
        raise MessageError("error.command.empty_in")


_CONTEXT = inspect.Parameter("context", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context)


def _asked_language(context: typer.Context, lang: str) -> str:
    """Language of errors: that of ``--lang`` where it was given, else English, as exceptions read."""
    source = context.get_parameter_source("lang")
    return lang if source is not None and source.name == "COMMANDLINE" and lang in LANGUAGES else "en"


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
