"""The index on disk.

Above this door a store is a folder with commits: a `Reader` sees one commit for as long
as it lives and gives arrays, a `Writer` makes the next one.  What lies below, columns of
numbers in memory-mapped segment files, is known to this folder alone.
"""

from searchidx.store.codec.token_streams import Landmarks
from searchidx.store.commit.postings import Postings
from searchidx.store.commit.reader import Reader
from searchidx.store.files.manifest import FORMAT_VERSION
from searchidx.store.schema import FIELDS, VIEWS
from searchidx.store.segment.segment import DocumentHead
from searchidx.store.store import Store, exists

__all__ = [
    "FIELDS",
    "FORMAT_VERSION",
    "VIEWS",
    "DocumentHead",
    "Landmarks",
    "Postings",
    "Reader",
    "Store",
    "exists",
]
