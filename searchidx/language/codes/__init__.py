"""Find document codes in texts, such as "35-NQ/TW" and "30/2020/NĐ-CP"."""

from searchidx.language.codes.finder import FoundCode, find_codes

__all__ = ["FoundCode", "find_codes"]
