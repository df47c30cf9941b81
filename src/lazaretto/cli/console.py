"""``lazaretto console``: the web console by itself."""

from __future__ import annotations

from cyclopts import App

from lazaretto.cli.options import ConfigFile, loaded

app = App(name="console", help="Run the web console, or give its administrator a new password.")


@app.default
def serve_(*, config: ConfigFile = None) -> None:
    """Serve the console; mail does not depend on it, it may be stopped and started at any time."""
    from lazaretto.console.server import serve

    serve(loaded(config).config)


@app.command
def password(login: str = "admin", *, config: ConfigFile = None) -> None:
    """Give LOGIN a new random password and print it once; a LOGIN that is new becomes an administrator."""
    from lazaretto.console.accounts import reset_password

    print(reset_password(loaded(config).config, login))
