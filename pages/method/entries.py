"""The figures that the page of the method explains: formula, source of the formula, and what limits it.

Definitions are the texts of the columns and measures themselves, so that the page, the tables and the files say the
same. Formulas have no language: b are children, c the travel to a place, r the reach, S the supply of a place.
"""

from __future__ import annotations

from dataclasses import dataclass

from i18n.texts import has_text, text
from layers.maps.scales.classes import ASKED, INDICATORS
from layers.notes.column_sources import rests_on


@dataclass(frozen=True)
class MethodEntry:
    """One figure.

    Attributes
    ----------
    name : column, measure or indicator, which is its anchor too
    formula : without words of a language
    cited : who wrote the formula; empty where it is ours or plain
    limits : keys of the sentences ``method.limit.<key>``
    page : page of the documentation on the subject
    """

    name: str
    formula: str
    limits: tuple[str, ...]
    page: str
    cited: str = ""

    def title(self, lang: str) -> str:
        """Name as people read it."""
        kinds = ("indicator", "measure", "column")
        return text(next(f"{kind}.{self.name}" for kind in kinds if has_text(f"{kind}.{self.name}")), lang)

    def definition(self, lang: str) -> str:
        """What it is, in the words of the tables and files."""
        kinds = ("measure", "column")
        return text(next(f"{kind}.{self.name}.help" for kind in kinds if has_text(f"{kind}.{self.name}.help")), lang)

    def unit(self, lang: str) -> str:
        """Unit on the map; empty for a figure that no map shows."""
        shown = {**INDICATORS, **ASKED}.get(self.name)
        return text(f"legend.unit.{shown.scale}", lang, who=text("subline.who.age0_2", lang)) if shown else ""

    def basis(self, lang: str) -> str:
        """What it rests on."""
        word = "reach" if self.name in ASKED and not has_text(f"column.{self.name}") else rests_on(self.name)
        return text(f"rests_on.{word}", lang)


_WAY = ("hectare", "border", "streets")
_CUTS = ("sliver", "unknown")
_SUPPLY = ("no_hours", "cliff", "all_children")

GROUPS: dict[str, tuple[MethodEntry, ...]] = {
    "children": (
        MethodEntry(
            "births", "b_i = B_m · w_i / Σ_{k∈m} w_k;  B_z = Σ_{i∈z} b_i", ("surface", "year"), "demand", "Tobler 1979"
        ),
        MethodEntry("n_facilities", "n_z = #{ j : j ∈ z }", ("territory", "known_whole"), "gaps"),
        MethodEntry("births_per_facility", "B_z / n_z", ("territory", "known_whole"), "gaps"),
    ),
    "reach": (
        MethodEntry("births_out_of_reach", "Σ_{i∈z} b_i · [min_j c_ij > r]", ("surface", *_WAY), "reach"),
        MethodEntry("share_in_reach", "Σ_{i∈z} b_i · [min_j c_ij ≤ r] / B_z", ("small", *_WAY), "reach"),
        MethodEntry("mean_minutes", "Σ_{i∈z} b_i · min_j c_ij / B_z", _WAY, "reach"),
        MethodEntry("median_minutes", "min{ t : Σ_{i∈z} b_i · [min_j c_ij ≤ t] ≥ 0.5 · B_z }", _WAY, "reach"),
        MethodEntry("p90_minutes", "min{ t : Σ_{i∈z} b_i · [min_j c_ij ≤ t] ≥ 0.9 · B_z }", _WAY, "reach"),
    ),
    "gap": (
        MethodEntry("gap", "s_z < s_min  ∨  R_1 ∨ … ∨ R_k", ("choice", "territory"), "gaps"),
        MethodEntry("gap_probability", "#{ t : gap_t } / T", ("draws", "facts"), "probability"),
    ),
    "access": (
        MethodEntry("nearest", "min_j c_ij", _WAY, "access"),
        MethodEntry("second", "min_{j ≠ j*} c_ij;  j* = argmin_j c_ij", _WAY, "access"),
        MethodEntry("count", "Σ_j [c_ij ≤ r]", ("cliff",), "access", "Ingram 1971, Regional Studies 5"),
        MethodEntry("together", "Σ_s [c_is ≤ r],  s : d(j, j′) ≤ 25 m", ("cliff",), "access"),
        MethodEntry(
            "gravity", "A_i = Σ_j S_j · f(c_ij)", _SUPPLY, "access", "Hansen 1959, J. American Inst. of Planners 25"
        ),
        MethodEntry(
            "2sfca",
            "R_j = S_j / Σ_i b_i f(c_ij);  A_i = Σ_j R_j f(c_ij);  f = 1 ≤ r",
            _SUPPLY,
            "access",
            "Luo & Wang 2003, Environment and Planning B 30",
        ),
        MethodEntry(
            "e2sfca",
            "R_j = S_j / Σ_i b_i f(c_ij);  A_i = Σ_j R_j f(c_ij);  f = 1, 0.68, 0.22",
            _SUPPLY,
            "access",
            "Luo & Qi 2009, Health & Place 15",
        ),
        MethodEntry(
            "3sfca",
            "g_ij = f(c_ij) / Σ_k f(c_ik);  R_j = S_j / Σ_i b_i g_ij f(c_ij);  A_i = Σ_j R_j g_ij f(c_ij)",
            _SUPPLY,
            "access",
            "Wan, Zou & Sternberg 2012, IJGIS 26",
        ),
        MethodEntry(
            "bfca",
            "L_j = S_j / Σ_i b_i u_ij;  A_i = Σ_j L_j v_ij;  u_ij = f_ij / Σ_k f_ik,  v_ij = f_ij / Σ_k f_kj",
            _SUPPLY,
            "access",
            "Páez, Higgins & Vivona 2019, PLoS ONE 14",
        ),
        MethodEntry(
            "availability",
            "V_i = Σ_j S_j · b_i f_ij / Σ_k b_k f_kj",
            _SUPPLY,
            "access",
            "Soukhov, Páez, Higgins & Mohamed 2023, PLoS ONE 18",
        ),
    ),
    "inequality": (
        MethodEntry("gini", "1 − Σ_k (P_k − P_{k−1}) (L_k + L_{k−1})", ("equally_far",), "inequality", "Gini 1912"),
        MethodEntry("palma", "ȳ(P > 0.9) / ȳ(P ≤ 0.4)", ("equally_far",), "inequality", "Palma 2011"),
    ),
    "comparison": (
        MethodEntry("births_gained", "Σ_i b_i · [c⁰_i > r⁰ ∧ c¹_i ≤ r¹]", ("cells",), "scenarios"),
        MethodEntry("births_lost", "Σ_i b_i · [c⁰_i ≤ r⁰ ∧ c¹_i > r¹]", ("cells",), "scenarios"),
    ),
    "overlap": (
        MethodEntry("nesting_of_a", "max_b B(a ∩ b) / B(a)", _CUTS, "overlap"),
        MethodEntry("parts_of_a", "#{ b : B(a ∩ b) ≥ 0.01 · B(a) }", _CUTS, "overlap"),
        MethodEntry(
            "effective_parts_of_a", "(Σ_b s_b)² / Σ_b s_b²", ("sliver", "unknown"), "overlap", "Laakso & Taagepera 1979"
        ),
    ),
}
"""Figures by subject, in the order in which a reader meets them."""

LIMITS = tuple(dict.fromkeys(key for entries in GROUPS.values() for entry in entries for key in entry.limits))
"""Keys of all sentences on limits."""
