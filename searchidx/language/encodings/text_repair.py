"""Repair Unicode text that was read or saved in a wrong encoding.

A damage is one kind of wrong reading, such as TCVN3 read as windows-1252.  The line is the unit
of repair: a hidden Markov model chooses the damage of each line, or none.
"""

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
    """One kind of wrong reading, and how to undo it."""

    name: str
    repair: Callable[[str], str]
    trial: Callable[[str], str]  # a stricter `repair`, for measuring the gain
    min_evidence: float  # log-likelihood ratio that is needed to assume this damage
    encoding: str
    signs: re.Pattern[str] | None = None  # hardly ever occur without this damage


# Text is repaired at this confidence or above; otherwise it stays unchanged.
_MIN_CONFIDENCE: Final = 0.98
# Log-likelihood ratios that are needed to assume a damage, and to assume that it changes from
# one line to the next; the last is for a text in which changes are known to occur.
_DAMAGE_EVIDENCE: Final = 2.0
_CHANGE_COST: Final = 6.0
_FURTHER_CHANGE_COST: Final = 2.5
_RARE_DAMAGE_EVIDENCE: Final = 4.0  # needed in addition for a damage that is rare
# Limits on the evidence of words without diacritics against a damage, in a line with other
# words and in a line without: names, addresses and English words occur in every text.
_MIN_PLAIN_GAIN: Final = -8.0
_MIN_ALL_PLAIN_GAIN: Final = -0.25
_MAX_SUSPECT_LINES: Final = 50  # sampled to decide whether a large text is damaged at all
_PIECES_PER_LINE: Final = 4  # sampled from a long line


# The bytes of most letters that only Vietnamese has.
_MISREAD_UTF_8: Final = re.compile("á[º»][^ A-Za-z]|Ä[\x90ƒ‘]|Æ[¡°]")
_SIGN_EVIDENCE: Final = 2.0  # log-likelihood ratio of each


def _misread(name: str, convert: Callable[[str], str], min_evidence: float) -> _Damage:
    """Return the damage of an encoding that was read as windows-1252."""
    return _Damage(f"{name} read as {names.WINDOWS_1252}", convert, convert, min_evidence, name)


_DAMAGES: Final = (
    _misread(names.UTF_8, from_misread_utf_8, _DAMAGE_EVIDENCE)._replace(signs=_MISREAD_UTF_8),
    _misread(names.TCVN3, from_misread_tcvn3, _DAMAGE_EVIDENCE),
    _misread(names.VNI, from_vni, _DAMAGE_EVIDENCE),
    _Damage(
        names.VIQR,
        from_viqr,
        from_viqr_inside_words,
        _DAMAGE_EVIDENCE + _RARE_DAMAGE_EVIDENCE,
        names.VIQR,
    ),
    _misread(names.WINDOWS_1258, from_windows_1258, _DAMAGE_EVIDENCE + _RARE_DAMAGE_EVIDENCE),
    _misread(names.VISCII, from_viscii, _DAMAGE_EVIDENCE + _RARE_DAMAGE_EVIDENCE),
    _misread(names.TCVN_5712, from_tcvn_5712, _DAMAGE_EVIDENCE + _RARE_DAMAGE_EVIDENCE),
)

# Two quick searches of the whole text are all that undamaged text costs.  The first finds a
# character that is rare in Vietnamese.  The second finds a sign, or a letter that Vietnamese
# lacks, beside a letter; the first two characters of misread UTF-8; a tone of windows-1258
# after a vowel; or ê and ươ in VIQR.
_RARE_CHARACTERS: Final = "".join(
    chr(code)
    for code in range(0x80, 0x100)
    if chr(code) not in "\x85\xa0§«°²³·»×ÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝàáâãèéêìíòóôõùúý"
) + "".join(sign for sign in WINDOWS_1252.values() if sign not in "‘’“”–—…•")
_UNUSUAL: Final = re.compile(f"[{_RARE_CHARACTERS}»ÌÒ^+]")
_SUSPECT: Final = re.compile(
    f"[A-Za-z][{_RARE_CHARACTERS}]|[{_RARE_CHARACTERS}][A-Za-z]"
    f"|á[º»]|[ÂÃÄÆ][\x80-\xbf{''.join(WINDOWS_1252.values())}]"
    "|[âãêôõýÂÊÔ][ìòÌÒ]"
    r"|[aAeEoO]\^['`?~.A-Za-z]|[oOuU]\+['`?~.A-Za-z]"
)
_LINES: Final = re.compile(r"[^\r\n]+|[\r\n]+")
# Letters that text in a one-byte encoding never shows when it is read as windows-1252.
_VIETNAMESE_ONLY: Final = re.compile("[ĂăĐđĨĩŨũƠơƯư\u1ea0-\u1ef9]")


