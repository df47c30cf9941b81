"""Where the words for locked things come from: the texts of a mail, its subject, and the names of its files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from lazaretto.mime import decode, header
from lazaretto.mime.markup import to_text
from lazaretto.model import Artifact, Message
from lazaretto.unpack import wording

_TEXTS, _NAMES = 20, 200  # that are read
_TOLD = 16  # words of one mail that are remembered
_READ = 262_144  # bytes of one text
_HTML = ("text/html", "application/xhtml+xml")


def told(message: Message, artifacts: Iterable[Artifact]) -> tuple[str, ...]:
    """What the texts of a mail itself, not of what is packed in it, call a password."""
    hints = Hints(message)
    for artifact in artifacts:
        if artifact.parent is None:
            hints.note(artifact)
    return tuple(dict.fromkeys(hints.told()))[:_TOLD]


class Hints:
    """Remembers what might hold a word, and reads it only when something locked turns up."""

    def __init__(self, message: Message | None, words: Sequence[str] = ()) -> None:
        """``words``: those of earlier mails of its thread."""
        self._message, self._words = message, words
        self._texts: list[Artifact] = []
        self._names: dict[str, None] = {}
        self._read_texts = self._read_names = 0
        self._subject_read = message is None

    def note(self, artifact: Artifact) -> None:
        """An artifact that has come out."""
        if (artifact.type.startswith("text/") or artifact.declared.startswith("text/")) and len(self._texts) < _TEXTS:
            self._texts.append(artifact)
        for name in artifact.names:
            if len(self._names) < _NAMES:
                self._names.setdefault(name)

    def words(self) -> Iterator[tuple[str, str]]:
        """Words that have not been given yet, each with where it stands."""
        for word in self._words:
            yield word, "an earlier mail of the thread"
        self._words = ()
        while self._read_texts < len(self._texts):
            artifact = self._texts[self._read_texts]
            self._read_texts += 1
            where = artifact.path if artifact.parent or not self._message else f"the text in {artifact.path}"
            for word in wording.words(self._text(artifact)):
                yield word, where
        if not self._subject_read and self._message:
            self._subject_read = True
            for word in wording.words(header.properties(self._message).subject):
                yield word, "the subject"
        names = list(self._names)[self._read_names :]
        self._read_names += len(names)
        for name in names:
            for word in wording.of_name(name):
                yield word, "a file's name"

    def told(self) -> Iterator[str]:
        """Words that the texts call a password, and no others."""
        for artifact in self._texts:
            yield from wording.told(self._text(artifact))

    def _text(self, artifact: Artifact) -> str:
        text = decode.text(artifact.data[:_READ], self._charset(artifact))
        return to_text(text) if artifact.type in _HTML else text

    def _charset(self, artifact: Artifact) -> str:
        if self._message is None or artifact.parent is not None:
            return ""
        return next((part.charset for part in self._message.root.walk() if part.path == artifact.part), "")
