"""Suggest other queries, and complete queries while they are typed.

Suggestions correct misspelt words (`spelling`), decode raw Telex or VNI keystrokes, and add
missing diacritics (`missing_diacritics`); `suggestions` decides which of them are offered.
"""
