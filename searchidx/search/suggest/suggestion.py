"""Define a suggestion: another query that is offered beside the results."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

SuggestionKind = Literal["spelling", "keystrokes", "marks"]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Another query that may be what was meant.

    Attributes:
        kind: "spelling" for corrected misspelt words, "keystrokes" for words decoded from
            raw Telex or VNI, "marks" for the same words with their marks.
        query: The query to search for.
        total_complete: The number of documents that contain every word of it.
    """

    kind: SuggestionKind
    query: str
    total_complete: int
