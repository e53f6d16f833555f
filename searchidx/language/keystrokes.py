"""Telex and VNI typing that reached us raw: ``nghij quyeets``, ``nghi5 quye6t1``.

Someone types with the input method switched off and does not see it.  The keys then arrive
as they were struck, and nothing is found.  `spell` says which syllable a row of keys types;
`convert` decides whether a query was typed that way at all.

The rule of `convert`, and why:

* **A query with marks is never touched,** nor one with any letter beyond ASCII: whoever typed
  ``ị`` has a working input method.
* **The whole query decides.**  An input method is on or off for all that is typed, so one
  method is asked of all words together; ``tax`` and ``hos`` alone could be anything.
* **Evidence is a word that is no unmarked Vietnamese and becomes a possible syllable.**
  ``quyet`` and ``hoa`` prove nothing.  A word with keys for two kinds of marks (tone, vowel,
  đ: ``quyeets``, ``ddangr``) is enough by itself.  So is what no other language and no
  abbreviation looks like: ``dd`` at the beginning, ``aa``, ``uw``, ``iee``, ``oong``, a
  final ``j``, ``f`` or ``r`` after a consonant (``toanf``); with VNI a digit before a letter
  (``d9a3ng``).  Any other word (``sachs``, ``nghi5``) needs company, for names and codes
  look the same (``Hans``, ``vf8``); words of up to three letters count half.
* **No evidence** are English words that are also the keys of a syllable (``this``,
  ``boost``) and numbered things (``quy1``, ``lop5``): `searchidx.language.confusables`.
* **Evidence against it** are words that cannot have come from that method: neither keys of
  a syllable nor complete as they stand (``facebook``; ``quyet``, which lacks a mark).  They
  must weigh less.  Numbers and codes have no vote.
* **A query that is converted is converted throughout,** ambiguous words too (``teen`` is
  ``tên``), save codes (punctuation inside, capitals among small letters, ``tw`` after an
  abbreviation such as ``nq``) and words whose syllable is hardly one (``visa``, ``test``).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, Literal, NamedTuple

from searchidx.language.character_classes import BASE_VOWELS, VOWEL_LETTERS
from searchidx.language.confusables import FOREIGN, NUMBERED, OFTEN_FOREIGN
from searchidx.language.orthography import TONES, parts, tone_place
from searchidx.language.phonology import is_vietnamese

Method = Literal["Telex", "VNI"]
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Converted:
    """A query as it was meant.

    Attributes:
        text: The query with its raw keystrokes turned into syllables.
        method: The input method that it was typed for.
        changes: What was turned, ascending: where it stood in the query, as half-open code
            points, and the syllable in its place.
    """

    text: str
    method: Method
    changes: tuple[tuple[int, int, str], ...] = field(default=(), compare=False)

    def origin(self, position: int) -> int:
        """Return where in the query stood what is at a position of `text`.

        Both count code points; inside of a syllable it is the beginning of its keys.
        """
        gained = 0
        for start, end, syllable in self.changes:
            if position < start + gained + len(syllable):
                return min(position - gained, start)
            gained += len(syllable) - (end - start)
        return position - gained


class _Keys(NamedTuple):
    """What the keys of a method do.

    Attributes:
        tones: The tone that a key gives the syllable; none takes it away again.
        marks: What a key makes of a letter that stands before it.
        letters: What a key writes.
    """

    tones: dict[str, str]
    marks: dict[str, dict[str, str]]
    letters: dict[str, str]


def _letters(keys: str) -> dict[str, str]:
    return dict(zip(keys, keys, strict=True))


_KEYS: Final[dict[Method, _Keys]] = {
    "Telex": _Keys(
        dict(zip("zfrxsj", TONES, strict=True)),
        {
            "a": {"a": "â"},
            "e": {"e": "ê"},
            "o": {"o": "ô"},
            "w": {"a": "ă", "o": "ơ", "u": "ư"},
            "d": {"d": "đ"},
        },
        _letters("abcdeghiklmnopqrstuvxy") | {"w": "ư", "[": "ơ", "]": "ư"},
    ),
    "VNI": _Keys(
        dict(zip("023415", TONES, strict=True)),
        {
            "6": {"a": "â", "e": "ê", "o": "ô"},
            "7": {"o": "ơ", "u": "ư"},
            "8": {"a": "ă"},
            "9": {"d": "đ"},
        },
        _letters("abcdeghiklmnopqrstuvxy"),
    ),
}
_MOST_KEYS: Final = 14  # nghiêng takes 9; no syllable takes more than 12
_VOWEL_MARKS: Final = "\u0302\u0306\u031b"  # circumflex, breve, horn
# What may become a syllable: one group of vowels, at most two of which (ươ) have marks.  The
# vowels of giươi are the most there are, with the i of the onset.
_BEGINNING: Final = re.compile(
    rf"(?!(?:.*[ăâêôơư]){{3}})[^{VOWEL_LETTERS}]{{0,3}}[{VOWEL_LETTERS}]{{0,4}}[^{VOWEL_LETTERS}]{{0,2}}"
)
_HALF_HORNED: Final = re.compile("ưo|uơ")


@lru_cache(maxsize=1 << 14)
def spell(keys: str, method: Method) -> str | None:
    """Return the syllable that a sequence of keys types, or None.

    Keys that mark a letter may stand anywhere behind it, and so may the key of the tone:
    ``tieengs``, ``tieesng``, ``tiesneg`` are all ``tiếng``.  A key that takes the tone away
    (z, 0) counts after a tone only.  What a method does against the rules of Vietnamese
    spelling (``text`` → ``tẽt``) it does not do here.

    Returns:
        A possible syllable in lower case, NFC; None if there is none, or if the keys are
        plain letters that type themselves.
    """
    keys = keys.lower()
    if len(keys) > _MOST_KEYS:
        return None
    # All ways to read the keys so far, a mark on what stands before first: coong is công.
    readings: list[tuple[str, str | None]] = [("", None)]
    for key in keys:
        readings = list(
            dict.fromkeys(
                following
                for letters, tone in readings
                for following in _struck(key, letters, tone, _KEYS[method])
                if _BEGINNING.fullmatch(following[0])
            )
        )
    for letters, tone in readings:
        if letters == keys:
            continue
        for whole in (letters, _HALF_HORNED.sub("ươ", letters)):
            syllable = _with_tone(whole, tone or "")
            if syllable is not None and is_vietnamese(syllable):
                return syllable
    return None


def _struck(
    key: str, letters: str, tone: str | None, keys: _Keys
) -> Iterator[tuple[str, str | None]]:
    """Yield what `letters` and `tone` may become by one more key; None: no tone was set."""
    if key in keys.tones and (
        tone if not keys.tones[key] else not tone and any(c in VOWEL_LETTERS for c in letters)
    ):
        yield letters, keys.tones[key]
        return
    marks = keys.marks.get(key, {})
    if "u" in marks and "uo" in letters:
        yield letters.replace("uo", "ươ", 1), tone
    for place in range(len(letters) - 1, -1, -1):
        if letters[place] in marks:
            yield letters[:place] + marks[letters[place]] + letters[place + 1 :], tone
    if key == "o" and letters.endswith("ô"):  # a third o undoes the second: xooong is xoong
        yield letters[:-1] + "oo", tone
    if key in keys.letters:
        yield letters + keys.letters[key], tone


def _with_tone(letters: str, tone: str) -> str | None:
    """Return a syllable's letters with the tone mark in place, or None if none fits."""
    split = parts(letters)
    if split is None:
        return None
    onset, vowels, coda = split
    end = len(onset) + tone_place(vowels, coda) + 1
    return unicodedata.normalize("NFC", letters[:end] + tone + letters[end:])


