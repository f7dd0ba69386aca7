"""Styles that travel inside a GeoPackage: the classes and colours of our maps, for QGIS (QML) and others (SLD)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from xml.sax.saxutils import escape, quoteattr

import pandas as pd

from i18n.texts import text
from layers.maps.scales.classes import INDICATORS, NO_DATA_COLOUR, Legend, legend_for
from layers.notes.notes import describe_column

_EDGE = "#5c6b73"
_SHOWN_FIRST = ("births_out_of_reach", "share_in_reach", "gap", "mean_distance_m", "n_facilities", "births")


@dataclass(frozen=True)
class LayerStyle:
    """One style of a layer: what it is called, and how QGIS and other programs draw it."""

    name: str
    qml: str
    sld: str


@dataclass(frozen=True)
class _Rule:
    """Zones of one class: the conditions on the column, the words and the colour; no condition for what is left."""

    low: float | None
    high: float | None
    label: str
    colour: str
    rest: bool = False


def layer_styles(table: pd.DataFrame, lang: str) -> list[LayerStyle]:
    """Styles for the indicators that a table has, the one to open with first; none where it has none of them."""
    styles = []
    for name in _SHOWN_FIRST:
        if name not in table or name not in INDICATORS or not table[name].notna().any():
            continue
        legend = legend_for(table, name)
        rules = list(_rules(legend, lang))
        title = describe_column(name, lang)["title"]
        styles.append(LayerStyle(title, _qml(name, rules), _sld(name, title, rules)))
    return styles


def _rules(legend: Legend, lang: str) -> Iterator[_Rule]:
    bounds: list[float | None] = [None, *legend.breaks, None]
    for (low, high), label, colour in zip(pairwise(bounds), legend.labels(lang), legend.colours, strict=True):
        yield _Rule(low, high, label, colour)
    yield _Rule(None, None, text("legend.no_data", lang), NO_DATA_COLOUR, rest=True)


def _condition(column: str, rule: _Rule) -> str:
    """Expression of QGIS; a bound belongs to the class above it."""
    if rule.rest:
        return "ELSE"
    parts = [f'"{column}" IS NOT NULL']
    if rule.low is not None:
        parts.append(f'"{column}" >= {rule.low!r}')
    if rule.high is not None:
        parts.append(f'"{column}" < {rule.high!r}')
    return " AND ".join(parts)


def _rgba(colour: str) -> str:
    return ",".join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5)) + ",255"


def _qml(column: str, rules: list[_Rule]) -> str:
    told = "".join(
        f'<rule key="{{{column}-{n}}}" symbol="{n}" label={quoteattr(rule.label)} '
        f"filter={quoteattr(_condition(column, rule))}/>"
        for n, rule in enumerate(rules)
    )
    symbols = "".join(
        f'<symbol name="{n}" type="fill" alpha="1" clip_to_extent="1" force_rhr="0">'
        '<layer class="SimpleFill" enabled="1" locked="0" pass="0"><Option type="Map">'
        f'<Option name="color" type="QString" value="{_rgba(rule.colour)}"/>'
        f'<Option name="outline_color" type="QString" value="{_rgba(_EDGE)}"/>'
        '<Option name="outline_style" type="QString" value="solid"/>'
        '<Option name="outline_width" type="QString" value="0.1"/>'
        '<Option name="outline_width_unit" type="QString" value="MM"/>'
        '<Option name="style" type="QString" value="solid"/>'
        "</Option></layer></symbol>"
        for n, rule in enumerate(rules)
    )
    return (
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>"
        '<qgis version="3.28.0" styleCategories="Symbology">'
        '<renderer-v2 type="RuleRenderer" symbollevels="0" forceraster="0" enableorderby="0">'
        f'<rules key="{{{column}}}">'
        f"{told}</rules><symbols>{symbols}</symbols></renderer-v2><blendMode>0</blendMode></qgis>"
    )


def _sld(column: str, title: str, rules: list[_Rule]) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<StyledLayerDescriptor version="1.0.0" xmlns="http://www.opengis.net/sld" '
        'xmlns:ogc="http://www.opengis.net/ogc"><NamedLayer>'
        f"<Name>nabij</Name><UserStyle><Title>{escape(title)}</Title><FeatureTypeStyle>"
        + "".join(_sld_rule(column, rule) for rule in rules)
        + "</FeatureTypeStyle></UserStyle></NamedLayer></StyledLayerDescriptor>"
    )


def _sld_rule(column: str, rule: _Rule) -> str:
    name = f"<ogc:PropertyName>{column}</ogc:PropertyName>"
    tests = []
    if rule.low is not None:
        tests.append(_compared("PropertyIsGreaterThanOrEqualTo", name, rule.low))
    if rule.high is not None:
        tests.append(_compared("PropertyIsLessThan", name, rule.high))
    if rule.rest:
        tests.append(f"<ogc:PropertyIsNull>{name}</ogc:PropertyIsNull>")
    joined = "".join(tests) if len(tests) < 2 else f"<ogc:And>{''.join(tests)}</ogc:And>"
    where = f"<ogc:Filter>{joined}</ogc:Filter>" if tests else ""
    return (
        f"<Rule><Name>{escape(rule.label)}</Name>{where}<PolygonSymbolizer>"
        f'<Fill><CssParameter name="fill">{rule.colour}</CssParameter></Fill>'
        f'<Stroke><CssParameter name="stroke">{_EDGE}</CssParameter>'
        '<CssParameter name="stroke-width">0.3</CssParameter></Stroke></PolygonSymbolizer></Rule>'
    )


def _compared(test: str, name: str, value: float) -> str:
    return f"<ogc:{test}>{name}<ogc:Literal>{value!r}</ogc:Literal></ogc:{test}>"
