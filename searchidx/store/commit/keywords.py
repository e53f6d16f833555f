"""The fields of keywords of one commit: ids, paths, codes, metadata, abbreviations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from searchidx.arrays import DocIds, Int32Array, Int64Array
from searchidx.store.codec.posting_lists import chunk_by_size
from searchidx.store.commit.leaves import Leaf
from searchidx.store.commit.postings import Postings, PostingsReader
from searchidx.store.files.guard import guarded
from searchidx.store.schema import ABBREVIATION_KEYS


@dataclass(frozen=True, slots=True)
class KeywordPostings:
    """Which documents have which terms of a field of keywords.

    Attributes:
        terms: The terms that some document has, ascending.
        term_indexes: int32, shape (n,), ascending: of each pair of a term and a document that
            has it, the place of the term among `terms`.
        doc_ids: int32, shape (n,): the document; ascending for each term.
    """

    terms: tuple[str, ...]
    term_indexes: Int32Array
    doc_ids: DocIds


class KeywordFields:
    """The terms of fields of keywords.  May be used from many threads.

    Args:
        place: The index's folder, for messages.
        leaves: The segments.
        postings: Where their terms occur.
    """

    def __init__(self, place: str, leaves: Sequence[Leaf], postings: PostingsReader) -> None:
        self.place = place
        self._leaves = leaves
        self._postings = postings
        self._keywords: dict[str, KeywordPostings] = {}
        self._metadata_keys: frozenset[str] | None = None

    @guarded
    def abbreviations(self, field: str, form: str) -> list[tuple[str, str, int]]:
        """The abbreviations that documents introduce for a form, the most common first.

        Args:
            field: "short_form" or "long_form": what `form` is.
            form: As it was typed, with marks or without.

        Returns:
            Short form, long form, and how many documents introduce the two together.
        """
        pairs = []
        for term, postings in self.postings_with_prefix(
            field, f"{ABBREVIATION_KEYS[field](form)}\t"
        ).items():
            _, short, long = term.split("\t")
            pairs.append((short, long, len(postings)))
        return sorted(pairs, key=lambda pair: (-pair[2], pair[0], pair[1]))

    @guarded
    def postings_with_prefix(self, field: str, beginning: str) -> dict[str, Postings]:
        """Where each term of a field of keywords occurs that begins with `beginning`.

        The terms ascend; there is none that occurs nowhere.
        """
        found: set[bytes] = set()
        for leaf in self._leaves:
            strings = leaf.segment.term_dictionary(field)
            places = strings.prefix_range(beginning.encode("utf-8", "surrogatepass"))
            found.update(strings[at] for at in places)
        terms = [term.decode() for term in sorted(found)]
        every = self._postings.read([(field, term) for term in terms])
        return {term: each for term, each in zip(terms, every, strict=True) if len(each)}

    @guarded
    def postings(self, field: str) -> KeywordPostings:
        """All terms of a field of keywords and the documents that have each.

        It is read when it is first asked for, and kept.
        """
        found = self._keywords.get(field)
        if found is None:
            found = self._keywords[field] = self._read_keywords(field)
        return found

    def _read_keywords(self, field: str) -> KeywordPostings:
        strings = [leaf.segment.term_dictionary(field).all() for leaf in self._leaves]
        numbers: list[Int64Array] = [np.zeros(0, np.int64)]
        documents: list[DocIds] = [np.zeros(0, np.int32)]
        union = sorted(set().union(*strings))
        places = {string: place for place, string in enumerate(union)}
        for leaf, of_leaf in zip(self._leaves, strings, strict=True):
            mapped = np.array([places[string] for string in of_leaf], np.int64)
            lists = leaf.segment.posting_lists(field)
            for first, stop in chunk_by_size(lists.counts()):
                counts, found, _ = lists.read_range(first, stop)
                owners = np.repeat(mapped[first:stop], counts)
                if leaf.live is not None:
                    kept = leaf.live[found]
                    owners, found = owners[kept], found[kept]
                numbers.append(owners)
                documents.append(found + np.int32(leaf.doc_base))
        joined = np.concatenate(numbers)
        order = np.argsort(joined, kind="stable")  # segments, and so documents, ascend
        occurring, joined = np.unique(joined[order], return_inverse=True)
        keywords = KeywordPostings(
            tuple(union[place].decode() for place in occurring.tolist()),
            joined.astype(np.int32),
            np.concatenate(documents)[order],
        )
        keywords.term_indexes.flags.writeable = keywords.doc_ids.flags.writeable = False
        return keywords

    @guarded
    def metadata_keys(self) -> frozenset[str]:
        """The keys under which documents have metadata, as `fields.metadata_key` gives them."""
        if self._metadata_keys is None:
            found: set[str] = set()
            for leaf in self._leaves:
                strings = leaf.segment.term_dictionary("metadata")
                occurs = leaf.segment.posting_lists("metadata").live_terms(leaf.live)
                place = 0
                while place < len(strings):
                    key = strings[place].partition(b"\t")[0]
                    following = strings.insertion_point(key + b"\n")  # just after a tab
                    if occurs[place:following].any():
                        found.add(key.decode())
                    place = max(following, place + 1)
            self._metadata_keys = frozenset(found)
        return self._metadata_keys
