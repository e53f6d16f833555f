"""Search an index from a script: python embed.py QUERY...

It needs an index in ./index; make one with: searchidx index FOLDER
"""

import sys

import searchidx

with searchidx.open("index") as index:
    for hit in index.search(" ".join(sys.argv[1:]) or "nghi quyet 35", limit=5):
        print(f"{hit.rank}. {hit.title} ({hit.date or 'no date'}) {hit.score:.2f}")
        print(f"   {hit.id}")
        print(f"   {hit.snippet.plain('[', ']')}")
