from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from lazaretto.errors import ConfigError
from lazaretto.model import Direction, Severity, Step
from lazaretto.plugin import Action
from lazaretto.policy.document import Document, default_text, load, parse
from lazaretto.policy.schema import DocumentText, RuleText, What, When, Who

Actions = dict[str, Action]

OWN = """\
version = "2026-11-23.1"

[groups]
sales = ["*@sales.example", "alice@far.example"]

[[rule]]
id = "sales.archives"
description = "Sales may have archives, marked."
who = { groups = ["sales"], direction = "inbound" }
what = { kind = "encrypted", severity_at_least = "medium" }
when = { days = ["mon", "tue"], hours = "08:00-18:00", timezone = "Europe/Berlin" }
then = ["backup", { do = "tag", subject = "[ENCRYPTED] " }]
"""


def problems(text: str, actions: Actions, file: Path | None = None) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        parse(text, actions, file)
    return [str(problem) for problem in caught.value.problems]


def test_own_rules_come_before_the_defaults(actions: Actions) -> None:
    document = parse(OWN, actions)
    first, second, *_ = document.rules
    assert (first.id, second.id) == ("sales.archives", "default.massmailer")
    assert first.steps == (Step("backup"), Step("tag", {"subject": "[ENCRYPTED] "}))
    assert first.who.direction == (Direction.INBOUND,)
    assert first.what
    assert first.what.severity_at_least is Severity.MEDIUM
    assert document.groups["sales"].match("bob@sales.example")
    assert (document.text, document.file) == (OWN, None)


def test_the_version_changes_with_every_byte(actions: Actions) -> None:
    one, two = parse(OWN, actions), parse(OWN + "# a comment\n", actions)
    assert one.version.startswith("2026-11-23.1+")
    assert one.version != two.version
    assert one.version == parse(OWN, actions).version


def test_without_a_file_the_built_in_policy_decides(actions: Actions) -> None:
    document = load(None, actions)
    assert document.text == default_text()
    assert all(rule.id.startswith("default.") for rule in document.rules)
    assert all(rule.description for rule in document.rules)


def test_from_a_file(actions: Actions, tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(OWN)
    assert load(file, actions).file == file


@pytest.mark.parametrize(("content", "says"), [(None, "No such file"), (b"\xff", "not UTF-8")])
def test_a_file_that_cannot_be_read(actions: Actions, tmp_path: Path, content: bytes | None, says: str) -> None:
    file = tmp_path / "policy.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ConfigError, match=says) as caught:
        load(file, actions)
    assert caught.value.problems[0].remedy


def test_what_is_not_toml_has_its_line(actions: Actions) -> None:
    (problem,) = problems('version = "1"\n[[rule\n', actions, Path("p.toml"))
    assert problem.startswith("p.toml:2: not TOML")


def test_every_problem_at_once_in_the_order_of_the_file(actions: Actions) -> None:
    text = """\
version = "1"
colour = "red"

[[rule]]
id = "one"
what = { kind = "malwear" }
then = ["deliver"]

[[rule]]
id = "two"
whoo = { groups = ["sales"] }
then = ["deliver"]

[[rule]]
id = "three"
who = { groups = ["sales"] }
what = { kind = "spam" }
then = ["quarantain"]
"""
    assert problems(text, actions, Path("p.toml")) == [
        "p.toml:2: unknown key 'colour'\n    known keys here: groups, rule, version",
        "p.toml:6: rule one: what.kind: give one or more of malware, massmailer, macro, script, exploit, phishing,"
        " spam, content, limit, encrypted, ambiguous, failed\n    got 'malwear'",
        "p.toml:11: rule two: unknown key 'whoo'\n    did you mean 'who'?",
        "p.toml:16: rule three: unknown group 'sales'\n    there are: none",
        "p.toml:18: rule three: unknown action 'quarantain'\n    did you mean 'quarantine'?",
    ]


@pytest.mark.parametrize("rule", ["5", '"x"', "{id = 5}", "[]"])
def test_no_form_of_nonsense_escapes(actions: Actions, rule: str) -> None:
    assert problems(f'version = "1"\nrule = [{rule}]\ngroups = {{a = 5}}', actions)
    assert problems(f'version = "1"\nrule = {rule}', actions) if rule != "[]" else True
    assert problems('version = "1"\ngroups = 5', actions)


def test_the_alias_is_what_the_author_is_shown(actions: Actions) -> None:
    text = 'version = "1"\n[[rule]]\nid = "x"\nwhen = { form = 2026-01-01 }\nthen = ["tag"]\n'
    assert "did you mean 'from'?" in problems(text, actions)[0]


def test_rules_alone(read: Callable[[str], Document]) -> None:
    assert read('[[rule]]\nid = "a"\nthen = ["backup"]').version.startswith("test+")


# ---------------------------------------------------------------------------- what the documentation says

DOCS = Path(__file__).parents[2] / "docs"


def blocks(page: str) -> list[str]:
    return re.findall(r"^```toml\n(.*?)^```", (DOCS / page).read_text("utf-8"), re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("page", ["reference/policy.md", "howto/write-a-rule.md"])
def test_the_examples_are_a_policy(page: str, actions: Actions) -> None:
    document = parse("\n".join(blocks(page)), actions)
    assert not document.rules[0].id.startswith("default.")


def test_the_reference_names_every_key_action_option_and_rule(actions: Actions) -> None:
    page = (DOCS / "reference/policy.md").read_text("utf-8")
    keys = [
        field.alias or name
        for table in (DocumentText, RuleText, Who, What, When)
        for name, field in table.model_fields.items()
    ]
    options = [option for action in actions.values() for option in action.options]
    rules = [rule.id for rule in load(None, actions).rules]
    assert [each for each in (*keys, *actions, *options, *rules) if f"`{each}`" not in page] == []
