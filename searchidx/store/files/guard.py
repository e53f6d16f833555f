"""One error for whatever bytes lead to that have a right checksum and make no sense."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from searchidx.errors import SearchidxError
from searchidx.store.files.sections import damage_error


class Placed(Protocol):
    """What reads an index.

    Attributes:
        place: The index's folder.
    """

    place: str


_S = TypeVar("_S", bound=Placed)
_P = ParamSpec("_P")
_T = TypeVar("_T")


def guarded(
    method: Callable[Concatenate[_S, _P], _T],
) -> Callable[Concatenate[_S, _P], _T]:
    """The method, with `IndexDamagedError` for every error that is not the project's own."""

    @functools.wraps(method)
    def guarded(self: _S, /, *args: _P.args, **kwargs: _P.kwargs) -> _T:
        try:
            return method(self, *args, **kwargs)
        except SearchidxError:
            raise
        except Exception as error:
            raise damage_error(self.place, f"{type(error).__name__}: {error}") from error

    return guarded
