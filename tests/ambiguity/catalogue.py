"""All the classes of ambiguity, each a module of tricks; the last combines them.

The words of the catalogue are in ``build.py``, what the cases carry in ``payload.py`` and ``wrappers.py``.
"""

from __future__ import annotations

from types import ModuleType

from tests.ambiguity import (
    archive,
    base64_body,
    boundary_line,
    boundary_param,
    combined,
    cte_duplicate,
    cte_value,
    filename,
    header_shape,
    html_smuggling,
    legacy_encoding,
    nesting,
    outside_parts,
    qp_body,
    type_duplicate,
    type_value,
)
from tests.ambiguity.build import Case

CLASSES: tuple[ModuleType, ...] = (
    cte_duplicate,
    cte_value,
    base64_body,
    qp_body,
    type_duplicate,
    type_value,
    boundary_param,
    boundary_line,
    outside_parts,
    header_shape,
    nesting,
    legacy_encoding,
    filename,
    html_smuggling,
    archive,
    combined,
)


def cases() -> list[Case]:
    return [each for module in CLASSES for each in module.cases()]
