"""Run `searchidx prompt`: type a query, see hits, open one by its number."""

from __future__ import annotations

import sys

import click

from searchidx.cli.options import color_option, exact_option, index_option
from searchidx.cli.prompt.keyboard import typed_lines
from searchidx.cli.prompt.session import Prompt
from searchidx.cli.terminal import Style, one_line
from searchidx.index_folder import open_index

__all__ = ["Prompt", "command"]


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
            lines = typed_lines(index, prompt.commands)
        else:
            lines = iter(sys.stdin)
        for line in lines:
            if not prompt.run(line):
                break
