"""Tests of the actions, against real servers on this machine."""

from __future__ import annotations

import copy
import datetime
import email.utils
import http.client
import json
import logging
import math
import re
import sys
import threading
import time
import traceback
import warnings
from pathlib import Path
from typing import Any

import pytest

from tests.webhook_server import Answer, WebhookServer, refusing_url
from xent_monitor.alerts import posting
from xent_monitor.alerts.actions import DeliveryError, Notify, RaiseError, StopTraining, Webhook, check_actions
from xent_monitor.alerts.event import AlertEvent
from xent_monitor.alerts.payloads import Payload, encode, payload_for
from xent_monitor.errors import AlertError, XentMonitorError

ROOT = Path(__file__).resolve().parents[2]

#: Everything of a URL that may not be seen.
SECRETS = ("s3cret", "t0ken", "us3r", "pa55word", "fragm3nt")


def event(**fields: Any) -> AlertEvent:
    values: dict[str, Any] = {
        "rule": "cat-is-bad",
        "state": "firing",
        "severity": "warning",
        "epoch": 3,
        "split": "validation",
        "output": "",
        "class_name": "cat",
        "value": 1.73,
        "threshold": 1.5,
        "message": "cat: 1.73 nats",
    }
    return AlertEvent(**(values | fields))


def secret(url: str, path: str = "/hooks/s3cret") -> str:
    return f"{url.replace('://', '://us3r:pa55word@')}{path}?token=t0ken#fragm3nt"


def deliver(action: Webhook | Notify, one: AlertEvent | None = None) -> str | None:
    """What went wrong, or None."""
    try:
        action.deliver(one or event(), threading.Event())
    except DeliveryError as error:
        return str(error)
    return None


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "FIRST_PAUSE", 0.01)
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


# Stopping and raising


@pytest.mark.parametrize("action", [StopTraining, RaiseError])
def test_stopping_and_raising_are_values(action):
    assert action() == action("critical") == action(severity="critical")
    assert action("info").severity == "info"
    assert repr(action("info")) == f"{action.__name__}(severity='info')"
    with pytest.raises(ValueError, match=r"^`severity` must be one of info, warning, critical. Received: severity=3.$"):
        action(3)


def test_the_error_is_one_of_the_package():
    assert issubclass(AlertError, XentMonitorError)


# What a webhook gets


def test_a_body_that_any_service_finds_its_key_in():
    with WebhookServer() as server:
        assert deliver(Webhook(f"{server.url}/hooks/abc?x=1")) is None

    (request,) = server.requests
    assert (request.method, request.path) == ("POST", "/hooks/abc?x=1")
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["User-Agent"] == "xent-monitor"
    assert "Authorization" not in request.headers
    text = "[warning] cat-is-bad is firing, epoch 3, validation: cat: 1.73 nats"
    assert request.json == {
        "text": text,
        "content": text,
        "allowed_mentions": {"parse": []},
        "alert": {
            "rule": "cat-is-bad",
            "state": "firing",
            "severity": "warning",
            "epoch": 3,
            "split": "validation",
            "output": "",
            "class_name": "cat",
            "value": 1.73,
            "threshold": 1.5,
            "message": "cat: 1.73 nats",
        },
    }


def test_numbers_that_json_lacks():
    alert = json.loads(encode(event(value=math.nan, threshold=math.inf), "chat"))["alert"]

    assert (alert["value"], alert["threshold"]) == (None, "Infinity")


def test_discord_refuses_long_texts():
    body = json.loads(encode(event(message="x" * 3000), "discord"))

    assert set(body) == {"content", "allowed_mentions"}
    assert len(body["content"]) == 2000
    assert body["content"].endswith("x…")
    assert len(json.loads(encode(event(message="x" * 3000), "chat"))["text"]) > 3000


def test_slack_reads_angle_brackets():
    body = json.loads(encode(event(message="<!channel> a & b > c"), "slack"))

    assert body == {
        "text": "[warning] cat-is-bad is firing, epoch 3, validation: &lt;!channel&gt; a &amp; b &gt; c",
    }


