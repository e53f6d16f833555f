"""Fuzz the query language with texts of every kind, each with a time budget.

Run with: nice python -m benchmarks.fuzz_queries [--minutes N] [--index DIR] [--output FILE]

Each text is parsed, printed, parsed again and searched for.  This must raise no error, the
printed form must parse to an equal query, and the processor time must stay within the budget.
By default the index is a small one: the starter collection and random documents.
"""

from __future__ import annotations

import argparse
import datetime
import heapq
import platform
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import searchidx
from searchidx.search.query.query import MAX_CHARACTERS, parse_lenient

BUDGET_SECONDS: Final = 1.0
"""The processor time that a query may take on the small index."""
_SLOWEST_COUNT: Final = 10
_MAX_EXCERPT_CODE_POINTS: Final = 100
_WORDS: Final = (
    "nghị quyết nghi quyet định quản lý thị trường đảng ủy uỷ ban nhân dân báo cáo công tác "
    "phòng chống lũ lụt bão hoà bình kỹ thuật 35 2023 05 QLTT UBND nq tw cp của về và"
)
_PIECES: Final = (
    *(
        "OR",
        "or",
        "AND",
        "title:",
        "body:",
        "path:",
        "date:",
        "code:",
        "nguồn:",
        "so:",
        "sort:",
    ),
    *(
        "sort:date",
        "(",
        ")",
        '"',
        "“",
        "”",
        "«",
        "»",
        "-",
        "–",
        "*",
        "~",
        "~5",
        "~0",
        "~99999999",
    ),
    *(
        "\\",
        " ",
        "  ",
        "\t",
        "\n",
        "..",
        "<",
        "<=",
        ">",
        ">=",
        ":",
        ".",
        "/",
        "_",
        "\x00",
        "\x1b[2J",
    ),
    *(
        "2023",
        "2023-07",
        "24/7/2023",
        "2023-Q2",
        "35-NQ/TW",
        "30/2020/NĐ-CP",
        "nghị định 15/2020",
        "nq số 35",
        "năm 2023",
        "\u0301",
        "\u200b",
    ),
    *(
        "½",
        "İ",
        "ﬃ",
        "😀",
        "\ufeff",
        "中文",
        "nghij",
        "quyeets",
        "nghi5",
        "a",
        "ng*",
        "h*",
        "é",
        "\ud800",
        "\udfff",
    ),
    *(
        "title: ",
        "body: ",
        "path: ",
        "date: ",
        "code: ",
        "sort: ",
        "Title: ",
        "date: 2023",
        " .. ",
        " – ",
        "…",
        ",",
    ),
)
_MEANT: Final = (
    "nghi quyet 35 -bão",
    '"quản lý thị trường" date:2023',
    '"thị trường quản lý"~5 title:(nghị OR quyết) -path:2022',
    "(lũ OR bão) nguồn:vtv sort:date",
    "quy* -title:ngh* code:35-NQ/TW OR code:30/2020/NĐ-CP",
    "body:(công tác (phòng OR chống) -lũ) date:2022-10..2023-07",
    "nghij quyeets 35",
    "date: 2023, title: bão -path: 2022",
    "lũ date:2022 .. 2023. code: 35-NQ/TW; sort: date",
)


def words(chance: random.Random) -> str:
    """Return random words of the index, with repetitions."""
    return " ".join(chance.choices(_WORDS.split(), k=int(chance.expovariate(0.1)) + 1))


def pieces(chance: random.Random) -> str:
    """Return pieces of the query language in random order."""
    joint = chance.choice(["", " "])
    return joint.join(chance.choices(_PIECES, k=int(chance.expovariate(0.05)) + 1))


