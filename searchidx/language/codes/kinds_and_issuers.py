"""List the abbreviations of document kinds and issuing bodies in document codes.

The kinds are those of the decree on clerical work (30/2020/NĐ-CP), of the Party's guidance on
the form of documents (36-HD/VPTW), and of laws and joint documents.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from searchidx.language.dates.word_patterns import unmarked

# Any body issues these kinds, so the letters after them may be unknown.
_COMMON_KINDS: Final = [
    "BB", "BC", "CTr", "CV", "CĐ", "GM", "GP", "HD", "KH", "KL", "NQ", "NQLT", "NĐ", "QC", "QĐ",
    "QĐi", "QyĐ", "TB", "TT", "TTLT", "TTr", "VBHN",
]  # fmt: skip
# These letters have many other meanings as well.
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
# These bodies number their documents in the Party's form: 35-NQ/TW.
_PARTY_BODIES: Final = [
    "TW", "TU", "HU", "QU", "ThU", "TXU", "ĐU", "ĐUK", "ĐUCA", "QUTW", "BCSĐ", "BTCTW",
    "BTGTW", "BTGDVTW", "BDVTW", "BNCTW", "UBKTTW", "VPTW", "HĐLLTW", "HVCTQG", "BTCTU",
    "BTGTU", "BDVTU", "BNCTU", "UBKTTU", "VPTU", "TWĐTN",
]  # fmt: skip
_DASHED_KINDS: Final = frozenset({"L", "LCT"})  # 23-L/CTN: laws before 1997
# Some old codes end with their kind: 1613/BYT-QĐ.
TRAILING_KINDS: Final = frozenset({"CV", "QĐ", "TT"})
# These bodies number their documents within their terms of office: 57/2020/QH14.
ISSUERS_WITH_TERMS: Final = frozenset({"QH", "UBTVQH"})

_TERM: Final = re.compile(r"[0-9]{1,2}\Z")


# Few different abbreviations occur, each very often.
_CACHE_SIZE: Final = 1 << 12


def _by_plain_letters(names: list[str]) -> dict[str, str]:
    """Map the lower-case form without marks of each abbreviation to the abbreviation."""
    return {unmarked(name): name for name in names}


_KINDS: Final = _by_plain_letters([*_COMMON_KINDS, *_RARE_KINDS])
_ISSUERS: Final = _by_plain_letters([*_BODIES, *_PARTY_BODIES])


@lru_cache(maxsize=_CACHE_SIZE)
def kind_named(letters: str) -> str | None:
    """Return the kind that `letters` abbreviate, or None; case and marks do not matter."""
    return _KINDS.get(unmarked(letters))


def is_common(kind: str) -> bool:
    """Return whether `kind` rarely means anything but a kind of document."""
    return kind in _COMMON_KINDS


@lru_cache(maxsize=_CACHE_SIZE)
def issuer_named(letters: str) -> str | None:
    """Return the body that `letters` abbreviate, or None.

    The number of its term of office stays: "QH14".  Case, marks, "&" and Ư for W do not
    matter.
    """
    plain = unmarked(letters.replace("Ư", "W").replace("ư", "w")).replace("&", "")
    term = _TERM.search(plain)
    if term is not None:
        plain = plain[: term.start()]
    name = _ISSUERS.get(plain)
    return None if name is None else name + (term.group() if term else "")


def without_term(issuer: str) -> str:
    """Remove the number of a term of office: "QH" for "QH14"."""
    return _TERM.sub("", issuer)


def is_dashed(kind: str, issuer: str) -> bool:
    """Return whether such documents are numbered as in 35-NQ/TW, not as in 12/QĐ-UBND."""
    return kind in _DASHED_KINDS or issuer in _PARTY_BODIES
