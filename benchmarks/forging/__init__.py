"""Forge the files of an index with right checksums, and call every public method on it."""
