from __future__ import annotations

import random
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchidx.language.forms import marked
from searchidx.language.keystrokes import Method, spell
from searchidx.language.phonology import is_vietnamese, syllables
from tests.language.typists import TONE_KEYS, key_orders, ordinary

SYLLABLES = list(syllables())
METHODS: tuple[Method, ...] = ("Telex", "VNI")
# benchmarks/keystrokes.py tries all; this is about every sixth, another part of them.
SAMPLE = random.Random(20).sample(SYLLABLES, len(SYLLABLES) // 6)


@pytest.mark.parametrize("method", METHODS)
def test_every_syllable_typed_as_taught_comes_back(method: Method) -> None:
    for syllable in SYLLABLES:
        keys = ordinary(syllable, method)
        assert marked(spell(keys, method) or keys) == marked(syllable), keys


@pytest.mark.parametrize("method", METHODS)
def test_the_keys_may_stand_in_any_order(method: Method) -> None:
    for syllable in SAMPLE:
        for keys in key_orders(syllable, method):
            assert marked(spell(keys, method) or keys) == marked(syllable), keys


@pytest.mark.parametrize(("method", "none"), [("Telex", "z"), ("VNI", "0")])
def test_a_tone_can_be_taken_back(method: Method, none: str) -> None:
    for syllable in SAMPLE:
        letters, tone = ordinary(syllable, method), ""
        if letters[-1] in TONE_KEYS[method].values():
            letters, tone = letters[:-1], letters[-1]
        for wrong in TONE_KEYS[method].values():
            typed = letters + wrong + none + tone
            assert marked(spell(typed, method) or "") == marked(syllable), typed
    assert spell("nghi" + none, method) is None


keys = st.text("abcdeghijklmnopqrstuvwxyzfjw0123456789[]", min_size=1, max_size=16)


@given(keys)
def test_a_syllable_is_possible_and_in_small_letters(typed: str) -> None:
    for method in METHODS:
        syllable = spell(typed, method)
        if syllable is not None:
            assert is_vietnamese(syllable)
            assert syllable == unicodedata.normalize("NFC", syllable.lower())
            assert spell(typed.upper(), method) == syllable
