"""Read the keyword fields of a commit: ids, paths, codes, metadata and abbreviations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from searchidx.arrays import DocIds, Int32Array, Int64Array
from searchidx.store.codec.ranges import chunk_by_size
from searchidx.store.commit.leaves import Leaf
from searchidx.store.commit.postings import Postings, PostingsReader
from searchidx.store.files.guard import guarded
from searchidx.store.schema import ABBREVIATION_KEYS


@dataclass(frozen=True, slots=True)
class KeywordPostings:
    """All postings of one keyword field, as pairs of a term and a document.

    Attributes:
        terms: The terms that at least one document has, ascending.
        term_indexes: int32, shape (n,), ascending: the index of each pair's term in `terms`.
        doc_ids: int32, shape (n,): each pair's document; ascending within a term.
    """

    terms: tuple[str, ...]
    term_indexes: Int32Array
    doc_ids: DocIds


class KeywordFields:
    """Read the terms of keyword fields.  Safe for use from many threads.

    Args:
        place: The folder of the index, for messages.
        leaves: The segments of the commit.
        postings: The reader of their postings.
    """

    def __init__(self, place: str, leaves: Sequence[Leaf], postings: PostingsReader) -> None:
        self.place = place
        self._leaves = leaves
        self._postings = postings
        self._keywords: dict[str, KeywordPostings] = {}
        self._metadata_keys: frozenset[str] | None = None

    @guarded
    def abbreviations(self, field: str, form: str) -> list[tuple[str, str, int]]:
        """Return the abbreviations that documents define for a form, the most common first.

        Args:
            field: "short_form" or "long_form": the kind of `form`.
            form: The form as typed, with marks or without.

        Returns:
            Short form, long form, and the number of documents that define this pair.
        """
        pairs = []
        for term, postings in self.postings_with_prefix(
            field, f"{ABBREVIATION_KEYS[field](form)}\t"
        ).items():
            _, short, long = term.split("\t")
            pairs.append((short, long, len(postings)))
        return sorted(pairs, key=lambda pair: (-pair[2], pair[0], pair[1]))

    @guarded
    def postings_with_prefix(self, field: str, prefix: str) -> dict[str, Postings]:
        """Return the postings of each term of a keyword field that begins with a prefix.

        The terms ascend.  A term without a live document is left out.
        """
        matching: set[bytes] = set()
        for leaf in self._leaves:
            dictionary = leaf.segment.term_dictionary(field)
            numbers = dictionary.prefix_range(prefix.encode("utf-8", "surrogatepass"))
            matching.update(dictionary[number] for number in numbers)
        terms = [term.decode() for term in sorted(matching)]
        all_postings = self._postings.read([(field, term) for term in terms])
        return {
            term: postings
            for term, postings in zip(terms, all_postings, strict=True)
            if len(postings)
        }

    @guarded
    def postings(self, field: str) -> KeywordPostings:
        """Return all terms of a keyword field with their documents.

        The first call for a field reads it; the result is kept.
        """
        keywords = self._keywords.get(field)
        if keywords is None:
            keywords = self._keywords[field] = self._read_postings(field)
        return keywords

    def _read_postings(self, field: str) -> KeywordPostings:
        """Merge the terms and postings lists of all segments."""
        dictionaries = [leaf.segment.term_dictionary(field).all() for leaf in self._leaves]
        term_indexes: list[Int64Array] = [np.zeros(0, np.int64)]
        doc_ids: list[DocIds] = [np.zeros(0, np.int32)]
        union = sorted(set().union(*dictionaries))
        index_of = {term: index for index, term in enumerate(union)}
        for leaf, segment_terms in zip(self._leaves, dictionaries, strict=True):
            union_indexes = np.array([index_of[term] for term in segment_terms], np.int64)
            lists = leaf.segment.posting_lists(field)
            for first, stop in chunk_by_size(lists.counts()):
                counts, local_doc_ids, _ = lists.read_range(first, stop)
                owners = np.repeat(union_indexes[first:stop], counts)
                if leaf.live is not None:
                    live = leaf.live[local_doc_ids]
                    owners, local_doc_ids = owners[live], local_doc_ids[live]
                term_indexes.append(owners)
                doc_ids.append(local_doc_ids + np.int32(leaf.doc_base))
        joined = np.concatenate(term_indexes)
        # The sort is stable: segments, and so the documents of a term, stay in order.
        order = np.argsort(joined, kind="stable")
        occurring, joined = np.unique(joined[order], return_inverse=True)
        keywords = KeywordPostings(
            tuple(union[index].decode() for index in occurring.tolist()),
            joined.astype(np.int32),
            np.concatenate(doc_ids)[order],
        )
        keywords.term_indexes.flags.writeable = keywords.doc_ids.flags.writeable = False
        return keywords

    @guarded
    def metadata_keys(self) -> frozenset[str]:
        """Return the metadata keys of the documents, in the form of `schema.metadata_key`."""
        if self._metadata_keys is None:
            keys: set[str] = set()
            for leaf in self._leaves:
                dictionary = leaf.segment.term_dictionary("metadata")
                occurs = leaf.segment.posting_lists("metadata").live_terms(leaf.live)
                number = 0
                while number < len(dictionary):
                    key = dictionary[number].partition(b"\t")[0]
                    # "\n" sorts directly after "\t", and so after all terms of this key.
                    next_key = dictionary.insertion_point(key + b"\n")
                    if occurs[number:next_key].any():
                        keys.add(key.decode())
                    number = max(next_key, number + 1)
            self._metadata_keys = frozenset(keys)
        return self._metadata_keys
