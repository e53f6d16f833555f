"""The fields of an index.

Title and body are each indexed as the same stream of syllables seen in several ways:

=============  ==================  =============================================
view           example             for
=============  ==================  =============================================
folded         nghi, quyet         finding everything, typed with marks or not
marked         nghị, quyết         preferring, or requiring, what was typed
word           nghị_quyết          pyvi's words: precision, vocabulary
folded_pair    nghi quyet          order and closeness
marked_pair    nghị quyết          the same with marks
=============  ==================  =============================================

A term's field is called ``<field>_<view>``, such as ``body_folded``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from searchidx.language.tokenizer import tokenize_syllables

FIELDS: Final = ("title", "body")
VIEWS: Final = ("folded", "marked", "word", "folded_pair", "marked_pair")
KEYWORDS: Final = ("id", "source", "path", "code", "short_form", "long_form", "metadata")
"""Fields of whole strings: a document's own id, the file that it is kept up with, its path,
the document codes that it mentions, the abbreviations that it introduces, each of these as
`<key> TAB <short form> TAB <long form>` with the key of `ABBREVIATION_KEYS`, and the values
of its metadata (`metadata_terms`)."""
MAX_METADATA_VALUE_CODE_POINTS: Final = 256
"""How much of a value of metadata makes a term, in code points."""


def is_pair_field(field: str) -> bool:
    """Return whether the terms of a field are pairs of syllables."""
    return field.endswith("_pair")


def term_dictionary_name(field: str) -> str:
    """Return the name of the dictionary of a field's terms, or of its pairs' halves."""
    return field if field in KEYWORDS else field.partition("_")[2].removesuffix("_pair")


def _folded_run(text: str) -> str:
    return " ".join(tokenize_syllables(text).folded)


# The fields that find abbreviations, and what of a form finds it in them.
ABBREVIATION_KEYS: Final[dict[str, Callable[[str], str]]] = {
    "short_form": lambda short: _folded_run(short).replace(" ", ""),
    "long_form": _folded_run,
}


def metadata_key(key: str) -> str:
    """Return the search key of a metadata key: its folded syllables, joined by `_`."""
    return "_".join(tokenize_syllables(key).folded)


def metadata_value(value: str) -> str:
    """Return the search key of a metadata value: its folded syllables, or else its text.

    Of a long one only the first `MAX_METADATA_VALUE_CODE_POINTS` code points count.
    """
    return (
        _folded_run(value[:MAX_METADATA_VALUE_CODE_POINTS])
        or value[:MAX_METADATA_VALUE_CODE_POINTS].strip().casefold()
    )


def metadata_terms(metadata: Mapping[str, Any]) -> list[str]:
    """Return the distinct terms of the field `metadata` of a document.

    A term is `<key> TAB <value> TAB <value as it stands>`, the first two as `metadata_key`
    and `metadata_value` give them.  A list gives one term for each of its elements; numbers,
    true and false are their JSON; null, an empty text, and what is nested deeper give none.
    """
    found: dict[str, None] = {}
    for name, values in metadata.items():
        key = metadata_key(name)
        for text in map(_scalar, values if isinstance(values, list | tuple) else [values]):
            if key and text:
                found[
                    f"{key}\t{metadata_value(text)}\t{text[:MAX_METADATA_VALUE_CODE_POINTS]}"
                ] = None
    return list(found)


def _scalar(value: object) -> str:
    """Return a value as text; "" if it cannot be searched for."""
    if isinstance(value, str):
        return value if value.strip() else ""
    return json.dumps(value) if isinstance(value, bool | int | float) else ""
