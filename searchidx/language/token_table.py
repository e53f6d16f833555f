"""Distinct tokens by number, with all that pyvi's model says of each."""

from __future__ import annotations

import re
import string
import unicodedata
from array import array
from collections import Counter
from collections.abc import Iterable
from typing import Final

import numpy as np

from searchidx.arrays import BoolArray, Int32Array, Int64Array
from searchidx.language.crf import Model
from searchidx.language.key_table import KeyTable
from searchidx.language.phonology import is_vietnamese
from searchidx.language.syllable_forms import marked

# The alternatives of ViTokenizer.sylabelize in pyvi 0.1.1, in their order.
_TOKEN: Final = re.compile(
    r"[A-ZĐ]+\.|Tp\.|Mr\.|Mrs\.|Ms\.|Dr\.|ThS\."
    r"|==>|->|\.\.\.|>>"
    r"|\w+://[^\s]+"
    r"|[a-zA-Z0-9_.+-]+@(?:[a-zA-Z0-9-]+\.)+[a-zA-Z0-9-]+"
    r"|\d+(?:[\.,_]\d+)+"
    r"|[^\w\s]|\w+"
)


def cut_tokens(chunk: str) -> list[str]:
    """Pyvi's tokens of a text without white space."""
    return _TOKEN.findall(chunk)


class TokenTable:
    """Distinct tokens by number, with all that the model says of each.

    Attributes:
        texts: The tokens.
        own: What a token adds to its own score of being inside a word.
        before: What it adds to that of the token after it.
        after: What it adds to that of the token before it.
        part: Its number among the syllables of the word list, or 0.
        flags: The sum of `JOINS` if it may be part of a longer word, and `TITLE` if it
            begins with a capital.
    """

    JOINS: Final = 1
    TITLE: Final = 2
    BIGRAM: Final = 1
    BEGINS_TRIGRAM: Final = 2

    def __init__(self, model: Model) -> None:
        self._weights = model.weights
        self._parts: dict[str, int] = {}
        self.texts: list[str] = []
        self._numbers: dict[str, int] = {}
        self.own, self.before, self.after = array("d"), array("d"), array("d")
        self.part, self.flags = array("i"), array("b")
        for entry in (*model.bigrams, *model.trigrams):
            for syllable in entry:
                self._parts.setdefault(self._key(syllable), len(self._parts) + 1)
        self._base = len(self._parts) + 1
        pairs = np.unique(self._entry_keys(model.bigrams))
        triples = np.unique(self._entry_keys(model.trigrams))
        begun = triples // self._base
        keys = np.union1d(pairs, begun)
        kinds = np.isin(keys, pairs) * self.BIGRAM + np.isin(keys, begun) * self.BEGINS_TRIGRAM
        self._bigrams, self._trigrams = KeyTable(absent=0), KeyTable(absent=0)
        self._bigrams.add(keys, kinds)
        self._trigrams.add(triples, np.ones(len(triples), np.int32))
        # What is neither a token nor its neighbour: before the first and after the last.
        self.number("")
        self.before[0] = self.after[0] = 0.0

    def _entry_keys(self, entries: Iterable[tuple[str, ...]]) -> Int64Array:
        """Return the key of each entry of the word list; its parts are a number's digits."""
        parts = np.array(
            [[self._parts[self._key(syllable)] for syllable in e] for e in entries]
        )
        places = self._base ** np.arange(parts.shape[1])[::-1]
        keys: Int64Array = parts @ places
        return keys

    def number(self, token: str) -> int:
        """Return the number of a token; a new token gets the next number."""
        found = self._numbers.get(token)
        if found is None:
            found = self._numbers[token] = len(self.texts)
            self.texts.append(token)
            self._describe(token)
        return found

    def _seen(self, token: str) -> str:
        """Return the token in the form that the model sees."""
        return token

    def _key(self, syllable: str) -> str:
        """Return the key by which syllables of the word list count as equal."""
        return syllable

    def _describe(self, token: str) -> None:
        # The features are those of ViTokenizer.word2features; one that is false counts 0.
        weight = self._weights.get
        seen = self._seen(token)
        lower = seen.lower()
        name = lower.partition("\0")[0]  # CRFsuite's names are C strings
        upper, title = seen.isupper(), seen.istitle()
        self.own.append(
            self._weights["bias"]
            + weight(f"word.lower():{name}", 0.0)
            + (self._weights["word.isupper()"] if upper else 0.0)
            + (self._weights["word.istitle()"] if title else 0.0)
            + (self._weights["word.isdigit()"] if seen.isdigit() else 0.0)
        )
        for side, sums in (("-1", self.before), ("+1", self.after)):
            sums.append(
                weight(f"{side}:word.lower():{name}", 0.0)
                + (self._weights[f"{side}:word.istitle()"] if title else 0.0)
                + (self._weights[f"{side}:word.isupper()"] if upper else 0.0)
            )
        self.part.append(self._parts.get(self._key(lower), 0))
        joins = bool(seen) and seen not in string.punctuation and not seen[0].isdigit()
        begins = bool(seen) and seen[0].istitle()
        self.flags.append(self.JOINS * joins + self.TITLE * begins)

    def bigrams(self, parts: Int32Array) -> tuple[Int64Array, Int32Array]:
        """Return what the word list has of each two adjacent parts.

        Args:
            parts: Shape (n,).

        Returns:
            For each two their key, shape (n - 1,), and the sum of `BIGRAM` if they are an
            entry and `BEGINS_TRIGRAM` if an entry of three begins with them, likewise.
        """
        # Part 0 is in no entry, so that what has it in its key is not found.
        keys = parts[:-1] * np.int64(self._base) + parts[1:]
        return keys, self._bigrams.find(keys)

    def trigrams(self, pairs: Int64Array, parts: Int32Array) -> BoolArray:
        """Return whether the word list has three parts: two with these keys, and the third.

        Args:
            pairs: Keys given by `bigrams`, shape (n,).
            parts: Shape (n,).

        Returns:
            Shape (n,).
        """
        found: BoolArray = self._trigrams.find(pairs * self._base + parts) != 0
        return found


class CanonicalTokenTable(TokenTable):
    """Tokens whose spelling and case do not matter where they are only a choice.

    pyvi's word list has "hoà bình" and not "hòa bình", and takes a syllable in capitals for
    an abbreviation.  Here the model sees each syllable in the spelling that it knows best,
    and one in capitals that is a possible Vietnamese syllable in small letters.
    """

    def __init__(self, model: Model) -> None:
        self._known: dict[str, str] = {}
        counts: Counter[str] = Counter()
        for entry in (*model.bigrams, *model.trigrams):
            counts.update(entry)
        for name in model.weights:
            counts[name.rpartition(":")[2]] += 1
        for syllable, _ in counts.most_common():
            self._known.setdefault(marked(syllable), syllable)
        super().__init__(model)

    def _seen(self, token: str) -> str:
        seen = unicodedata.normalize("NFC", token)
        if len(seen) > 1 and seen.isupper() and is_vietnamese(seen):
            seen = seen.lower()
        known = self._known.get(marked(seen))
        if known is None or len(known) != len(seen):
            return seen
        # The case is what was typed, letter for letter.
        return "".join(
            letter.upper() if typed.isupper() else letter
            for letter, typed in zip(known, seen, strict=True)
        )

    def _key(self, syllable: str) -> str:
        return marked(syllable)
