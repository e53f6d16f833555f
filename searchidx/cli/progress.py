"""Show how far a command is, and notice Ctrl-C meanwhile."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

import click

from searchidx.cli.terminal import one_line
from searchidx.update import Progress

_MAX_NAME_CODE_POINTS: Final = 32
"""How much of a file's name is shown behind the bar."""


@contextmanager
def progress_bar(label: str) -> Iterator[Progress]:
    """Show a progress bar on stderr if it is a terminal; notice Ctrl-C in any case.

    Args:
        label: The text before the bar.
    """
    with _interrupt() as check:
        if not sys.stderr.isatty():
            yield lambda done, total, path: check()
            return
        with click.progressbar(
            length=1,
            label=label,
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
    """Return the text behind the bar: the file being read, or that the index is written."""
    if path is None:
        return ""
    return one_line(os.path.basename(path))[:_MAX_NAME_CODE_POINTS] or "writing the index"


@contextmanager
def _interrupt() -> Iterator[Callable[[], None]]:
    """Yield a function that raises KeyboardInterrupt if Ctrl-C was pressed since.

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
