"""Decide which syllables are possible in Vietnamese, by the rules of sounds and spelling.

A syllable has an onset, a glide, a nucleus, a coda and a tone; all but nucleus and tone may be
absent.  The tables list *written* onsets and rimes (glide, nucleus and coda together).  They
follow the usual description:

* Đoàn Thiện Thuật, *Ngữ âm tiếng Việt* (1977), for the onsets, the onsets before the glide /w/,
  the rimes, and the tones before stops;
* Quyết định 240/QĐ of the Ministry of Education (5 March 1984), for i and y.

Rare rimes and loans from dictionaries are added (``khuỷu``, ``nguều``, ``xoong``, ``séc``).
A test compares the tables with a list of 31,000 words.

A *possible* syllable need not be a word: ``vuỗng`` is no word, but could become one.
The tables are built on first use.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Final

from searchidx.language.orthography import (
    TONES,
    canonical_syllable,
    clean,
    syllable_parts,
    without_tone,
)

STOPS: Final = ("c", "ch", "p", "t")
STOP_TONES: Final = ("\u0301", "\u0323")
"""The tones of syllables that end with a stop: sắc and nặng, which have a short pitch."""

# If two spellings write the same onset, the next letter decides: k, gh and ngh stand before e,
# ê and i (and k before y); c, g and ng before all others.  /kw/ is written qu. p begins only
# loans (pin, pa-tê), but there are many.
_ONSETS: Final = "b ch d đ h kh l m n nh p ph r s t th tr v x"
_ONSETS_BEFORE_FRONT: Final = "k gh ngh"
_ONSETS_BEFORE_OTHERS: Final = "c g ng"

# Rimes without a glide, by their nucleus.  ă and â are short and need a coda.  iê, uô and ươ
# are written ia, ua and ưa in open syllables.  ch and nh follow a, ê and i only.
_FRONT_RIMES: Final = """
    e ec em en eng eo ep et
    ê êch êm ên ênh êp êt êu
    i ich im in inh ip it iu
    ia iêc iêm iên iêng iêp iêt iêu
"""
_OTHER_RIMES: Final = """
    a ac ach ai am an ang anh ao ap at au ay
    ăc ăm ăn ăng ăp ăt
    âc âm ân âng âp ât âu ây
    o oc oi om on ong op ot ooc oong
    ô ôc ôi ôm ôn ông ôp ôt
    ơ ơi ơm ơn ơp ơt
    u uc ui um un ung up ut
    ua uôc uôi uôm uôn uông uôt
    ư ưc ưi ưm ưn ưng ưt ưu
    ưa ươc ươi ươm ươn ương ươp ươt ươu
"""
# Rimes with the glide /w/.  It is written o before a, ă and e, and u before â, ê, ơ and y.  i
# is then written y, so uy and ui differ.
_GLIDE_RIMES: Final = """
    oa oac oach oai oam oan oang oanh oao oap oat oay
    oăc oăm oăn oăng oăt
    oe oem oen oeo oet
    uân uâng uât uây
    uê uêch uênh uêu
    uơ
    uy uya uych uyn uynh uyp uyt uyu uyên uyêt
"""
# The glide follows neither labials nor g, gi, n and r.  With it, c and k are written qu.
_ONSETS_BEFORE_GLIDE: Final = "ch d đ h kh l ng nh s t th tr x"
# Rimes after qu.  The glide is the u of the onset, which is written u before a and e too.
_RIMES_AFTER_QU: Final = """
    a ac ach ai am an ang anh ao ap at au ay
    ăc ăm ăn ăng ăp ăt
    âc ân âng ât ây
    e ec en eng eo et
    ê êch ên ênh êt êu
    ơ ơi ơn ơt ôc
    y ych yn ynh yp yt yu yên yêt