_ENOUGH: Final = 3
"""The weight of evidence that it takes to convert a query."""
_STRONG, _WEAK, _AGAINST = 4, 2, 1
_SHORT: Final = 3
_NOTHING_ELSE: Final[dict[Method, re.Pattern[str]]] = {
    "Telex": re.compile(r"^dd|aa|uw|[iy]ee|uoo|oong|j$|[cghmnpt][fr]$|[ghm]x$|[\[\]]"),
    "VNI": re.compile(r"[0-9][a-z]"),
}
# ``coso`` and ``neues`` could be Telex, too, with the keys for ô and ê at the end.
_SIDE_BY_SIDE: Final = re.compile(r"aa|ee|oo|w|dd")
_CHUNK: Final = re.compile(r"\S+")
# A chunk that is a word in punctuation.  Brackets beside letters may be keys.
_WORD: Final = re.compile(r"[\W_]*([a-z0-9]+)[\W_]*", re.ASCII | re.IGNORECASE)
_BRACKETS: Final = re.compile(
    r"(?=.*[a-z])[^a-z0-9\[\]]*([a-z0-9\[\]]+)[^a-z0-9\[\]]*", re.ASCII | re.IGNORECASE
)
_CONSONANTS: Final = re.compile(r"[b-df-hj-np-tv-z]+")
_VOWEL: Final = re.compile(rf"[{BASE_VOWELS}\[\]]")


