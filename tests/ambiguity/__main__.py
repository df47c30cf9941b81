"""``python -m tests.ambiguity FOLDER``: all cases and controls as files, with a manifest, for other tools."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.ambiguity.catalogue import cases
from tests.ambiguity.controls import controls


def write(folder: Path) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    manifest = []
    for each in cases():
        name = each.id.replace("/", "--") + ".eml"
        (folder / name).write_bytes(each.raw)
        manifest.append({"file": name, "id": each.id, "class": each.kind, "note": each.note})
    for control in controls():
        name = f"control--{control.id}.eml"
        (folder / name).write_bytes(control.raw)
        manifest.append({"file": name, "id": control.id, "class": "control"})
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")
    return len(manifest)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m tests.ambiguity FOLDER")
    print(write(Path(sys.argv[1])), "messages")
