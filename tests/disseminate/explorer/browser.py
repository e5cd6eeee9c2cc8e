"""A real browser, driven over its debugging pipe (the Chrome DevTools Protocol), with nothing but the standard library."""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
KEYS = {"Tab": 9, "Enter": 13, " ": 32, "ArrowDown": 40, "ArrowUp": 38}
_PATIENCE = 30


def find_browser() -> str | None:
    """Debian's Chromium, or another of its family, where there is one."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


class Browser:
    """One headless browser with one page. What it saves lies in `downloads`."""

    def __init__(self, profile: Path, downloads: Path, *, dark: bool = False) -> None:
        program = find_browser()
        assert program is not None
        read_by_browser, to_browser = os.pipe()
        from_browser, written_by_browser = os.pipe()
        # The browser reads its third file and writes its fourth.
        shell = f'exec "$@" 3<&{read_by_browser} 4>&{written_by_browser}'
        self._process = subprocess.Popen(
            [
                *("bash", "-c", shell, "bash", program, "--headless=new", "--remote-debugging-pipe", "--no-sandbox"),
                *("--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking"),
                *("--hide-scrollbars", f"--user-data-dir={profile}", "about:blank"),
            ],
            pass_fds=(read_by_browser, written_by_browser),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(read_by_browser)
        os.close(written_by_browser)
        self._in, self._out, self._number, self._left = to_browser, from_browser, 0, b""
        self.clicks = 0
        self.errors: list[str] = []
        self.requests: list[str] = []
        targets = self._ask("Target.getTargets", session=None)["targetInfos"]
        page = next(target for target in targets if target["type"] == "page")
        self._session = self._ask("Target.attachToTarget", session=None, targetId=page["targetId"], flatten=True)["sessionId"]
        self._ask("Browser.setDownloadBehavior", session=None, behavior="allow", downloadPath=str(downloads))
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable")
        self.downloads = downloads
        self.look(1280, 900, dark=dark)

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            self._ask("Browser.close", session=None)
        finally:
            os.close(self._in)
            os.close(self._out)
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def ask(self, method: str, **given: Any) -> dict[str, Any]:
        """One command to the page, and its answer."""
        return self._ask(method, session=self._session, **given)

    def run(self, script: str) -> Any:
        """The value of an expression on the page."""
        answer = self.ask("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True, userGesture=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def look(self, width: int, height: int, *, dark: bool = False, media: str = "") -> None:
        """How large the window is, and which colours its reader prefers."""
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 500)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.ask("Emulation.setEmulatedMedia", media=media, features=[scheme])

    def open(self, address: str) -> None:
        """Go to an address and wait until its scripts have run."""
        self.ask("Page.navigate", url="about:blank")
        self.ask("Page.navigate", url=address)
        self.wait("document.readyState === 'complete' && location.href !== 'about:blank'")

    def wait(self, condition: str) -> None:
        """Wait until an expression is true on the page."""
        until = time.monotonic() + _PATIENCE
        while not self.run(f"Boolean({condition})"):
            assert time.monotonic() < until, f"never true: {condition}"
            time.sleep(0.02)

    def click(self, selector: str) -> None:
        """A click of the mouse in the middle of the first element that a selector finds."""
        where = f"document.querySelector({json.dumps(selector)})"
        self.wait(where)
        box = self.run(
            f"(() => {{ const found = {where}; if (!found) return null;"
            " found.scrollIntoView({block: 'center', inline: 'center'});"
            " const box = found.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; })()"
        )
        assert box is not None, f"nothing to click: {selector}"
        self.clicks += 1
        for kind in ("mousePressed", "mouseReleased"):
            self.ask("Input.dispatchMouseEvent", type=kind, x=box[0], y=box[1], button="left", clickCount=1)

    def type(self, text: str) -> None:
        """Letters from the keyboard to what has the focus."""
        self.ask("Input.insertText", text=text)

    def press(self, key: str, *, shift: bool = False) -> None:
        """One key."""
        given: dict[str, Any] = {"key": key, "code": "Space" if key == " " else key, "windowsVirtualKeyCode": KEYS[key]}
        text = {"Enter": "\r", " ": " "}.get(key)
        for kind in ("keyDown", "keyUp"):
            spoken = {"text": text} if text and kind == "keyDown" else {}
            self.ask("Input.dispatchKeyEvent", type=kind, modifiers=8 if shift else 0, **given, **spoken)

    def saved(self, name: str) -> Path:
        """A file that the page has let the browser save."""
        path, until = self.downloads / name, time.monotonic() + _PATIENCE
        while not path.is_file() or path.stat().st_size == 0:
            assert time.monotonic() < until, f"never saved: {name}"
            time.sleep(0.05)
        return path

    def picture(self, path: Path) -> None:
        """The whole page as PNG."""
        path.write_bytes(base64.b64decode(self.ask("Page.captureScreenshot", captureBeyondViewport=True)["data"]))

    def _ask(self, method: str, *, session: str | None, **given: Any) -> dict[str, Any]:
        self._number += 1
        message = {"id": self._number, "method": method, "params": given} | ({"sessionId": session} if session else {})
        os.write(self._in, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._message()
            if answer.get("id") == self._number:
                assert "error" not in answer, (method, answer["error"])
                result: dict[str, Any] = answer["result"]
                return result
            self._hear(answer)

    def _hear(self, event: dict[str, Any]) -> None:
        told, given = event.get("method"), event.get("params", {})
        if told == "Runtime.exceptionThrown":
            self.errors.append(given["exceptionDetails"].get("exception", {}).get("description", "an exception"))
        elif told == "Log.entryAdded" and given["entry"]["level"] in ("error", "warning"):
            self.errors.append(given["entry"]["text"])
        elif told == "Network.requestWillBeSent":
            self.requests.append(given["request"]["url"])

    def _message(self) -> dict[str, Any]:
        until = time.monotonic() + _PATIENCE
        while b"\0" not in self._left:
            ready, _, _ = select.select([self._out], [], [], max(0, until - time.monotonic()))
            assert ready, "the browser does not answer"
            read = os.read(self._out, 1 << 20)
            assert read, "the browser has ended"
            self._left += read
        message, _, self._left = self._left.partition(b"\0")
        found: dict[str, Any] = json.loads(message)
        return found
