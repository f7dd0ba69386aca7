"""What a process that searches says, a line of JSON each: steps, proposals, and how it ended."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from coverage.siting.solvers.basis.control import Progress
from i18n.errors import DataError
from i18n.messages import Message, Reason
from layers.views.ahead_view import FrontierView, WhyView
from layers.views.propose_view import PlaceView, ProposalView

MAX_LINE_BYTES = 8_000_000
"""No proposal is longer."""


def line(kind: str, value: object = None) -> bytes:
    """One line of an answer.

    Parameters
    ----------
    kind : ``ready``, ``step``, ``found``, ``frontier``, ``why``, ``refused``, ``memory``, ``fault`` or ``done``
    value : what goes with it: of a refusal the sentence, of a fault the trace
    """
    return json.dumps({"kind": kind, "value": value}).encode() + b"\n"


def of_step(step: Progress) -> dict[str, Any]:
    """Progress as JSON."""
    return asdict(step)


def of_proposal(proposal: ProposalView) -> dict[str, Any]:
    """Proposal as JSON."""
    return asdict(proposal)


def of_view(view: FrontierView | WhyView) -> dict[str, Any]:
    """What looks ahead as JSON."""
    return asdict(view)


def read_line(content: bytes) -> tuple[str, Any]:
    """Kind and value of a line.

    Raises
    ------
    DataError
        when it is not one of ours
    """
    try:
        content_of_line = json.loads(content)
        kind, value = content_of_line["kind"], content_of_line["value"]
        if kind == "step":
            return kind, _step(value)
        read = {"found": _proposal, "frontier": _frontier, "why": _why}.get(str(kind))
        return str(kind), value if read is None else read(value)
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(Message("search.unreadable", error=Reason(error))) from error


def _step(value: dict[str, Any]) -> Progress:
    return Progress(float(value["seconds"]), _number(value["incumbent"]), _number(value["bound"]), str(value["stage"]))


def _number(value: object) -> float | None:
    return None if value is None else float(str(value))


def _frontier(value: dict[str, Any]) -> FrontierView:
    return FrontierView(
        picture=str(value["picture"]),
        alt=str(value["alt"]),
        sentences=tuple(map(str, value["sentences"])),
        heads=tuple(map(str, value["heads"])),
        rows=tuple(tuple(map(str, row)) for row in value["rows"]),
    )


def _why(value: dict[str, Any]) -> WhyView:
    return WhyView(tuple(map(str, value["sentences"])), float(value["lat"]), float(value["lon"]))


def _proposal(value: dict[str, Any]) -> ProposalView:
    places = tuple(
        PlaceView(
            int(one["number"]),
            str(one["name"]),
            float(one["lat"]),
            float(one["lon"]),
            tuple(map(str, one["sentences"])),
        )
        for one in value["places"]
    )
    return ProposalView(
        headline=str(value["headline"]),
        where=str(value["where"]),
        compared=str(value["compared"]),
        proof=str(value["proof"]),
        proven=bool(value["proven"]),
        places=places,
        closing=str(value["closing"]),
        summary=tuple(map(str, value["summary"])),
        edits=tuple(dict(one) for one in value["edits"]),
    )
