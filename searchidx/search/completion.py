"""What a person is about to type, by what the index's texts say most often.

The syllable that is being typed is completed from those that stand behind the one before,
by the pairs of the index; at the beginning of a query, and where the pairs do not reach,
from all its syllables.  What follows is read in the texts: some documents that hold the
beginning are looked into, and a phrase goes on as long as most of its places go on alike.
(Pairs alone would go astray: behind ``nghị quyết`` they say ``định``, for ``quyết định`` is
common.)
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from searchidx.language.forms import has_marks
from searchidx.language.spelling import clean, without_marks, without_tone
from searchidx.language.tokens import cut
from searchidx.search.query import MAX_CHARACTERS, Syllable, syllables
from searchidx.search.restoration import restore
from searchidx.store import Reader
from searchidx.store.cache import Cache

_CONTEXT: Final = 3
"""How many syllables before tell which marks the last of them has."""
_SPELLINGS: Final = 3
"""How many spellings of the syllable before are regarded,"""
_LIKELY: Final = 0.01
"""each if it is as likely as that."""
_CONSIDERED: Final = 24
"""How many syllables are compared for each place."""
_LOOKED_INTO: Final = 3
"""Of how many of them the texts tell how they go on."""
_SAMPLE: Final = 24
"""How many documents are looked into for each, at most,"""
_SAMPLE_SYLLABLES: Final = 8_000
"""and how many syllables these have together."""
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


_NO_WORDS: Final = ("date:", "code:")
_CACHE_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Completion:
    """How a query may go on.

    Attributes:
        text: The whole query.
        start: Where in what was typed `insert` begins, in code points; what stands behind
            it is replaced.
        insert: What is typed there, with marks.
        count: About how many documents hold it there, behind the syllable before.
    """

    text: str
    start: int
    insert: str
    count: int


@dataclass(frozen=True, slots=True)
class _Seed:
    """A syllable that may stand where one is being typed.

    Attributes:
        before: The syllables before it that were regarded.
        form: Its marked form.
        count: About how many documents hold it there.
    """

    before: tuple[str, ...]
    form: str
    count: float


class Completer:
    """Completes queries on one commit.  May be used from many threads.

    Args:
        reader: The commit whose texts tell.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        # From one key to the next mostly the same texts are looked into.
        self._places: Cache[tuple[str, ...], _Places] = Cache(_CACHE_BYTES, _weight)

    def complete(self, text: str, *, limit: int) -> tuple[Completion, ...]:
        """How a query that ends where the cursor is may go on, the most frequent first.

        Args:
            text: What was typed, with marks or without.
            limit: How many completions to give.

        Raises:
            IndexDamagedError: The index is not what was written.
        """
        chunk = text.rpartition(" ")[2].lower().lstrip("-")
        if limit < 1 or len(text) > MAX_CHARACTERS or chunk.startswith(_NO_WORDS):
            return ()
        surfaces, starts, ends = cut(text)
        typed = surfaces.pop() if ends and ends[-1] == len(text) else ""
        start = starts[len(surfaces)] if typed else len(text)
        if not typed and (not surfaces or not text[ends[-1] :].isspace()):
            return ()
        before = syllables(" ".join(surfaces[-_CONTEXT:]))
        seeds = self._behind(before, typed) if before else []
        paired = {seed.form for seed in seeds}
        if typed and len(seeds) < limit:
            alone = self._reader.vocabulary.beginning_with(_bare(typed), _CONSIDERED)
            seeds += [
                _Seed((), form, count)
                for form, count in zip(alone.forms, alone.counts.tolist(), strict=True)
                if form not in paired and _fits(typed, form)
            ]
        found: dict[str, int] = {}
        for at, seed in enumerate(seeds[:limit]):
            phrases = self._phrases(seed) if at < _LOOKED_INTO else [((), 1.0)]
            for following, share in phrases:
                insert = " ".join((seed.form, *following))
                found.setdefault(insert, max(1, round(seed.count * share)))
        # A stable sort; what stands behind the word before comes before what does not.
        ranked = sorted(
            found.items(), key=lambda each: (each[0].split()[0] not in paired, -each[1])
        )
        least = max(found.values(), default=0) / _SELDOM
        return tuple(
            Completion(text[:start] + insert, start, insert, count)
            for insert, count in ranked
            if insert != typed and count >= least
        )[:limit]

    def _behind(self, before: Sequence[Syllable], typed: str) -> list[_Seed]:
        """Syllables that may stand behind others, those of most documents first."""
        restored = restore(self._reader, before)
        last = restored.spellings[-1]
        letters = _bare(typed)
        found: dict[str, _Seed] = {}
        chances = list(zip(last.forms, last.probabilities.tolist(), strict=True))
        for first, chance in chances[:_SPELLINGS]:
            if chance < _LIKELY:
                break
            followers = self._reader.vocabulary.followers(first, letters, _CONSIDERED)
            for form, count in zip(followers.forms, followers.counts.tolist(), strict=True):
                seed = _Seed((first,), form, chance * count)
                if _fits(typed, form) and (form not in found or found[form].count < seed.count):
                    found[form] = seed
        if len(before) > 1:
            found |= self._behind_two(restored.best[-2:], typed, found)
        return sorted(found.values(), key=lambda seed: -seed.count)

    def _behind_two(
        self, two: tuple[str, ...], typed: str, pairs: Mapping[str, _Seed]
    ) -> dict[str, _Seed]:
        """Syllables counted anew behind two that are before, if these stand together.

        The shares of places in a sample are smoothed by those of pairs, as in `restoration`.
        """
        places = self._looked_up(two)
        if not len(places.behind):
            return {}
        first = self._reader.vocabulary.look_up("marked", two[1])
        numbers, counts = np.unique(places.behind[:, 0], return_counts=True)
        shares = dict(zip(places.spelled(numbers.tolist()), counts.tolist(), strict=True))
        total = len(places.behind)
        found = {}
        for form in {*pairs, *(form for form in shares if _begins(typed, form))}:
            share = pairs[form].count / int(first.counts[0]) if form in pairs else 0.0
            chance = (shares.get(form, 0) + share) / (total + 1)
            context = two if form in shares else two[1:]
            found[form] = _Seed(context, form, places.documents * min(chance, 1.0))
        return found

    def _phrases(self, seed: _Seed) -> list[tuple[tuple[str, ...], float]]:
        """What may follow a syllable, and the share of its places where it does.

        What follows often; and nothing, unless something follows mostly.
        """
        places = self._looked_up((*seed.before, seed.form))
        if not len(places.behind):
            return [((), 1.0)]
        numbers, counts = np.unique(places.behind[:, 0], return_counts=True)
        often = (counts >= max(_FEWEST, _OFTEN * len(places.behind))) & (numbers >= 0)
        order = np.argsort(-counts[often], kind="stable")[:_BRANCHES]
        found = [places.going_on((number,)) for number in numbers[often][order].tolist()]
        mostly = bool(found) and counts[often][order[0]] >= _MOSTLY * len(places.behind)
        return found if mostly else [((), 1.0), *found]

    def _looked_up(self, terms: tuple[str, ...]) -> _Places:
        found = self._places.get(terms)
        if found is None:
            found = _Places.of(self._reader, terms)
            self._places.put(terms, found)
        return found


