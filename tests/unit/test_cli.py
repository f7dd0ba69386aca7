"""The command's surface: help, options, exit codes, one sentence per mistake, and nothing lost."""

from __future__ import annotations

import io
import socket
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.main import get_command
from typer.testing import CliRunner, Result

import cli
from commands.help import speak
from coverage.core.query import Query
from i18n.errors import InputError
from i18n.texts import LANGUAGES
from loaders.catalogue.columns import RESULT_COLUMNS
from loaders.snapshot.reader import EMBEDDED

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("pandas", "geopandas", "numpy", "dash", "folium", "rasterio", "scipy", "rich")
ANALYSIS_OPTIONS = {
    "--service", "--facilities", "--demand", "--year", "--mode", "--within", "--min-share", "--births-per-hour",
    "--minutes", "--speed", "--ferries",
    "--model", "--network", "--matrix",
    "--level", "--vintage", "--in", "--out", "--draws", "--seed", "--map", "--geocode",
    "--set", "--sheet", "--complete-for",
}  # fmt: skip
COMMANDS: dict[tuple[str, ...], set[str]] = {
    ("serve",): {"--host", "--port", "--database", "--allow-host", "--cache-mb"},
    ("coverage",): ANALYSIS_OPTIONS | {"--format", "--by"},
    ("gaps",): ANALYSIS_OPTIONS | {"--format", "--by"},
    ("map",): ANALYSIS_OPTIONS,
    ("access",): ANALYSIS_OPTIONS | {"--format", "--by", "--measure", "--decay"},
    ("overlap",): {
        "--levels",
        "--rule",
        "--facilities",
        "--demand",
        "--year",
        "--vintage",
        "--in",
        "--out",
        "--format",
    },
    ("barriers",): ANALYSIS_OPTIONS | {"--format", "--extra"},
    ("survey",): {"--facilities", "--out", "--format"},
    ("known",): {"--service", "--year", "--whole", "--out", "--format"},
    ("verify",): {"--bench"},
    ("site",): ANALYSIS_OPTIONS
    | {
        *("--format", "--add", "--objective", "--candidates", "--building-kind", "--capacity"),
        *("--births-per-place", "--spacing"),
        *("--close", "--alternatives", "--time-limit", "--after", "--whole", "--min-births", "--budget"),
        *("--open-cost", "--close-cost", "--with", "--with-within", "--new-addresses", "--address-cost"),
        *("--robust", "--phased", "--frontier", "--why", "--min-births-existing", "--fill-existing", "--article9"),
        *("--most-per", "--least-per", "--weight", "--by-fifth"),
    },
    ("trend",): ANALYSIS_OPTIONS | {"--format", "--by", "--since", "--ahead"},
    ("isochrone",): {
        *("--service", "--out", "--facilities", "--map", "--geocode", "--demand", "--year", "--mode", "--model"),
        *("--network", "--matrix", "--id", "--within", "--step", "--format", "--set", "--sheet", "--complete-for"),
        *("--minutes", "--ferries"),
    },
    ("figure",): ANALYSIS_OPTIONS | {"--format", "--indicator", "--chart"},
    ("dossier",): ANALYSIS_OPTIONS | {"--format", "--plan", "--against", "--preset", "--min-births", "--database"},
    ("profile",): ANALYSIS_OPTIONS | {"--format"},
    ("closures",): ANALYSIS_OPTIONS | {"--format", "--pairs"},
    ("criterion",): ANALYSIS_OPTIONS | {"--format", "--min-births", "--min-density", "--count", "--at", "--area"},
    ("justify",): ANALYSIS_OPTIONS
    | {"--format", "--preset", "--min-births", "--count", "--min-distance", "--min-minutes", "--min-detour"}
    | {"--min-deprived", "--most-moved", "--min-hours", "--births-served", "--require", "--sites", "--at", "--area"},
    ("norm",): ANALYSIS_OPTIONS
    | {"--format", "--births", "--deprived-weight", "--min-density", "--spacing", "--rule", "--one-per", "--cost"}
    | {"--out-of-reach", "--frontier"},
    ("data", "build"): {"--from", "--out"},
    ("data", "verify"): set(),
    ("data", "list"): set(),
    ("data", "refresh"): {"sources", "--source", "--accept", "--skip-failed", "--no-wait"},
    ("data", "rollback"): {"--to"},
    ("data", "diff"): {"old", "new"},
    ("data", "check"): {"file", "--kind", "--map", "--set", "--sheet", "--geocode", "--out"},
    ("data", "template"): {"--kind", "--out"},
    ("scenario", "bridge"): {"plan", "--database", "--from", "--to", "--modes", "--name", "--service", "--mode"},
    ("scenario", "list"): {"--database", "--bin"},
    ("scenario", "show"): {"plan", "--database"},
    ("scenario", "export"): {"plan", "--database", "--out"},
    ("scenario", "import"): {"file", "--database"},
    ("scenario", "table"): {"plan", "--database", "--out", "--format"},
    ("scenario", "compare"): {"plan", "other", "--database", "--out", "--format", "--places"},
    ("scenario", "replay"): {"file"},
    ("scenario", "forget"): {"plan", "--database", "--now"},
    ("scenario", "restore"): {"plan", "--database"},
    ("scenario", "share"): {"plan", "--database", "--edit", "--withdraw"},
}
"""The contract: every command and its options, beside --snapshot, --lang, --services, --debug and --help."""


