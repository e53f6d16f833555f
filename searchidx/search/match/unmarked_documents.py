"""Find the documents that are written without diacritics."""

from __future__ import annotations

from typing import Final

import numpy as np

from searchidx.arrays import DocIds
from searchidx.store import FIELDS, Reader

_FREQUENT_MARKED_SYLLABLES: Final = (
    *("và", "của", "các", "được", "có", "là", "không", "với", "một", "để", "từ", "về"),
    *("này", "đã", "những", "người", "tại"),
)
"""Function words that nearly every Vietnamese sentence or heading has one of."""
_SYLLABLES_READ_TOGETHER: Final = 4


def find_unmarked_documents(reader: Reader) -> DocIds:
    """Return the documents that are written without diacritics.

    These are the documents that have none of the most frequent words with diacritics.  A
    short text with diacritics may be taken for one without: then a word counts as found that
    the text has without its marks.

    Returns:
        int32, shape (n,), ascending.

    Raises:
        IndexDamagedError: A file of the index is not what was written.
    """
    unmarked = reader.live.copy()
    for first in range(0, len(_FREQUENT_MARKED_SYLLABLES), _SYLLABLES_READ_TOGETHER):
        forms = _FREQUENT_MARKED_SYLLABLES[first : first + _SYLLABLES_READ_TOGETHER]
        terms = [(f"{field}_marked", form) for form in forms for field in FIELDS]
        for postings in reader.postings_lists(terms):
            unmarked[postings.doc_ids] = False
        if not unmarked.any():  # mostly after the first lists
            break
    return np.flatnonzero(unmarked).astype(np.int32)
