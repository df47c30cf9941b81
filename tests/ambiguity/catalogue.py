"""All the classes, in the order of the list in docs/explanation: what a newcomer opens first."""

from __future__ import annotations

from types import ModuleType

from tests.ambiguity import (
    base64_body,
    boundary_line,
    boundary_param,
    cte_duplicate,
    cte_value,
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
)


def cases() -> list[Case]:
    return [each for module in CLASSES for each in module.cases()]
