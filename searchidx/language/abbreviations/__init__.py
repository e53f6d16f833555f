"""Find the abbreviations that texts introduce, such as "Quản lý thị trường (QLTT)"."""

from searchidx.language.abbreviations.finder import Abbreviation, find_abbreviations

__all__ = ["Abbreviation", "find_abbreviations"]
