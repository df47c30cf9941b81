"""The message trace: every judged message, and everything that is known about one."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from lazaretto.console.filters import MessageFilter
from lazaretto.console.listing import Column, page
from lazaretto.console.models import Item, Message
from lazaretto.console.site import page as framed
from lazaretto.model import ArtifactSummary, Event, Finding, Severity

COLUMNS = (
    Column("at", "When", "at"),
    Column("status", "Result", "status"),
    Column("kind", "What happened", "kind"),
    Column("sender", "From", "sender"),
    Column("recipients", "To"),
    Column("subject", "Subject", "subject"),
    Column("threats", "Findings"),
    Column("size", "Size", "size", "lz-number"),
    Column("seconds", "Took", "seconds", "lz-number"),
)
_SAYS_NOTHING = ("", "application/octet-stream", "application/binary")
_INDENTS = 12  # levels; deeper ones are drawn at the same indent


def index(request: HttpRequest) -> HttpResponse:
    form = MessageFilter(request.GET)
    found = page(form.rows(), COLUMNS, request.GET)
    template = "messages/table.html" if "fragment" in request.GET else "messages/index.html"
    return framed(request, template, "Messages", filter=form, page=found)


def one(request: HttpRequest, envelope_id: str) -> HttpResponse:
    row = Message.objects.select_related("detail").filter(envelope_id=envelope_id).order_by("-pk").first()
    if row is None:
        raise Http404("no such message")
    event = row.event()
    return framed(
        request,
        "messages/one.html",
        "Message",
        row=row,
        event=event,
        tree=tree(event),
        whole=[finding for finding in event.findings if finding.artifact is None],
        timings=timings(event),
        items=Item.objects.filter(envelope_id=envelope_id).order_by("pk"),
        raw=json.dumps(json.loads(row.detail.text()), indent=2, ensure_ascii=False),
    )


def tree(event: Event) -> list[dict[str, Any]]:
    """The artifacts in the order in which they were unpacked, each with its findings."""
    findings: dict[str | None, list[Finding]] = defaultdict(list)
    for finding in event.findings:
        findings[finding.artifact].append(finding)
    children: dict[str | None, list[ArtifactSummary]] = defaultdict(list)
    paths = {artifact.path for artifact in event.artifacts}
    for artifact in event.artifacts:
        children[artifact.parent if artifact.parent in paths else None].append(artifact)
    rows, waiting, seen = [], list(reversed(children[None])), set[str]()
    while waiting:
        artifact = waiting.pop()
        if artifact.path in seen:
            continue
        seen.add(artifact.path)
        rows.append(
            {
                "artifact": artifact,
                "findings": findings[artifact.path],
                "hit": any(each.severity > Severity.INFORMATIONAL for each in findings[artifact.path]),
                "indent": min(artifact.depth, _INDENTS),
                "icon": icon(artifact.type),
                "lies": artifact.declared not in _SAYS_NOTHING and artifact.declared != artifact.type,
            }
        )
        waiting.extend(reversed(children[artifact.path]))
    return rows


def timings(event: Event) -> list[dict[str, Any]]:
    """Seconds by stage with their share of the longest."""
    stages = {name: seconds for name, seconds in event.timings.items() if name != "total"}
    most = max(stages.values(), default=0) or 1
    return [{"name": name, "seconds": seconds, "share": 100 * seconds / most} for name, seconds in stages.items()]


def icon(media_type: str) -> str:
    """Name of a symbol for a true type."""
    exact = {"message/rfc822": "mail", "application/pdf": "picture_as_pdf", "text/html": "html"}
    if media_type in exact:
        return exact[media_type]
    words = {
        "folder_zip": ("zip", "tar", "rar", "7z", "compressed", "bzip", "xz"),
        "terminal": ("executable", "x-dosexec", "msdownload", "x-elf", "mach"),
        "code": ("javascript", "script", "xml", "json", "vba"),
        "table": ("sheet", "excel", "csv"),
        "slideshow": ("presentation", "powerpoint"),
        "description": ("word", "document", "rtf", "ole"),
    }
    for symbol, parts in words.items():
        if any(part in media_type for part in parts):
            return symbol
    return {"image": "image", "audio": "music_note", "video": "movie", "text": "article"}.get(
        media_type.partition("/")[0], "draft"
    )
