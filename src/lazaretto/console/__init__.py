"""The web console: a Django project with its own database that speaks only to the control API."""
