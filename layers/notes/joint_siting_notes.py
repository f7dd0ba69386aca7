"""What a proposal for two services at once says about itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coverage.siting.planning.question.addresses import SAME_ADDRESS_M
from coverage.siting.planning.question.candidates import kind_words
from i18n.texts import DEFAULT_LANGUAGE, format_number, text
from layers.notes.notes import Notes
from layers.notes.site_notes import certainty_lines, counting_lines, question_words, same_as_greedy, told_notes
from layers.sentences.amounts import figure
from layers.sentences.travel_words import exact_words

if TYPE_CHECKING:
    from coverage.siting.planning.gains import Outcome
    from coverage.siting.planning.joint_siting import CompanyProposal
    from loaders.snapshot.reader import Snapshot


def describe_company(proposal: CompanyProposal, snapshot: Snapshot, lang: str = DEFAULT_LANGUAGE) -> Notes:
    """Describe the table of new places of two services.

    Parameters
    ----------
    proposal : the proposal
    snapshot : what it was worked out from
    lang : language of the texts
    """
    first, second = proposal.problems
    request, company = first.request, proposal.company
    count = len(proposal.addresses.candidates)
    kinds = proposal.addresses.candidates.frame["kind"]
    new = kinds[kinds != "address"]
    question = text(
        "site.asks.together",
        lang,
        n=format_number(request.add, lang),
        m=format_number(company.add, lang),
        others=text(f"service.{second.query.service}.plural", lang),
        other_reach=exact_words(second.query.reach_m, second.query, lang),
        **question_words(first.analysis, lang),
        candidates=text(f"site.candidates.{kind_words(new.iloc[0])}", lang),
        count=format_number(len(new), lang),
        there=format_number(count - len(new), lang),
    )
    caveats = [
        *company_lines(proposal, lang),
        text("site.together.address", lang, within=format_number(SAME_ADDRESS_M, lang)),
        *counting_lines(proposal.problems, lang),
    ]
    asked: dict[str, object] = {
        "--add": request.add,
        "--candidates": request.candidates,
        "--with": f"{company.service}:{company.add}",
        "--with-within": None if company.within_m is None else f"{company.within_m:.15g}",
        "--new-addresses": None if company.new_addresses is None else str(company.new_addresses),
        "--budget": request.budget,
        "--open-cost": None if request.budget is None else request.open_cost,
        "--address-cost": None if request.budget is None else company.address_cost,
    }
    return told_notes(first.analysis, snapshot, "site", lang, question, caveats, asked)


def company_lines(proposal: CompanyProposal, lang: str = DEFAULT_LANGUAGE) -> list[str]:
    """What the proposal does for each service, how sure it is the best, and which places share an address."""
    lines = [
        _effect(service, before, after, lang)
        for service, before, after in zip(proposal.services, proposal.before, proposal.after, strict=True)
    ]
    lines += certainty_lines(proposal.result, lang, proposal.hectare)
    asked = [proposal.problems[0].request.add, proposal.company.add]
    for service, wanted in zip(proposal.services, asked, strict=True):
        there = int((proposal.sites["service"] == service).sum())
        if there < wanted:
            told = {"n": format_number(there, lang), "asked": format_number(wanted, lang)}
            lines.append(text("site.together.fewer", lang, services=text(f"service.{service}.plural", lang), **told))
    if len(proposal.sites):
        shared = format_number(int(proposal.sites["shared"].sum()), lang)
        lines.append(text("site.together.shared", lang, shared=shared, n=format_number(len(proposal.sites), lang)))
    by_greedy, best = proposal.result.greedy_objective, proposal.result.objective
    if same_as_greedy(best - by_greedy):
        return [*lines, text("site.greedy.same", lang)]
    told = {"found": figure(by_greedy, lang), "difference": figure(best - by_greedy, lang)}
    return [*lines, text("site.together.greedy", lang, **told)]


def _effect(service: str, before: Outcome, after: Outcome, lang: str) -> str:
    return text(
        "site.together.effect",
        lang,
        services=text(f"service.{service}.plural", lang),
        before=figure(before.in_reach, lang),
        after=figure(after.in_reach, lang),
        total=figure(before.births, lang),
        mean_before=format_number(before.mean_m, lang),
        mean_after=format_number(after.mean_m, lang),
    )
