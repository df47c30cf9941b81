"""From a mail to the words that are tried on what is locked in it."""

from __future__ import annotations

from collections.abc import Iterator

from lazaretto import config
from lazaretto.mime import parse
from lazaretto.model import Artifact, Finding, Kind
from lazaretto.plugin import Member, Passwords, Unpacker
from lazaretto.unpack import tree
from lazaretto.unpack.hints import Hints
from lazaretto.unpack.limits import Budget
from lazaretto.unpack.zip import Zip

MAIL = b"""From: a@example.org
Subject: =?utf-8?q?Key:_subj77?=
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=a

--a
Content-Type: text/plain; charset=koi8-r
Content-Transfer-Encoding: 8bit

%s
--a
Content-Type: text/html

<p>The <b>pass</b>word is <i>tulip&amp;rose</i></p><script>password: none</script>
--a
Content-Type: application/x-lock; name="offer 4711.lock"

LOCKED
--a--
""" % "пароль: цветок".encode("koi8-r")


class Lock(Unpacker):
    """Opens a "LOCKED" file with the words it is told to want."""

    name = "lock"
    types = frozenset({"text/plain"})

    def __init__(self, *wanted: str) -> None:
        super().__init__(config.Settings())
        self.wanted = wanted
        self.tried: list[str] = []

    def unpack(self, artifact: Artifact) -> Iterator[Member | Finding]:
        raise AssertionError("unlock is what is called")

    def unlock(self, artifact: Artifact, passwords: Passwords) -> Iterator[Member | Finding]:
        if not artifact.data.startswith(b"LOCKED"):
            return
        for word in passwords:
            self.tried.append(word)
            if word in self.wanted:
                yield passwords.opened(word)
                yield Member(("inside",), [b"password: deeper9\n"])
                return


def explode(raw: bytes, *wanted: str) -> tuple[Lock, list[Finding]]:
    lock = Lock(*wanted)
    things = list(tree.explode_message(parse.parse(raw), Budget(config.Unpack(password_count=500)), [lock]))
    return lock, [thing for thing in things if isinstance(thing, Finding)]


def test_every_place_of_a_mail_is_read() -> None:
    lock, findings = explode(MAIL)
    assert lock.tried[0] == "цветок"
    assert {"tulip&rose", "subj77", "4711", "offer 4711", "infected"} <= set(lock.tried)
    assert lock.tried.index("tulip&rose") < lock.tried.index("subj77") < lock.tried.index("4711")
    assert "none" not in lock.tried
    assert findings == []


def test_a_success_says_where_the_word_stood() -> None:
    for word, where in (("цветок", "the text in 1/part.bin"), ("subj77", "the subject"), ("4711", "a file's name")):
        _, (found,) = explode(MAIL, word)
        assert (found.name, found.kind) == ("unpack.password", Kind.ENCRYPTED)
        assert found.evidence == (f"opened with a word of {where}",)
        assert word not in str(found.evidence)


def test_what_came_out_of_a_container_counts_as_well() -> None:
    import io
    import zipfile

    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("read me.txt", "the code is: hidden5")
        archive.writestr("x.lock", "LOCKED")
    lock = Lock("hidden5")
    things = list(tree.explode(buffer.getvalue(), ("x.zip",), Budget(config.Unpack()), [Zip(config.Settings()), lock]))
    assert [thing.evidence for thing in things if isinstance(thing, Finding)] == [
        ("opened with a word of x.zip!read me.txt",)
    ]


def test_nothing_is_read_before_it_is_asked_for() -> None:
    class Bytes(bytes):
        def __getitem__(self, key: object) -> bytes:
            raise AssertionError("read")

    hints = Hints(None)
    hints.note(Artifact("x", ("x",), Bytes(b"x"), "text/plain", "", None, None, 0, ""))
    assert [word for word, _ in Hints(None).words()] == []


def test_each_word_is_given_once() -> None:
    hints = Hints(None)
    hints.note(Artifact("x", ("a_b",), b"password: one1", "text/plain", "", None, None, 0, ""))
    assert "one1" in [word for word, _ in hints.words()]
    assert list(hints.words()) == []
    hints.note(Artifact("y", (), b"password: two2", "text/plain", "", None, None, 0, ""))
    assert next(hints.words()) == ("two2", "y")