@pytest.mark.parametrize(
    ("fields", "colour"),
    [
        ({"severity": "info"}, "Accent"),
        ({"severity": "warning"}, "Warning"),
        ({"severity": "critical"}, "Attention"),
        ({"severity": "critical", "state": "resolved"}, "Good"),
    ],
)
def test_teams_takes_cards_only(fields, colour):
    one = event(**fields)

    assert json.loads(encode(one, "teams")) == {
        "type": "message",
        "attachments": [
            {
                "contentType": "application/vnd.microsoft.card.adaptive",
                "contentUrl": None,
                "content": {
                    "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                    "type": "AdaptiveCard",
                    "version": "1.4",
                    "body": [{"type": "TextBlock", "text": str(one), "wrap": True, "color": colour}],
                    "msteams": {"width": "Full"},
                },
            }
        ],
    }


@pytest.mark.parametrize(
    ("host", "path", "payload"),
    [
        ("hooks.slack.com", "/services/T0/B0/x", "slack"),
        ("hooks.slack-gov.com", "/services/T0/B0/x", "slack"),
        ("discord.com", "/api/webhooks/1/x", "discord"),
        ("ptb.discord.com", "/api/webhooks/1/x", "discord"),
        ("discordapp.com", "/api/webhooks/1/x", "discord"),
        ("discord.com", "/api/webhooks/1/x/slack", "slack"),
        ("contoso.webhook.office.com", "/webhookb2/x", "teams"),
        ("prod-1.westeurope.logic.azure.com", "/workflows/x", "teams"),
        ("default1.23.environment.api.powerplatform.com", "/powerautomate/x", "teams"),
        ("mattermost.example.org", "/hooks/x", "chat"),
        ("notslack.com", "/", "chat"),
        ("slack.com.example.org", "/", "chat"),
    ],
)
def test_the_host_says_which_body_it_takes(host, path, payload):
    assert payload_for(host, path) == payload
    assert Webhook(f"https://{host.upper()}{path}?x=y").payload == payload


def test_the_body_can_be_chosen():
    with WebhookServer() as server:
        deliver(Webhook(server.url, payload="teams"))

    assert server.requests[0].json["type"] == "message"


def test_user_and_password_go_into_a_header():
    with WebhookServer() as server:
        deliver(Webhook(server.url.replace("://", "://us%40er:pa%3Ass@") + "/x"))

    assert server.requests[0].path == "/x"
    assert server.requests[0].headers["Authorization"] == "Basic dXNAZXI6cGE6c3M="  # us@er:pa:ss
    assert server.requests[0].headers["Host"] == f"127.0.0.1:{server.port}"


def test_a_path_is_quoted_once():
    with WebhookServer() as server:
        deliver(Webhook(f"  {server.url}/grün%20/a+b?q=ü&sig=a%2Fb=#fragment\n"))

    assert server.requests[0].path == "/gr%C3%BCn%20/a+b?q=%C3%BC&sig=a%2Fb="


