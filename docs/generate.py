"""Write the generated pages from what the code declares, run the examples, and check that nothing is stale.

An example is a ``console`` block: what stands under ``$ nabij ...`` is what that command says.

python docs/generate.py            writes the pages
python docs/generate.py --check    exits with 1 when a page differs from what would be written
"""

from __future__ import annotations

import contextlib
import re
import shlex
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parent
ASSETS = DOCS.parent / "assets"
sys.path[:0] = [str(DOCS.parent), str(DOCS)]

from api_page import api_page  # noqa: E402
from data_page import data_page  # noqa: E402
from drawing import draw  # noqa: E402
from glossary import glossary_page  # noqa: E402
from licences_page import licences_page  # noqa: E402
from lists_page import lists_page  # noqa: E402
from page_parts import NOTE, table  # noqa: E402
from reading_page import reading_page  # noqa: E402
from rooms import DRAWING, House, rooms_page  # noqa: E402
from typer.main import get_command  # noqa: E402
from typer.testing import CliRunner  # noqa: E402

import cli  # noqa: E402
from commands.help import speak  # noqa: E402
from coverage.core.query import DEFAULT_WITHIN_M, DEMAND_KINDS  # noqa: E402
from coverage.indicators.measures import DECAYS, MEASURES  # noqa: E402
from coverage.travel.models import TRAVEL_MODELS  # noqa: E402
from i18n.texts import has_text, text  # noqa: E402
from layers.look import tokens  # noqa: E402
from loaders.catalogue.columns import (  # noqa: E402
    ACCESS_COLUMNS,
    BARRIER_COLUMNS,
    CASE_COLUMNS,
    CASE_SITE_COLUMNS,
    CERTAINTY_COLUMNS,
    CLOSURE_COLUMNS,
    COMPANY_COLUMNS,
    COMPARISON_COLUMNS,
    CRITERION_COLUMNS,
    EVIDENCE,
    FACILITY_COLUMNS,
    FLAGS,
    FRONTIER_COLUMNS,
    HOUSE_MODELS,
    ISOCHRONE_COLUMNS,
    KNOWN_COLUMNS,
    NORM_COLUMNS,
    NORM_ZONE_COLUMNS,
    OVERLAP_COLUMNS,
    PAIR_COLUMNS,
    PHASE_COLUMNS,
    PLACE_CHANGE_COLUMNS,
    PROJECTION_COLUMNS,
    RESULT_COLUMNS,
    ROBUST_COLUMNS,
    RULE_COLUMNS,
    SITE_COLUMNS,
    STRATA_COLUMNS,
    SURVEY_COLUMNS,
    TARGETING_COLUMNS,
    TREND_COLUMNS,
    VIOLATIONS,
    Column,
)
from loaders.catalogue.regions.levels import LEVELS, OWN, get_level  # noqa: E402
from loaders.catalogue.services import gap_reasons, services  # noqa: E402

EXAMPLES = (DOCS.parent / "README.md", DOCS / "getting-started.md")
"""Pages with ``console`` blocks."""


def pages() -> dict[str, str]:
    """Every generated page and picture by its path below ``docs``."""
    house = House(DOCS.parent)
    return {
        "reference/command.md": command_page(),
        "reference/columns.md": columns_page(),
        "reference/words.md": words_page(),
        "reference/lists.md": lists_page(),
        "data.md": data_page(),
        "reading.md": reading_page(),
        "api.md": api_page(),
        "reference/rooms.md": rooms_page(house),
        DRAWING: draw(house),
        "licences.md": licences_page(DOCS.parent),
        "glossary.md": glossary_page(DOCS, text),
        "decisions/index.md": decisions_page(),
    }


def command_page() -> str:
    """Every command with its options, by panel."""
    root = get_command(cli.app)
    speak(root, "en")
    parts = [NOTE, "# The command\n", f"{root.help}\n", "Exit codes: **0** done, **1** wrong input or data "
             "(one sentence on standard error; `--debug` shows the whole trace), **2** wrong usage.\n"]  # fmt: skip
    for words, command in _leaves(root, ("nabij",)):
        name = " ".join(words)
        parts += [f"## {name}\n", f"{command.help}\n"]
        if command.epilog:
            parts.append(f"    {_plain(command.epilog).removeprefix('Example: ')}\n")
        parts.append(table(("option", "value", "default", "meaning"), map(_option_row, command.params)))
    return "\n".join(parts)


def _leaves(command: Any, words: tuple[str, ...]) -> Iterable[tuple[tuple[str, ...], Any]]:
    children = getattr(command, "commands", None)
    if children is None:
        yield words, command
        return
    for name, child in children.items():
        yield from _leaves(child, (*words, name))


