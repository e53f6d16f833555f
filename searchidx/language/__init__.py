"""Vietnamese text: syllables, their forms, words, sentences and dates.

Knows nothing of indexes and is usable alone.
"""
