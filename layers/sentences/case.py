"""What the programming test says: the question, the verdict with its certainty, and every criterion."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from coverage.case.judgement import LIKELY
from coverage.case.thresholds import FIFTH
from coverage.core.minutes import metres_told
from coverage.zones.areas import area_vintage
from i18n.texts import format_number, format_percent, has_text, text
from layers.sentences.amounts import count, noun_for
from layers.sentences.certainty import chance, sure
from layers.sentences.grammar import capital, listed, say, the, together
from layers.sentences.travel_words import travel_words
from loaders.catalogue.regions.region_in_use import region

if TYPE_CHECKING:
    from coverage.case import Judged, ProgrammingTest
    from coverage.core.query import Query
    from loaders.snapshot.reader import Snapshot

DRAWN = "drawn"


def area_words(snapshot: Snapshot, query: Query, lang: str) -> str:
    """Area of a question in a sentence: ``Oudenburg``, ``de zorgregio Boom``, ``het getekende gebied``."""
    if not query.areas:
        return the(DRAWN, "", lang)
    names = []
    for level, zone in query.areas:
        zones = snapshot.zones(level, area_vintage(level, query.vintage)).set_index("zone_id")["zone_name"]
        names.append((level, str(zones.get(zone, zone))))
    return together(names, lang)


def question_words(service: str, where: str, lang: str) -> str:
    """Question on top: ``Rechtvaardigt Oudenburg een consultatiebureau?``."""
    return capital(say("case.question", lang, where=where, article=text(f"headline.service.{service}", lang)))


def verdict_words(test: ProgrammingTest, where: str, lang: str) -> str:
    """Verdict in a sentence, with how sure it is."""
    service = test.analysis.query.service
    words = {"where": where, "article": text(f"headline.service.{service}", lang)}
    if test.verdict == "justified":
        return say("case.verdict.justified", lang, **words, sure=sure(test.low, lang))
    if test.verdict == "not_justified":
        none = count(service, 0, lang)
        return say("case.verdict.not_justified", lang, where=where, none=none, sure=sure(1 - test.high, lang))
    if test.low == test.high:
        return say("case.verdict.close", lang, **words, chance=chance(test.low, lang))
    return say("case.verdict.unknown", lang, **words, criteria=listed(_unknown(test, lang), lang))


def decisive_words(test: ProgrammingTest, lang: str) -> str:
    """Which required criteria are lacking, or that all are met; empty where neither is known."""
    groups = [[judged for judged in test.criteria if judged.name in group] for group in test.thresholds.required]
    groups = [group for group in groups if group]
    lacking = [group[0] for group in groups if all(judged.holds is False for judged in group)]
    if lacking:
        return text("case.decisive.fails", lang, criteria=listed([_met(judged, lang) for judged in lacking], lang))
    met = [next((judged for judged in group if judged.holds), None) for group in groups]
    if not all(met):
        return ""
    names = [_met(judged, lang) for judged in met if judged is not None]
    return text("case.decisive.holds", lang, criteria=listed(names, lang))


def criterion_words(judged: Judged, test: ProgrammingTest, lang: str) -> str:
    """One criterion: what was found, what is asked, and how sure it is."""
    parts = [_TOLD[judged.name](judged, test, lang)]
    if not math.isnan(judged.threshold) and not (math.isnan(judged.value) and judged.holds is None):
        kind = "less" if judged.name == "alternative" else "least"
        parts.append(text(f"case.asked.{kind}", lang, asked=value_words(judged.name, judged.threshold, test, lang)))
    if not math.isnan(judged.low) and value_words(judged.name, judged.low, test, lang) != value_words(
        judged.name, judged.high, test, lang
    ):
        bare = judged.name in ("births", "hours")
        low, high = (
            format_number(value, lang) if bare else value_words(judged.name, value, test, lang)
            for value in (judged.low, judged.high)
        )
        parts.append(text("case.range", lang, low=low, high=high))
    return " ".join(parts)


def outcome_of(judged: Judged) -> str:
    """``holds``, ``fails``, ``not_known``, or ``told`` where nothing is asked."""
    if judged.holds is None:
        return "told" if math.isnan(judged.threshold) and not math.isnan(judged.value) else "not_known"
    return "holds" if judged.holds else "fails"


def value_words(criterion: str, value: float, test: ProgrammingTest, lang: str) -> str:
    """Value of a criterion as people say it; a distance in minutes, with its metres where they are metres."""
    if criterion == "births":
        return count("births", value, lang)
    if criterion == "distance":
        return travel_words(value, test.analysis.query, lang, test.analysis.details)
    if criterion == "barrier":
        return format_number(value, lang, 1)
    if criterion == "hours":
        return count("hours", value, lang)
    return format_percent(value, lang)


def site_words(site: dict[str, Any], demand: str, lang: str) -> str:
    """One of the best sites with its gain."""
    noun = noun_for(demand)
    return text(
        "case.site",
        lang,
        rank=site["rank"],
        name=site["name"] or text("case.site.given", lang),
        gained=count(noun, float(site["births_gained"]), lang),
        near=count(noun, float(site["births_in_reach"]), lang),
    )


def rule_words(lang: str) -> str:
    """How the verdict follows from the criteria."""
    return text("case.rule", lang, least=format_percent(LIKELY, lang))


def _name(judged: Judged, lang: str) -> str:
    return text(f"criterion.{judged.name}", lang)


def _met(judged: Judged, lang: str) -> str:
    return text(f"case.met.{judged.name}", lang)


def _unknown(test: ProgrammingTest, lang: str) -> list[str]:
    needed = {name for group in test.thresholds.required for name in group}
    return [_name(judged, lang) for judged in test.criteria if judged.name in needed and judged.holds is None]


def _births(judged: Judged, test: ProgrammingTest, lang: str) -> str:
    counted = text(f"case.counted.{test.thresholds.counted}", lang)
    if math.isnan(judged.value):
        return text("case.told.births.unknown", lang, counted=counted)
    return capital(text("case.told.births", lang, found=count("births", judged.value, lang), counted=counted))


def _distance(judged: Judged, test: ProgrammingTest, lang: str) -> str:
    if math.isnan(judged.value):
        return text("case.told.distance.unknown", lang)
    if math.isinf(judged.value):
        return text("case.told.distance.nowhere", lang)
    place = str(judged.facts["place"])
    return say("case.told.distance", lang, place=place, found=value_words("distance", judged.value, test, lang))


def _barrier(judged: Judged, test: ProgrammingTest, lang: str) -> str:
    if not metres_told(test.analysis.query, test.analysis.details):
        return text("case.told.barrier.minutes", lang)
    if math.isnan(judged.value):
        return text("case.told.barrier.unknown", lang)
    told = text("case.told.barrier", lang, found=format_number(judged.value, lang, 1))
    words = judged.facts.get("between", ())
    names = [
        text(f"between.{word}", lang) if has_text(f"between.{word}") else str(word)
        for word in (words if isinstance(words, tuple) else ())
    ]
    return f"{told} {text('case.told.barrier.between', lang, what=listed(names, lang))}" if names else told


def _deprivation(judged: Judged, _found: ProgrammingTest, lang: str) -> str:
    if math.isnan(judged.value):
        return text("case.told.deprivation.unknown", lang)
    share, average = format_percent(judged.value, lang), format_percent(FIFTH, lang)
    return text("case.told.deprivation", lang, found=share, average=average)


def _article9(judged: Judged, _found: ProgrammingTest, lang: str) -> str:
    covered = str(judged.facts["service"])
    words = {
        "article": text(f"headline.service.{covered}", lang),
        "planning": text(f"level.{region().planning}", lang) if region().planning else "",
    }
    if judged.holds is None:
        return text("case.told.article9.unknown", lang, **words)
    if judged.holds:
        return text("case.told.article9.holds", lang, **words)
    told = []
    if judged.facts["covers"] is False:
        told.append(text("case.told.article9.no_place", lang, none=count(covered, 0, lang)))
    if judged.facts["within"] is False:
        told.append(text("case.told.article9.crosses", lang, planning=words["planning"]))
    return " ".join(told)


def _alternative(judged: Judged, test: ProgrammingTest, lang: str) -> str:
    place = str(judged.facts["place"])
    if math.isnan(judged.value):
        told = text("case.told.alternative.unknown", lang)
    elif not place:
        told = text("case.told.alternative.nowhere", lang)
    elif not test.births_gained > 0:
        told = text("case.told.alternative.nothing", lang)
    else:
        told = capital(say("case.told.alternative", lang, place=place, found=format_percent(judged.value, lang)))
    names = judged.facts.get("shared")
    if isinstance(names, list) and names:
        told += " " + say("case.told.shared", lang, names=listed([str(name) for name in names], lang))
    return told


def _hours(judged: Judged, _found: ProgrammingTest, lang: str) -> str:
    if math.isnan(judged.value):
        return text("case.told.hours.unknown", lang)
    births = count("births", float(str(judged.facts["births"])), lang)
    return text("case.told.hours", lang, births=births, found=count("hours", judged.value, lang))


_TOLD = {
    "births": _births,
    "distance": _distance,
    "barrier": _barrier,
    "deprivation": _deprivation,
    "article9": _article9,
    "alternative": _alternative,
    "hours": _hours,
}
