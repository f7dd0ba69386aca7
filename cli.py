"""The ``nabij`` command: the explorer, the tables, the map and the data from the command line.

Whatever takes time to import is imported inside the command that needs it, so that ``nabij --help`` answers at once.
Exit codes: 0 done, 1 wrong input or data (one sentence on standard error), 2 wrong usage.
"""

from __future__ import annotations

import errno
import gc
import ipaddress
import os
import socket
from typing import TYPE_CHECKING, Any

import typer

import commands.lists  # noqa: F401  (adds its commands to `data`)
from commands.case import case
from commands.context import context
from commands.data import data
from commands.documents import documents
from commands.help import Commands, Root
from commands.measures import measures
from commands.options import SETTINGS, Question, ServeOptions, StrataOptions, busy, takes
from commands.question import answer, answer_by, tell
from commands.scenario import scenario
from commands.site import siting
from i18n.messages import MessageError, Reason
from i18n.texts import text
from layers.files.output import check_out, format_of, write_out

if TYPE_CHECKING:
    from layers.notes.notes import Kind
    from pages.serving.front import Front
    from pages.serving.settings import ServeSettings

LAST_PORT = 65_535
SELDOM = 200_000
"""New objects after which a command looks for garbage: importing makes many, of which hardly any is garbage."""
_USUAL = gc.get_threshold()
BACKLOG = 128
LOOPBACK = "127.0.0.1"

app = Commands(
    cls=Root,
    name="nabij",
    help="help.command.nabij",
    epilog="nabij serve",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    **SETTINGS,
)
app.add_typer(data, name="data", help="help.command.data")
app.add_typer(measures)
app.add_typer(siting)
app.add_typer(documents)
app.add_typer(case)
app.add_typer(context)
app.add_typer(scenario, name="scenario", help="help.command.scenario")


@app.command(epilog="nabij serve --port 8051")
@takes(ServeOptions)
def serve(options: ServeOptions) -> None:
    """Open the explorer (verkenner): map, table and downloads in your browser."""
    from pages.serving.hosts import given_hosts, own_addresses, written
    from pages.serving.settings import ServeSettings

    gc.set_threshold(*_USUAL)  # it stays
    settings, names = ServeSettings.of_environment(), given_hosts(options.allow_host or [])
    with _listen(options.host.strip("[]"), options.port) as listener:
        options.open_snapshot()
        _check_database(options.database)
        _settle_memory(options.cache_mb)
        bound, port = listener.getsockname()[:2]
        addresses = own_addresses(bound)
        typer.echo(text("cli.starting", options.lang))
        if _is_open(bound):
            typer.echo(text("serving.open", options.lang))
        shown = [f"http://{written(address)}:{port}" for address in addresses] or [f"http://{LOOPBACK}:{port}"]
        ready = text("cli.ready", options.lang, address=_listed(shown))
        _serve(
            options, listener, [*names, *addresses, *_machine_names(options.host.strip("[]"), bound)], settings, ready
        )


@app.command(epilog="nabij coverage --service bureau --mode bike --out bureaus.xlsx")
@takes(StrataOptions)
def coverage(options: StrataOptions) -> None:
    """Write the table of all zones (alle gebieden): births within reach, distances, gaps."""
    _write_table(options, "coverage")


@app.command(
    epilog="nabij gaps --service bureau --in care_region:boom --facilities documented --vintage 2018 --out boom.csv"
)
@takes(StrataOptions)
def gaps(options: StrataOptions) -> None:
    """Write only the zones with a gap (leemte), the most births out of reach first."""
    _write_table(options, "gaps")


@app.command("map", epilog="nabij map --service house --out huizen.html")
@takes(Question)
def map_(options: Question) -> None:
    """Write a map (kaart) as one HTML file that works without network."""
    check_out(options.out)
    with busy("cli.busy.map", options.lang):
        snapshot, analysis, notes = answer(options, "map")
        from layers.maps.folium_map import standalone_map

        content = standalone_map(analysis, snapshot, notes).encode()
    write_out(content, options.out)
    tell(notes, analysis)


def main() -> None:
    """Run the command."""
    gc.set_threshold(SELDOM)
    app()


def _write_table(options: StrataOptions, kind: Kind) -> None:
    form = format_of(options.out, options.format)
    check_out(options.out)
    with busy("cli.busy.table", options.lang):
        if options.by is None:
            snapshot, analysis, notes = answer(options, kind)
            from coverage.indicators.cutoffs import with_cutoffs  # imported when the grid is read, see `answer`
            from coverage.indicators.measures import with_error

            table = with_cutoffs(with_error(analysis), analysis)
        else:
            snapshot, analysis, notes, table = answer_by(options, kind, options.by)
        from coverage.analysis import gaps as only_gaps
        from layers.files.export import holds_borders, table_file

        table = only_gaps(table) if kind == "gaps" else table
        query = analysis.query
        zones = snapshot.zones(query.level, query.vintage) if holds_borders(form) else None
        made = table_file(table, notes, form, zones)
    made.write(options.out)
    tell(notes, analysis)


def _listen(host: str, port: int) -> socket.socket:
    """Bind the address before anything slow is done, so that a port in use is told at once."""
    if not 0 <= port <= LAST_PORT:
        raise MessageError("error.command.port", port=str(port), most=str(LAST_PORT))
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return _bound(socket.socket(family, kind), address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise MessageError("error.command.port_in_use", port=str(port), host=host, other=str(port + 1)) from error
        raise MessageError(
            "error.command.listen", host=host, port=str(port), reason=Reason(error, error.strerror)
        ) from error


def _check_database(address: str | None) -> None:
    """See whether a database that somebody named can be used; without one the explorer always opens."""
    from loaders.storage.database_address import given_address
    from loaders.storage.plan_store import ScenarioStore

    if given_address(address):
        with ScenarioStore(address) as store:
            store.check()


def _settle_memory(cache_mb: int | None) -> None:
    """See whether the settings of memory can be used; the option goes before the environment."""
    from coverage.memory.limits import limits_of_server
    from coverage.memory.lru_cache import CACHE_VARIABLE, budget_bytes

    if cache_mb is not None:
        os.environ[CACHE_VARIABLE] = str(cache_mb)
    budget_bytes(os.environ.get(CACHE_VARIABLE, ""))
    limits_of_server()


def _bound(listener: socket.socket, address: Any) -> socket.socket:
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if listener.family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)  # :: takes IPv4 as well
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def _is_open(bound: str) -> bool:
    """Whether other machines get in."""
    return not ipaddress.ip_address(bound.partition("%")[0]).is_loopback


def _machine_names(host: str, bound: str) -> list[str]:
    """Name that it was told to listen on, and that of this machine where it listens for others."""
    named = [] if _is_address(host) else [host]
    return [*named, socket.gethostname()] if _is_open(bound) else named


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def _listed(addresses: list[str]) -> str:
    return " / ".join(addresses)


def _serve(
    options: ServeOptions, listener: socket.socket, hosts: list[str], settings: ServeSettings, ready: str
) -> None:
    """Serve the explorer on a bound socket until interrupted: one process, several threads."""
    from app import create_app
    from pages.request.stopping import stop_all
    from pages.serving.front import serve as serve_application
    from pages.serving.front import stop_on_signals
    from pages.serving.guard import guard_of

    server = create_app(options.snapshot, options.lang, options.database, hosts).server

    def begin(front: Front) -> None:
        stop_on_signals(front, lambda: stop_all(server))
        typer.echo(ready)

    serve_application(server, listener, settings, guard_of(server).rates, options.lang, begin)
