"""Keep the index on disk, and export all that other packages may use of it.

A store is a folder with commits.  A `Reader` reads one commit into arrays for as long as
it lives; a `Writer` makes the next commit.  The submodules, which keep columns of numbers
in memory-mapped segment files, are private to this package and to `searchidx.whoosh_compat`.

Each name is loaded when it is first used: a search must not wait for the modules that
write, check or repair an index.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from searchidx.store.codec.token_streams import Landmarks
    from searchidx.store.commit.phrases import ViewTerm, documents_with_phrase
    from searchidx.store.commit.postings import Postings
    from searchidx.store.commit.reader import Reader
    from searchidx.store.commit.syllable_counts import (
        MAX_SYLLABLE_LETTERS,
        AsciiSyllables,
        SyllableCounts,
        letter_bitmasks,
    )
    from searchidx.store.commit.vocabulary import SyllableVocabulary
    from searchidx.store.files.guard import guarded
    from searchidx.store.files.manifest import FORMAT_VERSION, MANIFEST_FILE
    from searchidx.store.files.sections import damage_error
    from searchidx.store.maintenance.check import CheckProblem, CheckReport, check_index
    from searchidx.store.maintenance.repair import LostDocument, RepairReport, repair_index
    from searchidx.store.schema import (
        FIELDS,
        MAX_METADATA_VALUE_CODE_POINTS,
        VIEWS,
        metadata_key,
        metadata_value,
    )
    from searchidx.store.segment.segment import DocumentHead
    from searchidx.store.store import Store
    from searchidx.store.writer import Writer

_MODULES = {
    "FIELDS": "schema",
    "FORMAT_VERSION": "files.manifest",
    "MAX_METADATA_VALUE_CODE_POINTS": "schema",
    "MANIFEST_FILE": "files.manifest",
    "MAX_SYLLABLE_LETTERS": "commit.syllable_counts",
    "VIEWS": "schema",
    "AsciiSyllables": "commit.syllable_counts",
    "CheckProblem": "maintenance.check",
    "CheckReport": "maintenance.check",
    "DocumentHead": "segment.segment",
    "Landmarks": "codec.token_streams",
    "LostDocument": "maintenance.repair",
    "Postings": "commit.postings",
    "Reader": "commit.reader",
    "RepairReport": "maintenance.repair",
    "Store": "store",
    "SyllableCounts": "commit.syllable_counts",
    "SyllableVocabulary": "commit.vocabulary",
    "ViewTerm": "commit.phrases",
    "Writer": "writer",
    "check_index": "maintenance.check",
    "damage_error": "files.sections",
    "documents_with_phrase": "commit.phrases",
    "guarded": "files.guard",
    "letter_bitmasks": "commit.syllable_counts",
    "metadata_key": "schema",
    "metadata_value": "schema",
    "repair_index": "maintenance.repair",
}
"""The submodule that defines each exported name."""

__all__ = [
    "FIELDS",
    "FORMAT_VERSION",
    "MANIFEST_FILE",
    "MAX_METADATA_VALUE_CODE_POINTS",
    "MAX_SYLLABLE_LETTERS",
    "VIEWS",
    "AsciiSyllables",
    "CheckProblem",
    "CheckReport",
    "DocumentHead",
    "Landmarks",
    "LostDocument",
    "Postings",
    "Reader",
    "RepairReport",
    "Store",
    "SyllableCounts",
    "SyllableVocabulary",
    "ViewTerm",
    "Writer",
    "check_index",
    "damage_error",
    "documents_with_phrase",
    "guarded",
    "letter_bitmasks",
    "metadata_key",
    "metadata_value",
    "repair_index",
]


def __getattr__(name: str) -> Any:
    """Load an exported name from its submodule."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the exported names, loaded or not."""
    return sorted({*globals(), *__all__})
