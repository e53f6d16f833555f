"""Define the options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])


def index_option(command: Command) -> Command:
    """Add `--index DIR`, the folder of the index."""
    return click.option(
        "--index",
        "index_path",
        metavar="DIR",
        default="index",
        show_default=True,
        envvar="SEARCHIDX_INDEX",
        help="The folder of the index; also the variable SEARCHIDX_INDEX.",
    )(command)


def color_option(command: Command) -> Command:
    """Add `--color auto|always|never`, whether output is styled."""
    return click.option(
        "--color",
        type=click.Choice(["auto", "always", "never"]),
        default="auto",
        show_default=True,
        help="Style the output; auto: on a terminal, unless NO_COLOR is set.",
    )(command)


def page_options(noun: str) -> Callable[[Command], Command]:
    """Return a decorator that adds `--limit N` and `--offset N`.

    Args:
        noun: What the help calls the results, such as "hits".
    """

    def decorate(command: Command) -> Command:
        limit = click.option(
            "-n",
            "--limit",
            type=click.IntRange(0),
            default=10,
            show_default=True,
            help=f"How many {noun} to show.",
        )
        offset = click.option(
            "--offset",
            type=click.IntRange(0),
            default=0,
            help=f"How many {noun} to pass over.",
        )
        return limit(offset(command))

    return decorate


def exact_option(command: Command) -> Command:
    """Add `--exact`, which requires marks as typed."""
    return click.option(
        "--exact",
        is_flag=True,
        help="Require every word with the marks as typed.",
    )(command)


def collapse_option(command: Command) -> Command:
    """Add `--collapse/--no-collapse`; its value is None if neither is given."""
    return click.option(
        "--collapse/--no-collapse",
        default=None,
        help="Fold hits that say nearly the same as a better one under it; done for people, "
        "not with --json, --files and --count.",
    )(command)
