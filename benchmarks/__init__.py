"""Side-by-side measurements of searchidx and its peers: `python -m benchmarks --help`."""
