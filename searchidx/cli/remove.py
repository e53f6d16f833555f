"""Run `searchidx remove`: remove reports from an index."""

from __future__ import annotations

import click

from searchidx.cli import NOTHING_FOUND, say
from searchidx.cli.options import index_option
from searchidx.index_folder import open_index


@click.command()
@click.argument("targets", nargs=-1, required=True, metavar="PATH-OR-ID...")
@index_option
def command(targets: tuple[str, ...], index_path: str) -> int:
    """Remove reports from an index.

    PATH-OR-ID is a file or folder whose reports are to go, or the id of one report. The
    files themselves are left alone; indexing their folder again brings them back.
    """
    with open_index(index_path) as index:
        removed, unknown = index.remove_named(targets)
    for target in unknown:
        say(f"{target} is not in the index at {index.path}")
    click.echo(f"removed {removed:,}")
    return NOTHING_FOUND if unknown else 0
