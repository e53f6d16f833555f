"""Name the encodings that Vietnamese text comes in."""

from __future__ import annotations

from typing import Final

UNICODE: Final = "Unicode"
UTF_8: Final = "UTF-8"
UTF_16_LE: Final = "UTF-16LE"
UTF_16_BE: Final = "UTF-16BE"
TCVN3: Final = "TCVN3"
VNI: Final = "VNI-Windows"
VISCII: Final = "VISCII"
TCVN_5712: Final = "TCVN 5712"
WINDOWS_1258: Final = "windows-1258"
WINDOWS_1252: Final = "windows-1252"
VIQR: Final = "VIQR"
# These two differ in capital letters with tones only, so a confusion does little harm.
NEARLY_EQUAL: Final = {TCVN3, TCVN_5712}
