"""Read the formats of Microsoft Office since 2007, which are ZIP files of XML."""
