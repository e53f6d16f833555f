"""Drop the brackets of a query that have no partner or are nested too deeply."""

from __future__ import annotations

from collections.abc import Callable

from searchidx.search.query.lexer import QueryToken
from searchidx.search.query.limits import MAX_DEPTH


def balance_brackets(
    tokens: list[QueryToken], report: Callable[[int, str], None]
) -> list[QueryToken]:
    """Return the tokens of a query with balanced brackets.

    Args:
        tokens: The tokens of the query.
        report: Receives the offset (code points) and the message of each problem.
    """
    dropped: set[int] = set()
    opened: list[int] = []
    unmatched: list[int] = []
    for number, token in enumerate(tokens):
        if token.kind == "open":
            opened.append(number)
        elif token.kind == "close" and opened:
            partner = opened.pop()
            if len(opened) >= MAX_DEPTH:
                dropped |= {partner, number}
        elif token.kind == "close":
            unmatched.append(number)
    unmatched += opened
    # Ordinary text contains unmatched brackets: report them only beside other syntax.
    if unmatched and any(
        token.kind == "or" or (token.kind == "open" and (token.minus or token.name))
        for token in tokens
    ):
        report(tokens[min(unmatched)].start, "a bracket has no partner and is ignored")
    if dropped:
        report(
            tokens[min(dropped)].start,
            f"brackets nested more than {MAX_DEPTH} deep are ignored",
        )
    dropped.update(unmatched)
    return [token for number, token in enumerate(tokens) if number not in dropped]
