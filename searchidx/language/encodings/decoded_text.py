"""Define the result of decoding or repairing a text."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text in Unicode, the encoding that it was in, and the confidence in both.

    Attributes:
        text: The text in Unicode.
        encoding: The name of the encoding: "UTF-8", "UTF-16LE", "UTF-16BE", "TCVN3",
            "VNI-Windows", "VISCII", "TCVN 5712", "windows-1258", "VIQR", or "windows-1252"
            if there is evidence for no other.  Unicode text that was read in a wrong
            encoding has a name such as "VNI-Windows read as windows-1252".  If only some
            paragraphs were wrong, "Unicode" comes first: "Unicode, VNI-Windows read as
            windows-1252".  "Unicode" alone means that nothing was repaired.
        confidence: A probability from 0 to 1.  Below 0.5 the text is a guess; ask before
            using it.
    """

    text: str
    encoding: str
    confidence: float
