"""Find the documents that are written without diacritics."""

from __future__ import annotations

from typing import Final

import numpy as np

from searchidx.arrays import BoolArray
from searchidx.store import FIELDS, Reader

_FREQUENT_MARKED_SYLLABLES: Final = (
    *("và", "của", "các", "được", "có", "là", "không", "với", "một", "để", "từ", "về"),
    *("này", "đã", "những", "người", "tại", "theo"),
)
"""Function words that nearly every Vietnamese sentence or heading has one of."""


def find_unmarked_documents(reader: Reader) -> BoolArray:
    """Return which documents are written without diacritics.

    These are the documents that have none of the most frequent words with diacritics.  A
    short text with diacritics may be taken for one without: then a word counts as found that
    the text has without its marks.

    Returns:
        bool, shape (reader.size,).

    Raises:
        IndexDamagedError: A file of the index is not what was written.
    """
    terms = [
        (f"{field}_marked", form) for form in _FREQUENT_MARKED_SYLLABLES for field in FIELDS
    ]
    unmarked = np.ones(reader.size, np.bool_)
    for postings in reader.postings_lists(terms):
        unmarked[postings.doc_ids] = False
    return unmarked
