# Invariant: any bytes give a tree of spans that nest, are in order and do not overlap; every body decodes to bytes,
# the names, fields, properties and the preview can be encoded as UTF-8; no edit gives no result; and replacing a
# part, or adding a field, leaves every other byte as it was.  Nothing raises, nothing takes long.
"""The MIME package, from parsing to splicing."""

from __future__ import annotations

from lazaretto.mime import decode, edit, header, parse, preview, transfer
from lazaretto.model import Message, Part

NOTICE = edit.text_entity("taken out", name="notice.txt")


def target(data: bytes) -> None:
    message = parse.parse(data)
    _sound(message)
    for part in message.root.walk():
        decode.text(transfer.body(message, part), part.charset).encode()
        repr(part.names).encode()
        for field in header.fields(data, part):
            assert part.start <= field.start < field.end <= part.body
            header.decode_words(field.value).encode()
            header.addresses(field.value)
    repr(preview.preview(message, ())).encode()
    assert edit.Draft(message, ()).result() is None
    _edits(message, message.root.walk()[:20])


def _sound(message: Message) -> None:
    assert (message.root.start, message.root.end) == (0, len(message.raw))
    for part in message.root.walk():
        assert part.start <= part.body <= part.end
        at = part.body
        for child in part.children:
            assert at <= child.start
            assert child.end <= part.end
            at = child.end


def _edits(message: Message, parts: list[Part]) -> None:
    raw = message.raw
    for part in parts[1:]:
        draft = edit.Draft(message, ())
        draft.replace_part(part, NOTICE)
        changed = draft.result() or b""
        assert changed.startswith(raw[: part.start])
        assert changed.endswith(raw[part.end :])
    draft = edit.Draft(message, ())
    draft.add_header("X-Fuzz", "value")
    changed = draft.result() or b""
    at, size = changed.index(b"X-Fuzz: value"), len(changed) - len(raw)
    assert changed[:at] + changed[at + size :] == raw
    draft.set_header("Subject", "grün")
    draft.replace_part(message.root, NOTICE)
    again = parse.parse(draft.result() or b"")
    assert transfer.body(again, again.root).strip() == b"taken out"
