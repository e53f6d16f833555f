"""Read and write queries, judgements, and runs of this or another engine.

Queries are JSON Lines with an `id` and a `text`.  Judgements are lines of query id, document
id and grade, separated by tabs.  Runs have TREC's format.  Blank lines are ignored.  An error
names the file and the line as `file#line`.
"""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Container, Iterator, Mapping, Sequence
from typing import Final

from searchidx.errors import EvaluationError
from searchidx.sources.failure import UnreadableError, failure_reason
from searchidx.sources.line_reader import read_lines, utf_8_stream
from searchidx.sources.printable_paths import printable_path
from searchidx.sources.regular_files import MAX_DOCUMENT_BYTES, TOO_LARGE, open_regular

PathLike = str | os.PathLike[str]

Queries = Mapping[str, str]
"""The text of each query by its id."""
Judgements = Mapping[str, Mapping[str, int]]
"""The grades of documents by query id and document id; 0 means not relevant."""
Run = Mapping[str, Sequence[str]]
"""The ids of the documents found for each query id, best first, each once."""

_QUERY_HINT: Final = 'write one a line, such as {"id": "1", "text": "nghi quyet 35"}'
_JUDGEMENT_HINT: Final = (
    "write the ids of a query and a document and a grade, with tabs between"
)
_HIT_HINT: Final = "write a query's id, Q0, a document's id, a rank, a score and the run's name"
_LONE_SURROGATE: Final = re.compile("[\ud800-\udfff]")
"""Half of a surrogate pair.  JSON can spell it, but UTF-8 cannot encode it."""


def read_queries(path: PathLike) -> dict[str, str]:
    """Return the queries of a JSON Lines file by their ids, in the order of the file.

    Raises:
        EvaluationError: The file cannot be read, a line is not a query, an id comes twice,
            or the file has no queries.
    """
    queries: dict[str, str] = {}
    lines_of_ids: dict[str, int] = {}
    for number, line in _lines(path):
        try:
            fields = json.loads(line)
        except json.JSONDecodeError as error:
            raise _line_error(
                path, number, f"not JSON ({error.msg} at column {error.colno}); {_QUERY_HINT}"
            ) from error
        except (ValueError, RecursionError) as error:  # thousands of digits or brackets
            raise _line_error(path, number, f"JSON that is no query; {_QUERY_HINT}") from error
        if not isinstance(fields, dict):
            raise _line_error(path, number, f"not a JSON object; {_QUERY_HINT}")
        id_, text = fields.get("id"), fields.get("text")
        if isinstance(id_, int) and not isinstance(id_, bool):
            id_ = str(id_)
        if not isinstance(id_, str) or not id_.strip():
            raise _line_error(path, number, f"has no id; {_QUERY_HINT}")
        if not isinstance(text, str) or not text.strip():
            raise _line_error(path, number, f"has no text; {_QUERY_HINT}")
        if _LONE_SURROGATE.search(id_ + text):
            raise _line_error(path, number, f"holds half of a character (\\ud…); {_QUERY_HINT}")
        _must_be_new(path, number, f"the query {id_!r}", lines_of_ids.setdefault(id_, number))
        queries[id_] = text
    if not queries:
        raise EvaluationError(f"{_name(path)}: holds no queries; {_QUERY_HINT}")
    return queries


def read_judgements(
    path: PathLike, queries: Container[str], documents: Container[str]
) -> dict[str, dict[str, int]]:
    """Return the judgements of a file by query, in the order of the file.

    Args:
        path: A file with lines of ``query TAB document TAB grade``, grades from 0.
        queries: The known ids of queries.
        documents: The known ids of documents, such as a `searchidx.Index`.

    Raises:
        EvaluationError: The file cannot be read, a line is not a judgement, names an unknown
            query or document or repeats a judgement, or no document is relevant to any query.
    """
    judgements: dict[str, dict[str, int]] = {}
    lines_of_pairs: dict[tuple[str, str], int] = {}
    for number, line in _lines(path):
        columns = line.split("\t")
        if len(columns) != 3:
            raise _line_error(
                path, number, f"has {len(columns)} columns, not 3; {_JUDGEMENT_HINT}"
            )
        query, document, grade = columns
        if not (grade.strip().isascii() and grade.strip().isdecimal() and len(grade) < 10):
            raise _line_error(
                path, number, f"{grade!r} is no grade; grades are whole numbers from 0"
            )
        if query not in queries:
            raise _line_error(
                path, number, f"there is no query {query!r}; add it to the queries"
            )
        if document not in documents:
            raise _line_error(
                path, number, f"there is no document {document!r}; add it to the documents"
            )
        first = lines_of_pairs.setdefault((query, document), number)
        _must_be_new(path, number, f"document {document!r} for query {query!r}", first)
        judgements.setdefault(query, {})[document] = int(grade)
    if not any(grade for grades in judgements.values() for grade in grades.values()):
        raise EvaluationError(
            f"{_name(path)}: no document is relevant to a query; {_JUDGEMENT_HINT}, 1 or more"
        )
    return judgements


