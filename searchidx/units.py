"""Define the units of places in a text.

A position, a code point, a sentence number and a form number are all whole numbers.  As
types of their own, mypy refuses to mix them.
"""

from typing import NewType

Position = NewType("Position", int)
"""The index of a syllable in its text, from 0."""
CodePoint = NewType("CodePoint", int)
"""An offset in a text in Unicode code points, from 0."""
SentenceNumber = NewType("SentenceNumber", int)
"""The index of a sentence in its text, from 0."""
FormNumber = NewType("FormNumber", int)
"""The number of a syllable form in a dictionary; the docstring of its holder says which."""

Span = tuple[int, int]
"""A half-open range of code points of a text: the first, and the one after the last."""