def _option_row(option: Any) -> tuple[str, ...]:
    value = ", ".join(f"`{word}`" for word in (option.metavar or "").split("|") if word)
    left_out = "" if option.default in (None, "", False) else f"`{option.default}`"
    default = "required" if option.required else left_out
    return ", ".join(f"`{name}`" for name in option.opts), value, default, _plain(option.help or "")


def _plain(marked: str) -> str:
    return re.sub(r"\[/?bold\]", "", marked)


def columns_page() -> str:
    """Every column of the tables nabij writes and of the lists of places it reads."""
    return "\n".join(
        [
            NOTE,
            "# Columns\n",
            "## Zone tables\n",
            "Written by `nabij coverage` and `nabij gaps` and downloaded from the explorer, in this order. "
            "A missing value is an empty field in CSV and Excel, `null` elsewhere: never a zero.\n",
            _column_table(RESULT_COLUMNS.values()),
            "With `--by deprivation` or `--by area_type`: one row per zone and stratum. See "
            "[deprivation and type of area](../method/strata.md).\n",
            _column_table(STRATA_COLUMNS.values()),
            "## Access\n",
            "Written by `nabij access`: one row per zone and measure. See [access](../method/access.md).\n",
            _column_table(ACCESS_COLUMNS.values()),
            "With `--draws`, a zone table has this beside `gap_probability`:\n",
            _column_table(CERTAINTY_COLUMNS.values()),
            "## Trend\n",
            "Written by `nabij trend`: one row per zone and year. See [demand](../method/demand.md#over-the-years).\n",
            _column_table(TREND_COLUMNS.values()),
            "With `--ahead`, the years to come have these beside:\n",
            _column_table(PROJECTION_COLUMNS.values()),
            "## Isochrones\n",
            "Written by `nabij isochrone`: one row per place and distance. See "
            "[travel](../method/travel.md#isochrones).\n",
            _column_table(ISOCHRONE_COLUMNS.values()),
            "## Barriers\n",
            "Written by `nabij barriers`: one row per barrier and zone. See [barriers](../method/barriers.md).\n",
            _column_table(BARRIER_COLUMNS.values()),
            "## Overlap\n",
            "Written by `nabij overlap`: one row per intersection. See [overlap](../method/overlap.md).\n",
            _column_table(OVERLAP_COLUMNS.values()),
            "Written by `nabij overlap --rule`: one row per partnership.\n",
            _column_table(RULE_COLUMNS.values()),
            "## Context\n",
            "Written by `nabij survey`: one row per figure that others published. See "
            "[context](../method/context.md).\n",
            _column_table(SURVEY_COLUMNS.values()),
            "Written by `nabij known`: one row per service, municipality (or the whole region) and year.\n",
            _column_table(KNOWN_COLUMNS.values()),
            "## Siting\n",
            "Written by `nabij site`: one row per new place. See [siting](../method/siting.md).\n",
            _column_table(SITE_COLUMNS.values()),
            "Written by `nabij site --by-fifth`: a row per fifth of deprivation, and one of all. See "
            "[from universal to targeted](../method/siting.md#from-universal-to-targeted).\n",
            _column_table(TARGETING_COLUMNS.values()),
            "With `--with`, the places of two services have these beside them:\n",
            _column_table(COMPANY_COLUMNS.values()),
            "With `--robust`, every place has these beside them. See "
            "[looking ahead](../method/siting.md#looking-ahead).\n",
            _column_table(ROBUST_COLUMNS.values()),
            "With `--phased`:\n",
            _column_table(PHASE_COLUMNS.values()),
            "Written by `nabij closures`: one row per place. See [closures](../method/closure.md).\n",
            _column_table(CLOSURE_COLUMNS.values()),
            "Written by `nabij closures --pairs`: one row per pair.\n",
            _column_table(PAIR_COLUMNS.values()),
            "Written by `nabij criterion`: one row. See [the births criterion](../method/criterion.md).\n",
            _column_table(CRITERION_COLUMNS.values()),
            "Written by `nabij justify`: the verdict and a row per criterion. See "
            "[the programming test](../method/justify.md).\n",
            _column_table(CASE_COLUMNS.values()),
            "Written by `nabij justify --sites`: the best single sites.\n",
            _column_table(CASE_SITE_COLUMNS.values()),
            "Written by `nabij norm`: one row per new place. See [the norm machine](../method/norm.md).\n",
            _column_table(NORM_COLUMNS.values()),
            "Written by `nabij norm --out-of-reach`: one row per municipality.\n",
            _column_table(NORM_ZONE_COLUMNS.values()),
            "Written by `nabij norm --frontier`: one row per number of new places.\n",
            _column_table(FRONTIER_COLUMNS.values()),
            "## Plans\n",
            "Written by `nabij scenario compare`: one row per zone. See [plans](../scenarios.md).\n",
            _column_table(COMPARISON_COLUMNS.values()),
            "Written by `nabij scenario compare --places`: one row per place.\n",
            _column_table(PLACE_CHANGE_COLUMNS.values()),
            "## Lists of places\n",
            "Columns of the places of a snapshot. Your own list (`--facilities FILE`) needs only `id`, `service` and "
            "`lat, lon` or `x, y`; see [Your own list of places](../own-places.md).\n",
            _column_table(FACILITY_COLUMNS.values()),
        ]
    )


