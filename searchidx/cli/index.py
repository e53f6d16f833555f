"""`searchidx index`."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import click

from searchidx.cli import say
from searchidx.cli.options import index_option
from searchidx.cli.terminal import one_line
from searchidx.errors import IndexExistsError, IndexNotFoundError
from searchidx.index import Index, create, open_index
from searchidx.sources import READABLE
from searchidx.update import Progress

SOME_FAILED = 1


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

    PATH is a text file, a JSON Lines file, or a folder of such files; ./seeds by default.
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
        with _progress() as progress:
            report = index.update(paths, workers=jobs, progress=progress)
        documents = len(index)
    for failure in report.failures:
        say(f"not indexed: {failure}")
    if report.skipped:
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in report.skipped.most_common())
        say(
            f"passed over {sum(report.skipped.values()):,} files of other kinds "
            f"({kinds}); read are {' '.join(sorted(READABLE))}"
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
    try:
        return open_index(path)
    except IndexNotFoundError:
        if not any(map(os.path.lexists, reports)):
            raise click.UsageError(
                f"There is nothing at {' '.join(reports)}; check the names."
            ) from None
        try:
            return create(path)
        except IndexExistsError as error:
            try:
                return open_index(path)  # another process was faster
            except IndexNotFoundError:
                raise error from None


@contextmanager
def _progress() -> Iterator[Progress]:
    """A bar on stderr where that is a terminal; either way an interrupt is not missed."""
    with _interrupt() as check:
        if not sys.stderr.isatty():
            yield lambda done, total, path: check()
            return
        with click.progressbar(
            length=1,
            label="indexing",
            file=sys.stderr,
            item_show_func=_stage,
            show_eta=True,
            show_percent=True,
        ) as bar:

            def show(done: int, total: int, path: str) -> None:
                check()
                bar.length = max(total, 1)
                bar.update(done - bar.pos, path)

            yield show


def _stage(path: str | None) -> str:
    """What stands behind the bar: the file that is read, or that the rest is written."""
    if path is None:
        return ""
    return one_line(os.path.basename(path))[:32] if path else "writing the index"


@contextmanager
def _interrupt() -> Iterator[Callable[[], None]]:
    """Gives a function that raises KeyboardInterrupt if Ctrl-C was pressed since.

    Python drops the exception of a Ctrl-C that arrives inside a destructor, and loading
    pyvi's model runs many of them.
    """
    pressed = False

    def note(number: int, frame: FrameType | None) -> None:
        nonlocal pressed
        pressed = True
        raise KeyboardInterrupt

    def check() -> None:
        if pressed:
            raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, note)
    try:
        yield check
    finally:
        signal.signal(signal.SIGINT, before)
