"""The views of a text (`searchidx.store.schema`) as Whoosh analysers and fields."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import fields
from pickle import dumps
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from whoosh.analysis import Analyzer, IDAnalyzer, Token
from whoosh.columns import NumericColumn
from whoosh.fields import COLUMN, ID, STORED, FieldType, Schema
from whoosh.formats import Existence, Frequency, Positions
from whoosh.system import pack_uint

from searchidx.document import Document
from searchidx.language.syllable_forms import folded, marked
from searchidx.language.tokenizer import SYLLABLE_PATTERN
from searchidx.store import FIELDS, VIEWS

if TYPE_CHECKING:
    from searchidx.language.analyzer import TokenBatch
    from searchidx.language.chunks import Terms
    from searchidx.store import Reader

VIEWS_WITH_POSITIONS: Final = frozenset({"folded", "marked"})
"""Views in which phrases are checked by position; pairs and words tell order themselves."""


def view_occurrences(
    batch: TokenBatch, text: int, view: str
) -> tuple[list[int], list[int], Terms]:
    """The terms of one view of one text of a batch.

    Returns:
        The position of each term (that of its first syllable), its number, and what the
        numbers mean; positions ascend.
    """
    first, end = batch.bounds[text : text + 2].tolist()
    vocabulary = batch.vocabulary
    if view == "word":
        within = slice(*np.searchsorted(batch.word_firsts, (first, end)).tolist())
        places = (batch.word_firsts[within] - first).tolist()
        return places, batch.words[within].tolist(), vocabulary.words
    numbers, terms = {
        "folded": (batch.folded, vocabulary.folded),
        "marked": (batch.marked, vocabulary.marked),
        "folded_pair": (batch.folded_pairs, vocabulary.folded_pairs),
        "marked_pair": (batch.marked_pairs, vocabulary.marked_pairs),
    }[view]
    if view.endswith("_pair"):
        end = max(end - 1, first)  # the last syllable has no next one
    return list(range(end - first)), numbers[first:end].tolist(), terms


class ViewAnalyzer(Analyzer):  # type: ignore[misc]  # Whoosh has no types
    """A Whoosh analyser that gives one view's terms of a text.

    A token's `pos` is the position of its first syllable, the same in every view, and
    `startchar` and `endchar` are code points of the original text.
    """

    def __init__(self, view: str) -> None:
        self.view = view

    def __call__(
        self,
        value: str,
        positions: bool = False,
        chars: bool = False,
        start_pos: int = 0,
        start_char: int = 0,
        tokenize: bool = True,
        **kwargs: Any,
    ) -> Iterator[Token]:
        """Whoosh's protocol: yields one token object, changed in place.

        With `tokenize` false, which parsers say of wildcards, of ranges and of what terms
        begin with, the value is one token, and its syllables are put in the view's form.
        """
        if not tokenize:
            yield self._whole(value, Token(positions, chars, **kwargs))
            return
        from searchidx.language.analyzer import analyse  # which a search does not need

        batch = analyse([value])
        places, numbers, terms = view_occurrences(batch, 0, self.view)
        lasts = _last_syllables(self.view, places, len(batch.starts))
        token = Token(positions, chars, **kwargs)
        for at, number, last in zip(places, numbers, lasts, strict=True):
            token.text = terms[number]
            token.boost = 1.0
            token.stopped = False
            if positions:
                token.pos = start_pos + at
            if chars:
                token.startchar = start_char + int(batch.starts[at])
                token.endchar = start_char + int(batch.ends[last])
            yield token

    def _whole(self, value: str, token: Token) -> Token:
        form = folded if self.view.startswith("folded") else marked
        token.text = SYLLABLE_PATTERN.sub(lambda syllable: form(syllable[0]), value)
        token.boost = 1.0
        token.stopped = False
        token.pos = token.startchar = 0
        token.endchar = len(value)
        return token


def _last_syllables(view: str, places: list[int], count: int) -> list[int]:
    """The position of the last syllable of each term of a text of `count` syllables."""
    if view == "word":
        return [following - 1 for following in [*places, count][1:]]
    return [at + 1 for at in places] if view.endswith("_pair") else places


Posting = tuple[bytes, int, float, bytes]
"""A term in UTF-8, how often it occurs, its weight (the same), and what is kept of it."""


class ViewField(FieldType):  # type: ignore[misc]  # Whoosh has no types
    """A Whoosh field that indexes one view of a text.

    It is given postings that were made from a batch of texts, and gives those of a text
    that Whoosh's own field gives with `ViewAnalyzer`.
    """

    indexed = True
    stored = False
    scorable = True
    unique = False
    spelling = False
    vector = None
    column_type = None
    multitoken_query = "phrase"

    def __init__(self, view: str) -> None:
        self.view = view
        self.analyzer = ViewAnalyzer(view)
        self.format = Positions() if view in VIEWS_WITH_POSITIONS else Frequency()

    def index(self, value: str | list[Posting], **kwargs: Any) -> list[Posting]:
        """The postings of a text, or `value` itself where it is a list of them already."""
        from searchidx.language.analyzer import analyse  # which a search does not need

        return self.postings(analyse([value]), 0) if isinstance(value, str) else value

    def postings(self, batch: TokenBatch, text: int) -> list[Posting]:
        """The postings of one text of a batch."""
        places, numbers, terms = view_occurrences(batch, text, self.view)
        found: defaultdict[int, list[int]] = defaultdict(list)
        for at, number in zip(places, numbers, strict=True):
            found[number].append(at)
        encode = _positions if self.view in VIEWS_WITH_POSITIONS else _frequency
        return [
            (terms[number].encode("utf-8"), len(at), float(len(at)), encode(at))
            for number, at in found.items()
        ]


def _positions(places: list[int]) -> bytes:
    """`whoosh.formats.Positions.encode`: the count, then the pickled distances."""
    distances = [places[0]]
    distances.extend(map(int.__sub__, places[1:], places))
    return bytes(pack_uint(len(places))) + dumps(distances, 2)


def _frequency(places: list[int]) -> bytes:
    """`whoosh.formats.Frequency.encode`: the count."""
    return bytes(pack_uint(len(places)))


class StringsField(FieldType):  # type: ignore[misc]  # Whoosh has no types
    """A Whoosh field of whole strings, several a document, found by what they begin with."""

    indexed = True
    stored = False
    scorable = False
    unique = False
    spelling = False
    vector = None
    column_type = None

    def __init__(self) -> None:
        self.format = Existence()
        self.analyzer = IDAnalyzer()  # what a parser's query means: the whole string

    def index(self, value: list[str], **kwargs: Any) -> list[Posting]:
        """One posting for each distinct string."""
        return [(string.encode("utf-8"), 1, 1.0, b"") for string in dict.fromkeys(value)]


def schema() -> Schema:
    """The fields of an index: its views, exact lengths, dates, names and stored values."""
    found: dict[str, FieldType] = {
        f"{field}_{view}": ViewField(view) for field in FIELDS for view in VIEWS
    }
    # Whoosh keeps lengths in one byte each; ranking wants them exact.
    found.update({f"{field}_length": COLUMN(NumericColumn("I")) for field in FIELDS})
    # The first and last day that the document's date may mean, as proleptic Gregorian
    # ordinals (datetime.date.toordinal); 0 where no date is known.
    found.update({f"date_{end}": COLUMN(NumericColumn("I")) for end in ("first", "last")})
    # A document's own id, the file that it is kept up with, and its path.
    found.update({"id": ID(), "source": ID(), "path": ID()})
    # The abbreviations that a document introduces: `<key> TAB <short form> TAB <long form>`,
    # the key being the folded short form in one field, the folded long form in the other.
    found.update({"short_form": StringsField(), "long_form": StringsField()})
    # The document codes that it mentions, in their canonical form.
    found["code"] = StringsField()
    # The values of its metadata: `<key> TAB <value> TAB <value as it stands>`, the first
    # two folded.
    found["metadata"] = StringsField()
    found["stored"] = STORED()
    return Schema(**found)


def stored_value(reader: Reader, number: int) -> dict[str, Any]:
    """What the field `stored` of a document holds.

    Args:
        reader: The commit.
        number: The document's number in it.

    Returns:
        `document`, the document's own fields; `digest`, its `Document.digest`; `source`,
        the file that it is kept up with, or None.
    """
    document = reader.document(number)
    values = {field.name: getattr(document, field.name) for field in fields(Document)}
    return {
        "document": values | {"metadata": dict(document.metadata)},
        "digest": reader.id_and_digest(number)[1],
        "source": reader.source(number),
    }
