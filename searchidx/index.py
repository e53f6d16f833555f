"""Define `Index`, the one object that reads, writes and searches an index."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from searchidx.arguments import (
    PathLike,
    Paths,
    check_writing,
    document_id,
    document_iterable,
    field_names,
    folder_path,
    id_list,
    path_list,
    path_text,
)
from searchidx.document import Document
from searchidx.document_lookup import (
    documents_from_source,
    find_example,
    matching_documents,
    matching_ids,
)
from searchidx.errors import IndexClosedError, QueryError
from searchidx.search.options import SearchOptions
from searchidx.search.query.query import Query, Sort, parse
from searchidx.search.ranking_model import DEFAULT_RANKING, RankingModel
from searchidx.search.results import Results
from searchidx.search.searcher import Searcher
from searchidx.search.snippets.builder import DEFAULT_LENGTH_CODE_POINTS
from searchidx.status import Status, read_status
from searchidx.store import Reader, Store
from searchidx.units import Span

if TYPE_CHECKING:
    from searchidx.search.rank.facets import Facet
    from searchidx.search.suggest.completion import Completion
    from searchidx.sources import OcrMode
    from searchidx.update import Progress, UpdateReport
    from searchidx.whoosh_compat import ColumnIndex
    from searchidx.whoosh_compat.queries import Query as WhooshQuery

WAIT_SECONDS = 10.0
"""How long a write waits for another writer by default."""


class Index:
    """An index of reports: search it, add to it, keep it up to date with folders.

    Get one from `searchidx.open` or `searchidx.create`, and close it when done::

        with searchidx.open("index") as index:
            print(index.search("nghi quyet 35").total)

    One object may be used from several threads.  It searches the commit that it opened until
    it commits itself or `refresh` is called: what other processes commit is not seen before.

    Every method raises `IndexClosedError` after `close`, and `IndexDamagedError` where a file
    of the index is not what was written.
    """

    def __init__(self, store: Store, ranking: RankingModel | None = None) -> None:
        self._store = store
        self._ranking = _ranking_model(ranking)
        # Searches need no lock: a reader serves many threads, and each search keeps to the
        # reader that it began with.  The first lock is held while another commit is opened,
        # the second by a write.
        self._lock = threading.RLock()
        self._write_lock = threading.RLock()
        self._searcher: Searcher | None = Searcher(store.reader(), self._ranking)

    @property
    def path(self) -> Path:
        """Return the folder of the index."""
        return self._store.folder

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the files of the index.  Closing twice does nothing."""
        with self._lock:
            self._searcher = None  # the last search that uses it unmaps its files

    def refresh(self) -> bool:
        """Open the latest commit, which may be that of another process.

        It may also be that of another index, if the folder was replaced meanwhile.  If a
        file was replaced, the commit is opened again.

        Returns:
            Whether there was another commit than the one that was open, or another file.

        Raises:
            IndexNotFoundError: The index was removed.
        """
        with self._lock:
            if self._store.is_latest(self._open().reader):
                return False
            self._searcher = Searcher(self._store.reader(), self._ranking)
            return True

    # Documents.

    def __len__(self) -> int:
        """Return the number of documents."""
        return self._reader().document_count

    def __contains__(self, id_: object) -> bool:
        """Return whether there is a document with that id."""
        reader = self._reader()
        return isinstance(id_, str) and reader.doc_id(id_) is not None

    def get(self, id_: str) -> Document | None:
        """Return the document with an id, or None.

        Args:
            id_: The id of the document.

        Raises:
            DocumentError: The id is not text.
        """
        reader = self._reader()
        doc_id = reader.doc_id(document_id(id_))
        return None if doc_id is None else reader.document(doc_id)

    def documents(self, query: str | None = None, *, exact: bool = False) -> Iterator[Document]:
        """Iterate over the documents, all of them or those that meet a query.

        Documents are read one by one, so that memory does not grow with the index.  They
        come in the order of the index, which is about that in which they were added.  The
        iterator stays with the commit that it began with.

        Example::

            for document in index.documents("date:2023 path:nghi-quyet"):
                print(document.id, document.title)

        Args:
            query: A condition in the query language.  Unlike in a search, every part of it is
                required, words included, and abbreviations are not expanded.
            exact: Require exactly the typed diacritics.

        Raises:
            QueryError: The query is empty, or something in it makes no sense.
        """
        return matching_documents(self._reader(), query, exact=exact)

    def ids(self, query: str | None = None, *, exact: bool = False) -> Iterator[str]:
        """Iterate over the ids of the documents, as `documents` does over these.

        Args:
            query: As for `documents`.
            exact: As for `documents`.

        Raises:
            QueryError: The query is empty, or something in it makes no sense.
        """
        return matching_ids(self._reader(), query, exact=exact)

    def from_source(self, path: PathLike, line: int | None = None) -> list[Document]:
        """Return the documents that came from a file, or from one line of it.

        Args:
            path: The file, relative to the current folder or absolute.
            line: The number of the line, from 1; None for the whole file.

        Raises:
            DocumentError: The path is neither text nor a path.
        """
        return documents_from_source(self._reader(), path_text(path), line)

    # Searching.

    def search(
        self,
        query: str,
        *,
        limit: int = 10,
        offset: int = 0,
        sort: Sort = "relevance",
        exact: bool = False,
        all_words: bool = False,
        expand: bool = True,
        collapse: bool = False,
        suggest: bool = True,
        snippet_length: int = DEFAULT_LENGTH_CODE_POINTS,
        passages: int = 1,
        explain: bool = False,
    ) -> Results:
        """Return the documents that match a query, best first.

        The score alone decides the order.  A document need not have every word of the query:
        `Hit.missing` says what it lacks, and `all_words` requires all of them.  Diacritics
        that were typed are preferred; without diacritics a word matches any spelling.  No
        text is an error.  The query language is in docs/reference/query-language.md, the
        order in docs/explanation/ranking.md.

        Example::

            results = index.search("nghi quyet 35 date:2023", limit=5)
            for hit in results:
                print(hit.rank, hit.title, hit.snippet.text)

        Args:
            query: What a person types.
            limit: The most hits to return.
            offset: How many hits to skip before the first one returned.
            sort: "relevance", or "date" for the latest first.  Of the same day the best comes
                first; documents without a date come last.  A ``sort:`` in the query has
                precedence.
            exact: Require every syllable with exactly the typed diacritics, or none.
            all_words: Return only documents with every word of the query.
            expand: Also match what abbreviations stand for, and the reverse, as the reports
                themselves introduce them.  Not with `exact`.
            collapse: Fold those of the first hits that say nearly the same as a better one
                under that one (`Hit.similar`).  `limit` and `offset` count what remains.
            suggest: Look for other queries that the person may have meant
                (`Results.suggestions`).
            snippet_length: The length of a hit's passages together, in code points.
            passages: The most passages of a hit, 1 to 3; at most one for each 20 code points
                of `snippet_length`.  docs/explanation/snippets.md says how they are chosen.
            explain: List for each hit what its score consists of (`Hit.explanation`).

        Returns:
            The hits, the number of all matching documents, notes and suggestions.

        Raises:
            QueryError: An option has an invalid value, or the query is not text.
        """
        options = SearchOptions(
            limit=limit,
            offset=offset,
            sort=sort,
            exact=exact,
            all_words=all_words,
            expand=expand,
            collapse=collapse,
            suggest=suggest,
            snippet_length=snippet_length,
            passages=passages,
            explain=explain,
        )
        return self._open().search(query, options)

    def search_ids(
        self,
        query: str,
        *,
        limit: int = 10,
        offset: int = 0,
        sort: Sort = "relevance",
        exact: bool = False,
        all_words: bool = False,
        expand: bool = True,
        collapse: bool = False,
    ) -> list[str]:
        """Return the ids of the hits of `search`, best first, and nothing else.

        This is quicker than `search` where many hits are asked for: no text is read.

        Args:
            query: What a person types.
            limit: As for `search`.
            offset: As for `search`.
            sort: As for `search`.
            exact: As for `search`.
            all_words: As for `search`.
            expand: As for `search`.
            collapse: As for `search`.

        Raises:
            QueryError: An option has an invalid value, or the query is not text.
        """
        options = SearchOptions(
            limit=limit,
            offset=offset,
            sort=sort,
            exact=exact,
            all_words=all_words,
            expand=expand,
            collapse=collapse,
        )
        return self._open().search_ids(query, options)

    def like(
        self,
        example: str | Document,
        *,
        limit: int = 10,
        offset: int = 0,
        collapse: bool = False,
        snippet_length: int = DEFAULT_LENGTH_CODE_POINTS,
        passages: int = 1,
    ) -> Results:
        """Return the documents most like an example: more on the same matter.

        They share the terms that say most about the example; docs/how-to/read-results.md has
        the formula.  The document itself is left out.  Near-duplicates of it come after the
        other documents among the first.

        Args:
            example: A document's id; or the path of a file that one document came from; or
                that path with ``#`` and the number of a line; or a `Document`, which need not
                be in the index: ``Document(id="text", body=text)``.
            limit: As for `search`.
            offset: As for `search`.
            collapse: As for `search`.
            snippet_length: As for `search`.
            passages: As for `search`.

        Raises:
            QueryError: The example names no document of the index, or several; or an option
                has an invalid value.
        """
        options = SearchOptions(
            limit=limit,
            offset=offset,
            collapse=collapse,
            snippet_length=snippet_length,
            passages=passages,
        )
        searcher = self._open()
        if isinstance(example, Document):
            return searcher.like(example, options)
        if not isinstance(example, str):
            kind = type(example).__name__
            raise QueryError(f"an example must be an id, a path or a Document, not {kind}")
        return searcher.like(find_example(searcher.reader, example), options)

    def facets(
        self,
        query: str,
        fields: str | Iterable[str] = ("year", "source", "code"),
        *,
        limit: int = 10,
        exact: bool = False,
        all_words: bool = False,
        expand: bool = True,
    ) -> tuple[Facet, ...]:
        """Count all hits of a query by year, source, document code or other fields.

        Args:
            query: As for `search`.
            fields: "year" of the date, "source" (the file that a document is kept up to date
                with), "path", "code" (the codes of documents that it names), or a key of the
                metadata.  Each element of a list in the metadata counts.  Values that differ
                in diacritics and case only are one value.
            limit: The most values of each field to return, those with most hits first.
            exact: As for `search`.
            all_words: As for `search`.
            expand: As for `search`.

        Returns:
            One facet for each field, in the order of `fields`.

        Raises:
            QueryError: There is no such field, or an option has an invalid value.
        """
        options = SearchOptions(limit=limit, exact=exact, all_words=all_words, expand=expand)
        return self._open().facets(query, field_names(fields), options)

    def highlights(
        self, text: str, query: str, *, exact: bool = False, expand: bool = True
    ) -> tuple[Span, ...]:
        """Return the places in a text that match a query, as half-open code-point ranges.

        Args:
            text: Any text; it need not be in the index.
            query: As for `search`.
            exact: As for `search`.
            expand: As for `search`.

        Raises:
            QueryError: The text or the query is not text.
        """
        return self._open().highlights(text, query, SearchOptions(exact=exact, expand=expand))

    def complete(self, text: str, *, limit: int = 8) -> tuple[Completion, ...]:
        """Return ways in which a query that is being typed may go on, most frequent first.

        They complete the last syllable of `text`, or add the next one after a space, as the
        reports continue the syllables before it.

        Args:
            text: The text before the cursor, typed with diacritics or without.
            limit: The most completions to return.

        Raises:
            QueryError: `text` is not text, or `limit` is no whole number.
        """
        return self._open().complete(text, limit=limit)

    def parse(self, query: str) -> Query:
        """Parse a query strictly, as a program means it.

        A query may name the documents' metadata keys as fields, as in `search`.  Printed, the
        returned query is text that means the same.

        Args:
            query: The text of the query.

        Raises:
            QueryError: Something in the query makes no sense, where `search` would return a
                note; `QueryError.position` says where.
        """
        if not isinstance(query, str):
            raise QueryError(f"a query must be text, not {type(query).__name__}")
        return parse(query, self._reader().keywords.metadata_keys)

    # Writing.

    def add(
        self,
        documents: Iterable[Document],
        *,
        wait: float = WAIT_SECONDS,
        workers: int = 1,
    ) -> int:
        """Add documents in one commit; each replaces the document with its id.

        Nothing is added when anything fails, the iterable itself included.

        Args:
            documents: The documents, in memory or from a generator.
            wait: The seconds to wait for another writer.
            workers: The number of processes that analyze texts, used where the texts are
                long enough.  With more than one, the calling script needs the usual
                ``if __name__ == "__main__":``.

        Returns:
            How many documents were added.

        Raises:
            DocumentError: One of `documents` is not a `Document`, or is too large
                (docs/reference/limits.md).
            IndexLockedError: Another writer did not finish within `wait` seconds.
            IndexWriteError: The system refused a write; the last commit is unchanged.
        """
        added = document_iterable(documents)
        check_writing(wait, workers)
        with self._writing():
            from searchidx.update import add  # which a search does not need

            return add(self._store, added, wait=wait, workers=workers)

    def update(
        self,
        paths: Paths,
        *,
        wait: float = WAIT_SECONDS,
        workers: int = 1,
        ocr: OcrMode = "auto",
        progress: Progress | None = None,
    ) -> UpdateReport:
        """Index what is new or changed in files and folders, and remove what is gone.

        All of it is one commit.  What cannot be read is in the report, and stays in the index
        as it was.

        Args:
            paths: A file or a folder, or several of them; docs/reference/formats.md lists
                the formats.
            wait: As for `add`.
            workers: As for `add`.
            ocr: Whether text is recognized in pictures of pages: in those without text, if
                the program for it is installed ("auto"), in all pages ("always"), or "never".
            progress: Called after each document and file with about the bytes done, the
                bytes in all, and the path of the file.  An exception that it raises ends the
                update without a commit.

        Returns:
            What was added, changed, removed, and could not be read.

        Raises:
            DocumentError: One of `paths` is neither text nor a path.
            ArgumentError: `ocr` has another value.
            IndexLockedError, IndexWriteError: As for `add`.
        """
        given = path_list(paths)
        check_writing(wait, workers)
        with self._writing():
            from searchidx.update import update

            return update(
                self._store, given, wait=wait, workers=workers, ocr=ocr, progress=progress
            )

    def remove(self, ids: str | Iterable[str], *, wait: float = WAIT_SECONDS) -> int:
        """Remove the documents with these ids in one commit.

        A file that one of them came from is read again by the next `update` of its folder.

        Args:
            ids: One id or several; those that no document has are ignored.
            wait: As for `add`.

        Returns:
            How many documents were removed.

        Raises:
            DocumentError: One of `ids` is not text.
            IndexLockedError, IndexWriteError: As for `add`.
        """
        given = id_list(ids)
        check_writing(wait)
        with self._writing():
            from searchidx.update import remove

            return remove(self._store, given, wait=wait)

    def remove_matching(
        self, query: str, *, exact: bool = False, wait: float = WAIT_SECONDS
    ) -> int:
        """Remove the documents that meet a query, in one commit.

        These are the documents that `documents` and `ids` give for the query, in the latest
        commit: every part of it is required.  Look before removing::

            print(list(index.ids("date:..2015 path:nhap")))
            index.remove_matching("date:..2015 path:nhap")

        Args:
            query: As for `documents`.
            exact: Require exactly the typed diacritics.
            wait: As for `add`.

        Returns:
            How many documents were removed.

        Raises:
            QueryError: The query is empty, or something in it makes no sense.
            IndexLockedError, IndexWriteError: As for `add`.
        """
        check_writing(wait)

        with self._writing():
            from searchidx.update import remove_selected

            return remove_selected(
                self._store, lambda reader: matching_ids(reader, query, exact=exact), wait=wait
            )

    def remove_source(self, path: PathLike, *, wait: float = WAIT_SECONDS) -> int:
        """Remove the documents that `update` read from files at or below a path.

        Args:
            path: The file or folder, which need not exist any more.
            wait: As for `add`.

        Returns:
            How many documents were removed.

        Raises:
            DocumentError: The path is neither text nor a path.
            IndexLockedError, IndexWriteError: As for `add`.
        """
        source = os.path.abspath(path_text(path))
        check_writing(wait)
        with self._writing():
            from searchidx.update import remove_source

            return remove_source(self._store, source, wait=wait)

    def remove_named(
        self, names: Paths, *, wait: float = WAIT_SECONDS
    ) -> tuple[int, tuple[str, ...]]:
        """Remove the documents that files, folders or ids name, in one commit.

        This is what ``searchidx remove`` does.  A name is first compared with the paths of
        files as in `remove_source`, then with the ids.

        Args:
            names: A file, a folder or an id, or several of them.
            wait: As for `add`.

        Returns:
            How many documents were removed, and the names that fit nothing.

        Raises:
            DocumentError: A name is empty, or is neither text nor a path.
            IndexLockedError, IndexWriteError: As for `add`.
        """
        given = path_list(names, "a file, folder or id")
        check_writing(wait)
        with self._writing():
            from searchidx.update import remove_named

            removed, unknown = remove_named(self._store, given, wait=wait)
        return removed, tuple(unknown)

    # The index as a whole.

    def status(self) -> Status:
        """Describe the latest commit: its size, documents, terms and origin.

        It may be newer than the commit that this object searches, which `refresh` opens.

        Raises:
            IndexNotFoundError: The index was removed.
        """
        self._open()
        return read_status(self._store)

    def whoosh(self) -> ColumnIndex:
        """Return the same index for Whoosh's searchers, queries and parsers.

        It is a `whoosh.index.Index` with readers, searchers and writers of its own;
        docs/how-to/use-whoosh.md lists its fields.  It always reads the latest commit.  After
        a commit of its writer, call `refresh` to see the changes here.

        Raises:
            IndexNotFoundError: The index was removed.
        """
        self._open()
        from searchidx.update import Changes
        from searchidx.whoosh_compat import ColumnIndex  # Whoosh takes time to import

        return ColumnIndex(self._store, lambda wait: Changes(self._store, wait))

    def whoosh_query(self, query: str, *, exact: bool = False) -> WhooshQuery:
        """Return a query as a tree of Whoosh's query classes, for a searcher over `whoosh`.

        It finds the documents that `search` finds without `expand`.  For a question, or a
        query of many words, it also finds those with any one of the words.  A phrase stays a
        phrase, even where `search` looks for its words because no document has it.  Whoosh
        computes the scores.  Prefixes and the like are looked up in the commit that this
        object searches.

        Args:
            query: As for `search`.
            exact: As for `search`.

        Raises:
            QueryError: The query is not text.
        """
        searcher = self._open()
        from searchidx.whoosh_compat.query_translation import (
            translate,  # Whoosh takes time to import
        )

        return translate(searcher.reader, searcher.parse(query), exact=exact)

    def export_whoosh(self, directory: PathLike, *, progress: Progress | None = None) -> int:
        """Write the documents and their sub-fields as a stock Whoosh index, for other tools.

        Args:
            directory: A new or empty folder.
            progress: Called after each document with the number done, the number of all, and
                the document's id.  An exception that it raises ends the export, and nothing
                remains of it.

        Returns:
            How many documents were written.

        Raises:
            IndexExistsError: `directory` is a file, or a folder that is not empty.
            IndexWriteError: The system refused a write.
        """
        reader = self._reader()
        from searchidx.whoosh_compat import export_whoosh

        return export_whoosh(reader, folder_path(directory), progress)

    def _open(self) -> Searcher:
        """Return the searcher of the commit that is open.

        Raises:
            IndexClosedError: The index was closed.
        """
        searcher = self._searcher
        if searcher is None:
            raise IndexClosedError(f"the index at {self.path} was closed; open it again")
        return searcher

    def _reader(self) -> Reader:
        return self._open().reader

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Hold the write lock, and open the new commit at the end; searches go on."""
        with self._write_lock:
            self._open()  # an index that was closed is not written to
            yield
            with self._lock:
                if self._searcher is not None:
                    self.refresh()


def _ranking_model(ranking: object) -> RankingModel:
    """Return a ranking model, or the default one for None.

    Raises:
        QueryError: It is something else.
    """
    if ranking is None:
        return DEFAULT_RANKING
    if not isinstance(ranking, RankingModel):
        raise QueryError(f"ranking must be a RankingModel, not {type(ranking).__name__}")
    return ranking
