"""How values are written on pages; built into every template of the console."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from lazaretto.console import visible as hostile
from lazaretto.findings import catalogue, threats
from lazaretto.model import Finding

register = template.Library()

_HELD = "In quarantine"
HAPPENED = {  # by event kind: the word, its colour class and its icon
    200: ("Delivered", "good", "check_circle"),
    201: ("Delivered, changed", "warn", "edit"),
    202: (_HELD, "bad", "gpp_maybe"),
    203: ("Rejected", "bad", "block"),
    204: ("Deferred", "warn", "schedule"),
    205: ("Purged", "bad", "delete_forever"),
}
STATUS = {
    "clean": ("Clean", "good", "check_circle"),
    "infected": ("Infected", "bad", "coronavirus"),
    "suspicious": ("Suspicious", "warn", "warning"),
    "spam": ("Spam", "spam", "report"),
    "unscannable": ("Unscannable", "odd", "help"),
}
STATE = {
    "held": ("Held", "bad", "lock"),
    "released": ("Released", "good", "check_circle"),
    "forwarded": ("Forwarded", "warn", "forward_to_inbox"),
    "deleted": ("Deleted", "none", "delete"),
    "expired": ("Expired", "none", "timer_off"),
}
SEVERITY = {
    0: ("Informational", "none", "info"),
    1: ("Low", "odd", "info"),
    2: ("Medium", "warn", "warning"),
    3: ("High", "bad", "error"),
    4: ("Critical", "bad", "dangerous"),
}


@register.filter
def safe_text(text: Any) -> SafeString:
    """A stranger's text on one line: escaped, apart from its surroundings, with hidden characters shown."""
    return format_html("<bdi>{}</bdi>", _marked(str(text or ""), lines=False))


@register.filter
def safe_lines(text: Any) -> SafeString:
    """The same for text of many lines, inside ``<pre>``."""
    return _marked(str(text or ""), lines=True)


@register.filter
def plain(text: Any) -> str:
    """The same without markup, for attributes; the template still escapes it."""
    return hostile.visible(str(text or ""))


def _marked(text: str, lines: bool) -> SafeString:
    return format_html_join(
        "",
        "{}",
        (
            (format_html('<span class="lz-hidden" title="{}">{}</span>', hostile.name(run), hostile.code(run)),)
            if secret
            else (run,)
            for run, secret in hostile.pieces(text, lines)
        ),
    )


@register.filter
def mailbox(address: str, name: str = "") -> SafeString:
    """A display name never stands alone: the address is what counts."""
    shown = safe_text(address or "<>")
    if not name:
        return format_html('<span class="lz-mailbox">{}</span>', shown)
    return format_html('<span class="lz-mailbox"><b>{}</b> <span>{}</span></span>', safe_text(name), shown)


@register.filter
def mailboxes(pairs: Sequence[Sequence[str]], limit: int = 1) -> SafeString:
    """The first of a list of [address, name], and how many more there are."""
    shown = [(mailbox(address, name),) for address, name in pairs[:limit]]
    more = len(pairs) - len(shown)
    html = format_html_join(mark_safe("<br>"), "{}", shown)
    return format_html('{} <span class="lz-dim">and {} more</span>', html, more) if more > 0 else html


@register.filter
def octets(count: Any) -> str:
    """Bytes for people, in powers of 1024."""
    size = float(count or 0)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if size < 1024:
            return f"{size:.0f} {unit}" if unit == "B" or size >= 100 else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} TiB"


@register.filter
def duration(seconds: Any) -> str:
    if seconds is None:
        return "–"
    value = float(seconds)
    return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.1f} s" if value < 120 else f"{value / 60:.0f} min"


@register.filter
def happened(kind: int) -> SafeString:
    return _badge(HAPPENED, kind)


@register.filter
def status(word: str) -> SafeString:
    return _badge(STATUS, word)


@register.filter
def state(word: str) -> SafeString:
    return _badge(STATE, word)


@register.filter
def severity(number: int) -> SafeString:
    return _badge(SEVERITY, int(number))


@register.filter
def known(finding: Finding) -> str:
    """What is known of a finding by its name: what ours mean, what others' say of the threat."""
    if entry := catalogue.of(finding):
        return entry.meaning
    return str(threat) if (threat := threats.named(finding)) else ""


def _badge(table: dict[Any, tuple[str, str, str]], key: Any) -> SafeString:
    """Colour, icon and word say the same: none of them is needed alone (WCAG 1.4.1)."""
    word, colour, icon = table.get(key, (str(key or "–"), "none", "help"))
    return format_html(
        '<span class="lz-badge lz-{}"><span class="material-symbols-outlined" aria-hidden="true">{}</span>{}</span>',
        colour,
        icon,
        word,
    )


@register.simple_tag(takes_context=True)
def query(context: Any, **changes: Any) -> str:
    """The page's own query string with some values changed ("" removes); a new selection starts on page 1."""
    values = context["request"].GET.copy()
    values.pop("fragment", None)
    if "page" not in changes:
        values.pop("page", None)
    for name, value in changes.items():
        values.pop(name, None) if value in ("", None) else values.__setitem__(name, value)
    return "?" + values.urlencode()
