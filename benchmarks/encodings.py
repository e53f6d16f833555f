"""Measure how well old encodings are recognized and undone, and write a dated page."""

from __future__ import annotations

import argparse
import gzip
import json
import random
import sys
import sysconfig
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Generic, NamedTuple, TypeVar

from benchmarks.__main__ import CORPUS
from benchmarks.processes import ROOT
from benchmarks.report import machine
from searchidx.language import Decoded, decode, repair_text
from tests.language.old_encodings import (
    ENCODERS,
    fitting,
    read_as_windows_1252,
    tcvn3,
    tcvn3_small,
    viqr,
    vni,
)

SEED = 1
LONG_CODE_POINTS = 200
SHORT_CODE_POINTS = 40
MIN_CONFIDENCE = 0.99  # the confidence at which a file in an old encoding is read
TIMED = (
    "TCVN3, capitals with tones in two bytes",
    "VNI-Windows",
    "UTF-8",
    "VNI-Windows, read as windows-1252",
    "UTF-8 read as windows-1252",
)
DESCRIPTIONS = {
    "tcvn3": "capitals with tones in two bytes",
    "tcvn3_small": "capitals with tones as small letters",
    "windows_1258": "tones apart where they must be",
    "windows_1258_apart": "all tones apart",
}

PAGE = """\
# Old encodings, {date}

{machine}; Python {python}. {documents:,} of {total:,} articles of the codified law, drawn \
with a fixed seed. Long: whole articles of over {long} characters. Short: from each article \
one piece of {short} to {long} characters, cut anywhere.

*Back*: the text comes back letter for letter (capitals that TCVN3 wrote as small letters may \
stay small). *Named*: the encoding is the right one; a text whose bytes are the same in two \
encodings may be named after either. *Sure, wrong*: texts that are not right although the \
confidence is at least {sure}.

## From bytes (`decode`)

{bytes}

## From Unicode text that was read wrong (`repair_text`)

{texts}

Mixed: one to three paragraphs as they should be and one to three damaged ones by turns; \
articles of at least four paragraphs.

## Good text that must stay as it is

{good}

## Speed

{speed}

One process, characters of the right text. Detection looks at a sample; text that was read \
wrong is judged line by line.
"""


Arrived = TypeVar("Arrived", bytes, str)


class Case(NamedTuple, Generic[Arrived]):
    """A form in which a text may arrive, and how to produce it."""

    label: str
    names: tuple[str, ...]
    damage: Callable[[str], Arrived]
    capitals: bool = True  # whether capitals can be restored


def undo(damaged: bytes | str) -> Decoded:
    return decode(damaged) if isinstance(damaged, bytes) else repair_text(damaged)


def in_codec(codec: str) -> Callable[[str], bytes]:
    return lambda text: text.encode(codec)


def misread(encoder: Callable[[str], bytes]) -> Callable[[str], str]:
    return lambda text: read_as_windows_1252(encoder(text))


def from_bytes() -> Iterator[Case[bytes]]:
    for name, encoders in ENCODERS.items():
        for encoder in encoders:
            note = DESCRIPTIONS.get(encoder.__name__)
            label = f"{name}, {note}" if note else name
            yield Case(label, (name,), encoder, encoder is not tcvn3_small)
    names = ("UTF-16LE", "UTF-16BE")
    for name in names:
        yield Case(f"{name} without a mark", (name,), in_codec(name))
    yield Case("UTF-16 with a mark", names, in_codec("UTF-16"))
    yield Case("UTF-8", ("UTF-8",), in_codec("UTF-8"))


def from_text() -> Iterator[Case[str]]:
    for case in from_bytes():
        if not case.names[0].startswith("UTF-") and case.names != ("VIQR",):
            yield Case(
                f"{case.label}, read as windows-1252",
                tuple(f"{name} read as windows-1252" for name in case.names),
                misread(case.damage),
                case.capitals,
            )
    name = ("UTF-8 read as windows-1252",)
    yield Case(name[0], name, misread(in_codec("UTF-8")))
    yield Case("UTF-8 read as Latin-1", name, lambda text: text.encode().decode("latin-1"))
    yield Case("VIQR", ("VIQR",), lambda text: viqr(text).decode())


def mixed(text: str, damage: Callable[[str], str], draw: random.Random) -> str:
    """Damage every second run of one to three paragraphs."""
    lines = text.split("\n")
    place, damaged = 0, draw.random() < 0.5
    while place < len(lines):
        end = place + draw.randint(1, 3)
        if damaged:
            lines[place:end] = map(damage, lines[place:end])
        place, damaged = end, not damaged
    return "\n".join(lines)


def measure(case: Case[Arrived], texts: Iterable[str]) -> list[str]:
    """Return the percentages restored and named right, and the number wrong but certain."""
    count = back = named = wrong = 0
    for text in texts:
        damaged = case.damage(text)
        found = undo(damaged)
        right = found.text == text or (
            not case.capitals and found.text.casefold() == text.casefold()
        )
        count += 1
        back += right
        wrong += found.confidence >= MIN_CONFIDENCE and not right
        # ASCII text is the same in all encodings.
        named += found.encoding in case.names or text.isascii() or same_bytes(damaged, found)
    return [f"{100 * back / count:.2f}", f"{100 * named / count:.2f}", str(wrong)]