def characters(chance: random.Random) -> str:
    """Return random characters, lone surrogates included, some after the name of a field."""
    highest = chance.choice([0x7F, 0x24F, 0x1EFF, 0x2FFF, 0xDFFF, 0x10FFFF])
    found = [chance.randrange(highest) for _ in range(int(chance.expovariate(0.02)))]
    name = chance.choice(["", "", "title:", "-path:", "path: ", "nguồn:", "code:", "date: "])
    return name + "".join(map(chr, found))


def mutated(chance: random.Random) -> str:
    """Return sensible queries with random parts doubled, dropped or replaced."""
    text = " ".join(chance.choices(_MEANT, k=chance.randint(1, 4)))
    for _ in range(chance.randint(1, 8)):
        first, last = sorted(chance.choices(range(len(text) + 1), k=2))
        part = text[first:last]
        new = chance.choice(["", part * 2, chance.choice(_PIECES), part[::-1], part.upper()])
        text = text[:first] + new + text[last:]
    return text


def large(chance: random.Random) -> str:
    """Return a very long or deeply nested query, to test the limits."""
    many = chance.choice([30, 300, 3_000, 12_000])
    forms: list[Callable[[], str]] = [
        lambda: "(" * many + "lũ" + ")" * many,
        lambda: "-(lũ " * many + ")" * many,
        lambda: "(lũ OR " * many + "bão" + ")" * many,
        lambda: " OR ".join([words(chance)] * many),
        lambda: " ".join(f'"{words(chance)}"~{chance.randint(0, 200)}' for _ in range(many)),
        lambda: " ".join(f'-"{words(chance)}"' for _ in range(many)),
        lambda: " ".join(f"{chance.choice('abcdđeghiklmnopqrstuvxy')}*" for _ in range(many)),
        lambda: chance.choice(_PIECES) * many,
        lambda: " ".join([chance.choice(_PIECES)] * many),
        lambda: "".join(chance.choices(_PIECES, k=chance.randint(2, 4))) * many,
        lambda: " ".join(f"{chance.choice(_PIECES)}{n}" for n in range(many)),
        lambda: f'"{words(chance) * many}"~100',
        lambda: f"title:({words(chance) * many})",
        lambda: f"path:{'a' * many} nguồn:{'b' * many} code:{'1-' * many}",
    ]
    return chance.choice(forms)()[: 2 * MAX_CHARACTERS]


KINDS: Final[dict[str, Callable[[random.Random], str]]] = {
    "words": words,
    "pieces of the language": pieces,
    "any characters": characters,
    "mutated queries": mutated,
    "as much as fits": large,
}


