"""Find document codes in texts, such as "35-NQ/TW" and "30/2020/NĐ-CP"."""

from searchidx.language.codes.finder import Code, find_codes

__all__ = ["Code", "find_codes"]
