"""The ranking written as slowly and plainly as possible, from the documents themselves."""

from __future__ import annotations

import datetime
import math
from collections.abc import Sequence
from itertools import pairwise

from searchidx.document import Document
from searchidx.language.dates import PartialDate
from searchidx.language.forms import folded, marked
from searchidx.language.questions import question_words
from searchidx.language.spelling import without_tone
from searchidx.language.tokens import SYLLABLE
from searchidx.search.query import Phrase, Query
from searchidx.search.restoration import Restoration
from searchidx.store.vocabulary import Vocabulary

WEIGHTS = {"title": 3.0, "body": 1.0}


def forms(text: str, exact: bool) -> list[str]:
    form = marked if exact else folded
    return [form(match.group()) for match in SYLLABLE.finditer(text)]


class NaiveIndex:
    """Documents in a list; every search looks at every word of every document."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self.documents = list(documents)

    def _terms(self, document: Document, field: str, marks: bool, pair: bool) -> list[str]:
        single = forms(getattr(document, field), marks)
        return [" ".join(two) for two in pairwise(single)] if pair else single

    def _idf(self, scores: dict[str, float]) -> float:
        """How rare it is to be one of these documents."""
        return math.log(1 + (len(self.documents) - len(scores) + 0.5) / (len(scores) + 0.5))

    def _scores(self, terms: list[str], marks: bool, pair: bool) -> dict[str, float]:
        """What a term, or several as if they were one, gives each document that has it."""
        count = len(self.documents)
        frequencies: dict[str, float] = {}
        for document in self.documents:
            for field, weight in WEIGHTS.items():
                lengths = [len(forms(getattr(d, field), False)) for d in self.documents]
                average = sum(lengths) / count or 1.0
                length = len(forms(getattr(document, field), False))
                there = self._terms(document, field, marks, pair)
                frequency = sum(there.count(term) for term in terms)
                if frequency:
                    norm = 1 - 0.75 + 0.75 * length / average
                    frequencies.setdefault(document.id, 0.0)
                    frequencies[document.id] += weight * frequency / norm
        idf = self._idf(frequencies)
        return {id_: idf * 2.2 * tf / (1.2 + tf) for id_, tf in frequencies.items()}

    def search(
        self,
        query: Query,
        exact: bool,
        restored: Restoration,
        vocabulary: Vocabulary,
        size: int,
    ) -> list[tuple[str, bool, float]]:
        """The id, completeness and score of every hit, best first.

        Which marks are likely, which spellings there are, and how many documents with those
        that were removed, is given.
        """
        places = question_words(restored.best, asked=query.text.endswith("?"))
        quoted = {s for phrase in query.required for s in phrase.syllables}
        unasked = {query.syllables[at] for at in places} - quoted
        likely = {
            s: [
                (form, p)
                for form, p in zip(each.forms, each.probabilities.tolist(), strict=True)
                if p >= 0.1
            ]
            for s, each in zip(query.syllables, restored.spellings, strict=True)
        }
        syllables = [s for s in query.syllables if s not in unasked]
        wanted = {s.marked if exact else s.folded for s in syllables}
        few = len(set(syllables)) <= 4
        parts: list[tuple[float, dict[str, float]]] = []
        for form in wanted:
            own = self._scores([form], exact, False)
            typed = {s.marked for s in syllables if s.folded == form and s.has_marks}
            rest = 1.0
            known = vocabulary.spellings(form)
            counts = dict(zip(known.forms, known.counts.tolist(), strict=True))
            shares: list[tuple[float, list[str]]] = []
            for spelling in () if exact else typed:
                shares.append((0.5 / len(typed), [spelling]))
                letters = without_tone(spelling)[0]
                tones = {spelling, *(k for k in counts if without_tone(k)[0] == letters)}
                if few and len(tones) > 1:
                    shares.append((0.1 / len(typed), sorted(tones)))
            if not exact and not typed:
                (syllable,) = {s for s in syllables if s.folded == form}
                for spelling, p in likely[syllable]:
                    count = counts.get(spelling, 0)
                    usual = count > 0.95 * sum(counts.values())
                    if not usual and (few or count <= size / 8):
                        shares.append((0.4 * p, [spelling]))
            for share, spellings in shares:
                scores = self._scores(spellings, True, False)
                if scores:
                    parts.append((share, scores))
                    rest -= share
            parts.append((rest, own))
        for one, two in query.pairs:
            if {one, two} & unasked:
                continue
            forms_ = (one.marked, two.marked) if exact else (one.folded, two.folded)
            own = self._scores([" ".join(forms_)], exact, True)
            rarer = max(self._idf(self._scores([form], exact, False)) for form in forms_)
            idf = self._idf(own)
            weight = 0.5 * max(0.0, idf - rarer) / idf
            rest = 1.0
            for first, p in () if exact else likely[one]:
                for second, q in likely[two]:
                    scores = self._scores([f"{first} {second}"], True, True)
                    if p * q >= 0.1 and scores and (one.has_marks or two.has_marks):
                        parts.append((weight * 0.5 * p * q, scores))
                        rest -= 0.5 * p * q
            parts.append((weight * rest, own))
        holding = {form: self._scores([form], exact, False) for form in wanted}
        hits = []
        for document in self.documents:
            if not self._allowed(document, query, exact):
                continue
            held = {form for form in wanted if document.id in holding[form]}
            worth = sum(self._idf(holding[form]) for form in held)
            score = sum(weight * scores.get(document.id, 0.0) for weight, scores in parts)
            if held or not query.syllables:
                hits.append((document.id, held == wanted, score, worth))
        tiers = len(wanted) <= 4
        if not tiers:
            total = sum(self._idf(scores) for scores in holding.values() if scores)
            most = max((hit[3] for hit in hits), default=0.0)
            hits = [hit for hit in hits if hit[3] >= min(0.25 * total, most) - 1e-4]
        order = {document.id: n for n, document in enumerate(self.documents)}
        return sorted(
            (hit[:3] for hit in hits),
            key=lambda hit: (tiers and not hit[1], -round(hit[2], 9), order[hit[0]]),
        )

    def _allowed(self, document: Document, query: Query, exact: bool) -> bool:
        return (
            all(self._holds(document, p, [exact] * len(p.syllables)) for p in query.required)
            and not any(
                self._holds(document, p, [exact or s.has_marks for s in p.syllables])
                for p in query.excluded
            )
            and all(self._dated(document, dates.first, dates.last) for dates in query.dates)
        )

    def _holds(self, document: Document, phrase: Phrase, binding: list[bool]) -> bool:
        for field in [phrase.field] if phrase.field else ["title", "body"]:
            loose = forms(getattr(document, field), False)
            strict = forms(getattr(document, field), True)
            for start in range(len(loose) - len(phrase.syllables) + 1):
                if all(
                    strict[start + n] == s.marked if bound else loose[start + n] == s.folded
                    for n, (s, bound) in enumerate(zip(phrase.syllables, binding, strict=True))
                ):
                    return True
        return False

    def _dated(
        self, document: Document, first: datetime.date | None, last: datetime.date | None
    ) -> bool:
        if document.date is None:
            return False
        date = PartialDate.parse(document.date)
        begin, end = date.first_day(), date.last_day()
        if begin is None or end is None:
            return False
        return (first is None or end >= first) and (last is None or begin <= last)
