"""Controls whose text looks like something that a decoder might jump at."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator

from tests.ambiguity.build import b64, entity, lines, note
from tests.ambiguity.controls import PLAIN, letter
from tests.ambiguity.controls_clients import VERSION, Named, html, mixed

CERTIFICATE = b64(bytes(range(256)) * 3, 64)  # noise of the right shape
TOKEN = ".".join(
    b64encode(part).decode().rstrip("=")
    for part in (
        b'{"alg":"HS256","typ":"JWT"}',
        b'{"sub":"1234567890","name":"Ann"}',
        bytes(range(32)),
    )
)


def plain(body: str | bytes) -> bytes:
    return letter(*PLAIN, body=body)


def controls() -> Iterator[Named]:
    for name, body in TEXTS:
        yield name, plain(body)
    yield from patches()
    yield (
        "attached-pem",
        mixed(
            "k",
            note(),
            entity(
                'Content-Type: application/x-pem-file; name="ca.pem"',
                "Content-Disposition: attachment; filename=ca.pem",
                body=lines("-----BEGIN CERTIFICATE-----") + CERTIFICATE + lines("-----END CERTIFICATE-----"),
            ),
        ),
    )
    yield "attached-diff", mixed("p", note(), entity('Content-Type: text/x-diff; name="a.patch"', body=DIFF))
    yield (
        "attached-source",
        mixed(
            "s",
            note(),
            entity(
                'Content-Type: text/x-python; name="a.py"', body="import base64\nDATA = base64.b64decode('aGVsbG8=')\n"
            ),
        ),
    )
    yield (
        "html-with-code",
        letter(
            VERSION, "Content-Type: text/html", body=b"<pre>var d = new Uint8Array([72, 101, 108, 108, 111]);</pre>"
        ),
    )
    yield (
        "html-entities",
        letter(
            VERSION,
            "Content-Type: text/html",
            body=b"<p>" + b"".join(b"&#%d;" % byte for byte in b"Hello, Bob!") + b"</p>",
        ),
    )
    yield "quoted-mime", mixed("q", note("> --q-not\r\n> Content-Type: text/plain\r\n>\r\n> quoted\r\n"), html("Hi"))
    yield (
        "delimiter-in-the-text",
        mixed("frontier", note("The line\r\n--frontiersmen\r\nis about people.\r\n"), html("Hi")),
    )


DIFF = (
    "diff --git a/a.c b/a.c\nindex 1234567..89abcde 100644\n--- a/a.c\n+++ b/a.c\n@@ -1,3 +1,3 @@\n int"
    " a;\n-int b;\n+int c;\n--- \n"
)
TEXTS: tuple[tuple[str, str | bytes], ...] = (
    (
        "begin-documentation",
        "uuencode writes a first line such as\r\n\r\nbegin 644 is how it starts, then the name\r\n\r\nand ends"
        " with\r\n\r\nend\r\n",
    ),
    ("begin-in-prose", "begin 2026 with good intentions\r\n\r\nand end it with better ones\r\n"),
    ("begin-pascal", "program x;\r\nbegin\r\n  writeln('hello');\r\nend.\r\n"),
    ("begin-quoted", "> begin 644 a.txt\r\n> &2&5L;&\\*\r\n> `\r\n> end\r\nis what I meant.\r\n"),
    ("yenc-documentation", "A yEnc file starts with =ybegin line=128 size=123 name=x and ends with =yend.\r\n"),
    ("binhex-documentation", "Look for the line\r\n(This file must be converted with BinHex 4.0)\r\nin the mail.\r\n"),
    ("base64-looking-8bit", CERTIFICATE),
    ("pem-certificate", lines("-----BEGIN CERTIFICATE-----") + CERTIFICATE + lines("-----END CERTIFICATE-----")),
    ("pem-key", lines("-----BEGIN PUBLIC KEY-----") + b64(bytes(range(91)), 64) + lines("-----END PUBLIC KEY-----")),
    ("ssh-key", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJk3N1xQpXkQ0m7c9W1b2n3v4c5x6z7a8s9d0f1g2h3j ann@host\r\n"),
    ("jwt", f"Your token: {TOKEN}\r\n"),
    (
        "dkim-record",
        'k1._domainkey IN TXT ( "v=DKIM1; k=rsa; "\r\n\t  "p=' + b64encode(bytes(range(162))).decode() + '" )\r\n',
    ),
    ("data-uri-in-prose", "Use data:text/plain;base64,SGVsbG8= in the link.\r\n"),
    (
        "hex-dump",
        "".join(
            f"{at:08x}  50 4b 03 04 14 00 00 00  08 00 00 00 00 00 00 00  |PK..............|\r\n"
            for at in range(0, 128, 16)
        ),
    ),
    (
        "mime-quoted-in-a-log",
        'Nov  3 10:00:00 mx: Content-Type: multipart/mixed; boundary="x"\r\nNov  3 10:00:00 mx: --x\r\nNov  3'
        " 10:00:01 mx: --x--\r\n",
    ),
    ("postfix-log", "Nov  3 10:00:02 mx postfix/smtpd[123]: 4XkQ1z: client=mail.example.org[192.0.2.7]\r\n" * 30),
    (
        "mime-explained",
        'A multipart looks so:\r\n\r\n  Content-Type: multipart/mixed; boundary="abc"\r\n\r\n  --abc\r\n '
        " Content-Type: text/plain\r\n\r\n  Hi\r\n  --abc--\r\n",
    ),
    (
        "mime-explained-flush",
        "Send this:\r\n\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed;"
        " boundary=abc\r\n\r\n--abc\r\nContent-Type: text/plain\r\n\r\nHi\r\n--abc--\r\n",
    ),
    ("dashes", "-- \r\nAnn\r\n--------\r\n--\r\n----- cut here -----\r\n--foo\r\n"),
    ("markdown-front-matter", "---\r\ntitle: Minutes\r\ntags: a, b\r\n---\r\n\r\n# Minutes\r\n"),
    ("sql", "-- a comment\r\nSELECT 1; --another: one\r\n--done\r\n"),
    ("qp-looking", "The sum =3D is how they write an equals sign, and lines end in =\r\nsometimes.\r\n"),
    (
        "uuencode-like-lines",
        "M is a letter.\r\nMany lines begin with it.\r\nMost of them are harmless, like these here are, you see?\r\n",
    ),
    ("poem-of-one-letter-lines", "b\r\ne\r\ng\r\ni\r\nn\r\n"),
    ("javascript-snippet", "Try this:\r\n\r\n  var s = atob('SGVsbG8=');\r\n  console.log(s);\r\n"),
    ("shell-here-document", "cat <<'EOF' | base64 -d\r\nSGVsbG8sIHdvcmxkIQo=\r\nEOF\r\n"),
    ("csv", "id;name;hash\r\n" + "".join(f"{at};ann;{b64encode(bytes([at]) * 20).decode()}\r\n" for at in range(20))),
    ("email-source-question", "Why is my header\r\n\r\nContent-Transfer-Encoding: base64\r\n\r\nignored?\r\n"),
)


def patches() -> Iterator[Named]:
    patch = (
        "From: Ann <ann@example.org>\n\nThe reason is in the issue.\n\nSigned-off-by: Ann"
        " <ann@example.org>\n---\n a.c | 2 +-\n"
        " 1 file changed, 1 insertion(+), 1 deletion(-)\n\n" + DIFF + "-- \n2.47.0\n\n"
    )
    yield (
        "git-format-patch",
        letter(
            "X-Mailer: git-send-email 2.47.0", *PLAIN, subject="[PATCH 1/2] a: b is c", body=patch.replace("\n", "\r\n")
        ),
    )
    mbox = f"From 0123456789abcdef0123456789abcdef01234567 Mon Sep 17 00:00:00 2001\n{patch}".encode()
    yield (
        "git-am-attachment",
        mixed(
            "g",
            note(),
            entity(
                'Content-Type: text/x-patch; name="0001-a.patch"',
                'Content-Disposition: attachment; filename="0001-a.patch"',
                body=mbox,
            ),
        ),
    )
    binary = (
        "diff --git a/x.png b/x.png\nnew file mode 100644\nGIT binary patch\nliteral"
        " 8\nPcmZQzU|;}Y0RaF20RR91\n\nliteral 0\nHcmV?d00001\n"
    )
    yield "git-binary-patch", letter(*PLAIN, body=binary.replace("\n", "\r\n"))
    yield (
        "svn-diff",
        letter(
            *PLAIN,
            body="Index: a.c\r\n"
            + "=" * 67
            + "\r\n--- a.c\t(revision 1)\r\n+++ a.c\t(working copy)\r\n@@ -1 +1 @@\r\n-x\r\n+y\r\n",
        ),
    )
