"""Show why a document matched: select passages of its body and mark the query's words.

A query's `HighlightTerms` are found in the bodies of the hits (`matches`).  NumPy scores the
sentences and parts of sentences of all bodies at once (`candidates`).  The text of the best
candidates decides which of them are shown (`selection`, `layout`).  A long sentence is cut
(`fragment`), and each selected candidate becomes a `Snippet` (`builder`, `formatter`).
"""