class _Word(NamedTuple):
    """A word of a query, in lower case, where it stands, and the syllable if it is keys."""

    start: int
    end: int
    keys: str
    syllable: str | None


def convert(query: str, spans: Iterable[Span] | None = None) -> Converted | None:
    """`query` as it was meant, if it was typed in raw keystrokes; None if it was not.

    Args:
        query: What was typed.
        spans: The parts of it that may be converted, ascending, as half-open ranges of code
            points; the rest is not looked at.  All of it unless given.
    """
    if any(c.isalpha() or unicodedata.combining(c) for c in query if not c.isascii()):
        return None
    chunks = [
        chunk.span()
        for start, end in ([(0, len(query))] if spans is None else spans)
        for chunk in _CHUNK.finditer(query, start, end)
    ]
    most, result = 0, None
    for method in _KEYS:
        words = list(_words(query, chunks, method))
        different = {word.keys: word for word in words}.values()
        evidence = sum(_evidence(word, method) for word in different if word.syllable)
        if evidence >= _ENOUGH and evidence > most:
            against = sum(_AGAINST for word in different if _speaks_against(word))
            if evidence > against:
                most, result = evidence, _converted(query, words, method)
    return result


def _words(query: str, chunks: list[Span], method: Method) -> Iterator[_Word]:
    """Yield the chunks that are words, not codes."""
    small_letters = not query.isupper()
    before = ""
    for begin, end in chunks:
        after_code, before = bool(_CONSONANTS.fullmatch(before)), query[begin:end].lower()
        match = _BRACKETS.fullmatch(query, begin, end) if method == "Telex" else None
        if match is None or not spell(match[1], method):
            match = _WORD.fullmatch(query, begin, end)
        if match is None:
            continue
        keys = match[1].lower()
        if small_letters and len(keys) > 1 and match[1].isupper():
            continue
        if after_code and not _VOWEL.search(keys):
            continue
        syllable = None if keys in FOREIGN else spell(keys, method)
        yield _Word(*match.span(1), keys, syllable)


def _evidence(word: _Word, method: Method) -> int:
    """Return how much a word that is keys speaks for the method."""
    if word.keys in OFTEN_FOREIGN or word.keys.rstrip("0123456789") in NUMBERED:
        return 0
    decomposed = unicodedata.normalize("NFD", word.syllable or "")
    kinds = (
        any(tone in decomposed for tone in TONES[1:])
        + any(mark in decomposed for mark in _VOWEL_MARKS)
        + ("đ" in decomposed)
    )
    strong = _NOTHING_ELSE[method].search(word.keys) or (
        method == "Telex" and kinds > 1 and _SIDE_BY_SIDE.search(word.keys)
    )
    weight = _STRONG if strong else _WEAK
    return weight if len(word.keys) > _SHORT else weight // 2


def _speaks_against(word: _Word) -> bool:
    """Return whether a word cannot have been typed by the method."""
    return (
        word.syllable is None
        and word.keys.isalpha()
        and _VOWEL.search(word.keys) is not None
        and not is_vietnamese(word.keys)
    )


def _converted(query: str, words: list[_Word], method: Method) -> Converted:
    """Return the query with syllables in place of their keys, in the case of the keys."""
    pieces: list[str] = []
    changes: list[tuple[int, int, str]] = []
    done = 0
    for start, end, _, syllable in words:
        if syllable is None:
            continue
        typed = query[start:end]
        if typed.isupper() and len(typed) > 1:
            syllable = syllable.upper()
        elif typed[0].isupper():
            syllable = syllable.capitalize()
        pieces += query[done:start], syllable
        changes.append((start, end, syllable))
        done = end
    return Converted("".join((*pieces, query[done:])), method, tuple(changes))
