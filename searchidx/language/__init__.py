"""Vietnamese text: syllables, their forms, words, sentences, dates and old encodings.

Knows nothing of indexes and is usable alone.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from searchidx.language.encodings import Decoded, decode, repair

# Loaded when first used, for most of the package is imported without them.
_MODULES = {"Decoded": "encodings", "decode": "encodings", "repair": "encodings"}

__all__ = ["Decoded", "decode", "repair"]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = value
    return value
