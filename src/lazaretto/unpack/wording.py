"""Which words of a mail may be a password: what people write so that the receiver, too, can open what is locked.

The likeliest come first: what stands behind "password:" in one of many languages, then what is quoted or looks like
a password, then the other words.  Nothing here decides: a wrong word costs one try.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

LONGEST = 64  # characters of a word
_READ = 65_536  # characters of one text; who hides a password further down hides it from people as well
_WORDS = 400  # of one text

# "Password" in the languages of mail, and what mails call it otherwise.  From Wiktionary's translations of "password",
# "passcode" and "PIN"; the endings of languages that inflect are taken by \w*.
_CALLED = (
    "passwor[dt]s?|pass ?code|pass ?phrase|passwd|pass|pwd|pw|psw|pin|code|key|unlock|kennwor[dt]|codewort|schlüssel"
    "|zugangscode|mot de passe|mdp|clé|contraseña|contrasenya|clave|código|senha|palavra[- ]passe|chave|parola"
    "|parola d'ordine|chiave|codice|wachtwoord|toegangscode|lösenord|kodord|adgangskode|kodeord|passord|salasana"
    "|tunnussana|lykilorð|has[łl]~|heslo~|geslo|lozink~|zaporka|šifra|jelszó~|jelszav~|slaptažod~"
    "|parol~|şifre~|sifre|fjalëkalim~|kata sandi|kata laluan|sandi|mật khẩu|nenosiri|парол~"
    "|лозинк~|шифра|код|κωδικός~|συνθηματικό|סיסמ~|ססמ~|كلمة (?:المرور|السر|سر)|رمز|گذرواژه|رمز عبور"
    "|پاس ?ورڈ|पासवर्ड|কূটশব্দ|পাসওয়ার্ড|கடவுச்சொல்|รหัสผ่าน|密码|密碼|口令|解压码|解壓碼|解凍パス|パスワード|暗証番号"
    "|비밀번호|암호|패스워드"
).replace("~", r"\w{0,12}+")  # bounded and without way back: a text of nothing but such words takes no longer
# "the password for the file is: x", "密码：x", "Passwort lautet x".  What stands between is short, in one line.
_BEHIND = re.compile(
    rf"(?:{_CALLED})(?P<between>[^\n:：=]{{0,44}}+[:：=][^\S\n]{{0,8}}(?:\n{{1,2}}[^\S\n]{{0,8}})?"
    r"|[^\S\n]{1,4}(?:is|ist|lautet|est|es|é|è|är|er|on|to|je|jest|—|–|-|это|は|が|是|为|為)[^\S\n]{1,4}|[^\S\n]{1,4}|[は是为為])"
    r"(?P<word>[^\s]{1,80})",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"[\"'`“„«‘‚「『\[(<]([^\s\"'`”“»’「」『』\])>]{2,64})[\"'`”“»’」』\])>]")
_WORD = re.compile(r"\S{2,80}")
_OPENING, _CLOSING = "\"'`“„«‘‚「『[(<*_", ".,;:!?\"'`”“»’」』])>*_。，、！？"


def words(text: str) -> Iterator[str]:
    """Candidates of one text, the likeliest first, each perhaps several times."""
    text = text[:_READ]
    yield from told(text)
    for found in _QUOTED.finditer(text):
        yield from _forms(found[1])
    others = [found[0] for found, _ in zip(_WORD.finditer(text), range(_WORDS), strict=False)]
    for word in others:
        if _odd(word):
            yield from _forms(word)
    for word in others:
        yield from _forms(word)


def told(text: str) -> Iterator[str]:
    """Those alone that stand behind a word for "password"."""
    for found in _BEHIND.finditer(text[:_READ]):
        yield from _forms(found["word"])


def of_name(name: str) -> Iterator[str]:
    """Candidates of a file name: "report_pw_1234.zip"."""
    stem = name.replace("\\", "/").rpartition("/")[2].partition(".")[0]
    yield from words(stem.replace("_", " ").replace("-", " "))
    if 1 < len(stem) <= LONGEST:
        yield stem


def _forms(word: str) -> Iterator[str]:
    """Without what a sentence puts around it, then as it stands: "(Secret!)." may mean Secret, Secret! or all of it."""
    bare = word.lstrip(_OPENING).rstrip(_CLOSING)
    for form in (bare, word.rstrip(".,;:"), word):
        if 2 <= len(form) <= LONGEST:
            yield form


def _odd(word: str) -> bool:
    """Letters and digits mixed, digits alone, or capitals in the middle: no word of a sentence."""
    bare = word.strip(_OPENING + _CLOSING)
    digits = any(char.isdigit() for char in bare)
    return len(bare) >= 4 and "://" not in bare and (digits or (not bare.islower() and not bare.istitle()))
