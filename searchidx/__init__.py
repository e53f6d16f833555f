"""Full-text search for Vietnamese reports, typed with diacritics or without.

::

    import searchidx

    with searchidx.open("index") as index:
        for hit in index.search("nghi quyet 35", limit=5):
            print(hit.title, hit.snippet.text)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from searchidx._version import __version__

if TYPE_CHECKING:
    from searchidx.document import Document
    from searchidx.errors import (
        ArgumentError,
        DocumentError,
        EvaluationError,
        IndexClosedError,
        IndexDamagedError,
        IndexExistsError,
        IndexFailure,
        IndexFormatError,
        IndexLockedError,
        IndexNotFoundError,
        IndexReadError,
        IndexWriteError,
        ModelError,
        QueryError,
        SearchidxError,
    )
    from searchidx.index import Index
    from searchidx.index_folder import check, create, repair
    from searchidx.index_folder import open_index as open
    from searchidx.search.rank.facets import Facet, FacetCount
    from searchidx.search.ranking_model import RankingModel
    from searchidx.search.results import Hit, Results
    from searchidx.search.snippets.snippet import Snippet
    from searchidx.search.suggest.completion import Completion
    from searchidx.search.suggest.suggestion import Suggestion
    from searchidx.status import Status
    from searchidx.store import CheckReport, RepairReport
    from searchidx.update import UpdateReport

# Loaded when first used: a command line that prints its help, or completes a word, must
# not wait for NumPy and Whoosh.
_MODULES = {
    "CheckReport": "store",
    "Completion": "search.suggest.completion",
    "Document": "document",
    "ArgumentError": "errors",
    "DocumentError": "errors",
    "EvaluationError": "errors",
    "Facet": "search.rank.facets",
    "FacetCount": "search.rank.facets",
    "Hit": "search.results",
    "Index": "index",
    "IndexClosedError": "errors",
    "IndexDamagedError": "errors",
    "IndexExistsError": "errors",
    "IndexFailure": "errors",
    "IndexFormatError": "errors",
    "IndexLockedError": "errors",
    "IndexNotFoundError": "errors",
    "IndexReadError": "errors",
    "IndexWriteError": "errors",
    "ModelError": "errors",
    "QueryError": "errors",
    "RepairReport": "store",
    "RankingModel": "search.ranking_model",
    "UpdateReport": "update",
    "Results": "search.results",
    "SearchidxError": "errors",
    "Snippet": "search.snippets.snippet",
    "Status": "status",
    "Suggestion": "search.suggest.suggestion",
    "check": "index_folder",
    "create": "index_folder",
    "open": "index_folder",
    "repair": "index_folder",
}

__all__ = [
    "ArgumentError",
    "CheckReport",
    "Completion",
    "Document",
    "DocumentError",
    "EvaluationError",
    "Facet",
    "FacetCount",
    "Hit",
    "Index",
    "IndexClosedError",
    "IndexDamagedError",
    "IndexExistsError",
    "IndexFailure",
    "IndexFormatError",
    "IndexLockedError",
    "IndexNotFoundError",
    "IndexReadError",
    "IndexWriteError",
    "ModelError",
    "QueryError",
    "RankingModel",
    "RepairReport",
    "Results",
    "SearchidxError",
    "Snippet",
    "Status",
    "Suggestion",
    "UpdateReport",
    "__version__",
    "check",
    "create",
    "open",
    "repair",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = import_module(f"{__name__}.{_MODULES[name]}")
    value = getattr(module, "open_index" if name == "open" else name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
