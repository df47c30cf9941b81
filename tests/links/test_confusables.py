"""Letters that look alike."""

from __future__ import annotations

import pytest

from lazaretto.links import confusables


@pytest.mark.parametrize(
    "label", ["раураl", "paypa1", "paypaI", "páypal", "pаypal", "ｐaypal", "paypаɩ".replace("ɩ", "l")]
)
def test_skeletons_of_look_alikes_are_equal(label: str) -> None:
    assert confusables.skeleton(label) == confusables.skeleton("paypal")


def test_pairs_of_letters() -> None:
    assert confusables.skeleton("rnicrosoft") == confusables.skeleton("microsoft")
    assert confusables.skeleton("vvalmart") == confusables.skeleton("walmart")
    assert confusables.skeleton("paypad") != confusables.skeleton("paypal")


def test_mixed_scripts() -> None:
    assert confusables.is_mixed("pаypal")
    assert not confusables.is_mixed("paypal")
    assert not confusables.is_mixed("bücher")
    assert not confusables.is_mixed("пример")
    assert not confusables.is_mixed("東京とtokyo")


def test_whole_words_of_another_alphabet() -> None:
    assert confusables.is_disguised("аррӏе")
    assert confusables.in_ascii("аррӏе") == "apple"
    assert not confusables.is_disguised("апельсин")
    assert not confusables.is_disguised("apple")
