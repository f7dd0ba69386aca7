"""What every test can rely on: no network beyond loopback, the embedded snapshot, and honest skips."""

from __future__ import annotations

import gc
import ipaddress
import os
import shlex
import shutil
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, BrowserContext, Playwright, sync_playwright

from coverage.memory.lru_cache import shared_budget
from loaders.snapshot.reader import EMBEDDED, Snapshot
from tests.order import Together, in_order

ROOT = Path(__file__).resolve().parent.parent
ONLY_LOOPBACK = "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"
ONE_THREAD = "--js-flags=--single-threaded"
"""Scripts are read and their memory is cleaned on the one thread: help of others costs more than it saves for a page
that is soon closed."""
NO_GPU = "--disable-gpu"
"""Pages are drawn by the processor itself; what stands in for a graphics card takes more of it."""

REQUIRE_ALL = "NABIJ_REQUIRE_ALL"
"""Set to 1 to turn a skip for a missing Debian package into a failure."""

SELDOM = 20_000
"""New objects after which garbage is looked for while tests run."""

gc.disable()  # until all tests are known: hardly anything that is imported for them is garbage

os.environ["LC_ALL"] = "C.UTF-8"  # errors and help of the command are in the language of the system
os.environ.setdefault("NABIJ_CACHE", str(ROOT / ".cache" / "nabij"))  # what is made of the streets, once for all runs

EXAMPLES = "NABIJ_EXAMPLES"
"""Examples of a property that does not say how many it needs; more of them for whoever looks for rare faults."""


def examples(usual: int) -> int:
    """How many examples to try: as many as whoever looks for rare faults asks for, else what is usual."""
    return int(os.environ.get(EXAMPLES, str(usual)))


settings.register_profile("nabij", deadline=None, max_examples=examples(40))  # busy or not
settings.load_profile("nabij")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest."""
    items[:] = in_order(items)


def pytest_collection_finish() -> None:
    """Leave what all tests share out of every search for what is no longer used, and out of copies for children."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(SELDOM)
    gc.enable()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Together:
    """Give every worker whole files, and one of them all tests of the browser."""
    return Together(config, log)


def missing_requirement(reason: str) -> None:
    """Skip the test, or fail it where everything is required."""
    if os.environ.get(REQUIRE_ALL) == "1":
        pytest.fail(f"{reason} ({REQUIRE_ALL}=1)")
    pytest.skip(reason)


def missing_debian_package(package: str) -> None:
    """Skip the test, or fail it where everything is required."""
    missing_requirement(f"needs the Debian package '{package}'")


@pytest.fixture(scope="session")
def require_debian_package() -> Callable[[str, str], str]:
    """Return a function (command, package) -> path of the command, which skips or fails where it is missing."""

    def require(command: str, package: str) -> str:
        found = shutil.which(command)
        if found is None:
            missing_debian_package(package)
        return str(found)

    return require


@dataclass(frozen=True)
class Browsers:
    """What starts browsers: Debian's chromium, which can resolve no name."""

    playwright: Playwright
    path: str
    args: tuple[str, ...] = ("--no-sandbox", ONLY_LOOPBACK, ONE_THREAD, NO_GPU)

    def one(self) -> Browser:
        """A browser; what its windows load is forgotten with them."""
        return self.playwright.chromium.launch(executable_path=self.path, args=self.args)

    def window(self, folder: Path, **options: Any) -> BrowserContext:
        """A window of a browser of its own, which keeps what it loads in a folder; scripts also compiled."""
        return self.playwright.chromium.launch_persistent_context(
            folder, executable_path=self.path, args=self.args, **options
        )


@pytest.fixture(scope="session")
def browsers(require_debian_package: Callable[[str, str], str]) -> Iterator[Browsers]:
    """What starts browsers; all end with it."""
    path = require_debian_package("chromium", "chromium")
    with sync_playwright() as playwright:
        yield Browsers(playwright, path)


@pytest.fixture(scope="session")
def chromium(browsers: Browsers) -> Browser:
    """One browser for all whose windows know nothing of one another."""
    return browsers.one()


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """Folder with the raw open data and reference results, which is no part of the project."""
    folder = ROOT.parent / "shared"
    if not (folder / "opendata").is_dir():
        pytest.skip("needs the raw data in ../shared, which is no part of the project")
    return folder


@pytest.fixture(scope="session")
def embedded() -> Snapshot:
    """Snapshot that comes with the project."""
    return Snapshot(EMBEDDED)


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with a snapshot of a few municipalities, to be copied by whoever changes it."""
    from tests.data.small_snapshot import small_snapshot

    return small_snapshot(tmp_path_factory.mktemp("small") / "snapshot")


@pytest.fixture
def small_commands(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands of a test work from the snapshot of a few municipalities, those of the care region of Boom."""
    monkeypatch.setenv("NABIJ_SNAPSHOT", str(small))


@pytest.fixture(autouse=True, scope="session")
def commands_as_asked() -> Iterator[None]:
    """A command that runs in this process is made as `nabij` makes it: the one that is asked for, others by name."""
    from typer.testing import CliRunner, Result

    run = CliRunner.invoke

    def invoke(runner: CliRunner, app: Any, args: Any = None, **more: Any) -> Result:
        cli = import_module("cli")
        asked = shlex.split(args) if isinstance(args, str) else args or ()
        return run(runner, cli.tree(cli.asked_command(asked)) if app is cli.app else app, args, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(CliRunner, "invoke", invoke)
        yield


@pytest.fixture(scope="module")
def warm_commands() -> Iterator[None]:
    """Commands of a module that run in this process share what they work out on the embedded figures."""
    from tests.warm import shared_stages

    with shared_stages():
        yield


@pytest.fixture
def damaged_snapshot(tmp_path: Path) -> Callable[[str], Path]:
    """Return a function that copies the embedded snapshot and alters one byte of the file it is given."""

    def damage(file: str) -> Path:
        folder = tmp_path / "damaged"
        shutil.copytree(EMBEDDED, folder)
        content = bytearray((folder / file).read_bytes())
        content[len(content) // 2] ^= 1
        (folder / file).write_bytes(content)
        return folder

    return damage


def _is_local(address: Any) -> bool:
    """Whether a socket address stays on this machine."""
    if not isinstance(address, tuple):
        return True  # a path: Unix socket
    host = str(address[0])
    if host in ("", "localhost"):
        return True
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True, scope="module")
def own_budget() -> None:
    """A budget for results of its own for every module: what others left in this process takes no room from it."""
    shared_budget.cache_clear()


@pytest.fixture(autouse=True, scope="session")
def own_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home for refreshed data of its own, so that those of whoever runs the tests play no part."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NABIJ_HOME", str(home))
        for name in ("NABIJ_SNAPSHOT", "NABIJ_CONFIG"):
            patch.delenv(name, raising=False)
        yield home


@pytest.fixture(autouse=True, scope="session")
def loopback_only(pytestconfig: pytest.Config) -> Iterator[None]:
    """Refuse every connection that would leave this machine, unless only live tests are asked for."""
    if pytestconfig.getoption("markexpr") == "live":
        yield
        return
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex

    def guarded(original: Callable[[socket.socket, Any], Any]) -> Callable[[socket.socket, Any], Any]:
        def run(self: socket.socket, address: Any) -> Any:
            if not _is_local(address):
                raise RuntimeError(f"A test tried to reach {address}; tests may use loopback only.")
            return original(self, address)

        return run

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded(connect))
        patch.setattr(socket.socket, "connect_ex", guarded(connect_ex))
        yield
