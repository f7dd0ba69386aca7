"""What a table of overlap, of the rule for houses or of what surveys of these published says about itself."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import pandas as pd

from coverage.partnerships.survey import COUNTED, MADE_UP, RESOURCE
from coverage.zones.partition_overlap import CUT, UNKNOWN, evidence_of, verdicts
from i18n.texts import DEFAULT_LANGUAGE, format_number, format_percent, has_text, text
from layers.notes.notes import Notes, cite
from loaders.catalogue.plain_words import plain_word
from loaders.catalogue.regions.levels import get_level
from loaders.catalogue.regions.region_in_use import region

if TYPE_CHECKING:
    from coverage.zones.partition_overlap import Overlap
    from loaders.catalogue.facilities import Facilities
    from loaders.snapshot.reader import Snapshot


def describe_overlap(
    crossed: Overlap, snapshot: Snapshot, areas: tuple[tuple[str, str], ...] = (), lang: str = DEFAULT_LANGUAGE
) -> Notes:
    """Describe a table of overlap.

    Parameters
    ----------
    crossed : what was worked out
    snapshot : what it was worked out from
    areas : (level, zone_id) pairs the table was restricted to
    lang : language of the texts
    """
    first, second = get_level(crossed.level_a), get_level(crossed.level_b)
    places = {
        f"level_{side}": text(f"level.{level.id}.plural", lang)
        for side, level in zip("ab", (first, second), strict=True)
    }
    partial = not (first.covers and second.covers)
    resources_named = ("case_facts",) if (crossed.table["documented_parts_of_a"] != "").any() else ()
    caveats = {
        "caveat.proxy_births": crossed.demand.proxy,
        "caveat.not_known_here": partial,
        "caveat.outside_partition": first.without_exceptions or second.without_exceptions,
        "caveat.spread": True,
    }
    resources = (
        "births" if crossed.demand.kind == "births" else "ages",
        "grid_weight",
        f"zones_{crossed.level_a}_{crossed.vintage_a}",
        f"zones_{crossed.level_b}_{crossed.vintage_b}",
    )
    levels = ",".join(snapshot.given_as(level) for level in (crossed.level_a, crossed.level_b))
    words = ["nabij", "overlap", "--levels", levels, "--vintage", str(crossed.vintage_a)]
    if areas:
        words += ["--in", ",".join(f"{level}:{zone}" for level, zone in areas)]
    words += ["--demand", crossed.demand.kind, "--year", str(crossed.demand.year)]
    return Notes(
        title=text("overlap.title", lang, **places),
        question=overlap_summary(crossed, lang),
        warning="",
        evidence=evidence_of((crossed.level_a, crossed.level_b), snapshot),
        sources=cite(snapshot, (*resources, *resources_named), lang),
        caveats=tuple(text(key, lang) for key, holds in caveats.items() if holds),
        command=shlex.join(words),
        snapshot=snapshot.hash,
        version=version("nabij"),
        lang=lang,
    )


def overlap_summary(crossed: Overlap, lang: str = DEFAULT_LANGUAGE) -> str:
    """What is cut, what cannot be said, which zones a report names, and how far each level nests in the other."""
    zones = verdicts(crossed.table, "a")
    words = {
        "level_a": text(f"level.{crossed.level_a}.plural", lang),
        "level_b": text(f"level.{crossed.level_b}.plural", lang),
        "demand": text(f"demand.{crossed.demand.kind}.of", lang, year=crossed.demand.year),
    }
    counts = {
        name: format_number(int((zones["verdict"] == verdict).sum()), lang)
        for name, verdict in (("cut", CUT), ("unjudged", UNKNOWN))
    }
    parts = [text("overlap.summary.cut", lang, **words, cut=counts["cut"], zones=format_number(len(zones), lang))]
    if (zones["verdict"] == UNKNOWN).any():
        parts.append(text("overlap.summary.unjudged", lang, n=counts["unjudged"]))
    if crossed.unknown_a > 0:
        parts.append(text("overlap.summary.unknown", lang, **words, share=format_percent(crossed.unknown_a, lang, 1)))
    for zone in zones[zones["documented"] != ""].to_dict("records"):
        named = str(zone["documented"]).replace(";", ", ")
        parts.append(text(f"overlap.summary.named.{zone['verdict']}", lang, zone=zone["name"], named=named))
    nesting = {"nesting_a": _between(crossed.nesting_a, lang), "nesting_b": _between(crossed.nesting_b, lang)}
    return " ".join([*parts, text("overlap.summary.nesting", lang, **nesting)])


def _between(bounds: tuple[float, float], lang: str) -> str:
    """Share as it is, or the two that it lies between."""
    low, high = (format_percent(value, lang, 1) for value in bounds)
    return low if low == high else text("overlap.between", lang, low=low, high=high)


def describe_rule(
    table: pd.DataFrame, facilities: Facilities, snapshot: Snapshot, lang: str = DEFAULT_LANGUAGE
) -> Notes:
    """Describe a table of `coverage.partnerships.rule.house_rule`."""
    made_up = facilities.evidence == "illustrative"
    which = facilities.sources[0] if facilities.name == "user" else facilities.name
    planning = (f"zones_{region().planning}_{region().vintage}",) if region().planning else ()
    return Notes(
        title=text("rule.title", lang),
        question=rule_summary(table, lang),
        warning=text("export.illustrative", lang) if made_up else "",
        evidence=facilities.evidence,
        sources=cite(snapshot, planning, lang, facilities.sources),
        caveats=(text("rule.caveat", lang),),
        command=shlex.join(["nabij", "overlap", "--rule", "--facilities", which]),
        snapshot=snapshot.hash,
        version=version("nabij"),
        lang=lang,
    )


def rule_summary(table: pd.DataFrame, lang: str = DEFAULT_LANGUAGE) -> str:
    """One sentence: how many partnerships there are and how many break either half of the rule."""
    broken = table["violations"].str.split(";").explode().value_counts()
    return text(
        "rule.summary",
        lang,
        houses=format_number(len(table), lang),
        no_bureau=format_number(int(broken.get("covers_no_bureau", 0)), lang),
        crosses=format_number(int(broken.get("crosses_care_region", 0)), lang),
        no_bureau_unjudged=format_number(int(table["covers_bureau"].isna().sum()), lang),
        unjudged=format_number(int(table["within_care_region"].isna().sum()), lang),
    )


def describe_survey(
    table: pd.DataFrame, facilities: Facilities, snapshot: Snapshot, lang: str = DEFAULT_LANGUAGE
) -> Notes:
    """Notes of a table of `coverage.partnerships.survey.survey_comparison`."""
    which = facilities.sources[0] if facilities.name == "user" else facilities.name
    ours = table["comparison"].isin((COUNTED, MADE_UP))
    words = {"n": format_number(len(table), lang), "ours": format_number(int(ours.sum()), lang)}
    made_up = facilities.evidence == "illustrative"
    reasons = [word for word in table["comparison"].drop_duplicates() if word != COUNTED]
    return Notes(
        title=text("survey.title", lang),
        question=text("survey.summary", lang, **words),
        warning=text("export.illustrative", lang) if made_up else "",
        evidence=facilities.evidence,
        sources=cite(snapshot, (RESOURCE,), lang, facilities.sources),
        caveats=(text("survey.caveat", lang), *(text(f"survey.comparison.{word}.help", lang) for word in reasons)),
        command=shlex.join(["nabij", "survey", "--facilities", which]),
        snapshot=snapshot.hash,
        version=version("nabij"),
        lang=lang,
    )


def survey_words(row: Mapping[Any, Any], lang: str) -> dict[str, str]:
    """A published figure, ours and how they compare, in words: ``subject, scope, published, ours, comparison``."""
    subject = _said("subject", str(row["subject"]).replace("_", " "), lang)
    published = _figure(row["published"], row["published_share"], lang) or _said(
        "value", str(row["published_words"]), lang
    )
    if pd.notna(row["published_of"]):
        published = text("survey.of", lang, figure=published, of=format_number(int(row["published_of"]), lang))
    if row["approximate"]:
        published = text("survey.about", lang, figure=published)
    share_asked = pd.isna(row["published"]) and pd.notna(row["published_share"])
    counted = None if share_asked else row["ours"]
    share = row["ours_share"] if pd.notna(row["published_share"]) else None
    return {
        "subject": subject,
        "scope": _said("scope", str(row["scope"]), lang),
        "published": published,
        "ours": _figure(counted, share, lang) or "–",
        "comparison": text(f"survey.comparison.{row['comparison']}", lang),
    }


def _said(what: str, published: str, lang: str) -> str:
    """Words of a source in the reader's language; as published where there are none."""
    key = f"survey.{what}.{plain_word(published).replace(' ', '_')}"
    return text(key, lang) if has_text(key) else published


def _figure(count: Any, share: Any, lang: str) -> str:
    """A number, a share, or both: ``44 (19,4 %)``; empty for neither."""
    told = [] if count is None or pd.isna(count) else [format_number(float(count), lang)]
    if share is not None and pd.notna(share):
        percent = format_percent(float(share), lang, 0 if round(float(share) * 1000) % 10 == 0 else 1)
        told.append(f"({percent})" if told else percent)
    return " ".join(told)
