"""The command and the explorer start on a system that has neither `fcntl` (Windows) nor `gunicorn`."""

from __future__ import annotations

import re
import tomllib
import urllib.request
from pathlib import Path

import pytest

from tests.unavailable import run, start, without

ROOT = Path(__file__).resolve().parents[2]
DEPENDENCIES = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
ELSEWHERE = without("fcntl", "gunicorn")
COMMAND = f"{ELSEWHERE}import cli; cli.main()"
APPLICATION = f"""{ELSEWHERE}
from pathlib import Path
from app import create_app

server = create_app(database=Path(sys.argv[1])).server
answer = server.test_client().get("/?lang=en")
print(answer.status_code, "react-entry-point" in answer.text)
"""


def test_what_is_taken_away_is_missed() -> None:
    """Else the tests below would prove nothing."""
    for name in ("fcntl", "gunicorn.app.base"):
        with start(f"{ELSEWHERE}import {name}") as running:
            assert "ModuleNotFoundError: No module named" in running.communicate()[1]


def test_the_command_explains_itself() -> None:
    assert "serve" in run(COMMAND, "--help", COLUMNS="200")


def test_the_command_writes_a_table(tmp_path: Path) -> None:
    out = tmp_path / "gaps.csv"
    run(COMMAND, "gaps", "--service", "bureau", "--in", "municipality:35014", "--lang", "en", "--out", str(out))
    assert ",Oudenburg,municipality," in out.read_text(encoding="utf-8")


def test_the_explorer_answers(tmp_path: Path) -> None:
    assert run(APPLICATION, str(tmp_path / "plans.sqlite")) == "200 True\n"


@pytest.mark.skipif(
    any(name.startswith("gunicorn") for name in DEPENDENCIES), reason="the server is gunicorn, which needs fcntl itself"
)
def test_the_server_starts_and_stops(tmp_path: Path) -> None:
    arguments = ("serve", "--port", "0", "--lang", "en", "--database", str(tmp_path / "plans.sqlite"))
    with start(COMMAND, *arguments) as server:
        assert server.stdout is not None
        address = next(found.group() for line in server.stdout if (found := re.search(r"http://127.0.0.1:\d+", line)))
        with urllib.request.urlopen(address) as answer:
            assert answer.status == 200
        server.terminate()
        assert server.communicate()[1] == ""
