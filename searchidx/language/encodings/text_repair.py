"""Text that is Unicode already, but wrong: read or saved in the wrong encoding."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from searchidx.language.encodings import encoding_names as names
from searchidx.language.encodings.converters import (
    from_misread_tcvn3,
    from_misread_utf_8,
    from_tcvn_5712,
    from_viqr,
    from_viqr_inside_words,
    from_viscii,
    from_vni,
    from_windows_1258,
)
from searchidx.language.encodings.decoded_text import Decoded
from searchidx.language.encodings.likelihood import (
    log_likelihood_ratio,
    probability_of,
    sample_of,
)
from searchidx.language.encodings.tables import WINDOWS_1252


class _Damage(NamedTuple):
    name: str
    repair: Callable[[str], str]
    trial: Callable[[str], str]  # the same for judging it
    begin: float  # the evidence that it takes to believe in it
    encoding: str
    signs: re.Pattern[str] | None = None  # what is hardly ever there but for this damage


# A damage is repaired from this confidence on; below it the text stays as it is.
_LEAST: Final = 0.98
# The evidence that it takes to believe in a damage, and in a change of it, or to none, from
# one line to the next; and in such a change in a text that is known to have some.
_BEGIN: Final = 2.0
_CHANGE: Final = 6.0
_FURTHER_CHANGE: Final = 2.5
_RARE: Final = 4.0  # more for a damage that is seldom seen
# The most that words without marks may say against a damage of their line, and of a line
# that has no others: names, addresses and English words are in every text.
_PLAIN: Final = -8.0
_ALL_PLAIN: Final = -0.25
_SUSPECTS: Final = 50  # lines that decide whether a large text is damaged at all
_PIECES: Final = 4  # of a long line that decide about it


# The bytes of most letters that only Vietnamese has.
_MISREAD_UTF_8: Final = re.compile("á[º»][^ A-Za-z]|Ä[\x90ƒ‘]|Æ[¡°]")
_SIGN: Final = 2.0  # the evidence in each


def _misread(name: str, convert: Callable[[str], str], begin: float) -> _Damage:
    return _Damage(f"{name} read as {names.WINDOWS_1252}", convert, convert, begin, name)


_DAMAGES: Final = (
    _misread(names.UTF_8, from_misread_utf_8, _BEGIN)._replace(signs=_MISREAD_UTF_8),
    _misread(names.TCVN3, from_misread_tcvn3, _BEGIN),
    _misread(names.VNI, from_vni, _BEGIN),
    _Damage(names.VIQR, from_viqr, from_viqr_inside_words, _BEGIN + _RARE, names.VIQR),
    _misread(names.WINDOWS_1258, from_windows_1258, _BEGIN + _RARE),
    _misread(names.VISCII, from_viscii, _BEGIN + _RARE),
    _misread(names.TCVN_5712, from_tcvn_5712, _BEGIN + _RARE),
)

# A quick look at the whole text, which is all that good text costs: a character that good
# Vietnamese text seldom has; then a sign, or a letter that Vietnamese lacks, beside another
# letter, two characters that begin misread UTF-8, a tone of windows-1258 after a vowel, and
# what VIQR makes of ê and ươ.
_STRANGE: Final = "".join(
    chr(code)
    for code in range(0x80, 0x100)
    if chr(code) not in "\x85\xa0§«°²³·»×ÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝàáâãèéêìíòóôõùúý"
) + "".join(sign for sign in WINDOWS_1252.values() if sign not in "‘’“”–—…•")
_UNUSUAL: Final = re.compile(f"[{_STRANGE}»ÌÒ^+]")
_SUSPECT: Final = re.compile(
    f"[A-Za-z][{_STRANGE}]|[{_STRANGE}][A-Za-z]"
    f"|á[º»]|[ÂÃÄÆ][\x80-\xbf{''.join(WINDOWS_1252.values())}]"
    "|[âãêôõýÂÊÔ][ìòÌÒ]"
    r"|[aAeEoO]\^['`?~.A-Za-z]|[oOuU]\+['`?~.A-Za-z]"
)
_LINES: Final = re.compile(r"[^\r\n]+|[\r\n]+")
# Letters that no text in a one-byte encoding has when it is read as windows-1252.
_TRULY_VIETNAMESE: Final = re.compile("[ĂăĐđĨĩŨũƠơƯư\u1ea0-\u1ef9]")


def repair_text(text: str) -> Decoded:
    """Undo a wrong reading of Vietnamese text, paragraph by paragraph.

    Text that shows no damage is returned as it is, in any language and any Unicode form.

    Args:
        text: Any text.  A paragraph is a line; only whole paragraphs are repaired.

    Returns:
        The repaired paragraphs in NFC among the others, which are unchanged.  The
        confidence is that of the repair, or that no repair is needed.
    """
    if _UNUSUAL.search(text) is None or _SUSPECT.search(text) is None:
        return Decoded(text, names.UNICODE, 1.0)
    lines: list[str] = _LINES.findall(text)
    damages = _possible(lines)
    if not damages:
        return Decoded(text, names.UNICODE, 1.0)
    gains = [_gains(line, damages) for line in lines]
    choices = _choose(gains, damages, _CHANGE)
    if len(set(choices)) > 1:
        choices = _choose(gains, damages, _FURTHER_CHANGE)
    confidence = _confidence(lines, choices, damages)
    if confidence < _LEAST:
        return Decoded(text, names.UNICODE, 1.0 - confidence)
    extent: dict[str, int] = {}
    for place, choice in enumerate(choices):
        line = lines[place]
        name = names.UNICODE
        if choice is not None:
            name = damages[choice].name
            composed = unicodedata.normalize("NFC", line)
            repaired = damages[choice].repair(composed)
            if repaired != composed:
                lines[place] = repaired
        if line.strip():
            extent[name] = extent.get(name, 0) + len(line)
    found = sorted(extent, key=lambda name: (name != names.UNICODE, -extent[name]))
    return Decoded("".join(lines), ", ".join(found), confidence)


def _possible(lines: list[str]) -> list[_Damage]:
    """The damages that would explain lines that look wrong."""
    suspects = [line for line in lines if _SUSPECT.search(line)]
    if len(suspects) > _SUSPECTS:
        suspects = suspects[:: len(suspects) // _SUSPECTS]
    found: dict[tuple[float, ...], _Damage] = {}
    gains = zip(*(_gains(sample_of(line, 1), _DAMAGES) for line in suspects), strict=True)
    for damage, gain in zip(_DAMAGES, gains, strict=True):
        if sum(max(0.0, more) for more in gain) > _CHANGE:
            found.setdefault(gain, damage)  # one of those that give the same text
    return list(found.values())


def _gains(line: str, damages: Sequence[_Damage]) -> list[float]:
    """What each repair of a line adds to the evidence that it is Vietnamese."""
    if line.isspace():
        return [0.0] * len(damages)
    composed = sample_of(unicodedata.normalize("NFC", line), _PIECES)
    now = log_likelihood_ratio(composed)
    # No repair explains what is right already.
    damaged = _TRULY_VIETNAMESE.sub("\ufffd", composed)
    gains: list[float] = []
    for damage in damages:
        trial = damage.trial(damaged)
        if trial == composed:
            gains.append(0.0)
        else:
            then = log_likelihood_ratio(trial)
            least = _PLAIN if then.marked else _ALL_PLAIN
            signs = damage.signs.findall(composed) if damage.signs else ()
            gains.append(
                then.marked
                - max(0.0, now.marked)
                + max(least, then.plain)
                + _SIGN * len(set(signs))
            )
    return gains


def _choose(
    gains: list[list[float]], damages: list[_Damage], change: float
) -> list[int | None]:
    """For each line the damage to repair, or None: those that gain the most together.

    A line that says little follows its neighbours, for a change of the damage from one line
    to the next costs `change`.
    """
    # Viterbi's algorithm; state 0 is no damage, state n the damage n - 1.
    totals = [0.0, *(-damage.begin for damage in damages)]
    origins: list[list[int]] = []
    for gain in gains:
        top = max(range(len(totals)), key=totals.__getitem__)
        changed = totals[top] - change
        origins.append(
            [state if total >= changed else top for state, total in enumerate(totals)]
        )
        totals = [
            max(total, changed) + more for total, more in zip(totals, (0.0, *gain), strict=True)
        ]
    state = max(range(len(totals)), key=totals.__getitem__)
    choices: list[int | None] = []
    for origin in reversed(origins):
        choices.append(state - 1 if state else None)
        state = origin[state]
    return choices[::-1]


def _confidence(lines: list[str], choices: list[int | None], damages: list[_Damage]) -> float:
    """How sure it is that there is damage, and that it is the one chosen; 0 for none.

    The lines are taken together, so that the same words in many of them count once.
    """
    margins = []
    for chosen in {choice for choice in choices if choice is not None}:
        damaged = "\n".join(
            line for line, choice in zip(lines, choices, strict=True) if choice == chosen
        )
        gains = _gains(damaged, damages)
        own = gains[chosen] - damages[chosen].begin
        margins.append(own)
        margins += (
            own - (gain - damage.begin)
            for gain, damage in zip(gains, damages, strict=True)
            if gain != gains[chosen]  # equal where both give the same text
            and {damage.encoding, damages[chosen].encoding} != names.ALIKE
        )
    return probability_of(min(margins)) if margins else 0.0
