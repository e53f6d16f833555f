"""Run the `searchidx` command: a thin layer of click over `searchidx.Index`.

Exit codes: 0 found or done, 1 nothing found or some file failed, 2 error, 130 interrupted.
"""

from __future__ import annotations

import contextlib
import errno
import gc
import os
import sys
from importlib import import_module
from typing import Any, Final, NoReturn

import click

from searchidx._version import __version__
from searchidx.errors import SearchidxError

NOTHING_FOUND: Final = 1
ERROR: Final = 2
INTERRUPTED: Final = 130

_GC_THRESHOLD_OBJECTS: Final = 50_000
"""The number of new objects after which Python looks for garbage among them."""

_SHORT_MEMORY: Final = (
    "there is not enough memory for this; close other programs, or raise the limit "
    "(ulimit -v), and run the same command again"
)
# The first lines of the commands' help, so that the list is printed without loading them.
COMMANDS: Final = {
    "index": "Index reports, or bring an index up to date.",
    "search": "Search for reports.",
    "like": "Find reports that are like one.",
    "show": "Print a report in full, with highlights.",
    "status": "Tell what an index holds.",
    "remove": "Remove reports from an index.",
    "check": "Tell whether an index is damaged.",
    "repair": "Make a damaged index whole again.",
    "export": "Write the reports in a form that other tools read.",
    "eval": "Measure how well searches find what they should.",
    "prompt": "Search in a prompt (what searchidx does without a command).",
}


class _Commands(click.Group):
    """Load a command's module only when that command is run."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command: click.Command = import_module(f"{__name__}.{name}").command
        return command

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(
    cls=_Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 96},
)
@click.version_option(__version__, message="searchidx %(version)s")
@click.pass_context
def cli(context: click.Context) -> None:
    """Full-text search for Vietnamese reports, typed with diacritics or without.

    Without a command it opens the search prompt on the index in ./index.
    """
    if context.invoked_subcommand is None:
        from searchidx.cli.prompt import command

        context.invoke(command)


def run(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code; print errors on stderr.

    Args:
        arguments: The arguments after the program's name; those of the process by default.
    """
    _prepare_streams()
    try:
        return _run(arguments)
    except (MemoryError, OSError, ImportError) as error:
        if not _is_short_memory(error):
            raise
    # The frames of the error have let go of their memory here.  No module is loaded for it.
    _print_error(f"searchidx: {_SHORT_MEMORY}")
    return ERROR


def _is_short_memory(error: Exception) -> bool:
    """Return whether the system refused memory, also to load a module."""
    return (
        isinstance(error, MemoryError)
        or (isinstance(error, OSError) and error.errno == errno.ENOMEM)
        # What the loader of shared libraries says; it has no other sign.
        or (isinstance(error, ImportError) and "failed to map segment" in str(error))
    )


def _prepare_streams() -> None:
    """Make the standard streams accept any text, and stand in for those that are closed."""
    for name in ("stdin", "stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # it was closed before we began
            mode = "r" if name == "stdin" else "w"
            setattr(sys, name, open(os.devnull, mode))  # noqa: SIM115  # for the whole run
        elif hasattr(stream, "reconfigure"):
            # A character that the terminal's encoding lacks must not end the program.
            stream.reconfigure(errors="replace")


def _run(arguments: list[str] | None) -> int:
    """Run the command line, print its error if it fails, and return its exit code."""
    stdout = sys.stdout
    try:
        result: Any = cli.main(arguments, prog_name="searchidx", standalone_mode=False)
        sys.stdout.flush()
    except BrokenPipeError:
        return _reader_left()
    except SystemExit:
        if sys.stdout is not stdout:  # click's own answer to a closed pipe
            return _reader_left()
        raise
    except (click.Abort, KeyboardInterrupt):
        _print_error("interrupted")
        return INTERRUPTED
    except click.ClickException as error:
        from searchidx.cli.terminal import escape_line

        # A name from the command line may hold anything: a shell expands `*` to it.
        object.__setattr__(error, "message", escape_line(error.message))
        with contextlib.suppress(OSError):
            error.show()
        return ERROR
    except SearchidxError as error:
        say(str(error))
        return ERROR
    except OSError as error:
        if _is_short_memory(error):
            raise
        say(_refusal(error))
        return ERROR
    return result if isinstance(result, int) else 0


def _refusal(error: OSError) -> str:
    """Return the message for a system error outside of the index.

    A refused write to the index is an `IndexWriteError`.  Here a commit may have been made
    before, such as when the last line of ``searchidx index`` cannot be printed.
    """
    where = f"{error.filename}: " if isinstance(error.filename, str) else ""
    return (
        f"a file or the output cannot be used: {where}{error.strerror or error}; what was "
        "committed is kept, and searchidx status tells what the index holds"
    )


def _reader_left() -> int:
    """End quietly when the reader of the output has closed it."""
    # Python would flush once more at exit, and complain.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return 0


def say(message: str) -> None:
    """Print a message on stderr, after the program's name.

    A terminal gets lines that fit; a file or another program gets one line.

    Args:
        message: The message; its white space is collapsed, its control characters escaped.
    """
    from searchidx.cli.terminal import Style, one_line, wrapped

    lines = [f"searchidx: {one_line(message)}"]
    if sys.stderr.isatty():
        import shutil  # nothing else needs it so early

        columns = shutil.get_terminal_size().columns
        lines = list(wrapped(lines[0], (), Style(False), columns))
    for line in lines:
        _print_error(line)


def _print_error(line: str) -> None:
    """Print a line on stderr, or nothing if stderr is closed or full.

    The exit code still says that something went wrong, and the work is done in any case.
    """
    with contextlib.suppress(OSError):
        click.echo(line, err=True)


def main() -> NoReturn:
    """Run the `searchidx` command."""
    # Nearly all objects of a search belong to modules, which stay to the end.  Python looks
    # for garbage after every 700 objects and twice at the end by default.  That took a fifth
    # of the time of a search.
    gc.set_threshold(_GC_THRESHOLD_OBJECTS)
    try:
        sys.exit(run())
    finally:
        gc.freeze()
