"""Carry out the commands of the prompt, such as `:like 2`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import click

from searchidx.cli.printing import columns, facet_lines
from searchidx.cli.terminal import one_line
from searchidx.errors import QueryError

if TYPE_CHECKING:
    from searchidx.cli.prompt.session import Prompt

QUIT: Final = "quit"
"""The name of the command that ends the prompt."""
_MAX_PAGE_HITS: Final = 1000
"""The most hits that `:limit` shows at a time."""
_MAX_NUMBER_DIGITS: Final = 9
"""No hit has a number of more digits, and Python reads no numbers of thousands of digits."""
_HELP: Final = """\
Type words, with marks or without, and press Enter.
  "…"  words side by side   "…"~5  near each other   -word  reports without it
  a OR b   one or the other   ( )  together   prefix*  words that begin so
  title:word   path:part   in the title, in the path; sort:date  latest first
  date:2023   date:2022-10..2023-07   date:24/7/2023   date:>=2023
  code:35-NQ/TW   reports that name that document

  2              open hit 2 in full (q leaves it)
  :next :prev    the hits after, or before, those shown
  :yes           search for what was suggested
  :limit 20      how many hits to show at a time
  :passages 3    how much of each hit to show, 1 to 3
  :sort date     latest first; :sort relevance for the best first
  :like 2        reports that are like hit 2
  :facets        how many reports of which year, source, code; :facets organ
  :collapse off  show hits that say nearly the same too; :collapse on folds them
  :exact on      require marks as typed; :exact off
  :expand off    take abbreviations as they stand; :expand on reads them too
  :explain on    what gave each report its score; :explain off
  :status        what is searched
  :help :quit    this text; leave (Ctrl-D leaves as well)

↓ or Tab chooses how the word you type goes on; Enter searches for the line.
↑ and Ctrl-R bring back what you typed before; → accepts the grey suggestion."""


def _show_next_page(prompt: Prompt, argument: str) -> None:
    state = prompt.state
    if not state.query:
        raise QueryError("there is no search to go on with; type some words first")
    if state.offset + prompt.page_size() >= state.total:
        raise QueryError("these are the last hits")
    state.offset += prompt.page_size()
    prompt.search()


def _show_previous_page(prompt: Prompt, argument: str) -> None:
    state = prompt.state
    if not state.query or state.offset == 0:
        raise QueryError("these are the first hits")
    state.offset = max(0, state.offset - prompt.page_size())
    prompt.search()


def _accept_suggestion(prompt: Prompt, argument: str) -> None:
    state = prompt.state
    if not state.suggested:
        raise QueryError("nothing was suggested; type some words first")
    state.query, state.offset = state.suggested, 0
    click.echo(f"tìm> {one_line(state.query)}")
    prompt.search()


def _set_limit(prompt: Prompt, argument: str) -> None:
    if not 1 <= (limit := read_number(argument)) <= _MAX_PAGE_HITS:
        raise QueryError("give :limit a number from 1 to 1000, such as :limit 20")
    prompt.state.limit = limit
    prompt.search_again()


def _set_passages(prompt: Prompt, argument: str) -> None:
    if argument not in ("1", "2", "3"):
        raise QueryError("give :passages a number from 1 to 3, such as :passages 2")
    prompt.state.passages = int(argument)
    prompt.search_again()


def _set_sort(prompt: Prompt, argument: str) -> None:
    if argument == "relevance":
        prompt.state.sort = "relevance"
    elif argument == "date":
        prompt.state.sort = "date"
    else:
        raise QueryError("write :sort relevance or :sort date")
    prompt.search_again()


def _set_exact(prompt: Prompt, argument: str) -> None:
    prompt.state.exact = _read_switch("exact", argument)
    prompt.search_again()


def _set_expand(prompt: Prompt, argument: str) -> None:
    prompt.state.expand = _read_switch("expand", argument)
    prompt.search_again()


def _set_collapse(prompt: Prompt, argument: str) -> None:
    prompt.state.collapse = _read_switch("collapse", argument)
    prompt.search_again()


def _set_explain(prompt: Prompt, argument: str) -> None:
    prompt.state.explain = _read_switch("explain", argument)
    prompt.search_again()


def _show_similar(prompt: Prompt, argument: str) -> None:
    state = prompt.state
    if (rank := read_number(argument)) not in state.ids:
        raise QueryError("give :like the number of a hit that is shown, such as :like 2")
    state.like, state.offset = state.ids[rank], 0
    prompt.search()


def _show_facets(prompt: Prompt, argument: str) -> None:
    state = prompt.state
    if not state.query:
        raise QueryError("there is no search to count hits of; type some words first")
    if state.like is not None:
        raise QueryError(
            "similar reports cannot be counted; type words to search for, then :facets"
        )
    fields = argument.replace(",", " ").split() or ["year", "source", "code"]
    facets = prompt.index.facets(state.query, fields, exact=state.exact, expand=state.expand)
    for line in facet_lines(facets, prompt.style, columns()):
        click.echo(line, color=True)
    click.echo()


def _show_status(prompt: Prompt, argument: str) -> None:
    state, index = prompt.state, prompt.index
    index.refresh()
    click.echo(
        f"{len(index):,} reports in {one_line(str(index.path))}; "
        f":limit {prompt.page_size()}, :sort {state.sort}, "
        f":exact {'on' if state.exact else 'off'}, "
        f":expand {'on' if state.expand else 'off'}, "
        f":collapse {'on' if state.collapse else 'off'}"
    )


def _show_help(prompt: Prompt, argument: str) -> None:
    click.echo(_HELP)


COMMANDS: Final[dict[str, Callable[[Prompt, str], None]]] = {
    "next": _show_next_page,
    "yes": _accept_suggestion,
    "prev": _show_previous_page,
    "limit": _set_limit,
    "passages": _set_passages,
    "sort": _set_sort,
    "exact": _set_exact,
    "expand": _set_expand,
    "explain": _set_explain,
    "collapse": _set_collapse,
    "like": _show_similar,
    "facets": _show_facets,
    "status": _show_status,
    "help": _show_help,
}
"""The function of each command but `QUIT`; it gets the prompt and the text after the name."""


def read_number(text: str) -> int:
    """Return the number that a text spells; 0, which no hit has, for any other text."""
    return int(text) if text.isdecimal() and len(text) <= _MAX_NUMBER_DIGITS else 0


def _read_switch(name: str, argument: str) -> bool:
    """Return whether a setting is turned on.

    Args:
        name: The name of the command that sets it.
        argument: "on" or "off".

    Raises:
        QueryError: The argument is neither of them.
    """
    if argument not in ("on", "off"):
        raise QueryError(f"write :{name} on or :{name} off")
    return argument == "on"
