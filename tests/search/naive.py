"""Rank documents as slowly and plainly as possible, from their texts."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from itertools import pairwise

from searchidx.document import Document
from searchidx.language.codes import Code as FoundCode
from searchidx.language.codes import find_codes
from searchidx.search.query.query import Query, Syllable
from searchidx.search.query.query import parse_syllables as syllables_of
from searchidx.search.query.syntax_tree import Code, Phrase, SyllableTerm
from searchidx.search.rank.plan import prefix_lookups
from searchidx.search.ranking_model import DEFAULT_RANKING, RankingModel
from searchidx.search.rewrite.diacritics import restore_query_diacritics
from searchidx.search.rewrite.document_codes import (
    DocumentReference,
    find_document_references,
    named_codes,
)
from searchidx.search.rewrite.question_syllables import find_question_syllables
from searchidx.store import Reader
from tests.search.match.naive_boolean import forms, meets

WEIGHTS = {"title": 3.0, "body": 1.0}


def form_of(syllable: Syllable, exact: bool) -> str:
    return syllable.marked if exact else syllable.folded


class NaiveIndex:
    """Documents in a list; every search looks at every word of every document."""

    def __init__(
        self, documents: Sequence[Document], model: RankingModel = DEFAULT_RANKING
    ) -> None:
        self.documents = list(documents)
        self.model = model

    def _terms(self, document: Document, field: str, marks: bool, pair: bool) -> list[str]:
        single = forms(getattr(document, field), marks)
        return [" ".join(two) for two in pairwise(single)] if pair else single

    def _idf(self, scores: dict[str, float]) -> float:
        """Return the idf of a term that these documents have."""
        return math.log(1 + (len(self.documents) - len(scores) + 0.5) / (len(scores) + 0.5))

    def _scores(self, terms: list[str], marks: bool, pair: bool) -> dict[str, float]:
        """Return the BM25F score of each document with a term, or with any of several."""
        count = len(self.documents)
        frequencies: dict[str, float] = {}
        for document in self.documents:
            for field, weight in WEIGHTS.items():
                lengths = [len(forms(getattr(d, field), False)) for d in self.documents]
                average = sum(lengths) / count or 1.0
                length = len(forms(getattr(document, field), False))
                held = self._terms(document, field, marks, pair)
                frequency = sum(held.count(term) for term in terms)
                if frequency:
                    norm = 1 - 0.75 + 0.75 * length / average
                    frequencies.setdefault(document.id, 0.0)
                    frequencies[document.id] += weight * frequency / norm
        idf = self._idf(frequencies)
        return {id_: idf * 2.2 * tf / (1.2 + tf) for id_, tf in frequencies.items()}

    def search(
        self, query: Query, exact: bool, reader: Reader
    ) -> list[tuple[str, bool, float]]:
        """Return the id, completeness and score of every hit, best first.

        The reader gives likely marks, known spellings, the terms of prefixes, and the number
        of documents with the deleted ones.
        """
        restored, vocabulary = restore_query_diacritics(reader, query), reader.vocabulary
        unasked = find_question_syllables(query, restored)
        in_order = [s for run in query.runs for s in run]
        likely: dict[Syllable, list[tuple[str, float]]] = {s: [] for s in query.syllables}
        for s, several in likely.items():
            found: dict[str, float] = {}
            for each in (
                restored.spellings[number] for number, p in enumerate(in_order) if p == s
            ):
                for form, p in zip(each.forms, each.probabilities.tolist(), strict=True):
                    found[form] = found.get(form, 0) + p / in_order.count(s)
            best = sorted(found.items(), key=lambda pair: -pair[1])
            several += [(form, p) for form, p in best if p >= 0.1]
        syllables = [s for s in query.syllables if s not in unasked]
        wanted = {form_of(s, exact) for s in syllables}
        few = len(set(syllables)) <= 4
        parts: list[tuple[float, dict[str, float]]] = []
        others = {
            s for s in query.alternatives if (s.marked if exact else s.folded) not in wanted
        }
        for form in wanted | {s.marked if exact else s.folded for s in others}:
            own = self._scores([form], exact, False)
            typed = {
                s.marked for s in (*syllables, *others) if s.folded == form and s.has_marks
            }
            rest = 1.0
            known = vocabulary.marked_forms(form)
            counts = dict(zip(known.forms, known.counts.tolist(), strict=True))
            shares: list[tuple[float, list[str]]] = []
            for spelling in () if exact else typed:
                shares.append((0.5 / len(typed), [spelling]))
            if not exact and not typed:
                (syllable,) = {s for s in (*syllables, *others) if s.folded == form}
                for spelling, p in likely.get(syllable, []):
                    count = counts.get(spelling, 0)
                    usual = count > 0.95 * sum(counts.values())
                    if not usual and (few or count <= reader.size / 8):
                        shares.append((0.4 * p, [spelling]))
            likeliest = 0.0
            for share, spellings in shares:
                scores = self._scores(spellings, True, False)
                if scores:
                    likeliest = likeliest or self._idf(scores)
                    scale = 1.0 if typed else min(1.0, likeliest / self._idf(scores))
                    parts.append((share * scale, scores))
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
        for lookup in prefix_lookups(reader, query, exact=exact).values():
            begun = self._scores(list(lookup.forms), lookup.view == "marked", False)
            parts.append((1.0, begun))
        holding = {form: self._scores([form], exact, False) for form in wanted}
        ways = {form: [form] for form in wanted}  # to hold each word, in terms of `holding`
        in_codes: set[str] = set()
        for code, syllables_ in named_codes(query).items():
            clause = Phrase(syllables_) if exact else Code(code)
            named = {d.id: 0.0 for d in self.documents if meets(d, clause, exact)}
            if named:
                named = dict.fromkeys(named, self._idf(named))
                parts.append((1.0, named))
                holding[code] = named
                wanted.add(code)
                in_codes |= {form_of(s, exact) for s in syllables_}
        in_full = [code for text in named_codes(query) for code in find_codes(text)]
        different = (
            {} if exact else {str(each): each for each in find_document_references(query)}
        )
        for text, numbered in different.items():
            named = {d.id: 0.0 for d in self.documents if _names(d, numbered)}
            named = dict.fromkeys(named, self._idf(named))
            if not named or any(_is_of(code, numbered) for code in in_full):
                continue
            if numbered.year is None:
                after = numbered.following
                pair = f"{numbered.number.folded} {after.folded}" if after else ""
                if len(self._scores([pair], False, True)) <= len(named):
                    parts.append((0.5, named))
                continue
            parts.append((1.0, named))
            spoken = numbered.words, (numbered.number, *syllables_of("năm"), numbered.year)
            whole = {*named}
            for side_by_side in map(Phrase, spoken):
                whole |= {d.id for d in self.documents if meets(d, side_by_side, False)}
            holding[text] = dict.fromkeys(whole, 0.0)
            wanted.add(text)
            in_codes |= {s.folded for s in (*numbered.words, *numbered.between)}
            for between in {s.folded for s in numbered.between} & ways.keys():
                ways[between].append(text)
        words = len(wanted - in_codes)
        ways |= {code: [code] for code in wanted - ways.keys()}
        worths = {
            form: max(self._idf(holding[way]) if holding[way] else 0.0 for way in several)
            for form, several in ways.items()
        }
        hits = []
        for document in self.documents:
            if not self._allowed(document, query, exact):
                continue
            held = {
                form
                for form, several in ways.items()
                if any(document.id in holding[way] for way in several)
            }
            worth = sum(worths[form] for form in held)
            score = sum(weight * scores.get(document.id, 0.0) for weight, scores in parts)
            if held or not wanted:
                hits.append((document.id, held == wanted, score, worth))
        asks = unasked or query.text.endswith("?")
        model = self.model
        tiers = words <= (
            model.max_question_words_complete_first if asks else model.max_words_complete_first
        )
        if not tiers:
            total = sum(worths.values())
            most = max((hit[3] for hit in hits), default=0.0)
            hits = [hit for hit in hits if hit[3] >= min(0.25 * total, most) * (1 - 1e-5)]
        order = {document.id: n for n, document in enumerate(self.documents)}
        return sorted(
            (hit[:3] for hit in hits),
            key=lambda hit: (tiers and not hit[1], -round(hit[2], 9), order[hit[0]]),
        )

    def _allowed(self, document: Document, query: Query, exact: bool) -> bool:
        conditions = [each for each in query.root.clauses if not isinstance(each, SyllableTerm)]
        return all(meets(document, clause, exact) for clause in conditions)


def _names(document: Document, numbered: DocumentReference) -> bool:
    """Return whether a document names the referenced one with all of its code."""
    texts = (document.title, document.body)
    return any(_is_of(code, numbered) for text in texts for code in find_codes(text))


def _is_of(code: FoundCode, numbered: DocumentReference) -> bool:
    sign = re.findall(r"[^\W\d_]+", code.canonical.removeprefix(code.number))[0]
    return (
        code.number.lstrip("0") == numbered.number.folded
        and sign in numbered.signs
        and (numbered.year is None or str(code.year) == numbered.year.folded)
    )
