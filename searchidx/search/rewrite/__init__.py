"""Rewrite queries: restore diacritics, expand abbreviations, recognize document codes."""
