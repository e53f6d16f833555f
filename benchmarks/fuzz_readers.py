"""Read files that were changed at random, and report what any reader did wrong.

    python -m benchmarks.fuzz_readers --minutes 20 FOLDER...

Each round takes a file of the folders and flips bits, cuts, doubles, moves or overwrites
parts of it, inside its ZIP members too.  A reader may refuse a file; it may not kill its
process, hang, or give what is no document.  Those are counted, and their files are kept in
`--keep`.
"""

from __future__ import annotations

import argparse
import io
import random
import time
import zipfile
from collections import Counter
from pathlib import Path

from searchidx.sources.extraction import Extractor
from searchidx.sources.failure import UnreadableError

_MAX_BYTES = 1_000_000
_SILENCE_SECONDS = 20.0
_EXTREMES = (b"\0\0\0\0", b"\xff\xff\xff\xff", b"\xff\xff\xff\x7f", b"\1\0\0\0", b"\0\0\0\x80")


def mutate(data: bytes, chance: random.Random) -> bytes:
    """Return data with some random changes."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4, 16, 64))):
        if not changed:
            return b""
        place = chance.randrange(len(changed))
        length = chance.choice((1, 4, 16, 256))
        match chance.randrange(6):
            case 0:
                changed[place] ^= 1 << chance.randrange(8)
            case 1:
                changed[place : place + 4] = chance.choice(_EXTREMES)
            case 2:
                del changed[place : place + length]
            case 3:
                changed[place:place] = changed[place : place + length]
            case 4:
                other = chance.randrange(len(changed))
                changed[place : place + length] = changed[other : other + length]
            case _:
                if chance.randrange(8) == 0:
                    del changed[place:]
    return bytes(changed)


def mutate_member(data: bytes, chance: random.Random) -> bytes:
    """Return a ZIP file with one member changed at random."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            members = [(each.filename, package.read(each)) for each in package.infolist()]
    except (zipfile.BadZipFile, RuntimeError):
        return mutate(data, chance)
    if not members:
        return data
    chosen = chance.randrange(len(members))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for number, (name, content) in enumerate(members):
            package.writestr(name, mutate(content, chance) if number == chosen else content)
    return file.getvalue()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, default=None)
    options = parser.parse_args()
    paths = sorted(
        path
        for folder in options.folders
        for path in folder.rglob("*")
        if path.is_file() and path.stat().st_size <= _MAX_BYTES
    )
    chance = random.Random(options.seed)
    counts: dict[str, Counter[str]] = {}
    end = time.monotonic() + 60 * options.minutes
    extractor = Extractor(silence_seconds=_SILENCE_SECONDS)
    while time.monotonic() < end:
        path = chance.choice(paths)
        data = path.read_bytes()
        is_package = data.startswith(b"PK") and chance.randrange(4)
        changed = (mutate_member if is_package else mutate)(data, chance)
        count = counts.setdefault(path.suffix.lower(), Counter())
        count["read"] += 1
        try:
            for part in extractor.extract(changed, path.name, "never"):
                count["refused" if "reason" in part else "texts"] += 1
        except UnreadableError as error:
            count["too slow" if "took longer" in str(error) else "crashed"] += 1
            if options.keep is not None:
                options.keep.mkdir(parents=True, exist_ok=True)
                number = f"{options.seed}-{sum(each['read'] for each in counts.values())}"
                (options.keep / f"{number}-{path.name}").write_bytes(changed)
    extractor.close()
    columns = ("read", "texts", "refused", "crashed", "too slow")
    print("| format | " + " | ".join(columns) + " |")
    print("|---|" + "---:|" * len(columns))
    for suffix, count in sorted(counts.items()):
        print(f"| {suffix} | " + " | ".join(f"{count[each]:,}" for each in columns) + " |")


if __name__ == "__main__":
    main()
