"""Bodies of webhook requests: an alert as each chat service takes it.

| payload | keys | for |
|---|---|---|
| `"chat"` | `text`, `content`, `allowed_mentions`, `alert` | Mattermost, Rocket.Chat, a server of one's own |
| `"slack"` | `text`, escaped | Slack |
| `"discord"` | `content`, at most 2000 characters, and `allowed_mentions` | Discord |
| `"teams"` | an Adaptive Card in `attachments` | Microsoft Teams, incoming webhooks and workflows |

Sources: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks (`text`) and
https://docs.slack.dev/messaging/formatting-message-text (escaping);
https://docs.discord.com/developers/resources/webhook (Execute Webhook);
https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using (workflows support
Adaptive Cards only; a body without `attachments` fails there); https://developers.mattermost.com/integrate/webhooks/incoming
(the server decodes the keys that it knows, `IncomingWebhookRequestFromJSON`, and passes over the others).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Literal

from xent_monitor.alerts.event import AlertEvent

__all__ = ["PAYLOADS", "Payload", "encode", "payload_for"]

Payload = Literal["chat", "slack", "discord", "teams"]

#: Discord refuses a longer `content`.
DISCORD_LENGTH = 2000

#: Discord: a class called "@everyone" calls no one.
_NO_MENTIONS: dict[str, Any] = {"parse": []}

#: Colours of an Adaptive Card.
_COLOURS = {"info": "Accent", "warning": "Warning", "critical": "Attention"}

#: Domains of services that take a body of their own.
_DOMAINS: dict[str, Payload] = {
    "slack.com": "slack",
    "slack-gov.com": "slack",
    "discord.com": "discord",
    "discordapp.com": "discord",
    "office.com": "teams",
    "logic.azure.com": "teams",
    "powerautomate.com": "teams",
    "powerplatform.com": "teams",
}


def payload_for(host: str, path: str) -> Payload:
    """The payload that the service at a host takes; `"chat"` where the host is not known.

    Example:
        >>> payload_for("hooks.slack.com", "/services/a"), payload_for("example.org", "/")
        ('slack', 'chat')
    """
    for domain, payload in _DOMAINS.items():
        if host == domain or host.endswith(f".{domain}"):
            # Discord's second address of each webhook, which takes what Slack takes.
            return "slack" if payload == "discord" and path.rstrip("/").endswith("/slack") else payload
    return "chat"


def encode(event: AlertEvent, payload: Payload) -> bytes:
    """The body of a request, JSON."""
    return json.dumps(PAYLOADS[payload](event), allow_nan=False, default=_plain).encode()


def _chat(event: AlertEvent) -> dict[str, Any]:
    return {"text": str(event), **_discord(event), "alert": event.to_dict()}


def _slack(event: AlertEvent) -> dict[str, Any]:
    text = str(event)
    # `<!channel>` would call everybody.
    for character, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        text = text.replace(character, entity)
    return {"text": text}


def _discord(event: AlertEvent) -> dict[str, Any]:
    text = str(event)
    cut = text if len(text) <= DISCORD_LENGTH else text[: DISCORD_LENGTH - 1] + "…"
    return {"content": cut, "allowed_mentions": _NO_MENTIONS}


def _teams(event: AlertEvent) -> dict[str, Any]:
    colour = "Good" if event.state == "resolved" else _COLOURS[event.severity]
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [{"type": "TextBlock", "text": str(event), "wrap": True, "color": colour}],
        "msteams": {"width": "Full"},
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}


def _plain(value: Any) -> Any:
    """A NumPy number that a rule of the user's left in the event."""
    return value.item()


#: What makes the body, by the name of the payload.
PAYLOADS: dict[Payload, Callable[[AlertEvent], dict[str, Any]]] = {
    "chat": _chat,
    "slack": _slack,
    "discord": _discord,
    "teams": _teams,
}
