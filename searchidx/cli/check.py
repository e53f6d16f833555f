"""Run `searchidx check`: report what is wrong with an index."""

from __future__ import annotations

import click

from searchidx.cli import ERROR, say
from searchidx.cli.options import index_option
from searchidx.cli.terminal import one_line
from searchidx.index_folder import check


@click.command()
@index_option
def command(index_path: str) -> int:
    """Read an index whole, and tell what is wrong with it.

    Every byte is compared with its checksum, and all that is kept twice is compared.
    Prints a line for each thing that is wrong, with the file. Nothing is changed.

    Exits with 2 if something is wrong.
    """
    report = check(index_path)
    for problem in report.problems:
        click.echo(one_line(f"{problem.file}: {problem.what}"))
    if report.problems:
        say(
            f"the index at {index_path} is damaged; save what can be read with: "
            f"searchidx repair --index {index_path}"
        )
        return ERROR
    click.echo(
        f"{report.documents:,} documents in {report.files:,} files, "
        f"{report.bytes / 1e6:,.1f} MB: nothing is wrong"
    )
    return 0
