"""Encode the parts of a segment as sections of bytes, and read them as NumPy arrays."""
