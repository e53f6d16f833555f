"""Run `searchidx repair`: save what can be read of a damaged index."""

from __future__ import annotations

from typing import Final

import click

from searchidx.cli import say
from searchidx.cli.options import index_option
from searchidx.cli.terminal import one_line
from searchidx.index_folder import repair

SOME_LOST: Final = 1
"""The exit code if a report was lost."""


@click.command()
@index_option
def command(index_path: str) -> int:
    """Make a damaged index whole again, with what can still be read.

    What is whole is kept; of a file that is damaged, the reports that can be read are
    indexed again. Damaged files are removed at the end: copy the folder first if you want
    to have them looked at. An index that nothing is wrong with is left alone.

    Exits with 1 if a report was lost.
    """
    report = repair(index_path)
    if not report.problems:
        click.echo(f"nothing is wrong with the {report.kept:,} documents; nothing was changed")
        return 0
    for problem in report.problems:
        say(f"{problem.file}: {problem.what}")
    for note in report.notes:
        say(note)
    for lost in report.lost:
        if lost.id is not None:
            where = f" ({lost.path})" if lost.path and lost.path != lost.id else ""
            click.echo(one_line(f"lost {lost.id}{where}"))
    unknown = sum(lost.id is None for lost in report.lost)
    if unknown:
        click.echo(f"lost {unknown:,} documents whose ids are unknown")
    click.echo(f"kept {report.kept:,}, saved {report.saved:,}, lost {len(report.lost):,}")
    if report.lost:
        say("index the files of what was lost again: searchidx index FOLDER-OR-FILE")
    return SOME_LOST if report.lost else 0
