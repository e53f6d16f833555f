"""Run `searchidx index`: bring an index up to date with files and folders."""

from __future__ import annotations

import os
from typing import Final

import click

from searchidx.cli import say
from searchidx.cli.options import index_option
from searchidx.cli.progress import progress_bar
from searchidx.errors import IndexNotFoundError
from searchidx.index import Index
from searchidx.index_folder import open_index

SOME_FAILED: Final = 1
"""The exit code if some file could not be indexed."""


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH...]")
@index_option
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    default=min(4, os.cpu_count() or 1),
    metavar="N",
    help="How many processes work at once on long texts.  [default: the processors, at most 4]",
)
def command(paths: tuple[str, ...], index_path: str, jobs: int) -> int:
    """Index reports, or bring an index up to date.

    PATH is a file, or a folder of files; ./seeds by default.  Read are text, JSON Lines, PDF,
    Word, Excel, RTF and HTML files.
    Only what changed since the last time is read again, and reports whose files are gone
    from the given folders are removed.

    Exits with 1 if some file could not be read; the others are indexed.
    """
    if not paths:
        if not os.path.isdir("seeds"):
            raise click.UsageError(
                "There is no folder ./seeds here; name the files or folders to index."
            )
        paths = ("seeds",)
    with _open_or_create(index_path, paths) as index:
        with progress_bar("indexing") as progress:
            report = index.update(paths, workers=jobs, progress=progress)
        documents = len(index)
    for failure in report.failures:
        say(f"not indexed: {failure}")
    if report.skipped:
        count = sum(report.skipped.values())
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in report.skipped.most_common())
        say(
            f"passed over {count:,} file{'s' * (count != 1)}: {kinds}: no reader; "
            "convert to PDF"
        )
    if not documents and not report.failures:
        say(f"no report was found at {' '.join(paths)}; the index is empty")
    click.echo(
        f"added {report.added:,}, changed {report.changed:,}, removed {report.removed:,}, "
        f"unchanged {report.unchanged:,}, failed {len(report.failures):,} "
        f"in {report.seconds:.1f} s"
    )
    return SOME_FAILED if report.failures else 0


def _open_or_create(path: str, reports: tuple[str, ...]) -> Index:
    """Open an index, or create it if there is something to index.

    Args:
        path: The folder of the index.
        reports: The files and folders to index.

    Raises:
        UsageError: There is no index, and none of the files and folders exists.
    """
    try:
        return open_index(path)
    except IndexNotFoundError:
        if not any(map(os.path.lexists, reports)):
            raise click.UsageError(
                f"There is nothing at {' '.join(reports)}; check the names."
            ) from None
        return open_index(path, create=True)
