"""Compare similar documents with those computed from the texts themselves."""

from __future__ import annotations

import math
from collections import defaultdict
from itertools import count, pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import searchidx
from searchidx.document import Document
from searchidx.language.codes import find_codes
from searchidx.search.match.bm25f import Scorer
from searchidx.search.rank.more_like_this import (
    ExampleDocument,
    interesting_terms,
    rank_similar,
)
from searchidx.search.ranking_model import DEFAULT_RANKING, RankingModel
from searchidx.store import Reader
from tests.search.match.naive_boolean import forms
from tests.search.naive import WEIGHTS
from tests.store.contents import committed

K3 = DEFAULT_RANKING.like_k3
SHARES = {
    "folded_pair": DEFAULT_RANKING.like_pair_weight,
    "folded": DEFAULT_RANKING.like_syllable_weight,
    "code": DEFAULT_RANKING.like_code_weight,
}

WORDS = ["nghị", "quyết", "của", "Của", "kho", "đường", "duong", "35-NQ/TW", "12/2020/NĐ-CP"]
texts = st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join)
collections = st.lists(
    st.lists(st.tuples(texts, texts), min_size=1, max_size=5), min_size=1, max_size=3
)


def written(folder: str, commits: list[list[tuple[str, str]]]) -> Reader:
    numbers = count()
    return committed(
        folder,
        *(
            [Document(id=str(next(numbers)), title=title, body=body) for title, body in commit]
            for commit in commits
        ),
    )


def terms(text: str, view: str) -> list[str]:
    if view == "code":
        return [code.canonical for code in find_codes(text)]
    single = forms(text, False)
    return single if view == "folded" else [" ".join(two) for two in pairwise(single)]


def naive_terms(
    documents: list[Document], example: Document, own: Document | None
) -> dict[tuple[str, str], float]:
    """Return the weight of each term of an example.

    Args:
        documents: The documents of the index.
        example: The example.
        own: The document of the index with its id, or None.
    """
    others = [document for document in documents if document is not own]
    found = {}
    for view in SHARES:
        frequencies: defaultdict[str, float] = defaultdict(float)
        for field, weight in WEIGHTS.items():
            for term in terms(getattr(example, field), view):
                frequencies[term] += weight
        for term, frequency in frequencies.items():
            counts = [
                sum(term in terms(getattr(d, field), view) for d in documents)
                for field in WEIGHTS
            ]
            if view == "code":
                counts = [
                    sum(
                        any(term in terms(getattr(d, f), view) for f in WEIGHTS)
                        for d in documents
                    )
                ]
                frequency = 1
            count = max(counts)
            if not any(
                term in terms(getattr(d, field), view) for d in others for field in WEIGHTS
            ):
                continue
            idf = math.log(1 + (len(documents) - count + 0.5) / (count + 0.5))
            weight = SHARES[view] * idf * (K3 + 1) * frequency / (K3 + frequency)
            found[view, term] = weight
    return found


def naive_scores(
    documents: list[Document], weights: dict[tuple[str, str], float]
) -> dict[str, float]:
    lengths = {
        field: [len(forms(getattr(d, field), False)) for d in documents] for field in WEIGHTS
    }
    scores: defaultdict[str, float] = defaultdict(float)
    for (view, term), weight in weights.items():
        for at, document in enumerate(documents):
            if view == "code":
                named = [t for f in WEIGHTS for t in terms(getattr(document, f), view)]
                scores[document.id] += weight * (term in named)
                continue
            tf = 0.0
            for field, share in WEIGHTS.items():
                average = sum(lengths[field]) / len(documents) or 1.0
                norm = 1 - 0.75 + 0.75 * lengths[field][at] / average
                tf += share * terms(getattr(document, field), view).count(term) / norm
            scores[document.id] += weight * 2.2 * tf / (1.2 + tf)
    return {id_: score for id_, score in scores.items() if score}