@pytest.mark.parametrize("asked", [*cli.COMMANDS, "", "gap"])
def test_of_a_command_that_is_not_asked_for_help_tells_the_same(asked: str) -> None:
    """Only the one that is asked for is read; the others are named, in the same order and the same words."""
    whole, part = get_command(cli.app), get_command(cli.tree(asked))
    assert list(vars(part)["commands"]) == list(vars(whole)["commands"]) == list(cli.COMMANDS)
    for lang in LANGUAGES:
        speak(whole, lang)
        speak(part, lang)
        assert [one.help for one in vars(part)["commands"].values()] == [
            one.help for one in vars(whole)["commands"].values()
        ]
    read = {path[0] for path, leaf in leaves(part).items() if leaf.params}
    assert read == {asked} & set(cli.COMMANDS)


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        (("gaps", "--help"), "gaps"),
        (("--lang", "fr", "data", "list"), "data"),
        (("--lang=fr", "map"), "map"),
        (("--help",), ""),
        (("--lang", "nl"), ""),
        ((), ""),
    ],
)
def test_the_command_that_is_asked_for_is_found_behind_the_language(words: tuple[str, ...], asked: str) -> None:
    assert cli.asked_command(words) == asked


def test_the_version_is_that_of_the_package() -> None:
    assert run("--version").stdout == f"nabij {version('nabij')}\n"


def run(*words: object) -> Result:
    return CliRunner().invoke(cli.app, [str(word) for word in words])


def refused(result: Result) -> str:
    """Return the one sentence of a command that was refused."""
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("nabij: ")
    assert lines[0].endswith((".", "?"))
    return lines[0].removeprefix("nabij: ")


def leaves(command: Any, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], Any]:
    """Every command by its words."""
    children = getattr(command, "commands", None)
    if children is None:
        return {path: command}
    return {k: v for name, child in children.items() for k, v in leaves(child, (*path, name)).items()}


def test_commands_and_options_are_the_contract() -> None:
    found = {
        path: {name for p in leaf.params for name in p.opts} for path, leaf in leaves(get_command(cli.app)).items()
    }
    everywhere = {"--snapshot", "--lang", "--debug", "--services"}
    assert found == {path: options | everywhere for path, options in COMMANDS.items()}


def test_defaults_are_the_contract() -> None:
    """``--demand`` left out is what the service declares: births for a bureau and a house (`test_services`)."""
    defaults = {p.opts[0]: p.default for p in leaves(get_command(cli.app))["gaps",].params if not p.required}
    assert defaults == {
        "--facilities": None, "--demand": None, "--year": None, "--mode": "walk", "--ferries": False, "--within": None,
        "--minutes": None, "--speed": None,
        "--min-share": 0.5, "--model": None, "--network": None,
        "--matrix": None, "--level": None, "--vintage": None, "--in": "",
        "--draws": 0, "--seed": 1, "--births-per-hour": None, "--map": None, "--geocode": False,
        "--set": None, "--sheet": "", "--complete-for": "",
        "--format": None, "--by": None, "--snapshot": None, "--lang": "nl", "--debug": False, "--services": None,
    }  # fmt: skip
    assert (Query().level, Query().vintage) == ("municipality", 2025)  # where the region decides
    serve = {p.opts[0]: p.default for p in leaves(get_command(cli.app))["serve",].params}
    assert (serve["--host"], serve["--port"]) == ("127.0.0.1", 8050)


