"""``lazaretto vault``: the care of what is held, as a whole."""

from __future__ import annotations

import sys

from cyclopts import App

from lazaretto.cli.options import ConfigFile, loaded

app = App(name="vault", help="Take care of the vault: change its key.")


@app.command
def rotate_key(*, config: ConfigFile = None) -> int:
    """Encrypt everything that is held with a new key; the node must not run.

    Exit status 0: done, 1: done, but some blobs could not be read; they are named and their key is kept.
    """
    from lazaretto.vault.vault import rotate_key as rotate

    current = loaded(config).config
    done = rotate(current)
    print(f"key {done.key} is in use, {done.blobs} blobs encrypted anew; back up {current.vault_key}")
    for line in done.damaged:
        print(f"lazaretto: {line}", file=sys.stderr)
    return int(bool(done.damaged))
