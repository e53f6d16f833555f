"""Measure the conversion of raw Telex and VNI typing, right and wrong.

Run with: python -m benchmarks.keystrokes [--output FILE]

The benchmark restores every syllable from every order of its keys, as a sample does in
`tests/language/test_keystrokes.py`.  It applies
`searchidx.language.keystrokes.convert_keystrokes` to queries that were typed that way and to
queries that were not.
"""

from __future__ import annotations

import argparse
import gzip
import json
import pydoc_data.topics
import random
import re
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

from searchidx.evaluation import without_marks
from searchidx.language.keystrokes import InputMethod, convert_keystrokes, syllable_from_keys
from searchidx.language.phonology import is_vietnamese, syllables
from searchidx.language.syllable_forms import marked
from tests.language.typists import key_orders, ordinary

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"
METHODS: tuple[InputMethod, ...] = ("Telex", "VNI")
CUTS = 50_000
TYPED = 3_000
_LETTERS = re.compile(r"[^\W\d_]+")
Typist = Callable[[str, InputMethod], str]


def lines(path: str) -> Iterator[dict[str, str]]:
    opener = gzip.open if path.endswith(".gz") else open
    with opener(SHARED / path, "rt", encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def cuts(
    texts: Sequence[str], count: int, shortest: int = 1, longest: int = 5
) -> Iterator[str]:
    """Yield queries of consecutive words, the same in every run."""
    generator = random.Random(1)
    chunks = [words for words in map(str.split, texts) if len(words) >= shortest]
    for _ in range(count):
        words = generator.choice(chunks)
        length = generator.randint(shortest, min(longest, len(words)))
        start = generator.randint(0, len(words) - length)
        yield " ".join(words[start : start + length])


@cache
def orders(syllable: str, method: InputMethod) -> list[str]:
    return sorted(key_orders(syllable, method))


_GENERATOR = random.Random(2)


def any_order(syllable: str, method: InputMethod) -> str:
    return _GENERATOR.choice(orders(syllable, method))


def typed(text: str, method: InputMethod, typist: Typist) -> str:
    """Return a text as someone types it whose input method is off."""

    def keys(match: re.Match[str]) -> str:
        word = match.group()
        return typist(word.lower(), method) if is_vietnamese(word) else word

    return _LETTERS.sub(keys, unicodedata.normalize("NFC", text))


def coming_back() -> Iterator[str]:
    yield "| method | syllables | key orders | not restored | µs each |"
    yield "|---|---|---|---|---|"
    everything = list(syllables())
    for method in METHODS:
        count = wrong = 0
        seconds = 0.0
        for syllable in everything:
            all_keys = orders(syllable, method)
            begun = time.perf_counter()
            found = [syllable_from_keys(keys, method) or keys for keys in all_keys]
            seconds += time.perf_counter() - begun
            count += len(found)
            wrong += sum(marked(one) != marked(syllable) for one in found)
        each = seconds / count * 1e6
        yield f"| {method} | {len(everything):,} | {count:,} | {wrong:,} | {each:.0f} |"


def of_typed(questions: Sequence[str], titles: Sequence[str]) -> Iterator[str]:
    yield "| queries | typed | number | converted, % | syllable for syllable, % |"
    yield "|---|---|---|---|---|"
    sets: dict[str, Sequence[str]] = {"questions": questions, "titles": titles[:TYPED]}
    lower = [" ".join(_LETTERS.findall(title.lower())) for title in titles]
    for length in (1, 2, 3, 4):
        sets[f"titles, cut to {length}"] = list(cuts(lower, TYPED, length, length))
    ways: dict[str, Typist] = {"as taught": ordinary, "in any order": any_order}
    for name, texts in sets.items():
        for method in METHODS:
            for way, typist in ways.items():
                count = converted = restored = 0
                for text in texts:
                    keys = typed(text, method, typist)
                    if keys == unicodedata.normalize("NFC", text) or not keys.isascii():
                        continue  # nothing to convert, or marks that no key types
                    count += 1
                    result = convert_keystrokes(keys)
                    if result is not None:
                        converted += 1
                        words = _LETTERS.findall(unicodedata.normalize("NFC", text))
                        back = _LETTERS.findall(result.text)
                        restored += list(map(marked, words)) == list(map(marked, back))
                yield (
                    f"| {name} | {method}, {way} | {count:,} | {converted / count:.1%} "
                    f"| {restored / count:.1%} |"
                ).replace("%", "")


def of_others(questions: Sequence[str], titles: Sequence[str]) -> Iterator[str]:
    passages = [
        record["text"]
        for folder in ("xquad_vi", "mlqa_vi_dev")
        for record in lines(f"relevance/{folder}/docs.jsonl")
    ]
    english = [re.sub(r"[^\w\s'.,-]", " ", text) for text in pydoc_data.topics.topics.values()]
    plain = [without_marks(question) for question in questions]
    names = [without_marks(title) for title in titles]
    sets: dict[str, Iterable[str]] = {
        "questions as typed": questions,
        "questions without marks": plain,
        "their ASCII words, each alone": {
            w for q in questions for w in q.split() if w.isascii()
        },
        "their words without marks, each alone": {w for q in plain for w in q.split()},
        "titles as typed": titles,
        "titles without marks": set(names),
        "titles without marks, small letters": {name.lower() for name in names},
        "their words, each alone": {word for name in names for word in name.lower().split()},
        "1 to 5 words of titles": cuts([name.lower() for name in names], CUTS),
        "1 to 5 words of encyclopedia articles": cuts(
            [without_marks(passage).lower() for passage in passages], CUTS
        ),
        "1 to 5 words of English": cuts([text.lower() for text in english], CUTS),
        "English words, each alone": {
            word for text in english for word in text.lower().split()
        },
    }
    yield "| queries | number | converted | which, at most 5 | µs each |"
    yield "|---|---|---|---|---|"
    for name, queries in sets.items():
        every = sorted(queries)
        begun = time.perf_counter()
        converted = Counter(query for query in every if convert_keystrokes(query) is not None)
        each = (time.perf_counter() - begun) / len(every) * 1e6
        some = ", ".join(f"`{query}`" for query, _ in converted.most_common(5))
        yield f"| {name} | {len(every):,} | {converted.total():,} | {some} | {each:.0f} |"


def page() -> Iterator[str]:
    questions = [
        record["text"]
        for folder in ("xquad_vi", "mlqa_vi_dev")
        for record in lines(f"relevance/{folder}/queries.jsonl")
    ]
    titles = sorted({record["title"] for record in lines("corpora/phapdien.jsonl.gz")})
    random.Random(3).shuffle(titles)
    yield "# Raw keystrokes\n"
    yield (
        "Questions: XQuAD-vi and MLQA-vi (development). Titles: the codified law; cut to 2:\n"
        "two syllables in a row. Typed raw are those that need a key and hold no letter that\n"
        "no key types (`Bjørn`).\n"
    )
    yield "## Every syllable, in every order of keys\n"
    yield from coming_back()
    yield "\n## Queries typed raw\n"
    yield from of_typed(questions, titles)
    yield "\n## Queries that were not\n"
    yield from of_others(questions, titles)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.keystrokes", description=__doc__
    )
    parser.add_argument("--output", type=Path)
    output = parser.parse_args().output
    text = "\n".join(page()) + "\n"
    print(text)
    if output is not None:
        output.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
