"""An engine in one file: finds text that SHOUTS.

To try it, put this file into ``src/lazaretto/engines/``, or install the folder it stands in
(``pip install examples/plugins``).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from pydantic import Field

from lazaretto import config
from lazaretto.model import Artifact, Finding, Kind, Severity
from lazaretto.plugin import Engine


class ShoutingSettings(config.Settings):
    """``[engines.shouting]`` in the configuration."""

    letters: int = Field(20, ge=1, description="texts with fewer letters are left alone")


class Shouting(Engine):
    """Text in capitals is a matter of taste: LOW, so that a policy can tag it and nothing more."""

    name: ClassVar[str] = "shouting"
    by_name: ClassVar[bool] = False  # by its text alone: what it says is kept for the next mail with the same
    Settings: ClassVar[type[config.Settings]] = ShoutingSettings
    types: ClassVar[frozenset[str]] = frozenset({"text/*"})
    settings: ShoutingSettings

    @property
    def version(self) -> str:
        return f"1 {self.settings.letters}"  # results are cached under it: whatever changes them belongs in it

    def inspect(self, artifact: Artifact) -> Iterable[Finding]:
        text = artifact.data.decode("utf-8", "replace")
        letters = sum(map(str.isalpha, text))
        if letters >= self.settings.letters and text.isupper():
            evidence = (f"all of {letters} letters are capitals",)
            yield Finding(self.name, "shouting.capitals", Kind.CONTENT, Severity.LOW, evidence=evidence)
