"""The documents that a person names in plain words: ``nghị định 15/2020/NĐ-CP``.

What is meant is that document, and not reports that have "15", "2020", "NĐ" and "CP"
somewhere: it is one word more, which the reports hold that name its code in any spelling.  What
stands between the parts makes no difference, as it makes none to words: who types quickly
types ``35 nq tw``.

Of most documents people say the kind, the number and the year, ``nghị định 15/2020``: that is
one word more as well, for all codes that begin so.  A number alone, ``nghị quyết 35``, may be
that of many documents and of none: what names one of them scores higher, and no more.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Final

import numpy as np

from searchidx.arrays import DocIds
from searchidx.search.match.bm25f import ScoredTerm, Scorer, SparseTerm
from searchidx.search.match.boolean import documents_matching
from searchidx.search.query.query import Query
from searchidx.search.query.syntax_tree import (
    Code,
    Phrase,
    Syllable,
    SyllableTerm,
    parse_syllables,
)
from searchidx.store import Reader

MOST_NUMBERED: Final = 8
"""How many documents that are named by kind and number count; the others are words as any."""
_MOST_PARTS: Final = 7
_NUMBER: Final = re.compile("[0-9]{1,5}[a-z]?")
_YEAR: Final = re.compile("(?:18|19|20)?[0-9]{2}")
_FULL_YEAR: Final = re.compile("(?:19|20)[0-9]{2}")
_SIGN: Final = re.compile(r"(?:[0-9]{4}/)?([^\W\d_]+)")
_NAM: Final = "nam"
_IN_THE_YEAR: Final = parse_syllables("năm")
_VOWELS: Final = frozenset("aeiouy")


@dataclass(frozen=True, slots=True)
class NamedDocument:
    """A document that a query names, and where reports have it.

    Attributes:
        text: Its code in canonical form, or as much of it as was typed.
        words: The syllables of the query that are part of it.
        between: Those that stand between them and nowhere else: "năm".
        term: What it gives to reports that name it: its rarity alone.
        weight: What that is multiplied with.
        word: The reports that hold it as they hold a word, or None if none does.
    """

    text: str
    words: tuple[Syllable, ...]
    between: tuple[Syllable, ...]
    term: SparseTerm
    weight: float
    word: SparseTerm | None


@dataclass(frozen=True, slots=True)
class DocumentReference:
    """A document named by its kind and number, with its year or without.

    Attributes:
        signs: What its code has behind them, one of these: "NĐ".
        kind: The syllables that say of which kind it is.
        number: The syllable of its number.
        year: That of its year, or None.
        between: Those that stand between the two and nowhere else in the query.
        following: What stands behind a number without a year that may not be one of a
            document, but of days: nothing before it says "số".
    """

    signs: frozenset[str]
    kind: tuple[Syllable, ...]
    number: Syllable
    year: Syllable | None
    between: tuple[Syllable, ...]
    following: Syllable | None

    def __str__(self) -> str:
        return f"{self._beginnings[0]}{' | '.join(sorted(self.signs))}"

    @property
    def words(self) -> tuple[Syllable, ...]:
        """The syllables of the query that are part of its code."""
        return (self.number, self.year) if self.year is not None else (self.number,)

    @property
    def _beginnings(self) -> tuple[str, ...]:
        number = self.number.folded
        number = number.zfill(2 if number[-1].isdecimal() else 3)  # 08, 08a
        if self.year is not None:
            return (f"{number}/{self.year.folded}/",)
        return f"{number}/", f"{number}-"

    def fits(self, code: str) -> bool:
        """Whether a code in canonical form may be that of the document."""
        for beginning in self._beginnings:
            if code.startswith(beginning):
                sign = _SIGN.match(code, len(beginning))
                return sign is not None and sign[1] in self.signs
        return False

    def is_called(self, name: str) -> bool:
        """Whether documents of its kind are called so."""
        from searchidx.language.document_kinds import signs_of  # as in `_kind`

        called = signs_of([syllable.marked for syllable in parse_syllables(name)])
        return not self.signs.isdisjoint(called)

    def documents(self, reader: Reader) -> DocIds:
        """The reports that name it with all of its code: int32, shape (n,), ascending."""
        named = np.zeros(reader.size, np.bool_)
        for beginning in self._beginnings:
            for code, each in reader.keywords.postings_with_prefix("code", beginning).items():
                if self.fits(code):
                    named[each.doc_ids] = True
        return np.flatnonzero(named).astype(np.int32)


def find_named_documents(
    reader: Reader, scorer: Scorer, query: Query, *, exact: bool
) -> tuple[NamedDocument, ...]:
    """The documents that a query names; of codes in full also those that no report names.

    Where marks bind, only codes in full are meant, their parts side by side and spelled so.
    Of documents that are named by kind and number at most `MOST_NUMBERED` count.

    Raises:
        IndexDamagedError: The index is not what was written.
    """
    found = []
    codes = named_codes(query)
    for code, words in codes.items():
        clause = Phrase(words) if exact else Code(code)
        term = scorer.constant(documents_matching(reader, clause, exact=exact))
        found.append(NamedDocument(code, words, (), term, 1.0, term if term.count else None))
    if not exact:
        different = {str(each): each for each in find_document_references(query)}
        for each in list(different.values())[:MOST_NUMBERED]:
            if not any(map(each.fits, codes)):
                naming = _numbered(reader, scorer, each)
                found += [naming] if naming is not None else []
    return tuple(found)


def _numbered(
    reader: Reader, scorer: Scorer, document: DocumentReference
) -> NamedDocument | None:
    named = document.documents(reader)
    if not len(named):
        return None
    term = scorer.constant(named)
    if document.year is None:
        if document.following is not None:
            pair = f"{document.number.folded} {document.following.folded}"
            if scorer.term("folded_pair", pair).count > len(named):
                return None  # "quyết định 15 ngày": a number of days
        weight = scorer.model.number_weight
        return NamedDocument(str(document), document.words, (), term, weight, None)
    # Reports, too, may leave the rest of the code out.
    holds = np.zeros(reader.size, np.bool_)
    holds[named] = True
    for spoken in (document.words, (document.number, *_IN_THE_YEAR, document.year)):
        holds[documents_matching(reader, Phrase(spoken))] = True
    word = scorer.constant(np.flatnonzero(holds).astype(np.int32))
    return NamedDocument(str(document), document.words, document.between, term, 1.0, word)


def add_named_documents(
    forms: dict[str, list[ScoredTerm]],
    named: Iterable[NamedDocument],
    form: Callable[[Syllable], str],
) -> list[list[ScoredTerm]]:
    """The words of a query, each as what reports hold that hold it.

    Args:
        forms: Those of its syllables, by their form; what a document says between number
            and year is added to them.
        named: The documents that it names, of which each is one word more.
        form: The form by which syllables are one word.
    """
    words: list[list[ScoredTerm]] = []
    for each in named:
        if each.word is not None:
            words.append([each.word])
            for between in {form(syllable) for syllable in each.between} & forms.keys():
                forms[between].append(each.word)
    return [*forms.values(), *words]


def named_codes(query: Query) -> dict[str, tuple[Syllable, ...]]:
    """The codes among the plain words of a query, in canonical form, each with its syllables.

    One in quotation marks, in brackets or behind the name of a field is what it is there.
    """
    known = frozenset(query.syllables)
    found: dict[str, tuple[Syllable, ...]] = {}
    for run in _runs(query):
        for code, start, end in _codes(run):
            if known.issuperset(run[start:end]):
                found.setdefault(code, run[start:end])
    return found


def find_document_references(query: Query) -> list[DocumentReference]:
    """The documents that the plain words of a query name by kind and number.

    Such are ``nghị định 15/2020``, ``tt số 78/2021``, ``chỉ thị 16 năm 2020`` and
    ``nghị quyết 35``.  Those with all of their code are not among them.
    """
    known = frozenset(query.syllables)
    found: list[DocumentReference] = []
    for run in _runs(query):
        in_full = {place for _, start, end in _codes(run) for place in range(start, end)}
        for place in range(1, len(run)):
            if place not in in_full and _NUMBER.fullmatch(run[place].folded):
                document = _at(run, place)
                if document is not None and known.issuperset(document.words):
                    found.append(document)
    between = sum(len(document.between) for document in found)
    if between and between < sum(
        syllable.folded == _NAM for run in query.runs for syllable in run
    ):
        # The reports should have the "nam" of "Nam Định".
        return [replace(document, between=()) for document in found]
    return found


def _at(run: tuple[Syllable, ...], place: int) -> DocumentReference | None:
    """The document that is named by the number at a place of some words, if one is."""
    number, *rest = run[place : place + 3]
    between = tuple(rest[:1]) if rest and rest[0].folded == _NAM else ()
    behind = rest[len(between) :]
    year = behind[0] if behind and _FULL_YEAR.fullmatch(behind[0].folded) else None
    is_year = _FULL_YEAR.fullmatch(number.folded) is not None
    if year is not None:
        if is_year and number.folded <= year.folded:
            return None  # 2021-2025
    elif is_year or (rest and rest[0].folded.isdecimal()):
        return None  # "nghị quyết 2020", "chỉ thị 24/7"
    is_said = run[place - 1].folded == "so"
    kind, signs = _kind(run[: place - is_said], alone=year is None)
    if not signs:
        return None
    if year is not None:
        return DocumentReference(signs, kind, number, year, between, None)
    return DocumentReference(
        signs, kind, number, None, (), rest[0] if rest and not is_said else None
    )


def code_syllables(query: Query) -> frozenset[Syllable]:
    """The syllables of the document codes in a query, written with their number or without."""
    found = {syllable for words in named_codes(query).values() for syllable in words}
    for run in _runs(query):
        for place in range(len(run) - 1):
            # NĐ-CP is the end of a code, whatever its number: of a kind and a body.
            if _is_sign(run[place]) and _is_sign(run[place + 1]):
                two = run[place : place + 2]
                if _code("1/" + "-".join(map(str, two)), of_body=True) is not None:
                    found.update(two)
    return frozenset(found)


def _runs(query: Query) -> Iterator[tuple[Syllable, ...]]:
    """The words that stand by themselves, side by side."""
    for are_words, run in groupby(
        query.root.clauses, lambda part: isinstance(part, SyllableTerm)
    ):
        if are_words:
            yield tuple(part.syllable for part in run if isinstance(part, SyllableTerm))


def _codes(run: tuple[Syllable, ...]) -> Iterator[tuple[str, int, int]]:
    """The codes in full, with the places from which and up to which each stands."""
    end = 0
    for place, syllable in enumerate(run):
        if place >= end and _NUMBER.fullmatch(syllable.folded):
            code, end = _longest(run, place)
            if code is not None:
                yield code, place, end


def _kind(
    before: tuple[Syllable, ...], *, alone: bool
) -> tuple[tuple[Syllable, ...], frozenset[str]]:
    """The kind of document that is said before a number, and what codes have for it.

    With `alone`, of documents that are called by their number alone.
    """
    from searchidx.language.document_kinds import (  # which few queries need
        CALLED_BY_NUMBER,
        MOST_SYLLABLES_OF_NAME,
        signs_of,
    )

    for first in range(max(0, len(before) - MOST_SYLLABLES_OF_NAME), len(before)):
        kind = before[first:]
        if signs := signs_of([syllable.marked for syllable in kind]):
            return kind, signs & CALLED_BY_NUMBER if alone else signs
    return (), frozenset()


def _longest(run: tuple[Syllable, ...], place: int) -> tuple[str | None, int]:
    """The code of most parts that begins at a number, and where it ends."""
    letters = place + 1
    if letters < len(run) and _YEAR.fullmatch(run[letters].folded):
        letters += 1
    # Ordinary words behind a number are not looked at more closely.
    if letters < len(run) and _is_sign(run[letters]):
        number = "/".join(map(str, run[place:letters]))
        for end in range(min(len(run), place + _MOST_PARTS), letters, -1):
            code = _code(f"{number}/{'-'.join(map(str, run[letters:end]))}")
            if code is not None:
                return code, end
    return None, place


def _is_sign(syllable: Syllable) -> bool:
    """Whether a word may be the sign of a kind of document or of a body."""
    return syllable.typed.isupper() or _VOWELS.isdisjoint(syllable.folded)


def _code(text: str, *, of_body: bool = False) -> str | None:
    """The canonical form of a text that is a code; with `of_body`, of a known kind and body."""
    from searchidx.language.codes import find_codes  # which few queries need

    for code in find_codes(text):
        if code.start == 0 and code.end == len(text):
            return code.canonical if not of_body or (code.kind and code.issuer) else None
    return None
