"""Extract documents from files of strangers: the process that does it.

It reads tasks from its standard input and writes answers to its standard output.  A message
is the number of its bytes and the bytes.  A task is two messages: a JSON object, and the
bytes of the file.  An answer is one JSON object; before it may come objects that tell the
progress.  The process ends when its input does.

The process may take no more memory than `MAX_MEMORY_BYTES`, writes no file, leaves no core
dump, and ends itself when a task takes too long.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import struct
import sys
from typing import Any, BinaryIO, Final

MAX_MEMORY_BYTES: Final = 1024**3
_LENGTH: Final = struct.Struct("<Q")


def read_message(stream: BinaryIO, limit: int) -> bytes | None:
    """Return the next message, or None at the end of the stream.

    Raises:
        ValueError: The message is longer than `limit` bytes.
    """
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    if length > limit:
        raise ValueError(f"a message of {length:,} bytes")
    data = stream.read(length)
    return data if len(data) == length else None


def write_message(stream: BinaryIO, data: bytes) -> None:
    """Write a message."""
    stream.write(_LENGTH.pack(len(data)))
    stream.write(data)
    stream.flush()


def main() -> None:
    """Run tasks until the input ends."""
    source = sys.stdin.buffer
    answers = os.fdopen(os.dup(1), "wb")
    # What a library prints must not get between the answers.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    _set_limits()
    while True:
        task = read_message(source, MAX_MEMORY_BYTES)
        data = read_message(source, MAX_MEMORY_BYTES)
        if task is None or data is None:
            return
        write_message(answers, json.dumps(_run(json.loads(task), data, answers)).encode())


def _set_limits() -> None:
    """Set the limits of this process, where the system has them."""
    with contextlib.suppress(ImportError):
        import resource

        for kind, limit in (
            (resource.RLIMIT_AS, MAX_MEMORY_BYTES),
            (resource.RLIMIT_CORE, 0),
            (resource.RLIMIT_FSIZE, 0),
        ):
            with contextlib.suppress(ValueError, OSError):
                resource.setrlimit(kind, (limit, limit))


def _run(task: dict[str, Any], data: bytes, answers: BinaryIO) -> dict[str, Any]:
    """Return the answer to a task."""
    from searchidx.sources.formats.documents import extract
    from searchidx.sources.formats.extracted import Settings

    if hasattr(signal, "alarm"):  # in case the parent, which would end it, has died
        signal.alarm(int(task["seconds"]) + 5)
    try:
        return extract(task["format"], data, task["name"], Settings(ocr=task["ocr"]))
    except MemoryError:
        return {"documents": [], "failures": [["", "needs too much memory to read"]]}
    finally:
        if hasattr(signal, "alarm"):
            signal.alarm(0)
