"""Have files of strangers read in processes of their own, each of which can be lost.

A file that crashes its reader, never ends, or unpacks to more than memory holds costs that
file only: its process is killed and replaced, and the file is named with the reason.
"""

from __future__ import annotations

import contextlib
import json
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any, Final

from searchidx.document import Document
from searchidx.errors import DocumentError
from searchidx.sources.failure import Failure
from searchidx.sources.formats.extracted import Settings
from searchidx.sources.formats.worker import read_message, write_message

MAX_FILE_BYTES: Final = 256 * 1024**2
"""The size limit of a file that is read by its format."""

MAX_SECONDS: Final = 120
"""The longest time that the reading of a file may take, or of a page that is recognized."""

_MAX_ANSWER_BYTES: Final = 256 * 1024**2
FILE_TOO_LARGE: Final = (
    f"is larger than {MAX_FILE_BYTES // 1024**2} MB; split it into smaller files"
)
TOO_SLOW: Final = (
    f"took longer than {MAX_SECONDS} s to read and was given up; open it and save it again, "
    "or split it"
)
CRASHED: Final = (
    "is damaged, or unpacks to more than memory holds, so that its reader crashed; open it "
    "and save it again, or split it"
)
_NO_PROCESS: Final = "cannot be read, because no further process can be started; try again"


class Extractor:
    """Read files in another process, one after the other.

    The process starts with the first file.  It is replaced when it dies, and after some
    files, so that what they leave behind in memory goes.

    Args:
        settings: How files are read.
        max_seconds: The longest time that a file may take.
    """

    def __init__(
        self, settings: Settings | None = None, *, max_seconds: float = MAX_SECONDS
    ) -> None:
        self._settings = settings or Settings()
        self._max_seconds = max_seconds
        self._process: _Process | None = None

    def __enter__(self) -> Extractor:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process; another file would start a new one."""
        if self._process is not None:
            self._process.end()
            self._process = None

    def read(self, format_name: str, data: bytes, name: str) -> Iterator[Document | Failure]:
        """Yield the documents of a file.

        Args:
            format_name: The name of its format.
            data: Its bytes, at most `MAX_FILE_BYTES`.
            name: Its path, in printable form.
        """
        try:
            answer = self._ask(format_name, data, name)
        except OSError:
            yield Failure(name, None, _NO_PROCESS)
            return
        if isinstance(answer, str):
            self.close()
            yield Failure(name, None, answer)
            return
        for fields in answer["documents"]:
            place = f"{name}!{fields['member']}" if fields["member"] else name
            try:
                yield Document(
                    id=place,
                    path=place,
                    title=fields["title"],
                    body=fields["body"],
                    date=fields["date"],
                    metadata=fields["metadata"],
                )
            except DocumentError as error:
                yield Failure(place, None, str(error))
        for member, reason in answer["failures"]:
            yield Failure(f"{name}!{member}" if member else name, None, reason)

    def _ask(self, format_name: str, data: bytes, name: str) -> dict[str, Any] | str:
        """Return the answer of the process, or the reason why there is none."""
        if self._process is None:
            self._process = _Process()
        task = {
            "format": format_name,
            "name": name,
            "ocr": self._settings.ocr,
            "seconds": self._max_seconds,
        }
        if not self._process.send(json.dumps(task).encode(), data):
            return CRASHED
        try:
            message = self._process.receive(self._max_seconds)
        except TimeoutError:
            return TOO_SLOW
        if message is None:
            return CRASHED
        try:
            return _checked(json.loads(message))
        except (ValueError, RecursionError):
            return CRASHED


def _checked(answer: object) -> dict[str, Any]:
    """Return an answer of the right form; raise ValueError for any other.

    A hostile file may have taken over the process that sent it.
    """
    if not isinstance(answer, dict):
        raise ValueError("no object")
    documents, failures = answer.get("documents"), answer.get("failures")
    if not isinstance(documents, list) or not isinstance(failures, list):
        raise ValueError("no lists")
    for each in documents:
        if (
            not isinstance(each, dict)
            or each.keys() != {"member", "title", "body", "date", "metadata"}
            or not all(isinstance(each[key], str) for key in ("member", "title", "body"))
        ):
            raise ValueError("no document")
    for each in failures:
        if (
            not isinstance(each, list)
            or len(each) != 2
            or not all(isinstance(part, str) for part in each)
        ):
            raise ValueError("no failure")
    return answer


class _Process:
    """A process that runs `worker.main`.

    It is a new interpreter, not a fork, which would inherit locks of other threads and the
    index's files; and no process of `multiprocessing`, which would run a user's script again.

    Raises:
        OSError: The system starts no further process.
    """

    def __init__(self) -> None:
        command = (
            f"import sys; sys.path[:] = {sys.path!r}; "
            "from searchidx.sources.formats.worker import main; main()"
        )
        self._process = subprocess.Popen(
            [sys.executable, "-c", command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # Ctrl-C reaches the whole group of a terminal; the parent decides what happens.
            start_new_session=True,
        )
        self._messages: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._receive_all, daemon=True)
        self._thread.start()

    def send(self, *messages: bytes) -> bool:
        """Send messages; return whether the process has received them."""
        assert self._process.stdin is not None
        try:
            for message in messages:
                write_message(self._process.stdin, message)  # type: ignore[arg-type]
        except OSError:
            return False
        return True

    def receive(self, seconds: float) -> bytes | None:
        """Return the next message, or None if the process has ended.

        Raises:
            TimeoutError: It sent none in time.
        """
        try:
            return self._messages.get(timeout=seconds)
        except queue.Empty:
            raise TimeoutError from None

    def end(self) -> None:
        """Kill the process, whatever it does, and wait until it has ended."""
        self._process.kill()
        self._process.wait()
        self._thread.join()
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            with contextlib.suppress(OSError):
                stream.close()

    def _receive_all(self) -> None:
        """Pass on all messages of the process, and None at its end."""
        assert self._process.stdout is not None
        message: bytes | None = b""
        while message is not None:
            try:
                message = read_message(self._process.stdout, _MAX_ANSWER_BYTES)  # type: ignore[arg-type]
            except (ValueError, OSError):
                message = None
            self._messages.put(message)
