"""Make a small collection with every kind of postings.

It has several segments, documents that were removed or replaced, long and empty texts, dates,
codes and abbreviations.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

import searchidx
from searchidx import Document

WORDS = (  # noqa: SIM905  # one a line would hide what follows
    "nghị quyết quyet Quyết định về ve quản quan lý li thị trường truong Đảng ủy uỷ ban nhân "
    "dân báo bao cáo công tác năm 2023 số 35 hoà hòa bình kỹ kĩ thuật phòng chống lũ lụt lut"
).split()
PHRASES = (
    "quản lý thị trường (QLTT)", "nghị quyết 35-NQ/TW", "Nghị định 15/2020/NĐ-CP",
    "họp. Sau đó", "ủy ban nhân dân (UBND)",
)  # fmt: skip
DATES = (None, None, "2023-07-24", "2022", "--05-25", "2021-11")


def documents(first: int, stop: int, seed: int) -> Iterator[Document]:
    """Return documents whose ids are D and their numbers."""
    chance = random.Random(seed)
    for number in range(first, stop):
        # Common words are far more common than rare ones, as in any text.
        words = [
            WORDS[int(len(WORDS) * chance.random() ** 2)] for _ in range(chance.randrange(40))
        ]
        if chance.random() < 0.4:
            words.insert(chance.randrange(len(words) + 1), chance.choice(PHRASES))
        yield Document(
            id=f"D{number}",
            title=" ".join(chance.choices(WORDS, k=chance.randrange(6))),
            body=" ".join(words) + f" vb{number % 7}",
            date=chance.choice(DATES),
            path=f"/reports/{number}.txt" if number % 3 else None,
            metadata={"number": number},
        )


def fill(index: searchidx.Index) -> None:
    """Commit the collection, which leaves segments with and without deletions."""
    index.add(documents(0, 160, seed=1))
    index.add(documents(160, 200, seed=2))
    index.remove([f"D{number}" for number in range(5, 160, 9)])
    index.add(documents(196, 206, seed=3))  # four of them in place of earlier ones
    index.add([Document(id="empty", body=""), Document(id="rare", body="độc nhất vô nhị")])
    index.remove(["rare"])
