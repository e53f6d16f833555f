"""Read the formats of office programs, mail and the web.

`registry` lists the formats, `detection` tells the format of a file, `extraction` has files
read in processes of their own, and every other module reads one format or a family.
"""
