"""Writes the reference pages that are made from the code: configuration, events, command line, readings,
containers, heuristics, types, findings, ClamAV's formats.

    python docs/make_reference.py [--check]

With ``--check`` nothing is written, and a page that is not what the code says ends in exit status 1.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from lazaretto import heuristics as sheets
from lazaretto.cli import app
from lazaretto.config import Config
from lazaretto.engines.patterns import clamav
from lazaretto.engines.patterns.clam import targets
from lazaretto.filetypes.catalogue import TYPES
from lazaretto.findings import catalogue
from lazaretto.mime.readings import RIVALS, STANDARD
from lazaretto.model import EventKind
from lazaretto.plugin import GROUPS, Unpacker, discover, settings_of
from lazaretto.unpack.signatures import CONTAINERS

FOLDER = Path(__file__).parent / "reference"
MADE = "<!-- made by docs/make_reference.py; do not edit -->\n\n"

MEANING = {
    EventKind.NODE_STARTED: "A node is about to open its doors.",
    EventKind.NODE_STOPPED: "A node has closed its doors and ended its transactions.",
    EventKind.WORKER_DIED: "An inspection process ended by itself or was killed; the note says why.",
    EventKind.PATTERNS_LOADED: "New patterns are in force; the note has their version.",
    EventKind.PATTERNS_REFUSED: "New patterns could not be read; the old ones stay in force.",
    EventKind.POLICY_APPLIED: "Another policy is in force; the note has its version.",
    EventKind.POLICY_REFUSED: "A policy has mistakes; the old one stays in force.",
    EventKind.MESSAGE_PASSED: "Handed on with the very bytes it came with.",
    EventKind.MESSAGE_CHANGED: "Handed on with other bytes: tagged, or a part replaced.",
    EventKind.MESSAGE_HELD: "In the quarantine for at least one recipient.",
    EventKind.MESSAGE_REJECTED: "Refused; the sending server knows.",
    EventKind.MESSAGE_DEFERRED: "Put off; the sending server tries again.",
    EventKind.MESSAGE_PURGED: "Accepted and handed on to nobody, by policy.",
    EventKind.ITEM_RELEASED: "A held item was delivered to its recipients.",
    EventKind.ITEM_FORWARDED: "A held item was sent to somebody else; it stays held.",
    EventKind.ITEM_DELETED: "A held item was removed for good.",
    EventKind.ITEM_EXPIRED: "A held item was removed because of its age or for want of room.",
    EventKind.ITEM_EXPORTED: "Somebody fetched the original bytes of a held item.",
}


def main() -> int:
    pages = {
        "configuration.md": configuration(),
        "events.md": events(),
        "command-line.md": command_line(),
        "readings.md": readings(),
        "containers.md": containers(),
        "heuristics.md": heuristics(),
        "types.md": types(),
        "findings.md": findings(),
        "clamav.md": clamav_formats(),
    }
    stale = [name for name, text in pages.items() if _current(name) != MADE + text]
    if "--check" in sys.argv[1:]:
        for name in stale:
            print(f"docs/reference/{name} is not what the code says: run `make docs`", file=sys.stderr)
        return int(bool(stale))
    for name, text in pages.items():
        (FOLDER / name).write_text(MADE + text, "utf-8")
    return 0


def _current(name: str) -> str:
    file = FOLDER / name
    return file.read_text("utf-8") if file.exists() else ""


def configuration() -> str:
    lines = [
        "# Configuration\n",
        "One TOML file, given by `--config` or `$LAZARETTO_CONFIG`, else `./lazaretto.toml` or "
        "`/etc/lazaretto/lazaretto.toml`. Every key may be overridden by an environment variable: `LAZARETTO_` and the "
        "key in capitals with `__` between steps (`LAZARETTO_WORKERS__COUNT=4`). Relative paths are relative to the "
        "file. `lazaretto config check` reports every mistake; `lazaretto config show` lists what is in force.\n",
        "| key | default | meaning |",
        "|---|---|---|",
        *(_row(*each) for each in _keys(Config, "")),
    ]
    for group, kind in GROUPS.items():
        if group not in Config.model_fields:
            continue
        for name, cls in discover(group, kind).items():
            rows = [_row(*each) for each in _keys(settings_of(cls), f"{group}.{name}.")]
            if rows:
                lines += [
                    f"\n## [{group}.{name}]\n",
                    _first_paragraph(cls),
                    "",
                    "| key | default | meaning |",
                    "|---|---|---|",
                    *rows,
                ]
    return "\n".join(lines) + "\n"


def clamav_formats() -> str:
    serve = {
        "hashes of files": clamav.FILES,
        "hashes of sections of PE programs": clamav.SECTIONS,
        "files that are trusted: no signature is heard about them": clamav.TRUSTED,
        "body and logical signatures": frozenset(clamav.BODIES),
        "names of signatures that are ignored": clamav.LISTS,
        "containers of all of these; the MD5 of a `.cvd` is compared, its digital signature is **not** verified":
            clamav.CONTAINERS,
    }  # fmt: skip
    lines = [
        "# ClamAV's signature formats\n",
        "What serves of the files in `engines.patterns.dirs`, by their ends. What does not is counted and named by "
        "`lazaretto patterns status`. Held together with clamscan by `tests/e2e/test_clamscan.py`.\n",
        "| files | what |",
        "|---|---|",
        *(f"| {' '.join(f'`{suffix}`' for suffix in sorted(files))} | {what} |" for what, files in serve.items()),
        "\nThose that end in `u` (but `.cud`) are of potentially unwanted programs and serve with "
        "`engines.patterns.unwanted`.\n",
        "## Recognised, counted, not in force\n",
        "| files | what |",
        "|---|---|",
        *(f"| `{suffix}` | {what} |" for suffix, what in sorted(clamav.UNSUPPORTED.items())),
        "\n## In body and logical signatures\n",
        "| | |",
        "|---|---|",
        *(f"| {feature} | {state} |" for feature, state in clamav.FEATURES),
        "\n## Targets\n",
        "| target | true types |",
        "|---|---|",
        *(f"| {number} | {', '.join(f'`{each}`' for each in types[:12])}{' ...' if len(types) > 12 else ''} |"
          for number, types in targets.TYPES.items()),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _keys(model: type[BaseModel], prefix: str) -> Iterator[tuple[str, Any, str]]:
    for name, field in model.model_fields.items():
        annotation = field.annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            yield from _keys(annotation, f"{prefix}{name}.")
        elif name not in GROUPS:
            default = "*set at start*" if field.default_factory else field.default
            yield prefix + name, default, field.description or ""


def _row(key: str, default: Any, meaning: str) -> str:
    if default is PydanticUndefined:
        shown = "required"
    elif isinstance(default, tuple):
        shown = "`[" + ", ".join(f'"{each}"' for each in default) + "]`"
    elif isinstance(default, bool):
        shown = f"`{str(default).lower()}`"
    elif default is None:
        shown = ""
    else:
        shown = str(default) if str(default).startswith("*") else f"`{default}`" if str(default) else '`""`'
    return f"| `{key}` | {shown} | {meaning} |".replace("\n", " ")


def _first_paragraph(cls: type) -> str:
    """Of the class, or of its module, where that says what there is to say."""
    text = cls.__dict__.get("__doc__") or sys.modules[cls.__module__].__doc__ or ""
    return " ".join(text.strip().split("\n\n")[0].split())


def events() -> str:
    rows = [f"| {kind.value} | {kind.name} | {MEANING[kind]} |" for kind in EventKind]
    head = (
        "# Events\n\nEverything that happens is written to the journal under one of these numbers, which never change "
        "their meaning. `lazaretto messages list --json` prints events of messages as JSON, one a line.\n\n"
        "| number | name | meaning |\n|---|---|---|\n"
    )
    return head + "\n".join(rows) + "\n"


def readings() -> str:
    rows = []
    for reading in (STANDARD, *RIVALS):
        causes = ", ".join(f"`{each}`" for each in sorted(reading.when))
        rows.append(f"| `{reading.name}` | {causes} | {reading.readers or 'nobody'} |")
    head = (
        "# Readings of a message\n\nThe names under which findings, artifacts and the policy know how a message was "
        "read (`2~last-field/invoice.zip`), the defects that make a reading worth trying, and who reads so. What "
        "defects mean stands in `src/lazaretto/mime/defects.py`; why there are readings at all in "
        "[Ambiguous mail](../explanation/ambiguity.md).\n\n"
        "| reading | tried when the standard one meets | read so by |\n"
        "|---|---|---|\n"
    )
    return head + "\n".join(rows) + "\n"


def containers() -> str:
    """What is opened, by whom, and what is only known."""
    unpackers = list(discover("unpack", Unpacker).values())
    lines = [
        "# Containers\n",
        "Everything that may hold something else, by its true type (what it is by its content). The plugins of the",
        "group `unpack` open them; [Unpacking](../explanation/unpacking.md) says how, and under which limits.\n",
        "| unpacker | opens | types |",
        "|---|---|---|",
    ]
    for cls in unpackers:
        kinds = ", ".join(f"`{kind}`" for kind in sorted(cls.types))
        lines.append(f"| `{cls.name}` | {_first_paragraph(cls)} | {kinds} |")
    opened = frozenset().union(*(cls.types for cls in unpackers))
    closed = ", ".join(f"`{kind}`" for kind in sorted(CONTAINERS - opened))
    lines += ["", "Known, and reported as `unpack.unsupported` (kind *limit*) because nothing opens them:", closed, ""]
    return "\n".join(lines)


def types() -> str:
    rows = []
    for known in sorted(TYPES.values()):
        names = ", ".join(f"`.{each}`" for each in known.extensions)
        rows.append(f"| `{known.type}` | {known.family.value} | {known.how.value} | {names} |")
    head = (
        f"# Types\n\nThe {len(rows)} types that files are told to be, by their content and whatever their names and "
        "senders say; what is none of them is `application/octet-stream`. Rules of the policy (`type`) and the "
        "engines go by these. [True types](../explanation/types.md) says how, and what is made of a name that says "
        "something else.\n\n| type | family | known by | usual extensions |\n|---|---|---|---|\n"
    )
    return head + "\n".join(rows) + "\n"


def heuristics() -> str:
    """What engines look for that know no threat by name, and what it weighs: every sheet that there is."""
    lines = [
        "# Heuristics\n",
        "What engines look for that know no threat by name, and what it weighs. Each finding names the heuristics that",
        "made its grade, with the place; `lazaretto explain` adds them up. The weights stand in `weights.toml` of each",
        "engine's package. What is marked *weak* honest files have too.",
    ]
    for source, sheet in sheets.every().items():
        lines += [
            f"\n## {source}\n",
            *filter(None, [sheet.about]),
            f"\nSuspicious from {sheet.suspicious}, malicious from {sheet.malicious}: "
            f"`src/lazaretto/engines/{source}/weights.toml`.",
        ]
        for does, title in sheet.kinds.items():
            rows = [
                f"| `{each.id}` | {each.weight}{', weak' * each.weak} | {each.docs} |"
                for each in sheet.heuristics.values()
                if each.does == does
            ]
            if rows:
                lines += ["", f"### {title}\n", "| heuristic | weight | what it is |", "|---|---|---|", *rows]
    return "\n".join(lines) + "\n"


def findings() -> str:
    """Every name that the program itself gives."""
    lines = [
        "# Findings\n",
        "Every name that Lazaretto itself gives to a finding. Names keep their meaning for ever: rules of the policy go "
        'by them (`name = "type.*"`), and `lazaretto scan --json` and the journal have them. A finding says who found '
        "it (`source`), what (`name`), its kind and severity, how sure that is (`confidence`, in percent), and `evidence`: "
        "lines that name the place. *Informational* findings make nothing suspicious.",
        "",
        "Names of threats come from those who write rules and signatures, and are kept as they are; what is known of them "
        "(`type`, `platform`, `family`, `variant`) is read from the common schemes and shown beside them: "
        "`Win.Trojan.Agent-123` and `Trojan:Win32/Agent.A!ml` are both a trojan of the family Agent on Windows. An engine "
        "or filter that fails on something says `<its name>.failed` (kind *failed*, medium).",
    ]
    for group in sorted(catalogue.groups(), key=lambda group: group.name):
        lines += ["", f"## {group.title}: `{group.name}.*`\n", f"Feature {group.feature}. {group.do}\n"]
        lines += ["| name | kind | severity | meaning |", "|---|---|---|---|"]
        for entry in group.entries:
            kinds = ", ".join(sorted(entry.kinds))
            least, most = entry.mildest.name.lower(), entry.worst.name.lower()
            severity = least if least == most else f"{least} to {most}"
            meaning = f"{entry.meaning}. {entry.do}".rstrip().rstrip(".")
            lines.append(f"| `{entry.name}` | {kinds} | {severity} | {meaning} |")
    return "\n".join(lines) + "\n"


def command_line() -> str:
    return app().generate_docs(output_format="markdown", heading_level=1, recursive=True).rstrip() + "\n"


if __name__ == "__main__":
    sys.exit(main())
