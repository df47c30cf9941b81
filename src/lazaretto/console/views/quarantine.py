"""What is held: find it, look at it safely, let it go."""

from __future__ import annotations

import re
from collections.abc import Sequence

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import validate_email
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST

from lazaretto.console import control, security
from lazaretto.console.filters import ItemFilter
from lazaretto.console.listing import Column, page
from lazaretto.console.models import Item, NodeEvent
from lazaretto.console.site import page as framed
from lazaretto.control.types import Result
from lazaretto.errors import LazarettoError
from lazaretto.model import ItemState

COLUMNS = (
    Column("at", "When", "at"),
    Column("sender", "From", "sender"),
    Column("recipient", "To", "recipient"),
    Column("subject", "Subject", "subject"),
    Column("name", "File name", "name"),
    Column("size", "Size", "size", "lz-number"),
    Column("reason", "Reason", "reason"),
    Column("kinds", "Kind", "kinds"),
    Column("state", "State", "state"),
    Column("resent", "Resent", "resent_to"),
)
ACTIONS = {
    "release": ("Release", "Released", ItemState.RELEASED),
    "forward": ("Forward", "Forwarded", ItemState.FORWARDED),
    "delete": ("Delete", "Deleted", ItemState.DELETED),
}
_MOST = 200  # items of one request: the longest page of the list
_ADDRESSES = 20
_UNHARMFUL = ("spam", "content", "")


def index(request: HttpRequest) -> HttpResponse:
    form = ItemFilter(request.GET)
    found = page(form.rows(), COLUMNS, request.GET)
    template = "quarantine/table.html" if "fragment" in request.GET else "quarantine/index.html"
    return framed(request, template, "Quarantine", filter=form, page=found, may_act=may_act(request))


def one(request: HttpRequest, item_id: str) -> HttpResponse:
    item = _item(item_id)
    history = NodeEvent.objects.filter(item_id=item_id).order_by("pk")
    return framed(request, "quarantine/one.html", "Held message", item=item, history=history, may_act=may_act(request))


@require_POST
def act(request: HttpRequest) -> HttpResponse:
    """First answer: what is about to happen, to be confirmed.  Second: it happens, and what came of each item."""
    _must_act(request)
    action, ids = request.POST.get("action", ""), list(dict.fromkeys(request.POST.getlist("ids")))[:_MOST]
    if action not in ACTIONS:
        raise Http404("no such action")
    items = list(Item.objects.filter(item_id__in=ids).order_by("-at"))
    if not items:
        return HttpResponseRedirect(reverse("admin:quarantine"))
    text, error = request.POST.get("to", ""), ""
    if "confirmed" in request.POST:
        try:
            to = addresses(text) if action == "forward" else []
            results = carry_out(action, [item.item_id for item in items], request.user.get_username(), to)
        except (ValidationError, LazarettoError) as problem:
            error = " ".join(problem.messages) if isinstance(problem, ValidationError) else str(problem)
        else:
            request.session["result"] = {
                "action": action,
                "to": to,
                "results": [[each.id, each.done, each.error] for each in results],
            }
            return HttpResponseRedirect(reverse("admin:quarantine-result"))
    harmful = [item for item in items if any(kind not in _UNHARMFUL for kind in item.kinds.split(", "))]
    return framed(
        request,
        "quarantine/confirm.html",
        f"{ACTIONS[action][0]} {len(items)} message{'' if len(items) == 1 else 's'}?",
        action=action,
        word=ACTIONS[action][0],
        items=items,
        harmful=harmful,
        to=text,
        error=error,
    )


def result(request: HttpRequest) -> HttpResponse:
    """What came of each item of the last action of this session."""
    last = request.session.get("result")
    if not last:
        return HttpResponseRedirect(reverse("admin:quarantine"))
    items = Item.objects.in_bulk([each[0] for each in last["results"]], field_name="item_id")
    rows = [
        {"id": each, "done": done, "error": error, "item": items.get(each)} for each, done, error in last["results"]
    ]
    done = sum(1 for row in rows if row["done"])
    return framed(
        request,
        "quarantine/result.html",
        f"{ACTIONS[last['action']][1]}: {done} of {len(rows)}",
        rows=rows,
        done=done,
        failed=len(rows) - done,
        word=ACTIONS[last["action"]][1],
        to=last["to"],
    )


@xframe_options_sameorigin
def preview(request: HttpRequest, item_id: str) -> HttpResponse:
    """The held message as text, a document of its own under the strictest policy: made for a sandboxed frame."""
    shown, error = None, ""
    try:
        shown = control.client().preview(_item(item_id).item_id)
    except LazarettoError as problem:
        error = str(problem)
    theme = request.GET.get("theme", "")
    html = render_to_string(
        "console/quarantine/preview.html",
        {"preview": shown, "error": error, "theme": theme if theme in ("light", "dark") else "", "id": item_id},
    )
    return HttpResponse(html, headers={"Content-Security-Policy": security.PREVIEW})


def original(request: HttpRequest, item_id: str) -> HttpResponse:
    """GET asks whether it is meant; POST hands over the bytes, and the node writes that down."""
    _must_act(request)
    item, error = _item(item_id), ""
    if request.method == "POST":
        try:
            raw = control.client().export(item.item_id, request.user.get_username())
        except LazarettoError as problem:
            error = str(problem)
        else:
            name = re.sub(r"[^0-9A-Za-z-]", "", item.item_id)
            headers = {
                "Content-Disposition": f'attachment; filename="{name}.eml.quarantined"',  # opens in nothing by itself
                "Content-Security-Policy": security.DOWNLOAD,
            }
            return HttpResponse(raw, content_type="application/octet-stream", headers=headers)
    return framed(request, "quarantine/original.html", "Download the original?", item=item, error=error)


def carry_out(action: str, ids: Sequence[str], actor: str, to: Sequence[str] = ()) -> list[Result]:
    """Asks the node, and shows at once what the journal will tell a moment later.  Raises LazarettoError."""
    client = control.client()
    if action == "release":
        results = client.release(ids, actor)
    elif action == "forward":
        results = client.forward(ids, actor, to)
    else:
        results = client.delete(ids, actor)
    control.watch().forget()
    done = [each.id for each in results if each.done]
    Item.objects.filter(item_id__in=done).update(
        state=ACTIONS[action][2].value, changed_at=timezone.now(), changed_by=actor
    )
    return results


def addresses(text: str) -> list[str]:
    """The addresses in what was typed, with commas, semicolons or spaces between.  Raises ValidationError."""
    found = list(dict.fromkeys(re.split(r"[\s,;]+", text.strip()))) if text.strip() else []
    if not found:
        raise ValidationError("Give at least one address to forward to.")
    if len(found) > _ADDRESSES:
        raise ValidationError(f"At most {_ADDRESSES} addresses at a time.")
    for address in found:
        try:
            validate_email(address)
        except ValidationError:
            raise ValidationError(f"“{address}” is not a mail address.") from None
    return found


def may_act(request: HttpRequest) -> bool:
    return bool(request.user.has_perm("console.change_item"))


def _must_act(request: HttpRequest) -> None:
    if not may_act(request):
        raise PermissionDenied("you may look at held messages, not act on them")


def _item(item_id: str) -> Item:
    found = Item.objects.filter(item_id=item_id).first()
    if found is None:
        raise Http404("no such item")
    return found
