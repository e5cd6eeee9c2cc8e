"""The policy of a page allows what stands in it, by hash, and nothing else."""

from __future__ import annotations

import base64
import hashlib

import pytest
from bs4 import BeautifulSoup

from kvarn.base.page_policy import with_policy
from kvarn.errors import RenderingError

PAGE = '<!DOCTYPE html>\n<html><head>\n<meta charset="utf-8">\n<title>x</title>\n<style>\np { color: red }\n</style></head>'
PAGE += '<body><p style="width: 20%; content: &quot;x&quot;">y</p></body></html>'


def allowed(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def policy(page: str) -> dict[str, list[str]]:
    soup = BeautifulSoup(page, "html.parser")
    (found,) = soup.find_all("meta", attrs={"http-equiv": "Content-Security-Policy"})
    return {rule.split()[0]: rule.split()[1:] for rule in found["content"].split("; ")}


def test_each_style_is_allowed_by_its_hash_and_nothing_else_is() -> None:
    rules = policy(with_policy(PAGE, "x"))
    assert rules.pop("style-src") == [
        allowed("\np { color: red }\n"),
        "'unsafe-hashes'",
        allowed('width: 20%; content: "x"'),
    ]
    assert rules == {"default-src": ["'none'"], "img-src": ["data:"], "base-uri": ["'none'"], "form-action": ["'none'"]}


def test_the_policy_stands_before_everything_but_the_character_set_and_once() -> None:
    page = with_policy(with_policy(PAGE, "x"), "x")
    head = BeautifulSoup(page, "html.parser").head
    assert head is not None
    assert [tag.get("charset") or tag.get("http-equiv") or tag.name for tag in head.find_all(True)] == [
        "utf-8",
        "Content-Security-Policy",
        "title",
        "style",
    ]
    assert with_policy(page, "x") == page


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script>", '<p onclick="alert(1)">x</p>', "<IMG SRC=x OnError=alert(1)>"])
def test_a_page_that_would_run_something_is_refused(hostile: str) -> None:
    with pytest.raises(RenderingError, match="run a script"):
        with_policy(PAGE.replace("<body>", f"<body>{hostile}"), "x")


def test_a_script_of_another_program_is_allowed_by_its_hash_alone() -> None:
    page = with_policy(PAGE.replace("<body>", "<body><script>let x = 1 < 2</script>"), "x", scripts=True)
    assert policy(page)["script-src"] == [allowed("let x = 1 < 2")]


def test_a_page_whose_head_does_not_begin_with_its_character_set_is_refused() -> None:
    with pytest.raises(RenderingError, match="character set"):
        with_policy(PAGE.replace('<meta charset="utf-8">', ""), "x")
