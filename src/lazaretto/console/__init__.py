"""The web console: a Django project with its own database that speaks only to the control API.

``server.serve`` runs it; ``settings.configure`` prepares Django for anything else.  Nothing happens at import.
"""
