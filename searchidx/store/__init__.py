"""The index on disk.

Above this door a store is a folder with commits: a `Reader` sees one commit for as long
as it lives and gives arrays, a `Writer` makes the next one.  What lies below, columns of
numbers in memory-mapped segment files, is known to this folder alone.
"""

from searchidx.store.fields import FIELDS, VIEWS
from searchidx.store.manifest import FORMAT
from searchidx.store.postings import Postings
from searchidx.store.reader import Reader
from searchidx.store.segment import Head
from searchidx.store.store import Store, exists
from searchidx.store.streams import Landmarks

__all__ = [
    "FIELDS",
    "FORMAT",
    "VIEWS",
    "Head",
    "Landmarks",
    "Postings",
    "Reader",
    "Store",
    "exists",
]
