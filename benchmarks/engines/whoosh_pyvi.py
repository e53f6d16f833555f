"""Run stock Whoosh over pyvi's words: the usual advice for Vietnamese search in Python."""

from __future__ import annotations

from pyvi import ViTokenizer
from whoosh.analysis import StandardAnalyzer
from whoosh.fields import ID, TEXT, Schema
from whoosh.index import create_in, open_dir
from whoosh.qparser import AndGroup, MultifieldParser, OrGroup

from benchmarks.engines import one_shot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from benchmarks.engines import Document, Found, Mode

PROCESSES: tuple[int, ...] = (1,)
MODES: tuple[Mode, ...] = ("all", "any")
NOTE = (
    "StandardAnalyzer over pyvi's output, of text and query alike. No folding, so a query "
    "without marks finds next to nothing. It stores what pyvi wrote, and snippets show "
    "`nghị_quyết`, not the original text; highlighting stops at 32,768 characters. The "
    "analyzer drops one-letter words and English stop words."
)


class Searcher:
    """An open index with a parser for each mode."""

    def __init__(self, directory: str) -> None:
        index = open_dir(directory)
        self.searcher = index.searcher()
        self.parsers = {
            mode: MultifieldParser(["title", "content"], index.schema, group=group)
            for mode, group in (("all", AndGroup), ("any", OrGroup))
        }

    def search(self, query: str, limit: int, mode: Mode) -> Found:
        """Return the best documents with a snippet of each."""
        parsed = self.parsers[mode].parse(ViTokenizer.tokenize(query))
        hits = self.searcher.search(parsed, limit=limit)
        return [(hit["id"], hit.highlights("content")) for hit in hits]


open_index = Searcher


def version() -> str:
    import importlib.metadata  # here, to keep it out of cold start

    packages = ("whoosh-reloaded", "pyvi")
    return ", ".join(f"{name} {importlib.metadata.version(name)}" for name in packages)


def build(documents: Iterable[Document], directory: str, processes: int) -> None:
    text = TEXT(stored=True, analyzer=StandardAnalyzer())
    writer = create_in(directory, Schema(id=ID(stored=True), title=text, content=text)).writer()
    for document in documents:
        writer.add_document(**fields(document))
    writer.commit()


def adder(directory: str) -> Callable[[Document], None]:
    index = open_dir(directory)

    def add(document: Document) -> None:
        writer = index.writer()
        writer.add_document(**fields(document))
        writer.commit()

    return add


def fields(document: Document) -> dict[str, str]:
    document_id, title, body = document
    title, content = ViTokenizer.tokenize(title), ViTokenizer.tokenize(body)
    return {"id": document_id, "title": title, "content": content}


def cold_start(directory: str, query: str) -> list[str]:
    return one_shot("whoosh-pyvi", directory, query)
