"""Detect the old encodings of Vietnamese text and convert the text to Unicode.

`decode` takes the bytes of a file.  `repair_text` takes text that was read or saved in a wrong
encoding.  Both return a confidence, and neither raises an error on any input.
"""

from __future__ import annotations

from searchidx.language.encodings.decoded_text import Decoded
from searchidx.language.encodings.detection import decode
from searchidx.language.encodings.text_repair import repair_text

__all__ = ["Decoded", "decode", "repair_text"]
