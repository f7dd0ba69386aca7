"""Grammar of sentences, at the extremes: none, one, unknown, all, Brussels, Herstappe."""

from __future__ import annotations

import pytest

from i18n.errors import InputError
from i18n.texts import LANGUAGES
from layers.sentences import (
    capital,
    change,
    count,
    figure,
    listed,
    noun_for,
    of,
    part,
    say,
    sure,
    the,
    together,
    within,
)
from layers.sentences.amounts import shares_apart

NAN = float("nan")


@pytest.mark.parametrize(
    ("noun", "n", "nl", "en", "fr"),
    [
        ("municipality", 0, "geen enkele gemeente", "no municipalities", "aucune commune"),
        ("municipality", 1, "1 gemeente", "1 municipality", "1 commune"),
        ("municipality", 304, "304 gemeenten", "304 municipalities", "304 communes"),
        ("municipality", None, "een onbekend aantal gemeenten", "an unknown number of municipalities",
         "un nombre inconnu de communes"),
        ("babies", 244.8, "245 baby's", "245 babies", "245 bébés"),
        ("babies", 0.3, "minder dan 1 baby", "less than 1 baby", "moins d'un bébé"),
        ("births", 1.2, "1 geboorte", "1 birth", "1 naissance"),
        ("births", 1.6, "2 geboorten", "2 births", "2 naissances"),
        ("births", 0, "geen enkele geboorte", "no births", "aucune naissance"),
        ("children", 0, "geen enkel kind", "no children", "aucun enfant"),
        ("children", NAN, "een onbekend aantal kinderen", "an unknown number of children",
         "un nombre inconnu d'enfants"),
        ("bureau", 0, "geen consultatiebureau", "no consultation bureau", "aucun bureau de consultation"),
        ("house", 2, "2 fysieke Huizen van het Kind", "2 physical Huizen van het Kind",
         "2 Huizen van het Kind physiques"),
        ("births", 61234.4, "61.234 geboorten", "61,234 births", "61\u202f234 naissances"),
    ],
)  # fmt: skip
def test_amounts(noun: str, n: float | None, nl: str, en: str, fr: str) -> None:
    """An amount agrees with its noun, is whole, and says none and unknown in words."""
    assert [count(noun, n, lang) for lang in LANGUAGES] == [nl, en, fr]


@pytest.mark.parametrize(
    ("n", "total", "nl", "en", "fr"),
    [
        (0, 244.8, "geen enkele van de 245 baby's", "none of the 245 babies", "aucun des 245 bébés"),
        (0.2, 30, "minder dan 1 van de 30 baby's", "less than 1 of the 30 babies", "moins de 1 sur 30 bébés"),
        (12.2, 244.8, "12 van de 245 baby's", "12 of the 245 babies", "12 des 245 bébés"),
        (244.7, 245.2, "vrijwel alle 245 baby's", "nearly all 245 babies", "presque tous les 245 bébés"),
        (245, 245, "alle 245 baby's", "all 245 babies", "la totalité des 245 bébés"),
        (1, 1, "de enige baby", "the only baby", "le seul bébé"),
        (0, 1, "geen enkele baby", "no babies", "aucun bébé"),
        (0, 0, "geen enkele baby", "no babies", "aucun bébé"),
        (0.2, 0.5, "minder dan 1 baby", "less than 1 baby", "moins d'un bébé"),
        (NAN, 12, "een onbekend aantal baby's", "an unknown number of babies", "un nombre inconnu de bébés"),
        (3, None, "3 baby's", "3 babies", "3 bébés"),
    ],
)  # fmt: skip
def test_parts(n: float | None, total: float | None, nl: str, en: str, fr: str) -> None:
    """A part of a whole is never told as all or none of it when it is not."""
    assert [part("babies", n, total, lang) for lang in LANGUAGES] == [nl, en, fr]


@pytest.mark.parametrize(
    ("level", "name", "within_nl", "within_fr", "of_fr"),
    [
        ("municipality", "Oudenburg", "in Oudenburg", "à Oudenburg", "d'Oudenburg"),
        ("municipality", "Herstappe", "in Herstappe", "à Herstappe", "de Herstappe"),
        ("municipality", "Brussel", "in Brussel", "à Bruxelles", "de Bruxelles"),
        ("municipality", "Le Coq", "in Le Coq", "au Coq", "du Coq"),
        ("care_region", "Oostende", "in de zorgregio Oostende", "dans la région de soins d'Ostende",
         "de la région de soins d'Ostende"),
        ("gp_circle", "Houtland", "in de huisartsenkring Houtland", "dans le cercle de médecins généralistes Houtland",
         "du cercle de médecins généralistes Houtland"),
        ("arrondissement", "Aalst", "in het arrondissement Aalst", "dans l'arrondissement d'Alost",
         "de l'arrondissement d'Alost"),
        ("region", "Brussels Hoofdstedelijk Gewest", "in het gewest Brussels Hoofdstedelijk Gewest",
         "dans la région Brussels Hoofdstedelijk Gewest", "de la région Brussels Hoofdstedelijk Gewest"),
        ("drawn", "", "in het getekende gebied", "dans la zone dessinée", "de la zone dessinée"),
    ],
)  # fmt: skip
def test_names(level: str, name: str, within_nl: str, within_fr: str, of_fr: str) -> None:
    """A name takes its article, and French elides and merges."""
    assert within(level, name, "nl") == within_nl
    assert within(level, name, "fr") == within_fr
    assert of(the(level, name, "fr"), "fr") == of_fr


