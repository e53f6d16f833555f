"""Name the fields of an index, and make the terms of metadata.

Title and body are each indexed as five views of the same syllables:

=============  ==================  =============================================
view           example             for
=============  ==================  =============================================
folded         nghi, quyet         finding everything, typed with marks or not
marked         nghị, quyết         preferring, or requiring, the typed marks
word           nghị_quyết          pyvi's words: vocabulary and precision
folded_pair    nghi quyet          order and closeness of two syllables
marked_pair    nghị quyết          the same with marks
=============  ==================  =============================================

The sub-field of a view is called ``<field>_<view>``, such as ``body_folded``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from searchidx.language.tokenizer import tokenize_syllables

FIELDS: Final = ("title", "body")
VIEWS: Final = ("folded", "marked", "word", "folded_pair", "marked_pair")
KEYWORDS: Final = ("id", "source", "path", "code", "short_form", "long_form", "metadata")
"""The keyword fields, whose terms are whole strings.

They hold a document's id; the file that it is kept up to date with; its path; the document
codes that it mentions; the abbreviations that it introduces, by short and by long form; and
the values of its metadata (`metadata_terms`).  The term of an abbreviation is
``<key> TAB <short form> TAB <long form>``, with a key of `ABBREVIATION_KEYS`.
"""
MAX_METADATA_VALUE_CODE_POINTS: Final = 256
"""How much of a metadata value is in its term."""


def is_pair_field(field: str) -> bool:
    """Return whether the terms of a sub-field are pairs of syllables."""
    return field.endswith("_pair")


def term_dictionary_name(field: str) -> str:
    """Return the name of the term dictionary of a field.

    For a sub-field of pairs it holds the syllables that the pairs are made of.
    """
    return field if field in KEYWORDS else field.partition("_")[2].removesuffix("_pair")


def _folded_syllables(text: str) -> str:
    """Return the folded syllables of a text with a space between."""
    return " ".join(tokenize_syllables(text).folded)


ABBREVIATION_KEYS: Final[dict[str, Callable[[str], str]]] = {
    "short_form": lambda short: _folded_syllables(short).replace(" ", ""),
    "long_form": _folded_syllables,
}
"""For each field of abbreviations the function that makes the key of a short or long form."""


def metadata_key(key: str) -> str:
    """Return the search key of a metadata key: its folded syllables, joined by `_`."""
    return "_".join(tokenize_syllables(key).folded)


def metadata_value(value: str) -> str:
    """Return the search key of a metadata value.

    Args:
        value: The value; only its first `MAX_METADATA_VALUE_CODE_POINTS` count.

    Returns:
        Its folded syllables with a space between.  If it has none, the value itself without
        case and outer white space.
    """
    beginning = value[:MAX_METADATA_VALUE_CODE_POINTS]
    return _folded_syllables(beginning) or beginning.strip().casefold()


def metadata_terms(metadata: Mapping[str, Any]) -> list[str]:
    """Return the distinct terms of the field `metadata` of a document.

    A term is ``<key> TAB <search key of the value> TAB <value>``, with the keys of
    `metadata_key` and `metadata_value`.  Each element of a list makes a term.  Numbers, true
    and false are written as JSON.  Null, blank text, objects and nested lists make no term.
    """
    terms: dict[str, None] = {}
    for name, values in metadata.items():
        key = metadata_key(name)
        for text in map(_scalar_text, values if isinstance(values, list | tuple) else [values]):
            if key and text:
                shown = text[:MAX_METADATA_VALUE_CODE_POINTS]
                terms[f"{key}\t{metadata_value(text)}\t{shown}"] = None
    return list(terms)


def _scalar_text(value: object) -> str:
    """Return a scalar value as text; "" for a value that makes no term."""
    if isinstance(value, str):
        return value if value.strip() else ""
    return json.dumps(value) if isinstance(value, bool | int | float) else ""
