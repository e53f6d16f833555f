"""What is a possible Vietnamese syllable, by the rules of its sounds and their spelling.

A syllable is an onset, a glide, a nucleus, a coda and a tone; all but nucleus and tone may
be absent.  The tables below hold the *written* onsets and rimes (glide, nucleus and coda
together), after

* Đoàn Thiện Thuật, *Ngữ âm tiếng Việt* (1977): the onsets, the glide /w/ and what it
  does not follow, the rimes, and tones before stops;
* Hoàng Phê (ed.), *Từ điển tiếng Việt* and *Từ điển chính tả*: which rimes words have,
  loans (``xoong``, ``séc``, ``buýt``) and rare rimes (``khuỷu``, ``nguều``) included;
* Quyết định 240/QĐ of the Ministry of Education (1984): i and y.

A *possible* syllable need not be a word: ``nghẽo`` is none, but could be one tomorrow.
The module needs nothing but the standard library, and builds its tables on first use.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Final

# Level (no mark), grave, hook above, tilde, acute, dot below: ngang, huyền, hỏi, ngã, sắc,
# nặng, in the order of Vietnamese dictionaries.
TONES: Final = ("", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323")
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
    y ych yn ynh yp yt yên yêt
"""
# Where i and y alone write the same sound of the same word (kĩ/kỹ, lí/lý, quí/quý).  The
# canonical spelling here has y, which names and the law prefer.
Y_ONSETS: Final = frozenset({"h", "k", "l", "m", "s", "t", "qu"})
# y alone where it is no variant of i but another word (y, ý) or a name (Vy, Thy, Ny).
_OTHER_Y_ONSETS: Final = frozenset({"", "d", "n", "th", "v"})
# Syllables in wide use that break the rules above: loans with a glide after an onset that
# has none, and names of places, with the letters that they alone may have.
_ATTESTED: Final = """
    boa buýt phuy voan moay noa noãn góa gọa roa ruy roạt gioăng gíc týp
    kạn kông kon ka đắk lắk đăk lăk đak
"""

# Letters that stand for đ: the Icelandic and the African one have the same capital form.
_LOOK_ALIKES: Final = str.maketrans("ðɖ", "đđ")
_INVISIBLE: Final = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
_VOWELS: Final = "aăâeêioôơuưy"
_VOWEL_LETTERS: Final = frozenset("aeiouy")
_STRUCTURE: Final = re.compile(
    rf"(qu(?=[{_VOWELS}])|gi(?=[{_VOWELS}])|[^{_VOWELS}]*)([{_VOWELS}]+)([^{_VOWELS}]*)"
)


def tone_place(vowels: str, coda: str) -> int:
    """The index in `vowels` of the one that carries the tone mark, as tradition has it.

    On the last vowel that has a mark of its own (``ươ`` → ơ); else before a final
    consonant on the last vowel (``hoàn``); else on the first of two (``hòa``) and the
    second of three (``khoái``).

    Args:
        vowels: The vowel letters of the syllable, without the u of qu and the i of gi.
        coda: The consonants after them.
    """
    for place in range(len(vowels) - 1, -1, -1):
        if vowels[place] in "ăâêôơư":
            return place
    if coda:
        return len(vowels) - 1
    return (len(vowels) - 1) // 2


@lru_cache(maxsize=1 << 16)
def is_vietnamese(syllable: str) -> bool:
    """Whether `syllable` is possible in Vietnamese, spelt with all its marks.

    Any case and Unicode form will do, either placement of the tone mark (``hòa``,
    ``hoà``) and either letter of i and y where they are variants (``kĩ``, ``kỹ``).
    ``quyet`` is none, for a stop takes only sắc and nặng: see `is_unmarked_vietnamese`.
    """
    letters, tone = _without_tone(syllable)
    stopped = _toneless().get(letters)
    if stopped is None or (stopped and tone not in STOP_TONES):
        return (letters, tone) in _attested()
    return tone in TONES


def is_unmarked_vietnamese(syllable: str) -> bool:
    """Whether `syllable` has no marks and is what is left of a possible one without them.

    ``quyet``, ``dang`` (also of ``đăng``) and ``nghi`` are; ``quyết`` and ``text`` are not.
    """
    return syllable.lower() in _unmarked()


def syllables() -> Iterator[str]:
    """Every possible syllable once: lower case, NFC, traditional tone placement, y for i/y.

    Marked forms of `searchidx.language.forms` are spelt the same way.
    """
    for letters, stopped in _toneless().items():
        match = _STRUCTURE.fullmatch(letters)
        assert match is not None
        onset, vowels, coda = match.groups()
        if vowels == "i" and not coda and onset in Y_ONSETS:
            continue
        if onset == "qu" and vowels == "i":
            continue
        place = len(onset) + tone_place(vowels, coda) + 1
        for tone in STOP_TONES if stopped else TONES:
            yield unicodedata.normalize("NFC", letters[:place] + tone + letters[place:])
    yield from _ATTESTED.split()


def _without_tone(syllable: str) -> tuple[str, str]:
    """The letters of `syllable` (lower case, NFC) and its tone marks, each mark once.

    Marks may stand in any order: ``e`` + acute + circumflex is ``ế`` as well.
    """
    letters = tones = base = ""
    for character in unicodedata.normalize("NFKD", syllable.translate(_INVISIBLE)).lower():
        if character not in TONES or base not in _VOWEL_LETTERS:
            letters += character
            if not unicodedata.combining(character):
                base = character
        elif character not in tones:
            tones += character
    return unicodedata.normalize("NFC", letters).translate(_LOOK_ALIKES), tones


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
        # After qu, i is a variant of y before any coda: quít/quýt.
        *("qui" + rime[1:] for rime in after_qu if rime[0] == "y" and "ê" not in rime),
        # gi loses its i before another: gì, gìn, giếng.
        *("gi" + rime for rime in others),
        *("gi" + rime.removeprefix("i") for rime in front if rime != "ia"),
        *(onset + "y" for onset in sorted(_OTHER_Y_ONSETS | Y_ONSETS)),
    ]
    # At the beginning of a syllable iê is written yê: yêu, yến, yết.
    table = {
        spelling.replace("iê", "yê") if spelling.startswith("iê") else spelling: False
        for spelling in spellings
    }
    return {spelling: spelling.endswith(STOPS) for spelling in table}


@cache
def _attested() -> frozenset[tuple[str, str]]:
    return frozenset(map(_without_tone, _ATTESTED.split()))


@cache
def _unmarked() -> frozenset[str]:
    marks = str.maketrans("ăâêôơưđ", "aaeooud")
    return frozenset(
        spelling.translate(marks)
        for spelling in (*_toneless(), *(letters for letters, _ in _attested()))
    )
