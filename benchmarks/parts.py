"""The ranking model with a part of it taken away or replaced.

The parts are constants, functions and classes of `searchidx.search`, which has no switches for
them: a model that is searched with should have none.  Here they are put in place of the
others for as long as something is measured.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from copy import copy
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any, Final

import numpy as np

from searchidx.search.match import bm25f as scoring
from searchidx.search.match.bm25f import Scorer, TermLookup
from searchidx.search.query.query import Query, Syllable
from searchidx.search.rank import plan, ranking
from searchidx.search.rank.plan import Plan
from searchidx.search.rewrite.diacritics import Restoration, SyllableSpellings
from searchidx.store import Reader

Change = tuple[ModuleType, str, object]
"""A module, a name in it, and what the name means instead."""

_plan: Final = plan.make_plan


@contextmanager
def changed(changes: Sequence[Change]) -> Iterator[None]:
    """The model with some changes, in all threads, until the block ends."""
    with ExitStack() as stack:
        for module, name, value in changes:
            stack.callback(setattr, module, name, getattr(module, name))
            setattr(module, name, value)
        yield


@dataclass(frozen=True)
class Model:
    """A ranking model.

    Attributes:
        name: What is different.
        changes: What makes it so.
    """

    name: str
    changes: tuple[Change, ...] = ()


class _NoMarks(plan._Views):
    """What is looked up for a query whose marks count for nothing."""

    def syllable(self, form: str, alike: Sequence[Syllable]) -> plan._Proposal:
        return plan._Proposal(TermLookup("folded", (form,)))

    def pair(self, first: Syllable, second: Syllable) -> plan._Proposal:
        return plan._Proposal(TermLookup("folded_pair", (f"{first.folded} {second.folded}",)))


class _NoTones(plan._Views):
    """What is looked up without the same vowels in other tones."""

    def _any_tone(self, form: str, marked: str) -> tuple[str, ...]:
        return ()


class _NoRestored(plan._Views):
    """What is looked up if syllables without marks are left as they are."""

    def __init__(
        self, reader: Reader, spellings: Mapping[Syllable, SyllableSpellings], count: int
    ) -> None:
        unknown = SyllableSpellings((), np.zeros(0))
        kept = {s: each if s.has_marks else unknown for s, each in spellings.items()}
        super().__init__(reader, kept, count)


def _without_pairs(reader: Reader, scorer: Scorer, query: Query, **options: Any) -> Plan:
    """The plan of a query whose pairs are not looked up."""
    without = copy(query)
    object.__setattr__(without, "pairs", ())  # which follow from the text otherwise
    return _plan(reader, scorer, without, **options)


def _as_typed(reader: Reader, query: Query) -> Restoration:
    """No marks restored: neither looked up nor known to be those of a question word."""
    forms = tuple(syllable.marked for run in query.runs for syllable in run)
    return Restoration(tuple(SyllableSpellings((f,), np.ones(1)) for f in forms), forms, 1.0)


def _planned(**fields: Any) -> Change:
    """A change to every plan."""

    def replaced(reader: Reader, scorer: Scorer, query: Query, **options: Any) -> Plan:
        return replace(_plan(reader, scorer, query, **options), **fields)

    return (ranking, "make_plan", replaced)


def _flat(weight: float) -> Change:
    """Every pair weighs the same, whatever it tells."""
    return (plan, "_news", lambda idf, rarer: weight)


def _title(weight: float) -> Change:
    return (scoring, "FIELD_WEIGHTS", {**scoring.FIELD_WEIGHTS, "title": weight})


WHOLE: Final = Model("the whole model")
NO_PAIRS: Final = Model("no pairs", ((ranking, "make_plan", _without_pairs),))
NO_MARKS: Final = Model("no marked views", ((plan, "_Views", _NoMarks),))
NO_TONES: Final = Model(
    "the same vowels in other tones: nothing more", ((plan, "_Views", _NoTones),)
)
NO_RESTORED: Final = Model("no restored marks looked up", ((plan, "_Views", _NoRestored),))
NO_RESTORATION: Final = Model(
    "no restored marks at all, for question words neither",
    ((plan, "_Views", _NoRestored), (plan, "restore_query_diacritics", _as_typed)),
)
PARTS: Final = (
    WHOLE,
    NO_PAIRS,
    NO_MARKS,
    NO_TONES,
    NO_RESTORED,
    NO_RESTORATION,
    Model(
        "question words kept", ((plan, "question_words", lambda *given, **more: frozenset()),)
    ),
    Model("documents with all words first: always", (_planned(all_first=True),)),
    Model("— never", (_planned(all_first=False),)),
    Model("— up to three words of any query", ((plan, "FEW_WORDS", plan.FEW_OF_QUESTION),)),
    Model("— up to eight words of any query", ((plan, "FEW_OF_QUESTION", plan.FEW_WORDS),)),
    Model("no least part of the words", (_planned(least=0.0),)),
    Model("least part 1/3", ((plan, "LEAST_OF_MANY", 1 / 3),)),
    Model("least part 1/2", ((plan, "LEAST_OF_MANY", 1 / 2),)),
)
WEIGHTS: Final = (
    Model("pairs: flat weight .3", (_flat(0.3),)),
    Model("— flat .4", (_flat(0.4),)),
    Model("— by what they tell, .25", ((plan, "PAIR_WEIGHT", 0.25),)),
    Model("— .75", ((plan, "PAIR_WEIGHT", 0.75),)),
    Model("share of typed marks .3", ((plan, "TYPED_SHARE", 0.3),)),
    Model("— .7", ((plan, "TYPED_SHARE", 0.7),)),
    Model("share of restored marks .2", ((plan, "RESTORED_SHARE", 0.2),)),
    Model("— .6", ((plan, "RESTORED_SHARE", 0.6),)),
    Model("title weight 1", (_title(1.0),)),
    Model("— 2", (_title(2.0),)),
    Model("— 5", (_title(5.0),)),
    Model("b .5", ((scoring, "B", 0.5),)),
    Model("b .9", ((scoring, "B", 0.9),)),
    Model("k1 .9", ((scoring, "K1", 0.9),)),
    Model("k1 2", ((scoring, "K1", 2.0),)),
)
"""Other values than those of `WHOLE`."""
