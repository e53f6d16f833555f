"""Search once in a fresh process: `python -m benchmarks.one_shot ENGINE INDEX QUERY`."""

import sys

from benchmarks.engines import load

if __name__ == "__main__":
    name, directory, query = sys.argv[1:]
    for document_id, snippet in load(name).open_index(directory).search(query, 10, "any"):
        print(document_id, snippet)