@pytest.mark.slow
@settings(max_examples=30)
@given(collections, st.data())
def test_what_is_like_a_document_is_what_the_formula_says(
    commits: list[list[tuple[str, str]]], data: st.DataObject
) -> None:
    with TemporaryDirectory() as folder:
        reader = written(folder, commits)
        documents = [reader.document(number) for number in range(reader.size)]
        number = data.draw(st.none() | st.integers(0, reader.size - 1))
        if number is None:
            title, body = data.draw(texts), data.draw(texts)
            document = Document(id="another", title=title, body=body)
            example = ExampleDocument.from_document(reader, document)
        else:
            document = documents[number]
            example = ExampleDocument.from_index(reader, number)
            same = ExampleDocument.from_document(reader, document)
            assert interesting_terms(reader, same) == interesting_terms(reader, example)
            if data.draw(st.booleans()):
                document = Document(
                    id=str(number), title=data.draw(texts), body=data.draw(texts)
                )
                example = ExampleDocument.from_document(reader, document)
        found = interesting_terms(reader, example)
        own = None if number is None else documents[number]
        expected = naive_terms(documents, document, own)
        assert len(expected) <= DEFAULT_RANKING.like_max_terms
        assert {(each.view, each.term): each.weight for each in found} == pytest.approx(
            expected
        )
        assert [each.weight for each in found] == sorted(
            (each.weight for each in found), reverse=True
        )
        whole = rank_similar(reader, Scorer(reader), found, limit=100, without=number)
        scores = naive_scores(documents, expected)
        if number is not None:
            scores.pop(str(number), None)
        assert whole.total == len(scores)
        ids = [documents[n].id for n in whole.doc_ids.tolist()]
        assert dict(zip(ids, whole.scores.tolist(), strict=True)) == pytest.approx(scores)
        order = sorted(scores, key=lambda id_: (-round(scores[id_], 9), int(id_)))
        assert [round(scores[id_], 9) for id_ in ids] == [round(scores[i], 9) for i in order]
        part = rank_similar(reader, Scorer(reader), found, limit=2, without=number)
        assert part.doc_ids.tolist() == whole.doc_ids.tolist()[:2]


SEARCHED = "Đội 4 kiểm tra kho đường nhập lậu ở thị trấn, theo 12/2020/NĐ-CP, và lập biên bản."
REPORTS = [
    Document(
        id="kho-1",
        title="Kiểm tra kho đường nhập lậu",
        body=SEARCHED,
        metadata={"organ": "Đội 4"},
    ),
    Document(
        id="kho-1-ban-sao",
        title="Kiểm tra kho đường nhập lậu",
        body=SEARCHED,
    ),
    Document(
        id="kho-2",
        title="Thu giữ đường nhập lậu",
        body="Tám tấn đường nhập lậu bị thu giữ trong một kho hàng ven sông.",
    ),
    Document(id="luat", title="", body="Điều khoản viện dẫn 12/2020/NĐ-CP còn hiệu lực."),
    Document(
        id="tiem", title="Tiêm chủng", body="Trạm y tế tiêm chủng cho trẻ em sáng thứ bảy."
    ),
]


def test_what_says_nearly_the_same_comes_after_the_others(index: searchidx.Index) -> None:
    index.add(REPORTS)
    found = index.like("kho-1")
    assert [hit.id for hit in found] == ["kho-2", "luat", "kho-1-ban-sao"]
    assert [hit.rank for hit in found] == [1, 2, 3]
    assert found.total == found.total_complete == 3
    assert [hit.id for hit in index.like("kho-1", limit=1, offset=1)] == ["luat"]
    shown = found[0]
    words = {shown.snippet.text[a:b].lower() for a, b in shown.snippet.highlights}
    assert "đường" in " ".join(words)
    assert "lậu" in " ".join(words)


