"""`Index`: the one object that ties reading, writing and searching together."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from searchidx.document import Document
from searchidx.errors import DocumentError, IndexClosedError, QueryError
from searchidx.search.query.query import Query, Sort, parse
from searchidx.search.ranking_model import DEFAULT_RANKING, RankingModel
from searchidx.search.results import Results
from searchidx.search.searcher import Page, Searcher
from searchidx.search.snippets.builder import DEFAULT_LENGTH
from searchidx.sources.failure import printable_path
from searchidx.store import FIELDS, VIEWS, Reader, Store
from searchidx.units import Span

if TYPE_CHECKING:
    from searchidx.search.rank.facets import Facet
    from searchidx.search.suggest.completion import Completion
    from searchidx.store import CheckReport, RepairReport
    from searchidx.update import Progress, UpdateReport
    from searchidx.whoosh_compat import ColumnIndex
    from searchidx.whoosh_compat.queries import Query as WhooshQuery

PathLike = str | os.PathLike[str]
Paths = PathLike | Iterable[PathLike]

WAIT = 10.0
"""Seconds that a write waits for another writer to finish, unless told otherwise."""


def one_or_many(items: Paths) -> list[str]:
    """`items` as a list of text; a text alone is one item, not its letters.

    Raises:
        DocumentError: One of them is neither text nor a path.
    """
    several = [items] if isinstance(items, str | os.PathLike) else list(items)
    for item in several:
        if not isinstance(item, str | os.PathLike):
            raise DocumentError(f"an id or a path must be text, not {type(item).__name__}")
    return [os.fspath(item) for item in several]


@dataclass(frozen=True, slots=True)
class Status:
    """What an index holds.

    Attributes:
        path: Its folder.
        bytes: What it takes on disk.
        documents: How many documents it holds.
        terms: How many distinct terms each field and view has, such as "body_folded".
        committed: When the last commit was made: seconds since the epoch.
        files: How many files its documents came from.
        roots: The files and folders that it was made from.
    """

    path: Path
    bytes: int
    documents: int
    terms: dict[str, int]
    committed: float
    files: int
    roots: tuple[str, ...]


class Index:
    """An index of reports: search it, add to it, keep it up to date with folders.

    Made by `searchidx.open` and `searchidx.create`; a context manager that closes itself.
    One object may be used from several threads.  It searches the commit that it opened
    until it commits itself or `refresh` is called.
    """

    def __init__(self, store: Store, ranking: RankingModel | None = None) -> None:
        self._store = store
        self._ranking = _checked(ranking)
        # Searches need no lock: a reader serves many threads, and each search keeps to the
        # one that it began with.  The first lock is held to turn to another commit, the
        # second by a write.
        self._lock = threading.RLock()
        self._write_lock = threading.RLock()
        self._searcher: Searcher | None = Searcher(store.reader(), self._ranking)

    @property
    def path(self) -> Path:
        """The index's folder."""
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
        """Closes the index's files; closing twice does nothing."""
        with self._lock:
            self._searcher = None  # its files are unmapped with the last search that uses it

    def _open(self) -> Searcher:
        searcher = self._searcher
        if searcher is None:
            raise IndexClosedError(f"the index at {self.path} was closed; open it again")
        return searcher

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """One write at a time; searches go on, and see it when it is committed."""
        with self._write_lock:
            self._open()  # an index that was closed is not written to
            yield
            with self._lock:
                if self._searcher is not None:
                    self.refresh()

    def refresh(self) -> bool:
        """Turns to the latest commit, other processes' included; tells whether it is new.

        Raises:
            IndexClosedError, IndexNotFoundError, IndexDamagedError.
        """
        with self._lock:
            if self._store.generation() == self._open().reader.manifest.generation:
                return False
            self._searcher = Searcher(self._store.reader(), self._ranking)
            return True

    def __len__(self) -> int:
        """How many documents there are."""
        reader = self._open().reader
        return reader.document_count

    def __contains__(self, id_: object) -> bool:
        """Whether there is a document with that id."""
        reader = self._open().reader
        return isinstance(id_, str) and reader.doc_id(id_) is not None

    def get(self, id_: str) -> Document | None:
        """The document with that id, or None.

        Raises:
            IndexClosedError, IndexDamagedError.
        """
        reader = self._open().reader
        number = reader.doc_id(id_)
        return None if number is None else reader.document(number)

    def from_source(self, path: str, line: int | None = None) -> list[Document]:
        """The documents that came from the file at `path`, or from one line of it.

        Raises:
            IndexClosedError, IndexDamagedError.
        """
        reader = self._open().reader
        numbers = reader.doc_ids_from_source(printable_path(os.path.abspath(path))).tolist()
        documents = map(reader.document, numbers)
        return [d for d in documents if line is None or d.line == line]

    def search(
        self,
        query: str,
        *,
        limit: int = 10,
        offset: int = 0,
        sort: Sort = "relevance",
        exact: bool = False,
        expand: bool = True,
        collapse: bool = False,
        suggest: bool = True,
        snippet_length: int = DEFAULT_LENGTH,
        passages: int = 1,
        explain: bool = False,
    ) -> Results:
        """The documents that answer a query, best first.

        Those with all the words of the query come first, then those with some; of many
        words, or for a question, the score alone decides.  Marks that were typed are
        preferred, marks that were not typed match anything.  The query language is in
        docs/reference/query-language.md, the order in docs/explanation/ranking.md; no text is an error.

        Args:
            query: What a person types.
            limit: How many hits to give.
            offset: How many hits to pass over before them.
            sort: "relevance", or "date" for the latest first: of one day the best first, and
                documents without a date last.  The query's own ``sort:`` comes before it.
            exact: Require every syllable as it was typed, marks or none.
            expand: Search also for what abbreviations stand for, and the other way round,
                as the index's own reports introduce them; not with `exact`.
            collapse: Fold those of the first hits that say nearly the same as a better one
                under that one (`Hit.similar`).  Limit and offset then count what is left.
            suggest: Look for other queries that the person may have meant
                (`Results.suggestions`).
            snippet_length: How long the passages of a hit are together, in code points.
            passages: How many there are at most, 1 to 3, and no more than one for each 20
                code points of that length; docs/explanation/snippets.md tells how they are chosen.
            explain: Tell for each hit what gave it its score (`Hit.explanation`).

        Raises:
            QueryError: `limit`, `offset`, `sort`, `snippet_length` or `passages` has no
                meaning.
            IndexClosedError, IndexDamagedError.
        """
        return self._open().search(
            query,
            Page(limit, offset, collapse, snippet_length, passages),
            sort=sort,
            exact=exact,
            expand=expand,
            suggest=suggest,
            explain=explain,
        )

    def search_ids(
        self, query: str, *, limit: int = 10, exact: bool = False, expand: bool = True
    ) -> list[str]:
        """The ids of the documents that `search` finds, best first, and nothing else of them.

        Quicker than `search` where many hits are asked for: no text is read.

        Args:
            query: What a person types.
            limit: How many ids to give.
            exact: As for `search`.
            expand: As for `search`.

        Raises:
            QueryError: `limit` has no meaning.
            IndexClosedError, IndexDamagedError.
        """
        return self._open().search_ids(query, limit=limit, exact=exact, expand=expand)

    def parse(self, query: str) -> Query:
        """A query that is meant to be one, understood; printed, it means the same.

        It may name what the documents have as metadata, as `search` has it.

        Raises:
            QueryError: Something in it makes no sense, to which `search` would give a note;
                `position` says where.
            IndexClosedError, IndexDamagedError.
        """
        return parse(query, self._open().reader.keywords.metadata_keys)

    def like(
        self,
        example: str | Document,
        *,
        limit: int = 10,
        offset: int = 0,
        collapse: bool = False,
        snippet_length: int = DEFAULT_LENGTH,
    ) -> Results:
        """The documents that are like one, the most alike first: more of the same matter.

        They share the terms that tell most of what it is about; docs/how-to/read-results.md has the formula.
        The document itself is left out, and those of the first that say nearly the same as
        it come after the others of these.

        Args:
            example: A document's id, the path of a file that one document came from, that
                path with ``#`` and the number of a line; or a `Document` that need not be
                in the index, such as ``Document(id="text", body=…)``.
            limit, offset, collapse, snippet_length: As for `search`.

        Raises:
            QueryError: `example` names no document of the index, or several; `limit`,
                `offset` or `snippet_length` has no meaning.
            IndexClosedError, IndexDamagedError.
        """
        searcher = self._open()
        return searcher.like(
            example if isinstance(example, Document) else self._named(searcher.reader, example),
            Page(limit, offset, collapse, snippet_length),
        )

    def _named(self, reader: Reader, name: str) -> int:
        """The number of the document with an id, or from a file, or from a line of one."""
        number = reader.doc_id(name)
        if number is not None:
            return number
        numbers = reader.doc_ids_from_source(printable_path(os.path.abspath(name))).tolist()
        path, _, line = name.rpartition("#")
        # No file has lines of more digits, and Python reads none of thousands.
        if not numbers and path and line.isdecimal() and len(line) < 20:
            of_file = reader.doc_ids_from_source(printable_path(os.path.abspath(path))).tolist()
            numbers = [n for n in of_file if reader.head(n).line == int(line)]
        name = printable_path(name)
        if not numbers:
            raise QueryError(f"{name} is neither the id of a report in the index nor its file")
        if len(numbers) > 1:
            raise QueryError(
                f"{name} holds {len(numbers):,} reports; name one by its line, such as "
                f"{name}#{reader.head(numbers[0]).line}"
            )
        return int(numbers[0])

    def facets(
        self,
        query: str,
        fields: Iterable[str] = ("year", "source", "code"),
        *,
        limit: int = 10,
        exact: bool = False,
        expand: bool = True,
    ) -> tuple[Facet, ...]:
        """How all hits of a query are spread over years, sources, codes or other fields.

        Args:
            query: As for `search`.
            fields: "year" of the date, "source" (the file that a document is kept up with),
                "path", "code" (the documents that it names), or a key of the metadata.  Of
                lists in the metadata each element counts; values that differ by marks and
                case alone are one.
            limit: How many values of each field to give, those of most hits first.
            exact, expand: As for `search`.

        Raises:
            QueryError: There is no such field; `limit` has no meaning.
            IndexClosedError, IndexDamagedError.
        """
        names = [fields] if isinstance(fields, str) else list(fields)
        return self._open().facets(query, names, limit=limit, exact=exact, expand=expand)

    def complete(self, text: str, *, limit: int = 8) -> tuple[Completion, ...]:
        """How a query that is being typed may go on, the most frequent first.

        The syllable at the end of `text`, or the next one behind a space, as the reports have
        it behind the last syllables before, with what mostly follows it.

        Args:
            text: What stands before the cursor, typed with marks or without.
            limit: How many completions to give.

        Raises:
            IndexClosedError, IndexDamagedError.
        """
        return self._open().complete(text, limit=limit)

    def highlights(
        self, text: str, query: str, *, exact: bool = False, expand: bool = True
    ) -> tuple[Span, ...]:
        """The words of `text` that a query looks for, as half-open code-point ranges.

        Args:
            text: Any text.
            query: What a person types.
            exact: As for `search`.
            expand: As for `search`.

        Raises:
            IndexClosedError, IndexDamagedError.
        """
        return self._open().highlights(text, query, exact=exact, expand=expand)

    def add(
        self, documents: Iterable[Document], *, wait: float = WAIT, workers: int = 1
    ) -> int:
        """Adds documents in one commit, each in place of the one with its id; tells how many.

        Nothing is added when anything fails, the iterable itself included.

        Args:
            documents: What is added.
            wait: Seconds to wait for another writer.
            workers: How many processes analyse at once, where the texts are long enough to
                be worth it.  With more than one, the calling script needs the usual
                ``if __name__ == "__main__":``.

        Raises:
            DocumentError: One of `documents` is not a `Document`.
            IndexLockedError: Another writer did not finish within `wait` seconds.
            IndexWriteError: The disk refused a write.
            IndexClosedError, IndexDamagedError.
        """
        with self._writing():
            from searchidx.update import add  # which a search does not need

            return add(self._store, documents, wait=wait, workers=workers)

    def remove(self, ids: Iterable[str], *, wait: float = WAIT) -> int:
        """Removes the documents with these ids in one commit; tells how many there were.

        Raises:
            DocumentError: One of `ids` is not text.
            IndexLockedError, IndexWriteError, IndexClosedError, IndexDamagedError:
                As for `add`.
        """
        with self._writing():
            from searchidx.update import remove

            return remove(self._store, one_or_many(ids), wait=wait)

    def update(
        self,
        paths: Paths,
        *,
        wait: float = WAIT,
        workers: int = 1,
        progress: Progress | None = None,
    ) -> UpdateReport:
        """Indexes what is new or changed at `paths`, removes what has vanished below them.

        One commit; what cannot be read is in the report and stays as it was indexed.

        Args:
            paths: A file (text, JSON Lines) or folder, or several.
            wait: Seconds to wait for another writer.
            workers: As for `add`.
            progress: Called after each document with the bytes done, about, the bytes in
                all and the file's path; what it raises ends the run, without a commit.

        Raises:
            IndexLockedError, IndexWriteError, IndexClosedError, IndexDamagedError:
                As for `add`.
        """
        with self._writing():
            from searchidx.update import update

            return update(
                self._store,
                one_or_many(paths),
                wait=wait,
                workers=workers,
                progress=progress,
            )

    def remove_source(self, path: str | os.PathLike[str], *, wait: float = WAIT) -> int:
        """Removes the documents of the files at or below `path`; tells how many.

        Raises:
            IndexLockedError, IndexWriteError, IndexClosedError, IndexDamagedError:
                As for `add`.
        """
        with self._writing():
            from searchidx.update import remove_source

            return remove_source(self._store, os.path.abspath(path), wait=wait)

    def whoosh(self) -> ColumnIndex:
        """The same index for Whoosh's searchers, queries and parsers.

        A `whoosh.index.Index` whose readers, searchers and writers are this index's own;
        docs/how-to/use-whoosh.md has its fields.  It always reads the latest commit; after a commit of
        its writer, `refresh` has this object see it too.

        Raises:
            IndexClosedError, IndexNotFoundError, IndexDamagedError.
        """
        self._open()
        from searchidx.update import Changes
        from searchidx.whoosh_compat import ColumnIndex  # Whoosh takes time to import

        return ColumnIndex(self._store, lambda wait: Changes(self._store, wait))

    def whoosh_query(self, query: str, *, exact: bool = False) -> WhooshQuery:
        """A query as a tree of Whoosh's query classes, for a searcher over `whoosh`.

        It finds the documents that `search` finds without `expand`; of a question, or a query
        of many words, those with any one of them as well.  A phrase stays a phrase, also where
        `search` says that none has it and looks for its words.  It scores them as Whoosh does.
        What a part of the query stands for is looked up in the commit that this object sees.

        Args:
            query: What a person types.
            exact: As for `search`.

        Raises:
            IndexClosedError, IndexDamagedError.
        """
        searcher = self._open()
        from searchidx.whoosh_compat.query_translation import (
            translate,  # Whoosh takes time to import
        )

        return translate(searcher.reader, searcher.understood(query), exact=exact)

    def export_whoosh(
        self, directory: str | os.PathLike[str], *, progress: Progress | None = None
    ) -> int:
        """Writes the documents and their views as a stock Whoosh index, for other tools.

        Args:
            directory: Where: a new folder, or an empty one.
            progress: Called after each document with how many are done, how many there are
                and the document's id; what it raises ends the export, and leaves nothing.

        Returns:
            How many documents there are.

        Raises:
            IndexExistsError: `directory` is a file, or holds something.
            IndexWriteError: The disk refused a write.
            IndexClosedError, IndexDamagedError.
        """
        reader = self._open().reader
        from searchidx.whoosh_compat import export_whoosh

        return export_whoosh(reader, Path(directory), progress)

    def status(self) -> Status:
        """What the index holds.

        Raises:
            IndexClosedError, IndexDamagedError.
        """
        reader = self._open().reader
        metadata = self._store.metadata()
        return Status(
            path=self.path,
            bytes=self._store.nbytes(),
            documents=reader.document_count,
            terms={
                f"{field}_{view}": reader.term_count(f"{field}_{view}")
                for field in FIELDS
                for view in VIEWS
            },
            committed=self._store.commit_time(),
            files=len(metadata.get("files", {})),
            roots=tuple(metadata.get("roots", ())),
        )


