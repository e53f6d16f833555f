"""Turn any error that damaged bytes cause into `IndexDamagedError`.

Checksums find accidental damage. Bytes can still have a right checksum and make no sense,
and what NumPy or Python raises then depends on the bytes.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from searchidx.errors import SearchidxError
from searchidx.store.files.refusal import read_error
from searchidx.store.files.sections import damage_error


class Placed(Protocol):
    """An object that reads an index.

    Attributes:
        place: The path of the index's folder.
    """

    place: str


_S = TypeVar("_S", bound=Placed)
_P = ParamSpec("_P")
_T = TypeVar("_T")


def guarded(
    method: Callable[Concatenate[_S, _P], _T],
) -> Callable[Concatenate[_S, _P], _T]:
    """Return the method with every error that the bytes may have caused turned into damage.

    A refusal of the system becomes an `IndexReadError`.

    Args:
        method: A method that reads an index and calls no function of the user.
    """

    @functools.wraps(method)
    def guarded(self: _S, /, *args: _P.args, **kwargs: _P.kwargs) -> _T:
        try:
            return method(self, *args, **kwargs)
        except (SearchidxError, MemoryError, ImportError):
            raise  # too little memory is no damage, nor is a missing part of the program
        except OSError as error:
            raise read_error(self.place, error) from error
        except Exception as error:
            raise damage_error(self.place, f"{type(error).__name__}: {error}") from error

    return guarded
