"""The query language: what a person types, understood.

::

    nghi quyet 35           words; marks typed are preferred, marks not typed match anything
    "quản lý thị trường"    these words side by side
    -youtube  -"an toàn"    documents without them
    title:vinachem          in the title; title:"…" as well
    code:35-NQ/TW           documents that name that document, however they write it
    date:2023  date:2023-07  date:24/7/2023  date:2022..2023-06  date:>=2023  date:<2020

Anything else is plain words: no text is an error.  Words that were typed in raw Telex or VNI
keystrokes are read as what they mean, except in quotation marks, and a note says so.
"""

from __future__ import annotations

import datetime
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from searchidx.language.dates import PartialDate
from searchidx.language.forms import folded, has_marks, marked
from searchidx.language.keystrokes import convert
from searchidx.language.tokens import tokenize

MAX_SYLLABLES: Final = 64
"""How many different syllables of a query are searched for."""
MAX_CHARACTERS: Final = 10_000
"""How much of a query is read, in code points."""

_DASHES: Final = r"\-\u2010\u2011\u2012\u2013\u2014\u2212"  # as they stand in a character class
_CLAUSE: Final = re.compile(
    rf"(?P<minus>(?<!\S)[{_DASHES}](?=[^\s{_DASHES}]))?"
    r"(?:(?P<field>title|date|code):(?=\S))?"
    # What is quoted holds no other opening mark: open ones cost no second look at the rest.
    r"(?:\"(?P<quoted>[^\"]*)\"|“(?P<curled>[^“”]*)”|«(?P<pointed>[^«»]*)»"
    r"|(?P<plain>[^\s\"“«]+))",
    re.IGNORECASE,
)
_OPENING: Final = re.compile('["“«]')


@dataclass(frozen=True, slots=True)
class Syllable:
    """A syllable of a query.

    Attributes:
        folded, marked: Its forms (`searchidx.language.forms`).
        has_marks: Whether it was typed with marks.
    """

    folded: str
    marked: str
    has_marks: bool


@dataclass(frozen=True, slots=True)
class Phrase:
    """Syllables that must stand side by side; a phrase of one is a word that must occur.

    Attributes:
        syllables: At least one.
        field: "title", or None for the title or the body.
    """

    syllables: tuple[Syllable, ...]
    field: str | None = None


@dataclass(frozen=True, slots=True)
class DateRange:
    """Days from `first` to `last`, both included; None leaves an end open."""

    first: datetime.date | None
    last: datetime.date | None

    @property
    def is_empty(self) -> bool:
        """Whether no day is in it."""
        return self.first is not None and self.last is not None and self.first > self.last


