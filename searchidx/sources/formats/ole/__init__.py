"""Read the formats of Microsoft Office up to 2003, which are OLE compound files."""
