"""Measure searchidx and its peers side by side: `python -m benchmarks --help`."""