def test_any_text_may_be_the_example(index: searchidx.Index) -> None:
    index.add(REPORTS)
    text = Document(id="text", body="Trẻ em đi tiêm chủng")
    assert [hit.id for hit in index.like(text)] == ["tiem"]
    assert len(index.like(Document(id="text", body="…"))) == 0
    changed = Document(id="tiem", body="đường nhập lậu")
    assert "tiem" not in [hit.id for hit in index.like(changed)]


def test_one_syllable_is_enough_of_an_example(index: searchidx.Index) -> None:
    index.add(REPORTS)
    assert [hit.id for hit in index.like(Document(id="text", body="tiêm"))] == ["tiem"]


def test_a_title_is_like_a_body_that_says_the_same(index: searchidx.Index) -> None:
    text = "dưa hấu Tân Phú"
    index.add(Document(id=f"khac-{n}", body=f"chuyện khác {n}") for n in range(5))
    index.add([Document(id="tit", title=text, body=""), Document(id="tin", body=text)])
    assert [hit.id for hit in index.like("tit")] == ["tin"]
    assert [hit.id for hit in index.like("tin")] == ["tit"]


def test_an_example_may_say_something_else_than_the_report_of_its_id(
    index: searchidx.Index,
) -> None:
    index.add(Document(id=f"khac-{n}", body=f"chuyện khác {n}") for n in range(5))
    index.add([Document(id="a", body="lịch trực"), Document(id="b", body="dưa hấu 7/QĐ-TP")])
    for id_ in ("a", "new"):
        assert [hit.id for hit in index.like(Document(id=id_, body="dưa hấu"))] == ["b"]
        assert [hit.id for hit in index.like(Document(id=id_, body="7/QĐ-TP"))] == ["b"]
    assert len(index.like(Document(id="a", body="lịch trực"))) == 0


def test_an_empty_index_has_nothing_alike(index: searchidx.Index) -> None:
    assert len(index.like(Document(id="text", title="Kho", body="kho đường"))) == 0
    assert index.facets("kho", "year")[0].values == 0


def test_what_is_left_when_enough_was_read_is_not_looked_for(
    tmp_path: Path,
) -> None:
    model = RankingModel(like_max_postings=0, like_code_weight=20.0)
    index = searchidx.create(tmp_path / "index", ranking=model)
    index.add(REPORTS)
    # The code weighs most, and it alone is read.
    assert [hit.id for hit in index.like("kho-1")] == ["luat", "kho-1-ban-sao"]


def test_removed_documents_are_like_nothing(index: searchidx.Index) -> None:
    index.add(REPORTS)
    index.remove(["kho-2"])
    assert [hit.id for hit in index.like("kho-1")] == ["luat", "kho-1-ban-sao"]


def test_a_path_names_the_report_that_came_from_it(
    index: searchidx.Index, tmp_path: Path
) -> None:
    one, many = tmp_path / "one.txt", tmp_path / "many.jsonl"
    one.write_text("Kiểm tra kho đường nhập lậu\n\nTheo tin báo.", encoding="utf-8")
    many.write_text(
        '{"id": "a", "text": "Kho đường nhập lậu ven sông"}\n{"id": "b", "text": "Họp tổ"}\n',
        encoding="utf-8",
    )
    index.update([tmp_path / "one.txt", many])
    assert [hit.id for hit in index.like(str(one))] == ["a"]
    assert [hit.id for hit in index.like(f"{many}#1")] == [str(one)]
    with pytest.raises(searchidx.QueryError, match=r"holds 2 reports; .*many\.jsonl#1"):
        index.like(str(many))
    no_names = (str(tmp_path / "none.txt"), "\ud800", f"{many}#{'1' * 5_000}", f"{many}#", "#1")
    for name in no_names:
        with pytest.raises(searchidx.QueryError, match="neither the id of a report"):
            index.like(name)
        assert index.from_source(name) == []
    with pytest.raises(searchidx.QueryError, match="0 or more"):
        index.like("a", limit=-1)
