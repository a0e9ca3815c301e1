"""The "Cross-entropy" tab: what TensorBoard loads, and how its requests are answered.

TensorBoard finds `Loader` by the entry point `tensorboard_plugins`. `docs/reference/http-api.md` has the contract with
the page, `routes` the answers. Nothing is written, and all data come through TensorBoard's data provider, so that
whatever TensorBoard can read is shown, by either of its loaders.
"""

from __future__ import annotations

import functools
import importlib.resources
from collections.abc import Callable, Mapping
from typing import Any

from tensorboard import plugin_util
from tensorboard.backend import http_util
from tensorboard.plugins import base_plugin
from werkzeug.wrappers import Request

from xent_monitor.errors import EventFormatError
from xent_monitor.tensorboard.cache import Cache
from xent_monitor.tensorboard.metadata import PLUGIN_NAME
from xent_monitor.tensorboard.parameters import Parameters, Refused
from xent_monitor.tensorboard.provided import CACHE_BYTES, ProvidedReports
from xent_monitor.tensorboard.routes import ROUTES, Message
from xent_monitor.tensorboard.tensors import TensorReader

__all__ = ["Loader", "Plugin"]

#: The files that are served, with their media types.
STATIC_FILES: Mapping[str, str] = {
    "index.js": "text/javascript",
    "THIRD_PARTY_LICENSES.txt": "text/plain",
}


class Loader(base_plugin.TBLoader):  # type: ignore[misc]  # tensorboard has no types
    """Loads the plugin."""

    def fix_flags(self, flags: Any) -> None:
        """Ask TensorBoard to keep every epoch, where the user has not said how many."""
        # By default it keeps 10 or 100 of them at random, depending on the loader.
        flags.samples_per_plugin.setdefault(PLUGIN_NAME, 0)

    def load(self, context: base_plugin.TBContext) -> Plugin:
        """The plugin of a server."""
        return Plugin(context)


class Plugin(base_plugin.TBPlugin):  # type: ignore[misc]  # tensorboard has no types
    """Serves the page, and the numbers that it asks for.

    Args:
        context: What TensorBoard gives its plugins; of it only the data provider is used.
    """

    plugin_name = PLUGIN_NAME

    def __init__(self, context: base_plugin.TBContext) -> None:
        self._provider = context.data_provider
        self._cache = Cache(CACHE_BYTES)

    def get_plugin_apps(self) -> dict[str, Callable[..., Any]]:
        """The applications by route, below `data/plugin/xent_monitor`."""
        names = (*STATIC_FILES, *ROUTES)
        return {f"/{name}": Request.application(functools.partial(self._respond, name)) for name in names}

    def is_active(self) -> bool:
        """Nothing to add: TensorBoard shows the tab where its data provider lists tensors of the plugin."""
        return False

    def frontend_metadata(self) -> base_plugin.FrontendMetadata:
        """How the page is shown."""
        return base_plugin.FrontendMetadata(es_module_path="/index.js", tab_name="Cross-entropy")

    def _respond(self, name: str, request: Request) -> Any:
        if request.method not in ("GET", "HEAD"):
            text = f"The tab only reads: GET. Received: {request.method}."
            return http_util.Respond(request, text, "text/plain", code=405, headers=[("Allow", "GET, HEAD")])
        try:
            message = _static(name) if name in STATIC_FILES else self._answer(name, request)
        except (Refused, EventFormatError) as error:
            status = error.status if isinstance(error, Refused) else 422
            return http_util.Respond(request, " ".join(str(error).split()), "text/plain", code=status)
        return http_util.Respond(request, message.body, message.content_type)

    def _answer(self, name: str, request: Request) -> Message:
        context, experiment = plugin_util.context(request.environ), plugin_util.experiment_id(request.environ)
        reports = ProvidedReports(TensorReader(self._provider, context, experiment), self._cache)
        return ROUTES[name](reports, Parameters(request.args))


def _static(name: str) -> Message:
    file = importlib.resources.files("xent_monitor.tensorboard") / "static" / name
    try:
        return Message(STATIC_FILES[name], file.read_bytes())
    except FileNotFoundError:
        raise Refused(
            404, f"This installation lacks {name}. From a checkout, build it: npm ci && npm run build, in dashboard/."
        ) from None
