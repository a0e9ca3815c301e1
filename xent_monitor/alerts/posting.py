"""One POST request to an address that is a secret, with time-out and bounded retries.

Whoever knows the path of a webhook can post to it. So only scheme and host are ever shown, errors are told in words of
our own (those of `urllib` and `http.client` quote the URL), and no exception leaves this module that could hold more.
"""

from __future__ import annotations

import base64
import dataclasses
import email.utils
import http
import http.client
import math
import re
import socket
import ssl
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

__all__ = ["Address", "hide_urls", "parse_address", "post"]

#: Pause before the first retry; each further one is twice as long, up to `LONGEST_PAUSE`. Seconds.
FIRST_PAUSE = 0.5
#: A `Retry-After` that asks for more is cut to this. Seconds.
LONGEST_PAUSE = 30.0

#: Discord's protection refuses urllib's own name.
_HEADERS = {"Content-Type": "application/json", "User-Agent": "xent-monitor"}

#: What stays as it is in a path or query: reserved characters, and `%` of what is quoted already.
_SAFE = "!#$%&'()*+,/:;=?@[]~"

#: What a refusal most likely means.
_ADVICE = {
    400: "The service does not take this body: see `payload`",
    401: "The URL lacks what the service asks for",
    403: "The URL is wrong or no longer valid",
    404: "The URL is wrong or no longer valid",
    410: "The URL is no longer valid",
}


@dataclasses.dataclass(frozen=True)
class Address:
    """Where to post; its text shows scheme and host only."""

    #: `https://host`: all that may be shown.
    shown: str
    host: str
    path: str = dataclasses.field(repr=False)
    #: The whole URL, without user and password.
    url: str = dataclasses.field(repr=False)
    #: User and password as a header; empty where there are none.
    authorization: dict[str, str] = dataclasses.field(repr=False)

    def __str__(self) -> str:
        return self.shown


def parse_address(url: object) -> Address:
    """The address in a URL.

    Raises:
        ValueError: If it is not an `http` or `https` URL with a host. The text shows no more than scheme and host.

    Example:
        >>> parse_address("https://user:pass@example.org/hooks/secret?token=secret")
        Address(shown='https://example.org', host='example.org')
    """
    problem = f"Received: a value of type {type(url).__name__}."
    if isinstance(url, str):
        found = _split(url.strip())
        if isinstance(found, Address):
            return found
        problem = found
    # Raised here, not where an error of the library was caught: that one would be its context, and quotes the URL.
    raise ValueError(f"`url` must be a URL that begins with https:// or http://. {problem}")


def _split(url: str) -> Address | str:
    """The address, or what is wrong with the URL."""
    try:
        parts = urllib.parse.urlsplit(url)
        host, port = (parts.hostname or "").encode("idna").decode("ascii"), parts.port
        user, password = parts.username, parts.password
    except ValueError:
        return "Received: a URL whose host or port cannot be read (not shown)."
    scheme = parts.scheme.lower()
    if scheme not in ("http", "https"):
        return f"Received: a URL of scheme {scheme!r}." if "://" in url else "Received: a text without a scheme."
    if not host:
        return "Received: a URL without a host."
    if re.search(r"[\s\x00-\x1f\x7f]", url):
        return f"Received: a URL of {scheme}://{host} with white space or control characters in it."
    host = f"[{host}]" if ":" in host else host
    path = urllib.parse.quote(parts.path or "/", safe=_SAFE)
    query = urllib.parse.quote(parts.query, safe=_SAFE)
    netloc = host if port is None else f"{host}:{port}"
    return Address(
        shown=f"{scheme}://{host}",
        host=host,
        path=path,
        url=urllib.parse.urlunsplit((scheme, netloc, path, query, "")),
        authorization=_authorization(user, password),
    )


def _authorization(user: str | None, password: str | None) -> dict[str, str]:
    if user is None and password is None:
        return {}
    pair = ":".join(urllib.parse.unquote(part or "") for part in (user, password))
    return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode('ascii')}"}


def hide_urls(text: str) -> str:
    """A text with no more than scheme and host of the web addresses in it, and the scheme of other URLs.

    Example:
        >>> hide_urls("no route to https://me:pw@example.org/secret (url: /secret) or tgram://token/chat")
        'no route to https://example.org/... (url: ...) or tgram://...'
    """
    text = re.sub(r"(\w[\w+.-]*)://([^\s'\"<>)]*)", _shortened, text)
    # As `urllib3` writes it, and `requests` after it.
    return re.sub(r"(\burl: )/[^\s'\"<>)]*", r"\1...", text)


