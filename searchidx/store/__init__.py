"""The index on disk.

Above this door a store is a folder with commits: a `Reader` sees one commit for as long
as it lives and gives arrays, a `Writer` makes the next one.  What lies below, today
Whoosh's stock files, is known to this folder alone.
"""

from searchidx.store.reader import Postings, Reader
from searchidx.store.stock import FORMAT, Store, exists
from searchidx.store.views import FIELDS, VIEWS
from searchidx.store.writer import Writer

__all__ = ["FIELDS", "FORMAT", "VIEWS", "Postings", "Reader", "Store", "Writer", "exists"]
