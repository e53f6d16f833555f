"""Recognize the documents that a query names: ``nghị định 15/2020/NĐ-CP``.

Such a query means that document, not reports with "15", "2020", "NĐ" and "CP" somewhere.  The
document therefore becomes one more word of the query.  The reports that mention its code, in
any spelling, contain that word.  Separators do not matter: people in a hurry type
``35 nq tw``.

For most documents people give the kind, the number and the year: ``nghị định 15/2020``.  That
is one more word too, for all codes with this beginning.  A number alone, ``nghị quyết 35``,
may be the number of many documents or of none.  Reports that mention one of them score
higher, but it is no word of the query.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from typing import Final

import numpy as np

from searchidx.arrays import DocIds
from searchidx.language.character_classes import has_vowel
from searchidx.search.match.bm25f import Scorer
from searchidx.search.match.boolean import documents_matching
from searchidx.search.match.scored_terms import ScoredTerm, SparseTerm
from searchidx.search.query.query import Query
from searchidx.search.query.syntax_tree import (
    Code,
    Phrase,
    Syllable,
    SyllableTerm,
    parse_syllables,
)
from searchidx.store import Reader

MAX_REFERENCES: Final = 8
"""The number of documents named by kind and number that count; the rest are plain words."""
_MAX_CODE_SYLLABLES: Final = 7
_NUMBER: Final = re.compile("[0-9]{1,5}[a-z]?")
_YEAR: Final = re.compile("(?:18|19|20)?[0-9]{2}")
_FULL_YEAR: Final = re.compile("(?:19|20)[0-9]{2}")
_SIGN: Final = re.compile(r"(?:[0-9]{4}/)?([^\W\d_]+)")
_NAM: Final = "nam"
_YEAR_WORD: Final = parse_syllables("năm")


@dataclass(frozen=True, slots=True)
class NamedDocument:
    """A document that a query names, as a term for ranking.

    Attributes:
        text: Its code in canonical form, or as much of it as was typed.
        words: The syllables of the query that are part of its code.
        between: The syllables between these and nowhere else in the query: "năm".
        term: The reports that mention its full code; each scores its idf.
        weight: The factor of that score.
        word: The reports that contain it as a word of the query; None if it is no word.
    """

    text: str
    words: tuple[Syllable, ...]
    between: tuple[Syllable, ...]
    term: SparseTerm
    weight: float
    word: SparseTerm | None


@dataclass(frozen=True, slots=True)
class DocumentReference:
    """A document named by its kind and number, with or without its year.

    Attributes:
        signs: The signs of its kind, one of which follows in its code: "NĐ".
        kind: The syllables that name its kind.
        number: The syllable of its number.
        year: The syllable of its year, or None.
        between: The syllables between number and year and nowhere else in the query.
        following: The syllable after a number without year and without "số" before it, or
            None.  The number may then count something: "quyết định 15 ngày".
    """

    signs: frozenset[str]
    kind: tuple[Syllable, ...]
    number: Syllable
    year: Syllable | None
    between: tuple[Syllable, ...]
    following: Syllable | None

    def __str__(self) -> str:
        return f"{self._code_prefixes[0]}{' | '.join(sorted(self.signs))}"

    @property
    def words(self) -> tuple[Syllable, ...]:
        """Return the syllables of the query that are part of its code."""
        return (self.number, self.year) if self.year is not None else (self.number,)

    @property
    def _code_prefixes(self) -> tuple[str, ...]:
        number = self.number.folded
        number = number.zfill(2 if number[-1].isdecimal() else 3)  # 08, 08a
        if self.year is not None:
            return (f"{number}/{self.year.folded}/",)
        return f"{number}/", f"{number}-"

    def fits(self, code: str) -> bool:
        """Return whether a code in canonical form may be that of the document."""
        for prefix in self._code_prefixes:
            if code.startswith(prefix):
                sign = _SIGN.match(code, len(prefix))
                return sign is not None and sign[1] in self.signs
        return False

    def is_called(self, name: str) -> bool:
        """Return whether `name` is a name of its kind."""
        # Few queries need this import.
        from searchidx.language.document_kinds import code_letters_of_kind

        signs = code_letters_of_kind([syllable.marked for syllable in parse_syllables(name)])
        return not self.signs.isdisjoint(signs)

    def documents(self, reader: Reader) -> DocIds:
        """Return the reports that mention its full code: int32, shape (n,), ascending."""
        mentions = np.zeros(reader.size, np.bool_)
        for prefix in self._code_prefixes:
            for code, postings in reader.keywords.postings_with_prefix("code", prefix).items():
                if self.fits(code):
                    mentions[postings.doc_ids] = True
        return np.flatnonzero(mentions).astype(np.int32)


def find_named_documents(
    reader: Reader, scorer: Scorer, query: Query, *, exact: bool
) -> tuple[NamedDocument, ...]:
    """Return the documents that a query names.

    Full codes are returned even if no report mentions them.  With `exact` only full codes
    count, with adjacent parts spelled as typed.  At most `MAX_REFERENCES` documents named by
    kind and number count.

    Args:
        reader: The commit.
        scorer: The scorer of the commit.
        query: The query.
        exact: Whether every word must be spelled as typed.

    Raises:
        IndexDamagedError: The index is damaged.
    """
    named = []
    codes = named_codes(query)
    for code, words in codes.items():
        clause = Phrase(words) if exact else Code(code)
        term = scorer.constant(documents_matching(reader, clause, exact=exact))
        word = term if term.count else None
        named.append(NamedDocument(code, words, (), term, scorer.model.code_weight, word))
    if not exact:
        distinct = {str(reference): reference for reference in find_document_references(query)}
        for reference in list(distinct.values())[:MAX_REFERENCES]:
            if not any(map(reference.fits, codes)):
                resolved = _resolve_reference(reader, scorer, reference)
                named += [resolved] if resolved is not None else []
    return tuple(named)


def _resolve_reference(
    reader: Reader, scorer: Scorer, reference: DocumentReference
) -> NamedDocument | None:
    """Look up a document named by kind and number; None if no report mentions its code."""
    doc_ids = reference.documents(reader)
    if not len(doc_ids):
        return None
    term = scorer.constant(doc_ids)
    if reference.year is None:
        if reference.following is not None:
            pair = f"{reference.number.folded} {reference.following.folded}"
            if scorer.term("folded_pair", pair).count > len(doc_ids):
                return None  # "quyết định 15 ngày": a number of days
        weight = scorer.model.number_weight
        return NamedDocument(str(reference), reference.words, (), term, weight, None)
    # Reports may leave out the rest of the code as well.
    contains = np.zeros(reader.size, np.bool_)
    contains[doc_ids] = True
    for spoken in (reference.words, (reference.number, *_YEAR_WORD, reference.year)):
        contains[documents_matching(reader, Phrase(spoken))] = True
    word = scorer.constant(np.flatnonzero(contains).astype(np.int32))
    weight = scorer.model.code_weight
    return NamedDocument(str(reference), reference.words, reference.between, term, weight, word)


def add_named_documents(
    forms: dict[str, list[ScoredTerm]],
    named: Iterable[NamedDocument],
    form: Callable[[Syllable], str],
) -> list[list[ScoredTerm]]:
    """Return the words of a query, each as the terms of which a document must contain one.

    Args:
        forms: The terms of the query's syllables, by form.  A document that contains a named
            document also contains the syllables between its number and year, so this adds
            the named document to their terms.
        named: The documents that the query names.  Each one with a `word` is one more word.
        form: Maps a syllable to its form; syllables of one form are one word.
    """
    words: list[list[ScoredTerm]] = []
    for each in named:
        if each.word is not None:
            words.append([each.word])
            for between in {form(syllable) for syllable in each.between} & forms.keys():
                forms[between].append(each.word)
    return [*forms.values(), *words]


def named_codes(query: Query) -> dict[str, tuple[Syllable, ...]]:
    """Return the codes among the plain words of a query, each with its syllables.

    The keys are canonical codes.  Codes in quotations, brackets and fields do not count.
    """
    return query.derive(_find_named_codes)


def _find_named_codes(query: Query) -> dict[str, tuple[Syllable, ...]]:
    known = frozenset(query.syllables)
    syllables_by_code: dict[str, tuple[Syllable, ...]] = {}
    for run, codes in query.derive(find_runs_and_codes):
        for code, start, end in codes:
            if known.issuperset(run[start:end]):
                syllables_by_code.setdefault(code, run[start:end])
    return syllables_by_code


def find_document_references(query: Query) -> tuple[DocumentReference, ...]:
    """Return the documents that the plain words of a query name by kind and number.

    Examples are ``nghị định 15/2020``, ``tt số 78/2021``, ``chỉ thị 16 năm 2020`` and
    ``nghị quyết 35``.  Documents with a full code do not count.
    """
    return query.derive(_find_document_references)


def _find_document_references(query: Query) -> tuple[DocumentReference, ...]:
    known = frozenset(query.syllables)
    references: list[DocumentReference] = []
    for run, codes in query.derive(find_runs_and_codes):
        in_codes = {index for _, start, end in codes for index in range(start, end)}
        for index in range(1, len(run)):
            if index not in in_codes and _NUMBER.fullmatch(run[index].folded):
                reference = _reference_at(run, index)
                if reference is not None and known.issuperset(reference.words):
                    references.append(reference)
    between = sum(len(reference.between) for reference in references)
    if between and between < sum(
        syllable.folded == _NAM for run in query.runs for syllable in run
    ):
        # Reports must contain the "nam" of another word, such as "Nam Định".
        return tuple(replace(reference, between=()) for reference in references)
    return tuple(references)


def _reference_at(run: tuple[Syllable, ...], index: int) -> DocumentReference | None:
    """Return the document whose number is at an index of a run, or None."""
    number, *rest = run[index : index + 3]
    between = tuple(rest[:1]) if rest and rest[0].folded == _NAM else ()
    after = rest[len(between) :]
    year = after[0] if after and _FULL_YEAR.fullmatch(after[0].folded) else None
    is_year = _FULL_YEAR.fullmatch(number.folded) is not None
    if year is not None:
        if is_year and number.folded <= year.folded:
            return None  # 2021-2025
    elif is_year or (rest and rest[0].folded.isdecimal()):
        return None  # "nghị quyết 2020", "chỉ thị 24/7"
    has_number_word = run[index - 1].folded == "so"
    kind, signs = _kind_before(run[: index - has_number_word], without_year=year is None)
    if not signs:
        return None
    if year is not None:
        return DocumentReference(signs, kind, number, year, between, None)
    return DocumentReference(
        signs, kind, number, None, (), rest[0] if rest and not has_number_word else None
    )


def code_syllables(query: Query) -> frozenset[Syllable]:
    """Return the syllables of the document codes in a query, with or without their number."""
    return query.derive(_find_code_syllables)


def _find_code_syllables(query: Query) -> frozenset[Syllable]:
    in_codes = {syllable for words in named_codes(query).values() for syllable in words}
    for run, _ in query.derive(find_runs_and_codes):
        for pair in pairwise(run):
            # NĐ-CP, the signs of a kind and of a body, ends a code of any number.
            if (
                all(map(_may_be_sign, pair))
                and _read_code("1/" + "-".join(map(str, pair)), needs_body=True) is not None
            ):
                in_codes.update(pair)
    return frozenset(in_codes)


_RunWithCodes = tuple[tuple[Syllable, ...], tuple[tuple[str, int, int], ...]]


def find_runs_and_codes(query: Query) -> tuple[_RunWithCodes, ...]:
    """Return the runs of adjacent plain words, each with its full codes (`_codes_in`)."""
    runs: list[_RunWithCodes] = []
    for are_words, clauses in groupby(
        query.root.clauses, lambda clause: isinstance(clause, SyllableTerm)
    ):
        if are_words:
            run = tuple(each.syllable for each in clauses if isinstance(each, SyllableTerm))
            runs.append((run, tuple(_codes_in(run))))
    return tuple(runs)


def _codes_in(run: tuple[Syllable, ...]) -> Iterator[tuple[str, int, int]]:
    """Yield the full codes of a run, each with its half-open range of indexes in the run."""
    end = 0
    for index, syllable in enumerate(run):
        if index >= end and _NUMBER.fullmatch(syllable.folded):
            code, end = _longest_code_at(run, index)
            if code is not None:
                yield code, index, end


def _kind_before(
    before: tuple[Syllable, ...], *, without_year: bool
) -> tuple[tuple[Syllable, ...], frozenset[str]]:
    """Find the kind of document that is named directly before a number.

    Args:
        before: The syllables before the number.
        without_year: Whether only kinds count that people cite by number alone.

    Returns:
        The syllables of its name and its signs in codes; both empty if there is none.
    """
    from searchidx.language.document_kinds import (  # few queries need this import
        KINDS_CITED_BY_NUMBER,
        MAX_KIND_NAME_SYLLABLES,
        code_letters_of_kind,
    )

    for first in range(max(0, len(before) - MAX_KIND_NAME_SYLLABLES), len(before)):
        kind = before[first:]
        if signs := code_letters_of_kind([syllable.marked for syllable in kind]):
            return kind, signs & KINDS_CITED_BY_NUMBER if without_year else signs
    return (), frozenset()


def _longest_code_at(run: tuple[Syllable, ...], index: int) -> tuple[str | None, int]:
    """Return the longest code that begins with the number at an index, and its end.

    Returns:
        The code in canonical form and the index after it, or None and `index`.
    """
    signs_start = index + 1
    if signs_start < len(run) and _YEAR.fullmatch(run[signs_start].folded):
        signs_start += 1
    # Skip the costly recognition if an ordinary word follows the number.
    if signs_start < len(run) and _may_be_sign(run[signs_start]):
        number = "/".join(map(str, run[index:signs_start]))
        for end in range(min(len(run), index + _MAX_CODE_SYLLABLES), signs_start, -1):
            code = _read_code(f"{number}/{'-'.join(map(str, run[signs_start:end]))}")
            if code is not None:
                return code, end
    return None, index


def _may_be_sign(syllable: Syllable) -> bool:
    """Return whether a syllable may be the sign of a kind of document or of a body."""
    return syllable.typed.isupper() or not has_vowel(syllable.folded)


def _read_code(text: str, *, needs_body: bool = False) -> str | None:
    """Return the canonical form of a text that is exactly one code, else None.

    With `needs_body` the code must have a known kind and a known issuing body.
    """
    from searchidx.language.codes import find_codes  # few queries need this import

    for code in find_codes(text):
        if code.start == 0 and code.end == len(text):
            return code.canonical if not needs_body or (code.kind and code.issuer) else None
    return None
