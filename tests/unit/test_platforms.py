"""The command and the explorer start on a system that has neither `fcntl` (Windows) nor `gunicorn`."""

from __future__ import annotations

from pathlib import Path

from tests.unavailable import run, start, without

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
