"""`searchidx prompt`: type a query, see hits, open one by its number."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import click

from searchidx.cli import recent, say
from searchidx.cli.options import color_option, exact_option, index_option
from searchidx.cli.output import hit_lines, suggestion_line, summary
from searchidx.cli.printing import columns, facet_lines, length_of
from searchidx.cli.show import print_document
from searchidx.cli.terminal import Style, one_line, wrapped
from searchidx.errors import QueryError, SearchidxError
from searchidx.index import Index
from searchidx.index_folder import open_index
from searchidx.search.query.query import parse_lenient
from searchidx.search.results import Results

if TYPE_CHECKING:
    from prompt_toolkit import PromptSession
    from prompt_toolkit.completion import Completer
    from prompt_toolkit.history import History
    from prompt_toolkit.key_binding import KeyBindings

_ROWS_OF_THE_MENU: Final = 6
_ROWS_OF_A_HIT: Final = 6
_LONGEST_NUMBER: Final = 9
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


@dataclass
class _State:
    """What the prompt remembers between lines."""

    limit: int | None = None  # as many as fit on the screen
    sort: Literal["relevance", "date"] = "relevance"
    exact: bool = False
    expand: bool = True
    collapse: bool = True
    explain: bool = False
    passages: int = 1
    query: str = ""
    like: str | None = None  # the id of the report that others are to be like
    offset: int = 0
    total: int = 0  # of those that are shown when one goes on
    ids: dict[int, str] | None = None
    suggested: str = ""


class Prompt:
    """The commands of the search prompt, one line at a time.

    Args:
        index: What is searched; brought to its latest commit before each search.
        style: How matches are marked.
        exact: Whether marks are binding at first.
    """

    def __init__(self, index: Index, style: Style, *, exact: bool = False) -> None:
        self._index = index
        self._style = style
        self._state = _State(exact=exact)
        self._commands: dict[str, Callable[[str], None]] = {
            "next": self._next,
            "yes": self._yes,
            "prev": self._previous,
            "limit": self._limit,
            "passages": self._passages,
            "sort": self._sort,
            "exact": self._exact,
            "expand": self._expand,
            "explain": self._explain,
            "collapse": self._collapse,
            "like": self._like,
            "facets": self._facets,
            "status": self._status,
            "help": lambda argument: click.echo(_HELP),
        }

    @property
    def commands(self) -> tuple[str, ...]:
        """The names of its commands."""
        return (*self._commands, "quit")

    def run(self, line: str) -> bool:
        """Carry out a line; return whether to go on.  Errors are printed, not raised."""
        line = line.strip()
        try:
            if line.startswith(":"):
                return self._command(*line[1:].partition(" ")[::2])
            if (number := _number(line)) in (self._state.ids or {}):
                self._open(number)
            elif line:
                self._state.query, self._state.offset, self._state.like = line, 0, None
                self._search()
        except KeyboardInterrupt:
            click.echo("interrupted", err=True)
        except BrokenPipeError:
            raise
        except SearchidxError as error:
            say(str(error))
        except Exception as error:  # whatever it is, the person at the prompt goes on
            say(f"unexpected: {type(error).__name__}: {error}; please report this")
        return True

    def _command(self, name: str, argument: str) -> bool:
        found = [full for full in self.commands if name and full.startswith(name)]
        if len(found) != 1:
            known = " ".join(f":{full}" for full in self.commands)
            say(f"there is no command :{name}; there are {known}")
            return True
        if found[0] == "quit":
            return False
        self._commands[found[0]](argument.strip())
        return True

    def _search(self) -> None:
        state = self._state
        self._index.refresh()
        begun = time.perf_counter()
        results = self._results()
        took = time.perf_counter() - begun
        state.total = results.total - results.collapsed
        state.ids = {hit.rank: hit.id for hit in results}
        recent.remember(self._index.path, state.query, exact=state.exact, hits=results)
        for note in results.notes:
            say(note)
        for line in hit_lines(results, self._style, columns()):
            click.echo(line, color=True)
        closing = f"{summary(results, state.offset)} · {took * 1000:.0f} ms"
        if not results.total and state.like is not None:
            closing = "no report is like it"
        elif not results.total and not results.notes:
            closing = f"nothing found for: {one_line(state.query)}; try fewer or other words"
        elif state.offset + len(results) < state.total:
            closing += " · :next"
        if state.like is None:
            closing += "".join(f" · {setting}" for setting in _lasting(state))
        click.echo()
        lines = [closing]
        if state.offset == 0:
            state.suggested = results.suggestions[0].query if results.suggestions else ""
        for at, suggestion in enumerate(results.suggestions):
            lines.append(suggestion_line(suggestion) + (" · :yes" if at == 0 else ""))
        for line in lines:
            for part in wrapped(line, (), self._style, columns()):
                click.echo(self._style.aside(part), color=True)
        click.echo()

    def _results(self) -> Results:
        state = self._state
        if state.like is not None:
            return self._index.like(
                state.like, limit=self._page(), offset=state.offset, collapse=state.collapse
            )
        return self._index.search(
            state.query,
            limit=self._page(),
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

    def _page(self) -> int:
        """Return how many hits to show at a time."""
        rows = shutil.get_terminal_size().lines
        return self._state.limit or max(3, (rows - 4) // _ROWS_OF_A_HIT)

    def _open(self, rank: int) -> None:
        document = self._index.get((self._state.ids or {})[rank])
        if document is None:
            raise QueryError(f"hit {rank} is no longer in the index; search again")
        print_document(
            self._index,
            document,
            self._state.query,
            exact=self._state.exact,
            style=self._style,
        )

    def _next(self, argument: str) -> None:
        state = self._state
        if not state.query:
            raise QueryError("there is no search to go on with; type some words first")
        if state.offset + self._page() >= state.total:
            raise QueryError("these are the last hits")
        state.offset += self._page()
        self._search()

    def _yes(self, argument: str) -> None:
        if not self._state.suggested:
            raise QueryError("nothing was suggested; type some words first")
        self._state.query, self._state.offset = self._state.suggested, 0
        click.echo(f"tìm> {one_line(self._state.query)}")
        self._search()

    def _previous(self, argument: str) -> None:
        state = self._state
        if not state.query or state.offset == 0:
            raise QueryError("these are the first hits")
        state.offset = max(0, state.offset - self._page())
        self._search()

    def _limit(self, argument: str) -> None:
        if not 1 <= (limit := _number(argument)) <= 1000:
            raise QueryError("give :limit a number from 1 to 1000, such as :limit 20")
        self._state.limit = limit
        self._again()

    def _passages(self, argument: str) -> None:
        if argument not in ("1", "2", "3"):
            raise QueryError("give :passages a number from 1 to 3, such as :passages 2")
        self._state.passages = int(argument)
        self._again()

    def _sort(self, argument: str) -> None:
        if argument == "relevance":
            self._state.sort = "relevance"
        elif argument == "date":
            self._state.sort = "date"
        else:
            raise QueryError("write :sort relevance or :sort date")
        self._again()

    def _exact(self, argument: str) -> None:
        self._state.exact = _is_on("exact", argument)
        self._again()

    def _expand(self, argument: str) -> None:
        self._state.expand = _is_on("expand", argument)
        self._again()

    def _collapse(self, argument: str) -> None:
        self._state.collapse = _is_on("collapse", argument)
        self._again()

    def _like(self, argument: str) -> None:
        ids = self._state.ids or {}
        if (number := _number(argument)) not in ids:
            raise QueryError("give :like the number of a hit that is shown, such as :like 2")
        self._state.like, self._state.offset = ids[number], 0
        self._search()

    def _facets(self, argument: str) -> None:
        state = self._state
        if not state.query:
            raise QueryError("there is no search to count hits of; type some words first")
        if state.like is not None:
            raise QueryError(
                "similar reports cannot be counted; type words to search for, then :facets"
            )
        names = argument.replace(",", " ").split() or ["year", "source", "code"]
        facets = self._index.facets(state.query, names, exact=state.exact, expand=state.expand)
        for line in facet_lines(facets, self._style, columns()):
            click.echo(line, color=True)
        click.echo()

    def _explain(self, argument: str) -> None:
        self._state.explain = _is_on("explain", argument)
        self._again()

    def _again(self) -> None:
        if self._state.query:
            self._state.offset = 0
            self._search()

    def _status(self, argument: str) -> None:
        self._index.refresh()
        click.echo(
            f"{len(self._index):,} reports in {one_line(str(self._index.path))}; "
            f":limit {self._page()}, :sort {self._state.sort}, "
            f":exact {'on' if self._state.exact else 'off'}, "
            f":expand {'on' if self._state.expand else 'off'}, "
            f":collapse {'on' if self._state.collapse else 'off'}"
        )


def _lasting(state: _State) -> Iterator[str]:
    """Return the settings that change every search, for a reminder below the hits."""
    # A query that asks for an order itself has that.
    if state.sort == "date" and parse_lenient(state.query)[0].sort is None:
        yield ":sort is date"
    if state.exact:
        yield ":exact is on"
    if not state.expand:
        yield ":expand is off"


def _number(text: str) -> int:
    """Return the number that a text is; 0, which no hit has, for any other text."""
    return int(text) if text.isdecimal() and len(text) <= _LONGEST_NUMBER else 0


def _is_on(name: str, argument: str) -> bool:
    if argument not in ("on", "off"):
        raise QueryError(f"write :{name} on or :{name} off")
    return argument == "on"


@click.command()
@exact_option
@index_option
@color_option
def command(exact: bool, index_path: str, color: str) -> None:
    """Search in a prompt: type a query, see hits, open one by its number.

    What you typed is kept for the next time. Type :help for the commands.
    """
    with open_index(index_path) as index:
        prompt = Prompt(index, Style.choose(color), exact=exact)
        if sys.stdin.isatty() and sys.stdout.isatty():
            click.echo(
                f"{len(index):,} reports in {one_line(str(index.path))}. :help tells more."
            )
            lines = _typed_lines(index, prompt.commands)
        else:
            lines = iter(sys.stdin)
        for line in lines:
            if not prompt.run(line):
                break


def _typed_lines(index: Index, commands: Sequence[str]) -> Iterator[str]:
    """Lines as a person types them, with history, suggestions from it, and completions."""
    session = _session(index, commands)
    while True:
        try:
            yield session.prompt("tìm> ")
        except KeyboardInterrupt:  # Ctrl-C gives up the line, not the prompt
            continue
        except EOFError:
            return


def _session(index: Index, commands: Sequence[str]) -> PromptSession[str]:
    from prompt_toolkit import PromptSession
    from prompt_toolkit.application import get_app
    from prompt_toolkit.auto_suggest import AutoSuggestFromHistory
    from prompt_toolkit.filters import Condition

    return PromptSession(
        history=_history(recent.state_folder()),
        auto_suggest=AutoSuggestFromHistory(),
        # With it ↑ would search for the beginning of the line and Ctrl-R would be lost.
        enable_history_search=False,
        completer=_completer(index, commands),
        # The first words that are read from a large index take longer than a keypress may.
        complete_in_thread=True,
        # Room for the menu is made when something is typed: an empty prompt leaves the hits.
        complete_while_typing=Condition(lambda: bool(get_app().current_buffer.text)),
        reserve_space_for_menu=_ROWS_OF_THE_MENU,
        key_bindings=_key_bindings(),
    )


def _completer(index: Index, commands: Sequence[str]) -> Completer:
    """Completes commands, and queries by what the reports say most often."""
    from prompt_toolkit.completion import CompleteEvent, Completer, Completion
    from prompt_toolkit.document import Document

    class QueryCompleter(Completer):
        def get_completions(
            self, document: Document, complete_event: CompleteEvent
        ) -> Iterator[Completion]:
            text = document.text_before_cursor
            if document.text_after_cursor:
                return
            if text.startswith(":"):
                for name in commands:
                    if name.startswith(text[1:]):
                        yield Completion(f":{name}", start_position=-len(text))
                return
            try:
                found = index.complete(text, limit=_ROWS_OF_THE_MENU)
            except SearchidxError:  # the search itself says what is wrong
                return
            for each in found:
                yield Completion(
                    each.insert,
                    start_position=each.start - len(text),
                    display_meta=f"{each.count:,}",
                )

    return QueryCompleter()


def _key_bindings() -> KeyBindings:
    """↑ goes back in history also while completions are shown, until ↓ or Tab chose one."""
    from prompt_toolkit.filters import completion_is_selected, has_completions
    from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent

    bindings = KeyBindings()

    @bindings.add("up", filter=has_completions & ~completion_is_selected)
    def back(event: KeyPressEvent) -> None:
        event.current_buffer.cancel_completion()
        event.current_buffer.history_backward(count=event.arg)

    return bindings


def _history(folder: Path) -> History:
    """History in a file; in memory where the file cannot be written."""
    from prompt_toolkit.history import FileHistory, InMemoryHistory

    class TextHistory(FileHistory):
        def store_string(self, string: str) -> None:
            # Half a surrogate pair, from a terminal of another encoding, fits in no file.
            super().store_string(string.encode("utf-8", "replace").decode("utf-8"))

    file = folder / "history"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.open("a").close()
    except OSError:
        say(f"what you type is not kept: {file} cannot be written")
        return InMemoryHistory()
    return TextHistory(str(file))
