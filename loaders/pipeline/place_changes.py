"""Which places of a register opened, closed, moved or got another name between two lists."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

Pairs = Sequence[tuple[int, int]]
MOVED_M = 50.0
"""A place whose point shifts by less did not move; its address was only located better."""
SAME_SITE_M = 100.0
"""A place that disappears under one number and name and appears under another this near is one and the same."""


@dataclass(frozen=True)
class PlaceDifference:
    """Difference of two lists of places.

    Attributes
    ----------
    opened, closed : rows of the new and of the old list
    moved : rows of the new list with ``metres``, how far
    renamed : rows of the new list with ``name_old``
    """

    opened: pd.DataFrame
    closed: pd.DataFrame
    moved: pd.DataFrame
    renamed: pd.DataFrame

    def named(self) -> Iterator[tuple[str, pd.DataFrame]]:
        """Yield the four lists with the key of their sentence."""
        yield from vars(self).items()


def compare_places(was: pd.DataFrame, now: pd.DataFrame) -> PlaceDifference:
    """Match places by id, then by service, name and municipality, then by service and site.

    Parameters
    ----------
    was, now : rows of existing places (`loaders.catalogue.columns.FACILITY_COLUMNS`)
    """
    was, now = (frame.reset_index(drop=True) for frame in (was, now))
    pairs = _pairs(was, now, lambda frame: frame["service"] + " " + frame["id"])
    pairs += _pairs(was, now, _by_name, pairs)
    pairs += _near(was, now, pairs)
    old, new = ([pair[side] for pair in pairs] for side in (0, 1))
    matched = now.loc[new].assign(
        metres=np.hypot(
            now.loc[new, "x"].to_numpy() - was.loc[old, "x"].to_numpy(),
            now.loc[new, "y"].to_numpy() - was.loc[old, "y"].to_numpy(),
        ),
        name_old=was.loc[old, "name"].to_numpy(),
        nis_old=was.loc[old, "nis2025"].to_numpy(),
    )
    elsewhere = (matched["nis2025"] != matched["nis_old"]) & matched["metres"].isna()
    moved = (matched["metres"] > MOVED_M) | elsewhere
    renamed = _plain(matched["name"]) != _plain(matched["name_old"])
    return PlaceDifference(
        opened=now.drop(index=new),
        closed=was.drop(index=old),
        moved=matched[moved],
        renamed=matched[renamed & ~moved],
    )


def _plain(names: pd.Series) -> pd.Series:
    return names.fillna("").astype(str).str.casefold().str.replace(r"\W+", " ", regex=True).str.strip()


def _by_name(frame: pd.DataFrame) -> pd.Series:
    plain = _plain(frame["name"])
    return (frame["service"] + " " + frame["nis2025"].fillna("") + " " + plain).where(plain != "")


def _pairs(
    was: pd.DataFrame, now: pd.DataFrame, key: Callable[[pd.DataFrame], pd.Series], taken: Pairs = ()
) -> list[tuple[int, int]]:
    """Positions in both lists whose key is the same and occurs once in each."""
    old, new = _left(was, now, taken)
    keys = key(old).dropna().drop_duplicates(keep=False), key(new).dropna().drop_duplicates(keep=False)
    where = pd.Series(keys[1].index, index=keys[1])
    return [(int(i), int(where[k])) for i, k in keys[0].items() if k in where.index]  # type: ignore[call-overload]


def _near(was: pd.DataFrame, now: pd.DataFrame, taken: Pairs) -> list[tuple[int, int]]:
    """Pairs of one service that stand within `SAME_SITE_M`, the nearest first."""
    old, new = _left(was, now, taken)
    gap = np.hypot(
        old["x"].to_numpy()[:, None] - new["x"].to_numpy()[None, :],
        old["y"].to_numpy()[:, None] - new["y"].to_numpy()[None, :],
    )
    gap[old["service"].to_numpy()[:, None] != new["service"].to_numpy()[None, :]] = np.inf
    pairs: list[tuple[int, int]] = []
    for flat in np.argsort(gap, axis=None, kind="stable"):
        i, j = divmod(int(flat), len(new))
        if not gap[i, j] <= SAME_SITE_M:
            break
        pair = int(old.index[i]), int(new.index[j])
        if pair[0] not in {p[0] for p in pairs} and pair[1] not in {p[1] for p in pairs}:
            pairs.append(pair)
    return pairs


def _left(was: pd.DataFrame, now: pd.DataFrame, taken: Pairs) -> tuple[pd.DataFrame, pd.DataFrame]:
    return was.drop(index=[pair[0] for pair in taken]), now.drop(index=[pair[1] for pair in taken])