def _checked(ranking: object) -> RankingModel:
    """Return a ranking model, or the default one for None.

    Raises:
        QueryError: It is something else.
    """
    if ranking is None:
        return DEFAULT_RANKING
    if not isinstance(ranking, RankingModel):
        raise QueryError(f"ranking must be a RankingModel, not {type(ranking).__name__}")
    return ranking


def open_index(
    path: str | os.PathLike[str] = "index", *, ranking: RankingModel | None = None
) -> Index:
    """Open the index in the folder `path`.

    Args:
        path: The folder.
        ranking: The weights and thresholds of the ranking, or None for the defaults.

    Raises:
        IndexNotFoundError: There is none.
        IndexFormatError: It was written by another version.
        IndexDamagedError: Its files are not what they should be.
    """
    return Index(Store(Path(path)), ranking)


def create(
    path: str | os.PathLike[str] = "index", *, ranking: RankingModel | None = None
) -> Index:
    """Create an empty index in the folder `path`, and the folder if it is missing.

    Args:
        path: The folder.
        ranking: The weights and thresholds of the ranking, or None for the defaults.  They
            are not written to the index: pass them to `searchidx.open` as well.

    Raises:
        IndexExistsError: There is an index, a file or a folder with other files.
        IndexWriteError: The folder cannot be written.
    """
    return Index(Store.create(Path(path)), ranking)


def check(path: str | os.PathLike[str] = "index") -> CheckReport:
    """Reads the index in the folder `path` whole, and tells what is wrong with it.

    Raises:
        IndexNotFoundError: There is none.
        IndexFormatError: It was written by another version.
        IndexReadError: The system refused to read it.
    """
    from searchidx.store import check_index  # loads modules that no search needs

    return check_index(Path(path))


def repair(path: str | os.PathLike[str] = "index", *, wait: float = WAIT) -> RepairReport:
    """Makes a damaged index in the folder `path` whole again, of what can still be read.

    Files of which a document was lost are read again by the next update of their folder.
    An index that nothing is wrong with is left alone.

    Raises:
        IndexNotFoundError: There is none.
        IndexFormatError: It was written by another version.
        IndexReadError: The system refused to read it.
        IndexLockedError: A writer did not finish within `wait` seconds.
        IndexWriteError: The disk refused a write; nothing was changed.
    """
    from searchidx.store import repair_index
    from searchidx.update import recount

    return repair_index(Path(path), wait=wait, mend=recount)
