"""Rank documents as slowly and plainly as possible, from their texts."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Sequence
from itertools import pairwise

from searchidx.document import Document
from searchidx.language.codes import FoundCode, find_codes
from searchidx.search.query.query import Query, Syllable
from searchidx.search.query.query import parse_syllables as syllables_of
from searchidx.search.query.syntax_tree import Code, Phrase, SyllableTerm
from searchidx.search.rank.plan import prefix_lookups
from searchidx.search.rewrite.diacritics import restore_query_diacritics
from searchidx.search.rewrite.document_codes import (
    DocumentReference,
    find_document_references,
    named_codes,
)
from searchidx.search.rewrite.question_syllables import find_question_syllables
from searchidx.store import Reader
from tests.search.match.naive_boolean import forms, meets

WEIGHTS = {"title": 5.0, "body": 1.0}
CODE_WEIGHT = 4.0
FREQUENT_WITH_MARKS = {
    *("và", "của", "các", "được", "có", "là", "không", "với", "một", "để", "từ", "về"),
    *("này", "đã", "những", "người", "tại"),
}


def form_of(syllable: Syllable, exact: bool) -> str:
    return syllable.marked if exact else syllable.folded


class NaiveIndex:
    """Documents in a list; every search looks at every word of every document."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self.documents = list(documents)

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
                        shares.append((0.2 * p, [spelling]))
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
        alike = {form: [s for s in syllables if s.folded == form] for form in wanted}
        typed_forms = {
            form: several
            for form, several in alike.items()
            if not exact and all(s.has_marks for s in several)
        }
        holding = {form: self._scores([form], exact, False) for form in wanted}
        in_any_spelling = {id_ for form in typed_forms for id_ in holding[form]}
        for form, typed_syllables in typed_forms.items():
            holding[form] = self._held_as_typed(form, {s.marked for s in typed_syllables})
        parts.append((1.0, self._title_scores(query, exact, unasked, typed_forms)))
        ways = {form: [form] for form in wanted}  # to hold each word, in terms of `holding`
        for code, syllables_ in named_codes(query).items():
            clause = Phrase(syllables_) if exact else Code(code)
            named = {d.id: 0.0 for d in self.documents if meets(d, clause, exact)}
            if named:
                named = dict.fromkeys(named, self._idf(named))
                parts.append((CODE_WEIGHT, named))
                holding[code] = named
                wanted.add(code)
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
            parts.append((CODE_WEIGHT, named))
            spoken = numbered.words, (numbered.number, *syllables_of("năm"), numbered.year)
            whole = {*named}
            for side_by_side in map(Phrase, spoken):
                whole |= {d.id for d in self.documents if meets(d, side_by_side, False)}
            holding[text] = dict.fromkeys(whole, 0.0)
            wanted.add(text)
            for between in {s.folded for s in numbered.between} & ways.keys():
                ways[between].append(text)
        ways |= {code: [code] for code in wanted - ways.keys()}
        hits = []
        for document in self.documents:
            if not self._allowed(document, query, exact):
                continue
            held = {
                form
                for form, several in ways.items()
                if any(document.id in holding[way] for way in several)
            }
            score = sum(weight * scores.get(document.id, 0.0) for weight, scores in parts)
            if held or not wanted or document.id in in_any_spelling:
                hits.append((document.id, held == wanted, score))
        order = {document.id: n for n, document in enumerate(self.documents)}
        return sorted(hits, key=lambda hit: (-round(hit[2], 9), order[hit[0]]))

    def _is_unmarked(self, document: Document) -> bool:
        held = {*forms(document.title, True), *forms(document.body, True)}
        return held.isdisjoint(FREQUENT_WITH_MARKS)

    def _holds_as_typed(
        self, document: Document, fields: Sequence[str], form: str, typed: set[str]
    ) -> bool:
        held = {each for field in fields for each in forms(getattr(document, field), True)}
        return bool(held & typed) or (form in held and self._is_unmarked(document))

    def _held_as_typed(self, form: str, typed: set[str]) -> dict[str, float]:
        return {
            document.id: 0.0
            for document in self.documents
            if self._holds_as_typed(document, ("title", "body"), form, typed)
        }

    def _title_scores(
        self,
        query: Query,
        exact: bool,
        unasked: Collection[Syllable],
        typed_forms: dict[str, list[Syllable]],
    ) -> dict[str, float]:
        """Return the score of each title that holds all words of a query."""
        asked = [s for run in query.runs for s in run if s not in unasked]
        words = {form_of(s, exact) for s in asked}
        idf = 0.0
        for word in words:
            if word in typed_forms:
                several = [self._scores([s.marked], True, False) for s in typed_forms[word]]
                plain = self._held_as_typed(word, set())
                if plain:
                    several.append(self._scores([word], True, False))
            else:
                several = [self._scores([word], exact, False)]
            idf += max((self._idf(scores) for scores in several if scores), default=0.0)
        found = {}
        for document in self.documents:
            title = forms(document.title, exact)
            if words and all(
                self._holds_as_typed(
                    document, ("title",), word, {s.marked for s in typed_forms[word]}
                )
                if word in typed_forms
                else word in title
                for word in words
            ):
                share = max(0.25, len(asked) / max(len(title), len(asked)))
                found[document.id] = idf * share
        return found

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