def _begins(typed: str, form: str) -> bool:
    """Whether a marked form may be what is being typed."""
    return bool(form) and _bare(form).startswith(_bare(typed)) and _fits(typed, form)


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
        segment: That of the sample.
        behind: What stands behind them at each place, as `SyllableStreams.following` gives it.
        documents: How many documents hold them, or of three their pairs.
    """

    reader: Reader
    segment: int
    behind: npt.NDArray[np.int32]
    documents: int

    @classmethod
    def of(cls, reader: Reader, terms: tuple[str, ...]) -> _Places:
        """Those of syllables that stand side by side."""
        if len(terms) == 1:
            documents = reader.postings("body_marked", terms[0]).documents
        else:
            documents = functools.reduce(
                lambda one, two: np.intersect1d(one, two, assume_unique=True),
                (
                    reader.postings("body_marked_pair", f"{one} {two}").documents
                    for one, two in itertools.pairwise(terms)
                ),
            )
        count = len(documents)
        if not count:
            return cls(reader, 0, np.zeros((0, _LONGEST - 1), np.int32), 0)
        if count > _SAMPLE:
            documents = documents[np.linspace(0, count - 1, _SAMPLE).astype(int)]
        # A sample of one segment, that of the document in the middle, is sample enough.
        segment = reader.segment(int(documents[len(documents) // 2]))
        own = documents[[reader.segment(number) == segment for number in documents.tolist()]]
        lengths = reader.lengths("body")[own] + reader.lengths("title")[own]
        order = np.argsort(lengths, kind="stable")
        short = int(np.searchsorted(np.cumsum(lengths[order]), _SAMPLE_SYLLABLES))
        numbers = np.sort(own[order[: max(1, short)]]).tolist()
        behind = reader.streams.following(segment, terms, numbers, _LONGEST - 1)
        return cls(reader, segment, behind, count)

    def spelled(self, numbers: Sequence[int]) -> tuple[str, ...]:
        """Syllables by their numbers; empty for what is behind the end of a text."""
        known = [number for number in numbers if number >= 0]
        forms = dict(zip(known, self.reader.streams.spelled(self.segment, known), strict=True))
        return tuple(forms.get(number, "") for number in numbers)

    def going_on(self, beginning: tuple[int, ...]) -> tuple[tuple[str, ...], float]:
        """A beginning with what mostly follows it, and its share of all places."""
        own = self.behind
        for place, number in enumerate(beginning):
            own = own[own[:, place] == number]
        while len(beginning) < self.behind.shape[1] and len(own):
            numbers, counts = np.unique(own[:, len(beginning)], return_counts=True)
            most = int(counts.argmax())
            if numbers[most] < 0 or counts[most] < max(_FEWEST, _MOSTLY * len(own)):
                break
            own = own[own[:, len(beginning)] == numbers[most]]
            beginning = (*beginning, int(numbers[most]))
        return self.spelled(beginning), len(own) / len(self.behind)


def _weight(places: _Places) -> int:
    """The bytes that a cached entry is counted as."""
    return places.behind.nbytes + 400
