"""Hits and counts as commands print them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

import click

from searchidx.cli.output import hit_lines, json_line, shown_path
from searchidx.cli.terminal import Style, one_line, width
from searchidx.search.results import Results
from searchidx.search.snippets.builder import DEFAULT_LENGTH
from searchidx.search.snippets.formatter import escape_control_characters

if TYPE_CHECKING:
    from searchidx.search.rank.facets import Facet

_INDENT: Final = 4


def columns() -> int:
    """Return the width of the terminal in columns."""
    return shutil.get_terminal_size().columns


def length_of(passages: int) -> int:
    """Return the code points of some passages together; each further one is half as long."""
    return DEFAULT_LENGTH * (1 + passages) // 2


def print_results(results: Results, output: str | None, color: str) -> None:
    """Print hits on stdout.

    Args:
        results: The hits.
        output: "json", "files" or "count"; None for text.
        color: As `color_option` gives it.
    """
    if output == "count":
        click.echo(results.total)
    elif output == "json":
        for hit in results:
            click.echo(json_line(hit))
    elif output == "files":
        places = (hit.id if hit.path is None else shown_path(hit.path) for hit in results)
        for path in dict.fromkeys(places):
            click.echo(escape_control_characters(path))
    else:
        for line in hit_lines(results, Style.choose(color), columns()):
            # click would strip the styles again that --color always asks for.
            click.echo(line, color=True)


def print_closing(results: Results, closing: str) -> None:
    """Print the closing messages on stderr, after a blank line if there are hits."""
    if len(results):
        click.echo(err=True)
    click.echo(closing, err=True)


def facet_lines(facets: Sequence[Facet], style: Style, room: int) -> Iterator[str]:
    """Return counts as text: for each field a heading, and a line for each value.

    The first number is how many reports have the value and all the words of the query. Where
    some have it and only some of the words, a second one is how many have it in all.

    Args:
        facets: The fields.
        style: How headings are marked.
        room: The width of the terminal.
    """
    for facet in facets:
        yield ""
        partial = any(each.count != each.complete for each in facet.counts)
        yield style.aside(_heading(facet, partial))
        rows = [
            [f"{each.complete:,}", *([f"{each.count:,}"] if partial else [])]
            for each in facet.counts
        ]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        left = max(room - _INDENT - sum(2 + each for each in widths), _INDENT)
        names = [_fitting(_name(facet.field, each.value), left) for each in facet.counts]
        longest = max(map(width, names), default=0)
        for name, row in zip(names, rows, strict=True):
            numbers = "".join(f"  {text:>{w}}" for text, w in zip(row, widths, strict=True))
            yield " " * _INDENT + name + " " * (longest - width(name)) + numbers


def _heading(facet: Facet, partial: bool) -> str:
    field = one_line(facet.field)
    if not facet.values:
        return f"{field}: none of the reports has any"
    heading = f"{field}: {facet.hits:,} report" + "s" * (facet.hits != 1)
    if facet.values > len(facet.counts):
        heading += f", the commonest {len(facet.counts):,} of {facet.values:,}"
    return heading + ("; with all the words, and in all" if partial else "")


def _name(field: str, value: str) -> str:
    return (
        escape_control_characters(shown_path(value))
        if field in ("source", "path")
        else one_line(value)
    )


def _fitting(text: str, columns: int) -> str:
    """Return the end of a text that is too wide; a path's end says more than its start."""
    if width(text) <= columns:
        return text
    while width(text) > columns - 1:
        text = text[1:]
    return f"…{text}"
