"""Read and write the files of an index: durable, locked, and under checksums."""