def test_the_bodies_in_the_documentation():
    page = (ROOT / "docs" / "reference" / "actions.md").read_text(encoding="utf-8")
    shown = [json.loads(block) for block in re.findall(r"^```json\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)]
    payloads: tuple[Payload, ...] = ("chat", "slack", "discord", "teams")

    assert shown[:-1] == [json.loads(encode(event(), payload)) for payload in payloads]
    assert shown[-1] == {"format": 1, "time": shown[-1]["time"], **event().to_dict()}


# What a webhook answers


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_every_2xx_is_a_delivery(status):
    with WebhookServer(Answer(status, body=b"")) as server:
        assert deliver(Webhook(server.url)) is None

    assert len(server.requests) == 1


def test_an_error_of_the_server_is_tried_again():
    with WebhookServer(Answer(500), Answer(503), Answer(200)) as server:
        assert deliver(Webhook(server.url)) is None

    assert len(server.requests) == 3
    assert len({request.body for request in server.requests}) == 1


def test_retries_are_bounded():
    with WebhookServer(Answer(502)) as server:
        assert deliver(Webhook(server.url, retries=1)) == "HTTP 502 Bad Gateway (2 attempts)"
        assert deliver(Webhook(server.url, retries=0)) == "HTTP 502 Bad Gateway"

    assert len(server.requests) == 3


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (400, "HTTP 400 Bad Request. The service does not take this body: see `payload`"),
        (401, "HTTP 401 Unauthorized. The URL lacks what the service asks for"),
        (403, "HTTP 403 Forbidden. The URL is wrong or no longer valid"),
        (404, "HTTP 404 Not Found. The URL is wrong or no longer valid"),
        (410, "HTTP 410 Gone. The URL is no longer valid"),
        (413, f"HTTP 413 {'Request Entity' if sys.version_info < (3, 13) else 'Content'} Too Large"),
        (499, "HTTP 499"),
    ],
)
def test_4xx_is_final(status, reason):
    with WebhookServer(Answer(status, body=b"no such hook: /hooks/s3cret")) as server:
        assert deliver(Webhook(server.url)) == reason

    assert len(server.requests) == 1


def test_a_service_that_asks_to_wait_is_waited_for():
    with WebhookServer(Answer(429, {"Retry-After": "0.3"}), Answer(200)) as server:
        begin = time.monotonic()
        assert deliver(Webhook(server.url)) is None

    assert 0.3 <= time.monotonic() - begin < 5
    assert len(server.requests) == 2


def test_not_for_longer_than_the_bound(monkeypatch):
    monkeypatch.setattr(posting, "LONGEST_PAUSE", 0.05)
    with WebhookServer(Answer(429, {"Retry-After": "86400"}), Answer(429), Answer(200)) as server:
        assert deliver(Webhook(server.url)) is None


@pytest.mark.parametrize("value", ["soon", "nan", "inf", "-3", "Mon, 99 Foo 9999"])
def test_a_strange_retry_after_is_no_problem(value):
    with WebhookServer(Answer(429, {"Retry-After": value}), Answer(200)) as server:
        assert deliver(Webhook(server.url)) is None


def test_retry_after_as_a_date():
    later = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=100)

    assert posting._retry_after(email.utils.format_datetime(later, usegmt=True)) == pytest.approx(100, abs=2)
    assert posting._retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0


def test_a_redirect_is_not_followed():
    with WebhookServer() as other, WebhookServer() as server:
        for status in (301, 302, 303, 307, 308):
            server.answers = [Answer(status, {"Location": f"{other.url}/s3cret"})]
            failure = deliver(Webhook(server.url))
            assert failure is not None
            assert re.fullmatch(
                rf"HTTP {status} .*: redirects are not followed. Give the URL that it leads to", failure
            )

    assert len(server.requests) == 5
    assert other.requests == []


def test_a_hang_ends_with_the_time_out():
    with WebhookServer(Answer(hangs=True)) as server:
        begin = time.monotonic()
        assert deliver(Webhook(server.url, timeout=0.1, retries=1)) == "no answer within 0.1 s (2 attempts)"

    assert 0.2 <= time.monotonic() - begin < 5


def test_a_connection_that_is_refused():
    assert deliver(Webhook(refusing_url())) == "Connection refused (3 attempts)"


def test_a_connection_that_is_closed_without_an_answer():
    with WebhookServer(Answer(raw=b"")) as server:
        failure = deliver(Webhook(server.url))

    assert failure == "it closed the connection without an answer (3 attempts)"


def test_an_answer_that_is_cut_off_after_its_status():
    """The service has taken it; what it says besides is not asked for."""
    with WebhookServer(Answer(200, missing=10)) as server:
        assert deliver(Webhook(server.url)) is None


