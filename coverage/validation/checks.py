"""The self-proof: answers that are known beforehand, against what nabij works out.

A proof is a function that yields `ValidationCheck`s; `proves` puts it on the list that ``nabij verify`` runs. A module
that holds proofs is named in `MODULES`. The title of a check stands in the texts under ``proof.<id>``.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from i18n.errors import MissingFileError
from i18n.messages import Message

if TYPE_CHECKING:
    from loaders.snapshot.reader import Snapshot

Group = Literal["published", "worked", "identity", "world"]
"""Published by others; worked out by hand; a law that must hold; a made-up world with an answer in closed form."""

MODULES = (
    "coverage.validation.published",
    "coverage.validation.reports",
    "coverage.validation.people",
    "coverage.validation.siting_optima",
    "coverage.validation.worked_cases",
    "coverage.validation.closed_form_worlds",
    "coverage.validation.travel_worlds",
    "coverage.validation.street_worlds",
    "coverage.validation.street_pairs",
    "coverage.validation.measured_trips",
    "coverage.validation.identities",
)
"""Modules whose import puts proofs on the list, in the order they are told."""

BENCH_VARIABLE = "NABIJ_BENCH"
"""Environment variable with the folder of published results."""

PUBLISHED = "expected.json"
DOUBLE = 1e-12
"""Relative difference that is a matter of rounding."""

SHOWN = 4
"""Values of a list that are shown."""


@dataclass(frozen=True)
class ValidationCheck:
    """One answer known beforehand, and ours.

    Attributes
    ----------
    group : why the answer is known
    id : key of its title in the texts
    source : who published it, or the law or formula it follows from
    expected, actual : the values as they are shown
    holds : whether they agree as far as they should
    """

    group: Group
    id: str
    source: str
    expected: str
    actual: str
    holds: bool


@dataclass(frozen=True)
class ProofContext:
    """What proofs may rest on.

    Attributes
    ----------
    snapshot : the figures nabij works from
    bench : folder with published results, None where there is none
    """

    snapshot: Snapshot
    bench: Path | None

    @cached_property
    def published(self) -> dict[str, Any]:
        """Published values by set; empty where there is no folder."""
        if self.bench is None:
            return {}
        import json

        values: dict[str, Any] = json.loads((self.bench / PUBLISHED).read_text(encoding="utf-8"))
        return values


Proof = Callable[[ProofContext], Iterable[ValidationCheck]]
_PROOFS: dict[str, Proof] = {}


def proves(proof: Proof) -> Proof:
    """Put a proof on the list."""
    _PROOFS[f"{proof.__module__}.{proof.__qualname__}"] = proof
    return proof


def prove(context: ProofContext) -> Iterator[ValidationCheck]:
    """Run all proofs; a check that misses is told like any other."""
    for module in MODULES:
        importlib.import_module(module)
        for name, proof in list(_PROOFS.items()):
            if name.startswith(f"{module}."):
                yield from proof(context)


def find_bench(given: Path | None = None) -> Path | None:
    """Folder with published results: the one given, that of ``NABIJ_BENCH``, or ``shared/bench`` beside the checkout.

    Raises
    ------
    MissingFileError
        when a folder was asked for and holds no published results
    """
    asked = given or (Path(os.environ[BENCH_VARIABLE]) if os.environ.get(BENCH_VARIABLE) else None)
    folder = asked or Path(__file__).resolve().parents[3] / "shared" / "bench"
    if (folder / PUBLISHED).is_file():
        return folder
    if asked is None:
        return None
    raise MissingFileError(Message("error.command.no_published", folder=str(asked), file=PUBLISHED))


def compare(
    group: Group,
    name: str,
    source: str,
    expected: npt.ArrayLike,
    actual: npt.ArrayLike,
    *,
    within: float | None = None,
    margin: npt.ArrayLike | None = None,
) -> ValidationCheck:
    """Compare numbers.

    Parameters
    ----------
    group, name, source : see `ValidationCheck`
    expected : value or values known beforehand
    actual : ours, of the same shape
    within : largest relative difference
    margin : largest absolute difference, of the shape of ``expected``. Without ``within`` and ``margin`` every
        digit that ``expected`` was written with must agree
    """
    wanted, ours = np.atleast_1d(np.asarray(expected, float)), np.atleast_1d(np.asarray(actual, float))
    if wanted.shape != ours.shape:
        return ValidationCheck(group, name, source, _show(wanted), _show(ours), holds=False)
    decimals = max(_decimals(value) for value in wanted)
    printed = within is None and margin is None
    slack = 0.5 * 10.0**-decimals if printed else np.asarray(0.0 if margin is None else margin, dtype=np.float64)
    allowed = np.maximum(slack, (DOUBLE if within is None else within) * np.abs(wanted))
    holds = bool((np.abs(ours - wanted) <= allowed * (1 + DOUBLE)).all())
    places = decimals if printed and decimals <= SHOWN else None
    return ValidationCheck(group, name, source, _show(wanted, places), _show(ours, places), holds)


def between(group: Group, name: str, source: str, bounds: tuple[float, float], actual: float) -> ValidationCheck:
    """Check that a number lies within bounds known beforehand, their ends included."""
    least, most = bounds
    holds = bool(least <= actual <= most)
    return ValidationCheck(group, name, source, f"{least:.6g}–{most:.6g}", f"{actual:.6g}", holds)


def _decimals(value: float) -> int:
    exponent = Decimal(repr(float(value))).normalize().as_tuple().exponent
    return max(0, -int(exponent))


def _show(values: npt.NDArray[np.float64], decimals: int | None = None) -> str:
    shown = [f"{v:.{decimals}f}" if decimals is not None else f"{v:.10g}" for v in values[:SHOWN]]
    return " ".join(shown) + (f" … ({len(values)})" if len(values) > SHOWN else "")
