"""Recognize the text in pictures of pages, with the program tesseract."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from functools import cached_property
from typing import Final, Literal

_LANGUAGE: Final = "vie"
_MAX_PAGE_SECONDS: Final = 50.0  # less than the parent waits for a sign of life
HOW_TO_INSTALL: Final = (
    "install tesseract with its Vietnamese data (on Debian and Ubuntu: apt install "
    "tesseract-ocr tesseract-ocr-vie), and run the same command again"
)


class Recognizer:
    """Recognize text, if that is wanted and the program is installed.

    Args:
        mode: "auto" for pages without text, "always" for all pages, or "never".
        busy: Called after each page, with what was done.
    """

    def __init__(
        self, mode: Literal["auto", "always", "never"], busy: Callable[[str], None]
    ) -> None:
        self.mode = mode
        self._busy = busy

    @cached_property
    def is_available(self) -> bool:
        """Return whether text can be recognized."""
        if self.mode == "never":
            return False
        program = shutil.which("tesseract")
        if program is None:
            return False
        done = subprocess.run(
            [program, "--list-langs"], capture_output=True, check=False, timeout=30
        )
        return _LANGUAGE.encode("ascii") in done.stdout.split()

    def recognize(self, picture: bytes, dots_per_inch: int, page: int) -> str:
        """Return the text in a picture.

        Args:
            picture: A picture in the format PGM.
            dots_per_inch: Its resolution.
            page: The number of its page, for those who wait.
        """
        command = ["tesseract", "stdin", "stdout", "-l", _LANGUAGE, "--psm", "3"]
        command += ["--dpi", str(dots_per_inch)]
        try:
            done = subprocess.run(
                command,
                input=picture,
                capture_output=True,
                check=False,
                timeout=_MAX_PAGE_SECONDS,
            )
        except subprocess.TimeoutExpired:
            return ""
        finally:
            self._busy(f"page {page}")
        return done.stdout.decode("utf-8", "replace").rstrip("\f\n ")
