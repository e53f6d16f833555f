"""Carry out the lines of the prompt: search, open a hit, or call a command."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Literal

import click

from searchidx.cli import recent, say
from searchidx.cli.output import hit_lines, suggestion_line, summary
from searchidx.cli.printing import columns, length_of
from searchidx.cli.prompt.commands import COMMANDS, QUIT, read_number
from searchidx.cli.show import print_document
from searchidx.cli.terminal import Style, one_line, wrapped
from searchidx.errors import QueryError, SearchidxError
from searchidx.index import Index
from searchidx.search.query.query import parse_lenient
from searchidx.search.results import Results

_ROWS_PER_HIT: Final = 6
"""The rows of the terminal that a hit takes, as a rule."""
_ROWS_BELOW_HITS: Final = 4
"""The rows for the summary, the suggestions and the next line to type."""
_MIN_PAGE_HITS: Final = 3
"""The number of hits that are shown even on a low terminal."""


@dataclass
class PromptState:
    """The state of the prompt between lines.

    Attributes:
        limit: The number of hits to show at a time; None for as many as fit on the screen.
        sort: The order of the hits.
        exact: Whether diacritics must be as typed.
        expand: Whether abbreviations also match what they stand for.
        collapse: Whether near-duplicates are folded under the best of them.
        explain: Whether each hit lists what its score consists of.
        passages: The most passages of a hit.
        query: The last query; empty before the first.
        like: The id of the report that the shown hits are like; None if a query found them.
        offset: The number of hits before the first one shown.
        total: The number of hits that paging can reach.
        ids: The ids of the shown hits, by rank.
        suggested: The query that `:yes` searches for; empty if there is none.
    """

    limit: int | None = None
    sort: Literal["relevance", "date"] = "relevance"
    exact: bool = False
    expand: bool = True
    collapse: bool = True
    explain: bool = False
    passages: int = 1
    query: str = ""
    like: str | None = None
    offset: int = 0
    total: int = 0
    ids: dict[int, str] = field(default_factory=dict)
    suggested: str = ""

    def reminders(self) -> Iterator[str]:
        """Yield the settings that change every search, to remind of below the hits."""
        # An order in the query itself has precedence.
        if self.sort == "date" and parse_lenient(self.query)[0].sort is None:
            yield ":sort is date"
        if self.exact:
            yield ":exact is on"
        if not self.expand:
            yield ":expand is off"


class Prompt:
    """Carry out what is typed at the prompt, one line at a time.

    Args:
        index: The index to search; brought to its latest commit before each search.
        style: How matches are marked.
        exact: Whether diacritics must be as typed, at first.

    Attributes:
        index: As given.
        style: As given.
        state: What is remembered between lines.
    """

    def __init__(self, index: Index, style: Style, *, exact: bool = False) -> None:
        self.index = index
        self.style = style
        self.state = PromptState(exact=exact)

    @property
    def commands(self) -> tuple[str, ...]:
        """Return the names of the commands."""
        return (*COMMANDS, QUIT)

    def run(self, line: str) -> bool:
        """Carry out a line; return whether to go on.  Errors are printed, not raised."""
        line = line.strip()
        try:
            if line.startswith(":"):
                return self._run_command(*line[1:].partition(" ")[::2])
            if (rank := read_number(line)) in self.state.ids:
                self._open_hit(rank)
            elif line:
                self.state.query, self.state.offset, self.state.like = line, 0, None
                self.search()
        except KeyboardInterrupt:
            click.echo("interrupted", err=True)
        except BrokenPipeError:
            raise
        except SearchidxError as error:
            say(str(error))
        except MemoryError:
            say("there is not enough memory for this; type another line")
        except Exception as error:  # whatever it is, the person at the prompt goes on
            say(f"unexpected: {type(error).__name__}: {error}; please report this")
        return True

    def _run_command(self, name: str, argument: str) -> bool:
        """Run the command whose name begins with a text; return whether to go on."""
        matching = [full for full in self.commands if name and full.startswith(name)]
        if len(matching) != 1:
            known = " ".join(f":{full}" for full in self.commands)
            say(f"there is no command :{name}; there are {known}")
            return True
        if matching[0] == QUIT:
            return False
        COMMANDS[matching[0]](self, argument.strip())
        return True

    def search(self) -> None:
        """Search as the state says, and print the hits with a summary below."""
        state = self.state
        self.index.refresh()
        started = time.perf_counter()
        results = self._results()
        seconds = time.perf_counter() - started
        state.total = results.total - results.collapsed
        state.ids = {hit.rank: hit.id for hit in results}
        recent.remember(self.index.path, state.query, exact=state.exact, hits=results)
        if state.offset == 0:
            state.suggested = results.suggestions[0].query if results.suggestions else ""
        for note in results.notes:
            say(note)
        for line in hit_lines(results, self.style, columns()):
            click.echo(line, color=True)
        click.echo()
        for line in self._closing_lines(results, seconds):
            for part in wrapped(line, (), self.style, columns()):
                click.echo(self.style.aside(part), color=True)
        click.echo()

    def search_again(self) -> None:
        """Show the first page of the last search once more, with other settings."""
        if self.state.query:
            self.state.offset = 0
            self.search()

    def page_size(self) -> int:
        """Return how many hits to show at a time."""
        rows = shutil.get_terminal_size().lines
        fitting = (rows - _ROWS_BELOW_HITS) // _ROWS_PER_HIT
        return self.state.limit or max(_MIN_PAGE_HITS, fitting)

    def _results(self) -> Results:
        """Return the results of the query, or the reports that are like one."""
        state = self.state
        if state.like is not None:
            return self.index.like(
                state.like,
                limit=self.page_size(),
                offset=state.offset,
                collapse=state.collapse,
            )
        return self.index.search(
            state.query,
            limit=self.page_size(),
            offset=state.offset,
            sort=state.sort,
            exact=state.exact,
            expand=state.expand,
            collapse=state.collapse,
            suggest=state.offset == 0,
            explain=state.explain,
            passages=state.passages,
            snippet_length=length_of(state.passages),
        )

    def _closing_lines(self, results: Results, seconds: float) -> Iterator[str]:
        """Yield the lines below the hits: how many there are, and other queries.

        Args:
            results: The results that were printed.
            seconds: How long the search took.
        """
        state = self.state
        closing = f"{summary(results, state.offset)} · {seconds * 1000:.0f} ms"
        if not results.total and state.like is not None:
            closing = "no report is like it"
        elif not results.total and not results.notes:
            closing = f"nothing found for: {one_line(state.query)}; try fewer or other words"
        elif state.offset + len(results) < state.total:
            closing += " · :next"
        if state.like is None:
            closing += "".join(f" · {setting}" for setting in state.reminders())
        yield closing
        for number, suggestion in enumerate(results.suggestions):
            yield suggestion_line(suggestion) + (" · :yes" if number == 0 else "")

    def _open_hit(self, rank: int) -> None:
        """Print a hit in full."""
        document = self.index.get(self.state.ids[rank])
        if document is None:
            raise QueryError(f"hit {rank} is no longer in the index; search again")
        print_document(
            self.index,
            document,
            self.state.query,
            exact=self.state.exact,
            style=self.style,
        )
