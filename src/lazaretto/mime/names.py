"""Every name that somebody may see on an attachment, most credible first.

Sound parameters are read as RFC 2231 and RFC 2047 have it and as they stand.  Where they are not sound, readers cut,
join and unquote them in ways of their own; a rule about names has to see what each of them shows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from urllib.parse import unquote_to_bytes

from lazaretto.mime.decode import text
from lazaretto.mime.parameters import MAX_CANDIDATES, MAX_NAME, Pair, Parameters, ends
from lazaretto.mime.words import decode_words, unescape, unfold

_KEYS = ("filename", "name")
_ANYWHERE = re.compile(rb"(?i:name)\s*+\*?+\d{0,4}+\*?+\s*+=\s*+([^\r\n]{0,1000}+)")
_COMMENT = re.compile(rb"\([^()]*+\)")
_LABEL = re.compile(rb"[^']{0,40}'[^']{0,40}'")
_UTF16 = re.compile(r"utf-?16|ucs-?2", re.I)
_FIELDS = 2  # Content-Disposition and Content-Type, once each
_MOST_ODD = 8  # assignments of a name that are read in odd ways


def candidates(sources: Sequence[Parameters], values: Sequence[bytes]) -> tuple[str, ...]:
    """The names in all Content-Disposition and Content-Type fields, the most credible source first; ``values`` are
    the fields as they stand, for what the grammar of parameters does not see.  At most MAX_CANDIDATES."""
    found: dict[str, None] = {}
    for source in sources:
        for key in _KEYS if source is sources[0] else _KEYS[::-1]:
            found.update(dict.fromkeys(source.candidates(key)))
    unsound = [value for source, value in zip(sources, values, strict=True) if not _is_sound(source)]
    if unsound or len(sources) > _FIELDS:
        for name in _odd(sources, unsound):
            clean = name.strip(" \t\"'").strip("\0")
            if clean and len(found) < MAX_CANDIDATES:
                found.setdefault(clean[:MAX_NAME])
    return tuple(found)[:MAX_CANDIDATES]


def _is_sound(source: Parameters) -> bool:
    """Whether all readers that know the RFCs agree about the names."""
    if not source.pairs:
        return source.sound
    sections: list[int] = []
    for pair in source.pairs:
        if not pair.name.endswith("name"):
            continue
        if b"\0" in pair.written or (not pair.quoted and (b"(" in pair.written or b"\\" in pair.written)):
            return False
        if _UTF16.search(pair.written[:40].decode("latin-1")):
            return False
        if pair.section is not None:
            sections.append(pair.section)
    return source.sound and sections == list(range(len(sections)))


def _odd(sources: Sequence[Parameters], values: Sequence[bytes]) -> Iterator[str]:
    every = [pair for source in sources for pair in source.pairs if pair.name in _KEYS]
    for keys in ((_KEYS[0],), (_KEYS[1],), _KEYS):
        pairs = [pair for pair in every if pair.name in keys]
        sections = [pair for pair in pairs if pair.section is not None]
        # Readers join sections as they come, by number over a gap, or the last of two with one number.
        yield from _joined(sections)
        yield from _joined(sorted(sections, key=lambda pair: pair.section or 0))
        last = {pair.section or 0: pair for pair in sections}
        yield from _joined([last[number] for number in sorted(last)])
        for pair in pairs:
            if pair.extended and pair.section is None:
                yield from _joined([pair])
    assigned = [match[1] for value in values for match in _ANYWHERE.finditer(value)]
    for written in assigned[:_MOST_ODD]:
        for variant in _variants(written):
            yield from _decoded(variant)


def _joined(pairs: Sequence[Pair]) -> Iterator[str]:
    if any(pair.extended for pair in pairs):
        yield from _decoded(unquote_to_bytes(b"".join(_LABEL.sub(b"", pair.value, count=1) for pair in pairs)))
    elif pairs:
        yield from _decoded(b"".join(pair.value for pair in pairs))


def _variants(written: bytes) -> Iterator[bytes]:
    """One value as somebody may take it: to the end, cut, stripped."""
    yield written.replace(b'"', b"")
    yield written.strip().strip(b'"')
    yield unescape(written)
    if b"(" in written:
        yield _COMMENT.sub(b"", written)
    for end in (b";", b'"', b"(", b"\0"):
        if end in written.strip(b'"'):
            yield written.strip(b'"').partition(end)[0]
    if b"%" in written or b"'" in written:
        yield unquote_to_bytes(_LABEL.sub(b"", written, count=1))


def _decoded(value: bytes) -> Iterator[str]:
    value = ends(unfold(value))
    if value.count(b"\0") * 2 >= len(value) > 0:  # UTF-16 without a mark: readers take it as they are built
        yield text(value, "utf-16-be")
        yield text(value, "utf-16-le")
    name = text(value)
    if "=?" in name:
        yield decode_words(name)
        yield decode_words(_UTF16.sub("utf-16-be", name))
    yield name
