"""A real PostgreSQL server of Debian on loopback for the tests, in a folder of its own that is gone afterwards."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from tests.unit.misbehaving import closed_port

OWNER, PASSWORD = "keeper", "rain+on:Sunday"
"""Of the server's owner; a ``:`` in a password may stand in an address as it is."""
_UNPRIVILEGED = "postgres"
"""User of the Debian package, as whom the server runs where the tests run as root, which it refuses to."""


def postgres_programs() -> Path | None:
    """Folder with the newest server of Debian, which does not stand on the search path; None where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


@dataclass(frozen=True)
class Postgres:
    """A server: where its programs and its folder are, and the port it listens on."""

    programs: Path
    folder: Path
    port: int

    def address(self, database: str, user: str = OWNER, password: str = PASSWORD) -> str:
        """Address of a database, as a person would write it."""
        return f"postgresql://{user}:{password}@127.0.0.1:{self.port}/{database}"

    def run(self, statement: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Run a statement as the owner and return its rows."""
        with psycopg.connect(self.address(database), autocommit=True) as connection:
            done = connection.execute(statement.encode())
            return done.fetchall() if done.description else []

    def make_database(self, name: str, more: str = "") -> str:
        """Make an empty database and return its address."""
        self.run(f'CREATE DATABASE "{name}" {more}')
        return self.address(name)

    def start(self) -> None:
        """Start the server and wait until it answers."""
        where = f"-p {self.port} -h 127.0.0.1 -k {self.folder} -F"
        self._program("pg_ctl", "-w", "-l", str(self.folder / "log"), "-o", where, "start")

    def stop(self) -> None:
        """Stop the server at once, visitors or not."""
        self._program("pg_ctl", "-w", "-m", "immediate", "stop")

    def initialise(self) -> None:
        """Make the folder of data, with a password for everybody who comes in."""
        secret = self.folder / "secret"
        secret.write_text(PASSWORD, encoding="utf-8")
        secret.chmod(0o644)
        self._program("initdb", "-U", OWNER, "-A", "scram-sha-256", "--pwfile", str(secret), "-E", "UTF8",
                      "--locale=C", "--no-sync")  # fmt: skip

    def _program(self, name: str, *words: str) -> None:
        as_whom: dict[str, Any] = {}
        if os.geteuid() == 0:
            as_whom = {"user": _UNPRIVILEGED, "group": _UNPRIVILEGED, "extra_groups": []}
        with (self.folder / "said").open("a+", encoding="utf-8") as said:
            command = [str(self.programs / name), "-D", str(self.folder / "data"), *words]
            done = subprocess.run(command, cwd=self.folder, stdout=said, stderr=said, check=False, **as_whom)
            if done.returncode:
                said.seek(0)
                raise RuntimeError(f"{name} ended with code {done.returncode}: {said.read()}")


@contextmanager
def postgres(programs: Path) -> Iterator[Postgres]:
    """Run a server; its folder lies where its unprivileged user can reach it."""
    folder = Path(tempfile.mkdtemp(prefix="nabij-postgres-"))
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, _UNPRIVILEGED, _UNPRIVILEGED)
        server = Postgres(programs, folder, closed_port())
        server.initialise()
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