def read_run(path: PathLike) -> dict[str, list[str]]:
    """Return the documents of each query in a run in TREC's format, best first.

    As in trec_eval, documents are ordered by score, and the column of ranks is ignored.  Of
    equal scores the document whose id sorts last comes first.

    Raises:
        EvaluationError: The file cannot be read, a line has another format or repeats a
            document of a query, or the file has no hits.
    """
    scores: dict[str, list[tuple[float, str]]] = {}
    lines_of_pairs: dict[tuple[str, str], int] = {}
    for number, line in _lines(path):
        columns = line.split()
        if len(columns) != 6:
            raise _line_error(path, number, f"has {len(columns)} columns, not 6; {_HIT_HINT}")
        query, _, document, _, score, _ = columns
        try:
            value = float(score)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise _line_error(path, number, f"{score!r} is no score; {_HIT_HINT}")
        first = lines_of_pairs.setdefault((query, document), number)
        _must_be_new(path, number, f"document {document!r} for query {query!r}", first)
        scores.setdefault(query, []).append((value, document))
    if not scores:
        raise EvaluationError(f"{_name(path)}: holds no hits; {_HIT_HINT}")
    return {
        query: [document for _, document in sorted(found, reverse=True)]
        for query, found in scores.items()
    }


def write_run(path: PathLike, run: Run, name: str = "searchidx") -> None:
    """Write a run in TREC's format.

    Scores are counted from the end: the last document of a query has 1, the one before it 2
    and so on.  Programs that read runs sort by score, and a ranking that puts documents with
    every word first does not have its own scores in descending order.

    Args:
        path: The file to write.
        run: The ids of the documents of each query, best first.
        name: The name of the run.

    Raises:
        EvaluationError: An id contains white space, which separates the columns.
        OSError: The file cannot be written.
    """
    for id_ in {*run, *(document for found in run.values() for document in found)}:
        if len(id_.split()) != 1 or id_ != id_.strip():
            raise EvaluationError(
                f"the id {id_!r} contains white space, which separates the columns of a run; "
                "use an id without it"
            )
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        for query, found in run.items():
            for rank, document in enumerate(found, start=1):
                score = len(found) - rank + 1
                file.write(f"{query} Q0 {document} {rank} {score} {name}\n")


def _lines(path: PathLike) -> Iterator[tuple[int, str]]:
    """Yield the lines of a file that are not blank, with their numbers from 1."""
    try:
        with open_regular(os.fspath(path)) as file:
            text_file, encoding = utf_8_stream(file)
            for number, line in enumerate(read_lines(text_file, MAX_DOCUMENT_BYTES), start=1):
                if line is None:
                    raise _line_error(path, number, TOO_LARGE)
                try:
                    text = line.decode("utf-8")
                except UnicodeDecodeError as error:
                    raise _line_error(
                        path, number, f"not {encoding}; save the file as UTF-8"
                    ) from error
                text = text.removeprefix("\ufeff").rstrip("\r\n")
                if text.strip():
                    yield number, text
    except FileNotFoundError as error:
        raise EvaluationError(f"{_name(path)}: there is no such file") from error
    except OSError as error:
        raise EvaluationError(f"{_name(path)}: {failure_reason(error)}") from error
    except UnreadableError as error:
        raise EvaluationError(f"{_name(path)}: {error}") from error


def _name(path: PathLike) -> str:
    return printable_path(os.fspath(path))


def _line_error(path: PathLike, line: int, reason: str) -> EvaluationError:
    return EvaluationError(f"{_name(path)}#{line}: {reason}")


def _must_be_new(path: PathLike, number: int, what: str, first: int) -> None:
    if first != number:
        raise _line_error(path, number, f"{what} is already on line {first}; leave one out")
