"""Hits and counts as commands print them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence

import click

from searchidx.cli.output import hit_lines, json_line, shown_path
from searchidx.cli.terminal import Style, harmless, one_line, width
from searchidx.search.facets import Facet
from searchidx.search.results import Results


def print_results(results: Results, output: str | None, color: str) -> None:
    """Prints hits on stdout.

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
            click.echo(harmless(path))
    else:
        columns = shutil.get_terminal_size().columns
        for line in hit_lines(results, Style.choose(color), columns):
            # click would strip the styles again that --color always asks for.
            click.echo(line, color=True)


def facet_lines(facets: Sequence[Facet], style: Style, columns: int) -> Iterator[str]:
    """Counts as text: of each field a heading, and a line for each of its values.

    The first number is how many reports have the value and all the words; the second, where
    there are any with some of the words, how many have it in all.
    """
    for facet in facets:
        yield ""
        more = facet.values - len(facet.counts)
        note = f"of {facet.hits:,} reports" + (f"; {more:,} more values" if more else "")
        yield style.aside(f"{one_line(facet.field)}: {note}" if facet.values else
                          f"{one_line(facet.field)}: no report found has one")
        partial = any(each.count != each.complete for each in facet.counts)
        rows = [
            [f"{each.complete:,}", *([f"{each.count:,}"] if partial else [])]
            for each in facet.counts
        ]
        names = [_name(facet.field, each.value) for each in facet.counts]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        room = columns - sum(widths) - 2 * len(widths) - 2
        longest = min(max(map(width, names), default=0), max(room, 8))
        for name, row in zip(names, rows, strict=True):
            shown = name if width(name) <= longest else _cut(name, longest)
            numbers = "".join(f"  {n:>{w}}" for n, w in zip(row, widths, strict=True))
            yield f"  {shown}{' ' * (longest - width(shown))}{numbers}"


def _name(field: str, value: str) -> str:
    return harmless(shown_path(value)) if field in ("source", "path") else one_line(value)


def _cut(text: str, columns: int) -> str:
    """The end of a text that is too long: that of a path tells more."""
    while width(text) > columns - 1:
        text = text[1:]
    return "…" + text
