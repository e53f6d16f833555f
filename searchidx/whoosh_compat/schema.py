"""Define the fields and analyzers of an index as Whoosh classes.

A text is indexed in several views (sub-fields), which `searchidx.store.schema` names.  Each
view is one Whoosh field.
"""

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
    from searchidx.language.chunks import TermTable
    from searchidx.store import Reader

VIEWS_WITH_POSITIONS: Final = frozenset({"folded", "marked"})
"""The views with positions for phrases; the other views hold pairs or words as terms."""


def view_occurrences(
    batch: TokenBatch, text: int, view: str
) -> tuple[list[int], list[int], TermTable]:
    """Return the terms of one view of one text.

    Args:
        batch: The analyzed texts.
        text: The index of the text in the batch.
        view: The name of the view.

    Returns:
        The position of each term (of its first syllable), ascending; the number of each
        term; and the terms by number.
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
        end = max(end - 1, first)  # the last syllable begins no pair
    return list(range(end - first)), numbers[first:end].tolist(), terms


class ViewAnalyzer(Analyzer):  # type: ignore[misc]  # Whoosh has no types
    """A Whoosh analyzer that yields the terms of one view of a text.

    A token's `pos` is the position of its first syllable, the same in every view.  Its
    `startchar` and `endchar` are offsets in the original text, in code points.
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
        """Yield the tokens of a text: one object, changed in place, as Whoosh expects.

        Args:
            value: The text.
            positions: Whether to set `pos`.
            chars: Whether to set `startchar` and `endchar`.
            start_pos: The position of the first syllable.
            start_char: The offset of the first code point.
            tokenize: False makes the text one token with its syllables in the form of the
                view.  Whoosh's parsers use this for wildcards, ranges and prefixes.
            kwargs: More attributes for the token.
        """
        if not tokenize:
            yield self._whole(value, Token(positions, chars, **kwargs))
            return
        from searchidx.language.analyzer import analyze  # loaded here: slow to import

        batch = analyze([value])
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
        """Set a token to the whole text."""
        form = folded if self.view.startswith("folded") else marked
        token.text = SYLLABLE_PATTERN.sub(lambda syllable: form(syllable[0]), value)
        token.boost = 1.0
        token.stopped = False
        token.pos = token.startchar = 0
        token.endchar = len(value)
        return token


def _last_syllables(view: str, places: list[int], count: int) -> list[int]:
    """Return the position of the last syllable of each term; `count` is that of the text."""
    if view == "word":
        return [following - 1 for following in [*places, count][1:]]
    return [at + 1 for at in places] if view.endswith("_pair") else places


Posting = tuple[bytes, int, float, bytes]
"""A term in UTF-8, its frequency, its weight (the same number), and its encoded value."""


class ViewField(FieldType):  # type: ignore[misc]  # Whoosh has no types
    """A Whoosh field that indexes one view of a text.

    It accepts a text, or postings that `postings` made from a batch of texts.  Both give the
    same postings as Whoosh's own field with `ViewAnalyzer`.
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
        """Return the postings of a text; a list of postings is returned unchanged."""
        from searchidx.language.analyzer import analyze  # loaded here: slow to import

        return self.postings(analyze([value]), 0) if isinstance(value, str) else value

    def postings(self, batch: TokenBatch, text: int) -> list[Posting]:
        """Return the postings of one text of a batch."""
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
    """Encode like `whoosh.formats.Positions`: the count, then the pickled distances."""
    distances = [places[0]]
    distances.extend(map(int.__sub__, places[1:], places))
    return bytes(pack_uint(len(places))) + dumps(distances, 2)


def _frequency(places: list[int]) -> bytes:
    """Encode like `whoosh.formats.Frequency`: the count."""
    return bytes(pack_uint(len(places)))


class StringsField(FieldType):  # type: ignore[misc]  # Whoosh has no types
    """A Whoosh field of several whole strings per document, searched by prefix."""

    indexed = True
    stored = False
    scorable = False
    unique = False
    spelling = False
    vector = None
    column_type = None

    def __init__(self) -> None:
        self.format = Existence()
        self.analyzer = IDAnalyzer()  # a query in a parser means the whole string

    def index(self, value: list[str], **kwargs: Any) -> list[Posting]:
        """Return one posting for each distinct string."""
        return [(string.encode("utf-8"), 1, 1.0, b"") for string in dict.fromkeys(value)]


def schema() -> Schema:
    """Return the Whoosh schema of an index."""
    found: dict[str, FieldType] = {
        f"{field}_{view}": ViewField(view) for field in FIELDS for view in VIEWS
    }
    # Whoosh stores each length in one byte; the ranking needs exact lengths.
    found.update({f"{field}_length": COLUMN(NumericColumn("I")) for field in FIELDS})
    # The first and the last day that the date may mean, as in datetime.date.toordinal; 0
    # without a date.
    found.update({f"date_{end}": COLUMN(NumericColumn("I")) for end in ("first", "last")})
    # The id of the document, the file that it follows, and its path.
    found.update({"id": ID(), "source": ID(), "path": ID()})
    # The abbreviations that a document defines: `<key> TAB <short form> TAB <long form>`.  The
    # key is the folded short form in the one field, the folded long form in the other.
    found.update({"short_form": StringsField(), "long_form": StringsField()})
    # The document codes in the text, in their canonical form.
    found["code"] = StringsField()
    # The metadata values: `<key> TAB <value> TAB <original value>`, the first two folded.
    found["metadata"] = StringsField()
    found["stored"] = STORED()
    return Schema(**found)


def stored_value(reader: Reader, doc_id: int) -> dict[str, Any]:
    """Return the value of the field `stored` of a document.

    Args:
        reader: The commit.
        doc_id: The document.

    Returns:
        `document`, the fields of the document; `digest`, its `Document.digest`; `source`,
        the file that it follows, or None.
    """
    document = reader.document(doc_id)
    values = {field.name: getattr(document, field.name) for field in fields(Document)}
    return {
        "document": values | {"metadata": dict(document.metadata)},
        "digest": reader.id_and_digest(doc_id)[1],
        "source": reader.source(doc_id),
    }
