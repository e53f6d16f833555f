"""Print hits, counts and closing messages of commands."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

import click

from searchidx.cli.output import hit_lines, json_line, shown_path
from searchidx.cli.terminal import Style, escape_line, one_line, width
from searchidx.search.results import Results
from searchidx.search.snippets.builder import DEFAULT_LENGTH_CODE_POINTS

if TYPE_CHECKING:
    from searchidx.search.rank.facets import Facet

_INDENT: Final = 4
_MAX_CODE_POINTS_PER_COLUMN: Final = 4
"""How many code points, such as a letter and its marks, share a column of a shown text."""


def columns() -> int:
    """Return the width of the terminal in columns."""
    return shutil.get_terminal_size().columns


def length_of(passages: int) -> int:
    """Return how long some passages together may be, in code points.

    Each passage after the first may add half the length of the first.
    """
    return DEFAULT_LENGTH_CODE_POINTS * (1 + passages) // 2


def print_results(results: Results, output: str | None, color: str) -> None:
    """Print hits on stdout.

    Args:
        results: The hits.
        output: "json", "files" or "count"; None for text.
        color: "always", "never" or "auto", as `Style.choose` takes it.
    """
    if output == "count":
        click.echo(results.total)
    elif output == "json":
        for hit in results:
            click.echo(json_line(hit))
    elif output == "files":
        places = (hit.id if hit.path is None else shown_path(hit.path) for hit in results)
        for path in dict.fromkeys(places):
            click.echo(escape_line(path))
    else:
        for line in hit_lines(results, Style.choose(color), columns()):
            # click would strip the styles again that --color always asks for.
            click.echo(line, color=True)


def print_closing(results: Results, closing: str) -> None:
    """Print a closing message on stderr, after a blank line if there are hits."""
    if len(results):
        click.echo(err=True)
    click.echo(closing, err=True)


def facet_lines(facets: Sequence[Facet], style: Style, room: int) -> Iterator[str]:
    """Yield counts as text: for each field a heading, and a line for each value.

    The first number of a line counts the reports that have the value and every word of the
    query.  A second number counts all with the value, if some have only part of the words.

    Args:
        facets: The counts of each field.
        style: How headings are marked.
        room: The width of the terminal.
    """
    for facet in facets:
        yield ""
        partial = any(value.count != value.complete for value in facet.counts)
        yield style.aside(_heading(facet, partial))
        rows = [
            [f"{value.complete:,}", *([f"{value.count:,}"] if partial else [])]
            for value in facet.counts
        ]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        left = max(room - _INDENT - sum(2 + each for each in widths), _INDENT)
        names = [_fitting(_name(facet.field, value.value), left) for value in facet.counts]
        longest = max(map(width, names), default=0)
        for name, row in zip(names, rows, strict=True):
            numbers = "".join(f"  {text:>{w}}" for text, w in zip(row, widths, strict=True))
            yield " " * _INDENT + name + " " * (longest - width(name)) + numbers


def _heading(facet: Facet, partial: bool) -> str:
    """Return the line above the counts of a field.

    Args:
        facet: The counts.
        partial: Whether each value has two numbers.
    """
    field = one_line(facet.field)
    if not facet.values:
        return f"{field}: none of the reports has any"
    heading = f"{field}: {facet.hits:,} report" + "s" * (facet.hits != 1)
    if facet.values > len(facet.counts):
        heading += f", the commonest {len(facet.counts):,} of {facet.values:,}"
    return heading + ("; with all the words, and in all" if partial else "")


def _name(field: str, value: str) -> str:
    """Return a value of a field as it is printed."""
    return escape_line(shown_path(value)) if field in ("source", "path") else one_line(value)


def _fitting(text: str, columns: int) -> str:
    """Return a text, shortened to its end if it is too wide.

    The end of a path says more than its beginning.
    """
    if width(text) <= columns:
        return text
    text = text[-_MAX_CODE_POINTS_PER_COLUMN * columns :]  # or long texts would take forever
    while width(text) > columns - 1:
        text = text[1:]
    return f"…{text}"
