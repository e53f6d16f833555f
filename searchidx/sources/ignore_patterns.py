"""Match paths against the patterns of an ignore file, in the syntax of `.gitignore`.

The patterns become one regular expression that never backtracks across a wildcard.  A
literal translation would: ``*a*a*a*ab`` as ``.*a.*a.*a.*ab`` needs exponential time on a
name of many "a".  Between two wildcards stands text of fixed length, so its leftmost place
is always good enough: every later place leaves less of the name to the rest.  Atomic groups
tell the engine so.  The work for one pattern is at most its length times the path's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import Enum
from typing import Final

MAX_PATTERNS: Final = 10_000
"""The most patterns of one ignore file.  Each path is compared with all of them."""

MAX_PATTERN_CODE_POINTS: Final = 1000
"""The longest pattern."""

_CHARACTER_CLASSES: Final = {
    "alnum": "a-zA-Z0-9", "alpha": "a-zA-Z", "blank": r"\ \t", "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9", "graph": r"\x21-\x7e", "lower": "a-z", "print": r"\x20-\x7e",
    "punct": r"\x21-\x2f\x3a-\x40\x5b-\x60\x7b-\x7e", "space": r"\ \t-\r", "upper": "A-Z",
    "xdigit": "0-9a-fA-F",
}  # fmt: skip
_ANY_CHARACTER: Final = "[^/]"
_NO_CHARACTER: Final = "(?!)"


class _Wildcard(Enum):
    """The parts of a pattern that match text of variable length, and the separator."""

    STAR = "*"  # any text within a segment
    GLOBSTAR = "**"  # any number of segments
    SLASH = "/"


# A string is the regular expression of exactly one character other than a slash.
_Token = str | _Wildcard


class InvalidPatternError(ValueError):
    """Report a line that git ignores because it can match nothing."""


class IgnorePatterns:
    """The patterns of one ignore file; the last one that matches a path decides.

    Git's rules hold, with one exception: ``?`` and ``[…]`` match a character, where git
    matches one byte of it.

    Args:
        lines: The lines of the file, without line ends.
        unused: What the caller has left out of them already, as in the attribute.

    Attributes:
        unused: What is not used because it exceeds a limit: the number of the line, from 1,
            or None for the rest of the file; and the reason, with what to do next.
    """

    def __init__(
        self, lines: Iterable[str], unused: Iterable[tuple[int | None, str]] = ()
    ) -> None:
        self.unused = list(unused)
        alternatives = list(self._alternatives(lines))
        # Empty groups mark the exceptions.  The last pattern that matches decides, so that
        # the alternatives stand in reverse order.
        self._pattern = re.compile("|".join(reversed(alternatives)) or _NO_CHARACTER, re.DOTALL)

    def _alternatives(self, lines: Iterable[str]) -> Iterator[str]:
        """Yield the regular expression of each valid pattern."""
        count = 0
        for number, line in enumerate(lines, start=1):
            if len(line) > MAX_PATTERN_CODE_POINTS:
                reason = (
                    f"the pattern is longer than {MAX_PATTERN_CODE_POINTS:,} characters and is "
                    "not used; shorten it"
                )
                self.unused.append((number, reason))
                continue
            line = _strip_trailing_blanks(line)
            if not line or line.startswith("#"):
                continue
            count += 1
            if count > MAX_PATTERNS:
                reason = (
                    f"only the first {MAX_PATTERNS:,} patterns are used; replace the others by "
                    "fewer patterns with wildcards"
                )
                self.unused.append((number, reason))
                return
            negated = line.startswith("!")
            try:
                expression = translate(line[1:] if negated else line)
            except InvalidPatternError:
                continue
            yield expression + "()" if negated else expression

    def verdict(self, path: str) -> bool | None:
        """Return what the patterns say about one path, without regard to its parents.

        Args:
            path: The path relative to the folder of the ignore file, with ``/`` between its
                segments, and at the end if it is a folder.

        Returns:
            True if the path is to be ignored, False if a pattern with ``!`` makes an
            exception of it, None if no pattern matches.
        """
        match = self._pattern.fullmatch(path)
        return None if match is None else match.lastindex is None


def translate(pattern: str) -> str:
    """Translate one pattern, without its ``!``, into a regular expression.

    The expression has no groups that capture.  It matches a whole path as
    `IgnorePatterns.verdict` takes it.

    Raises:
        InvalidPatternError: The pattern can match nothing.
    """
    folders_only = pattern.endswith("/")
    pattern = pattern.removesuffix("/")
    anchored = "/" in pattern
    tokens = list(_tokens(pattern.removeprefix("/"), segments=anchored))
    if not tokens:
        raise InvalidPatternError(pattern)
    if not anchored:
        tokens[:0] = [_Wildcard.GLOBSTAR, _Wildcard.SLASH]
    return _match_segments(tokens) + ("/" if folders_only else "/?") + r"\Z"


def _strip_trailing_blanks(line: str) -> str:
    r"""Remove the blanks at the end of a line, except one that is escaped as ``\ ``."""
    line = line.removesuffix("\r")
    stripped = line.rstrip(" ")
    backslashes = len(stripped) - len(stripped.rstrip("\\"))
    return stripped + " " if backslashes % 2 and len(stripped) < len(line) else stripped


def _tokens(pattern: str, *, segments: bool) -> Iterator[_Token]:
    """Yield the parts of a pattern.

    Args:
        pattern: The pattern, without a slash at either end.
        segments: Whether the pattern has several segments, so that ``**`` may be special.

    Raises:
        InvalidPatternError: A bracket is not closed, or a backslash is last.
    """
    at = 0
    while at < len(pattern):
        character = pattern[at]
        start = at
        at += 1
        if character == "*":
            while at < len(pattern) and pattern[at] == "*":
                at += 1
            alone = (start == 0 or pattern[start - 1] == "/") and (
                at == len(pattern) or pattern.startswith(("/", "\\/"), at)
            )
            several = segments and at - start > 1 and alone
            yield _Wildcard.GLOBSTAR if several else _Wildcard.STAR
        elif character == "/":
            yield _Wildcard.SLASH
        elif character == "?":
            yield _ANY_CHARACTER
        elif character == "[":
            expression, at = _bracket(pattern, at)
            yield expression
        elif character == "\\":
            if at == len(pattern):
                raise InvalidPatternError(pattern)
            yield _Wildcard.SLASH if pattern[at] == "/" else re.escape(pattern[at])
            at += 1
        else:
            yield re.escape(character)


def _bracket(pattern: str, at: int) -> tuple[str, int]:
    """Translate a set of characters.

    Args:
        pattern: The pattern.
        at: The offset after the opening bracket.

    Returns:
        The regular expression, and the offset after the closing bracket.

    Raises:
        InvalidPatternError: The bracket is not closed, or names an unknown class.
    """
    negated = pattern.startswith(("!", "^"), at)
    at += negated
    first = at
    members: list[str] = []
    while True:
        if at >= len(pattern):
            raise InvalidPatternError(pattern)
        if pattern[at] == "]" and at > first:
            break
        if pattern.startswith("[:", at):
            end = pattern.find("]", at + 2)
            if end < 0:
                raise InvalidPatternError(pattern)
            # Without a colon before the bracket that closes it, "[:" is two characters.
            if end > at + 2 and pattern[end - 1] == ":":
                name = pattern[at + 2 : end - 1]
                if name not in _CHARACTER_CLASSES:
                    raise InvalidPatternError(pattern)
                members.append(_CHARACTER_CLASSES[name])
                at = end + 1
                continue
        low, at = _bracket_character(pattern, at)
        if pattern.startswith("-", at) and not pattern.startswith("]", at + 1):
            high, at = _bracket_character(pattern, at + 1)
            # Git compares the first character of a range by itself as well: "[z-a]" is "[z]".
            members.append(re.escape(low))
            if low <= high:
                members.append(f"{re.escape(low)}-{re.escape(high)}")
        else:
            members.append(re.escape(low))
    if negated:
        return f"[^/{''.join(members)}]", at + 1
    return f"(?!/)[{''.join(members)}]" if members else _NO_CHARACTER, at + 1


def _bracket_character(pattern: str, at: int) -> tuple[str, int]:
    """Return a character of a set, which may be escaped, and the offset after it."""
    if pattern.startswith("\\", at):
        at += 1
    if at >= len(pattern):
        raise InvalidPatternError(pattern)
    return pattern[at], at + 1


def _match_segments(tokens: list[_Token]) -> str:
    """Return the expression of a sequence of segments, some of which may be ``**``."""
    segments = _split(tokens, _Wildcard.SLASH)
    groups: list[list[str]] = [[]]
    for segment in segments:
        if segment == [_Wildcard.GLOBSTAR]:
            groups.append([])
        else:
            groups[-1].append(_match_segment(segment))
    joined = ["/".join(group) for group in groups]
    if len(joined) == 1:
        return joined[0]
    # Several "**" in sequence are one.  "**/" matches no segment as well, but "/**" at the
    # end matches something.
    first, *middle, last = joined
    expression = first + "/" if groups[0] else ""
    for group in middle:
        if group:
            expression += f"(?>(?:[^/]+/)*?{group}/)"
    return expression + (f"(?:[^/]+/)*{last}" if groups[-1] else "[^/].*?")


def _match_segment(tokens: list[_Token]) -> str:
    """Return the expression of one segment, which may have stars."""
    first, *others = ["".join(map(str, part)) for part in _split(tokens, _Wildcard.STAR)]
    if not others:
        return first
    *middle, last = others
    found = "".join(f"(?>[^/]*?{part})" for part in middle if part)
    return f"{first}{found}[^/]*{last}"


def _split(tokens: list[_Token], separator: _Wildcard) -> list[list[_Token]]:
    """Split tokens at each separator."""
    parts: list[list[_Token]] = [[]]
    for token in tokens:
        if token is separator:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts
