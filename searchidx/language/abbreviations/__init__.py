"""Find the abbreviations that texts introduce, such as "Quản lý thị trường (QLTT)"."""

from searchidx.language.abbreviations.finder import Abbreviation, find_abbreviations
from searchidx.language.abbreviations.learned import Abbreviations, Form

__all__ = ["Abbreviation", "Abbreviations", "Form", "find_abbreviations"]
