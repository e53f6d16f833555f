"""Read one commit of an index: its postings, positions, keywords and vocabulary.

`reader.Reader` is the entry point.  The other modules each read one kind of data over all
segments ("leaves") of the commit.
"""
