"""What the dashboard sends: every page over its raw websocket, what the page links to, and plain requests."""

from __future__ import annotations

import re
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

from dashboard.launch import APP, command

PAGES = tuple(sorted(path.stem for path in (APP.parent / "views").glob("*.py")))
NUMBERS = (("head_count", "ORG"), ("absence_rate", "NORTH"), ("exposure_hours", "SOUTH"))
ASKED = (
    *((page, "") for page in PAGES),
    *(("indicator", f"indicator={name}&unit={unit}&window=1") for name, unit in NUMBERS),
    ("units", "indicator=head_count&unit=ORG"),
    ("ledger", "entries=4+5+6"),
)
"""Pages and what their address asks for."""
VERIFY = "ledger-verify"
PATIENCE_SECONDS = 60
PROBES = (
    "/", "/_stcore/health", "/_stcore/host-config", "/_stcore/metrics", "/_stcore/script-health-check",
    "/ledger.jsonl", "/ledger.sqlite", "/protected/warehouse.duckdb", "/protected/pseudonym.key",
    "/app/static/../../protected/pseudonym.key", "/static/%2e%2e/%2e%2e/protected/pseudonym.key",
    "/media/../protected/warehouse.duckdb", "/component/../../protected/pseudonym.key",
)  # fmt: skip
"""What a stranger may try."""


@dataclass
class Dashboard:
    """A dashboard that was started for a home, and its log once it has ended."""

    port: int
    log: str = ""

    def get(self, path: str) -> tuple[int, bytes]:
        """The status and body of a plain request."""
        try:
            with urllib.request.urlopen(
                f"http://127.0.0.1:{self.port}{path}", timeout=PATIENCE_SECONDS
            ) as got:
                return got.status, got.read()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read()

    def page(self, name: str, query: str = "", pressed: str = "") -> list[bytes]:
        """The raw messages of one page.

        Args:
            pressed: the key of a button that is pressed, which takes a second round.
        """
        address = f"ws://127.0.0.1:{self.port}/_stcore/stream"
        with connect(address, subprotocols=["streamlit"], max_size=None) as stream:  # type: ignore[list-item]
            messages = [*_round(stream, _asked(name, query))]
            if pressed:
                button = _widget(messages, pressed)
                messages += _round(stream, _asked(name, query, button))
        return messages

    def offered(self, messages: list[bytes]) -> list[bytes]:
        """Every file that a page offers to download."""
        paths = sorted(set(re.findall(rb"/media/[0-9a-f]{16,}\.[a-z]{3}", b"\n".join(messages))))
        return [self.get(path.decode())[1] for path in paths]


def _asked(name: str, query: str, button: str = "") -> bytes:
    message = BackMsg()
    message.rerun_script.page_name = name
    message.rerun_script.query_string = query
    if button:
        message.rerun_script.widget_states.widgets.add(id=button, trigger_value=True)
    return message.SerializeToString()


def _round(stream: object, asked: bytes) -> Iterator[bytes]:
    """Every message up to the end of the script."""
    stream.send(asked)  # type: ignore[attr-defined]
    while True:
        raw = stream.recv(timeout=PATIENCE_SECONDS)  # type: ignore[attr-defined]
        yield raw
        if ForwardMsg.FromString(raw).WhichOneof("type") == "script_finished":
            return


def _widget(messages: list[bytes], key: str) -> str:
    """The id that Streamlit gave to a widget of that key."""
    found = re.search(rb"\$\$ID-[0-9a-f]+-" + re.escape(key.encode()), b"\n".join(messages))
    assert found, f"no widget {key}"
    return found[0].decode()


@contextmanager
def shown(home: Path, environment: Mapping[str, str]) -> Iterator[Dashboard]:
    """The real app on a free port, as ``leeward dashboard`` starts it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        dashboard = Dashboard(free.getsockname()[1])
    app = subprocess.Popen(
        command(home, dashboard.port), env={**environment}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert app.stdout is not None
    try:
        said = next((line for line in app.stdout if "URL:" in line), "")
        assert str(dashboard.port) in said, "the app did not start"
        yield dashboard
    finally:
        app.terminate()
        dashboard.log = app.communicate(timeout=PATIENCE_SECONDS)[0]


def everything_said(home: Path, environment: Mapping[str, str]) -> dict[str, bytes]:
    """All that goes over the wire and into the server's log, by what was asked."""
    with shown(home, environment) as dashboard:
        said = dict(_answers(dashboard))
    return said | {"log": dashboard.log.encode()}


def _answers(dashboard: Dashboard) -> Iterator[tuple[str, bytes]]:
    for page, query in ASKED:
        messages = dashboard.page(page, query)
        yield f"{page}?{query}", b"\n".join([*messages, *dashboard.offered(messages)])
        if not query:
            yield f"{page} navigation", b" ".join(name.encode() for name in _navigation(messages))
    yield "verify", b"\n".join(dashboard.page("ledger", pressed=VERIFY))
    for path in PROBES:
        yield path, dashboard.get(path)[1]


def _navigation(messages: list[bytes]) -> list[str]:
    """The addresses of the pages that a reader may choose."""
    navigations = (m.navigation for m in map(ForwardMsg.FromString, messages) if m.HasField("navigation"))
    return sorted(
        {(page.url_pathname or page.page_name).lower() for n in navigations for page in n.app_pages}
    )


def pages_offered(said: Mapping[str, bytes]) -> set[str]:
    """The pages in the navigation, on whatever page one is."""
    found = {content for asked, content in said.items() if asked.endswith(" navigation")}
    assert len(found) == 1
    return set(found.pop().decode().split())
