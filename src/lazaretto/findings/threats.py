"""What other people's names of threats say: type, platform, family, variant.

Read are the scheme of CARO (``Trojan:Win32/Agent.A!ml``, caro.org/naming), the one of ClamAV
(``Win.Trojan.Agent-123``, docs.clamav.net "signature names"), the older ones with dots and slashes
(``Trojan.Win32.Agent.abc``, ``W32/Netsky.P@mm``) and names of YARA rules (``APT_Win_Family_Aug21``, ``MAL_Family``).
They agree on words, not on order, so words are told by what they are; what is none of the known words is the family.
A name is the text of a stranger: it is read in one pass, and cut where nobody's name ends.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from lazaretto.findings import catalogue
from lazaretto.model import Finding, Kind

_THREATS = frozenset({Kind.MALWARE, Kind.MASSMAILER, Kind.EXPLOIT, Kind.PHISHING, Kind.MACRO, Kind.SCRIPT})
_LONGEST = 200
_WORDS = 16
_SPLIT = re.compile(r"[.:/\\_ ]")
_SUFFIX = re.compile(r"^[!@].*|[!@][A-Za-z0-9.@!#_-]*$")
_NUMBER = re.compile(r"[0-9]{1,12}(?:-[0-9]{1,6})?")
# Variants: letters of a count (A, AB, abc), hex digits, a number; dates of YARA rules (Aug21, 20210813).
_VARIANT = re.compile(r"[A-Z]{1,4}|[a-z]{1,5}|(?=[a-f0-9]*[0-9])[a-fA-F0-9]{2,40}|[0-9]{1,12}(?:-[0-9]{1,6})?")
_DATE = re.compile(
    r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}[0-9]{2,4}|20[0-9]{6}|v?[0-9]{1,3}", re.I
)


@dataclass(frozen=True, slots=True)
class Threat:
    """What a name says; "" for what it does not say.  ``type`` and ``platform`` are our words, ``family`` theirs."""

    type: str = ""
    platform: str = ""
    family: str = ""
    variant: str = ""

    def __str__(self) -> str:
        """``trojan/windows/Agent/123``, without what is not known at the end."""
        return "/".join((self.type or "threat", self.platform or "any", self.family, self.variant)).rstrip("/")


def read(name: str) -> Threat:
    """Never raises; a name that follows no scheme is a family as it stands."""
    type_ = platform = variant = ""
    family: list[str] = []
    for word in _words(name[:_LONGEST]):
        lower = word.lower()
        if not type_ and lower in _TYPES:
            type_ = _TYPES[lower]
        elif not platform and not family and lower in _PLATFORMS:
            platform = _PLATFORMS[lower]
        elif lower in _NOISE or lower in _TYPES or lower in _PLATFORMS:
            continue
        elif not family:
            first, _, count = word.partition("-")
            family.append(first if _NUMBER.fullmatch(count) else word)  # ClamAV's number and revision: Agent-1234-0
            variant = count if _NUMBER.fullmatch(count) else ""
        elif not variant and (_VARIANT.fullmatch(word) or _DATE.fullmatch(word)):
            variant = word
    return Threat(type_, platform, "".join(family), variant)


def named(finding: Finding) -> Threat | None:
    """What is known of the threat that a finding names; None for our own names and for rules of the organisation."""
    if finding.kind not in _THREATS or catalogue.of(finding):
        return None
    return read(finding.name)


def _words(name: str) -> list[str]:
    """Without what follows ``!`` or ``@``: remarks of the vendor."""
    words = [word for word in _SPLIT.split(_SUFFIX.sub("", name) or name) if word][:_WORDS]
    if words and words[0].lower().startswith("eicar-"):  # Eicar-Test-Signature, EICAR-Test-File
        words[0:1] = ["test", words[0][:5]]
    return words


def _table(text: str) -> dict[str, str]:
    """``ours: theirs theirs ...`` on each line; ours is one of theirs."""
    found: dict[str, str] = {}
    for line in text.strip().splitlines():
        ours, _, theirs = line.strip().partition(":")
        found.update(dict.fromkeys([ours, *theirs.split()], ours))
    return found


_TYPES = _table(
    """
    trojan: troj trj trojware
    backdoor: bkdr rat
    worm: net-worm i-worm email-worm im-worm p2p-worm
    massmailer: mailer
    virus: fileinfector infector
    ransomware: ransom trojan-ransom crypt filecoder ransomlock
    downloader: dldr dwnldr trojan-downloader trojandownloader
    dropper: trojan-dropper trojandropper drop
    loader: ldr
    stealer: infostealer pws psw trojan-psw trojan-spy trojanspy spyware spy keylogger pwstealer banker trojan-banker
    exploit: exp expl expkit
    rootkit: rtk
    botnet: bot ircbot
    miner: coinminer bitcoinminer
    webshell:
    phishing: phish phishtank
    hacktool: hktl hack tool riskware rfn
    adware: adw pua pup
    joke: hoax
    macro: macrovirus
    packed: packer
    test: testfile
    """
)
_PLATFORMS = _table(
    """
    windows: win win32 win64 w32 w64 win95 w95 win9x pe
    dos: dos16 msdos
    linux: lin elf unix
    macos: osx macho mac
    android: andr androidos
    ios: iphoneos
    java: jar
    dotnet: msil net
    office: msoffice o97m ole ole2 w97m x97m xm x97 word97macro word excel wm pp97m doc xls ppt xml macro97 vba rtf
    pdf:
    html: htm
    javascript: js jscript
    vbscript: vbs
    powershell: ps1 ps psh powersh
    batch: bat cmd
    python: py
    php:
    flash: swf
    archive: zip rar
    lnk: shortcut
    script: scr
    email: mail msg
    multios:
    """
)
# Marks of who wrote it and how it was found; they say nothing about what it is.
_NOISE = frozenset(
    {
        *("mal", "malware", "susp", "suspicious", "apt", "crime", "gen", "generic", "heur", "heuristic", "heuristics"),
        *("unofficial", "not-a-virus", "sig", "signature", "sanesecurity", "securiteinfo", "porcupine", "rule"),
        *("variant", "obfus", "obfuscated", "eldorado", "cloud", "auto"),
    }
)
