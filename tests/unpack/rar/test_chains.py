from __future__ import annotations

from lazaretto.unpack.rar import chains
from lazaretto.unpack.rar.blocks import Item


def item(name: str, method: int = 3, *, solid: bool = False, before: bool = False, service: str = "") -> Item:
    return Item((name,), 0, 0, 5, method, 50, 5, 0, solid=solid, before=before, service=service)


def names(items: list[Item]) -> list[str]:
    return ["".join(each.names[0] for each in chain.items) for chain in chains.of(items)]


def test_who_needs_whom() -> None:
    items = [item("a"), item("b", solid=True), item("s", 0), item("c", solid=True), item("C", service="CMT"), item("d")]
    assert names(items) == ["abc", "s", "C", "d"]


def test_a_chain_without_its_beginning() -> None:
    (chain,) = chains.of([item("a", solid=True), item("b", solid=True)])
    assert chain.broken == "needs the file before it"
    first, second = chains.of([item("a", before=True), item("b", solid=True), item("c")])
    assert first.broken == "begins in an earlier volume"
    assert not second.broken
