"""Read the operators that people bring along from other search engines.

``a AND b``, ``a && b`` and ``+a`` require words; ``NOT a`` and ``!a`` exclude them; ``a || b``
and ``a | b`` mean OR.  The tokens of a query are rewritten to the operators of this language,
so that nothing else has to know the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from searchidx.search.query.lexer import QueryToken

_AND_SIGN: Final = "&&"
_OR_SIGNS: Final = frozenset(("|", "||"))
_OPERANDS: Final = frozenset(("plain", "quoted", "open"))
_SIGNS: Final = "+!"


def read_operators(tokens: Sequence[QueryToken]) -> list[QueryToken]:
    """Return the tokens of a query with other engines' operators as those of this language.

    AND and NOT are words in a query all in capitals.  A dash before a number behind a word
    excludes nothing: ``Covid -19`` is a name.
    """
    words = (token.content for token in tokens if token.kind == "plain")
    has_lower_case = any(map(str.islower, "".join(words)))
    return list(_rewritten(_without_signs(tokens), has_lower_case=has_lower_case))


def _without_signs(tokens: Sequence[QueryToken]) -> list[QueryToken]:
    """Apply the signs before words, and take back exclusions of numbers behind words."""
    kept: list[QueryToken] = []
    sign: QueryToken | None = None  # a sign alone, directly before a quotation or a bracket
    for token in tokens:
        if sign is not None and sign.end == token.start and token.kind in ("quoted", "open"):
            kept.pop()
            excludes = sign.content == "!"
            token = replace(token, start=sign.start, minus=token.minus or excludes)
        sign = None
        if _is_word(token):
            first, rest = token.content[0], token.content[1:]
            if first in _SIGNS and not rest:
                sign = token
            elif first in _SIGNS and (
                rest[0].isalpha() or (first == "!" and rest[0].isalnum())
            ):
                inner = replace(token, content=rest, content_start=token.content_start + 1)
                token = replace(inner, minus=True) if first == "!" else _required(inner)
        elif (
            token.kind == "plain"
            and token.minus
            and token.name is None
            and token.content.isdecimal()
            and kept
            and _is_word(kept[-1])
        ):
            token = replace(token, start=token.content_start, minus=False)
        kept.append(token)
    return kept


def _rewritten(tokens: Sequence[QueryToken], *, has_lower_case: bool) -> Iterator[QueryToken]:
    """Apply the operators that are words of their own.

    Args:
        tokens: The tokens.
        has_lower_case: Whether AND and NOT stand out from other words.
    """
    requires = excludes = False
    for index, token in enumerate(tokens):
        after = tokens[index + 1] if index + 1 < len(tokens) else None
        has_operand = after is not None and after.kind in _OPERANDS
        if _is_word(token) and has_operand:
            content = token.content
            if index and (content == _AND_SIGN or (content == "AND" and has_lower_case)):
                requires = True
                continue
            if content == "NOT" and has_lower_case:
                excludes = True
                continue
            if index and content in _OR_SIGNS:
                yield replace(token, kind="or")
                continue
        is_required = requires or _is_and(tokens, index + 1, has_lower_case)
        requires = False
        if excludes:
            excludes = False
            yield replace(token, minus=not token.minus)
        else:
            yield _required(token) if is_required else token


def _is_and(tokens: Sequence[QueryToken], index: int, has_lower_case: bool) -> bool:
    """Return whether the token at an index requires the operands on both of its sides."""
    if index + 1 >= len(tokens) or tokens[index + 1].kind not in _OPERANDS:
        return False
    token = tokens[index]
    is_operator = token.content == _AND_SIGN or (token.content == "AND" and has_lower_case)
    return _is_word(token) and is_operator


def _is_word(token: QueryToken) -> bool:
    """Return whether a token is plain words without a prefix."""
    return (
        token.kind == "plain" and not token.minus and token.name is None and not token.literal
    )


def _required(token: QueryToken) -> QueryToken:
    """Return a token whose words are required, as in quotation marks."""
    if not _is_word(token) or token.content.endswith("*"):
        return token
    return replace(token, kind="quoted")
