"""Let programs written for Whoosh use an index.

Whoosh separates its queries, searchers, collectors and highlighters from the storage by
abstract classes.  This package implements these classes over the store: `Index`,
`IndexReader`, `IndexWriter`, `Matcher` and column readers, with the fields of `schema`.  It
can also export an index to Whoosh's own files.

No other package imports Whoosh: it takes time to load, and no search needs it.
"""

from searchidx.whoosh_compat.export import export_whoosh
from searchidx.whoosh_compat.index import ColumnIndex
from searchidx.whoosh_compat.index_reader import ColumnReader
from searchidx.whoosh_compat.schema import schema

__all__ = ["ColumnIndex", "ColumnReader", "export_whoosh", "schema"]
