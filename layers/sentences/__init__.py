"""Sentences: how an amount, a place, a share, a change or a chance is said in Dutch, English and French.

Whatever says a figure in a sentence takes its turn of phrase from here, so that no reader meets *244.8 geboorten*,
*1 gemeenten*, *de Oudenburg* or a zero where nothing is known. ``lang`` is a code of `i18n.languages`.

Amounts (`layers.sentences.amounts`); a *noun* is a key ``noun.<noun>`` of the texts (``births``, ``babies``,
``children``, ``places``, ``households`` ...), a level, or a service:

- ``count("municipality", 0, "nl")`` → *geen enkele gemeente*; 1 → *1 gemeente*; 12 → *12 gemeenten*; 0.3 →
  *minder dan 1 gemeente*; None or NaN → *een onbekend aantal gemeenten*
- ``part("babies", 12.2, 244.8, "nl")`` → *12 van de 245 baby's*; none, the only one, (nearly) all and unknown in words
- ``noun_for(demand)`` : the noun for the people of a kind of demand: ``births`` → ``babies``, ages → ``children``
- ``change(then, now, lang)`` → *van 250 naar 245, 2 % minder*
- ``format_distance(metres, lang)`` → *350 m*, *1,2 km*; ``format_minutes(minutes, lang)`` → *7,5 min*
- ``figure(value, lang)`` : an amount as a bare number, ``<1`` where it would read as none; ``–`` where unknown

Names (`layers.sentences.grammar`): ``the(level, name, lang)`` → *de zorgregio Boom*, *la région de soins de Boom*;
``of(phrase, lang)`` → *van Oudenburg*, *d'Oudenburg*, *du cercle ...*; ``within(level, name, lang)`` → *in de zorgregio
Boom*, *à Oudenburg*; ``together(areas, lang)`` → *het gebied van 14 wijken*; ``called(name, lang)`` →
*Ixelles*; ``listed(names, lang, most)`` → *Hemiksem, Niel en Schelle*; ``capital(sentence)``.

Whole sentences: ``say(key, lang, **values)`` is `i18n.texts.text` with French elision: write *de {name}* in the text
and *d'Oudenburg* or *du cercle …* comes out.

Chance (`layers.sentences.certainty`): ``sure(probability, lang)`` → *heel waarschijnlijk (93 %)*.

One word for one thing: *geboorten* are counted (a number of a year, by the residence of the mother), *baby's* live
somewhere and are reached or not (the people behind the births), *kinderen* are counted by age on 1 January.
"""

from layers.sentences.amounts import change, count, figure, format_distance, format_minutes, noun_for, part
from layers.sentences.certainty import sure
from layers.sentences.grammar import called, capital, listed, of, say, the, together, within

__all__ = [
    "called",
    "capital",
    "change",
    "count",
    "figure",
    "format_distance",
    "format_minutes",
    "listed",
    "noun_for",
    "of",
    "part",
    "say",
    "sure",
    "the",
    "together",
    "within",
]
