"""The files of an evaluation: queries, judgements, and runs of this or another engine.

Queries are JSON Lines with an `id` and a `text`; judgements are lines of a query's id, a
document's id and a grade with tabs between; runs are those of TREC.  Blank lines count for
nothing.  An error names the file and the line, as `file#line`.
"""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Container, Iterator, Mapping, Sequence
from typing import Final

from searchidx.errors import EvaluationError
from searchidx.sources.failure import UnreadableError, failure_reason, printable_path
from searchidx.sources.line_reader import read_lines, utf_8_stream
from searchidx.sources.regular_files import MAX_DOCUMENT_BYTES, TOO_LARGE, open_regular

PathLike = str | os.PathLike[str]

Queries = Mapping[str, str]
"""The text of each query by its id."""
Judgements = Mapping[str, Mapping[str, int]]
"""For each query's id, by the ids of documents, how well they answer it: 0 is not at all."""
Run = Mapping[str, Sequence[str]]
"""For each query's id, the ids of the documents found, best first, each once."""

_QUERY: Final = 'write one a line, such as {"id": "1", "text": "nghi quyet 35"}'
_JUDGEMENT: Final = "write the ids of a query and a document and a grade, with tabs between"
_HIT: Final = "write a query's id, Q0, a document's id, a rank, a score and the run's name"
_LONE: Final = re.compile("[\ud800-\udfff]")
"""Half of a surrogate pair: JSON can spell it, and no file can hold it."""


def read_queries(path: PathLike) -> dict[str, str]:
    """The queries of a JSON Lines file, in its order.

    Raises:
        EvaluationError: The file cannot be read, a line is no query, an id comes twice, or
            there is none.
    """
    queries: dict[str, str] = {}
    lines_of_ids: dict[str, int] = {}
    for number, line in _lines(path):
        try:
            fields = json.loads(line)
        except json.JSONDecodeError as error:
            raise _wrong(
                path, number, f"not JSON ({error.msg} at column {error.colno}); {_QUERY}"
            ) from error
        except (ValueError, RecursionError) as error:  # thousands of digits or brackets
            raise _wrong(path, number, f"JSON that is no query; {_QUERY}") from error
        if not isinstance(fields, dict):
            raise _wrong(path, number, f"not a JSON object; {_QUERY}")
        id_, text = fields.get("id"), fields.get("text")
        if isinstance(id_, int) and not isinstance(id_, bool):
            id_ = str(id_)
        if not isinstance(id_, str) or not id_.strip():
            raise _wrong(path, number, f"has no id; {_QUERY}")
        if not isinstance(text, str) or not text.strip():
            raise _wrong(path, number, f"has no text; {_QUERY}")
        if _LONE.search(id_ + text):
            raise _wrong(path, number, f"holds half of a character (\\ud…); {_QUERY}")
        _must_be_new(path, number, f"the query {id_!r}", lines_of_ids.setdefault(id_, number))
        queries[id_] = text
    if not queries:
        raise EvaluationError(f"{_name(path)}: holds no queries; {_QUERY}")
    return queries