def _column_table(columns: Iterable[Column]) -> str:
    rows = (
        (
            f"`{column.name}`",
            f"{column.kind}{'' if column.required else ', may be empty'}",
            column.unit,
            text(f"column.{column.name}.help", "en"),
            text(f"column.{column.name}", "nl"),
        )
        for column in columns
    )
    return table(("column", "type", "unit", "meaning", "Dutch title"), rows)


def words_page() -> str:
    """Every word that may stand in an option or a column."""
    levels = (
        (f"`{name}`", text(f"level.{name}", "nl"), ", ".join(map(str, level.vintages)), _help(f"level.{name}"))
        for name, level in {**LEVELS, OWN: get_level(OWN)}.items()
    )
    return "\n".join(
        [
            NOTE,
            "# Words\n",
            "## Levels\n",
            table(("`--level`", "Dutch", "borders of", "meaning"), levels),
            "## Services\n",
            _words("service", tuple(services())),
            "## Demand\n",
            _words("demand", DEMAND_KINDS),
            "## Modes\n",
            _words("mode", DEFAULT_WITHIN_M),
            "## Travel models\n",
            _words("model", TRAVEL_MODELS),
            "## Measures of access\n",
            _words("measure", MEASURES),
            "## Decays\n",
            _words("decay", DECAYS),
            "## Violations\n",
            "Of the rule for houses (`nabij overlap --rule`), joined by `;`.\n",
            _words("violation", VIOLATIONS),
            "## Models of a house\n",
            "In `model` of the same table, as far as the places of a partnership tell.\n",
            _words("house_model", HOUSE_MODELS),
            "## Gap reasons\n",
            "A zone's `gap_reasons`, joined by `;`.\n",
            _words("reason", gap_reasons()),
            "## Flags\n",
            "A zone's or a place's `flags`, joined by `;`.\n",
            _words("flag", FLAGS),
            "## Evidence\n",
            "How a figure is known. A result is never better known than the places it rests on.\n",
            _words("evidence", EVIDENCE),
        ]
    )


def _words(kind: str, words: Iterable[str]) -> str:
    rows = ((f"`{word}`", text(f"{kind}.{word}", "nl"), _help(f"{kind}.{word}")) for word in words)
    return table(("word", "Dutch", "meaning"), rows)


def _help(key: str) -> str:
    return text(f"{key}.help" if has_text(f"{key}.help") else key, "en")


def decisions_page() -> str:
    """Index of the decision records."""
    records = sorted(path for path in (DOCS / "decisions").glob("*.md") if path.name != "index.md")
    lines = [f"- [{_title(path)}]({path.name})" for path in records]
    return "\n".join([NOTE, "# Decisions\n", "Why things are as they are, half a page each.\n", *lines, ""])


def _title(path: Path) -> str:
    return path.read_text(encoding="utf-8").partition("\n")[0].lstrip("# ").strip()


def with_output(page: str) -> str:
    """Return a page with what its example commands say today; they run in an empty folder."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        return re.sub(r"```console\n(.*?)```", _run_block, page, flags=re.DOTALL)


def _run_block(block: re.Match[str]) -> str:
    commands = [line for line in block.group(1).splitlines() if line.startswith("$ ")]
    transcript = "".join(f"{line}\n{_run(line.removeprefix('$ '))}" for line in commands)
    return f"```console\n{transcript}```"


def _run(command: str) -> str:
    return CliRunner().invoke(cli.app, shlex.split(command)[1:]).output


def wanted() -> dict[Path, str]:
    """What every generated page and every page with examples should hold."""
    generated = {DOCS / name: content for name, content in pages().items()}
    assets = {ASSETS / "css/00-tokens.css": tokens.style_sheet(), ASSETS / "js/tokens.mjs": tokens.script()}
    return generated | assets | {path: with_output(path.read_text(encoding="utf-8")) for path in EXAMPLES}


def stale() -> list[str]:
    """Pages that differ from what would be written."""
    return [
        path.relative_to(DOCS.parent).as_posix()
        for path, content in wanted().items()
        if not path.is_file() or path.read_text(encoding="utf-8") != content
    ]


def main() -> None:
    """Write the pages, or only check them."""
    if "--check" in sys.argv[1:]:
        old = stale()
        sys.exit(f"Stale: {', '.join(old)}; run python docs/generate.py." if old else 0)
    for path, content in wanted().items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(content, encoding="utf-8")


if __name__ == "__main__":
    main()
