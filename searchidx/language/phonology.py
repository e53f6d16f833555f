"""What is a possible Vietnamese syllable, by the rules of its sounds and their spelling.

A syllable is an onset, a glide, a nucleus, a coda and a tone; all but nucleus and tone may
be absent.  The tables below hold the *written* onsets and rimes (glide, nucleus and coda
together).  They follow the usual description, as in

* Đoàn Thiện Thuật, *Ngữ âm tiếng Việt* (1977), for the onsets, what the glide /w/ does not
  follow, the rimes, and the tones before stops;
* Quyết định 240/QĐ of the Ministry of Education (5 March 1984), for i and y;

with rare rimes and loans that dictionaries have (``khuỷu``, ``nguều``, ``xoong``, ``séc``).
A test holds them against a list of 31,000 words.

A *possible* syllable need not be a word: ``vuỗng`` is none, but could be one tomorrow.
The tables are built on first use.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Final

from searchidx.language.orthography import TONES, clean, parts, spelled, without_tone

# A syllable that ends in a stop has a short, closed pitch: only sắc and nặng exist.
STOPS: Final = ("c", "ch", "p", "t")
STOP_TONES: Final = ("\u0301", "\u0323")

# Where one letter or the other writes an onset, the choice follows from the next letter:
# k, gh, ngh stand before e, ê, i (and k before y); c, g, ng before all others.  /kw/ is qu.
# p begins loans alone (pin, pa-tê), but many.
_ONSETS: Final = "b ch d đ h kh l m n nh p ph r s t th tr v x"
_ONSETS_BEFORE_FRONT: Final = "k gh ngh"
_ONSETS_BEFORE_OTHERS: Final = "c g ng"

# Rimes without a glide, by their nucleus.  ă and â are short and need a coda; iê, uô, ươ
# are ia, ua, ưa in open syllables; ch and nh follow a, ê, i only.
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
# Rimes with the glide /w/: written o before a, ă, e and u before â, ê, ơ, y (i is then
# written y, so that uy and ui differ).
_GLIDE_RIMES: Final = """
    oa oac oach oai oam oan oang oanh oao oap oat oay
    oăc oăm oăn oăng oăt
    oe oem oen oeo oet
    uân uâng uât uây
    uê uêch uênh uêu
    uơ
    uy uya uych uyn uynh uyp uyt uyu uyên uyêt
"""
# The glide follows neither labials nor g, gi, n, r; c and k with it are qu.
_ONSETS_BEFORE_GLIDE: Final = "ch d đ h kh l ng nh s t th tr x"
# What stands after qu: the glide is the u of the onset, written so before a and e too.
_RIMES_AFTER_QU: Final = """
    a ac ach ai am an ang anh ao ap at au ay
    ăc ăm ăn ăng ăp ăt
    âc ân âng ât ây
    e ec en eng eo et
    ê êch ên ênh êt êu
    ơ ơi ơn ơt ôc
    y ych yn ynh yp yt yu yên yêt
"""
# i alone may be written y after these: variants (kĩ/kỹ), other words (y, ý) and names (Vy,
# Thy, Ny).
_ONSETS_BEFORE_Y: Final = "h k l m s t d n th v"
# Syllables in use that break the rules above: most have a glide after an onset that takes
# none (boa, noãn, góa), others are names with letters of their own (Bắc Kạn, Đắk Lắk).
_ATTESTED: Final = """
    boa buýt phuy voan moay noa noãn nuy góa gọa roa ruy roạt gioăng quọ gíc týp
    kạn kông kon ka đắk lắk đăk lăk đak
"""


@lru_cache(maxsize=1 << 16)
def is_vietnamese(syllable: str) -> bool:
    """Return whether `syllable` is possible in Vietnamese, spelt with all its marks.

    Any case and Unicode form will do, any placement of the tone mark (``hòa``, ``hoà``)
    and either letter of i and y where they are variants (``kĩ``, ``kỹ``).  ``quyet`` is
    none, for a stop takes only sắc and nặng: see `is_unmarked_vietnamese`.
    """
    if any(map(str.isspace, syllable)):
        return False
    letters, tone = without_tone(clean(syllable))
    stopped = _toneless().get(letters)
    if stopped is None or (stopped and tone not in STOP_TONES):
        return (letters, tone) in _attested()
    return tone in TONES


def is_unmarked_vietnamese(syllable: str) -> bool:
    """Return whether `syllable` is a possible syllable that lost all its marks.

    ``quyet``, ``dang`` (also of ``đăng``) and ``nghi`` are; ``quyết`` and ``text`` are not.
    """
    return clean(syllable) in _unmarked()


def syllables() -> Iterator[str]:
    """Every possible syllable once, spelt canonically: equal to its own marked form."""
    for letters, stopped in _toneless().items():
        split = parts(letters)
        assert split is not None
        if spelled(*split) == letters:  # and not an i that is a variant of y
            for tone in STOP_TONES if stopped else TONES:
                yield spelled(*split, tone)
    yield from _ATTESTED.split()


@cache
def _toneless() -> dict[str, bool]:
    """Each possible syllable without its tone, and whether it ends in a stop."""
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
        # gi loses its i before another: gì, gìn, giếng.
        *("gi" + rime for rime in others),
        *("gi" + rime.removeprefix("i") for rime in front if rime != "ia"),
        *(onset + "y" for onset in ("", *_ONSETS_BEFORE_Y.split())),
    ]
    # At the beginning of a syllable iê is written yê: yêu, yến, yết.
    table = {
        spelling.replace("iê", "yê") if spelling.startswith("iê") else spelling: False
        for spelling in spellings
    }
    return {spelling: spelling.endswith(STOPS) for spelling in table}


@cache
def _attested() -> frozenset[tuple[str, str]]:
    return frozenset(map(without_tone, _ATTESTED.split()))


@cache
def _unmarked() -> frozenset[str]:
    marks = str.maketrans("ăâêôơưđ", "aaeooud")
    return frozenset(
        spelling.translate(marks)
        for spelling in (*_toneless(), *(letters for letters, _ in _attested()))
    )
