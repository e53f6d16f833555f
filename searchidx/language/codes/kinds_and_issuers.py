"""The kinds of documents and the bodies that issue them, as codes abbreviate them.

Kinds are those of the decree on clerical work (30/2020/NĐ-CP), of the Party's guidance on
the form of documents (36-HD/VPTW), and of laws and joint documents.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from searchidx.language.dates.word_patterns import unmarked

# Any body issues these, so that the letters after them need not be known.
_COMMON_KINDS: Final = [
    "BB", "BC", "CTr", "CV", "CĐ", "GM", "GP", "HD", "KH", "KL", "NQ", "NQLT", "NĐ", "QC", "QĐ",
    "QĐi", "QyĐ", "TB", "TT", "TTLT", "TTr", "VBHN",
]  # fmt: skip
# These letters mean many other things as well.
_RARE_KINDS: Final = [
    "BTT", "CT", "DA", "GUQ", "L", "LCT", "PA", "PC", "PL", "SL", "TTLB", "TTLN", "ĐA",
]  # fmt: skip
_BODIES: Final = [
    # the state
    "CP", "CTN", "HĐBT", "HĐNN", "QH", "TTg", "UBTVQH", "VPCP", "VPCTN", "VPQH", "BCĐQG",
    # courts, procuracies, audit
    "CA", "HĐTP", "KTNN", "TANDTC", "TATC", "TA", "VKSNDTC", "VKSTC", "VKS",
    # ministries and the like
    "BBCVT", "BCA", "BCN", "BCNVCN", "BCT", "BCVT", "BDTTG", "BGD", "BGDĐT", "BGTVT", "BKH",
    "BKHCN", "BKHCNMT", "BKHĐT", "BLĐTBXH", "BNG", "BNN", "BNNMT", "BNNPTNT", "BNV", "BQP",
    "BTC", "BTM", "BTNMT", "BTP", "BTS", "BTTTT", "BVHTT", "BVHTTDL", "BXD", "BYT", "LĐTBXH",
    "NHNN", "TCCP", "TTCP", "UBDT", "UBCKNN", "UBTDTT", "UBDSGĐTE", "TCTK", "TCT", "TCHQ",
    "TCĐBVN", "TCĐC", "TCBĐ", "TCDL", "KBNN", "BHXH", "BHXHVN", "TLĐ", "ĐCTUBTWMTTQVN",
    "MTTW", "HCCBVN", "BTGCP", "TC", "GDĐT",
    # provinces, districts and communes
    "UBND", "HĐND", "TTHĐND", "BCĐ", "SCT", "SGDĐT", "SGTVT", "SKHCN", "SKHĐT", "SLĐTBXH",
    "SNN", "SNNPTNT", "SNV", "STC", "STNMT", "STP", "STTTT", "SVHTTDL", "SXD", "SYT", "CAT",
    "BCH", "BCHQS",
]  # fmt: skip
# These number documents in the Party's way: 35-NQ/TW.
_PARTY_BODIES: Final = [
    "TW", "TU", "HU", "QU", "ThU", "TXU", "ĐU", "ĐUK", "ĐUCA", "QUTW", "BCSĐ", "BTCTW",
    "BTGTW", "BTGDVTW", "BDVTW", "BNCTW", "UBKTTW", "VPTW", "HĐLLTW", "HVCTQG", "BTCTU",
    "BTGTU", "BDVTU", "BNCTU", "UBKTTU", "VPTU", "TWĐTN",
]  # fmt: skip
_DASHED_KINDS: Final = frozenset({"L", "LCT"})  # 23-L/CTN: laws before 1997
# Some old codes end with their kind: 1613/BYT-QĐ.
KINDS_AT_THE_END: Final = frozenset({"CV", "QĐ", "TT"})
# These number them within their terms: 57/2020/QH14.
BY_TERM: Final = frozenset({"QH", "UBTVQH"})

_TERM: Final = re.compile(r"[0-9]{1,2}\Z")


# The same few letters come again and again.
_CACHE: Final = 1 << 12


def _by_plain_letters(names: list[str]) -> dict[str, str]:
    return {unmarked(name): name for name in names}


_KINDS: Final = _by_plain_letters([*_COMMON_KINDS, *_RARE_KINDS])
_ISSUERS: Final = _by_plain_letters([*_BODIES, *_PARTY_BODIES])


@lru_cache(maxsize=_CACHE)
def kind_named(letters: str) -> str | None:
    """Return the kind that `letters` abbreviate, in any case, with marks or without."""
    return _KINDS.get(unmarked(letters))


def is_common(kind: str) -> bool:
    """Whether `kind` is hardly anything else than a kind of document."""
    return kind in _COMMON_KINDS


@lru_cache(maxsize=_CACHE)
def issuer_named(letters: str) -> str | None:
    """Return the body that `letters` abbreviate, with the number of its term if it has one.

    Case, marks, "&" and Ư for W make no difference.
    """
    plain = unmarked(letters.replace("Ư", "W").replace("ư", "w")).replace("&", "")
    term = _TERM.search(plain)
    if term is not None:
        plain = plain[: term.start()]
    name = _ISSUERS.get(plain)
    return None if name is None else name + (term.group() if term else "")


def without_term(issuer: str) -> str:
    """Return "QH" for "QH14"."""
    return _TERM.sub("", issuer)


def is_dashed(kind: str, issuer: str) -> bool:
    """Whether such documents are numbered as in 35-NQ/TW, and not as in 12/QĐ-UBND."""
    return kind in _DASHED_KINDS or issuer in _PARTY_BODIES