@pytest.mark.parametrize("path", [(), ("data",), *COMMANDS])
def test_help_answers(path: tuple[str, ...]) -> None:
    result = run(*path, "--help")
    assert result.exit_code == 0
    assert "Usage:" in result.stdout


def test_help_imports_nothing_heavy() -> None:
    script = f"import sys, cli; sys.exit(', '.join(m for m in {HEAVY!r} if m in sys.modules) or 0)"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    "words",
    [
        ("gaps", "--service", "bureau"),
        ("gaps", "--out", "a.csv"),
        ("gaps", "--service", "bureau", "--out", "a.csv", "--nearby"),
        ("gaps", "--service", "bureau", "--out", "a.csv", "--within", "far"),
        ("map", "--service", "bureau", "--out", "a.html", "--format", "csv"),
        ("serve", "--port", "many"),
        ("data", "build"),
        ("dossier",),
    ],
)
def test_wrong_usage_is_exit_code_2(words: tuple[str, ...]) -> None:
    assert run(*words).exit_code == 2


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--level", "village"), "Unknown level 'village'; choose one of region, province"),
        (("--service", "crèche"), "Unknown service 'crèche'; choose one of bureau, house"),
        (("--mode", "boat"), "Unknown mode 'boat'; choose one of walk, bike, car"),
        (("--model", "broom"), "Travel model 'broom' is not available; choose one of crow"),
        (("--demand", "age7"), "Unknown demand 'age7'; choose one of births, age0"),
        (("--lang", "de"), "Unknown language 'de'; choose one of nl, en, fr"),
        (("--format", "shp"), "Unknown format 'shp'; choose one of csv, parquet, geojson, gpkg, xlsx"),
        (("--within", "-5"), "give a distance in metres above 0 with --within"),
        (("--min-share", "2"), "give a share from 0 to 1 with --min-share"),
        (("--in", "boom"), "Area 'boom' is not LEVEL:ID"),
        (("--in", "care_region:bom"), "boom"),
        (("--vintage", "1976"), "not held for vintage 1976; choose one of 2018, 2019, 2025"),
        (("--year", "1999"), "age0"),
        (("--facilities", "nowhere.csv"), "The list of places 'nowhere.csv' does not exist"),
        (("--snapshot", "nowhere"), "No snapshot in 'nowhere'"),
    ],
)
def test_wrong_values_get_one_sentence(words: tuple[str, ...], sentence: str, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    out.write_text("saved before", encoding="utf-8")
    assert sentence in refused(run("gaps", "--service", "bureau", "--out", out, *words))
    assert out.read_text(encoding="utf-8") == "saved before"
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]