def test_an_answer_that_is_not_http():
    with WebhookServer(Answer(raw=b"s3cret nonsense\r\n\r\n")) as server:
        assert deliver(Webhook(server.url)) == "its answer is not HTTP (BadStatusLine)"


def test_a_host_that_does_not_exist():
    failure = deliver(Webhook("http://no-such-host.invalid/s3cret", retries=0))

    assert failure == "its host name cannot be resolved"


def test_a_server_that_does_not_speak_tls():
    with WebhookServer() as server:
        failure = deliver(Webhook(server.url.replace("http:", "https:"), retries=0))

    assert failure is not None
    assert "SSL" in failure


def test_no_further_attempt_when_no_one_waits_any_more(monkeypatch):
    monkeypatch.setattr(posting, "FIRST_PAUSE", 60)
    cancelled = threading.Event()
    with WebhookServer(Answer(500)) as server:
        threading.Timer(0.1, cancelled.set).start()
        with pytest.raises(DeliveryError, match=r"^HTTP 500 Internal Server Error$"):
            Webhook(server.url).deliver(event(), cancelled)

    assert len(server.requests) == 1


# Secrets


@pytest.mark.parametrize(
    "answer",
    [
        Answer(200),
        Answer(404, body=b"no such hook: /hooks/s3cret?token=t0ken"),
        Answer(500),
        Answer(302, {"Location": "http://127.0.0.1:1/hooks/s3cret?token=t0ken"}),
        Answer(429, {"Retry-After": "s3cret"}),
        Answer(hangs=True),
        Answer(raw=b""),
        Answer(raw=b"/hooks/s3cret\r\n"),
        None,
    ],
    ids=lambda answer: "refused" if answer is None else str(answer.raw or answer.hangs or answer.status),
)
def test_no_secret_is_seen(answer, caplog, capfd, monkeypatch):
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(http.client.HTTPConnection, "debuglevel", 1)
    with WebhookServer(answer or Answer()) as server, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        webhook = Webhook(secret(server.url if answer else refusing_url()), timeout=0.1, retries=1)
        seen = [repr(webhook), str(webhook), str(vars(webhook)), webhook.label, repr(copy.deepcopy(webhook))]
        failure = None
        try:
            webhook.deliver(event(), threading.Event())
        except DeliveryError as error:
            failure = error
            seen += ["".join(traceback.format_exception(error)), repr(error)]
    assert (failure is None) == (answer == Answer(200))
    assert failure is None or failure.__cause__ is failure.__context__ is None
    if answer:
        assert server.requests[0].path == "/hooks/s3cret?token=t0ken"

    seen += [caplog.text, *capfd.readouterr(), *(str(warning) for warning in caught)]
    assert [found for found in seen for word in SECRETS if word in found] == []


@pytest.mark.parametrize(
    ("url", "received"),
    [
        ("", "a text without a scheme."),
        ("hooks.example.org/s3cret", "a text without a scheme."),
        ("s3cret:pa55word", "a text without a scheme."),
        ("ftp://example.org/s3cret", "a URL of scheme 'ftp'."),
        ("file:///s3cret", "a URL of scheme 'file'."),
        ("https://", "a URL without a host."),
        ("https:///s3cret", "a URL without a host."),
        ("https://us3r:pa55word@/s3cret", "a URL without a host."),
        (
            "https://example.org/s3cret t0ken",
            "a URL of https://example.org with white space or control characters in it.",
        ),
        (
            "https://example.org/s3cret\nt0ken",
            "a URL of https://example.org with white space or control characters in it.",
        ),
        ("https://us3r:pa55word@example.org:s3cret/", "a URL whose host or port cannot be read (not shown)."),
        ("https://example.org:99999/s3cret", "a URL whose host or port cannot be read (not shown)."),
        ("https://[s3cret/", "a URL whose host or port cannot be read (not shown)."),
        ("https://pa55word\u2100.example.org/", "a URL whose host or port cannot be read (not shown)."),
        (f"https://{'s3cret' * 20}/", "a URL whose host or port cannot be read (not shown)."),
        (None, "a value of type NoneType."),
        (b"https://example.org/s3cret", "a value of type bytes."),
    ],
)
def test_a_wrong_url_is_not_shown(url, received):
    with pytest.raises(ValueError) as caught:
        Webhook(url)

    assert str(caught.value) == f"`url` must be a URL that begins with https:// or http://. Received: {received}"
    assert caught.value.__cause__ is caught.value.__context__ is None


