"""``lazaretto patterns``: which rules and hashes are in force, and how others take their place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter
from rich.text import Text

from lazaretto.cli.listing import Screen, ago, print_json, print_table, size
from lazaretto.cli.options import ConfigFile, Json, actor, loaded, node
from lazaretto.config import plugin_settings
from lazaretto.control.client import Client
from lazaretto.control.types import Patterns

app = App(name="patterns", help="Show, test, load and roll back the sets of rules and hashes.")

Folder = Annotated[Path, Parameter(help="a folder of patterns; without one those of the configuration")]
Version = Annotated[str, Parameter(help="id or version of a set that is kept (see list); else the one before")]


@app.command
def status(*, config: ConfigFile = None, json: Json = False) -> int:
    """Show what is in force: version, age, each set and what of it was refused.

    Exit status 0: as the folders say, 1: the folders hold something that does not serve.
    """
    return _ask(config, json, lambda client: client.patterns())


@app.command(name="test")
def try_(*folders: Folder, config: ConfigFile = None, json: Json = False) -> int:
    """Compile the sets and try the samples that come with them; needs no node, and changes nothing.

    Exit status 0: they would be taken, 1: some rules or lines are refused (the rest would serve), 2: they would not
    be taken.
    """
    from lazaretto.engines.patterns import Patterns as Engine
    from lazaretto.engines.patterns.engine import PatternSettings
    from lazaretto.plugin import settings_of

    given = plugin_settings(loaded(config), "engines", Engine.name, settings_of(Engine))
    if not isinstance(given, PatternSettings):
        raise TypeError(given)
    if folders:
        given = given.model_copy(update={"dirs": tuple(folder.resolve() for folder in folders)})
    engine = Engine(given)
    if json:
        print_json({"version": engine.version, "lines": engine.describe(), "refused": engine.refused})
    else:
        _say(engine.describe())
        print("nothing refused" if not engine.refused else f"{engine.refused} refused; the rest would serve")
    return int(engine.refused > 0)


@app.command
def reload(*, config: ConfigFile = None, json: Json = False) -> int:
    """Load what the folders hold now.

    It is compiled and tried beside the set in force, and takes its place when it is ready; no mail waits. When
    something is wrong with it, the old set stays and the reason is said.
    """
    return _ask(config, json, lambda client: client.reload_patterns(actor()))


@app.command
def rollback(version: Version = "", *, config: ConfigFile = None, json: Json = False) -> int:
    """Go back to the set before, or to one that is named; it stays until the next `lazaretto patterns reload`."""
    return _ask(config, json, lambda client: client.roll_back_patterns(actor(), version))


@app.command(name="list")
def list_(*, config: ConfigFile = None, json: Json = False) -> None:
    """List the sets that are kept, the newest first."""
    with node(config) as client:
        current = client.patterns()
    if json:
        for each in current.sets:
            print_json(each)
        return
    rows = (
        [each.id, each.version, each.loaded_at, each.newest, each.files, size(each.bytes), "in force" * each.current]
        for each in current.sets
    )
    columns = ["Id", "Version", "Loaded", "Newest file", "Files", "Size", "State"]
    print_table(columns, rows, "no sets are kept: engines.patterns.dirs names no folders")


def _ask(config: Path | None, json: bool, call: Callable[[Client], Patterns]) -> int:
    with node(config) as client:
        current = call(client)
    if json:
        print_json(current)
    else:
        _print(current)
    return int(bool(current.refused))


def _print(current: Patterns) -> None:
    console = Screen(highlight=False)
    serving = next((each for each in current.sets if each.current), None)
    parts = [current.version]
    if current.loaded_at:
        parts.append(f"loaded {ago(current.loaded_at)}")
    if serving and serving.newest:
        parts.append(f"newest file {ago(serving.newest)}")
    console.print(Text(", ".join(parts)), soft_wrap=True)
    if current.pinned:
        console.print(Text("  rolled back; stays until `lazaretto patterns reload`", "yellow"))
    if current.loading_since:
        console.print(Text(f"  another set is being loaded since {ago(current.loading_since)}"))
    if current.refused:
        console.print(Text(f"  ! the folders hold what does not serve: {current.refused}", "yellow"), soft_wrap=True)
    _say(current.lines)


def _say(lines: tuple[str, ...]) -> None:
    console = Screen(highlight=False)
    for line in lines:
        console.print(Text(f"  {line}"), soft_wrap=True)
