"""Extract the text of office files, one module a format.

The modules are loaded and run in a process of their own (`searchidx.sources.extraction`):
files of strangers may crash a library or take all memory.  `extract.py` finds the format of
some bytes and calls its module.
"""
