"""Whoosh's contract over the columns of an index: its readers, matchers, queries."""
