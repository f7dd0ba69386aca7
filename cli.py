"""The ``nabij`` command: all commands by name, and of the one that is asked for all that it is.

Help tells a command by its name and a text of that name; only a command that begins is read, with its options, and
imports whatever takes time itself, so that ``nabij --help`` answers at once. Exit codes: 0 done, 1 wrong input or data
(one sentence on standard error), 2 wrong usage.
"""

from __future__ import annotations

import errno
import gc
import ipaddress
import os
import socket
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any

import typer

from commands.help import Commands, Root, skip_options
from commands.options import SETTINGS, ServeOptions, takes
from i18n.messages import MessageError, Reason
from i18n.texts import text

if TYPE_CHECKING:
    from pages.serving.front import Front
    from pages.serving.settings import ServeSettings

LAST_PORT = 65_535
SELDOM = 200_000
"""New objects after which a command looks for garbage: importing makes many, of which hardly any is garbage."""
_USUAL = gc.get_threshold()
BACKLOG = 128
LOOPBACK = "127.0.0.1"

COMMANDS: Mapping[str, str] = {
    "serve": "cli",
    "coverage": "commands.tables",
    "gaps": "commands.tables",
    "map": "commands.tables",
    "data": "commands.data",
    "access": "commands.measures",
    "trend": "commands.measures",
    "isochrone": "commands.measures",
    "barriers": "commands.measures",
    "overlap": "commands.measures",
    "survey": "commands.context",
    "known": "commands.context",
    "verify": "commands.measures",
    "site": "commands.site",
    "closures": "commands.site",
    "criterion": "commands.site",
    "figure": "commands.documents",
    "dossier": "commands.documents",
    "profile": "commands.documents",
    "justify": "commands.case",
    "norm": "commands.case",
    "scenario": "commands.scenario",
}
"""Module of every command, in the order of the help."""

GROUPS: Mapping[str, tuple[str, ...]] = {
    "data": ("commands.data", "commands.lists"),
    "scenario": ("commands.scenario",),
}
"""Commands that have commands below them, and the modules that declare these, the first one holding them."""

serving = Commands(**SETTINGS)


def main() -> None:
    """Run the command."""
    gc.set_threshold(SELDOM)
    tree(asked_command(sys.argv[1:]))()


def __getattr__(name: str) -> Commands:
    """Make ``app``: all commands whole, for whoever looks at more than one."""
    if name != "app":
        raise AttributeError(name)
    return _all()


@cache
def _all() -> Commands:
    return tree()


def asked_command(args: Sequence[str]) -> str:
    """Name of the command that is asked for; empty where it is none."""
    return next(iter(skip_options(args)), "")


def tree(asked: str | None = None) -> Commands:
    """Make the commands: all of them whole, or only the one that is asked for and the others by name."""
    root = Commands(
        cls=Root,
        name="nabij",
        help="help.command.nabij",
        epilog="nabij serve",
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
        **SETTINGS,
    )
    root.callback()(_begin)
    for name in COMMANDS:
        if asked not in (None, name):
            root.add_typer(_named(name))
        elif name in GROUPS:
            root.add_typer(_group(name), name=name, help=f"help.command.{name}")
        else:
            root.add_typer(_whole(name))
    return root


def _tell_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"nabij {version('nabij')}")
        raise typer.Exit


def _begin(
    version: Annotated[
        bool, typer.Option("--version", help="help.version", is_eager=True, callback=_tell_version)
    ] = False,
) -> None:
    """Take what stands before the name of a command."""


def _named(name: str) -> Commands:
    """A command by its name alone."""
    alone = Commands()
    alone.command(name)(lambda: None)
    return alone


def _whole(name: str) -> Commands:
    """A command with its options."""
    return _declared(COMMANDS[name]).only(name)


def _group(name: str) -> Commands:
    """The commands below a command, with their options."""
    commands, *more = GROUPS[name]
    for module in more:
        import_module(module)  # adds its commands
    return _declared(commands)


def _declared(module: str) -> Commands:
    """Commands that a module declares."""
    [declared] = (one for one in vars(import_module(module)).values() if isinstance(one, Commands))
    return declared


@serving.command(epilog="nabij serve --port 8051")
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
    gc.disable()
    try:
        from app import create_app
        from pages.request.stopping import stop_all
        from pages.serving.front import serve as serve_application
        from pages.serving.front import stop_on_signals
        from pages.serving.guard import guard_of

        server = create_app(options.snapshot, options.lang, options.database, hosts).server
    finally:
        gc.freeze()  # a server consists of it for as long as it runs: none of it is garbage
        gc.enable()

    def begin(front: Front) -> None:
        stop_on_signals(front, lambda: stop_all(server))
        typer.echo(ready)

    serve_application(server, listener, settings, guard_of(server).rates, options.lang, begin)