"""
# Onsets after which y may stand alone: in variants (kĩ/kỹ), other words (y, ý) and names (Vy,
# Thy, Ny).
_ONSETS_BEFORE_Y: Final = "h k l m s t d n th v"
# Syllables in use that break the rules above.  Most have a glide after an onset that allows
# none (boa, noãn, góa); others are parts of names (Bắc Kạn, Đắk Lắk).
_ATTESTED: Final = """
    boa buýt phuy voan moay noa noãn nuy góa gọa roa ruy roạt gioăng quọ gíc týp
    kạn kông kon ka đắk lắk đăk lăk đak
"""


@lru_cache(maxsize=1 << 16)
def is_vietnamese(syllable: str) -> bool:
    """Return whether a syllable with all its marks is possible in Vietnamese.

    Accepted are any case and Unicode form, any placement of the tone mark (``hòa``, ``hoà``),
    and both letters of i and y in variants (``kĩ``, ``kỹ``).  ``quyet`` is not possible,
    because a syllable that ends with a stop has the tone sắc or nặng; see
    `is_unmarked_vietnamese`.
    """
    if any(map(str.isspace, syllable)):
        return False
    letters, tone = without_tone(clean(syllable))
    ends_with_stop = _toneless_syllables().get(letters)
    if ends_with_stop is None or (ends_with_stop and tone not in STOP_TONES):
        return (letters, tone) in _attested()
    return tone in TONES


def is_unmarked_vietnamese(syllable: str) -> bool:
    """Return whether a syllable is a possible syllable that lost all its marks.

    It is true for ``quyet``, ``dang`` (also from ``đăng``) and ``nghi``, and false for
    ``quyết`` and ``text``.
    """
    return clean(syllable) in _unmarked()


def syllables() -> Iterator[str]:
    """Yield every possible syllable once, in its marked form."""
    for letters, ends_with_stop in _toneless_syllables().items():
        split = syllable_parts(letters)
        assert split is not None
        if canonical_syllable(*split) == letters:  # not a variant with i for y
            for tone in STOP_TONES if ends_with_stop else TONES:
                yield canonical_syllable(*split, tone)
    yield from _ATTESTED.split()


@cache
def _toneless_syllables() -> dict[str, bool]:
    """Map each possible syllable without its tone to whether it ends with a stop."""
    front, others = _FRONT_RIMES.split(), _OTHER_RIMES.split()
    glides, after_qu = _GLIDE_RIMES.split(), _RIMES_AFTER_QU.split()
    spellings = [
        *(onset + rime for onset in ("", *_ONSETS.split()) for rime in front + others),
        *(onset + rime for onset in _ONSETS_BEFORE_FRONT.split() for rime in front),
        *(onset + rime for onset in _ONSETS_BEFORE_OTHERS.split() for rime in others),
        *(onset + rime for onset in ("", *_ONSETS_BEFORE_GLIDE.split()) for rime in glides),
        *("qu" + rime for rime in after_qu),
        # After qu, i is a variant of y: quí/quý, quít/quýt, líu quíu/quýu.
        *("qui" + rime[1:] for rime in after_qu if rime[0] == "y" and rime[1:2] != "ê"),
        # gi loses its i before another i: gì, gìn, giếng.
        *("gi" + rime for rime in others),
        *("gi" + rime.removeprefix("i") for rime in front if rime != "ia"),
        *(onset + "y" for onset in ("", *_ONSETS_BEFORE_Y.split())),
    ]
    # iê is written yê at the beginning of a syllable: yêu, yến, yết.
    table = {
        spelling.replace("iê", "yê") if spelling.startswith("iê") else spelling: False
        for spelling in spellings
    }
    return {spelling: spelling.endswith(STOPS) for spelling in table}


@cache
def _attested() -> frozenset[tuple[str, str]]:
    """Return the syllables that break the rules, each as its letters and its tone."""
    return frozenset(map(without_tone, _ATTESTED.split()))


@cache
def _unmarked() -> frozenset[str]:
    """Return all possible syllables without marks."""
    marks = str.maketrans("ăâêôơưđ", "aaeooud")
    return frozenset(
        spelling.translate(marks)
        for spelling in (*_toneless_syllables(), *(letters for letters, _ in _attested()))
    )
