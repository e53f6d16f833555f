"""Run `searchidx like`: find reports that are like one."""

from __future__ import annotations

import os

import click

from searchidx.cli import NOTHING_FOUND, recent, say
from searchidx.cli.options import collapse_option, color_option, index_option, page_options
from searchidx.cli.output import place, summary
from searchidx.cli.printing import print_closing, print_results
from searchidx.cli.show import find
from searchidx.document import Document
from searchidx.errors import SearchidxError
from searchidx.index import Index
from searchidx.index_folder import open_index
from searchidx.sources import Failure, read_documents


@click.command()
@click.argument("target", metavar="PATH-OR-RANK")
@page_options("reports")
@collapse_option
@click.option("--json", "output", flag_value="json", help="Print reports as JSON Lines.")
@click.option("--files", "output", flag_value="files", help="Print paths only, best first.")
@index_option
@color_option
def command(
    target: str,
    limit: int,
    offset: int,
    collapse: bool | None,
    output: str | None,
    index_path: str,
    color: str,
) -> int:
    """Find reports that are like one: more of the same matter.

    PATH-OR-RANK is a file (FILE#LINE for a line of a JSON Lines file), a report's id, or
    the number of a hit of the last search. A file need not be in the index.

    Exits with 0 if something was found, 1 if nothing was, 2 on an error.
    """
    with open_index(index_path) as index:
        results = index.like(
            _example(index, target),
            limit=limit,
            offset=offset,
            collapse=output is None if collapse is None else collapse,
        )
        recent.remember(index.path, "", exact=False, hits=results.hits)
    print_results(results, output, color)
    if output is None:
        closing = summary(results, offset) if results.total else "no report is like it"
        print_closing(results, closing)
    return 0 if results.total else NOTHING_FOUND


def _example(index: Index, target: str) -> Document | str:
    """Return the report to compare with: the id of one in the index, or one read from a file.

    Args:
        index: The index.
        target: A file, a report's id, or the number of a hit of the last search.

    Raises:
        SearchidxError: It names no report, or several.
    """
    try:
        return find(index, target, recent.recall(index.path)).id
    except SearchidxError:
        if index.from_source(target) or not os.path.isfile(target):
            raise
    documents: list[Document] = []
    for document in read_documents(target):
        if isinstance(document, Failure):
            raise SearchidxError(f"{target} {document.reason}")
        if documents:
            raise SearchidxError(
                f"{target} is not in the index and holds several reports; index it and name "
                f"one by its line, such as {place(documents[0])}"
            )
        documents.append(document)
    if not documents:
        raise SearchidxError(f"{target} holds no report")
    say(f"{target} is not in the index; it is compared as it is now")
    return documents[0]
