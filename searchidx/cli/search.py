"""`searchidx search`."""

from __future__ import annotations

import re
import shutil
from typing import Literal

import click

from searchidx.cli import NOTHING_FOUND, recent, say
from searchidx.cli.options import color_option, exact_option, index_option
from searchidx.cli.output import hit_lines, json_line, shown_path, summary
from searchidx.cli.terminal import Style, one_line
from searchidx.index import open_index
from searchidx.search.markup import harmless
from searchidx.search.results import Results
from searchidx.search.searcher import MOST_PASSAGES
from searchidx.search.snippets import LENGTH


class _QueryCommand(click.Command):
    """A command whose arguments may be `-word`, which is no cluster of options."""

    _SHORT_OPTION = re.compile(r"-n\d*|-h|-")

    def parse_args(self, context: click.Context, args: list[str]) -> list[str]:
        at = args.index("--") if "--" in args else len(args)
        options, words = args[:at], args[at + 1 :]
        excluded = [
            word
            for word in options
            if word.startswith("-")
            and not word.startswith("--")
            and not self._SHORT_OPTION.fullmatch(word)
        ]
        options = [word for word in options if word not in excluded]
        # The order of exclusions does not matter, so that they may stand last.
        return super().parse_args(context, [*options, "--", *words, *excluded])


@click.command(cls=_QueryCommand)
@click.argument("words", nargs=-1, metavar="QUERY...", required=True)
@click.option(
    "-n",
    "--limit",
    type=click.IntRange(0),
    default=10,
    show_default=True,
    help="How many hits to show.",
)
@click.option("--offset", type=click.IntRange(0), default=0, help="How many hits to pass over.")
@click.option(
    "--sort",
    type=click.Choice(["relevance", "date"]),
    default="relevance",
    show_default=True,
    help="Best first, or latest first.",
)
@exact_option
@click.option(
    "--no-expand", is_flag=True, help="Take abbreviations as they stand, QLTT for QLTT alone."
)
@click.option(
    "--passages",
    type=click.IntRange(1, MOST_PASSAGES),
    default=1,
    show_default=True,
    help="How many passages of a report to show at most.",
)
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
    no_expand: bool,
    passages: int,
    output: str | None,
    index_path: str,
    color: str,
) -> int:
    r"""Search for reports.

    Words may be typed with marks or without. Reports with all the words come first.

    \b
      "…"                      words side by side (mind the shell: '"…"')
      -word                    reports without the word
      title:word               in the title
      code:35-NQ/TW            naming that document
      date:2023  date:2022-10..2023-07  date:24/7/2023  date:>=2023

    Exits with 0 if something was found, 1 if nothing was, 2 on an error.
    """
    query = " ".join(words)
    with open_index(index_path) as index:
        results = index.search(
            query,
            limit=limit,
            offset=offset,
            sort=sort,
            exact=exact,
            expand=not no_expand,
            passages=passages,
            snippet_length=LENGTH * (1 + passages) // 2,  # a further one is half as long
        )
        recent.remember(index.path, query, exact=exact, hits=results.hits)
    for note in results.notes:
        say(note)
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
        if len(results):
            click.echo(err=True)
        click.echo(_closing(results, query, offset), err=True)
    return 0 if results.total else NOTHING_FOUND


def _closing(results: Results, query: str, offset: int) -> str:
    if results.total or results.notes:
        return summary(results, offset)
    return (
        f"nothing found for: {one_line(query)}\n"
        'Try fewer or other words; marks may be left out, and --exact, "…", title: and date: '
        "all narrow a search."
    )
