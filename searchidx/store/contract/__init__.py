"""Whoosh's contract over the columns of an index.

The fields of `schema`, and over them `whoosh.index.Index`, `whoosh.reading.IndexReader`,
`whoosh.writing.IndexWriter` and `whoosh.matching.Matcher`, on which Whoosh's searchers,
queries, parsers, collectors and highlighters run; and an export to Whoosh's own files.
Only this folder knows Whoosh, which takes time to import and which no search needs.
"""

from searchidx.store.contract.export import export_whoosh
from searchidx.store.contract.index import ColumnIndex
from searchidx.store.contract.reader import ColumnReader
from searchidx.store.contract.schema import schema

__all__ = ["ColumnIndex", "ColumnReader", "export_whoosh", "schema"]
