"""What the Content-* fields of an entity say, read as most clients do: the first field of a name counts.

Contradictions are recorded as defects, so that a reader who takes the last can be followed where it matters.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from lazaretto.mime import boundary, defects, names
from lazaretto.mime.header import Field
from lazaretto.mime.parameters import Parameters, parameters
from lazaretto.mime.readings import STANDARD, Reading
from lazaretto.mime.words import unfold

_COMMENT = re.compile(rb"\([^()]*+\)")
_NONE = Parameters("")
_DECODING = re.compile("base64|quoted-printable")
_RIVALS = 8
_TYPE = re.compile(r"[^\s/\\\"'()<>=?\0]+/[^\s/\\\"'()<>=?\0]+")  # RFC 2045, 5.1: two tokens
TEXT_PLAIN = "text/plain"  # RFC 2045, 5.2
RFC822 = "message/rfc822"  # RFC 2046, 5.1.5: default in a multipart/digest


class Content(NamedTuple):
    """As the fields of ``model.Part`` of the same names."""

    media_type: str = TEXT_PLAIN
    charset: str = ""
    names: tuple[str, ...] = ()
    disposition: str = ""
    encoding: str = ""
    boundary: bytes = b""
    content_id: str = ""
    defects: tuple[str, ...] = ()

    @property
    def multipart(self) -> bool:
        return self.media_type.startswith("multipart/")


def content(found: Sequence[Field], default: str = TEXT_PLAIN, reading: Reading = STANDARD) -> Content:
    """Reads the Content-* fields among ``found``; ``default`` is the media type without a Content-Type."""
    if not found:
        return Content(default)
    values: dict[str, bytes] = {}
    odd: list[str] = []
    rivals: list[bytes] = []  # other fields of the same name: not followed, but their names count
    for field in reversed(found) if reading.last_field else found:
        if values.setdefault(field.name, field.value).strip() != field.value.strip():
            odd.append(defects.DUPLICATE_FIELD)
            if field.name in ("content-type", "content-disposition") and len(rivals) < _RIVALS:
                rivals.append(field.value)
    kind = parameters(values["content-type"]) if "content-type" in values else _NONE
    disposition = parameters(values["content-disposition"]) if "content-disposition" in values else _NONE
    encoding = token(values.get("content-transfer-encoding", b""))
    media_type = kind.value or default
    if not _TYPE.fullmatch(media_type):
        # RFC 2045, 5.2 says text/plain; a boundary says what was meant.
        odd.append(defects.BAD_TYPE)
        media_type = "multipart/mixed" if media_type.startswith("multipart") else default
    chosen = b""
    if media_type.startswith("multipart/"):
        chosen = boundary.chosen(kind)
        odd += [defects.NO_BOUNDARY] * (not chosen)
        odd += [defects.ODD_BOUNDARY] * (not boundary.ordinary(kind))
        odd += [defects.ENCODED_MULTIPART] * (_DECODING.search(encoding) is not None)
    elif b"oundary" in values.get("content-type", b""):
        odd.append(defects.STRAY_BOUNDARY)
    named: tuple[str, ...] = ()
    if kind.pairs or disposition.pairs or rivals or not (kind.sound and disposition.sound):
        fields = [values.get("content-disposition", b""), values.get("content-type", b""), *rivals]
        named = names.candidates([disposition, kind, *map(parameters, rivals)], fields)
    odd += _parameter_defects(kind, disposition, named)
    return Content(
        media_type[:255],
        kind.get("charset").strip("\"' \t").lower()[:64] if kind.pairs else "",
        named,
        disposition.value[:64],
        encoding,
        chosen,
        unfold(values.get("content-id", b"")).decode("latin-1").strip("<> ")[:998],
        tuple(dict.fromkeys(odd)),
    )


def token(value: bytes) -> str:
    """The value as written, lower case, without comments and quotes (RFC 2045, 6.1; comments: RFC 5322, 3.2.2)."""
    if b"(" in value and (bare := _COMMENT.sub(b"", value).strip()):
        value = bare
    return unfold(value.strip()[:998]).strip(b"\"' \t").lower().decode("latin-1")


def _parameter_defects(kind: Parameters, disposition: Parameters, named: Sequence[str]) -> list[str]:
    odd = []
    for key in ("boundary", "charset"):
        if len(kind.pairs) > 1 and len({pair.value for pair in kind.plain(key)}) > 1:
            odd.append(defects.DUPLICATE_PARAMETER)
    if any(len(name) > 255 for name in named):
        odd.append(defects.LONG_NAME)
    if not (kind.complete and disposition.complete):
        odd.append(defects.MANY_PARAMETERS)
    return odd
