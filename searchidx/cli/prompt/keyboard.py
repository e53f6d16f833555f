"""Read the lines that a person types at the prompt, with history and completion."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from searchidx.cli import recent, say
from searchidx.cli.terminal import is_one_line
from searchidx.errors import SearchidxError
from searchidx.index import Index

if TYPE_CHECKING:
    from prompt_toolkit import PromptSession
    from prompt_toolkit.completion import Completer
    from prompt_toolkit.history import History
    from prompt_toolkit.key_binding import KeyBindings

MENU_ROWS: Final = 6
"""The number of completions that are offered, and of the terminal's rows kept for them."""


def typed_lines(index: Index, commands: Sequence[str]) -> Iterator[str]:
    """Yield the lines that are typed, until the end of the input (Ctrl-D).

    Args:
        index: The index whose texts complete queries.
        commands: The names of the commands, to complete a line that begins with a colon.
    """
    session = _open_session(index, commands)
    while True:
        try:
            yield session.prompt("tìm> ")
        except KeyboardInterrupt:  # Ctrl-C gives up the line, not the prompt
            continue
        except EOFError:
            return


def _open_session(index: Index, commands: Sequence[str]) -> PromptSession[str]:
    """Return a line editor with the history of earlier sessions."""
    from prompt_toolkit import PromptSession
    from prompt_toolkit.application import get_app
    from prompt_toolkit.auto_suggest import AutoSuggestFromHistory
    from prompt_toolkit.filters import Condition

    return PromptSession(
        history=open_history(recent.state_folder()),
        auto_suggest=AutoSuggestFromHistory(),
        # With it ↑ would search for the beginning of the line and Ctrl-R would be lost.
        enable_history_search=False,
        completer=make_completer(index, commands),
        # The first words that are read from a large index take longer than a keypress may.
        complete_in_thread=True,
        # Room for the menu is made when something is typed: an empty prompt leaves the hits.
        complete_while_typing=Condition(lambda: bool(get_app().current_buffer.text)),
        reserve_space_for_menu=MENU_ROWS,
        key_bindings=_key_bindings(),
    )


def make_completer(index: Index, commands: Sequence[str]) -> Completer:
    """Return a completer of commands, and of queries by what the reports say most often.

    Args:
        index: The index whose texts complete queries.
        commands: The names of the commands.
    """
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
                completions = index.complete(text, limit=MENU_ROWS)
            except SearchidxError:  # the search itself says what is wrong
                return
            for completion in completions:
                # An index from elsewhere may hold anything; the line is typed for the user.
                if is_one_line(completion.insert):
                    yield Completion(
                        completion.insert,
                        start_position=completion.start - len(text),
                        display_meta=f"{completion.count:,}",
                    )

    return QueryCompleter()


def _key_bindings() -> KeyBindings:
    """Return bindings by which ↑ goes back in history until ↓ or Tab chose a completion."""
    from prompt_toolkit.filters import completion_is_selected, has_completions
    from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent

    bindings = KeyBindings()

    @bindings.add("up", filter=has_completions & ~completion_is_selected)
    def back(event: KeyPressEvent) -> None:
        event.current_buffer.cancel_completion()
        event.current_buffer.history_backward(count=event.arg)

    return bindings


def open_history(folder: Path) -> History:
    """Return the history in a file of a folder, or in memory if it cannot be written.

    Args:
        folder: The folder of what the program remembers, which need not exist.
    """
    from prompt_toolkit.history import FileHistory, InMemoryHistory

    class TextHistory(FileHistory):
        def store_string(self, string: str) -> None:
            # Half a surrogate pair, from a terminal of another encoding, fits in no file.
            super().store_string(string.encode("utf-8", "replace").decode("utf-8"))

    file = folder / "history"
    try:
        recent.make_private_folder(folder)
        recent.make_private_file(file)
    except OSError:
        say(f"what you type is not kept: {file} cannot be written")
        return InMemoryHistory()
    return TextHistory(str(file))
