"""Open, create, check and repair the index in a folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from searchidx.arguments import PathLike, check_writing, folder_path
from searchidx.errors import IndexExistsError, IndexNotFoundError
from searchidx.index import WAIT_SECONDS, Index
from searchidx.search.ranking_model import RankingModel
from searchidx.store import Store

if TYPE_CHECKING:
    from searchidx.store import CheckReport, RepairReport


def open_index(
    path: PathLike = "index", *, create: bool = False, ranking: RankingModel | None = None
) -> Index:
    """Open the index in a folder.

    Example::

        with searchidx.open("index", create=True) as index:
            index.update("reports")

    Args:
        path: The folder of the index.
        create: Create an empty index where there is none, as `searchidx.create` does.
        ranking: The weights and thresholds of the ranking, or None for the defaults.

    Raises:
        IndexNotFoundError: There is no index, and `create` is not set.
        IndexExistsError: `create` is set, and the folder is a file or holds other files.
        IndexFormatError: The index was written in the format of another version.
        IndexDamagedError: A file of the index is not what was written.
        IndexReadError: The system refused to read it.
        ArgumentError: `path` is neither text nor a path.
    """
    folder = folder_path(path)
    try:
        return Index(Store(folder), ranking)
    except IndexNotFoundError:
        if not create:
            raise
    try:
        return Index(Store.create(folder), ranking)
    except IndexExistsError as error:
        try:
            return Index(Store(folder), ranking)  # another process has just created it
        except IndexNotFoundError:
            raise error from None


def create(path: PathLike = "index", *, ranking: RankingModel | None = None) -> Index:
    """Create an empty index in a folder, and the folder itself if it is missing.

    Args:
        path: The folder.
        ranking: The weights and thresholds of the ranking, or None for the defaults.  They
            are not written to the index: pass them to `searchidx.open` as well.

    Raises:
        IndexExistsError: There is an index, a file, or a folder with other files.
        IndexWriteError: The folder cannot be written.
        ArgumentError: `path` is neither text nor a path.
    """
    return Index(Store.create(folder_path(path)), ranking)


def check(path: PathLike = "index") -> CheckReport:
    """Read every byte of the index in a folder and report what is wrong.

    Args:
        path: The folder of the index.

    Returns:
        The problems found, and how much was read.

    Raises:
        IndexNotFoundError: There is no index.
        IndexFormatError: The index was written in the format of another version.
        IndexReadError: The system refused to read it.
        ArgumentError: `path` is neither text nor a path.
    """
    from searchidx.store import check_index  # loads modules that no search needs
    from searchidx.update import validate

    return check_index(folder_path(path), validate=validate)


def repair(path: PathLike = "index", *, wait: float = WAIT_SECONDS) -> RepairReport:
    """Make a damaged index whole again, with what can still be read of it.

    The next `Index.update` of a folder reads files again whose documents were lost.  An index
    with nothing wrong is left alone.

    Args:
        path: The folder of the index.
        wait: The seconds to wait for another writer.

    Returns:
        The documents that were kept and lost.

    Raises:
        IndexNotFoundError: There is no index.
        IndexFormatError: The index was written in the format of another version.
        IndexReadError: The system refused to read it.
        IndexLockedError: Another writer did not finish within `wait` seconds.
        IndexWriteError: The system refused a write; nothing was changed.
        ArgumentError: `path` is neither text nor a path.
    """
    folder = folder_path(path)
    check_writing(wait)
    from searchidx.store import repair_index
    from searchidx.update import recount, validate

    return repair_index(folder, wait=wait, mend=recount, validate=validate)
