"""Rule files: what they put into force, and every mistake with its whole message."""

from __future__ import annotations

import pickle

import pytest

from xent_monitor.alerts import rule_file
from xent_monitor.alerts.actions import RaiseError, StopTraining, Webhook
from xent_monitor.alerts.rule import AlertRule
from xent_monitor.alerts.rule_file import load_rules, read_rule_file
from xent_monitor.alerts.toml_tables import shown
from xent_monitor.errors import RuleFileError, XentMonitorError
from xent_monitor.report import EvaluationReport


def nothing(evaluation):
    """See nothing."""
    return []


#: Stand in for the built-in rules, so that the messages do not depend on them.
BUILTIN = (
    AlertRule(name="non-finite", severity="critical", diagnosis=nothing),
    AlertRule(name="overfitting", diagnosis=nothing, for_=2, keep_firing_for=1),
    AlertRule(name="still-improving", severity="info", diagnosis=nothing, at_end=True),
)
SECRET = "https://hooks.example.org/services/T0/B0/s3cr3t"
KEYS = (
    "above, actions, after, below, class, falls_by, for, keep_firing_for, message, min_support, name, output, over, "
    "quantity, relative_to, rises_by, severity, split"
)


@pytest.fixture
def read(tmp_path, monkeypatch):
    """Reads a rule file with the given text, named `alerts.toml` in the current directory."""
    monkeypatch.chdir(tmp_path)

    def read_text(text, **arguments):
        (tmp_path / "alerts.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_rule_file("alerts.toml", **{"builtin": BUILTIN, "environment": {}} | arguments)

    return read_text


def rule(*lines, name='"my-rule"', quantity='"accuracy"', bound="below = 0.5"):
    """A [[rule]] table with these lines."""
    return "\n".join(["[[rule]]", f"name = {name}", f"quantity = {quantity}", bound, *lines])


def action(*lines, name="slack", kind="webhook"):
    """A rule that names an action, and the [[action]] table with these lines."""
    use = rule(f'actions = ["{name}"]')
    return "\n".join([use, "[[action]]", f'name = "{name}"', f'type = "{kind}"', *lines])


def quantities(first):
    names = EvaluationReport.quantities()
    return ", ".join([first, *(name for name in names if name != first)])


# What is put into force


def test_every_key_of_a_rule(read):
    file = read("""
        [[rule]]
        name = "cat-is-bad"
        quantity = "class_cross_entropy"
        class = "cat"
        split = "train"
        output = "kind"
        rises_by = 0.5
        over = 2
        for = 3
        keep_firing_for = 1
        after = 5
        min_support = 20
        severity = "critical"
        message = "{class_name}: {value:.2f} nats"
        actions = ["stop_training"]

        [[rule]]
        name = "above-prior"
        quantity = "cross_entropy"
        above = 1
        relative_to = "prior_entropy"
    """)

    assert file.own == (
        AlertRule(
            name="cat-is-bad",
            quantity="class_cross_entropy",
            class_name="cat",
            split="train",
            output="kind",
            rises_by=0.5,
            over=2,
            for_=3,
            keep_firing_for=1,
            after=5,
            min_support=20,
            severity="critical",
            message="{class_name}: {value:.2f} nats",
            actions=("stop_training",),
        ),
        AlertRule(name="above-prior", quantity="cross_entropy", above=1, relative_to="prior_entropy"),
    )
    assert file.builtin == BUILTIN
    assert file.rules == (*BUILTIN, *file.own)


def test_built_in_rules_are_tuned_and_switched_off(read):
    file = read("""
        [builtin.non-finite]
        enabled = false

        [builtin.overfitting]
        for = 4
        keep_firing_for = 0
        after = 1
        min_support = 9
        severity = "info"
        actions = ["raise_error"]
    """)

    tuned = AlertRule(
        name="overfitting",
        diagnosis=nothing,
        for_=4,
        after=1,
        min_support=9,
        severity="info",
        actions=("raise_error",),
    )
    assert file.builtin == (tuned, BUILTIN[2])


def test_without_the_default_only_those_that_are_switched_on(read):
    assert read("include_default = false").rules == ()
    assert read("include_default = false\n[builtin.overfitting]\nenabled = true").rules == (BUILTIN[1],)


def test_an_empty_file_is_the_default(read):
    assert read("").rules == BUILTIN
    assert read(b"\xef\xbb\xbfinclude_default = true\r\n").rules == BUILTIN


def test_load_rules_takes_the_built_in_rules_of_the_package(tmp_path, monkeypatch):
    monkeypatch.setattr(rule_file, "default_rules", lambda: BUILTIN)
    path = tmp_path / "alerts.toml"
    path.write_text(rule(), encoding="utf-8")

    assert load_rules(path) == (*BUILTIN, AlertRule(name="my-rule", quantity="accuracy", below=0.5))
    assert load_rules(str(path)) == load_rules(path)


# Actions


def test_actions_of_each_type(read):
    text = "\n".join(
        [
            rule('actions = ["slack", "stop", "raise", "raise_error"]'),
            '[[action]]\nname = "slack"\ntype = "webhook"',
            f'url = "{SECRET}"\nseverity = "info"\ntimeout = 2\nretries = 0\npayload = "teams"',
            '[[action]]\nname = "stop"\ntype = "stop_training"\nseverity = "warning"',
            '[[action]]\nname = "raise"\ntype = "raise_error"',
        ]
    )
    file = read(text)

    webhook, *others = file.own[0].actions
    assert isinstance(webhook, Webhook)
    assert (webhook.severity, webhook.timeout, webhook.retries, webhook.payload) == ("info", 2.0, 0, "teams")
    assert others == [StopTraining(severity="warning"), RaiseError(), "raise_error"]
    assert file.actions == ("slack", "stop", "raise")


def test_address_from_the_environment(read):
    (named,) = read(action('url_env = "SLACK_URL"'), environment={"SLACK_URL": SECRET}).own

    assert repr(named.actions[0]) == "Webhook('https://hooks.example.org', severity='warning')"


def test_addresses_of_a_notification(read, monkeypatch):
    made = []

    def make(urls, **options):
        made.append((urls, options))
        return StopTraining()

    monkeypatch.setitem(rule_file.Actions.__init__.__globals__["TYPES"], "notify", (make, "urls"))
    read(action('urls = "ntfy://one"', 'severity = "critical"', kind="notify"))
    read(action('urls = ["ntfy://one", "ntfy://two"]', kind="notify"))
    read(action('urls_env = "URLS"', kind="notify"), environment={"URLS": "ntfy://one\n ntfy://two "})

    assert made == [
        (["ntfy://one"], {"severity": "critical"}),
        (["ntfy://one", "ntfy://two"], {}),
        (["ntfy://one", "ntfy://two"], {}),
    ]


def test_without_an_environment_the_actions_of_the_file_are_left_out(read):
    text = action('url_env = "SLACK_URL"').replace('["slack"]', '["slack", "stop_training"]')

    assert read(text, environment=None).own[0].actions == ("stop_training",)


def test_actions_for_all_rules_count_from_their_severity_on(read):
    text = """
        actions = ["stop_training", "stop"]

        [builtin.still-improving]
        enabled = false

        [[rule]]
        name = "my-rule"
        quantity = "accuracy"
        below = 0.5
        actions = ["stop", "raise_error"]

        [[action]]
        name = "stop"
        type = "stop_training"
        severity = "warning"
    """
    stop = StopTraining(severity="warning")

    assert [(one.name, one.actions) for one in read(text).rules] == [
        ("non-finite", ("stop_training", stop)),
        ("overfitting", (stop,)),
        ("my-rule", (stop, "raise_error")),
    ]


# Mistakes

#: Text of a file, and the whole messages, without the name of the file.
WRONG = {
    "unknown key of the file": (
        "include_defaults = true",
        [
            "`include_defaults` is not a key of a rule file. Did you mean `include_default`? "
            "Keys: include_default, action, actions, builtin, rule."
        ],
    ),
    "include_default": (
        'include_default = "no"',
        ['`include_default` must be true or false. Received: include_default = "no".'],
    ),
    "a single rule table": (
        '[rule]\nname = "my-rule"',
        ["`rule` must be an array of tables, [[rule]]. Received: a single table. Write [[rule]], not [rule]."],
    ),
    "rule is a number": ("rule = 3", ["`rule` must be an array of tables, [[rule]]. Received: integer."]),
    "builtin is a number": ("builtin = 3", ["`builtin` must be a table, [builtin]. Received: builtin = 3."]),
    "unknown built-in rule": (
        "[builtin.overfiting]",
        [
            '[builtin.overfiting]: there is no built-in rule of this name. Did you mean "overfitting"? '
            "Available: overfitting, non-finite, still-improving. A rule of your own is a [[rule]] table."
        ],
    ),
    "built-in rule is a boolean": (
        "[builtin]\noverfitting = false",
        ["[builtin.overfitting]: must be a table. Received: overfitting = false. Write [builtin.overfitting]."],
    ),
    "unknown key of a built-in rule": (
        "[builtin.overfitting]\nenable = false",
        [
            "[builtin.overfitting]: `enable` is not a key of a built-in rule. Did you mean `enabled`? "
            "Keys: enabled, actions, after, for, keep_firing_for, min_support, severity."
        ],
    ),
    "fixed key of a built-in rule": (
        "[builtin.overfitting]\nabove = 1.0",
        [
            "[builtin.overfitting]: `above` is fixed in a built-in rule. Keys: actions, after, enabled, for, "
            "keep_firing_for, min_support, severity. To judge by another threshold, switch it off with "
            "`enabled = false` and write a [[rule]]."
        ],
    ),
    "values of a built-in rule": (
        '[builtin.overfitting]\nenabled = 1\nfor = 0\nseverity = "warn"\nmin_support = -1',
        [
            '[builtin.overfitting]: `severity` must be one of "info", "warning", "critical". Received: '
            'severity = "warn". Did you mean "warning"?',
            "[builtin.overfitting]: `enabled` must be true or false. Received: enabled = 1.",
            "[builtin.overfitting]: `for` must be an integer number of evaluations >= 1. Received: for = 0.",
            "[builtin.overfitting]: `min_support` must be an integer number of examples >= 0. "
            "Received: min_support = -1.",
        ],
    ),
    "a rule of the end cannot wait": (
        "[builtin.still-improving]\nfor = 2",
        ["[builtin.still-improving]: `for` must be 1 with at_end=True, which is judged once. Received: for = 2."],
    ),
    "tuned but not switched on": (
        "include_default = false\n[builtin.overfitting]\nfor = 4",
        [
            "[builtin.overfitting]: is not switched on, since `include_default` is false. Add `enabled = true`, or "
            "remove the table."
        ],
    ),
    "an empty rule": (
        "[[rule]]",
        [
            'rule 1: `name` is missing. Give the rule a name, as `name = "cat-is-bad"`.',
            'rule 1: `quantity` is missing. Say what to judge, as `quantity = "class_cross_entropy"`.',
            "rule 1: A rule on a quantity must have exactly one of above, below, rises_by, falls_by. "
            "Received: none of them.",
        ],
    ),
    "unknown key of a rule": (
        rule('relativ_to = "best"'),
        [
            'rule 1 "my-rule": `relativ_to` is not a key of a rule. Did you mean `relative_to`? Keys: relative_to, '
            f"{KEYS.replace(', relative_to', '')}."
        ],
    ),
    "misspelt keys are not missing too": (
        '[[rule]]\nnam = "my-rule"\nquantity = "accuracy"\nBelow = 0.5',
        [
            f"rule 1: `nam` is not a key of a rule. Did you mean `name`? Keys: name, {KEYS.replace(', name', '')}.",
            "rule 1: `Below` is not a key of a rule. Did you mean `below`? "
            f"Keys: below, {KEYS.replace(', below', '')}.",
        ],
    ),
    "name": (
        rule(name='"My Rule"'),
        [
            "rule 1 \"My Rule\": `name` must be lower-case words joined by hyphens, as 'cat-is-bad'. "
            'Received: name = "My Rule".'
        ],
    ),
    "name of another type": (
        rule(name="[1, 2]"),
        ["rule 1: `name` must be lower-case words joined by hyphens, as 'cat-is-bad'. Received: name = [1, 2]."],
    ),
    "the same name twice": (
        f"{rule()}\n{rule()}",
        ['rule 2 "my-rule": "my-rule" is the name of rule 1 "my-rule" too. Every rule needs a name of its own.'],
    ),
    "the name of a built-in rule": (
        rule(name='"overfitting"'),
        [
            'rule 1 "overfitting": "overfitting" is the name of a built-in rule. Choose another `name`; the built-in '
            "rule is tuned in [builtin.overfitting]."
        ],
    ),
    "quantity": (
        rule(quantity='"acuracy"'),
        [
            'rule 1 "my-rule": `quantity` must be a quantity of a report. Received: quantity = "acuracy". '
            f'Did you mean "accuracy"? Available: {quantities("accuracy")}.'
        ],
    ),
    "quantity like no other": (
        rule(quantity="true"),
        [
            'rule 1 "my-rule": `quantity` must be a quantity of a report. Received: quantity = true. '
            f"Available: {', '.join(EvaluationReport.quantities())}."
        ],
    ),
    "class of a scalar": (
        rule('class = "cat"'),
        [
            'rule 1 "my-rule": `class` must be left out where `quantity` is one number, not one for each class. '
            'Received: class = "cat", quantity = "accuracy". The quantity of each class is class_accuracy.'
        ],
    ),
    "class of another type": (
        rule("class = 3", quantity='"class_accuracy"'),
        ["rule 1 \"my-rule\": `class` must be the name of a class, 'any' or 'all'. Received: class = 3."],
    ),
    "split": (
        rule('split = "val"'),
        [
            'rule 1 "my-rule": `split` must be one of "train", "validation", "test". Received: split = "val". '
            'Did you mean "validation"?'
        ],
    ),
    "output": (
        rule("output = 3"),
        ['rule 1 "my-rule": `output` must be the name of an output. Received: output = 3.'],
    ),
    "two thresholds": (
        rule("above = 0.9"),
        [
            'rule 1 "my-rule": A rule on a quantity must have exactly one of above, below, rises_by, falls_by. '
            "Received: above = 0.9, below = 0.5."
        ],
    ),
    "threshold": (
        rule(bound="below = nan"),
        ['rule 1 "my-rule": `below` must be a finite number. Received: below = nan.'],
    ),
    "threshold of another type": (
        rule(bound='below = "0.5"'),
        ['rule 1 "my-rule": `below` must be a finite number. Received: below = "0.5".'],
    ),
    "fall": (
        rule(bound="falls_by = -0.1"),
        ['rule 1 "my-rule": `falls_by` must be above 0: the direction is in its name. Received: falls_by = -0.1.'],
    ),
    "over": (
        rule("over = 0", bound="falls_by = 0.1"),
        ['rule 1 "my-rule": `over` must be an integer number of evaluations >= 1. Received: over = 0.'],
    ),
    "over without a change": (
        rule("over = 3"),
        ['rule 1 "my-rule": `over` must stand beside one of rises_by, falls_by. Received: over = 3.'],
    ),
    "relative_to": (
        rule('relative_to = "prior"'),
        [
            'rule 1 "my-rule": `relative_to` must be one of "best", "previous", "prior_entropy". '
            'Received: relative_to = "prior". Did you mean "prior_entropy"?'
        ],
    ),
    "relative_to with a change": (
        rule('relative_to = "best"', bound="falls_by = 0.1"),
        [
            'rule 1 "my-rule": `relative_to` must stand beside `above` or `below`; `falls_by` is relative to an '
            'earlier evaluation. Received: relative_to = "best", falls_by = 0.1.'
        ],
    ),
    "counts": (
        rule('for = "3m"', "keep_firing_for = -1", "after = 1.5", "min_support = true"),
        [
            'rule 1 "my-rule": `for` must be an integer number of evaluations >= 1. Received: for = "3m".',
            'rule 1 "my-rule": `keep_firing_for` must be an integer number of evaluations >= 0. '
            "Received: keep_firing_for = -1.",
            'rule 1 "my-rule": `after` must be an integer number of evaluations >= 0. Received: after = 1.5.',
            'rule 1 "my-rule": `min_support` must be an integer number of examples >= 0. Received: min_support = true.',
        ],
    ),
    "severity": (
        rule("severity = 2"),
        ['rule 1 "my-rule": `severity` must be one of "info", "warning", "critical". Received: severity = 2.'],
    ),
    "message": (
        rule('message = "{valeu}"'),
        [
            'rule 1 "my-rule": `message` must refer to some of {value}, {threshold}, {epoch}, {split}, {output}, '
            '{class_name}, {quantity}, {rule} only. Received: {valeu} in message = "{valeu}".'
        ],
    ),
    "message that is no format": (
        rule('message = "{value"'),
        [
            "rule 1 \"my-rule\": `message` must be a format string: expected '}' before end of string. "
            'Received: message = "{value". For a brace write two.'
        ],
    ),
    "actions are one word": (
        rule('actions = "stop_training"'),
        [
            'rule 1 "my-rule": `actions` must be a list of strings, as in ["one", "two"]. '
            'Received: actions = "stop_training".'
        ],
    ),
    "unknown action": (
        rule('actions = ["stop-training"]'),
        [
            'rule 1 "my-rule": `actions` must be names of actions. Received: actions = ["stop-training"]. '
            'Did you mean "stop_training"? Available: stop_training, raise_error. A webhook or a notification is an '
            "[[action]] table with that `name`."
        ],
    ),
    "unknown action of the file": (
        'actions = ["slack"]',
        [
            '`actions` must be names of actions. Received: actions = ["slack"]. Available: raise_error, stop_training. '
            "A webhook or a notification is an [[action]] table with that `name`."
        ],
    ),
    "a URL as an action": (
        rule(f'actions = ["{SECRET}"]'),
        [
            'rule 1 "my-rule": `actions` must be names of actions. Received: actions = (a URL, not shown). Available: '
            "raise_error, stop_training. A webhook or a notification is an [[action]] table with that `name`."
        ],
    ),
    "an empty action": (
        "[[action]]",
        [
            "action 1: `type` is missing. Write one of webhook, notify, stop_training, raise_error in quotes.",
            'action 1: `name` is missing. Give the action a name, as `name = "slack"`.',
        ],
    ),
    "type": (
        action(f'url = "{SECRET}"', kind="webhok"),
        [
            'action 1 "slack": `type` must be one of "webhook", "notify", "stop_training", "raise_error". '
            'Received: type = "webhok". Did you mean "webhook"?'
        ],
    ),
    "key of an action": (
        action(f'ulr = "{SECRET}"'),
        [
            'action 1 "slack": `ulr` is not a key of an action of type webhook. Did you mean `url`? '
            "Keys: url, name, payload, retries, severity, timeout, type, url_env."
        ],
    ),
    "key of another type": (
        action("timeout = 3", kind="stop_training"),
        ['action 1 "slack": `timeout` is not a key of an action of type stop_training. Keys: name, severity, type.'],
    ),
    "values of an action": (
        action(f'url = "{SECRET}"', "timeout = 0", "retries = -1", 'severity = "warn"', 'payload = "discrod"'),
        [
            'action 1 "slack": `severity` must be one of "info", "warning", "critical". Received: severity = "warn". '
            'Did you mean "warning"?',
            'action 1 "slack": `timeout` must be a finite number > 0 (seconds). Received: timeout = 0.',
            'action 1 "slack": `retries` must be an integer >= 0 (attempts after the first). Received: retries = -1.',
            'action 1 "slack": `payload` must be one of "chat", "slack", "discord", "teams". '
            'Received: payload = "discrod". Did you mean "discord"?',
        ],
    ),
    "no address": (
        action(),
        [
            'action 1 "slack": an action of this type must have `url` or `url_env`, the name of an environment '
            "variable that holds it. Received: neither."
        ],
    ),
    "two addresses": (
        action(f'url = "{SECRET}"', 'url_env = "SLACK_URL"'),
        [
            'action 1 "slack": an action of this type must have `url` or `url_env`, the name of an environment '
            "variable that holds it. Received: both."
        ],
    ),
    "address of another type": (
        action(f'url = ["{SECRET}"]'),
        ['action 1 "slack": `url` must be a URL in quotes. Received: url of type array.'],
    ),
    "addresses of another type": (
        action(f'urls = ["{SECRET}", 3]', kind="notify"),
        ['action 1 "slack": `urls` must be a URL in quotes, or a list of them. Received: urls of type array.'],
    ),
    "variable that is not set": (
        action('url_env = "SLACK_URL"'),
        ['action 1 "slack": `url_env`: the environment variable SLACK_URL is not set. Set it, or write `url`.'],
    ),
    "the secret in place of the variable": (
        action('url_env = "xoxb-s3cr3t"'),
        [
            'action 1 "slack": `url_env` must be the name of an environment variable, letters, digits and _. '
            "Received: url_env of type string."
        ],
    ),
    "action with a word's name": (
        action(f'url = "{SECRET}"', name="stop_training"),
        [
            'action 1 "stop_training": "stop_training" is a word of its own in the `actions` of a rule. '
            "Choose another `name`."
        ],
    ),
    "name of an action": (
        f'actions = ["slack"]\n[[action]]\nname = "{SECRET}"\ntype = "stop_training"',
        [
            "action 1 (a URL, not shown): `name` must be letters, digits, - and _. "
            "Received: name = (a URL, not shown).",
            '`actions` must be names of actions. Received: actions = ["slack"]. Available: raise_error, stop_training. '
            "A webhook or a notification is an [[action]] table with that `name`.",
        ],
    ),
    "two actions of a name": (
        action(f'url = "{SECRET}"') + '\n[[action]]\nname = "slack"\ntype = "stop_training"',
        ['action 2 "slack": "slack" is the name of action 1 "slack" too. Every action needs a name of its own.'],
    ),
    "action that is never run": (
        f'[[action]]\nname = "slack"\ntype = "webhook"\nurl = "{SECRET}"',
        ['action 1 "slack": no rule names it. Add it to the `actions` of a rule or of the file, or remove it.'],
    ),
    "not TOML": (
        "[[rule]]\nname = cat-is-bad",
        [
            "line 2, column 8: this is not TOML: Invalid value. "
            'Strings are in quotes ("..."), booleans are true and false.'
        ],
    ),
    "not TOML at its end": (
        "[[rule]]\nname",
        ["line 2, column 5: this is not TOML: Expected '=' after a key in a key/value pair."],
    ),
    "a table twice": (
        '[[rule]]\nname = "a"\n[rule]',
        [
            "line 3, column 6: this is not TOML: Cannot declare ('rule',) twice. A key or table may stand there once; "
            "several rules are several [[rule]] tables, in double brackets."
        ],
    ),
    "large integers": (
        rule(bound=f"below = {2**63}"),
        ["An integer has more than 64 bits, which TOML does not allow. Write it as a float, as 1e30."],
    ),
    "nested deeply": ("rule = " + "[" * 10_000, ["Arrays or tables are nested too deeply to be read."]),
    "not UTF-8": (
        b'message = "caf\xe9"',
        ["TOML files are UTF-8, and byte 14 is not: invalid continuation byte. Save the file as UTF-8."],
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_file(read, case):
    text, messages = WRONG[case]
    with pytest.raises(RuleFileError) as caught:
        read(text)

    assert list(caught.value.errors) == [f"alerts.toml: {message}" for message in messages]


@pytest.mark.parametrize("case", WRONG)
def test_no_secret_in_any_message(read, case):
    with pytest.raises(RuleFileError) as caught:
        read(WRONG[case][0])

    assert "s3cr3t" not in str(caught.value)


@pytest.mark.parametrize(
    "lines",
    [
        ['url = "hooks.example.org/services/s3cr3t"'],
        ['url = "ftp://hooks.example.org/s3cr3t"'],
        ['url = "https://hooks.example.org:port/s3cr3t"'],
        ['url = "https://user:s3cr3t@"'],
        ['url = "https:// s3cr3t"'],
        ['url_env = "SLACK_URL"'],
        [f'url = "{SECRET}"', f'severity = "{SECRET}"', f'timeout = "{SECRET}"', f'"{SECRET}" = 1'],
    ],
)
def test_addresses_that_are_wrong_are_not_repeated(read, lines):
    with pytest.raises(RuleFileError) as caught:
        read(action(*lines), environment={"SLACK_URL": "hooks.example.org/s3cr3t"})

    assert 'alerts.toml: action 1 "slack": ' in str(caught.value)
    assert "s3cr3t" not in str(caught.value)


def test_all_mistakes_are_said_at_once(read):
    texts = [
        WRONG[case][0]
        for case in (
            "unknown key of the file",
            "unknown built-in rule",
            "an empty rule",
            "counts",
            "action that is never run",
        )
    ]
    with pytest.raises(RuleFileError) as caught:
        read("\n".join(texts))

    places = [error.removeprefix("alerts.toml: ").split(": ")[0] for error in caught.value.errors]
    assert places == [
        places[0],
        "[builtin.overfiting]",
        *["rule 1"] * 3,
        *['rule 2 "my-rule"'] * 4,
        'action 1 "slack"',
    ]
    assert str(caught.value).splitlines() == list(caught.value.errors)


def test_missing_and_unreadable_files(tmp_path):
    path = tmp_path / "nowhere.toml"
    with pytest.raises(RuleFileError) as missing:
        load_rules(path)
    with pytest.raises(RuleFileError) as folder:
        load_rules(tmp_path)

    advice = "Give the path of a TOML file of alert rules."
    assert missing.value.errors == (f"{path}: There is no such file. {advice}",)
    assert folder.value.errors == (f"{tmp_path}: The file cannot be read: Is a directory. {advice}",)


def test_the_error_is_of_the_package_and_a_value_error_and_survives_a_process():
    error = RuleFileError(["one", "two"])

    assert isinstance(error, XentMonitorError)
    assert isinstance(error, ValueError)
    assert pickle.loads(pickle.dumps(error)).errors == ("one", "two")


def test_long_values_are_cut():
    assert shown("x" * 100) == '"' + "x" * 56 + "..."
    assert shown({"a": [1, True, "b"]}) == '{a = [1, true, "b"]}'
