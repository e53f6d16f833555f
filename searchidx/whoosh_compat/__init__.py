"""Whoosh's contract over the columns of an index.

The fields of `schema`, and over them `whoosh.index.Index`, `whoosh.reading.IndexReader`,
`whoosh.writing.IndexWriter` and `whoosh.matching.Matcher`, on which Whoosh's searchers,
queries, parsers, collectors and highlighters run; and an export to Whoosh's own files.
Only this folder knows Whoosh, which takes time to import and which no search needs.
"""

from searchidx.whoosh_compat.export import export_whoosh
from searchidx.whoosh_compat.index import ColumnIndex
from searchidx.whoosh_compat.index_reader import ColumnReader
from searchidx.whoosh_compat.schema import schema

__all__ = ["ColumnIndex", "ColumnReader", "export_whoosh", "schema"]
