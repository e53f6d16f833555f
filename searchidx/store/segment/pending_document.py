"""Hold a document that is to be indexed, and find its keyword terms and its date."""

from __future__ import annotations

from dataclasses import dataclass

from searchidx.document import Document
from searchidx.language.abbreviations import find_abbreviations
from searchidx.language.codes import find_codes
from searchidx.language.dates import PartialDate
from searchidx.store.schema import ABBREVIATION_KEYS, FIELDS, metadata_terms


@dataclass(frozen=True, slots=True)
class PendingDocument:
    """A document to be indexed.

    Attributes:
        document: The document.
        source: The file that it came from and is kept up to date with, or None.
        digest: Its `Document.digest`, if that is known already.
    """

    document: Document
    source: str | None
    digest: str | None = None


def date_bounds(document: Document) -> tuple[int, int]:
    """Return the first and the last day that a document's date may mean.

    Returns:
        Two ordinals of `datetime.date`; both 0 if the document has no date or no year.
    """
    if document.date is None:
        return 0, 0
    date = PartialDate.parse(document.date)
    first, last = date.first_day(), date.last_day()
    return (first.toordinal(), last.toordinal()) if first and last else (0, 0)


def keyword_terms(pending: PendingDocument) -> dict[str, list[str]]:
    """Return the terms of a document in each keyword field; a term may occur several times."""
    document = pending.document
    terms: dict[str, list[str]] = {
        "id": [document.id],
        "source": [] if pending.source is None else [pending.source],
        "path": [] if document.path is None else [document.path],
        "code": [
            code.canonical for field in FIELDS for code in find_codes(getattr(document, field))
        ],
        "metadata": metadata_terms(document.metadata),
    }
    forms = {(found.short, found.long) for found in find_abbreviations(document.body)}
    for index, (field, key) in enumerate(ABBREVIATION_KEYS.items()):
        terms[field] = [f"{key(form[index])}\t{form[0]}\t{form[1]}" for form in forms]
    return terms
