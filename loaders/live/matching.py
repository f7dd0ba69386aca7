"""Which places of two registers are the same place: by name, address and distance.

Two rows of one service are the same place when

* they have the same address (postcode, street, number) and lie at most `ADDRESS_M` apart, or one has no point; or
* they lie at most `CLOSE_M` apart and their addresses do not contradict each other, or their names are alike; or
* they lie at most `NEAR_M` apart, their names are alike and their addresses do not contradict each other.

Every row has at most one partner: of all ways to pair them the one with the largest sum of scores is taken, so the
result does not depend on the order of rows. What speaks against a pair, and pairs that nearly are one, are conflicts
for a person to settle; nothing is dropped meanwhile.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from rapidfuzz import fuzz
from scipy.optimize import linear_sum_assignment

from loaders.catalogue.types import Floats
from loaders.live.places import xy_of
from loaders.protocols.spellings import plain_word

CLOSE_M, NEAR_M, ADDRESS_M = 50.0, 300.0, 1000.0
SAME_POINT_M = 100.0
"""Farther apart than this the two registers disagree about where a place is."""
ALIKE, UNLIKE = 80.0, 50.0
"""Similarity of names, 0–100, from which they are alike; below which they contradict."""
_STREET_ALIKE = 85.0
_SERVICE_WORDS = re.compile(
    r"\b(consultatiebureaus?|huis van het kind|huizen van het kind|kind en gezin|vzw|van|het|de|in)\b"
)


@dataclass(frozen=True)
class MatchedPairs:
    """Likeness of every row of one register with every row of another.

    Attributes
    ----------
    distance_m : (n, m), NaN where a point is missing
    name : (n, m) similarity of names 0–100
    address : (n, m) 1 same, -1 contradicting, 0 when one is incomplete
    """

    distance_m: Floats
    name: Floats
    address: Floats

    def same(self) -> npt.NDArray[np.bool_]:
        """(n, m) whether two rows are one place by the rules of this module."""
        with np.errstate(invalid="ignore"):
            close, near = self.distance_m <= CLOSE_M, self.distance_m <= NEAR_M
            by_address = (self.address > 0) & ~(self.distance_m > ADDRESS_M)
        alike, agreeing = self.name >= ALIKE, self.address >= 0
        return by_address | (close & (agreeing | alike)) | (near & alike & agreeing)

    def maybe(self) -> npt.NDArray[np.bool_]:
        """(n, m) whether two rows that are not one place by the rules may yet be."""
        with np.errstate(invalid="ignore"):
            close, near = self.distance_m <= CLOSE_M, self.distance_m <= NEAR_M
        return ~self.same() & (close | (near & (self.name >= ALIKE)) | (self.address > 0))

    def score(self) -> Floats:
        """(n, m) how much speaks for a pair."""
        far = np.where(np.isnan(self.distance_m), NEAR_M, np.minimum(self.distance_m, ADDRESS_M))
        return 100.0 * self.address + self.name - far / 10.0


def compare(a: pd.DataFrame, b: pd.DataFrame) -> MatchedPairs:
    """Likeness of the rows of two frames of candidates of one service."""
    xa, xb = xy_of(a), xy_of(b)
    distance = np.hypot(xa[:, None, 0] - xb[None, :, 0], xa[:, None, 1] - xb[None, :, 1])
    names_a, names_b = [_bare(n) for n in a["name"]], [_bare(n) for n in b["name"]]
    places_a, places_b = _addresses(a), _addresses(b)
    name, address = np.zeros(distance.shape), np.zeros(distance.shape)
    for i, j in zip(*np.nonzero(_worth_comparing(distance, a, b)), strict=True):
        name[i, j] = fuzz.token_set_ratio(names_a[i], names_b[j]) if names_a[i] and names_b[j] else 0.0
        address[i, j] = _same_address(places_a[i], places_b[j])
    return MatchedPairs(distance, name, address)


def _worth_comparing(distance: Floats, a: pd.DataFrame, b: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """(n, m) pairs near each other or in one postcode; the others are never the same place."""
    post_a, post_b = a["postcode"].to_numpy(dtype=object), b["postcode"].to_numpy(dtype=object)
    with np.errstate(invalid="ignore"):
        return np.asarray((distance <= NEAR_M) | ((post_a[:, None] == post_b[None, :]) & (post_a != "")[:, None]))


def _bare(name: str) -> str:
    """Name without the words every name has."""
    plain = plain_word(name)
    return " ".join(_SERVICE_WORDS.sub(" ", plain).split()) or plain


def _addresses(frame: pd.DataFrame) -> list[tuple[str, str, str]]:
    rows = zip(frame["postcode"], frame["street"], frame["number"], strict=True)
    return [(plain_word(p), plain_word(s), plain_word(n).replace(" ", "")) for p, s, n in rows]


def _same_address(a: tuple[str, str, str], b: tuple[str, str, str]) -> float:
    if not all(a) or not all(b):
        return 0.0
    same_house = a[0] == b[0] and a[2] == b[2]
    return 1.0 if same_house and fuzz.ratio(a[1], b[1]) >= _STREET_ALIKE else -1.0


def pair_up(pairs: MatchedPairs) -> list[tuple[int, int]]:
    """Rows of the two registers that are one place, each row at most once, best total score."""
    same = pairs.same()
    if not same.any():
        return []
    gain = np.where(same, pairs.score() + 1000.0, 0.0)
    rows, cols = linear_sum_assignment(gain, maximize=True)
    return [(int(i), int(j)) for i, j in zip(rows, cols, strict=True) if same[i, j]]
