from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import searchidx
from searchidx import Document
from searchidx.language.tokenizer import tokenize_syllables
from tests.conftest import ROOT


def test_the_public_names_are_complete_and_sorted() -> None:
    assert searchidx.__all__ == sorted(searchidx.__all__)
    for name in searchidx.__all__:
        assert getattr(searchidx, name) is not None
        assert name in dir(searchidx)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        searchidx.nothing  # noqa: B018  # the access is what is tested
    public = [
        value
        for name in searchidx.__all__
        if isinstance(value := getattr(searchidx, name), type) and issubclass(value, Exception)
    ]
    assert all(issubclass(error, searchidx.SearchidxError) for error in public)


def loaded(code: str, *modules: str) -> list[str]:
    """Return which of the modules are loaded once `code` has run."""
    # What measures coverage in new processes loads modules of its own.
    environment = {k: v for k, v in os.environ.items() if not k.startswith("COV")}
    code += f"\nimport sys; print([name for name in {modules} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True, check=True, text=True, env=environment,
    )  # fmt: skip
    found: list[str] = ast.literal_eval(done.stdout.splitlines()[-1])
    return found


def test_importing_is_light() -> None:
    code = "import searchidx, searchidx.cli"
    assert loaded(code, "numpy", "whoosh", "pyvi", "prompt_toolkit") == []


@pytest.mark.slow
def test_a_search_loads_neither_pyvi_nor_the_prompt(seed_index: searchidx.Index) -> None:
    arguments = ["search", "--count", "--index", str(seed_index.path), "nghị quyết"]
    code = f"from searchidx.cli import run; run({arguments})"
    assert loaded(code, "pyvi", "sklearn", "prompt_toolkit", "pathspec") == []
    finding = [f"searchidx.language.dates.{name}" for name in ("finder", "date_of_report")]
    assert loaded(code, "searchidx.update", "filelock", "socket", *finding) == []


def test_a_hit_has_what_a_script_needs(index: searchidx.Index) -> None:
    index.add(
        [
            Document(
                id="r1",
                title="Sơ kết Nghị quyết 35",
                body="Mở đầu.\nNghị quyết số 35-NQ/TW được ban hành.",
                date="2023-07-24",
                metadata={"organ": "Bộ Công Thương"},
            )
        ]
    )
    results = index.search("nghi quyet 35", limit=5)
    assert (len(results), results.total, results.total_complete, results.notes) == (1, 1, 1, ())
    hit = results[0]
    assert list(results[0:1]) == [hit] == list(results)
    assert (hit.id, hit.rank, hit.title, hit.date) == (
        "r1",
        1,
        "Sơ kết Nghị quyết 35",
        "2023-07-24",
    )
    assert hit.metadata == {"organ": "Bộ Công Thương"}
    assert hit.score > 0
    assert hit.snippet.text == "Nghị quyết số 35-NQ/TW được ban hành."
    assert [hit.snippet.text[s:e] for s, e in hit.snippet.highlights] == ["Nghị quyết", "35"]
    assert [hit.title[s:e] for s, e in hit.title_highlights] == ["Nghị quyết 35"]
    assert index.get("r1") == Document(
        id="r1",
        title=hit.title,
        body="Mở đầu.\nNghị quyết số 35-NQ/TW được ban hành.",
        date="2023-07-24",
        metadata={"organ": "Bộ Công Thương"},
    )


def test_an_index_has_documents_by_id(index: searchidx.Index) -> None:
    assert index.add(Document(id=id_, body="nghị") for id_ in ("a", "b")) == 2
    assert (len(index), "a" in index, "x" in index, 3 in index) == (2, True, False, False)
    assert index.get("x") is None
    assert index.remove("a") == 1
    assert index.remove(["a", "x"]) == 0
    assert (len(index), "a" in index) == (1, False)


def test_nothing_is_added_when_anything_fails(index: searchidx.Index) -> None:
    def documents() -> Iterator[Document]:
        yield Document(id="a", body="nghị")
        raise RuntimeError("the source broke")

    with pytest.raises(RuntimeError):
        index.add(documents())
    with pytest.raises(searchidx.DocumentError, match="not dict"):
        index.add([Document(id="a", body="nghị"), {"id": "b"}])  # type: ignore[list-item]  # wrong
    assert len(index) == 0
    assert index.add([Document(id="c", body="nghị")]) == 1
    assert [hit.id for hit in index.search("nghi")] == ["c"]