@dataclass(frozen=True, slots=True)
class Query:
    """A query understood.

    Attributes:
        text: As typed.
        syllables: Those to rank by, each once, in the order typed.
        pairs: Those typed side by side, each pair once.
        required, excluded: What a document must, and must not, hold.
        dates: Ranges that the document's date must all meet.
        codes: Document codes, in canonical form, that it must all name.
        excluded_codes: Those that it must not name.
        notes: What was not understood, or not as it was typed, for the person who typed it.
    """

    text: str
    syllables: tuple[Syllable, ...] = ()
    pairs: tuple[tuple[Syllable, Syllable], ...] = ()
    required: tuple[Phrase, ...] = ()
    excluded: tuple[Phrase, ...] = ()
    dates: tuple[DateRange, ...] = ()
    codes: tuple[str, ...] = ()
    excluded_codes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether it asks for nothing at all."""
        return self == Query(text=self.text, notes=self.notes)


def parse(text: str) -> Query:
    """Understands a query; never fails."""
    notes: list[str] = []
    read = text
    if len(text) > MAX_CHARACTERS:
        read = text[:MAX_CHARACTERS]
        notes.append(f"the query is too long; its first {MAX_CHARACTERS:,} characters are used")
    converted = convert(read, _plain_words(read))
    if converted is not None:
        read = converted.text
        notes.append(f"searching for: {read} (typed in {converted.method})")
    ranked: list[Syllable] = []
    required: list[Phrase] = []
    excluded: list[Phrase] = []
    dates: list[DateRange] = []
    codes: dict[bool, list[str]] = {True: [], False: []}  # excluded or not
    pairs: dict[tuple[Syllable, Syllable], None] = {}
    for match in _CLAUSE.finditer(read):
        field = (match["field"] or "").lower() or None
        quoted = next(
            (
                match[name]
                for name in ("quoted", "curled", "pointed")
                if match[name] is not None
            ),
            None,
        )
        content = match["plain"] if quoted is None else quoted
        if field == "date":
            found = _date_range(content)
            if found is not None and match["minus"]:
                notes.append(
                    f"{match.group()} is passed over: dates cannot be excluded; "
                    "write date:<… or date:>… for what is to stay"
                )
                continue
            if found is not None:
                dates.append(found)
                if found.is_empty:
                    notes.append(
                        f"{match.group()} ends before it begins, so that nothing is in it"
                    )
                continue
            notes.append(
                f"{match.group()} is no date that can be searched; write date:2023, "
                "date:2023-07-24, date:24/7/2023 or date:2022..2023"
            )
            field = None
        if field == "code":
            code = _code(content)
            if code is not None:
                codes[bool(match["minus"])].append(code)
                continue
            notes.append(
                f"{match.group()} is no document code; write code:35-NQ/TW or "
                "code:30/2020/NĐ-CP"
            )
            field = None
        words = syllables(content)
        if not words:
            continue
        if match["minus"]:
            excluded.append(Phrase(words, field))
            continue
        if field is not None or quoted is not None:
            required.append(Phrase(words, field))
        if ranked:
            pairs[ranked[-1], words[0]] = None
        pairs.update(dict.fromkeys(itertools.pairwise(words)))
        ranked.extend(words)
    if _OPENING.search(_CLAUSE.sub("", read)):
        notes.append("a quotation mark is not closed; the words after it are plain words")
    distinct = dict.fromkeys(ranked)
    if len(required) > MAX_SYLLABLES or len(excluded) > MAX_SYLLABLES:
        notes.append(f"only the first {MAX_SYLLABLES} phrases and exclusions are used")
    if len(distinct) > MAX_SYLLABLES:
        notes.append(f"only the first {MAX_SYLLABLES} different words of the query are used")
    kept = tuple(distinct)[:MAX_SYLLABLES]
    return Query(
        text=text,
        syllables=kept,
        pairs=tuple(pair for pair in pairs if pair[0] in kept and pair[1] in kept),
        required=tuple(required[:MAX_SYLLABLES]),
        excluded=tuple(excluded[:MAX_SYLLABLES]),
        dates=tuple(dates),
        codes=tuple(codes[False]),
        excluded_codes=tuple(codes[True]),
        notes=tuple(notes),
    )


def _plain_words(text: str) -> Iterator[tuple[int, int]]:
    """Where words stand that are not quoted and no date, as code-point ranges."""
    for match in _CLAUSE.finditer(text):
        if match["plain"] is not None and (match["field"] or "").lower() != "date":
            yield match.span("plain")


def syllables(text: str) -> tuple[Syllable, ...]:
    """The syllables of a text, as a query has them."""
    return tuple(
        Syllable(folded(surface), marked(surface), has_marks(surface))
        for surface in tokenize(text).surfaces
    )


def _code(text: str) -> str | None:
    """The canonical form of a document code, or None if the text is not just one."""
    from searchidx.language.codes import find_codes  # which few queries need

    found = list(find_codes(text))
    return found[0].canonical if len(found) == 1 else None


_BOUND: Final = re.compile(r"(?P<sign><=|>=|<|>)(?P<date>.+)")
_DAY_FIRST: Final = re.compile(r"(?:(\d{1,2})[/.-])?(\d{1,2})[/.-](\d{4})")


def _date_range(text: str) -> DateRange | None:
    """The days that ``2023``, ``2022..2023-06``, ``>=2023`` and so on name, or None."""
    try:
        bound = _BOUND.fullmatch(text)
        if bound is not None:
            first, last = _days(bound["date"])
            one = datetime.timedelta(days=1)
            return {
                "<": DateRange(None, first - one),
                "<=": DateRange(None, last),
                ">": DateRange(last + one, None),
                ">=": DateRange(first, None),
            }[bound["sign"]]
        begin, separator, end = text.partition("..")
        if not separator:
            return DateRange(*_days(text))
        if not begin and not end:
            return None
        return DateRange(_days(begin)[0] if begin else None, _days(end)[1] if end else None)
    except (ValueError, OverflowError):
        return None


def _days(text: str) -> tuple[datetime.date, datetime.date]:
    """The first and last day of a date written either way; ValueError if it is none."""
    day_first = _DAY_FIRST.fullmatch(text)
    if day_first is not None:
        day, month, year = day_first.groups()
        date = PartialDate(int(year), int(month), int(day) if day else None)
    else:
        date = PartialDate.parse(text)
    first, last = date.first_day(), date.last_day()
    if first is None or last is None:
        raise ValueError("a date without a year")
    return first, last
