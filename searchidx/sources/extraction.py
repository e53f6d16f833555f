"""Extract the texts of office files in a process of its own.

A file that crashes a library, takes all memory or never ends costs itself alone: the process
is replaced, and the file is named with the reason.  The process is started for the first
such file, and is kept for the next ones.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import subprocess
import sys
import threading
from typing import Any, BinaryIO, Final, cast

from searchidx.sources import OcrMode
from searchidx.sources.extraction_worker import read_message, write_message
from searchidx.sources.failure import UnreadableError

SILENCE_SECONDS: Final = 60.0
"""A process that says nothing for so long has stopped."""
_MAX_ANSWER_BYTES: Final = 1 << 30
_CODE: Final = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from searchidx.sources.extraction_worker import main; main()"
)


class Extractor:
    """Extract texts with one process.  May be used from many threads, one after the other.

    Args:
        silence_seconds: See `SILENCE_SECONDS`; tests vary it.
    """

    def __init__(self, *, silence_seconds: float = SILENCE_SECONDS) -> None:
        self._silence_seconds = silence_seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def extract(self, data: bytes, name: str, ocr: OcrMode) -> list[dict[str, Any]]:
        """Return the texts of a file, and what is wrong with the parts that give none.

        Args:
            data: The bytes of the file.
            name: Its name, for its extension.
            ocr: Whether text is recognized in pictures.

        Returns:
            The attributes of `Extracted` or `Unextracted` for each part.

        Raises:
            UnreadableError: The process crashed or stopped.
        """
        with self._lock:
            process = self._process or self._start()
            timer: threading.Timer | None = None
            has_stopped = threading.Event()

            def stop() -> None:
                has_stopped.set()
                process.kill()

            try:
                requests, answers = _pipes(process)
                timer = self._watch(stop)
                options = json.dumps({"name": name, "ocr": ocr}).encode("ascii")
                write_message(requests, options)
                write_message(requests, data)
                while True:
                    answer = json.loads(read_message(answers, _MAX_ANSWER_BYTES))
                    timer.cancel()
                    if "found" in answer:
                        if answer.get("ends"):
                            self._end()
                        found: list[dict[str, Any]] = answer["found"]
                        return found
                    timer = self._watch(stop)
            except (EOFError, OSError, ValueError) as error:
                self._end()
                reason = (
                    f"took longer than {self._silence_seconds:g} s to be read"
                    if has_stopped.is_set()
                    else "made the program crash that reads it"
                )
                raise UnreadableError(
                    f"{reason}; open it and save it again, or save it as PDF"
                ) from error
            except BaseException:  # Ctrl-C: the answer would be taken for the next file's
                self._end()
                raise
            finally:
                if timer is not None:
                    timer.cancel()

    def close(self) -> None:
        """End the process, if there is one."""
        with self._lock:
            self._end()

    def _start(self) -> subprocess.Popen[bytes]:
        """Start a process."""
        self._process = subprocess.Popen(
            [sys.executable, "-c", _CODE, json.dumps(sys.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for the parent, which decides what happens
        )
        return self._process

    def _watch(self, stop: Any) -> threading.Timer:
        timer = threading.Timer(self._silence_seconds, stop)
        timer.daemon = True
        timer.start()
        return timer

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):  # what is left to be written
                    pipe.close()
        process.wait()


def _pipes(process: subprocess.Popen[bytes]) -> tuple[BinaryIO, BinaryIO]:
    """Return the pipes to a process and from it."""
    return cast("BinaryIO", process.stdin), cast("BinaryIO", process.stdout)


EXTRACTOR: Final = Extractor()
"""The process that this program shares."""
atexit.register(EXTRACTOR.close)
