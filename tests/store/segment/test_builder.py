"""Compare postings and segments with counters."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from searchidx.document import Document
from searchidx.language.syllable_forms import folded, has_marks
from searchidx.language.tokenizer import tokenize_syllables
from searchidx.store.schema import FIELDS
from searchidx.store.segment.builder import SegmentBuilder
from searchidx.store.segment.inversion import invert_postings
from searchidx.store.segment.pending_document import PendingDocument
from searchidx.store.segment.segment import Segment
from tests.store.memory import Memory

terms = st.integers(0, 6) | st.sampled_from([1 << 31, (1 << 61) - 1])


@given(st.lists(st.tuples(terms, st.integers(0, 4))), st.sampled_from([5, 1 << 20]))
def test_postings_are_counts(occurrences: list[tuple[int, int]], count: int) -> None:
    # The largest terms and more documents than a few do not fit into one number.
    keys, documents, frequencies = invert_postings(
        np.array([term for term, _ in occurrences], np.int64),
        np.array([document for _, document in occurrences], np.int32),
        count,
    )
    found = list(zip(keys.tolist(), documents.tolist(), strict=True))
    expected = Counter(occurrences)
    assert found == sorted(expected)
    assert frequencies.tolist() == [expected[pair] for pair in found]
    assert documents.dtype == frequencies.dtype == np.int32


def test_every_list_of_a_segment_is_what_its_documents_hold() -> None:
    texts = [
        ("Nghị quyết 35", "Thực hiện nghị quyết, nghị quyết 35 và nghi 035."),
        ("", "Đảng ủy họp. Đảng uỷ; đang"),
        ("quản lý", ""),
    ]
    directory = Memory()
    builder = SegmentBuilder()
    for place, (title, body) in enumerate(texts):  # one by one: three batches
        builder.add([PendingDocument(Document(id=str(place), title=title, body=body), None)])
    builder.write(directory, "segment")
    segment = Segment(directory, "segment")
    for place, field in enumerate(FIELDS):
        tokens = [tokenize_syllables(text[place]) for text in texts]
        for view, forms in (
            ("marked", [each.marked for each in tokens]),
            ("folded", [each.folded for each in tokens]),
        ):
            singles = [Counter(each) for each in forms]
            pairs = [Counter(map(" ".join, pairwise(each))) for each in forms]
            for name, counters in ((view, singles), (f"{view}_pair", pairs)):
                vocabulary = sorted(set().union(*counters))
                lists = segment.posting_lists(f"{field}_{name}")
                assert (lists.counts() > 0).sum() == len(vocabulary)
                for term in vocabulary:
                    number = segment.term_number(f"{field}_{name}", term.encode())
                    assert number is not None
                    documents, frequencies = lists.read(number)
                    assert dict(zip(documents.tolist(), frequencies.tolist(), strict=True)) == {
                        at: counter[term]
                        for at, counter in enumerate(counters)
                        if term in counter
                    }
    spelled = [string.decode() for string in segment.term_dictionary("marked").all()]
    forms_of = [string.decode() for string in segment.term_dictionary("folded").all()]
    assert [forms_of[n] for n in segment.folded_of_marked] == [folded(s) for s in spelled]
    assert segment.with_marks.tolist() == [has_marks(s) for s in spelled]
    assert segment.term_number("body_marked", "nghị".encode()) is not None
    assert segment.term_number("body_marked", b"khong") is None
    assert segment.term_number("body_folded_pair", b"quyet nghi") is not None
    assert segment.term_number("body_folded_pair", b"nghi dang") is None
    assert segment.term_number("body_folded_pair", b"nghi") is None
