"""Text in the wrong encoding, where it is sure enough which one was the right one."""

from __future__ import annotations

from typing import Final

from searchidx.language.encodings import Decoded, decode, repair_text

# What is no UTF-8 is read in an old encoding from this confidence on; below it the file is
# better refused than read wrong.
_CONFIDENT: Final = 0.99
# Text that is good Unicode as far as its form goes is changed only when there is no doubt.
_CERTAIN: Final = 0.999
_UTF_16: Final = "UTF-16"


def decode_old_encoding(data: bytes) -> Decoded | None:
    """The text of bytes that are no UTF-8, or None if it is not sure what they are.

    Text in an old encoding is in NFC; UTF-16 without a byte-order mark is as it stands.
    """
    found = decode(data)
    if found.confidence < _CONFIDENT or "\0" in found.text:
        return None
    if found.encoding.startswith(_UTF_16):
        return Decoded(data.decode(found.encoding), found.encoding, found.confidence)
    return found


def repair_wrong_reading(text: str) -> Decoded | None:
    """Unicode text without the damage of a wrong reading, or None if there is none for sure."""
    found = repair_text(text)
    return found if found.text != text and found.confidence >= _CERTAIN else None