def test_all_wrong_arguments_at_once():
    with pytest.raises(ValueError) as caught:
        Webhook("s3cret", severity="bad", timeout=0, retries=-1, payload="xml")

    assert str(caught.value).splitlines() == [
        "`severity` must be one of info, warning, critical. Received: severity='bad'.",
        "`timeout` must be a finite number of seconds > 0. Received: timeout=0.",
        "`retries` must be an integer >= 0. Received: retries=-1.",
        "`payload` must be one of chat, slack, discord, teams, or None. Received: payload='xml'.",
        "`url` must be a URL that begins with https:// or http://. Received: a text without a scheme.",
    ]


@pytest.mark.parametrize("timeout", [True, "5", None, math.inf, math.nan, -1])
def test_a_time_out_is_a_number_of_seconds(timeout):
    with pytest.raises(ValueError, match="`timeout` must be a finite number of seconds > 0"):
        Webhook("https://example.org", timeout=timeout)


@pytest.mark.parametrize("retries", [True, 1.5, "2", None])
def test_retries_are_counted(retries):
    with pytest.raises(ValueError, match="`retries` must be an integer >= 0"):
        Webhook("https://example.org", retries=retries)


def test_what_is_shown_of_a_webhook():
    webhook = Webhook(secret("https://example.org:8443"), severity="info")

    assert repr(webhook) == "Webhook('https://example.org', severity='info')"
    assert webhook.label == "the webhook at https://example.org"
    assert repr(Webhook("https://[::1]:8443/s3cret")) == "Webhook('https://[::1]', severity='warning')"
    assert (
        repr(Webhook("https://bücher.example/s3cret")) == "Webhook('https://xn--bcher-kva.example', severity='warning')"
    )


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("see https://example.org/s3cret?t0ken#x, or not", "see https://example.org/... or not"),
        ("'https://us3r:pa55word@example.org:80'", "'https://example.org:80'"),
        ("(http://example.org?t0ken)", "(http://example.org/...)"),
        ("tgram://t0ken/chat and mailto://us3r:pa55word@x.org", "tgram://... and mailto://..."),
        ("Max retries exceeded with url: /s3cret?t0ken (Caused", "Max retries exceeded with url: ... (Caused"),
        ("a/b: c // d", "a/b: c // d"),
    ],
)
def test_urls_are_hidden_in_the_texts_of_others(text, hidden):
    assert posting.hide_urls(text) == hidden


# Notify


@pytest.fixture
def apprise() -> Any:
    return pytest.importorskip("apprise")


def apprise_url(server: WebhookServer) -> str:
    return f"json://us3r:pa55word@127.0.0.1:{server.port}/s3cret?:token=t0ken"


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"severity": "info"}, "info"),
        ({"severity": "warning"}, "warning"),
        ({"severity": "critical"}, "failure"),
        ({"severity": "critical", "state": "resolved"}, "success"),
    ],
)
def test_notify_sends_by_apprise(apprise, fields, kind):
    one = event(message="<b>1 & 2</b>", **fields)
    with WebhookServer() as server:
        assert deliver(Notify(apprise_url(server)), one) is None

    body = server.requests[0].json
    assert (body["title"], body["message"]) == (f"[{one.severity}] cat-is-bad", str(one))
    assert body["type"] == kind


def test_notify_asks_every_service(apprise):
    with WebhookServer(Answer(500)) as broken, WebhookServer() as server:
        notify = Notify([apprise_url(broken), apprise_url(server), apprise_url(broken)])
        assert deliver(notify) == "apprise could not send it by json"

    assert len(server.requests) == 1
    assert len(broken.requests) == 2


