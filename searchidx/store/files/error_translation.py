"""Translate errors of the operating system into those of searchidx."""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Iterator
from pathlib import Path

from searchidx.errors import SearchidxError
from searchidx.store.files.directory import Directory
from searchidx.store.files.lock import replaced_error
from searchidx.store.files.refusal import read_error, write_error
from searchidx.store.files.sections import damage_error


@contextlib.contextmanager
def translate_read_errors(folder: Path) -> Iterator[None]:
    """Raise IndexReadError if the system refuses to read, else IndexDamagedError."""
    try:
        yield
    except (SearchidxError, FileNotFoundError, NotADirectoryError, MemoryError):
        raise
    except OSError as error:
        raise read_error(folder, error) from error
    except Exception as error:
        raise damage_error(str(folder), f"{type(error).__name__}: {error}") from error


@contextlib.contextmanager
def translate_write_errors(folder: Path) -> Iterator[None]:
    """Raise IndexWriteError for a refused write to the index in `folder`.

    Raises:
        IndexWriteError: The disk refused a write.
    """
    try:
        yield
    except SearchidxError:
        raise
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ESTALE):
            raise replaced_error(Directory(folder), str(error.strerror)) from error
        raise write_error(folder, error) from error
