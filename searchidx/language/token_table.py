"""Number distinct pyvi tokens, and compute the scores and flags of each once."""

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
from searchidx.language.crf import SegmentationModel
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


def split_pyvi_tokens(chunk: str) -> list[str]:
    """Split a text without white space into tokens, as pyvi does."""
    return _TOKEN.findall(chunk)


class TokenTable:
    """Distinct tokens by number, with their scores and flags in columns.

    A score is the weight of the label "inside a word" minus that of "beginning of a word".
    The number 0 is the empty token, which stands beyond both ends of a sequence.

    Args:
        model: pyvi's model.

    Attributes:
        texts: The tokens.
        own: The score that each token adds to itself.
        before: The score that each token adds to the token after it.
        after: The score that each token adds to the token before it.
        part: The number of each token among the syllables of the word list, or 0.
        flags: The sum of `JOINS` and `TITLE` for each token.
    """

    JOINS: Final = 1  # the token may be part of a longer word
    TITLE: Final = 2  # the token begins with a capital
    # Flags of two adjacent parts, given by `bigrams`.
    BIGRAM: Final = 1  # the word list has both as an entry
    BEGINS_TRIGRAM: Final = 2  # the word list has an entry of three that begins with them

    def __init__(self, model: SegmentationModel) -> None:
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
        # The empty token adds nothing to its neighbors.
        self.number("")
        self.before[0] = self.after[0] = 0.0

    def _entry_keys(self, entries: Iterable[tuple[str, ...]]) -> Int64Array:
        """Return the key of each entry of the word list; the digits of a key are parts."""
        parts = np.array(
            [[self._parts[self._key(syllable)] for syllable in e] for e in entries]
        )
        place_values = self._base ** np.arange(parts.shape[1])[::-1]
        keys: Int64Array = parts @ place_values
        return keys

    def number(self, token: str) -> int:
        """Return the number of a token; a new token gets the next number."""
        number = self._numbers.get(token)
        if number is None:
            number = self._numbers[token] = len(self.texts)
            self.texts.append(token)
            self._add_scores(token)
        return number

    def _model_form(self, token: str) -> str:
        """Return the form of a token that the model's features are computed from."""
        return token

    def _key(self, syllable: str) -> str:
        """Return the key by which syllables of the word list count as equal."""
        return syllable

    def _add_scores(self, token: str) -> None:
        """Append the scores and flags of a new token to the columns.

        The features are those of pyvi's ViTokenizer.word2features.
        """
        weight = self._weights.get
        form = self._model_form(token)
        lower = form.lower()
        name = lower.partition("\0")[0]  # CRFsuite's names are C strings
        upper, title = form.isupper(), form.istitle()
        self.own.append(
            self._weights["bias"]
            + weight(f"word.lower():{name}", 0.0)
            + (self._weights["word.isupper()"] if upper else 0.0)
            + (self._weights["word.istitle()"] if title else 0.0)
            + (self._weights["word.isdigit()"] if form.isdigit() else 0.0)
        )
        for side, sums in (("-1", self.before), ("+1", self.after)):
            sums.append(
                weight(f"{side}:word.lower():{name}", 0.0)
                + (self._weights[f"{side}:word.istitle()"] if title else 0.0)
                + (self._weights[f"{side}:word.isupper()"] if upper else 0.0)
            )
        self.part.append(self._parts.get(self._key(lower), 0))
        joins = bool(form) and form not in string.punctuation and not form[0].isdigit()
        begins_title = bool(form) and form[0].istitle()
        self.flags.append(self.JOINS * joins + self.TITLE * begins_title)

    def bigrams(self, parts: Int32Array) -> tuple[Int64Array, Int32Array]:
        """Look up each two adjacent parts in the word list.

        Args:
            parts: The parts of a sequence of tokens, int32, shape (n,).

        Returns:
            The key of each two parts, int64, shape (n - 1,), and the sum of their flags
            `BIGRAM` and `BEGINS_TRIGRAM`, int32, shape (n - 1,).
        """
        # No entry contains part 0, so a key with part 0 is never found.
        keys = parts[:-1] * np.int64(self._base) + parts[1:]
        return keys, self._bigrams.find(keys)

    def trigrams(self, pairs: Int64Array, parts: Int32Array) -> BoolArray:
        """Return whether each three adjacent parts are an entry of the word list.

        Args:
            pairs: The keys of the first two parts, as given by `bigrams`, shape (n,).
            parts: The third parts, shape (n,).

        Returns:
            bool, shape (n,).
        """
        found: BoolArray = self._trigrams.find(pairs * self._base + parts) != 0
        return found


class CanonicalTokenTable(TokenTable):
    """A token table in which equivalent spellings of a token have equal scores.

    pyvi's word list has "hoà bình" and not "hòa bình", and pyvi treats a syllable in capitals
    as an abbreviation.  Here the model's features are computed from the spelling that is
    most frequent in the model.  A possible Vietnamese syllable in capitals counts as written
    in small letters.

    Args:
        model: pyvi's model.
    """

    def __init__(self, model: SegmentationModel) -> None:
        self._known: dict[str, str] = {}  # the most frequent spelling of each marked form
        counts: Counter[str] = Counter()
        for entry in (*model.bigrams, *model.trigrams):
            counts.update(entry)
        for name in model.weights:
            counts[name.rpartition(":")[2]] += 1
        for syllable, _ in counts.most_common():
            self._known.setdefault(marked(syllable), syllable)
        super().__init__(model)

    def _model_form(self, token: str) -> str:
        form = unicodedata.normalize("NFC", token)
        if len(form) > 1 and form.isupper() and is_vietnamese(form):
            form = form.lower()
        known = self._known.get(marked(form))
        if known is None or len(known) != len(form):
            return form
        # Keep the case of each letter.
        return "".join(
            letter.upper() if typed.isupper() else letter
            for letter, typed in zip(known, form, strict=True)
        )

    def _key(self, syllable: str) -> str:
        return marked(syllable)
