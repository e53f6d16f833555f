"""Add and remove documents, and bring an index up to date with files, in one commit each."""

from searchidx.update.operations import (
    Changes,
    add,
    remove,
    remove_named,
    remove_selected,
    remove_source,
    update,
)
from searchidx.update.source_catalog import recount, validate
from searchidx.update.update_run import Progress, UpdateReport

__all__ = [
    "Changes",
    "Progress",
    "UpdateReport",
    "add",
    "recount",
    "remove",
    "remove_named",
    "remove_selected",
    "remove_source",
    "update",
    "validate",
]
