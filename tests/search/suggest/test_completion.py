"""Compare completions with counts of every occurrence in every text."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import searchidx
from searchidx import Document
from searchidx.language.tokenizer import tokenize_syllables
from searchidx.search.query.query import parse_syllables
from searchidx.search.suggest.completion import Completer
from searchidx.store import Store
from tests.search.rewrite.test_diacritics import bodies, reader_of


@pytest.fixture
def office(index: searchidx.Index) -> searchidx.Index:
    index.add(
        Document(id=f"{kind}{n}", title="Thông báo", body=body)
        for count, kind, body in [
            (9, "market", "Nghị quyết về quản lý thị trường trong nước năm nay"),
            (7, "decision", "Quyết định xử phạt vi phạm hành chính của Chi cục Quản lý thuế"),
            (5, "holiday", "Thông báo nghỉ lễ Quốc khánh, quyết định lịch trực"),
            (3, "road", "Đảng ủy họp bàn về đường bộ"),
        ]
        for n in range(count)
    )
    return index


def inserted(index: searchidx.Index | Completer, text: str, limit: int = 8) -> list[str]:
    found = index.complete(text, limit=limit)
    for each in found:
        assert each.text == text[: each.start] + each.insert
        assert each.count > 0
    assert len(found) <= limit
    return [each.insert for each in found]


def test_a_syllable_is_completed_by_the_one_before(office: searchidx.Index) -> None:
    assert inserted(office, "nghi q")[0].startswith("quyết về quản lý")
    assert inserted(office, "nghị qu")[0].startswith("quyết về quản lý")
    assert inserted(office, "thi tr")[0].startswith("trường trong nước")
    assert inserted(office, "xu ph")[0] == "phạt vi phạm hành chính của"


def test_what_branches_is_offered_up_to_there_and_beyond(office: searchidx.Index) -> None:
    found = inserted(office, "quan l")
    assert found[:2] == ["lý thị trường trong nước năm", "lý thuế"]
    office.add(
        Document(id=f"x{n}", body=body)
        for n, body in enumerate([*["đất đai"] * 4, *["đất rừng"] * 3, "đất đá", "đất nền"])
    )
    assert inserted(office, "đất") == ["đất đai", "đất rừng"]
    assert inserted(office, "dat") == ["đất", "đất đai", "đất rừng"]


def test_two_syllables_before_tell_more_than_one(office: searchidx.Index) -> None:
    # định follows quyết more often than về does, but not behind nghị.
    assert inserted(office, "nghị quyết ")[0].startswith("về")
    assert inserted(office, "lễ quốc khánh quyet ")[0].startswith("định")


def test_at_the_beginning_the_commonest_come_first(office: searchidx.Index) -> None:
    found = office.complete("qu")
    assert {each.insert.split()[0] for each in found} == {"quyết", "quản", "quốc"}
    assert found[0].insert.startswith("quyết")  # 21 reports; quản is in 16, quốc in 5
    assert [each.count for each in found] == sorted((e.count for e in found), reverse=True)
    assert inserted(office, "") == inserted(office, "   ") == []
    assert inserted(office, "xqz") == []


def test_marks_that_were_typed_are_kept(office: searchidx.Index) -> None:
    assert {each.split()[0] for each in inserted(office, "đ")} == {"định", "đảng", "đường"}
    assert {each.split()[0] for each in inserted(office, "đươ")} == {"đường"}
    assert {each.split()[0] for each in inserted(office, "đa\u0309")} == {"đảng"}
    assert {each.split()[0] for each in inserted(office, "d")} == {"định", "đảng", "đường"}
    assert inserted(office, "đã") == []


def test_only_the_words_of_a_query_are_completed(office: searchidx.Index) -> None:
    for text in (
        "date:2",
        "-code:n",
        "(date:q",
        'code:"nghi q',
        "PATH:q",
        "path:«nghi q",
        "sort: d",
        "date: 20",
        "date:2020 .. 20",
        "code: 15/2020/n",
    ):
        assert inserted(office, text) == []
    # What stands there already is not offered, in capitals neither.
    assert "quyết" not in inserted(office, "NGHỊ QUYẾT")
    assert office.complete("title:ngh")[0].text.startswith("title:ngh")
    assert office.complete('"thi tr')[0].text.startswith('"thi trường')
    assert office.complete("thi tr", limit=0) == ()
    assert inserted(office, "x" * 10_001) == []
    assert inserted(office, "\udcff") == []


def test_an_empty_index_has_nothing_to_say(index: searchidx.Index) -> None:
    assert index.complete("ngh") == index.complete("nghi ") == ()


@pytest.mark.slow
@settings(max_examples=30, deadline=None)
@given(bodies, st.integers(1, 3), st.sampled_from(["", "n", "t", "th", "q", "z"]))
def test_followers_are_those_of_the_texts(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], parts: int, prefix: str
) -> None:
    folder = tmp_path_factory.mktemp("followers")
    reader = reader_of(folder, *(tuple(texts[at::parts]) for at in range(parts)))
    tokens = [tokenize_syllables(text) for text in texts]
    folded = {
        marked: form
        for text in tokens
        for marked, form in zip(text.marked, text.folded, strict=True)
    }
    alone = Counter(form for text in tokens for form in set(text.marked))
    for first in ("nghị", "thi", "xyz"):
        expected = Counter(
            pair[1]
            for text in tokens
            for pair in set(itertools.pairwise(text.marked))
            if pair[0] == first and folded[pair[1]].startswith(prefix)
        )
        found = reader.vocabulary.followers(first, prefix, 20)
        assert dict(zip(found.forms, found.counts.tolist(), strict=True)) == expected
        assert (np.diff(found.counts) <= 0).all()
        few = reader.vocabulary.followers(first, prefix, 3)
        assert few.counts.tolist() == found.counts[:3].tolist()
    found = reader.vocabulary.most_common_with_prefix(prefix, 20)
    assert dict(zip(found.forms, found.counts.tolist(), strict=True)) == {
        form: count for form, count in alone.items() if folded[form].startswith(prefix)
    }
    # What follows at each place, against the texts themselves, over all segments at once.
    read = np.arange(reader.size, dtype=np.int32)
    for terms in ([("marked", "nghị"), ("marked", "quyết")], [("folded", "thi")]):
        owners, following = reader.positions.continuations(terms, read, 2)
        assert owners.dtype == following.dtype == np.int32
        rows = [reader.positions.syllable_texts(row) for row in following.tolist()]
        found_there = [
            (reader.head(owner).id, row)
            for owner, row in zip(owners.tolist(), rows, strict=True)
        ]
        in_order = [text for part in range(parts) for text in texts[part::parts]]
        assert found_there == [
            (str(number), (*marked, "", "")[place + len(terms) :][:2])
            for number, text in enumerate(in_order)
            for marked in [tokenize_syllables(text).marked]
            for place in places_of(terms, text)
        ]


def places_of(terms: Sequence[tuple[str, str]], text: str) -> list[int]:
    """Return where a text has these syllables in a row; each is given with its view."""
    tokens = tokenize_syllables(text)
    views = {"folded": tokens.folded, "marked": tokens.marked}
    return [
        place
        for place in range(len(tokens.marked) - len(terms) + 1)
        if all(views[view][place + at] == form for at, (view, form) in enumerate(terms))
    ]


def terms_of(query: str, texts: Sequence[str]) -> list[tuple[str, str]]:
    """Return the terms of the syllables of a query: with marks if some text has them."""
    return [
        ("marked", syllable.marked)
        if (syllable.has_marks or syllable.folded.isdecimal())
        and any(syllable.marked in tokenize_syllables(text).marked for text in texts)
        else ("folded", syllable.folded)
        for syllable in parse_syllables(query)
    ]


def naive_continuations(
    texts: Sequence[str], query: str, typed: str
) -> tuple[int, dict[str, int]]:
    """Return how many syllables before the end count, and the texts with each continuation.

    The slow, obvious way: of the longest end of the query behind which anything stands that
    begins as typed.
    """
    terms = terms_of(query, texts)[-4:]
    for first in range(len(terms)):
        own = terms[first:]
        found: Counter[str] = Counter()
        for text in texts:
            tokens = tokenize_syllables(text)
            found.update(
                {
                    tokens.marked[place + len(own)]
                    for place in places_of(own, text)
                    if place + len(own) < len(tokens.marked)
                    and tokens.folded[place + len(own)].startswith(typed)
                }
            )
        if found:
            return len(own), found
    return 0, {}


words_typed = st.lists(
    st.sampled_from(
        ["nghị", "nghi", "quyết", "quyet", "quyêt", "thi", "thị", "truong", "5", "xa"]
    ),
    min_size=1,
    max_size=5,
).map(" ".join)


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(bodies, st.integers(1, 3), words_typed, st.sampled_from(["", "n", "t", "th", "q", "z"]))
def test_what_is_offered_stands_in_the_texts_as_often_as_is_said(
    tmp_path_factory: pytest.TempPathFactory,
    texts: list[str],
    parts: int,
    query: str,
    typed: str,
) -> None:
    folder = tmp_path_factory.mktemp("completion")
    reader = reader_of(folder, *(tuple(texts[at::parts]) for at in range(parts)))
    found = Completer(reader).complete(f"{query} {typed}", limit=100)
    length, expected = naive_continuations(texts, query, typed)
    if not length:  # then nothing before tells anything
        assert found == () or typed
        return
    counts = {each.insert: each.count for each in found}
    terms = terms_of(query, texts)[-length:]
    for insert, count in counts.items():
        phrase = [*terms, *(("marked", form) for form in insert.split())]
        assert count == sum(bool(places_of(phrase, text)) for text in texts)
    assert {insert.split()[0] for insert in counts} == set(expected) - {typed}
    assert [each.count for each in found] == sorted(counts.values(), reverse=True)
    few = Completer(reader).complete(f"{query} {typed}", limit=2)
    assert [each.count for each in few] == [each.count for each in found[:2]]
    # Of a sample the counts are estimates, but nothing is offered that no text holds.
    for each in Completer(reader, sample_docs=1).complete(f"{query} {typed}", limit=100):
        last = (
            terms_of(query, texts)[-1:] if naive_continuations(texts, query, typed)[0] else []
        )
        phrase = [*last, *(("marked", form) for form in each.insert.split())]
        assert any(places_of(phrase, text) for text in texts)
        assert 1 <= each.count <= len(texts)


def test_all_that_was_typed_tells_what_comes_next(index: searchidx.Index) -> None:
    index.add(
        Document(id=f"{kind}{n}", body=body)
        for count, kind, body in [
            (6, "use", "Người dân được cấp quyền sử dụng đất ở nông thôn"),
            (9, "drug", "Xử lý người sử dụng trái phép vũ khí thô sơ"),
            (5, "price", "Thu thuế giá trị gia tăng hàng tháng"),
            (9, "worth", "Bảo tồn giá trị đạo đức của gia đình"),
            (8, "court", "Viện kiểm sát nhân dân tối cao họp"),
            (4, "office", "Ủy ban nhân dân xã Tân Lập báo cáo"),
        ]
        for n in range(count)
    )
    assert inserted(index, "quyền sử dụng ")[0].startswith("đất")
    assert not any("trái" in each for each in inserted(index, "quyền sử dụng "))
    assert inserted(index, "quyen su dung t") == inserted(index, "dung t")  # no report has it
    assert inserted(index, "sử dụng ")[0].startswith("trái phép")
    for typed in ("thuế giá trị ", "thue gia tri g", "thuế gia trị ", "thuê gia tri "):
        assert inserted(index, typed)[0].startswith("gia tăng")
    assert inserted(index, "giá trị gia ") == ["tăng hàng tháng"]
    assert inserted(index, "uy ban nhan dan ") == ["xã tân lập báo cáo"]
    assert index.complete("uy ban nhan dan x")[0].count == 4
    assert inserted(index, "nhân dân ")[0] == "tối cao họp"
    # Marks that no report has there do not stand in the way.
    assert inserted(index, "gia tri đao ") == inserted(index, "gia tri đạo ")


def test_what_a_sample_lacks_is_looked_for_by_its_letters(index: searchidx.Index) -> None:
    index.add(
        Document(
            id=str(n), body="Báo cáo của phòng lao động" if n == 33 else "Lịch của phòng họp"
        )
        for n in range(50)
    )
    completer = Completer(Store(index.path).reader(), sample_docs=4)
    assert inserted(completer, "của phòng ") == ["họp"]
    assert completer.complete("của phòng ", limit=8)[0].count == 49
    assert inserted(completer, "của phòng l") == inserted(completer, "cua phong l") == ["lao"]
    assert completer.complete("cua phong l", limit=8)[0].count == 1


def test_a_code_is_completed_to_codes(index: searchidx.Index) -> None:
    index.add(
        Document(id=f"{code}{n}", body=f"Theo Nghị quyết số {code} trong 35 ngày")
        for code, count in (("35-NQ/TW", 3), ("35-NĐ/HU", 2), ("35/2024/QĐ-UBND", 4))
        for n in range(count)
    )
    assert inserted(index, "35-N") == ["35-NQ/TW", "35-NĐ/HU"]
    assert index.complete("theo nghi quyet 35-nq")[0].text == "theo nghi quyet 35-NQ/TW"
    assert inserted(index, "35/20") == inserted(index, "35/") == ["35/2024/QĐ-UBND"]
    assert inserted(index, "35-X") == inserted(index, "35-NQ/TW") == []
    assert inserted(index, "(trong\t35-n") == inserted(index, "35-n")
    assert inserted(index, "trong 35 n") == ["ngày"]
    assert inserted(index, "1/" * 490 + " x") == inserted(index, "1/" * 490) == []