@pytest.mark.parametrize("command", ["coverage", "gaps", "map"])
def test_a_missing_folder_is_told_before_any_work(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("commands.tables.answer", lambda *_: pytest.fail("work was done"))
    out = tmp_path / "not" / "there" / "out.csv"
    assert "does not exist" in refused(run(command, "--service", "bureau", "--out", out))
    assert "is a folder" in refused(run("map", "--service", "bureau", "--out", tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_the_suffix_must_say_the_format(tmp_path: Path) -> None:
    sentence = refused(run("coverage", "--service", "bureau", "--out", tmp_path / "out.shp"))
    assert sentence.startswith("The name 'out.shp' does not say which format to write")


def test_debug_shows_the_trace(tmp_path: Path) -> None:
    result = run("gaps", "--service", "bureau", "--out", tmp_path / "a.csv", "--level", "village", "--debug")
    assert result.exit_code == 1
    assert isinstance(result.exception, InputError)


def test_a_full_disk_is_told_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(content: bytes, out: Path, *, binary: bool = False) -> None:
        raise OSError(28, "No space left on device", str(out))

    monkeypatch.setattr("layers.files.export.write_out", full)
    result = run("gaps", "--service", "bureau", "--out", tmp_path / "a.csv")
    assert refused(result).startswith("No space left on device '")


def test_standard_output_is_the_file_and_nothing_else() -> None:
    result = run("coverage", "--service", "bureau", "--in", "care_region:boom", "--out", "-", "--lang", "en")
    assert result.exit_code == 0
    assert result.stdout.startswith("# ILLUSTRATIVE DATA: ")
    table = pd.read_csv(io.StringIO(result.stdout), comment="#", dtype={"zone_id": "str"})
    assert list(table.columns) == list(RESULT_COLUMNS)
    assert set(table["evidence"]) == {"illustrative"}
    warning, summary = result.stderr.splitlines()
    assert warning.startswith("ILLUSTRATIVE DATA: ")
    assert summary.startswith("Gaps: ")


def test_repairs_of_a_users_list_are_told(tmp_path: Path) -> None:
    places = tmp_path / "lijst.csv"
    places.write_bytes("id;dienst;naam;lat;lon\na;bureau;Café;51,09;4,36\n".encode("cp1252"))
    result = run("gaps", "--service", "bureau", "--facilities", places, "--out", tmp_path / "out.csv", "--lang", "en")
    assert result.exit_code == 0
    assert "Windows-1252" in result.stderr
    content = (tmp_path / "out.csv").read_text(encoding="utf-8")
    assert "ILLUSTRATIVE" not in content
    assert "--facilities lijst.csv" in content
    assert str(tmp_path) not in content


def test_a_port_in_use_is_told() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert refused(run("serve", "--port", port)) == (
            f"Port {port} on 127.0.0.1 is in use by another program; stop that one, "
            f"or choose another port, such as --port {port + 1}."
        )


@pytest.mark.parametrize("name", ["http://nabij.be", "nabij.be:80", "*"])
def test_a_name_that_is_none_is_told(name: str) -> None:
    assert f"'{name}' is not the name of a server" in refused(run("serve", "--port", "0", "--allow-host", name))


@pytest.mark.parametrize("port", [-1, 65_536])
def test_a_port_that_cannot_be(port: int) -> None:
    assert "give --port a number from 0 to 65535" in refused(run("serve", "--port", port))


@pytest.mark.parametrize(
    "words",
    [
        ("gaps", "--service", "bureau", "--out", "-"),
        ("serve", "--port", "0"),
        ("data", "verify"),
    ],
)
def test_an_altered_snapshot_is_refused(words: tuple[str, ...], damaged_snapshot: Callable[[str], Path]) -> None:
    folder = damaged_snapshot("tables/births.parquet")
    sentence = refused(run(*words, "--snapshot", folder))
    assert "births.parquet' was altered" in sentence
    assert "nabij data build --from DIR" in sentence


def test_a_folder_without_raw_files_builds_nothing(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    target = tmp_path / "snapshot"
    assert "boundaries/2025/gemeente" in refused(run("data", "build", "--from", raw, "--out", target))
    assert "does not exist" in refused(run("data", "build", "--from", raw, "--out", tmp_path / "no" / "snapshot"))
    assert [path.name for path in tmp_path.iterdir()] == ["raw"]


def test_list_tells_every_resource_with_its_licence() -> None:
    result = run("data", "list", "--lang", "en")
    assert result.exit_code == 0
    header, *rows = [line.split("\t") for line in result.stdout.splitlines()]
    assert header == ["name", "contents", "year", "rows", "size", "source", "licence"]
    births = next(row for row in rows if row[0] == "births")
    assert births[1:4] == ["Live births per municipality", "2025", "304"]
    assert all(len(row) == len(header) and row[1] and row[6] for row in rows)


def test_verify_says_what_held() -> None:
    result = run("data", "verify", "--lang", "en")
    assert result.exit_code == 0
    assert "births_2025_flanders 62,277" in result.stdout
    *checks, last = result.stdout.splitlines()
    assert last == f"{len(checks)} checks of {EMBEDDED}: all in order."


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            ("coverage", "--service", "bureau", "--out", "a.csv", "--format", "xlsx"),
            "'a.csv' ends in .csv while --format",
        ),
        (("coverage", "--service", "bureau", "--out", "-", "--in", ""), "--in names no area"),
        (("gaps", "--service", "bureau", "--out", "-", "--in", " , "), "--in names no area"),
        (("overlap", "--out", "-", "--in", ""), "--in names no area"),
    ],
)
def test_what_says_two_things_or_nothing_is_told(words: tuple[str, ...], sentence: str) -> None:
    result = CliRunner().invoke(cli.app, list(words))
    assert result.exit_code == 1
    assert sentence in result.stderr
