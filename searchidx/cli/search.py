"""Run `searchidx search`: print the hits of a query."""

from __future__ import annotations

import re
import sys
from itertools import islice
from typing import Final, Literal

import click

from searchidx.cli import NOTHING_FOUND, recent, say
from searchidx.cli.options import (
    collapse_option,
    color_option,
    exact_option,
    index_option,
    page_options,
)
from searchidx.cli.output import suggestion_line, summary
from searchidx.cli.printing import (
    columns,
    facet_lines,
    length_of,
    print_closing,
    print_results,
)
from searchidx.cli.terminal import Style, one_line
from searchidx.index_folder import open_index
from searchidx.search.options import MAX_PASSAGES
from searchidx.search.results import Results

_WORD_MARK: Final = "\0"


class _QueryCommand(click.Command):
    """Take an argument such as `-word` as an excluded word, not as a cluster of options."""

    _SHORT_OPTION = re.compile(r"-n\d*|-h|-")

    def parse_args(self, context: click.Context, args: list[str]) -> list[str]:
        options = [option for option in self.params if isinstance(option, click.Option)]
        with_value = {name for option in options if not option.is_flag for name in option.opts}
        marked: list[str] = []
        rest = iter(args)
        for argument in rest:
            if argument == "--":
                marked += [argument, *rest]
            elif argument in with_value:
                marked += [argument, *islice(rest, 1)]
            else:
                # No argument of a process contains this mark, so that it can be taken off
                # again.  click takes a marked argument for no option.
                is_word = self._is_excluded_word(argument)
                marked.append(f"{_WORD_MARK}{argument}" if is_word else argument)
        unparsed = super().parse_args(context, marked)
        words = context.params.get("words") or ()
        context.params["words"] = tuple(word.removeprefix(_WORD_MARK) for word in words)
        return unparsed

    def _is_excluded_word(self, argument: str) -> bool:
        """Return whether an argument begins with a dash and is no option."""
        return (
            argument.startswith("-")
            and not argument.startswith("--")
            and not self._SHORT_OPTION.fullmatch(argument)
        )


@click.command(cls=_QueryCommand)
@click.argument("words", nargs=-1, metavar="QUERY...", required=True)
@page_options("hits")
@click.option(
    "--sort",
    type=click.Choice(["relevance", "date"]),
    default="relevance",
    show_default=True,
    help="Best first, or latest first.",
)
@exact_option
@click.option("--all", "all_words", is_flag=True, help="Only reports with every word.")
@click.option(
    "--no-expand", is_flag=True, help="Take abbreviations as they stand, QLTT for QLTT alone."
)
@collapse_option
@click.option(
    "--facets",
    metavar="FIELDS",
    help="Print after the hits how many have which year, source, code, path or metadata; "
    "several with commas: year,source.",
)
@click.option(
    "--passages",
    type=click.IntRange(1, MAX_PASSAGES),
    default=1,
    show_default=True,
    help="How many passages of a report to show at most.",
)
@click.option("--explain", is_flag=True, help="Tell what gave each report its score.")
@click.option("--json", "output", flag_value="json", help="Print hits as JSON Lines.")
@click.option("--files", "output", flag_value="files", help="Print paths only, best first.")
@click.option(
    "--count", "output", flag_value="count", help="Print only how many reports match."
)
@index_option
@color_option
def command(
    words: tuple[str, ...],
    limit: int,
    offset: int,
    sort: Literal["relevance", "date"],
    exact: bool,
    all_words: bool,
    no_expand: bool,
    collapse: bool | None,
    facets: str | None,
    passages: int,
    explain: bool,
    output: str | None,
    index_path: str,
    color: str,
) -> int:
    """Search for reports.

    Words may be typed with marks or without. A report need not have every word; what it
    lacks is said beside it.

    \b
      "…"  "…"~5               side by side; near each other (in a shell '"…"')
      -word  a OR b  ( )       without the word; one or the other; together
      prefix*                  words that begin so
      title:word  path:part    in the title; in the path; also body:, own fields
      code:35-NQ/TW            naming that document
      date:2023  date:2022-10..2023-07  date:24/7/2023  date:>=2023

    Exits with 0 if something was found, 1 if nothing was, 2 on an error.
    """
    query = " ".join(words)
    fields = _field_names(facets)
    if fields and output is not None:
        raise click.UsageError(
            f"--facets prints beside hits as text; leave out --{output}, or --facets"
        )
    with open_index(index_path) as index:
        results = index.search(
            query,
            limit=limit,
            offset=offset,
            sort=sort,
            exact=exact,
            all_words=all_words,
            expand=not no_expand,
            collapse=output is None if collapse is None else collapse,
            passages=passages,
            explain=explain,
            snippet_length=length_of(passages),
        )
        counted = (
            index.facets(query, fields, exact=exact, all_words=all_words, expand=not no_expand)
            if fields
            else ()
        )
        recent.remember(index.path, query, exact=exact, hits=results.hits)
    for note in results.notes:
        say(note)
    print_results(results, output, color)
    if output is None:
        for line in facet_lines(counted, Style.choose(color), columns()):
            click.echo(line, color=True)
        print_closing(results, _closing(results, query, offset))
    for suggestion in results.suggestions:
        # Suggested marks find no more reports: they help people, not scripts.
        if suggestion.kind != "marks" or exact or sys.stderr.isatty():
            say(suggestion_line(suggestion))
    return 0 if results.total else NOTHING_FOUND


def _field_names(facets: str | None) -> list[str]:
    """Return the names in the value of `--facets`."""
    return [name for name in map(str.strip, (facets or "").split(",")) if name]


def _closing(results: Results, query: str, offset: int) -> str:
    """Return the message below the hits."""
    if results.total or results.notes:
        return summary(results, offset)
    return (
        f"nothing found for: {one_line(query)}\n"
        'Try fewer or other words; marks may be left out, and --exact, "…", title: and date: '
        "all narrow a search."
    )
