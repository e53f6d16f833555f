"""Define a suggestion: another query that is offered beside the results."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

SuggestionKind = Literal["spelling", "keystrokes", "marks"]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Another query.

    Attributes:
        kind: "spelling" for what may have been meant by misspelt words, "keystrokes" for
            words read as raw Telex or VNI, "marks" for the same words with their marks.
        query: What to search for.
        total_complete: How many documents hold every word of it.
    """

    kind: SuggestionKind
    query: str
    total_complete: int
