"""Visual Basic projects as documents keep them ([MS-OVBA])."""

from lazaretto.office.vba.project import Module, Project, projects

__all__ = ["Module", "Project", "projects"]
