"""Bytes -> text, whatever encoding of Vietnamese they are in."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Callable
from itertools import islice
from typing import Final

from searchidx.language.encodings import encoding_names as names
from searchidx.language.encodings.converters import (
    from_tcvn3,
    from_tcvn_5712,
    from_viscii,
    from_vni,
    from_windows_1252,
    from_windows_1258,
)
from searchidx.language.encodings.decoded_text import Decoded
from searchidx.language.encodings.likelihood import (
    log_likelihood_ratio,
    probability_of,
    sample_of,
)
from searchidx.language.encodings.tables import TCVN3, TCVN_5712
from searchidx.language.encodings.text_repair import repair_text

# The confidence in a text that nothing speaks for, or that is broken.
_GUESS: Final = 0.3

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8", names.UTF_8),
    (codecs.BOM_UTF16_LE, "utf-16-le", names.UTF_16_LE),
    (codecs.BOM_UTF16_BE, "utf-16-be", names.UTF_16_BE),
)
# The first of two that give the same text is the one that is reported: TCVN 5712 is TCVN3
# where no capital letter has a tone, and TCVN3 is what was in use.
_ONE_BYTE: Final[dict[str, Callable[[str], str]]] = {
    names.TCVN3: from_tcvn3,
    names.VNI: from_vni,
    names.WINDOWS_1258: from_windows_1258,
    names.VISCII: from_viscii,
    names.TCVN_5712: from_tcvn_5712,
}


def decode(data: bytes) -> Decoded:
    """Find the encoding of Vietnamese text, and the text.

    Unicode is recognised by its form, in any language; the old encodings by how much of
    the text they make possible Vietnamese syllables.  Unicode text is repaired as `repair_text`
    does.  Of a large input a sample decides.

    Args:
        data: The bytes of a text; any bytes will do.

    Returns:
        Text in NFC without a byte-order mark.  Where bytes are no text of the encoding,
        U+FFFD stands for them and the confidence is below .5.
    """
    for mark, codec, name in _MARKS:
        if data.startswith(mark):
            return _unicode(data[len(mark) :], codec, name)
    if 0 in data:
        found = _unmarked_utf_16(data)
        if found is not None:
            return found
    try:
        return _checked(data.decode("utf-8"), names.UTF_8, 1.0)
    except UnicodeDecodeError:
        return _one_byte(data)


def _checked(text: str, name: str, confidence: float) -> Decoded:
    """Unicode text, repaired where it is wrong."""
    repaired = repair_text(text)
    if repaired.encoding == names.UNICODE:
        return Decoded(unicodedata.normalize("NFC", text), name, confidence)
    return Decoded(
        unicodedata.normalize("NFC", repaired.text),
        repaired.encoding,
        min(confidence, repaired.confidence),
    )


def _unicode(data: bytes, codec: str, name: str, confidence: float = 1.0) -> Decoded:
    try:
        return _checked(data.decode(codec), name, confidence)
    except UnicodeDecodeError:
        text = unicodedata.normalize("NFC", data.decode(codec, "replace"))
        return Decoded(text, name, _GUESS)


# What stands in Vietnamese and other Latin text: most of it has a NUL byte in UTF-16, which
# no other encoding of text has.
_LATIN: Final = re.compile(
    "[\t\n\f\r -~\u00a0-\u024f\u02c6\u0300-\u036f\u1e00-\u1eff\u2000-\u206f\u20ab\u20ac\ufeff]"
)
_LEAST_LATIN: Final = 0.95
_UTF_16_SAMPLE: Final = 32 * 1024  # bytes


def _unmarked_utf_16(data: bytes) -> Decoded | None:
    """UTF-16 without a byte-order mark, or None."""
    for codec, name in (("utf-16-le", names.UTF_16_LE), ("utf-16-be", names.UTF_16_BE)):
        sample = data[:_UTF_16_SAMPLE].decode(codec, "replace")
        if len(_LATIN.findall(sample)) >= _LEAST_LATIN * len(sample):
            return _unicode(data, codec, name, 1 - 0.5 ** (len(sample) / 8))
    return None


_UTF_8_SEQUENCE: Final = re.compile(
    "[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
_NOT_ASCII: Final = re.compile("[\x80-\xff]")
# Evidence after which looking at more of a text would be a waste of time: 30 or 40 words.
_PLAIN_TO_SEE: Final = 100.0


def _one_byte(data: bytes) -> Decoded:
    text = data.decode("latin-1")
    sample = sample_of(text)
    if 2 * sum(map(len, _UTF_8_SEQUENCE.findall(sample))) >= len(_NOT_ASCII.findall(sample)):
        # UTF-8 that is broken or cut somewhere; by chance, so much is never UTF-8.
        return _unicode(data, "utf-8", names.UTF_8)
    best, weight, margin = _best(sample_of(text, pieces=2))
    if margin < _PLAIN_TO_SEE:
        best, weight, margin = _best(sample)
    if best in names.ALIKE:
        best = _capitals(text)
    if weight <= 0:
        text = unicodedata.normalize("NFC", from_windows_1252(text))
        return Decoded(text, names.WINDOWS_1252, _GUESS)
    text = unicodedata.normalize("NFC", _ONE_BYTE[best](text))
    return Decoded(text, best, probability_of(margin))


def _best(sample: str) -> tuple[str, float, float]:
    """The likeliest encoding, the evidence for it, and how much that is above any other's."""
    trials = {name: convert(sample) for name, convert in _ONE_BYTE.items()}
    weights = {name: sum(log_likelihood_ratio(trial)) for name, trial in trials.items()}
    best = max(weights, key=weights.__getitem__)
    rivals = (
        weights[name]
        for name, trial in trials.items()
        if trial != trials[best] and {name, best} != names.ALIKE
    )
    return best, weights[best], weights[best] - max(0.0, *rivals, 0.0)


# The bytes that the two TCVN encodings read differently.
_UNLIKE: Final = re.compile(
    "[{}]".format(
        "".join(
            re.escape(chr(byte))
            for byte in range(0x100)
            if TCVN3.get(byte, chr(byte)) != TCVN_5712.get(byte, chr(byte))
        )
    )
)
_UNLIKE_ENOUGH: Final = 1000  # so many of them decide
# TCVN3 has no such bytes, though what they are in Latin-1 may be a Vietnamese letter.
_NOT_TCVN3: Final = {byte: "\ufffd" for byte in range(0xA1, 0x100) if byte not in TCVN3}
_BEFORE: Final = re.compile(r"\S*$")
_FROM: Final = re.compile(r"\S*")


def _capitals(text: str) -> str:
    """Which of the TCVN encodings a text is in, by what they make of capitals with tones."""
    words = ""
    for match in islice(_UNLIKE.finditer(text), _UNLIKE_ENOUGH):
        place = match.start()
        for pattern, part in (
            (_BEFORE, text[max(0, place - 8) : place]),
            (_FROM, text[place : place + 8]),
        ):
            found = pattern.search(part)
            words += found[0] if found else ""
        words += "\n"
    old = sum(log_likelihood_ratio(from_tcvn3(words.translate(_NOT_TCVN3))))
    new = sum(log_likelihood_ratio(from_tcvn_5712(words)))
    return names.TCVN_5712 if new > old else names.TCVN3
