"""Run tantivy, a compiled engine, through its Python binding."""

from __future__ import annotations

import tantivy

from benchmarks.engines import one_shot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from benchmarks.engines import Document, Found, Mode

PROCESSES: tuple[int, ...] = (1,)
MODES: tuple[Mode, ...] = ("all", "any")
NOTE = (
    "Simple tokenizer, lower case, ASCII folding; title and body stored; one writer thread "
    "with the default buffer of 128 MB. Drops the marks of query and text alike, so it cannot "
    "prefer what was typed. Knows no words longer than a syllable. No snippet when only the "
    "title matches."
)
ANALYZER = "folded"
FIELDS = ["title", "body"]


class Searcher:
    """An open index."""

    def __init__(self, directory: str) -> None:
        self.index = connect(directory)
        self.searcher = self.index.searcher()

    def search(self, query: str, limit: int, mode: Mode) -> Found:
        """Return the best documents with a snippet of each."""
        parsed = self.index.parse_query(query, FIELDS, conjunction_by_default=mode == "all")
        snippets = tantivy.SnippetGenerator.create(
            self.searcher, parsed, self.index.schema, "body"
        )
        found: Found = []
        for _, address in self.searcher.search(parsed, limit).hits:
            document = self.searcher.doc(address)
            snippet = snippets.snippet_from_doc(document).to_html()
            found.append((str(document.get_first("id")), snippet))
        return found


def connect(directory: str) -> tantivy.Index:
    """Create the index or open it, with the analyzer, which the index does not keep."""
    schema = tantivy.SchemaBuilder()
    schema.add_text_field("id", stored=True, tokenizer_name="raw")
    for field in FIELDS:
        schema.add_text_field(field, stored=True, tokenizer_name=ANALYZER)
    index = tantivy.Index(schema.build(), path=directory)
    analyzer = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    for step in (tantivy.Filter.lowercase(), tantivy.Filter.ascii_fold()):
        analyzer = analyzer.filter(step)
    index.register_tokenizer(ANALYZER, analyzer.build())
    return index


open_index = Searcher


def version() -> str:
    import importlib.metadata  # here, to keep it out of cold start

    return f"tantivy-py {importlib.metadata.version('tantivy')}"


def build(documents: Iterable[Document], directory: str, processes: int) -> None:
    writer = connect(directory).writer(num_threads=1)
    for document in documents:
        writer.add_document(as_document(document))
    writer.commit()
    writer.wait_merging_threads()


def adder(directory: str) -> Callable[[Document], None]:
    writer = connect(directory).writer(num_threads=1)

    def add(document: Document) -> None:
        writer.add_document(as_document(document))
        writer.commit()

    return add


def as_document(document: Document) -> tantivy.Document:
    document_id, title, body = document
    return tantivy.Document(id=document_id, title=title, body=body)


def cold_start(directory: str, query: str) -> list[str]:
    return one_shot("tantivy", directory, query)
