"""Recover text in an old or wrong encoding if the right encoding is nearly certain."""

from __future__ import annotations

from typing import Final

from searchidx.language.encodings import Decoded, decode, repair_text

# Bytes that are not UTF-8 are read in an old encoding only at this confidence or above.
# Refusing a file is better than reading it wrong.
_MIN_DECODING_CONFIDENCE: Final = 0.99
# Valid Unicode text is changed only when there is hardly any doubt.
_MIN_REPAIR_CONFIDENCE: Final = 0.999
_UTF_16: Final = "UTF-16"


def decode_old_encoding(data: bytes) -> Decoded | None:
    """Decode bytes that are not UTF-8, or return None if their encoding is uncertain.

    Text in an old encoding is returned in NFC.  UTF-16 without a byte-order mark is
    returned in the Unicode form that it has.
    """
    found = decode(data)
    if found.confidence < _MIN_DECODING_CONFIDENCE or "\0" in found.text:
        return None
    if found.encoding.startswith(_UTF_16):
        return Decoded(data.decode(found.encoding), found.encoding, found.confidence)
    return found


def repair_wrong_reading(text: str) -> Decoded | None:
    """Undo a wrong reading of Unicode text, or return None if none is certain."""
    found = repair_text(text)
    return found if found.text != text and found.confidence >= _MIN_REPAIR_CONFIDENCE else None
