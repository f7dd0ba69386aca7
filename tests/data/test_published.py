"""Published answers about access, and the answers on the embedded snapshot that the field reports ask for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from coverage.core.demand import surface
from coverage.partnerships.rule import house_rule
from coverage.validation import checks
from coverage.validation.checks import ProofContext, ValidationCheck, prove
from coverage.zones.partition_overlap import between
from coverage.zones.territory import Territory
from loaders.lists.facilities.facility_choice import load_facilities
from loaders.snapshot.reader import Snapshot

ACCESS = {
    "2sfca_belo_horizonte": 1,
    "bfca_belo_horizonte": 1,
    "gravity_belo_horizonte": 2,
    "gini_belo_horizonte": 1,
    "theil_belo_horizonte": 1,
    "availability_toy": 1,
    "2sfca_hospitals": 4,
    "e2sfca_hospitals": 4,
    "3sfca_hospitals": 4,
}
"""Published values about access by check, and how often each is compared."""


@pytest.fixture(scope="module")
def published(shared_dir: Path, embedded: Snapshot) -> list[ValidationCheck]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checks, "MODULES", ("coverage.validation.published",))
        return list(prove(ProofContext(embedded, shared_dir / "bench")))


@pytest.mark.parametrize(("name", "times"), ACCESS.items())
def test_published_value_is_reproduced_to_the_printed_digits(
    published: list[ValidationCheck], name: str, times: int
) -> None:
    own = [check for check in published if check.id == name]
    assert len(own) == times
    assert all(check.holds for check in own), own


def test_care_region_oostende_is_cut_very_unequally_by_three_circles(embedded: Snapshot) -> None:
    """Field report: Middenkust, IJzerstreek & Westkust and Houtland cut through care region Oostende."""
    areas = (("care_region", "oostende"),)
    found = between(Territory(embedded), surface(embedded), ("care_region", "gp_circle"), 2025, areas)
    assert found.table["name_b"].tolist() == [
        "Huisartsenkring Middenkust",
        "Huisartsenkring Houtland",
        "Huisartsenkring IJzerstreek en Westkust",
    ]
    # Bredene and Oostende; Gistel and Oudenburg; Middelkerke (births of 2025)
    assert found.table["births"].tolist() == [106 + 572, 97 + 91, 75]
    assert (found.table["parts_of_a"] == 3).all()
    assert found.nesting_a == pytest.approx((678 / 941, 678 / 941))


def test_44_partnerships_cover_no_bureau(embedded: Snapshot) -> None:
    """Published: 44 of 227 Huizen van het Kind have no consultation bureau on their territory."""
    table = house_rule(embedded, load_facilities(embedded, "illustrative"))
    assert len(table) == 227
    assert table["violations"].str.contains("covers_no_bureau").sum() == 44
    documented: Any = house_rule(embedded, load_facilities(embedded, "documented")).set_index("house_id")
    assert documented.loc["documented-house-boom", ["covers_bureau", "within_care_region"]].tolist() == [True, True]
