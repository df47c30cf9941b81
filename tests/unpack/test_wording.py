"""What people write when they send a locked file."""

from __future__ import annotations

import time

import pytest

from lazaretto.unpack import wording

SAID = {
    "en": ("Hi,\nThe password is infected123.\nBye", "infected123"),
    "en colon": ("Password: Abc!23", "Abc!23"),
    "en for": ("the password for the attached archive: x7Q-9", "x7Q-9"),
    "en next line": ("Please use this password:\n\n  hunter2\n", "hunter2"),
    "en quoted": ('Open it with "Sun flower" or "moonbeam".', "moonbeam"),
    "en pw": ("zip pw 4711", "4711"),
    "de": ("Das Passwort lautet Geheim-77.", "Geheim-77"),
    "de Kennwort": ("Kennwort = Sommer2024!", "Sommer2024!"),
    "fr": ("Le mot de passe est : soleil.", "soleil"),
    "es": ("La contraseña es girasol", "girasol"),
    "pt": ("Senha: 998877", "998877"),
    "it": ("la password è: girasole", "girasole"),
    "nl": ("Het wachtwoord is tulp12", "tulp12"),
    "sv": ("Lösenord: sommar", "sommar"),
    "da": ("Adgangskoden er: sommer", "sommer"),
    "fi": ("Salasana on kesä55", "kesä55"),
    "pl": ("Hasło do archiwum: kwiat", "kwiat"),
    "cs": ("heslo je: květina", "květina"),
    "hu": ("A jelszó: virág", "virág"),
    "tr": ("Şifre: cicek99", "cicek99"),
    "ru": ("Пароль: цветок", "цветок"),
    "ru dash": ("пароль к архиву — 2024", "2024"),
    "uk": ("Пароль до архіву: квітка", "квітка"),
    "el": ("Ο κωδικός είναι: louloudi", "louloudi"),
    "he": ("הסיסמה היא: perach1", "perach1"),
    "ar": ("كلمة المرور: zahra12", "zahra12"),
    "zh": ("解压密码：abc888", "abc888"),
    "zh is": ("密码是abc888", "abc888"),
    "ja": ("パスワードは himawari7 です", "himawari7"),
    "ja colon": ("解凍パスワード：himawari7", "himawari7"),
    "ko": ("비밀번호: kkot12", "kkot12"),
    "th": ("รหัสผ่าน: dokmai9", "dokmai9"),
    "vi": ("Mật khẩu: hoa123", "hoa123"),
    "alone": ("see attachment\n\nZx81spectrum", "Zx81spectrum"),
}


@pytest.mark.parametrize("said", SAID)
def test_the_word_is_among_the_first(said: str) -> None:
    text, word = SAID[said]
    assert word in list(dict.fromkeys(wording.words(text)))[:8]


def test_the_likeliest_come_first() -> None:
    text = "Dear all, order 12345 is attached. " * 20 + "The password is sunflower. Regards, (Tom)"
    assert next(wording.words(text)) == "sunflower"


def test_names() -> None:
    assert "1234" in list(wording.of_name("report_pw_1234.zip"))
    assert "Invoice-77" in list(wording.of_name("a/b\\Invoice-77.zip"))


@pytest.mark.parametrize(
    "unit", ["password", "password ", "password: ", "pw=", "(", '"', "<a", "a b ", "は", "x" * 79, "\n", "code "]
)
def test_hostile_text_costs_little(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    started = time.process_time()
    count = sum(1 for _ in wording.words(text))
    assert time.process_time() - started < 1
    assert count < 400_000


@pytest.mark.parametrize("word", ["hasl", "parol", "heslo", "şifre", "pass", "password ", "pw:", "code\n", "лозинк"])
def test_a_text_of_nothing_but_words_for_it_takes_no_longer(word: str) -> None:
    started = time.process_time()
    assert sum(len(each) <= wording.LONGEST for each in wording.words(word * 20_000)) < 100_000
    assert time.process_time() - started < 1
