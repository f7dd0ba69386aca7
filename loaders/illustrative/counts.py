"""How many illustrative bureaus and houses each municipality of 2019 gets, so that the published totals come out.

Nothing is drawn at random: every choice follows births, borders and what is documented, with the NIS code as the last
word on a tie.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from i18n.errors import DataError
from loaders.catalogue.regions.region_file import built_in
from loaders.illustrative.known_facts import Known

N_PARTNERSHIPS = 227
N_SERVED = 294
N_INTERMUNICIPAL = 29
N_WITHOUT_BUREAU = 44
N_PHYSICAL = 132
N_BUREAUS = 340
N_BUREAUS_BRUSSELS = 19
N_BRUSSELS_PARTNERSHIPS = 5
"""Our assumption: Dutch-speaking houses in Brussels each serve three or four of its nineteen municipalities."""
BIRTHS_PER_HOUSE_PLACE = 1500
"""Our assumption: a physical house has one place per so many births, at least one."""

Pair = tuple[str, str]


@dataclass(frozen=True)
class PlannedMunicipalities:
    """The municipalities of 2019 the plan works with.

    Attributes
    ----------
    births : births by municipality
    neighbours : pairs that share a border, both ways round
    primary_care_zone : zone by municipality
    care_region : documented care region by municipality, absent where none is known
    """

    births: Mapping[str, float]
    neighbours: frozenset[Pair]
    primary_care_zone: Mapping[str, str]
    care_region: Mapping[str, str]

    def brussels(self) -> list[str]:
        """Municipalities of Brussels."""
        part = built_in().exceptions[0]
        return [nis for nis in sorted(self.births) if part.first <= nis <= part.last]

    def total(self, members: Collection[str]) -> float:
        """Births of several municipalities together."""
        return sum(self.births[nis] for nis in sorted(members))

    def alike(self, a: str, b: str) -> bool:
        """Whether two municipalities may share a house: neighbours, same primary care zone and care region."""
        return (
            (a, b) in self.neighbours
            and self.primary_care_zone[a] == self.primary_care_zone[b]
            and self.care_region.get(a) == self.care_region.get(b)
        )


@dataclass(frozen=True)
class Partnership:
    """One Huis van het Kind.

    Attributes
    ----------
    members : municipalities of 2019 it serves; the first one leads
    has_bureau : whether a bureau stands on its territory
    physical : whether families can walk in somewhere
    """

    members: tuple[str, ...]
    has_bureau: bool = True
    physical: bool = False


@dataclass(frozen=True)
class Plan:
    """Partnerships, and the number of bureaus and of house places by municipality."""

    partnerships: tuple[Partnership, ...]
    bureaus: Mapping[str, int]
    house_places: Mapping[str, int]


def plan(region: PlannedMunicipalities, known: Known) -> Plan:
    """Divide houses and bureaus over the municipalities.

    Raises
    ------
    DataError
        when the facts leave no division that meets the published totals
    """
    marked = _without_bureau(_partnerships(region, known), region, known)
    partnerships = _physical(marked, region, known)
    return Plan(partnerships, _bureaus(partnerships, region, known), _house_places(partnerships, region, known))


def _led(members: Collection[str], region: PlannedMunicipalities) -> tuple[str, ...]:
    """Members by births, most first."""
    return tuple(sorted(members, key=lambda nis: (-region.births[nis], nis)))


def _partnerships(region: PlannedMunicipalities, known: Known) -> list[Partnership]:
    """Form the 227 partnerships: documented groups, Brussels, small neighbours together, everyone else alone."""
    groups = [*known.partnerships, *divide_brussels(region)]
    taken = {nis for group in groups for nis in group}
    unserved = _unserved(region, known, taken)
    free = {nis for nis in region.births if nis not in taken | unserved}
    loners = free & (known.house | set(known.bureaus_exact))
    n_members = N_SERVED - (N_PARTNERSHIPS - N_INTERMUNICIPAL) - len(taken)
    groups += join_small(region, free - loners, N_INTERMUNICIPAL - len(groups), n_members)
    taken = {nis for group in groups for nis in group}
    groups += [(nis,) for nis in sorted(free - taken)]
    return [Partnership(_led(group, region)) for group in sorted(groups, key=lambda g: _led(g, region)[0])]


def divide_brussels(region: PlannedMunicipalities) -> list[tuple[str, ...]]:
    """Divide Brussels into connected groups of nearly equal size, starting where few neighbours are left."""
    free = set(region.brussels())
    adjacent = {nis: {b for a, b in region.neighbours if a == nis and b in free} for nis in free}
    groups = []
    for number in range(N_BRUSSELS_PARTNERSHIPS, 0, -1):
        size = -(-len(free) // number)
        group: list[str] = []
        while len(group) < size:
            border = {b for a in group for b in adjacent[a]} & free or free
            pick = min(border, key=lambda nis: (len(adjacent[nis] & free), nis))
            group.append(pick)
            free.remove(pick)
        groups.append(tuple(group))
    return groups


def _unserved(region: PlannedMunicipalities, known: Known, taken: Collection[str]) -> set[str]:
    """Municipalities that no house serves: the smallest of which nothing says that they have one."""
    free = [n for n in region.births if n not in known.house and n not in known.bureaus_exact and n not in taken]
    smallest = sorted(free, key=lambda nis: (region.births[nis], nis))
    return set(smallest[: len(region.births) - N_SERVED])


def join_small(region: PlannedMunicipalities, free: set[str], n_groups: int, n_members: int) -> list[tuple[str, ...]]:
    """Let the smallest like neighbours share a house until ``n_groups`` hold ``n_members`` municipalities."""
    pairs = sorted(
        (pair for pair in region.neighbours if pair[0] < pair[1] and set(pair) <= free and region.alike(*pair)),
        key=lambda pair: (region.total(pair), pair),
    )
    groups: list[tuple[str, ...]] = []
    left = set(free)
    for pair in pairs:
        if len(groups) < n_groups and set(pair) <= left:
            groups.append(pair)
            left -= set(pair)
    spare = n_members - 2 * len(groups)
    while spare > 0:
        joins = [
            (len(group), region.births[nis], nis, i)
            for i, group in enumerate(groups)
            for nis in sorted(left)
            if any(region.alike(nis, member) for member in group)
        ]
        if not joins:
            break
        _, _, nis, i = min(joins)
        groups[i] += (nis,)
        left.remove(nis)
        spare -= 1
    if len(groups) != n_groups or spare != 0:
        raise DataError(
            f"The documented intermunicipal houses leave {n_groups} groups of {n_members} municipalities to "
            "form, which is not possible; check the partners in documented_facilities.csv."
        )
    return groups


def _without_bureau(houses: Sequence[Partnership], region: PlannedMunicipalities, known: Known) -> list[Partnership]:
    """Mark the 44 partnerships without a bureau: those documented so, then the smallest that may lack one."""
    some = {n for n, k in known.bureaus_exact.items() if k} | set(known.bureaus_min) | known.bureau_in_house
    none = {n for n, k in known.bureaus_exact.items() if not k} | known.bureaus_none
    forced = [h for h in houses if set(h.members) <= none]
    open_ = [h for h in houses if h not in forced and not some & set(h.members)]
    open_.sort(key=lambda h: (region.total(h.members), h.members))
    lacking = {h.members for h in [*forced, *open_[: max(0, N_WITHOUT_BUREAU - len(forced))]]}
    _require(len(lacking), N_WITHOUT_BUREAU, "houses without a bureau on their territory")
    return [replace(h, has_bureau=h.members not in lacking) for h in houses]


def _physical(houses: Sequence[Partnership], region: PlannedMunicipalities, known: Known) -> tuple[Partnership, ...]:
    """Mark the 132 partnerships with a physical place: those documented so, then the largest that may have one."""
    with_place = {n for n, yes in known.physical.items() if yes} | known.bureau_in_house
    without = {n for n, yes in known.physical.items() if not yes}
    forced = [h for h in houses if set(h.members) & with_place]
    open_ = [h for h in houses if h not in forced and not set(h.members) <= without]
    open_ = [h for h in open_ if not set(h.members) & without]
    open_.sort(key=lambda h: (-region.total(h.members), h.members))
    chosen = {h.members for h in [*forced, *open_[: max(0, N_PHYSICAL - len(forced))]]}
    _require(len(chosen), N_PHYSICAL, "houses with a physical place")
    return tuple(replace(h, physical=h.members in chosen) for h in houses)


def _bureaus(houses: Sequence[Partnership], region: PlannedMunicipalities, known: Known) -> dict[str, int]:
    """Divide the bureaus by births (Sainte-Laguë: highest births / (2 n + 1)), on top of what must be there."""
    barred = {nis for house in houses if not house.has_bureau for nis in house.members} | known.bureaus_none
    fixed = {nis: n for nis, n in known.bureaus_exact.items() if n or nis not in barred}
    start = {nis: 0 for nis in region.births if nis not in barred and nis not in fixed}
    start |= {nis: n for nis, n in known.bureaus_min.items() if nis in start}
    for house in houses:
        able = [nis for nis in house.members if nis in start or fixed.get(nis)]
        if house.has_bureau and able and not any(start.get(n, 0) + fixed.get(n, 0) for n in able):
            start[able[0]] = 1
    brussels = set(region.brussels())
    inside = {nis: n for nis, n in start.items() if nis in brussels}
    outside = {nis: n for nis, n in start.items() if nis not in brussels}
    seats = N_BUREAUS - N_BUREAUS_BRUSSELS - sum(fixed.values())
    return fixed | divide_seats(inside, region, N_BUREAUS_BRUSSELS) | divide_seats(outside, region, seats)


def divide_seats(start: Mapping[str, int], region: PlannedMunicipalities, seats: int) -> dict[str, int]:
    """Hand out ``seats`` by the highest births / (2 n + 1), on top of what each has at the start."""
    given = dict(start)
    left = seats - sum(given.values())
    if left < 0:
        raise DataError(
            f"The public facts ask for {-left} more bureaus than the {N_BUREAUS} counted; "
            "check documented_facilities.csv."
        )
    heap = [(-region.births[nis] / (2 * n + 1), nis) for nis, n in given.items()]
    heapq.heapify(heap)
    for _ in range(left):
        _, nis = heap[0]
        given[nis] += 1
        heapq.heapreplace(heap, (-region.births[nis] / (2 * given[nis] + 1), nis))
    return given


def _house_places(houses: Sequence[Partnership], region: PlannedMunicipalities, known: Known) -> dict[str, int]:
    """Places of every physical house: where they are documented, else with the member that has most births."""
    brussels = set(region.brussels())
    places: dict[str, int] = {}
    for house in (h for h in houses if h.physical):
        stated = [nis for nis in house.members if known.physical.get(nis)]
        able = [nis for nis in house.members if known.physical.get(nis) is not False]
        for nis in stated or able[:1]:
            size = 1 if nis in brussels else round(region.births[nis] / BIRTHS_PER_HOUSE_PLACE)
            places[nis] = max(1, size, known.house_places.get(nis, 1))
    return places


def _require(number: int, wanted: int, what: str) -> None:
    if number != wanted:
        raise DataError(
            f"The facts allow {number} {what} where {wanted} were counted; check documented_facilities.csv."
        )
