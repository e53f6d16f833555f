"""Run `searchidx show`: print a report in full."""

from __future__ import annotations

import re
import shutil
import sys
from typing import Final

import click

from searchidx.cli import recent
from searchidx.cli.options import color_option, exact_option, index_option
from searchidx.cli.output import document_lines, place
from searchidx.cli.terminal import Style
from searchidx.document import Document
from searchidx.errors import SearchidxError
from searchidx.index import Index
from searchidx.index_folder import open_index

_NUMBER: Final = "[0-9]{1,19}"
"""A rank or the number of a line.  Python reads no numbers of thousands of digits."""


@click.command()
@click.argument("target", metavar="PATH-OR-RANK")
@click.option(
    "-q", "--query", help="What to highlight; that of the last search if it found the report."
)
@exact_option
@index_option
@color_option
def command(target: str, query: str | None, exact: bool, index_path: str, color: str) -> None:
    """Print a report in full, with highlights.

    PATH-OR-RANK is a file (FILE#LINE for a line of a JSON Lines file), a document's id, or
    the number of a hit of the last search.
    """
    with open_index(index_path) as index:
        last = recent.recall(index.path)
        document = find(index, target, last)
        if query is None and last is not None and document.id in last.ids.values():
            query, exact = last.query, last.exact
        print_document(index, document, query or "", exact=exact, style=Style.choose(color))


def print_document(
    index: Index, document: Document, query: str, *, exact: bool, style: Style
) -> None:
    """Print a document, through a pager if it is longer than the terminal.

    Args:
        index: The index, which finds what to highlight.
        document: The document.
        query: The query whose matches are highlighted; empty for none.
        exact: Whether diacritics must be as typed.
        style: How matches are marked.
    """
    size = shutil.get_terminal_size()
    terminal = sys.stdout.isatty()
    lines = list(
        document_lines(
            document,
            index.highlights(document.title, query, exact=exact),
            index.highlights(document.body, query, exact=exact),
            style,
            size.columns if terminal else None,
        )
    )
    text = "\n".join(lines) + "\n"
    if terminal and len(lines) >= size.lines:
        click.echo_via_pager(text, color=style.color)
    else:
        click.echo(text, nl=False, color=True)


def find(index: Index, target: str, last: recent.Search | None) -> Document:
    """Return the document that a command's argument names.

    Args:
        index: The index.
        target: A file, a document's id, or the number of a hit of the last search.
        last: The last search on the index, or None.

    Raises:
        SearchidxError: It names no document, or several.
    """
    is_rank = re.fullmatch(_NUMBER, target) is not None
    if is_rank:
        document = index.get(last.ids.get(int(target), "")) if last is not None else None
        if document is not None:
            return document
    document = index.get(target)
    if document is not None:
        return document
    with_line = re.fullmatch(f"(.+)#({_NUMBER})", target)
    documents = index.from_source(target)
    if not documents and with_line is not None:
        documents = index.from_source(with_line[1], line=int(with_line[2]))
    if len(documents) > 1:
        raise SearchidxError(
            f"{target} holds {len(documents):,} reports; name one by its line, "
            f"such as {place(documents[0])}"
        )
    if documents:
        return documents[0]
    if is_rank:
        ranks = sorted(last.ids) if last is not None else []
        shown = f"it showed {ranks[0]} to {ranks[-1]}" if ranks else "there is none to go by"
        raise SearchidxError(f"the last search has no hit {target}: {shown}")
    raise SearchidxError(
        f"{target} is not in the index at {index.path}; "
        "searchidx search --files QUERY prints the paths that are"
    )