def repair_text(text: str) -> Decoded:
    """Undo a wrong reading of Vietnamese text, line by line.

    Undamaged text is returned unchanged, in any language and any Unicode form.

    Args:
        text: Any text.  Each line is repaired as a whole or not at all.

    Returns:
        The text with its damaged lines repaired, in NFC; other lines are unchanged.  The
        confidence is that of the repair, or that no repair is needed.
    """
    if _UNUSUAL.search(text) is None or _SUSPECT.search(text) is None:
        return Decoded(text, names.UNICODE, 1.0)
    lines: list[str] = _LINES.findall(text)
    damages = _possible_damages(lines)
    if not damages:
        return Decoded(text, names.UNICODE, 1.0)
    gains = [_repair_gains(line, damages) for line in lines]
    choices = _choose_damages(gains, damages, _CHANGE_COST)
    if len(set(choices)) > 1:
        choices = _choose_damages(gains, damages, _FURTHER_CHANGE_COST)
    confidence = _confidence(lines, choices, damages)
    if confidence < _MIN_CONFIDENCE:
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


def _possible_damages(lines: list[str]) -> list[_Damage]:
    """Return the damages that would explain the suspect lines."""
    suspects = [line for line in lines if _SUSPECT.search(line)]
    if len(suspects) > _MAX_SUSPECT_LINES:
        suspects = suspects[:: len(suspects) // _MAX_SUSPECT_LINES]
    found: dict[tuple[float, ...], _Damage] = {}
    gains = zip(
        *(_repair_gains(sample_of(line, 1), _DAMAGES) for line in suspects), strict=True
    )
    for damage, gain in zip(_DAMAGES, gains, strict=True):
        if sum(max(0.0, more) for more in gain) > _CHANGE_COST:
            found.setdefault(gain, damage)  # the first of several that give the same text
    return list(found.values())


def _repair_gains(line: str, damages: Sequence[_Damage]) -> list[float]:
    """Return how much the repair of each damage raises the log-likelihood ratio of a line."""
    if line.isspace():
        return [0.0] * len(damages)
    composed = sample_of(unicodedata.normalize("NFC", line), _PIECES_PER_LINE)
    now = log_likelihood_ratio(composed)
    # Hide letters that are right already, so that no repair gets credit for them.
    damaged = _VIETNAMESE_ONLY.sub("\ufffd", composed)
    gains: list[float] = []
    for damage in damages:
        trial = damage.trial(damaged)
        if trial == composed:
            gains.append(0.0)
        else:
            then = log_likelihood_ratio(trial)
            least = _MIN_PLAIN_GAIN if then.marked else _MIN_ALL_PLAIN_GAIN
            signs = damage.signs.findall(composed) if damage.signs else ()
            gains.append(
                then.marked
                - max(0.0, now.marked)
                + max(least, then.plain)
                + _SIGN_EVIDENCE * len(set(signs))
            )
    return gains


def _choose_damages(
    gains: list[list[float]], damages: list[_Damage], change: float
) -> list[int | None]:
    """Choose the damage of each line, or None, so that the total gain is greatest.

    A change of damage from one line to the next has a cost, so a line with little evidence
    follows its neighbors.

    Args:
        gains: The gain of each damage, for each line.
        damages: The possible damages.
        change: The cost of a change, as a log-likelihood ratio.

    Returns:
        For each line an index into `damages`, or None for an undamaged line.
    """
    # Viterbi's algorithm: state 0 means undamaged, state n means damage n - 1.
    totals = [0.0, *(-damage.min_evidence for damage in damages)]
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
    """Return the probability that the chosen damages are right; 0 if none is chosen.

    All lines of one damage are judged together, so a word in many lines counts once.
    """
    margins = []
    for chosen in {choice for choice in choices if choice is not None}:
        damaged = "\n".join(
            line for line, choice in zip(lines, choices, strict=True) if choice == chosen
        )
        gains = _repair_gains(damaged, damages)
        own = gains[chosen] - damages[chosen].min_evidence
        margins.append(own)
        margins += (
            own - (gain - damage.min_evidence)
            for gain, damage in zip(gains, damages, strict=True)
            if gain != gains[chosen]  # equal gains mean equal texts
            and {damage.encoding, damages[chosen].encoding} != names.NEARLY_EQUAL
        )
    return probability_of(min(margins)) if margins else 0.0
