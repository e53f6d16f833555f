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

from collections.abc import Callable
from typing import Final

from searchidx.language.tokens import tokenize

FIELDS: Final = ("title", "body")
VIEWS: Final = ("folded", "marked", "word", "folded_pair", "marked_pair")
KEYWORDS: Final = ("id", "source", "code", "short_form", "long_form")
"""Fields of whole strings: a document's own id, the file that it came from, the document
codes that it mentions and the abbreviations that it introduces, each of these as
`<key> TAB <short form> TAB <long form>` with the key of `ABBREVIATION_KEYS`."""


def is_pair(field: str) -> bool:
    """Whether the terms of a field are pairs of syllables."""
    return field.endswith("_pair")


def dictionary_of(field: str) -> str:
    """The dictionary that a field's terms, or the halves of its pairs, are in."""
    return field if field in KEYWORDS else field.partition("_")[2].removesuffix("_pair")


def _folded_run(text: str) -> str:
    return " ".join(tokenize(text).folded)


# The fields that find abbreviations, and what of a form finds it in them.
ABBREVIATION_KEYS: Final[dict[str, Callable[[str], str]]] = {
    "short_form": lambda short: _folded_run(short).replace(" ", ""),
    "long_form": _folded_run,
}