@pytest.mark.parametrize(
    "fields",
    [
        {"id": ""},
        {"id": "  "},
        {"id": 3},
        {"body": None},
        {"title": b"x"},
        {"date": "24/7/2023"},
        {"date": "2023-02-30"},
        {"date": "2023-Q2"},
        {"date": 2023},
        {"metadata": {"x": {1, 2}}},
        {"metadata": {"x": float("nan")}},
        {"metadata": {1: 2, "a": 3}},
        {"metadata": {"x": {1: 2, "a": 3}}},
        {"metadata": 3},
        {"path": Path("/x")},
        {"line": "3"},
        {"line": 0},
        {"line": True},
    ],
)
def test_a_document_that_cannot_be_indexed_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(searchidx.DocumentError):
        Document(**{"id": "a", "body": "nghị", **fields})  # type: ignore[arg-type]  # wrong


def test_half_a_surrogate_pair_is_replaced(index: searchidx.Index) -> None:
    index.add(
        [
            Document(
                id="a\ud800",
                title="\ud83d\ude00",
                body="nghị \udcff quyết",
                metadata={"nguồn\ud800": ["VTV\udfff", "\ud83d\ude00"]},
            )
        ]
    )
    hit = index.search("nghi quyet")[0]
    assert (hit.id, hit.title, hit.snippet.text) == ("a\ufffd", "😀", "nghị \ufffd quyết")
    assert hit.metadata == {"nguồn\ufffd": ["VTV\ufffd", "😀"]}


@pytest.mark.parametrize("half", ["\ud800", "a\udcffb"])
@pytest.mark.parametrize(
    "before",
    [
        "",
        "-",
        "path:",
        "-path:",
        "path: ",
        "title:",
        "-body:",
        "code:",
        "date:",
        "sort:",
        "so:",
    ],
)
def test_half_a_surrogate_pair_in_a_query_is_no_error(
    seed_index: searchidx.Index, before: str, half: str
) -> None:
    for query in (before + half, f'{before}"{half}"', f"{before}{half}* quyết"):
        seed_index.search(query, exact=True)
        results = seed_index.search(query, sort="date")
        assert seed_index.search(query).total == results.total
        assert seed_index.facets(query, ["year"])[0].hits <= results.total
        seed_index.complete(query)
        seed_index.highlights(f"nghị quyết {half}", query)
    assert not seed_index.search(f"path:{half}").total
    assert seed_index.search(f"-path:{half}").total == len(seed_index)


def test_half_a_surrogate_pair_names_no_document(seed_index: searchidx.Index) -> None:
    assert seed_index.get("\ud800") is None
    assert seed_index.from_source("\ud800") == []
    with pytest.raises(searchidx.QueryError, match="neither the id"):
        seed_index.like("\ud800")


def test_any_text_is_found_again(index: searchidx.Index) -> None:
    body = "".join(map(chr, range(0x20, 0xD7FF, 7))) + "\U0001f600 cuối"
    index.add([Document(id="all", body=body)])
    document = index.get("all")
    assert document is not None
    assert document.body == body
    assert index.search("cuoi")[0].snippet.text.endswith("cuối")


def test_a_long_document_is_highlighted_to_its_end(index: searchidx.Index) -> None:
    index.add([Document(id="a", body="lời nói đầu. " * 50_000 + "Quản lý thị trường ở cuối.")])
    snippet = index.search("quan ly thi truong")[0].snippet
    assert [snippet.text[s:e] for s, e in snippet.highlights] == ["Quản lý thị trường"]


def test_one_index_sees_what_another_commits_when_it_is_refreshed(
    index: searchidx.Index,
) -> None:
    with searchidx.open(index.path) as other:
        assert not other.refresh()
        index.add([Document(id="a", body="nghị")])
        assert len(other.search("nghi")) == 0
        assert other.refresh()
        assert not other.refresh()
        assert len(other.search("nghi")) == 1


def test_a_closed_index_says_so(index: searchidx.Index) -> None:
    index.close()
    index.close()
    with pytest.raises(searchidx.IndexClosedError, match="was closed"):
        index.search("nghi")
    with pytest.raises(searchidx.IndexClosedError):
        index.add([])


@pytest.mark.slow
def test_it_is_used_from_several_threads(index: searchidx.Index) -> None:
    words = ["một", "hai", "ba", "bốn", "năm"]
    index.add(Document(id=str(n), body=" ".join(words[: n % 5 + 1])) for n in range(100))
    expected = {word: [hit.id for hit in index.search(word, limit=50)] for word in words}

    def work(n: int) -> bool:
        if n % 40 == 0:
            index.add([Document(id=f"new-{n}", body="khác hẳn")])
        word = words[n % 5]
        return sorted(hit.id for hit in index.search(word, limit=50)) == sorted(expected[word])

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(200)))
    assert len(index) == 105


