"""Compare the stored syllables and their document counts with the texts."""

from __future__ import annotations

from itertools import pairwise
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchidx.document import Document
from tests.search.match.naive_boolean import forms
from tests.store.contents import committed

WORDS = ["nghị", "Nghi", "quyết", "của", "kho", "đường", "35", "05", "\u0103\u0323n"]
texts = st.lists(st.sampled_from(WORDS), max_size=10).map(" ".join)
commits = st.lists(
    st.lists(st.tuples(texts, texts), min_size=1, max_size=4), min_size=1, max_size=3
)


@pytest.mark.slow
@settings(max_examples=25)
@given(commits, st.integers(1, 12))
def test_syllables_and_counts_are_those_of_the_texts(
    several: list[list[tuple[str, str]]], most: int
) -> None:
    with TemporaryDirectory() as folder:
        reader = committed(
            folder,
            *(
                [
                    Document(id=f"{number} {at}", title=title, body=body)
                    for at, (title, body) in enumerate(commit)
                ]
                for number, commit in enumerate(several)
            ),
        )
        identities: dict[str, int] = {}
        documents = [reader.document(number) for number in range(reader.size)]
        for number, document in enumerate(documents):
            found, in_title, in_body = reader.positions.folded_syllables(number, most)
            for places, text in ((in_title, document.title), (in_body, document.body)):
                assert [found[at] for at in places.tolist()] == forms(text, False)[:most]
            assert len(set(found)) == len(found)
            segment = reader.segment_index(number)
            syllables, _ = reader.positions.syllables(segment, [number])
            known = reader.positions.folded_form_keys(segment, syllables).tolist()
            spelled = forms(document.title, False) + forms(document.body, False)
            for form, identity in zip(spelled, known, strict=True):
                assert identities.setdefault(form, identity) == identity
        assert len(set(identities.values())) == len(identities)
        asked = [*sorted(identities), "xyz"]
        firsts, seconds = np.divmod(np.arange(len(asked) ** 2), len(asked))
        vocabulary = reader.vocabulary
        numbers = vocabulary.term_numbers("folded", asked)
        for field in ("title", "body"):
            read = [forms(getattr(document, field), False) for document in documents]
            assert vocabulary.document_counts(f"{field}_folded", numbers).tolist() == [
                sum(form in text for text in read) for form in asked
            ]
            one, two = numbers[:, firsts], numbers[:, seconds]
            counts = vocabulary.pair_counts_in_field(f"{field}_folded_pair", one, two)
            assert counts.tolist() == [
                sum((asked[one], asked[two]) in pairwise(text) for text in read)
                for one, two in zip(firsts.tolist(), seconds.tolist(), strict=True)
            ]