def test_a_municipality_has_the_name_that_the_reader_knows() -> None:
    """Only in sentences: no key goes by it; a hamlet of the same name keeps its own."""
    assert [within("municipality", "Brussel", lang) for lang in LANGUAGES] == [
        "in Brussel", "in Brussels", "à Bruxelles",
    ]  # fmt: skip
    assert the("care_region", "Oostende", "fr") == "la région de soins d'Ostende"
    assert the("neighbourhood", "Halle", "fr") == "le quartier Halle"
    assert the("municipality", "Herstappe", "fr") == "Herstappe"


def test_several_areas_are_named_while_they_are_few() -> None:
    """What somebody draws on the map holds more zones than a sentence names."""
    wijken = [("neighbourhood", name) for name in ("Kiel", "Zuid", "Dam", "Luchtbal")]
    assert together(wijken[:2], "nl") == "de wijk Kiel en de wijk Zuid"
    assert [together(wijken, lang) for lang in LANGUAGES] == [
        "het gebied van 4 wijken", "the area of 4 neighbourhoods", "la zone de 4 quartiers",
    ]  # fmt: skip
    towns = [("municipality", name) for name in ("Boom", "Niel", "Rumst", "Schelle")]
    assert together(towns, "nl") == "Boom, Niel, Rumst en Schelle"


@pytest.mark.parametrize(
    ("then", "now", "nl", "fr"),
    [
        (250, 245, "van 250 naar 245, 2\xa0% minder", "de 250 à 245, 2\xa0% de moins"),
        (80, 100, "van 80 naar 100, 25\xa0% meer", "de 80 à 100, 25\xa0% de plus"),
        (3, 1, "van 3 naar 1", "de 3 à 1"),
        (9, 10, "van 9 naar 10, 11\xa0% meer", "de 9 à 10, 11\xa0% de plus"),
        (0, 3, "van geen naar 3", "de zéro à 3"),
        (3, 0, "van 3 naar geen", "de 3 à zéro"),
        (3, 3.2, "nog altijd 3", "toujours 3"),
        (None, 2, "hoe dat veranderde, is niet bekend", "l'évolution n'est pas connue"),
    ],
)
def test_changes(then: float | None, now: float, nl: str, fr: str) -> None:
    """A change has no percentage of nothing, or of hardly anything."""
    assert [change(then, now, lang) for lang in ("nl", "fr")] == [nl, fr]


@pytest.mark.parametrize(
    ("probability", "nl"),
    [
        (1.0, "vrijwel zeker (meer dan 99\xa0%)"),
        (0.93, "heel waarschijnlijk (93\xa0%)"),
        (0.66, "waarschijnlijk (66\xa0%)"),
        (0.5, "ongeveer even waarschijnlijk als niet (50\xa0%)"),
        (0.2, "onwaarschijnlijk (20\xa0%)"),
        (0.05, "heel onwaarschijnlijk (5\xa0%)"),
        (0.0, "vrijwel uitgesloten (minder dan 1\xa0%)"),
        (NAN, "hoe zeker dat is, is niet bekend"),
    ],
)
def test_chances(probability: float, nl: str) -> None:
    """A share of draws is never told as certainty."""
    assert sure(probability, "nl") == nl


def test_lists_figures_and_capitals() -> None:
    """The rest of the grammar."""
    assert listed(["Niel"], "fr") == "Niel"
    assert listed(["Hemiksem", "Niel", "Schelle"], "nl", 2) == "Hemiksem, Niel en nog 1"
    assert [figure(value, "nl") for value in (0, 0.2, 0.7, 1234.5, None)] == ["0", "<1", "1", "1.234", "–"]
    assert [capital(word) for word in ("ijzerstreek", "oudenburg", "")] == ["IJzerstreek", "Oudenburg", ""]
    assert [noun_for(demand) for demand in ("births", "age0_2")] == ["babies", "children"]
    assert say("grammar.of", "fr", name="Oudenburg") == "d'Oudenburg"
    with pytest.raises(InputError):
        count("planet", 1, "nl")


@pytest.mark.parametrize(
    ("then", "now", "told"),
    [
        (0.0, 0.44, ("0\u00a0%", "44\u00a0%")),
        (0.928, 0.9336, ("92,8\u00a0%", "93,4\u00a0%")),  # Antwerpen with one place more: both would read 93 %
        (0.5, 0.5, ("50\u00a0%", "50\u00a0%")),
        (NAN, NAN, ("–", "–")),
    ],
)
def test_shares_before_and_after_read_apart(then: float, now: float, told: tuple[str, str]) -> None:
    assert shares_apart(then, now, "nl") == told
