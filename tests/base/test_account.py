"""Who is at work, as the system knows it, whatever the environment says."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

import pytest

from kvarn.base import account as module
from kvarn.base.account import account

ME = f"{pwd.getpwuid(os.getuid()).pw_name} ({os.getuid()})"


@pytest.fixture(autouse=True)
def somebody_else_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME", "SUDO_USER"):
        monkeypatch.setenv(name, "somebody-else")


@pytest.mark.parametrize("kept", [None, "4294967295", "", "words"])
def test_where_the_system_keeps_no_login_it_is_the_account(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept: str | None
) -> None:
    file = tmp_path / "loginuid"
    if kept is not None:
        file.write_text(kept, encoding="ascii")
    monkeypatch.setattr(module, "_LOGIN", file)
    assert account() == (ME, ME)


def test_who_logged_in_is_told_beside_the_account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "loginuid"
    file.write_text("4000000001", encoding="ascii")
    monkeypatch.setattr(module, "_LOGIN", file)
    assert account() == (ME, "user 4000000001")
