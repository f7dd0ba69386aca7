"""The ``nabij`` command: the explorer, the tables, the map and the data from the command line.

Whatever takes time to import is imported inside the command that needs it, so that ``nabij --help`` answers at once.
Exit codes: 0 done, 1 wrong input or data (one sentence on standard error), 2 wrong usage.
"""

from __future__ import annotations

import errno
import os
import socket
from typing import TYPE_CHECKING, Any

import typer

import commands.lists  # noqa: F401  (adds its commands to `data`)
from commands.data import data
from commands.measures import measures
from commands.options import SETTINGS, Question, ServeOptions, TableOptions, busy, takes
from commands.question import answer, tell
from commands.scenario import scenario
from commands.site import siting
from layers.files import BINARY, check_out, format_of, write_out
from loaders.errors import InputError, NabijError
from loaders.texts import text

if TYPE_CHECKING:
    from layers.notes import Kind

LAST_PORT = 65_535
BACKLOG = 128
THREADS = 8
"""Requests the explorer answers at the same time."""

app = typer.Typer(
    name="nabij",
    help="Where families with babies in Flanders and Brussels live too far from a consultation bureau "
    "(consultatiebureau) or a Huis van het Kind. Works without network.",
    epilog="Start with: [bold]nabij serve[/bold]",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    **SETTINGS,
)
app.add_typer(data, name="data", help="Build, refresh, check and list the data that nabij works from (gegevens).")
app.add_typer(measures)
app.add_typer(siting)
app.add_typer(scenario, name="scenario", help="Plans (plannen) made in the explorer: list, show, compare, pass on.")


@app.command(epilog="Example: [bold]nabij serve --port 8051[/bold]")
@takes(ServeOptions)
def serve(options: ServeOptions) -> None:
    """Open the explorer (verkenner): map, table and downloads in your browser."""
    with _listen(options.host, options.port) as listener:
        options.open_snapshot()
        _check_database(options.database)
        _settle_memory(options.cache_mb)
        host, port = listener.getsockname()[:2]
        address = f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}"  # noqa: S104
        typer.echo(text("cli.starting", options.lang))
        _serve(options, listener, text("cli.ready", options.lang, address=address))


@app.command(epilog="Example: [bold]nabij coverage --service bureau --mode bike --out bureaus.xlsx[/bold]")
@takes(TableOptions)
def coverage(options: TableOptions) -> None:
    """Write the table of all zones (alle gebieden): births within reach, distances, gaps."""
    _write_table(options, "coverage")


@app.command(
    epilog="Example: [bold]nabij gaps --service bureau --in care_region:boom --facilities documented "
    "--vintage 2018 --out boom.csv[/bold]"
)
@takes(TableOptions)
def gaps(options: TableOptions) -> None:
    """Write only the zones with a gap (leemte), the most births out of reach first."""
    _write_table(options, "gaps")


@app.command("map", epilog="Example: [bold]nabij map --service house --out huizen.html[/bold]")
@takes(Question)
def map_(options: Question) -> None:
    """Write a map (kaart) as one HTML file that works without network."""
    check_out(options.out)
    with busy("cli.busy.map", options.lang):
        from layers.folium_map import standalone_map

        snapshot, analysis, notes = answer(options, "map")
        content = standalone_map(analysis, snapshot, notes).encode()
    write_out(content, options.out)
    tell(notes, analysis)


def main() -> None:
    """Run the command."""
    app()


def _write_table(options: TableOptions, kind: Kind) -> None:
    form = format_of(options.out, options.format)
    check_out(options.out)
    with busy("cli.busy.table", options.lang):
        from coverage.analysis import gaps as only_gaps
        from coverage.measures import with_error
        from layers.export import render

        snapshot, analysis, notes = answer(options, kind)
        table = with_error(analysis)
        table = only_gaps(table) if kind == "gaps" else table
        zones = snapshot.zones(analysis.query.level, analysis.query.vintage)
        content = render(table, notes, form, zones)
    write_out(content, options.out, binary=form in BINARY)
    tell(notes, analysis)


def _listen(host: str, port: int) -> socket.socket:
    """Bind the address before anything slow is done, so that a port in use is told at once."""
    if not 0 <= port <= LAST_PORT:
        raise InputError(f"Port {port} does not exist; give --port a number from 0 to {LAST_PORT}.")
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return _bound(socket.socket(family, kind), address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise InputError(
                f"Port {port} on {host} is in use by another program; stop that one, "
                f"or choose another port, such as --port {port + 1}."
            ) from error
        raise InputError(
            f"Cannot listen on {host} port {port} ({error.strerror}); choose another --host or --port."
        ) from error


def _check_database(address: str | None) -> None:
    """See whether a database that somebody named can be used; without one the explorer always opens."""
    from loaders.scenario_address import given_address
    from loaders.scenario_store import ScenarioStore

    if given_address(address):
        with ScenarioStore(address) as store:
            store.check()


def _settle_memory(cache_mb: int | None) -> None:
    """See whether the settings of memory can be used; the option goes before the environment."""
    from coverage.cache import CACHE_VARIABLE, budget_bytes
    from coverage.limits import limits_of_server

    if cache_mb is not None:
        os.environ[CACHE_VARIABLE] = str(cache_mb)
    budget_bytes(os.environ.get(CACHE_VARIABLE, ""))
    limits_of_server()


def _bound(listener: socket.socket, address: Any) -> socket.socket:
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def _serve(options: ServeOptions, listener: socket.socket, ready: str) -> None:
    """Serve the explorer on a bound socket until interrupted: one process, several threads.

    The application is made in the process that serves it, because threads and locks do not survive a fork.
    """
    from gunicorn.app.base import BaseApplication
    from gunicorn.errors import AppImportError

    settings = {
        "bind": f"fd://{listener.detach()}",
        "worker_class": "gthread",
        "threads": THREADS,
        "loglevel": "warning",
        "graceful_timeout": 3,
        "control_socket_disable": True,
        "post_worker_init": lambda worker: typer.echo(ready) if worker.age == 1 else None,
    }

    class Explorer(BaseApplication):  # type: ignore[misc]
        def load_config(self) -> None:
            for name, value in settings.items():
                self.cfg.set(name, value)

        def load(self) -> Any:
            from app import create_app

            try:
                return create_app(options.snapshot, options.lang, options.database).server
            except NabijError as error:
                raise AppImportError(f"nabij: {error}") from error

    Explorer(prog="nabij").run()