def read_judgements(
    path: PathLike, queries: Container[str], documents: Container[str]
) -> dict[str, dict[str, int]]:
    """The judgements of a file, by queries in the order in which they first come.

    Args:
        path: The file: ``query TAB document TAB grade``, grades from 0.
        queries: The ids that queries may have.
        documents: The ids that documents may have; a `searchidx.Index` will do.

    Raises:
        EvaluationError: The file cannot be read, a line is no judgement, names what is not
            there or judges again what was judged, or no document is relevant to a query.
    """
    judgements: dict[str, dict[str, int]] = {}
    lines_of_pairs: dict[tuple[str, str], int] = {}
    for number, line in _lines(path):
        columns = line.split("\t")
        if len(columns) != 3:
            raise _wrong(path, number, f"has {len(columns)} columns, not 3; {_JUDGEMENT}")
        query, document, grade = columns
        if not (grade.strip().isascii() and grade.strip().isdecimal() and len(grade) < 10):
            raise _wrong(
                path, number, f"{grade!r} is no grade; grades are whole numbers from 0"
            )
        if query not in queries:
            raise _wrong(path, number, f"there is no query {query!r}; add it to the queries")
        if document not in documents:
            raise _wrong(
                path, number, f"there is no document {document!r}; add it to the documents"
            )
        first = lines_of_pairs.setdefault((query, document), number)
        _must_be_new(path, number, f"document {document!r} for query {query!r}", first)
        judgements.setdefault(query, {})[document] = int(grade)
    if not any(grade for grades in judgements.values() for grade in grades.values()):
        raise EvaluationError(
            f"{_name(path)}: no document is relevant to a query; {_JUDGEMENT}, 1 or more"
        )
    return judgements


def read_run(path: PathLike) -> dict[str, list[str]]:
    """The documents that a run of TREC's form gives to each query, best first.

    As in trec_eval, the scores make the order, of equal ones the document whose id sorts
    last comes first, and the column of ranks is not looked at.

    Raises:
        EvaluationError: The file cannot be read, a line has another form or gives a query
            the same document again, or there is none.
    """
    scores: dict[str, list[tuple[float, str]]] = {}
    lines_of_pairs: dict[tuple[str, str], int] = {}
    for number, line in _lines(path):
        columns = line.split()
        if len(columns) != 6:
            raise _wrong(path, number, f"has {len(columns)} columns, not 6; {_HIT}")
        query, _, document, _, score, _ = columns
        try:
            value = float(score)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise _wrong(path, number, f"{score!r} is no score; {_HIT}")
        first = lines_of_pairs.setdefault((query, document), number)
        _must_be_new(path, number, f"document {document!r} for query {query!r}", first)
        scores.setdefault(query, []).append((value, document))
    if not scores:
        raise EvaluationError(f"{_name(path)}: holds no hits; {_HIT}")
    return {
        query: [document for _, document in sorted(found, reverse=True)]
        for query, found in scores.items()
    }


def write_run(path: PathLike, run: Run, name: str = "searchidx") -> None:
    """Writes a run in TREC's form.

    The scores are those of the places: the last document of a query has 1, the one before it
    2 and so on.  What reads runs sorts them by score, and a ranking that puts documents with
    all the words first does not have its scores in order.

    Raises:
        EvaluationError: An id has white space in it, which the form has no room for.
        OSError: The file cannot be written.
    """
    for id_ in {*run, *(document for found in run.values() for document in found)}:
        if len(id_.split()) != 1 or id_ != id_.strip():
            raise EvaluationError(
                f"the id {id_!r} has white space in it, which a run of TREC's form has no "
                "room for; name it otherwise"
            )
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        for query, found in run.items():
            for place, document in enumerate(found):
                score = len(found) - place
                file.write(f"{query} Q0 {document} {place + 1} {score} {name}\n")


def _lines(path: PathLike) -> Iterator[tuple[int, str]]:
    """The lines of a file that are not blank, with their numbers from 1."""
    try:
        with open_regular(os.fspath(path)) as file:
            text_file, encoding = utf_8_stream(file)
            for number, line in enumerate(read_lines(text_file, MAX_DOCUMENT_BYTES), start=1):
                if line is None:
                    raise _wrong(path, number, TOO_LARGE)
                try:
                    text = line.decode("utf-8")
                except UnicodeDecodeError as error:
                    raise _wrong(
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


def _wrong(path: PathLike, line: int, reason: str) -> EvaluationError:
    return EvaluationError(f"{_name(path)}#{line}: {reason}")


def _must_be_new(path: PathLike, number: int, what: str, first: int) -> None:
    if first != number:
        raise _wrong(path, number, f"{what} is already on line {first}; leave one out")
