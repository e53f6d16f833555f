"""Test the public names of the language package."""

from __future__ import annotations

import pytest

from searchidx import language


def test_the_public_names_are_complete_and_sorted() -> None:
    assert language.__all__ == sorted(language.__all__)
    assert dir(language) == language.__all__
    for name in language.__all__:
        assert callable(getattr(language, name))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        language.nothing  # noqa: B018  # the access is what is tested


def test_it_is_usable_alone() -> None:
    sentence = "Nghị quyết về quản lý thị trường"
    assert language.tokenize(sentence) == "Nghị_quyết về quản_lý thị_trường"
    assert language.tokenize_many([sentence, ""]) == ["Nghị_quyết về quản_lý thị_trường", ""]
    assert (language.folded("Nghị"), language.marked("uỷ")) == ("nghi", "ủy")
    assert language.is_vietnamese("quyết")