def test_notify_gives_up_when_no_one_waits_any_more(apprise):
    cancelled = threading.Event()
    cancelled.set()
    with WebhookServer() as server:
        Notify(apprise_url(server)).deliver(event(), cancelled)

    assert server.requests == []


@pytest.mark.parametrize("status", [200, 404, 500])
def test_notify_shows_no_secret(apprise, status, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    logging.getLogger("apprise").setLevel(1)
    with WebhookServer(Answer(status, body=b"/s3cret")) as server, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        notify = Notify([apprise_url(server), f"json://us3r:pa55word@{refusing_url().removeprefix('http://')}/s3cret"])
        seen = [repr(notify), str(notify), str(vars(notify)), notify.label]
        with pytest.raises(DeliveryError) as error:
            notify.deliver(event(), threading.Event())
    seen += [str(error.value), "".join(traceback.format_exception(error.value))]
    seen += [caplog.text, *capfd.readouterr(), *(str(warning) for warning in caught)]

    assert repr(notify) == "Notify(json, severity='warning')"
    assert notify.label == "Notify (json)"
    assert [found for found in seen for word in SECRETS if word in found] == []


def test_others_keep_their_logs(apprise, caplog):
    caplog.set_level(logging.DEBUG)
    with WebhookServer() as server:
        deliver(Notify(apprise_url(server)))
        logging.getLogger("apprise").warning("somebody else's")
        logging.getLogger("urllib3.connectionpool").debug("somebody else's, too")

    assert [record.message for record in caplog.records] == ["somebody else's", "somebody else's, too"]


def test_what_apprise_does_not_understand(apprise, caplog):
    with pytest.raises(ValueError) as caught:
        Notify(["nonsense://s3cret", "s3cret", 3, "tgram://"], severity="bad")

    assert str(caught.value).splitlines() == [
        "`severity` must be one of info, warning, critical. Received: severity='bad'.",
        *(
            f"`urls` must hold URLs that apprise understands (https://github.com/caronc/apprise/wiki). "
            f"Received: urls[{index}] of scheme {scheme!r}."
            for index, scheme in enumerate(["nonsense", "", "", "tgram"])
        ),
    ]
    assert caught.value.__context__ is None
    assert caplog.text == ""


def test_notify_without_an_address(apprise):
    with pytest.raises(ValueError, match=r"^`urls` must be an apprise URL, or a sequence of them. Received: none.$"):
        Notify([])


def test_notify_without_apprise(monkeypatch):
    monkeypatch.setitem(sys.modules, "apprise", None)

    with pytest.raises(ImportError) as caught:
        Notify("json://s3cret")

    assert str(caught.value) == 'Notify needs apprise. Install it: pip install "xent-monitor[notify]"'


# What is an action


@pytest.mark.parametrize(
    "action", [StopTraining(), RaiseError(), Webhook("https://example.org"), print, lambda event: None, "stop_training"]
)
def test_actions(action):
    check_actions([action])
    check_actions((action,))


@pytest.mark.parametrize(
    ("action", "kind"),
    [
        ("https://example.org/s3cret", "a value of type str."),
        (3, "a value of type int."),
        (None, "a value of type NoneType."),
        (StopTraining, "the class StopTraining. Write StopTraining(...)."),
    ],
)
def test_what_is_no_action(action, kind):
    with pytest.raises(ValueError) as caught:
        check_actions([print, action], "actions of rule x")

    assert str(caught.value) == (
        f"`actions of rule x[1]` must be an action, a callable, 'stop_training' or 'raise_error'. Received: {kind}"
    )


@pytest.mark.parametrize("actions", ["stop_training", StopTraining(), None])
def test_actions_are_a_sequence(actions):
    with pytest.raises(ValueError, match=r"^`actions` must be a sequence of actions. Received: a value of type \w+.$"):
        check_actions(actions)