def _shortened(url: re.Match[str]) -> str:
    scheme, rest = url.groups()
    authority = re.split("[/?#]", rest, maxsplit=1)[0]
    if scheme.lower() not in ("http", "https"):
        return f"{scheme}://..."
    return f"{scheme}://{authority.rpartition('@')[2]}{'/...' if len(rest) > len(authority) else ''}"


@dataclasses.dataclass(frozen=True)
class _Failure:
    """Why an attempt failed, in words that hold no secret."""

    reason: str
    #: Whether another attempt may succeed.
    passing: bool
    #: Seconds that the service asks to wait.
    pause: float | None = None


def post(address: Address, body: bytes, *, timeout: float, retries: int, cancelled: threading.Event) -> str | None:
    """Post a body; retried after errors of the connection, 429 and 5xx.

    Args:
        address: Where to.
        body: JSON.
        timeout: Seconds for the connection, and again for each wait for data; > 0.
        retries: Attempts after the first, >= 0.
        cancelled: Once it is set there are no more attempts.

    Returns:
        None once the service has answered 2xx; else what went wrong.
    """
    attempt, pause = 1, FIRST_PAUSE
    while (failure := _attempt(address, body, timeout)) is not None:
        wait = min(pause if failure.pause is None else failure.pause, LONGEST_PAUSE)
        if not failure.passing or attempt > retries or cancelled.wait(wait):
            return failure.reason if attempt == 1 else f"{failure.reason} ({attempt} attempts)"
        attempt, pause = attempt + 1, 2 * pause
    return None


def _opener() -> urllib.request.OpenerDirector:
    """Knows HTTP and the proxies of the environment, nothing else.

    Without a handler for redirects nothing is ever posted anywhere else; without one for errors every status comes back
    as a plain answer. The debug level is fixed, since the output of `http.client` has the whole request in it.
    """
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(debuglevel=0),
        urllib.request.HTTPSHandler(debuglevel=0),
    ):
        opener.add_handler(handler)
    return opener


def _attempt(address: Address, body: bytes, timeout: float) -> _Failure | None:
    request = urllib.request.Request(
        address.url, data=body, headers={**_HEADERS, **address.authorization}, method="POST"
    )
    try:
        # The status is all that is wanted: the body of an answer may quote the URL.
        with _opener().open(request, timeout=timeout) as response:
            return _refusal(response.status, response.headers)
    except Exception as error:  # `http.client` has errors that are neither OSError nor ValueError
        cause = error.reason if isinstance(error, urllib.error.URLError) else error
        return _broken(cause, timeout)


def _refusal(status: int, headers: http.client.HTTPMessage) -> _Failure | None:
    """What is wrong with an answer, or None."""
    if 200 <= status < 300:
        return None
    phrase = next((known.phrase for known in http.HTTPStatus if known == status), "")
    reason = f"HTTP {status} {phrase}".strip()
    if 300 <= status < 400:
        return _Failure(f"{reason}: redirects are not followed. Give the URL that it leads to", passing=False)
    if status == 429 or status >= 500:
        return _Failure(reason, passing=True, pause=_retry_after(headers.get("Retry-After")))
    advice = _ADVICE.get(status)
    return _Failure(f"{reason}. {advice}" if advice else reason, passing=False)


def _retry_after(value: str | None) -> float | None:
    """Seconds that a `Retry-After` asks for: a number, or a date (RFC 9110, section 10.2.3)."""
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = email.utils.parsedate_to_datetime(value).timestamp() - time.time()
        except (ValueError, OverflowError):
            return None
    return max(0.0, seconds) if math.isfinite(seconds) else None


def _broken(error: object, timeout: float) -> _Failure:
    """What an error of the connection means; never its own text, but for what the system says."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return _Failure(f"its certificate is not valid: {error.verify_message}", passing=False)
    if isinstance(error, TimeoutError):
        return _Failure(f"no answer within {timeout:g} s", passing=True)
    if isinstance(error, socket.gaierror):
        return _Failure("its host name cannot be resolved", passing=True)
    if isinstance(error, http.client.RemoteDisconnected | http.client.IncompleteRead):
        return _Failure("it closed the connection without an answer", passing=True)
    if isinstance(error, http.client.HTTPException):
        return _Failure(f"its answer is not HTTP ({type(error).__name__})", passing=False)
    if isinstance(error, OSError):
        return _Failure(error.strerror or type(error).__name__, passing=True)
    return _Failure(type(error).__name__, passing=False)