@pytest.mark.slow
def test_the_example_is_short_and_runs(tmp_path: Path) -> None:
    example = ROOT / "examples" / "embed.py"
    assert len(example.read_text(encoding="utf-8").splitlines()) < 30
    with searchidx.create(tmp_path / "index") as index:
        index.update([ROOT / "seeds" / "dang"])
    done = subprocess.run(
        [sys.executable, str(example), "gương sáng vinachem"],
        cwd=tmp_path, capture_output=True, check=True, encoding="utf-8",
        env={"PYTHONIOENCODING": "utf-8", "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    first = done.stdout.splitlines()
    assert first[0].startswith("1. ")
    assert first[1].endswith("tap-doan-hoa-chat-so-ket-nghi-quyet-35.txt")
    assert "[Gương sáng Vinachem]" in first[2]


def test_the_starter_collection_is_what_it_says(seed_index: searchidx.Index) -> None:
    texts = sorted((ROOT / "seeds").rglob("*.txt"))
    bulletins = (ROOT / "seeds" / "ban-tin-thang-6.jsonl").read_text(encoding="utf-8")
    assert len(texts) >= 15
    assert len(seed_index) == len(texts) + len(bulletins.splitlines())
    for path in texts:
        document = seed_index.get(str(path))
        assert document is not None
        assert 200 <= len(document.body.split()) <= 700
        assert document.title
    ids = [json.loads(line)["id"] for line in bulletins.splitlines()]
    assert all(id_ in seed_index for id_ in ids)


def test_seeds_come_in_several_forms(seed_index: searchidx.Index) -> None:
    import unicodedata

    bodies = [
        document.body
        for path in (ROOT / "seeds").rglob("*.txt")
        if (document := seed_index.get(str(path))) is not None
    ]
    assert sum(body != unicodedata.normalize("NFC", body) for body in bodies) == 3
    assert sum(body.isupper() for body in bodies) == 1
    assert sum(body.isascii() for body in bodies) == 1
    words = [set(map(str.lower, tokenize_syllables(body).surfaces)) for body in bodies]
    old = sum(bool(each & {"hòa", "thủy", "ủy"}) for each in words)
    new = sum(bool(each & {"hoà", "thuỷ", "uỷ"}) for each in words)
    assert old >= 5
    assert new >= 4


@pytest.mark.parametrize(
    ("query", "file"),
    [
        ("cuc qltt dia phuong", "nghi-quyet-35-luc-luong-quan-ly-thi-truong"),
        ("mocha 35", "tap-doan-hoa-chat-so-ket-nghi-quyet-35"),
        ("thanh tra tinh boc tham", "bao-cao-phong-chong-tham-nhung"),
        ("lu song rao nay", "bao-cao-ung-pho-mua-lu"),
        ("tiem bu khanh loc", "thong-bao-tiem-chung-tre-em"),
        ("dam chay rung thong va keo", "cong-dien-khan-chay-rung"),
        ("hương ước triều nguyễn", "so-hoa-dia-ba-huong-uoc"),
        ("31/2024/QH15", "co-so-du-lieu-dat-dai"),
        ("749 qd ttg", "chuyen-doi-so-dich-vu-cong"),
        ("gạo thơm philippines", "xuat-khau-gao-don-hang-dau-nam"),
        ("goi vay dnnvv", "tin-dung-doanh-nghiep-nho-va-vua"),
        ("tàu 8.000 teu", "cang-container-khai-truong-ben-so-4"),
        ("trạm biến áp kỳ hoà", "luoi-dien-tram-bien-ap-110kv"),
        ("hoa tam giac mach", "le-hoi-du-lich-mua-thu"),
        ("cau lach vich", "duong-ven-bien-giai-phong-mat-bang"),
        ("thận nhân tạo", "benh-vien-benh-an-dien-tu"),
        ("phi thi nha khanh", "truong-trung-hoc-thu-vien-mo"),
        ("đường lậu niêm phong", "thu-dien-tu-kiem-tra-kho-duong-lau"),
        ("rò rỉ amoniac", "BT-06-002"),
        ("hien mau giot hong mua ha", "BT-06-004"),
    ],
)
def test_seeds_are_found_as_people_type(
    seed_index: searchidx.Index, query: str, file: str
) -> None:
    hits = seed_index.search(query)
    assert Path(hits[0].id).stem == file
    assert hits[0].complete
