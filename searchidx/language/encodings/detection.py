"""Detect the encoding of Vietnamese text and decode its bytes."""

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

# The confidence in a text that is broken or whose encoding has no evidence.
_GUESS_CONFIDENCE: Final = 0.3

_BYTE_ORDER_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8", names.UTF_8),
    (codecs.BOM_UTF16_LE, "utf-16-le", names.UTF_16_LE),
    (codecs.BOM_UTF16_BE, "utf-16-be", names.UTF_16_BE),
)
# Of two encodings that give the same text, the first here is reported.  TCVN 5712 equals TCVN3
# in a text whose capital letters have no tones, and TCVN3 was the one in common use.
_ONE_BYTE_CONVERTERS: Final[dict[str, Callable[[str], str]]] = {
    names.TCVN3: from_tcvn3,
    names.VNI: from_vni,
    names.WINDOWS_1258: from_windows_1258,
    names.VISCII: from_viscii,
    names.TCVN_5712: from_tcvn_5712,
}


def decode(data: bytes) -> Decoded:
    """Detect the encoding of Vietnamese text and decode it.

    Unicode in any language is recognized by its form.  An old encoding is recognized by how
    many possible Vietnamese syllables it gives.  Unicode text is repaired as by
    `repair_text`.  A large input is judged by a sample.

    Args:
        data: The bytes of a text; no bytes are an error.

    Returns:
        Text in NFC without a byte-order mark.  Bytes that are invalid in the encoding become
        U+FFFD, and the confidence is then below 0.5.
    """
    for mark, codec, name in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return _decode_unicode(data[len(mark) :], codec, name)
    if 0 in data:
        found = _unmarked_utf_16(data)
        if found is not None:
            return found
    try:
        return _repaired_nfc(data.decode("utf-8"), names.UTF_8, 1.0)
    except UnicodeDecodeError:
        return _decode_one_byte(data)


def _repaired_nfc(text: str, name: str, confidence: float) -> Decoded:
    """Return Unicode text in NFC, repaired where it was read in a wrong encoding."""
    repaired = repair_text(text)
    if repaired.encoding == names.UNICODE:
        return Decoded(unicodedata.normalize("NFC", text), name, confidence)
    return Decoded(
        unicodedata.normalize("NFC", repaired.text),
        repaired.encoding,
        min(confidence, repaired.confidence),
    )


def _decode_unicode(data: bytes, codec: str, name: str, confidence: float = 1.0) -> Decoded:
    """Decode bytes with a Unicode codec; invalid ones lower the confidence to a guess."""
    try:
        return _repaired_nfc(data.decode(codec), name, confidence)
    except UnicodeDecodeError:
        text = unicodedata.normalize("NFC", data.decode(codec, "replace"))
        return Decoded(text, name, _GUESS_CONFIDENCE)


# Characters of Vietnamese and other Latin text.  Most of them contain a NUL byte in UTF-16,
# and in no other encoding of text.
_LATIN: Final = re.compile(
    "[\t\n\f\r -~\u00a0-\u024f\u02c6\u0300-\u036f\u1e00-\u1eff\u2000-\u206f\u20ab\u20ac\ufeff]"
)
_MIN_LATIN_SHARE: Final = 0.95
_UTF_16_SAMPLE_BYTES: Final = 32 * 1024


def _unmarked_utf_16(data: bytes) -> Decoded | None:
    """Decode UTF-16 without a byte-order mark, or return None if the bytes are not that."""
    for codec, name in (("utf-16-le", names.UTF_16_LE), ("utf-16-be", names.UTF_16_BE)):
        sample = data[:_UTF_16_SAMPLE_BYTES].decode(codec, "replace")
        if len(_LATIN.findall(sample)) >= _MIN_LATIN_SHARE * len(sample):
            return _decode_unicode(data, codec, name, 1 - 0.5 ** (len(sample) / 8))
    return None


_UTF_8_SEQUENCE: Final = re.compile(
    "[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
_NOT_ASCII: Final = re.compile("[\x80-\xff]")
# A margin at which a larger sample would not change the result; that of 30 to 40 words.
_DECISIVE_MARGIN: Final = 100.0


def _decode_one_byte(data: bytes) -> Decoded:
    """Decode bytes that are not UTF-8: in a one-byte encoding, or as damaged UTF-8."""
    text = data.decode("latin-1")
    sample = sample_of(text)
    if 2 * sum(map(len, _UTF_8_SEQUENCE.findall(sample))) >= len(_NOT_ASCII.findall(sample)):
        # This is UTF-8 that is broken or cut somewhere: chance never makes so much valid.
        return _decode_unicode(data, "utf-8", names.UTF_8)
    best, weight, margin = _likeliest_encoding(sample_of(text, pieces=2))
    if margin < _DECISIVE_MARGIN:
        best, weight, margin = _likeliest_encoding(sample)
    if best in names.NEARLY_EQUAL:
        best = _tcvn_variant(text)
    if weight <= 0:
        text = unicodedata.normalize("NFC", from_windows_1252(text))
        return Decoded(text, names.WINDOWS_1252, _GUESS_CONFIDENCE)
    text = unicodedata.normalize("NFC", _ONE_BYTE_CONVERTERS[best](text))
    return Decoded(text, best, probability_of(margin))


def _likeliest_encoding(sample: str) -> tuple[str, float, float]:
    """Return the likeliest one-byte encoding of a sample.

    Returns:
        The name of the encoding, the log-likelihood ratio of the text that it gives, and the
        margin of this ratio over that of the next best encoding.
    """
    trials = {name: convert(sample) for name, convert in _ONE_BYTE_CONVERTERS.items()}
    weights = {name: sum(log_likelihood_ratio(trial)) for name, trial in trials.items()}
    best = max(weights, key=weights.__getitem__)
    rivals = (
        weights[name]
        for name, trial in trials.items()
        if trial != trials[best] and {name, best} != names.NEARLY_EQUAL
    )
    return best, weights[best], weights[best] - max(0.0, *rivals, 0.0)


# The bytes that mean different characters in TCVN3 and TCVN 5712.
_DIFFERENT_BYTES: Final = re.compile(
    "[{}]".format(
        "".join(
            re.escape(chr(byte))
            for byte in range(0x100)
            if TCVN3.get(byte, chr(byte)) != TCVN_5712.get(byte, chr(byte))
        )
    )
)
_MAX_DIFFERENT_BYTES: Final = 1000  # enough to decide
# Bytes that TCVN3 does not define, although their Latin-1 character may be a Vietnamese letter.
_UNDEFINED_IN_TCVN3: Final = {
    byte: "\ufffd" for byte in range(0xA1, 0x100) if byte not in TCVN3
}
_WORD_END: Final = re.compile(r"\S*$")
_WORD_START: Final = re.compile(r"\S*")


def _tcvn_variant(text: str) -> str:
    """Return whichever TCVN encoding gives more likely words around the differing bytes."""
    words = ""
    for match in islice(_DIFFERENT_BYTES.finditer(text), _MAX_DIFFERENT_BYTES):
        place = match.start()
        for pattern, part in (
            (_WORD_END, text[max(0, place - 8) : place]),
            (_WORD_START, text[place : place + 8]),
        ):
            found = pattern.search(part)
            words += found[0] if found else ""
        words += "\n"
    old = sum(log_likelihood_ratio(from_tcvn3(words.translate(_UNDEFINED_IN_TCVN3))))
    new = sum(log_likelihood_ratio(from_tcvn_5712(words)))
    return names.TCVN_5712 if new > old else names.TCVN3
