"""A real HTTP server on this machine that takes alerts, for tests: it answers as it is told, and keeps what it got."""

from __future__ import annotations

import http.server
import json
import socket
import threading
from collections.abc import Mapping
from typing import Any, NamedTuple


class Answer(NamedTuple):
    """What to answer."""

    status: int = 200
    headers: Mapping[str, str] = {}
    body: bytes = b"ok"
    #: Bytes that are promised and do not come: the connection is closed midway.
    missing: int = 0
    #: Wait until the server is closed, and answer nothing.
    hangs: bool = False
    #: Bytes to send as they are, instead of an answer.
    raw: bytes | None = None


class Request(NamedTuple):
    """What came."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class WebhookServer:
    """Answers the requests with `answers`, one after the other, and further ones with the last; 200 by default."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers or [Answer()])
        self.requests: list[Request] = []
        self._closing = threading.Event()
        owner = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                owner._answer(self)

            do_GET = do_POST  # noqa: N815  # the name is that of the library

            def log_message(self, *_: Any) -> None:
                """Nothing on the standard error."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = False  # closing waits for them, so that none is left behind
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    @property
    def port(self) -> int:
        return self._server.server_address[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def _answer(self, handler: http.server.BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        number = min(len(self.requests), len(self.answers) - 1)
        self.requests.append(Request(handler.command, handler.path, dict(handler.headers), body))
        answer = self.answers[number]
        if answer.hangs:
            self._closing.wait(30)
        elif answer.raw is not None:
            handler.wfile.write(answer.raw)
        else:
            handler.send_response(answer.status)
            for name, value in answer.headers.items():
                handler.send_header(name, value)
            handler.send_header("Content-Length", str(len(answer.body) + answer.missing))
            handler.end_headers()
            handler.wfile.write(answer.body)
        handler.close_connection = True

    def __enter__(self) -> WebhookServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def refusing_url() -> str:
    """The URL of a port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"
