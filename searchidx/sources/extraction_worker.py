"""Run the extraction of texts in a process with limits: the main module of that process.

The process reads files of strangers with libraries in C.  It may use a bounded amount of
memory, write no file and dump no core.  It ends with its parent, whose end of the pipe it
then finds closed.

A message is a length of eight bytes and so many bytes.  The parent sends a header in JSON,
and then the bytes of the file.  The answers are JSON: any number of ``{"busy": ...}``, which
show that the process has not stopped, and then ``{"found": [...]}``.
"""

from __future__ import annotations

import json
import struct
import sys
from collections.abc import Callable
from typing import Any, BinaryIO, Final

MAX_MEMORY_BYTES: Final = 1 << 30
_MAX_CPU_SECONDS: Final = 24 * 3600
_LENGTH: Final = struct.Struct("<Q")


def write_message(pipe: BinaryIO, data: bytes) -> None:
    """Write one message to a pipe."""
    pipe.write(_LENGTH.pack(len(data)))
    pipe.write(data)
    pipe.flush()


def read_message(pipe: BinaryIO, limit: int) -> bytes:
    """Return the next message of a pipe.

    Args:
        pipe: The pipe.
        limit: The size of the largest message, in bytes.

    Raises:
        EOFError: The pipe was closed, or the message is too large.
    """
    head = pipe.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError
    (length,) = _LENGTH.unpack(head)
    if length > limit:
        raise EOFError
    data = pipe.read(length)
    if len(data) < length:
        raise EOFError
    return data


def main() -> None:
    """Extract texts until the parent closes the pipe."""
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # what a library prints must not be among the answers
    _limit_resources()
    while True:
        try:
            options = json.loads(read_message(requests, 1 << 20))
            data = read_message(requests, 1 << 40)
        except EOFError:
            return
        try:
            found = _extract(data, options, lambda what: _answer(answers, {"busy": what}))
        except MemoryError:
            found = [_failure("needs more than 1 GB of memory to be read; save it as PDF")]
            _answer(answers, {"found": found, "ends": True})
            return
        _answer(answers, {"found": found})


def _answer(answers: BinaryIO, value: dict[str, Any]) -> None:
    write_message(answers, json.dumps(value).encode("ascii"))


def _extract(
    data: bytes, options: dict[str, Any], busy: Callable[[str], None]
) -> list[dict[str, Any]]:
    """Return what was found in a file, as JSON values."""
    # Imported here, because the limits must hold before any library is loaded.
    from searchidx.sources.formats.extract import extract
    from searchidx.sources.formats.parts import Extracted
    from searchidx.sources.formats.recognition import Recognizer

    found: list[dict[str, Any]] = []
    for each in extract(data, options["name"], Recognizer(options["ocr"], busy)):
        busy(each.member)
        if isinstance(each, Extracted):
            values = {name: getattr(each, name) for name in each.__slots__}
            values["text"] = values["text"].encode("utf-8", "replace").decode("utf-8")
            found.append(values)
        else:
            found.append(_failure(each.reason, each.member))
    return found


def _failure(reason: str, member: str = "") -> dict[str, Any]:
    return {"reason": reason, "member": member}


def _limit_resources() -> None:
    """Limit memory, files and dumps of this process, where the system can."""
    try:
        import resource
    except ImportError:  # Windows
        return
    for name, limit in (
        ("RLIMIT_AS", MAX_MEMORY_BYTES),
        ("RLIMIT_CORE", 0),
        ("RLIMIT_FSIZE", 0),
        ("RLIMIT_CPU", _MAX_CPU_SECONDS),
    ):
        try:
            resource.setrlimit(getattr(resource, name), (limit, limit))
        except (ValueError, OSError, AttributeError):  # a stricter limit holds already
            continue