def same_bytes(damaged: bytes | str, found: Decoded) -> bool:
    """Tell whether the detected encoding writes the text in the same bytes."""
    name = found.encoding.removesuffix(" read as windows-1252")
    for encoder in ENCODERS.get(name, ()):
        data = encoder(fitting(found.text))
        if (data if isinstance(damaged, bytes) else read_as_windows_1252(data)) == damaged:
            return True
    return False


def table(head: list[str], rows: Iterable[list[str]]) -> str:
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def false_alarms(label: str, texts: Iterable[str]) -> list[str]:
    count = size = alarms = 0
    for text in texts:
        count += 1
        size += len(text)
        alarms += repair_text(text).text != text
    return [label, f"{count:,}", f"{size / 1e6:.1f}", str(alarms)]


def python_sources() -> Iterator[str]:
    for path in sorted(Path(sysconfig.get_paths()["stdlib"]).rglob("*.py")):
        if "site-packages" not in path.parts and "dist-packages" not in path.parts:
            try:
                yield path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue  # Python's tests of other encodings


def unmarked(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text.translate(str.maketrans("đĐ", "dD")))
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def rate(case: Case[Arrived], texts: list[str]) -> list[str]:
    damaged = [case.damage(text) for text in texts]
    started = perf_counter()
    for text in damaged:
        undo(text)
    seconds = perf_counter() - started
    return [case.label, f"{sum(map(len, texts)) / 1e6 / seconds:.2f}"]


def articles(corpus: Path, count: int) -> tuple[list[str], int]:
    with gzip.open(corpus, "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines]
    usable = [text for text in texts if len(text) >= SHORT_CODE_POINTS]
    return random.Random(SEED).sample(usable, min(count, len(usable))), len(texts)


def piece(text: str, draw: random.Random) -> str:
    size = draw.randint(SHORT_CODE_POINTS, LONG_CODE_POINTS)
    start = draw.randrange(max(1, len(text) - size + 1))
    return text[start : start + size]


def page(texts: list[str], total: int, day: str) -> str:
    draw = random.Random(SEED)
    written = [fitting(text) for text in texts]
    long = [text for text in written if len(text) > LONG_CODE_POINTS]
    short = [piece(text, draw) for text in written]
    paragraphs = [text for text in written if text.count("\n") >= 3]
    head = ["", *(f"{size}: {what}" for size in ("long", "short")
                  for what in ("back, %", "named, %", "sure, wrong"))]  # fmt: skip
    byte_rows = [
        [case.label, *measure(case, long), *measure(case, short)] for case in from_bytes()
    ]
    text_rows = [
        [case.label, *measure(case, long), *measure(case, short)] for case in from_text()
    ]
    for label, encoder in (
        ("VNI-Windows", vni),
        ("TCVN3", tcvn3),
        ("UTF-8", in_codec("utf-8")),
    ):
        name = f"{label} read as windows-1252"
        mixture = Case(
            f"Mixed: Unicode and {name}",
            (name, f"Unicode, {name}", "Unicode"),
            partial(mixed, damage=misread(encoder), draw=draw),
        )
        text_rows.append([mixture.label, *measure(mixture, paragraphs), *"–––"])
    decomposed = (unicodedata.normalize("NFD", text) for text in texts)
    good = [
        false_alarms("The articles", texts),
        false_alarms("The articles, decomposed (NFD)", decomposed),
        false_alarms("The pieces", short),
        false_alarms("The articles without marks", map(unmarked, texts)),
        false_alarms("Sources of Python's standard library", python_sources()),
    ]
    speed = [
        *(rate(case, long[:500]) for case in from_bytes() if case.label in TIMED),
        *(rate(case, long[:500]) for case in from_text() if case.label in TIMED),
        rate(Case("Good Unicode text (`repair_text`)", (), str), long),
    ]
    return PAGE.format(
        date=day,
        machine=machine(),
        python=sys.version.split()[0],
        documents=len(texts),
        total=total,
        long=LONG_CODE_POINTS,
        short=SHORT_CODE_POINTS,
        sure=MIN_CONFIDENCE,
        bytes=table(head, byte_rows),
        texts=table(head, text_rows),
        good=table(["", "texts", "million characters", "changed"], good),
        speed=table(["", "million characters a second"], speed),
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.encodings", description=__doc__)
    add = parser.add_argument
    add("--documents", type=int, default=2000, help="size of the sample; default: 2000")
    add("--corpus", type=Path, default=ROOT / CORPUS, help=f"default: {CORPUS}")
    add("--output", type=Path, help="default: only to the screen")
    add("--date", default=date.today().isoformat(), help="of the page; default: today")
    given = parser.parse_args()
    if not given.corpus.exists():
        parser.error(f"there is no corpus at {given.corpus}; name one with --corpus")
    text = page(*articles(given.corpus, given.documents), given.date)
    if given.output is not None:
        given.output.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
