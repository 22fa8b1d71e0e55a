"""One real browser opens the overview as 'leeward dashboard' starts it."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard.launch import command

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture
def address(homes) -> Iterator[str]:
    """The app on a free port, stopped afterwards."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    argv = command(homes["usual year"], port)
    app = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert app.stdout is not None
    try:
        said = next((line for line in app.stdout if "URL:" in line), "")
        assert f"127.0.0.1:{port}" in said, "the app did not start"
        yield f"http://127.0.0.1:{port}"
    finally:
        app.terminate()
        app.wait(timeout=20)


def need_chromium() -> None:
    """Skip, and say why, where there is no browser; in CI that is a failure."""
    if CHROMIUM.exists():
        return
    why = f"{CHROMIUM} is missing, so no real browser opened the overview; install Debian's chromium"
    if os.environ.get("CI") == "true":
        pytest.fail(why)
    pytest.skip(why)


def test_the_overview_opens_in_a_real_browser(address) -> None:
    need_chromium()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(address)
        page.wait_for_selector("text=One thing differs from usual.", timeout=30_000)
        page.wait_for_selector(".vega-embed svg, .vega-embed canvas", timeout=30_000)
        scroll, seen = page.evaluate(
            "(() => { const m = document.querySelector('[data-testid=stMain]');"
            " return [m.scrollHeight, m.clientHeight]; })()"
        )
        labels = page.locator("[aria-label*='95 % interval'], [aria-label*='interval']").count()
        browser.close()
    assert scroll <= seen
    assert labels > 0
