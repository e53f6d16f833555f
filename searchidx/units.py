"""Tell apart the kinds of whole numbers that locate something in a text.

mypy refuses to mix them.
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
