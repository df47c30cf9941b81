# Invariant: any bytes give a tree of spans that nest, are in order and do not overlap, and so does every rival view;
# the coverage tiles the message without a hole; every body decodes to bytes, the names, fields, properties and the
# preview can be encoded as UTF-8; the union hands on each thing once, not much more than the views have bytes, and few
# findings; no edit gives no result; and replacing a part, or adding a field, leaves every other byte as it was.
# Nothing raises, nothing takes long.
"""The MIME package, from parsing to splicing, with all views."""

from __future__ import annotations

from fuzz._mails import mails

from lazaretto.mime import coverage, decode, edit, header, parse, preview, readings, transfer, views
from lazaretto.model import Finding, Message, Part
from lazaretto.unpack.union import Union

NOTICE = edit.text_entity("taken out", name="notice.txt")
SEEDS = mails()
_DECODINGS = 32  # of one body, at the most
_FINDINGS, _EVIDENCE = 16, 16


def target(data: bytes) -> None:
    message = parse.parse(data)
    _sound(message)
    _covered(message)
    odd = set()
    for part in message.root.walk():
        odd.update(part.defects)
        odd.update(transfer.decoded(message, part).defects)
        decode.text(transfer.body(message, part), part.charset).encode()
        repr(part.names).encode()
        for field in header.fields(data, part):
            assert part.start <= field.start < field.end <= part.body
            header.decode_words(field.value).encode()
            header.addresses(field.value)
    repr(preview.preview(message, ())).encode()
    rivals = list(views.rivals(message, frozenset(odd)))
    for view in rivals:
        _sound(view.message)
    assert len(rivals) <= len(readings.RIVALS)
    _union(message)
    assert edit.Draft(message, ()).result() is None
    _edits(message, message.root.walk()[:20])


def _covered(message: Message) -> None:
    at = 0
    for span in sorted(coverage.coverage(message), key=lambda span: span.start):
        assert at == span.start < span.end
        at = span.end
    assert at == len(message.raw)


def _union(message: Message) -> None:
    things = list(Union(message).members())
    found = [thing for thing in things if isinstance(thing, Finding)]
    members = [b"".join(thing.chunks) for thing in things if not isinstance(thing, Finding)]
    assert len(found) <= _FINDINGS
    assert all(len(finding.evidence) <= _EVIDENCE for finding in found)
    repr(found).encode()
    most = (1 + len(readings.RIVALS)) * _DECODINGS
    assert sum(map(len, members)) <= most * (2 * len(message.raw) + 100)


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
