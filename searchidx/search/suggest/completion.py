"""What a person is about to type, by what the index's texts say most often.

What may stand next is read in the texts themselves: a sample of the documents that hold the
last syllables before, side by side, tells what stands behind them, how often, and how the
phrase goes on.  Fewer syllables are asked about only where nothing stands behind more of them.
(Pairs alone would go astray: behind ``nghị quyết`` they say ``định``, for ``quyết định`` is
common.)  At the beginning of a query all syllables of the index may stand.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from searchidx.arrays import BoolArray, Int32Array, Int64Array
from searchidx.language.orthography import clean, without_marks, without_tone
from searchidx.language.syllable_forms import folded, has_marks
from searchidx.language.tokenizer import split_syllables
from searchidx.lru_cache import LRUCache
from searchidx.search.query.query import MAX_CHARACTERS, Syllable, parse_syllables
from searchidx.store import FIELDS, Reader

_CONTEXT: Final = 4
"""How many syllables before are asked about, at most."""
_SAMPLE: Final = 96
"""How many of the documents that hold them are read, at most,"""
_SAMPLE_SYLLABLES: Final = 24_000
"""and how many syllables these have together."""
_ENOUGH: Final = 12
"""At so many places that fit what is typed, a sample is not drawn again for it."""
_CONSIDERED: Final = 24
"""How many syllables are compared for each place."""
_SPELLINGS: Final = 4
"""Of how many spellings of the syllable before, when a sample is drawn for what is typed."""
_LOOKED_INTO: Final = 3
"""Of how many of them it is told how they go on."""
_LONGEST: Final = 6
"""How many syllables a completion has at most."""
_FEWEST: Final = 3
"""At how many places something must be read to be taken for a habit."""
_MOSTLY: Final = 0.5
"""The share of places that go on alike for a phrase to go on."""
_SELDOM: Final = 200
"""What so many times fewer documents hold than the most frequent is not offered."""
_BRANCHES: Final = 2
"""In how many ways a syllable goes on that does not go on mostly in one."""
_OFTEN: Final = 0.15
"""The share for what goes on to be offered beside what does not."""

# What is typed there is no word of a text.
_NO_WORD: Final = re.compile(
    r"(?<!\w)(?:date:\s*\S+\s*(?:\.\.|…)\s*\S*"
    r'|(?:date|code|path|sort):\s*(?:[^\s"“«]*|"[^"]*|“[^”]*|«[^»]*))\Z',
    re.IGNORECASE,
)
_CODE: Final = re.compile(r"(?<!\w)((?:\d+[-/])+\d*).*")
"""A number with what makes a code of it, and of that what no case or mark can vary."""
_CACHE_BYTES: Final = 1 << 20

Term = tuple[str, str]
"""A view, "folded" or "marked", and a form in it."""


@dataclass(frozen=True, slots=True)
class Completion:
    """How a query may go on.

    Attributes:
        text: The whole query.
        start: Where in what was typed `insert` begins, in code points; what stands behind
            it is replaced.
        insert: What is typed there, with marks.
        count: About how many documents hold `insert` behind the last syllables before it:
            behind as many of these, up to four, as anything that fits stands behind.
    """

    text: str
    start: int
    insert: str
    count: int


class Completer:
    """Completes queries on one commit.  May be used from many threads.

    Args:
        reader: The commit whose texts tell.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        # From one key to the next mostly the same texts are looked into.
        self._places: LRUCache[tuple[int, tuple[Term, ...]], _Places] = LRUCache(
            _CACHE_BYTES, _weight
        )

    def complete(self, text: str, *, limit: int) -> tuple[Completion, ...]:
        """How a query that ends where the cursor is may go on, the most frequent first.

        Args:
            text: What was typed, with marks or without.
            limit: How many completions to give.

        Raises:
            IndexDamagedError: The index is not what was written.
        """
        if limit < 1 or len(text) > MAX_CHARACTERS or _NO_WORD.search(text):
            return ()
        last = "" if text[-1:].isspace() else "".join(text.split()[-1:])
        if code := _CODE.search(last):
            start = len(text) - len(code[0])
            found = self._codes(code[0], code[1])
        else:
            surfaces, starts, ends = split_syllables(text)
            typed = surfaces.pop() if ends and ends[-1] == len(text) else ""
            start = starts[len(surfaces)] if typed else len(text)
            if not typed and (not surfaces or not text[ends[-1] :].isspace()):
                return ()
            before = parse_syllables(" ".join(surfaces[-_CONTEXT:]))
            found = self._behind(before, typed, limit)
            found.pop(typed.lower(), None)
        least = max(found.values(), default=0) / _SELDOM
        ranked = sorted(found.items(), key=lambda each: -each[1])  # stable
        return tuple(
            Completion(text[:start] + insert, start, insert, max(1, round(count)))
            for insert, count in ranked
            if count >= least
        )[:limit]

    def _codes(self, typed: str, beginning: str) -> dict[str, float]:
        """The codes that begin as typed, whatever their marks and case."""
        codes = self._reader.keywords.beginning_with("code", beginning)
        return {
            code: float(len(postings))
            for code, postings in codes.items()
            if _bare(code).startswith(_bare(typed)) and len(code) > len(typed)
        }

    def _behind(self, before: Sequence[Syllable], typed: str, limit: int) -> dict[str, float]:
        """What may stand where one types, and how many documents hold it there."""
        terms = tuple(map(self._term, before))
        for first in range(len(terms)):
            places = self._that_fit(terms[first:], typed)
            if len(places.behind):
                return self._phrases(places, limit)
        if not typed:
            return {}
        found: dict[str, float] = {}
        alone = self._reader.vocabulary.beginning_with(_bare(typed), _CONSIDERED)
        counts = zip(alone.forms, alone.counts.tolist(), strict=True)
        fitting = [(form, count) for form, count in counts if _fits(typed, form)]
        for at, (form, count) in enumerate(fitting[:limit]):
            goes_on: list[tuple[tuple[str, ...], float]] = [((), 1.0)]
            if at < _LOOKED_INTO:
                goes_on = self._looked_up((("marked", form),), _LOOKED_INTO).going_on()
            for following, share in goes_on:
                found[" ".join((form, *following))] = count * share
        return found

    def _term(self, syllable: Syllable) -> Term:
        """A syllable that was typed in the view that it is looked for in.

        That of its marks if it has some, and if any document has it with these.
        """
        if syllable.has_marks or syllable.folded.isdecimal():
            own = self._reader.vocabulary.look_up("marked", syllable.marked)
            if own.counts.any():
                return "marked", syllable.marked
        return "folded", syllable.folded

    def _that_fit(self, terms: tuple[Term, ...], typed: str) -> _Places:
        """Places of syllables behind which something stands that is being typed."""
        places = self._looked_up(terms)
        found = places.beginning(typed)
        if not typed or places.complete or len(found.behind) >= _ENOUGH:
            return found
        # A sample of all of them has too few of these, so one is drawn where these may be.
        forms = self._candidates(terms[-1], typed)
        beside = np.zeros(self._reader.size, np.bool_)
        for documents in self._documents(
            [_pair(terms[-1], ("marked", form)) for form in forms]
        ):
            beside[documents] = True
        drawn = self._read(terms, self._holding(terms) & beside, _SAMPLE).beginning(typed)
        return drawn if len(drawn.behind) >= len(found.behind) else found

    def _candidates(self, last: Term, typed: str) -> list[str]:
        """Syllables that stand behind one in most documents and may be what is typed."""
        vocabulary = self._reader.vocabulary
        view, form = last
        firsts = [form]
        if view == "folded":
            firsts = list(vocabulary.spellings(form).forms[:_SPELLINGS])
        counts: dict[str, int] = {}
        for first in firsts:
            found = vocabulary.followers(first, _bare(typed), _CONSIDERED)
            for own, count in zip(found.forms, found.counts.tolist(), strict=True):
                if _fits(typed, own):
                    counts[own] = counts.get(own, 0) + count
        return sorted(counts, key=lambda own: -counts[own])[:_CONSIDERED]

    def _phrases(self, places: _Places, limit: int) -> dict[str, float]:
        """What stands at places, with what mostly follows, and how many documents hold it."""
        numbers, counts = places.next_ones()
        order = np.argsort(-counts, kind="stable")[:limit]
        chosen = numbers[order].tolist()
        forms = self._reader.streams.forms(chosen)
        estimates = self._estimated(places, forms, counts[order].tolist())
        found = {}
        for at, (number, form, count) in enumerate(zip(chosen, forms, estimates, strict=True)):
            own = places.past(number)
            for following, share in own.going_on() if at < _LOOKED_INTO else [((), 1.0)]:
                found[" ".join((form, *following))] = count * share
        return found

    def _estimated(
        self, places: _Places, forms: Sequence[str], counts: Sequence[int]
    ) -> list[float]:
        """How many documents hold syllables behind others, by how many of a sample do.

        Those that hold the pairs of which all this consists, times the share of such
        documents in the sample that do hold it.
        """
        if places.complete:
            return list(map(float, counts))
        before = self._holding(places.terms)
        pairs = [_pair(places.terms[-1], ("marked", form)) for form in forms]
        found = []
        for count, documents in zip(counts, self._documents(pairs), strict=True):
            holding = np.zeros(len(before), np.bool_)
            holding[documents] = before[documents]
            share = count / max(1, int(np.count_nonzero(holding[places.read])))
            found.append(float(np.count_nonzero(holding) * share))
        return found

    def _looked_up(self, terms: tuple[Term, ...], one_of: int = 1) -> _Places:
        """Places of syllables, of a sample that is so many times smaller than others."""
        found = self._places.get((one_of, terms))
        if found is None:
            found = self._read(terms, self._holding(terms), max(1, _SAMPLE // one_of))
            self._places.put((one_of, terms), found)
        return found

    def _holding(self, terms: tuple[Term, ...]) -> BoolArray:
        """The documents that hold each pair of syllables, or the only syllable."""
        wanted = [_pair(*two) for two in itertools.pairwise(terms)] or [terms[0]]
        found = np.ones(self._reader.size, np.bool_)
        for documents in self._documents(wanted):
            own = np.zeros(len(found), np.bool_)
            own[documents] = True
            found &= own
        return found

    def _documents(self, terms: Sequence[Term]) -> list[Int32Array]:
        """The documents that hold each term in the title, and those that do in the body."""
        keys = [(f"{field}_{view}", form) for view, form in terms for field in FIELDS]
        lists = [postings.documents for postings in self._reader.postings_of(keys)]
        count = len(FIELDS)
        return [np.concatenate(lists[at : at + count]) for at in range(0, len(lists), count)]

    def _read(self, terms: tuple[Term, ...], holding: BoolArray, most: int) -> _Places:
        """The places of syllables in a sample of some documents, evenly spread."""
        reader = self._reader
        documents = np.flatnonzero(holding).astype(np.int32)
        count = len(documents)
        if count > most:
            documents = documents[np.linspace(0, count - 1, most).astype(int)]
        lengths = reader.lengths("body")[documents] + reader.lengths("title")[documents]
        order = np.argsort(lengths, kind="stable")
        short = int(np.searchsorted(np.cumsum(lengths[order]), _SAMPLE_SYLLABLES, "right"))
        documents = np.sort(documents[order[: max(1, short)]])
        owners, behind = reader.streams.following(terms, documents, _LONGEST)
        return _Places(reader, terms, len(documents) == count, documents, owners, behind)


def _pair(first: Term, second: Term) -> Term:
    """The indexed pair of two syllables, which every document has that has them so."""
    if first[0] == second[0] == "marked":
        return "marked_pair", f"{first[1]} {second[1]}"
    return "folded_pair", f"{folded(first[1])} {folded(second[1])}"


@functools.lru_cache(4096)
def _bare(typed: str) -> str:
    """The letters of the beginning of a syllable without marks, as folded forms begin."""
    return without_marks(clean(typed))


def _fits(typed: str, form: str) -> bool:
    """Whether a marked form goes on from what was typed: marks that were typed are there."""
    if not has_marks(typed):
        return True
    letters, tone = without_tone(clean(typed))
    form_letters, form_tone = without_tone(form)
    return (not tone or tone == form_tone) and all(
        one in (other, _bare(other)) for one, other in zip(letters, form_letters, strict=False)
    )


@dataclass(frozen=True, slots=True)
class _Places:
    """Where syllables stand in a sample of documents.

    Attributes:
        reader: The commit.
        terms: The syllables.
        complete: Whether the sample is all documents that may hold them.
        read: The documents of the sample, int32, ascending.
        owners: The document of each place, int32, shape (places,), ascending.
        behind: What stands behind them at each place, as `SyllableStreams.following` gives it.
    """

    reader: Reader
    terms: tuple[Term, ...]
    complete: bool
    read: Int32Array
    owners: Int32Array
    behind: Int32Array

    def beginning(self, typed: str) -> _Places:
        """Those behind which a syllable stands that may be what is being typed."""
        numbers = np.unique(self.behind[:, 0])
        numbers = numbers[numbers >= 0]
        if typed:
            forms = self.reader.streams.forms(numbers.tolist())
            letters = _bare(typed)
            fit = [_bare(form).startswith(letters) and _fits(typed, form) for form in forms]
            numbers = numbers[np.array(fit, np.bool_)]
        kept = np.isin(self.behind[:, 0], numbers)
        return dataclasses.replace(self, owners=self.owners[kept], behind=self.behind[kept])

    def past(self, number: int) -> _Places:
        """The places one syllable on, where that is the syllable of this number."""
        kept = self.behind[:, 0] == number
        behind = self.behind[kept, 1:]
        return dataclasses.replace(self, owners=self.owners[kept], behind=behind)

    def next_ones(self) -> tuple[Int64Array, Int64Array]:
        """The numbers of what stands behind, ascending, and how many documents hold each."""
        keys = np.unique(self.owners.astype(np.int64) << 32 | (self.behind[:, 0] + 1))
        numbers, counts = np.unique(keys & 0xFFFFFFFF, return_counts=True)
        return numbers - 1, counts

    def going_on(self) -> list[tuple[tuple[str, ...], float]]:
        """What follows often, and the share of documents where it does.

        And nothing, unless something follows mostly.
        """
        held = self.held()
        numbers, counts = np.unique(self.behind[:, 0], return_counts=True)
        often = (counts >= max(_FEWEST, _OFTEN * len(self.behind))) & (numbers >= 0)
        order = np.argsort(-counts[often], kind="stable")[:_BRANCHES]
        found = [self._mostly(number) for number in numbers[often][order].tolist()]
        mostly = bool(found) and counts[often][order[0]] >= _MOSTLY * len(self.behind)
        shares = [(forms, documents / held) for forms, documents in found]
        return shares if mostly else [((), 1.0), *shares]

    def held(self) -> int:
        """In how many documents the places are."""
        return len(np.unique(self.owners))

    def _mostly(self, number: int) -> tuple[tuple[str, ...], int]:
        """A syllable with what mostly follows it, and how many documents hold all of it."""
        phrase = [number]
        own = self.past(number)
        while len(phrase) < _LONGEST - 1:
            numbers, counts = np.unique(own.behind[:, 0], return_counts=True)
            most = int(counts.argmax())
            number = int(numbers[most])
            if number < 0 or counts[most] < max(_FEWEST, _MOSTLY * len(own.behind)):
                break
            phrase.append(number)
            own = own.past(number)
        return self.reader.streams.forms(phrase), own.held()


def _weight(places: _Places) -> int:
    """The bytes that a cached entry is counted as."""
    return places.behind.nbytes + places.owners.nbytes + places.read.nbytes + 400
