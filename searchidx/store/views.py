"""The views of a text as Whoosh analysers and fields.

Title and body are each indexed as the same stream of syllables seen in several ways:

=============  ==================  =============================================
view           example             for
=============  ==================  =============================================
folded         nghi, quyet         finding everything, typed with marks or not
marked         nghị, quyết         preferring, or requiring, what was typed
word           nghị_quyết          pyvi's words: precision, vocabulary
folded_pair    nghi quyet          order and closeness
marked_pair    nghị quyết          the same with marks
=============  ==================  =============================================

A term's field is called ``<field>_<view>``, such as ``body_folded``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from pickle import dumps
from typing import Any, Final

from whoosh.analysis import Analyzer, Token
from whoosh.columns import NumericColumn
from whoosh.fields import COLUMN, ID, STORED, FieldType, Schema
from whoosh.formats import Frequency, Positions
from whoosh.system import pack_uint

from searchidx.language.tokens import Tokens, pairs, tokenize
from searchidx.language.words import words

# A term of a view with the range of syllable positions that it covers.
_Terms = Iterator[tuple[str, int, int]]


def _folded(tokens: Tokens) -> _Terms:
    return ((form, at, at + 1) for at, form in enumerate(tokens.folded))


def _marked(tokens: Tokens) -> _Terms:
    return ((form, at, at + 1) for at, form in enumerate(tokens.marked))


def _word(tokens: Tokens) -> _Terms:
    return (("_".join(tokens.marked[at:end]), at, end) for at, end in words(tokens))


def _folded_pair(tokens: Tokens) -> _Terms:
    return ((pair, at, at + 2) for at, pair in enumerate(pairs(tokens.folded)))


def _marked_pair(tokens: Tokens) -> _Terms:
    return ((pair, at, at + 2) for at, pair in enumerate(pairs(tokens.marked)))


_TERMS: Final[dict[str, Callable[[Tokens], _Terms]]] = {
    "folded": _folded,
    "marked": _marked,
    "word": _word,
    "folded_pair": _folded_pair,
    "marked_pair": _marked_pair,
}
VIEWS: Final = tuple(_TERMS)
FIELDS: Final = ("title", "body")
# Phrases are checked by position; pairs and words tell order by themselves.
_WITH_POSITIONS: Final = frozenset({"folded", "marked"})


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
        **kwargs: Any,
    ) -> Iterator[Token]:
        """Whoosh's protocol: yields one token object, changed in place."""
        tokens = tokenize(value)
        token = Token(positions, chars, **kwargs)
        for text, at, end in _TERMS[self.view](tokens):
            token.text = text
            token.boost = 1.0
            token.stopped = False
            if positions:
                token.pos = start_pos + at
            if chars:
                token.startchar = start_char + tokens.starts[at]
                token.endchar = start_char + tokens.ends[end - 1]
            yield token


Posting = tuple[bytes, int, float, bytes]
"""A term in UTF-8, how often it occurs, its weight (the same), and what is kept of it."""


class ViewField(FieldType):  # type: ignore[misc]  # Whoosh has no types
    """A Whoosh field that indexes one view of a text.

    It is given `Tokens`, so that a text is cut into syllables once for all its views, and
    gives the postings that Whoosh's own field gives with `ViewAnalyzer`, without making
    an object for each token.
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
        self.format = Positions() if view in _WITH_POSITIONS else Frequency()

    def index(self, value: Tokens | str | list[Posting], **kwargs: Any) -> list[Posting]:
        """The postings of a text, or `value` itself where it is a list of them already."""
        if isinstance(value, list):
            return value
        tokens = tokenize(value) if isinstance(value, str) else value
        places: defaultdict[str, list[int]] = defaultdict(list)
        for term, at, _ in _TERMS[self.view](tokens):
            places[term].append(at)
        encode = _positions if self.view in _WITH_POSITIONS else _frequency
        return [
            (term.encode("utf-8"), len(at), float(len(at)), encode(at))
            for term, at in places.items()
        ]


def _positions(places: list[int]) -> bytes:
    """`whoosh.formats.Positions.encode`: the count, then the pickled distances."""
    distances = [places[0]]
    distances.extend(map(int.__sub__, places[1:], places))
    return bytes(pack_uint(len(places))) + dumps(distances, 2)


def _frequency(places: list[int]) -> bytes:
    """`whoosh.formats.Frequency.encode`: the count."""
    return bytes(pack_uint(len(places)))


def schema() -> Schema:
    """The fields of an index: its views, exact lengths, dates, names and stored values."""
    fields: dict[str, FieldType] = {
        f"{field}_{view}": ViewField(view) for field in FIELDS for view in VIEWS
    }
    # Whoosh keeps lengths in one byte each; ranking wants them exact.
    fields.update({f"{field}_length": COLUMN(NumericColumn("I")) for field in FIELDS})
    # The first and last day that the document's date may mean, as proleptic Gregorian
    # ordinals (datetime.date.toordinal); 0 where no date is known.
    fields.update({f"date_{end}": COLUMN(NumericColumn("I")) for end in ("first", "last")})
    # A document's own id, and the file that it came from.
    fields.update({"id": ID(), "source": ID()})
    fields["stored"] = STORED()
    return Schema(**fields)
