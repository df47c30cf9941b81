from __future__ import annotations

from collections.abc import Callable

import pytest

from lazaretto.errors import ConfigError
from lazaretto.policy.document import Document

Read = Callable[[str], Document]


def rule(id: str, then: str, **tables: str) -> str:
    rest = "\n".join(f"{key} = {value}" for key, value in tables.items())
    return f'[[rule]]\nid = "{id}"\nthen = {then}\n{rest}\n'


@pytest.mark.parametrize(
    ("text", "says", "remedy"),
    [
        (rule("a", '["tag"]') * 2, "rule a: another rule has this id", "it stands at line 2"),
        (rule("default.spam", '["tag"]'), "built-in rules'", "choose another id"),
        (rule("a", '["tagg"]'), "unknown action 'tagg'", "did you mean 'tag'?"),
        (rule("a", '[{do = "tag", subjct = "x"}]'), "has no option 'subjct'", "did you mean 'subject'?"),
        (rule("a", '["redirect"]'), "say to whom", ""),
        (rule("a", '[{do = "redirect", to = "nobody"}]'), "'nobody' is no address", ""),
        (rule("a", '["tag"]', who='{groups = ["x"]}'), "unknown group 'x'", "there are: none"),
        (rule("a", '["quarantine", "reject"]'), "quarantine and reject cannot both decide", "keep one"),
        (rule("a", '["deliver"]'), "has no effect", "name them"),
        (rule("a", '["strip"]'), "has no part to work on", "name the parts"),
    ],
)
def test_what_is_wrong_is_said_with_its_remedy(read: Read, text: str, says: str, remedy: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(text)
    (problem,) = caught.value.problems
    assert says in problem.what
    assert remedy in problem.remedy
    assert problem.line


SPAM = '{kind = "spam"}'


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"what": SPAM}, {"what": SPAM}),
        ({"what": SPAM}, {"what": '{kind = "spam", severity_at_least = "high"}'}),
        ({"what": '{kind = ["spam", "macro"]}'}, {"what": SPAM, "who": '{senders = "a@b"}'}),
        ({"what": SPAM, "who": '{senders = "*@b"}'}, {"what": SPAM, "who": '{senders = "a@b"}'}),
        ({"what": '{artifact = "*.exe"}'}, {"what": '{artifact = "a.exe", size_over = 5}'}),
        ({"what": SPAM}, {"what": SPAM, "when": '{days = "mon"}'}),
        ({"what": '{severity_at_least = "low"}'}, {"what": SPAM}),
    ],
)
def test_a_rule_in_the_shadow_of_another_is_reported(read: Read, first: dict[str, str], second: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match="rule b: can never match: rule a at line 2"):
        read(rule("a", '["tag"]', **first) + rule("b", '["quarantine"]', **second))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"what": '{kind = "spam", severity_at_least = "high"}'}, {"what": SPAM}),
        ({"what": SPAM, "who": '{senders = "a@b"}'}, {"what": SPAM, "who": '{senders = "*@b"}'}),
        ({"what": SPAM, "when": '{days = "mon"}'}, {"what": SPAM}),
        ({"what": SPAM, "who": '{direction = "inbound"}'}, {"what": SPAM}),
        ({"what": '{artifact = "*.exe"}'}, {"what": '{kind = "malware", artifact = "a.exe"}'}),
        ({"what": '{artifact = "*", size_over = 9}'}, {"what": '{artifact = "*", size_over = 5}'}),
        ({}, {"what": SPAM}),
        ({"what": SPAM}, {}),
    ],
)
def test_a_rule_that_may_match_is_not(read: Read, first: dict[str, str], second: dict[str, str]) -> None:
    assert read(rule("a", '["tag"]', **first) + rule("b", '["quarantine"]', **second))
