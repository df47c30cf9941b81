"""What one link gives away: a list of signs, each with what the reader sees and where it goes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from urllib.parse import unquote

from lazaretto.links import address, confusables, feeds, hosts, lists, protection, wrapping
from lazaretto.links.address import Url
from lazaretto.links.suffixes import Split, load, split
from lazaretto.model import Kind, Severity, one_line

_INFO, _LOW, _MEDIUM, _HIGH = Severity.INFORMATIONAL, Severity.LOW, Severity.MEDIUM, Severity.HIGH
LONG = 2048  # characters
_REMEMBERED = 4096  # hosts
_USUAL = frozenset({"80", "443", "8080", "8443", "8000", "21"})
_QUIET = frozenset(
    {
        "mailto",
        "tel",
        "sms",
        "callto",
        "cid",
        "mid",
        "about",
        "webcal",
        "news",
        "nntp",
        "urn",
        "xmpp",
        "irc",
        "gopher",
        "geo",
        "skype",
        "telnet",
        "ldap",
        "rtsp",
        "whatsapp",
        "viber",
        "bitcoin",
        "feed",
        "message",
        "outlook",
        "msteams",
    }
)
# A program answers for them that has been made to do more than it should.
_HANDLERS = frozenset(
    {
        "ms-msdt",
        "search-ms",
        "search",
        "ms-officecmd",
        "ms-word",
        "ms-excel",
        "ms-powerpoint",
        "ms-appinstaller",
        "ms-cxh",
        "mhtml",
        "mk",
        "its",
        "ms-its",
        "res",
        "vbscript",
        "jar",
        "shell",
        "hcp",
        "ms-settings",
        "onenote",
    }
)
_SCRIPTED = re.compile(
    r"eval|unescape|atob|fromcharcode|document\.write|location(?:\.|\s?=\s?[\"\']h)|window\.open(?!\()|fetch\(|innerhtml",
    re.I,
)
# What a reader takes for the name of a place: a host, with or without a scheme in front.
# Labels hold no dot, so there is one way only to read it.
_SHOWN = re.compile(
    r"[^\w@]{0,8}(?:https?[:：]\s?[/\\]{2})?((?:[\w-]{1,63}[.。．｡])+[^\W\d_]{2,24})(?![.。．｡]?[\w@-])", re.IGNORECASE
)
_FAKE = re.compile(r"(?<![A-Za-z0-9.-])(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,24}")
# A link in what another program is given: "microsoft-edge:https://...", "ms-word:ofe|u|https://...".
_CARRIED = re.compile(r"https?(?::|%3a)(?:[/\\]|%2f){1,2}[^\s\"'<>`|]{2,8000}", re.IGNORECASE)
# Browsers on telephones open the host behind these.
_BROWSERS = {"intent": "https", "googlechrome": "http", "googlechromes": "https"}
_NETWORKS = frozenset({"t.co", "lnkd.in", "fb.me", "youtu.be", "redd.it", "pin.it"})
# Endings of names that mean nothing outside of a house (RFC 6762, appendix G; RFC 8375; ICANN's .internal).
_INDOORS = frozenset({"local", "lan", "internal", "intranet", "corp", "home", "private", "localdomain", "arpa"})
_FILES = frozenset({"asp", "aspx", "doc", "docx", "exe", "gif", "htm", "html", "jpg", "js", "pdf", "php", "png", "txt"})


class Link(NamedTuple):
    """As it stands there.  ``shown``: what the reader sees in its place; ``where``: text, link, form, code ..."""

    raw: str
    shown: str = ""
    where: str = "text"


class Sign(NamedTuple):
    name: str
    severity: Severity
    said: str
    kind: Kind = Kind.PHISHING


class _About(NamedTuple):
    """Of a host, whatever the rest of the link is."""

    parts: Split
    signs: tuple[Sign, ...]
    weak: str  # why nobody trusts the place: "free hosting", "a shortener", "an address without a name"
    wraps: bool = False
    in_part: bool = False  # below some paths it is free hosting


class Judge:
    def __init__(
        self, protected: Iterable[lists.Brand] = (), *, brands: bool = True, table: feeds.Table | None = None
    ) -> None:
        self._rules = load()
        known = lists.brands() if brands else ()
        self._guard = protection.Guard(protected, known, self._rules)
        self._feeds = table
        self._hosting = lists.hosts("hosting")
        self._shorteners = lists.hosts("shorteners")
        self._tenants = lists.hosts("tenants")
        lists.wrappers()
        self._abouts: dict[str, _About] = {}

    def judge(self, link: Link) -> tuple[list[Url], list[Sign]]:
        """The link's target and all that it wraps, and what they give away."""
        url = address.read(link.raw)
        if url is None:
            return [], []
        if not url.host:
            return self._foreign(url, link)
        urls, signs = [url], list(self._one(url, link))
        if self._about(url).wraps or wrapping.may_hold(url):
            signs += self._wrapped(url, link, urls)
        if link.shown:
            signs += self._mismatch(urls, link)
        return urls, signs

    def _foreign(self, url: Url, link: Link) -> tuple[list[Url], list[Sign]]:
        """A link for another program, which may be asked to open one of ours."""
        if url.scheme in _QUIET:
            return [], []
        urls, signs = [url], list(self._without_host(url, link))
        if url.scheme in _BROWSERS:
            raw = f"{_BROWSERS[url.scheme]}:{url.path}"
        elif url.scheme != "data" and (found := _CARRIED.search(url.path[: address.LONGEST])):
            raw = unquote(found[0]) if "%" in found[0][:8] else found[0]
        else:
            return urls, signs
        more, told = self.judge(link._replace(raw=raw))
        return urls + more, signs + told

    def _without_host(self, url: Url, link: Link) -> Iterator[Sign]:
        scheme = url.scheme
        start = url.path[:200].lower()
        if scheme == "data" and link.where != "resource":
            page = start.startswith(
                ("text/html", "application/xhtml", "image/svg", "text/javascript", "application/javascript")
            )
            yield Sign("url.data", _MEDIUM if page else _INFO, self._said(url, link))
        elif scheme == "javascript" and link.where != "resource":
            yield Sign("url.script", _LOW if _SCRIPTED.search(url.path[:2000]) else _INFO, self._said(url, link))
        elif scheme in _HANDLERS:
            yield Sign("url.handler", _MEDIUM, self._said(url, link))
        elif scheme == "file":
            yield Sign("url.file", _INFO, self._said(url, link))

    def _one(self, url: Url, link: Link) -> Iterator[Sign]:
        about = self._about(url)
        for sign in about.signs:
            yield sign._replace(said=f"{sign.said}: {self._said(url, link)}")
        if about.in_part and (said := lists.listed(url.host, url.path, self._hosting)):
            yield Sign("url.hosting", _INFO, f"free hosting ({said}): {self._said(url, link)}")
        if url.user:
            fake = self._reads_as_host(url.user)
            severity = _MEDIUM if fake and url.scheme != "ftp" else _INFO
            yield Sign(
                "url.userinfo",
                severity,
                f"what stands before @ ({one_line(url.user, 60)}) is no host: {self._said(url, link)}",
            )
        if url.odd:
            yield from self._odd(url, link)
        if url.scheme == "file":
            # A server of the house is no place to send its passwords to, and its own mail is full of such links.
            clickable = (link.where == "link" or url.path != "/") and not _is_indoors(url)
            yield Sign(
                "url.share",
                _MEDIUM if clickable else _INFO,
                f"a file server, to which Windows logs in: {self._said(url, link)}",
            )
        if url.port and url.port not in _USUAL:
            yield Sign("url.port", _INFO, f"port {url.port}: {self._said(url, link)}")
        if len(url.text) > LONG:
            yield Sign("url.long", _INFO, f"{len(url.text)} characters: {self._said(url, link)}")
        if self._feeds is not None:
            for feed, entry in self._feeds.match(url):
                kind = Kind.MALWARE if feed.malware else Kind.PHISHING
                yield Sign("url.listed", _HIGH, f"{entry} is in {feed.name}: {self._said(url, link)}", kind)

    def _reads_as_host(self, user: str) -> bool:
        """ "paypal.com" does, "jane.doe" does not."""
        text = unicodedata.normalize("NFKC", unquote(user[:1000]))
        names = [found[0].lower() for found in _FAKE.finditer(text)]
        return any(name.rpartition(".")[2] in self._rules.public or self._guard.named(name) for name in names)

    def _odd(self, url: Url, link: Link) -> Iterator[Sign]:
        for odd in url.odd:
            number = odd.startswith("address as")
            spaced = odd.startswith("tabs") and link.where != "code"
            slashes = odd.startswith(("other than", "backslashes", "longer"))
            name = "url.ip-disguised" if number else "url.obscured"
            yield Sign(
                name, _MEDIUM if number else _INFO if spaced or slashes else _LOW, f"{odd}: {self._said(url, link)}"
            )

    def _about(self, url: Url) -> _About:
        if (known := self._abouts.get(url.host)) is not None:
            return known
        if len(self._abouts) >= _REMEMBERED:
            self._abouts.clear()
        about = self._abouts[url.host] = self._examined(hosts.Host(url.host, url.shown, url.is_ip))
        return about

    def _examined(self, host: hosts.Host) -> _About:
        if host.is_ip:
            weak = "" if hosts.is_private(host.name) else "an address without a name"
            return _About(Split(host.name, "", "", False), (Sign("url.ip", _INFO, "an address without a name"),), weak)
        parts = split(host.name, self._rules)
        signs: list[Sign] = []
        weak = ""
        if lists.listed(host.name, "", self._shorteners):
            weak = "a shortener"
            signs.append(Sign("url.shortener", _INFO, weak))
        elif parts.hosted or lists.listed(host.name, "", self._hosting):
            weak = "free hosting"
            signs.append(Sign("url.hosting", _INFO, weak))
        labels = host.shown.split(".")
        if any(map(confusables.is_mixed, labels)):
            signs.append(Sign("url.mixed-scripts", _MEDIUM, f"letters of several alphabets in {host.shown!r}"))
        elif any(confusables.is_disguised(label) for label in labels[:-1]) and labels[-1].isascii():
            # Under an ending of its own alphabet it is a word of that language.
            signs.append(Sign("url.homograph", _LOW, f"{host.shown!r} reads like {confusables.in_ascii(host.shown)!r}"))
        if like := self._guard.looks_like(host, parts):
            severity = _INFO if self._is_tenant(host, like) else _likeness(like, weak)
            signs.append(Sign("url.lookalike", severity, like.said))
        in_part = not weak and any(name in self._hosting for name in lists.above(host.name))
        return _About(parts, tuple(signs), weak, wrapping.is_wrapper(host.name), in_part)

    def _is_tenant(self, host: hosts.Host, like: protection.Likeness) -> bool:
        """ "contoso.sharepoint.com": an organisation's own corner of a service that gives one to each."""
        name = split(like.domain, self._rules).label
        return like.how == "token" and name in host.name.split(".") and bool(lists.listed(host.name, "", self._tenants))

    def _wrapped(self, url: Url, link: Link, urls: list[Url]) -> Iterator[Sign]:
        found, more = wrapping.unwrap(url)
        if more:
            yield Sign(
                "limit.nested", _LOW, f"more links in links than are followed: {self._said(url, link)}", Kind.LIMIT
            )
        for inner in found:
            urls.append(inner.url)
            for sign in self._one(inner.url, link):
                # A parameter may be a referrer or a return address: what is odd there is odd, but is not gone to.
                severity = (
                    min(sign.severity, _LOW)
                    if inner.how == "parameter" and sign.kind is Kind.PHISHING and sign.name != "url.listed"
                    else sign.severity
                )
                yield sign._replace(severity=severity, said=f"{sign.said} (inside {url.host})")
            if inner.how == "redirect":
                weak = self._about(inner.url).weak
                yield Sign(
                    "url.redirect", _INFO, f"{url.host} leads on to {inner.url.host}{f', {weak}' if weak else ''}"
                )

    def _mismatch(self, urls: list[Url], link: Link) -> Iterator[Sign]:
        """The reader is shown one place and led to another.  Ordinary in newsletters, which count clicks: what matters
        is who is named and where it goes."""
        shown = _SHOWN.match(link.shown)
        if not shown:
            return
        host = hosts.read(shown[1])
        if host is None or host.is_ip or host.name.rpartition(".")[2] in _FILES:
            return
        parts = split(host.name, self._rules)
        if parts.suffix not in self._rules.public and not parts.hosted:
            return
        if any(self._about(url).parts.domain == parts.domain or url.host.endswith("." + host.name) for url in urls):
            return
        url = urls[-1]
        about = self._about(url)
        severity = _INFO
        if named := self._guard.named(host.name):
            brand, own = named
            if self._guard.belongs(url.host, brand):
                return
            disguised = url.user or any(sign.severity >= _MEDIUM for sign in about.signs)
            if about.weak == "a shortener" and not disguised:
                # Networks shorten whatever their members write; letters of clubs show facebook.com over bit.ly.
                severity = _INFO if url.host in _NETWORKS else _MEDIUM if own else _LOW
            else:
                severity = _MEDIUM if about.weak or disguised else _LOW if own else _INFO
        elif about.weak == "an address without a name":
            severity = _LOW
        why = f" ({about.weak})" if about.weak else ""
        yield Sign("url.mismatch", severity, f"shows {host.shown}, goes to {url.host}{why}")

    def _said(self, url: Url, link: Link) -> str:
        goes = one_line(url.text, 160)
        if link.where == "code":
            return f"the QR code goes to {goes}"
        return f"{one_line(link.shown, 60)!r} goes to {goes}" if link.shown and link.shown != link.raw else goes


def _is_indoors(url: Url) -> bool:
    if url.is_ip:
        return hosts.is_private(url.host)
    return "." not in url.host or url.host.rpartition(".")[2] in _INDOORS


def _likeness(like: protection.Likeness, weak: str) -> Severity:
    if like.protected:
        return {"token": _LOW, "suffix": _MEDIUM}.get(like.how, _HIGH)
    if like.how == "suffix" or (like.generic and like.how in ("token", "typo")):
        return _INFO
    if like.how == "word" and like.generic:
        return _MEDIUM if weak else _INFO
    return _LOW if like.how in ("token", "typo") else _MEDIUM
