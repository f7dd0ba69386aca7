"""What the norm machine says: how many places, who is within reach, who stays out, how sure, at what cost."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from i18n.texts import format_number, format_percent, text
from layers.sentences.amounts import count, noun_for, part
from layers.sentences.grammar import called, capital, listed, say
from loaders.catalogue.regions.region_in_use import region
from loaders.catalogue.services import get_service

if TYPE_CHECKING:
    from coverage.norm import NormAnswer

_NAMED = 3


def answer_words(answer: NormAnswer, lang: str) -> str:
    """How many places the norm takes, and who is within reach then."""
    query = answer.analysis.query
    norm = count("births", answer.request.births, lang)
    if not len(answer.places):
        return text("norm.answer.none", lang, norm=norm)
    noun = noun_for(query.demand)
    words = {
        "norm": norm,
        "places": count(query.service, len(answer.places), lang),
        "part": part(noun, answer.in_reach, answer.births, lang),
    }
    if not answer.request.keeps:
        return _tidy(text("norm.answer.anew", lang, **words))
    return _tidy(text("norm.answer", lang, **words, before=format_number(answer.in_reach_before, lang)))


def _tidy(sentence: str) -> str:
    """Every sentence of a text with a capital."""
    return ". ".join(capital(each) for each in sentence.split(". "))


def out_words(answer: NormAnswer, lang: str) -> str:
    """Who stays out of reach, and where most of them live."""
    out = answer.births - answer.in_reach
    if out < 0.5:
        return text("norm.out.none", lang)
    names = [called(str(name), lang) for name in answer.zones["zone_name"].head(_NAMED)]
    amount = count(noun_for(answer.analysis.query.demand), out, lang)
    return say("norm.out", lang, out=amount, names=listed(names, lang))


def proof_words(answer: NormAnswer, lang: str) -> str:
    """How far the answer can be from the best; nothing more than was proven."""
    if answer.optimal:
        return text("norm.proof.optimal", lang)
    gap = math.ceil(answer.gap * 1000 - 1e-9) / 1000 if math.isfinite(answer.gap) else math.inf
    service = answer.analysis.query.service
    told = format_percent(gap, lang, 1) if math.isfinite(gap) else count("births", answer.bound, lang)
    return text("norm.proof.gap", lang, gap=told, fewest=count(service, answer.fewest, lang))


def rules_words(answer: NormAnswer, lang: str) -> str:
    """How many places a rule asked for, and how many do not meet the norm; empty without such."""
    by_rule = int((answer.places["opened_by"] == "rule").sum())
    below = int((~answer.places["meets_norm"].astype(bool)).sum())
    return text("norm.rules", lang, n=by_rule, below=below) if by_rule else ""


def cost_words(answer: NormAnswer, lang: str) -> str:
    """What the new places cost in a year; empty without a figure for a place."""
    if answer.cost is None:
        return ""
    each = format_number(answer.request.cost, lang)
    return text("norm.cost", lang, cost=format_number(answer.cost, lang), each=each)


def model_words(answer: NormAnswer, lang: str) -> list[str]:
    """What the norm is taken to mean, as caveats."""
    request, norm = answer.request, count("births", answer.request.births, lang)
    told = [text("norm.model" if request.keeps else "norm.model.anew", lang, norm=norm)]
    if request.deprived != 1:
        told.append(text("norm.deprived", lang, times=format_number(request.deprived, lang, 1)))
    covered = get_service(answer.analysis.query.service).area_covers
    if "article9" in request.rules and covered and region().planning:
        level = region().planning
        words = {"planning": text(f"level.{level}", lang), "plural": text(f"level.{level}.plural", lang)}
        told.append(text("norm.article9", lang, article=text(f"headline.service.{covered}", lang), **words))
    return [*told, text("norm.by_sector", lang)]


def all_words(answer: NormAnswer, lang: str) -> list[str]:
    """Whole answer, sentence by sentence."""
    told = (answer_words, rules_words, out_words, proof_words, cost_words)
    return [sentence for sentence in (say_it(answer, lang) for say_it in told) if sentence]
