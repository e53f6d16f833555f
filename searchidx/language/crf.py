"""Read pyvi's segmentation model from the installed package, without executing its code.

pyvi 0.1.1 stores a model of CRFsuite (conditional random fields) as one string in a pickle.
`pickletools` lists the parts of the pickle and executes nothing.  The model has the binary
format of CRFsuite 0.12 (``lCRF``; `crf1d_model.c` and `cqdb.c` of its source).  It is a table
of features (20 bytes each: kind, source, target, weight) and two constant databases, which
name the labels and the attributes.
"""

from __future__ import annotations

import pickletools
import struct
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import numpy as np

from searchidx.errors import ModelError

# Kinds of features: the weight of a label given an attribute, or given the label before.
_STATE: Final = 0
_TRANSITION: Final = 1
_FEATURE: Final = np.dtype(
    [("kind", "<u4"), ("source", "<u4"), ("target", "<u4"), ("weight", "<f8")]
)


@dataclass(frozen=True)
class SegmentationModel:
    """pyvi's conditional random field and word list.

    The field labels each token as the beginning of a word or as inside a word.  With two
    labels only the difference of their scores matters.

    Attributes:
        weights: For each attribute, such as "word.lower():nghị", the weight of "inside"
            minus the weight of "beginning".
        from_beginning, from_inside: The transition weights from each label: the first to a
            beginning, the second to an inside.
        bigrams, trigrams: The entries of two and three syllables in the word list.
    """

    weights: dict[str, float]
    from_beginning: tuple[float, float]
    from_inside: tuple[float, float]
    bigrams: frozenset[tuple[str, str]]
    trigrams: frozenset[tuple[str, str, str]]


@cache
def load_model() -> SegmentationModel:
    """Return the model of the installed pyvi.

    Raises:
        ModelError: pyvi is not installed, or its files are not those of version 0.1.1.
    """
    spec = find_spec("pyvi")
    if spec is None or not spec.submodule_search_locations:
        raise ModelError("pyvi is not installed; run: pip install pyvi==0.1.1")
    folder = Path(next(iter(spec.submodule_search_locations))) / "models"
    try:
        words = (folder / "words.txt").read_bytes().decode("utf-8")
        return _parse(_model_bytes((folder / "pyvi3.pkl").read_bytes()), words)
    except (OSError, ValueError, IndexError, struct.error) as error:
        raise ModelError(
            f"the model in {folder} is not that of pyvi 0.1.1 ({error}); "
            "run: pip install --force-reinstall pyvi==0.1.1"
        ) from error


def _model_bytes(pickled: bytes) -> bytes:
    """Return the CRFsuite model among the strings of a pickle."""
    for _, argument, _ in pickletools.genops(pickled):
        if isinstance(argument, str) and argument.startswith("lCRF"):
            return argument.encode("latin-1")
    raise ValueError("there is no CRFsuite model in it")


def _parse(model: bytes, words: str) -> SegmentationModel:
    """Return the model of CRFsuite's binary format and pyvi's word list.

    Raises:
        ValueError: The bytes are not a model with pyvi's two labels.
        IndexError, struct.error: The bytes end too early.
    """
    offset_features, offset_labels, offset_attributes = struct.unpack_from("<3I", model, 28)
    labels = _names(model, offset_labels)
    if sorted(labels) != ["B_W", "I_W"]:
        raise ValueError(f"its labels are {labels}")
    beginning, inside = labels.index("B_W"), labels.index("I_W")
    if (beginning, inside) != (0, 1):
        raise ValueError("its labels are in another order")
    attributes = _names(model, offset_attributes)
    (count,) = struct.unpack_from("<I", model, offset_features + 8)
    features = np.frombuffer(model, _FEATURE, count, offset_features + 12)
    weights = dict.fromkeys(attributes, 0.0)
    transitions = np.zeros((2, 2))
    for kind, source, target, weight in features.tolist():
        if kind == _STATE:
            weights[attributes[source]] += weight if target == inside else -weight
        elif kind == _TRANSITION:
            transitions[source, target] = weight
        else:
            raise ValueError(f"it has a feature of kind {kind}")
    entries = [tuple(line.split(" ")) for line in words.split("\n")]
    return SegmentationModel(
        weights=weights,
        from_beginning=(float(transitions[0, 0]), float(transitions[0, 1])),
        from_inside=(float(transitions[1, 0]), float(transitions[1, 1])),
        bigrams=frozenset((e[0], e[1]) for e in entries if len(e) == 2),
        trigrams=frozenset((e[0], e[1], e[2]) for e in entries if len(e) == 3),
    )


def _names(model: bytes, start: int) -> list[str]:
    """Return the keys of the constant database at an offset, in the order of their numbers."""
    magic = model[start : start + 4]
    if magic != b"CQDB":
        raise ValueError(f"it has {magic!r} where names are due")
    count, offset = struct.unpack_from("<2I", model, start + 16)
    names = []
    for key_offset in struct.unpack_from(f"<{count}I", model, start + offset):
        _, size = struct.unpack_from("<2I", model, start + key_offset)
        key_start = start + key_offset + 8
        key = model[key_start : key_start + size]
        names.append(key.rstrip(b"\0").decode("utf-8"))
    return names