@dataclass
class Tally:
    """The results of all queries so far.

    Attributes:
        counts: The number of queries of each kind.
        seconds: The total processor time of each kind.
        slowest: A heap of the slowest queries: seconds, a unique number, kind and text.
        failures: A description of each failure.
    """

    counts: Counter[str] = field(default_factory=Counter)
    seconds: dict[str, float] = field(default_factory=lambda: dict.fromkeys(KINDS, 0.0))
    slowest: list[tuple[float, int, str, str]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


def build(folder: Path, chance: random.Random) -> searchidx.Index:
    """Build the small index."""
    index = searchidx.create(folder)
    index.update(Path(__file__).parent.parent / "seeds")
    index.add(
        searchidx.Document(
            id=str(number),
            title=words(chance),
            body=". ".join(words(chance) for _ in range(chance.randint(0, 30))),
            date=chance.choice([None, "2023", "2023-07-24", "2022-10", "2019-01-01"]),
            path=f"/báo cáo/{2018 + number % 6}/{number}.txt",
            metadata={"nguồn": chance.choice(["VTV", "VOV", "Báo Nhân Dân"]), "số": number % 9},
        )
        for number in range(1_000)
    )
    return index


def ask(index: searchidx.Index, text: str, keys: frozenset[str], number: int) -> str | None:
    """Parse, print, parse again and search a text; return what went wrong, or None."""
    try:
        query, _ = parse_lenient(text, keys)
        printed = str(query)
        again, _ = parse_lenient(printed, keys)
        if again != query and len(printed) <= MAX_CHARACTERS:
            return f"printed as another query: {printed[:_MAX_EXCERPT_CODE_POINTS]!r}"
        index.search(
            text, exact=number % 5 == 0, sort="date" if number % 7 == 0 else "relevance"
        )
    except Exception as error:  # the fuzzer looks for errors of any kind
        return f"{type(error).__name__}: {error}"
    return None


def run(index: searchidx.Index, minutes: float, budget: float, seed: int) -> Tally:
    """Try random queries until the time is over.

    Args:
        index: The index to search.
        minutes: The running time.
        budget: The processor time that a query may take, in seconds.
        seed: The seed of the random texts.
    """
    chance = random.Random(seed)
    keys = frozenset({"nguon", "so"})
    tally = Tally()
    end = time.monotonic() + 60 * minutes
    while time.monotonic() < end:
        for kind, make in KINDS.items():
            text = make(chance)
            number = tally.counts.total()
            begun = time.process_time()
            wrong = ask(index, text, keys, number)
            taken = time.process_time() - begun
            tally.counts[kind] += 1
            tally.seconds[kind] += taken
            heapq.heappush(tally.slowest, (taken, number, kind, text))
            if len(tally.slowest) > _SLOWEST_COUNT:
                heapq.heappop(tally.slowest)
            if wrong is None and taken > budget:
                wrong = f"took {taken:.2f} s"
            if wrong is not None:
                tally.failures.append(
                    f"{wrong}: {text[:_MAX_EXCERPT_CODE_POINTS]!r} ({len(text):,} characters)"
                )
    return tally


def report(tally: Tally, documents: int, minutes: float, budget: float, seed: int) -> str:
    """Return the results as a Markdown page."""
    lines = [
        "# Queries of every kind",
        "",
        f"{datetime.date.today().isoformat()}, Python {platform.python_version()}; an index of "
        f"{documents:,} documents; {minutes:g} minutes, seed {seed}.",
        "Each text is parsed, printed, parsed again and searched for; for all that it",
        f"may take {budget:g} s of processor time.",
        f"Run: python -m benchmarks.fuzz_queries --minutes {minutes:g} --seed {seed}",
        "",
        "| texts | queries | mean, ms |",
        "|---|---|---|",
        *(
            f"| {kind} | {count:,} | {1000 * tally.seconds[kind] / count:.1f} |"
            for kind, count in tally.counts.items()
        ),
        f"| all | {tally.counts.total():,} | |",
        "",
        f"Errors, queries that were printed as others, and queries beyond the budget: "
        f"{len(tally.failures)}.",
        *([""] + [f"- {failure}" for failure in tally.failures[:50]] if tally.failures else []),
        "",
        "The slowest:",
        "",
        "| ms | texts | characters | begins |",
        "|---|---|---|---|",
        *(
            f"| {1000 * taken:.0f} | {kind} | {len(text):,} | `{_shown(text)}` |"
            for taken, _, kind, text in sorted(tally.slowest, reverse=True)
        ),
    ]
    return "\n".join(lines)


def _shown(text: str) -> str:
    return ascii(text[:50]).replace("|", "\\|").replace("`", "'")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--budget", type=float, default=BUDGET_SECONDS, help="seconds a query")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--index", type=Path, help="an index to search instead of a small one")
    parser.add_argument("--output", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        index = (
            searchidx.open(arguments.index)
            if arguments.index
            else build(Path(folder, "index"), random.Random(arguments.seed))
        )
        with index:
            tally = run(index, arguments.minutes, arguments.budget, arguments.seed)
            text = report(
                tally, len(index), arguments.minutes, arguments.budget, arguments.seed
            )
    sys.stdout.write(text + "\n")
    if arguments.output:
        arguments.output.write_text(text + "\n", encoding="utf-8")
    sys.exit(1 if tally.failures else 0)


if __name__ == "__main__":
    main()
