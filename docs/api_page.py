"""The page of the Python functions that others may build on; their text stands with the functions."""

from __future__ import annotations

from importlib import import_module

from page_parts import NOTE

PUBLIC: dict[str, tuple[str, tuple[str, ...]]] = {
    "Access": (
        "How far, how much, and how equally. Coordinates are in metres in one planar system.",
        (
            "coverage.access.nearest_facilities.nearest",
            "coverage.access.nearest_facilities.Nearest",
            "coverage.access.nearest_facilities.floating_catchment",
            "coverage.access.nearest_facilities.gini",
        ),
    ),
    "Siting": (
        "The classical location problems, each with its proven bound and gap, and what greedy would have picked. "
        "`cost` is `(n_demand, n_facility)`, dense with `inf` or sparse with absent entries out of reach.",
        (
            "coverage.siting.lscp",
            "coverage.siting.mclp",
            "coverage.siting.p_median",
            "coverage.siting.p_center",
            "coverage.siting.facility_location",
            "coverage.siting.SitingResult",
            "coverage.siting.Rules",
            "coverage.siting.Quota",
        ),
    ),
    "Zones": (
        "Two divisions of the same cells laid over each other.",
        ("coverage.zones.sums.overlap",),
    ),
}
"""Names that stay when the code below them moves, by subject."""


def public_names() -> dict[str, list[str]]:
    """Public names by subject, those that this version has."""
    return {subject: [name for name in names if _exists(name)] for subject, (_, names) in PUBLIC.items()}


def _exists(name: str) -> bool:
    module, _, attribute = name.rpartition(".")
    return callable(getattr(import_module(module), attribute, None))


def api_page() -> str:
    """Page with a directive of mkdocstrings for every public name."""
    parts = [
        NOTE,
        "# Python\n",
        "The science is plain functions over arrays, importable from a checkout: no snapshot, no server and no "
        "network. What stands on this page keeps its name and its meaning from one release to the next; what does not "
        "may change. Every example is run by the tests.\n",
        "```python\nfrom coverage.access.nearest_facilities import nearest\nfrom coverage.siting import mclp\n```\n",
    ]
    for subject, names in public_names().items():
        if names:
            parts += [f"## {subject}\n", f"{PUBLIC[subject][0]}\n", *(f"::: {name}\n" for name in names)]
    return "\n".join(parts)
