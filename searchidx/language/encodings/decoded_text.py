"""Define the result of decoding or repairing a text."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text, the encoding that it was in, and how sure that is.

    Attributes:
        text: The text.
        encoding: The name of the encoding: "UTF-8", "UTF-16LE", "UTF-16BE", "TCVN3",
            "VNI-Windows", "VISCII", "TCVN 5712", "windows-1258", "VIQR", or "windows-1252"
            where nothing speaks for any other.  Text that was Unicode already, but wrong,
            has a name such as "VNI-Windows read as windows-1252"; where only some
            paragraphs were wrong, "Unicode" stands before it: "Unicode, VNI-Windows read
            as windows-1252".  "Unicode" alone means that nothing was repaired.
        confidence: From 0 to 1.  Below .5 the text is a guess that should not be used
            without asking.
    """

    text: str
    encoding: str
    confidence: float
