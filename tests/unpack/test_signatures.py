from __future__ import annotations

from lazaretto.unpack import signatures


def test_longer_signatures_stand_before_their_beginnings() -> None:
    for entries in signatures.BY_FIRST_BYTE.values():
        for position, (magic, _) in enumerate(entries):
            assert not any(magic.startswith(earlier) for earlier, _ in entries[:position]), magic


def test_media_types_are_lower_case_and_whole() -> None:
    types = [media_type for entries in signatures.BY_FIRST_BYTE.values() for _, media_type in entries]
    for media_type in [*types, *signatures.CONTAINERS, *signatures.EXTENSIONS, *signatures.TEXT_BY_EXTENSION.values()]:
        assert media_type == media_type.lower()
        assert media_type.count("/") == 1
