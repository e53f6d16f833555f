"""Run `searchidx export`: write an index in the files of another tool."""

from __future__ import annotations

import click

from searchidx.cli.options import index_option
from searchidx.cli.progress import progress_bar
from searchidx.cli.terminal import one_line
from searchidx.index_folder import open_index


@click.command()
@click.option(
    "--whoosh",
    "folder",
    metavar="DIR",
    required=True,
    type=click.Path(),
    help="Write an index in Whoosh's own files to DIR, a new or empty folder.",
)
@index_option
def command(folder: str, index_path: str) -> None:
    """Write the reports of an index in a form that other tools read.

    The index itself stays as it is. What tools written for Whoosh find in DIR is in
    docs/how-to/use-whoosh.md.
    """
    with open_index(index_path) as index, progress_bar("exporting") as progress:
        count = index.export_whoosh(folder, progress=progress)
    click.echo(f"exported {count:,} to {one_line(folder)}")
