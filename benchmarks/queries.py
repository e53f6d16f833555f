"""Cut a fixed list of short queries out of the titles of the indexed documents."""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from searchidx.evaluation import without_marks

SEED = 1
SHORTEST, LONGEST = 2, 5  # syllables
ATTEMPTS_PER_QUERY = 200

_SYLLABLE = re.compile(r"[^\W\d_]+")


class Query(NamedTuple):
    """A query, and the document whose title it was cut from."""

    text: str
    document_id: str
    stripped: bool


def derive(titles: Sequence[tuple[str, str]], count: int, seed: int = SEED) -> list[Query]:
    """Cut queries out of titles, given as (document id, title); every second is stripped.

    Each is 2 to 5 consecutive syllables, in lower case so that no engine takes one for an
    operator, and has at least one mark to lose. No two are the same without marks.
    """
    generator = random.Random(seed)
    queries: list[Query] = []
    seen: set[str] = set()
    for _ in range(count * ATTEMPTS_PER_QUERY if titles else 0):
        if len(queries) == count:
            break
        document_id, title = generator.choice(titles)
        syllables = _SYLLABLE.findall(unicodedata.normalize("NFC", title).lower())
        if len(syllables) < SHORTEST:
            continue
        length = generator.randint(SHORTEST, min(LONGEST, len(syllables)))
        start = generator.randint(0, len(syllables) - length)
        typed = " ".join(syllables[start : start + length])
        plain = without_marks(typed)
        if plain == typed or plain in seen:
            continue
        seen.add(plain)
        stripped = len(queries) % 2 == 1
        queries.append(Query(plain if stripped else typed, document_id, stripped))
    if len(queries) < count:
        raise ValueError(f"{len(titles)} titles give {len(queries)} queries, not {count}")
    return queries
