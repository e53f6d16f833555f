"""Convert raw keystrokes of Telex and VNI: ``nghij quyeets``, ``nghi5 quye6t1``.

People type with the input method switched off and do not notice.  The keys then arrive as they
were typed, and a search finds nothing.  `syllable_from_keys` returns the syllable that a
sequence of keys types.  `convert_keystrokes` decides whether a query was typed that way, and
converts it.

The rules of `convert_keystrokes` and their reasons:

* **A query with marks is never changed,** and neither is one with a letter beyond ASCII.
  Someone who typed ``ị`` has a working input method.
* **The whole query decides.**  An input method is on or off for the whole query, so all words
  are examined together.  ``tax`` or ``hos`` alone could be anything.
* **Evidence is a word that is not unmarked Vietnamese and becomes a possible syllable.**
  ``quyet`` and ``hoa`` prove nothing.  A word with keys for two kinds of marks (tone, vowel,
  đ: ``quyeets``, ``ddangr``) is enough by itself.  So is a sequence that no other language
  and no abbreviation has: ``dd`` at the beginning, ``aa``, ``uw``, ``iee``, ``oong``, a
  final ``j``, ``f`` or ``r`` after a consonant (``toanf``); in VNI a digit before a letter
  (``d9a3ng``).  Any other word (``sachs``, ``nghi5``) needs a second one, because names and
  codes look the same (``Hans``, ``vf8``).  Words of up to three letters count half.
* **English words that are also the keys of a syllable are no evidence** (``this``,
  ``boost``), and neither are numbered things (``quy1``, ``lop5``).  They are listed in
  `searchidx.language.confusables`.
* **Counter-evidence is a word that the method cannot have typed:** it is neither the keys of a
  syllable nor complete as it stands (``facebook``; ``quyet``, which lacks a mark).  The
  evidence must weigh more.  Numbers and codes do not count.
* **All words of a converted query are converted,** ambiguous ones too (``teen`` is ``tên``).
  Exceptions are codes (punctuation inside, capitals among small letters, ``tw`` after an
  abbreviation such as ``nq``) and words whose syllable hardly exists (``visa``, ``test``).
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
from searchidx.language.orthography import TONES, syllable_parts, tone_place
from searchidx.language.phonology import is_vietnamese
from searchidx.units import Span

InputMethod = Literal["Telex", "VNI"]


@dataclass(frozen=True, slots=True)
class ConvertedKeystrokes:
    """The text that raw keystrokes were meant to type.

    Attributes:
        text: The query with its keystrokes replaced by syllables.
        method: The input method that the keystrokes are for.
        changes: Each replacement, ascending: the half-open range of its keys in the query, in
            code points, and the syllable.
    """

    text: str
    method: InputMethod
    changes: tuple[tuple[int, int, str], ...] = field(default=(), compare=False)

    def original_offset(self, offset: int) -> int:
        """Return the offset in the query of an offset in `text`, both in code points.

        For an offset inside a replaced syllable, that is the beginning of its keys.
        """
        growth = 0  # of the text over the query, up to this change
        for start, end, syllable in self.changes:
            if offset < start + growth + len(syllable):
                return min(offset - growth, start)
            growth += len(syllable) - (end - start)
        return offset - growth


class _KeyMap(NamedTuple):
    """The effects of the keys of an input method.

    Attributes:
        tones: The tone that a key gives to the syllable; the empty tone removes it.
        marks: For a key, the letters before it that it changes, and their results.
        letters: The letter that a key writes.
    """

    tones: dict[str, str]
    marks: dict[str, dict[str, str]]
    letters: dict[str, str]


def _letters(keys: str) -> dict[str, str]:
    """Map each key to the letter on it."""
    return dict(zip(keys, keys, strict=True))


_KEY_MAPS: Final[dict[InputMethod, _KeyMap]] = {
    "Telex": _KeyMap(
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
    "VNI": _KeyMap(
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
_MAX_KEYS: Final = 14  # "nghiêng" takes 9; no syllable takes more than 12
_VOWEL_MARKS: Final = "\u0302\u0306\u031b"  # circumflex, breve, horn
# The beginning of a possible syllable.  It has one group of vowels, at most two of which (ươ)
# have marks.  The longest group is that of "giươi", which includes the i of the onset.
_SYLLABLE_BEGINNING: Final = re.compile(
    rf"(?!(?:.*[ăâêôơư]){{3}})[^{VOWEL_LETTERS}]{{0,3}}[{VOWEL_LETTERS}]{{0,4}}[^{VOWEL_LETTERS}]{{0,2}}"
)
_HALF_HORNED: Final = re.compile("ưo|uơ")


@lru_cache(maxsize=1 << 14)
def syllable_from_keys(keys: str, method: InputMethod) -> str | None:
    """Return the syllable that a sequence of keys types, or None.

    The keys for marks may stand anywhere after their letter, and so may the key of the tone:
    ``tieengs``, ``tieesng`` and ``tiesneg`` all type ``tiếng``.  A key that removes the tone
    (z, 0) has this effect only after a tone.  Results against the rules of Vietnamese
    spelling (``text`` → ``tẽt``) are left out.

    Args:
        keys: The keys of one word, in any case.
        method: The input method.

    Returns:
        A possible syllable in lower case and NFC.  None if there is none, or if the keys are
        plain letters that type themselves.
    """
    keys = keys.lower()
    if len(keys) > _MAX_KEYS:
        return None
    # All readings of the keys so far.  Readings in which a key marks a letter come first: coong
    # is công.
    readings: list[tuple[str, str | None]] = [("", None)]
    for key in keys:
        readings = list(
            dict.fromkeys(
                following
                for letters, tone in readings
                for following in _readings_after(key, letters, tone, _KEY_MAPS[method])
                if _SYLLABLE_BEGINNING.fullmatch(following[0])
            )
        )
    for letters, tone in readings:
        if letters == keys:
            continue
        for corrected in (letters, _HALF_HORNED.sub("ươ", letters)):
            syllable = _with_tone(corrected, tone or "")
            if syllable is not None and is_vietnamese(syllable):
                return syllable
    return None


def _readings_after(
    key: str, letters: str, tone: str | None, key_map: _KeyMap
) -> Iterator[tuple[str, str | None]]:
    """Yield the letters and the tone that one more key may give.

    Args:
        key: The key.
        letters: The letters so far.
        tone: The tone so far, "" if it was removed, or None if no key has set one.
        key_map: The effects of keys.
    """
    if key in key_map.tones:
        new_tone = key_map.tones[key]
        if tone if not new_tone else not tone and any(c in VOWEL_LETTERS for c in letters):
            yield letters, new_tone
            return
    marks = key_map.marks.get(key, {})
    if "u" in marks and "uo" in letters:
        yield letters.replace("uo", "ươ", 1), tone
    for index in range(len(letters) - 1, -1, -1):
        if letters[index] in marks:
            yield letters[:index] + marks[letters[index]] + letters[index + 1 :], tone
    if key == "o" and letters.endswith("ô"):  # a third o undoes the second: xooong is xoong
        yield letters[:-1] + "oo", tone
    if key in key_map.letters:
        yield letters + key_map.letters[key], tone


def _with_tone(letters: str, tone: str) -> str | None:
    """Return the syllable with its tone mark in place, or None if it has no vowel group."""
    split = syllable_parts(letters)
    if split is None:
        return None
    onset, vowels, coda = split
    end = len(onset) + tone_place(vowels, coda) + 1
    return unicodedata.normalize("NFC", letters[:end] + tone + letters[end:])


_MIN_EVIDENCE: Final = 3
"""The weight of the evidence that is needed to convert a query."""
_STRONG_EVIDENCE: Final = 4
_WEAK_EVIDENCE: Final = 2
_COUNTER_EVIDENCE: Final = 1
_MAX_SHORT_WORD_KEYS: Final = 3  # the evidence of a word with no more keys counts half
# Sequences of keys that neither another language nor an abbreviation has.
_CERTAIN_KEYS: Final[dict[InputMethod, re.Pattern[str]]] = {
    "Telex": re.compile(r"^dd|aa|uw|[iy]ee|uoo|oong|j$|[cghmnpt][fr]$|[ghm]x$|[\[\]]"),
    "VNI": re.compile(r"[0-9][a-z]"),
}
# Two keys for a marked letter, side by side.  "coso" and "neues" have them apart.
_ADJACENT_MARK_KEYS: Final = re.compile(r"aa|ee|oo|w|dd")
_CHUNK: Final = re.compile(r"\S+")
# A chunk that is one word with punctuation around it.  In Telex, brackets type ơ and ư.
_WORD: Final = re.compile(r"[\W_]*([a-z0-9]+)[\W_]*", re.ASCII | re.IGNORECASE)
_WORD_WITH_BRACKETS: Final = re.compile(
    r"(?=.*[a-z])[^a-z0-9\[\]]*([a-z0-9\[\]]+)[^a-z0-9\[\]]*", re.ASCII | re.IGNORECASE
)
_CONSONANTS: Final = re.compile(r"[b-df-hj-np-tv-z]+")
_VOWEL: Final = re.compile(rf"[{BASE_VOWELS}\[\]]")


class _Word(NamedTuple):
    """A word of a query.

    Attributes:
        start, end: Its half-open range in the query, in code points.
        keys: The word in lower case.
        syllable: The syllable that its keys type, or None.
    """

    start: int
    end: int
    keys: str
    syllable: str | None


def convert_keystrokes(
    query: str, spans: Iterable[Span] | None = None
) -> ConvertedKeystrokes | None:
    """Convert a query that was typed in raw keystrokes of Telex or VNI.

    Args:
        query: The query as typed.
        spans: The parts that may be converted, ascending, as half-open ranges of code points.
            The rest is ignored.  None means the whole query.

    Returns:
        The query with syllables in place of keystrokes, or None if it was not typed that way.
    """
    if any(c.isalpha() or unicodedata.combining(c) for c in query if not c.isascii()):
        return None
    chunks = [
        chunk.span()
        for start, end in ([(0, len(query))] if spans is None else spans)
        for chunk in _CHUNK.finditer(query, start, end)
    ]
    max_evidence, result = 0, None
    for method in _KEY_MAPS:
        words = list(_words(query, chunks, method))
        distinct = {word.keys: word for word in words}.values()
        evidence = sum(_evidence(word, method) for word in distinct if word.syllable)
        if evidence >= _MIN_EVIDENCE and evidence > max_evidence:
            counter_evidence = _COUNTER_EVIDENCE * sum(map(_is_counter_evidence, distinct))
            if evidence > counter_evidence:
                max_evidence, result = evidence, _converted(query, words, method)
    return result


def _words(query: str, chunks: list[Span], method: InputMethod) -> Iterator[_Word]:
    """Yield the words of a query, without codes.

    Args:
        query: The query.
        chunks: The ranges between white space, in code points.
        method: The input method.
    """
    has_small_letters = not query.isupper()
    previous = ""
    for begin, end in chunks:
        is_after_code = bool(_CONSONANTS.fullmatch(previous))
        previous = query[begin:end].lower()
        match = _WORD_WITH_BRACKETS.fullmatch(query, begin, end) if method == "Telex" else None
        if match is None or not syllable_from_keys(match[1], method):
            match = _WORD.fullmatch(query, begin, end)
        if match is None:
            continue
        keys = match[1].lower()
        if has_small_letters and len(keys) > 1 and match[1].isupper():
            continue
        if is_after_code and not _VOWEL.search(keys):
            continue
        syllable = None if keys in FOREIGN else syllable_from_keys(keys, method)
        yield _Word(*match.span(1), keys, syllable)


def _evidence(word: _Word, method: InputMethod) -> int:
    """Return the weight of a word with a syllable as evidence for the method."""
    if word.keys in OFTEN_FOREIGN or word.keys.rstrip("0123456789") in NUMBERED:
        return 0
    decomposed = unicodedata.normalize("NFD", word.syllable or "")
    mark_kinds = (
        any(tone in decomposed for tone in TONES[1:])
        + any(mark in decomposed for mark in _VOWEL_MARKS)
        + ("đ" in decomposed)
    )
    is_strong = _CERTAIN_KEYS[method].search(word.keys) or (
        method == "Telex" and mark_kinds > 1 and _ADJACENT_MARK_KEYS.search(word.keys)
    )
    weight = _STRONG_EVIDENCE if is_strong else _WEAK_EVIDENCE
    return weight if len(word.keys) > _MAX_SHORT_WORD_KEYS else weight // 2


def _is_counter_evidence(word: _Word) -> bool:
    """Return whether a word is neither the keys of a syllable nor complete as it stands."""
    return (
        word.syllable is None
        and word.keys.isalpha()
        and _VOWEL.search(word.keys) is not None
        and not is_vietnamese(word.keys)
    )


def _converted(query: str, words: list[_Word], method: InputMethod) -> ConvertedKeystrokes:
    """Replace the keys of each syllable by the syllable, in the case of the keys."""
    pieces: list[str] = []
    changes: list[tuple[int, int, str]] = []
    copied = 0  # code points of the query
    for start, end, _, syllable in words:
        if syllable is None:
            continue
        typed = query[start:end]
        if typed.isupper() and len(typed) > 1:
            syllable = syllable.upper()
        elif typed[0].isupper():
            syllable = syllable.capitalize()
        pieces += query[copied:start], syllable
        changes.append((start, end, syllable))
        copied = end
    return ConvertedKeystrokes("".join((*pieces, query[copied:])), method, tuple(changes))
