"""`kvarn sign`, and what `kvarn release` refuses for want of it: on a small register, as somebody hostile would try it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import shutil
import stat
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kvarn import metadata
from kvarn.analyse.disclosure.memory.releases import releases
from kvarn.base.account import Account, account
from kvarn.base.page_policy import has_policy
from kvarn.cli import main
from kvarn.edition import Edition, ReleaseRules, Workspace, embargoed, load_edition, moment_of_publication, required_roles
from kvarn.errors import EditionError, InputError, KvarnError, ReleaseError
from kvarn.pipeline import Production, examining, open_edition
from kvarn.pipeline import signatures as log_of_signatures
from kvarn.pipeline.bundle import write_bundle
from kvarn.pipeline.releasing import release
from kvarn.pipeline.review import as_files, gather
from kvarn.pipeline.signatures import signatures
from kvarn.pipeline.signed import said_of_signatures
from kvarn.pipeline.signing import sign
from kvarn.pipeline.versions import versions_of

from .signed import ANNA, BO, reviewed, signed_by_both, whole_logs
from .test_ordering import everything
from .test_ordering import made as made
from .test_releasing import candidate, show_what_is_withheld, with_candidate
from .test_releasing import root as root
from .test_releasing import run as released

RULES = "release: {required: [analyst, assurer], embargo: true}\n"
# The demonstration's day is 2024-09-03.
BEFORE, AFTER = (dt.datetime(2024, 9, day, 22, 30, tzinfo=dt.UTC) for day in (1, 3))


def with_rules(root: Path, rules: str = RULES) -> Production:
    params = root / "params" / "demo.yml"
    params.write_text(params.read_text(encoding="utf-8") + rules, encoding="utf-8")
    whole_logs(root)
    production = candidate(root)
    reviewed(production)
    return production


@pytest.fixture(scope="module")
def once(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Path]]:
    """A candidate of an edition that asks for an analyst and an assurer: reviewed, and signed by both; made once for all."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(examining, "_require_up_to_date", lambda production: None)
        root = with_candidate(made, tmp_path_factory.mktemp("asked") / "project")
        patch.chdir(root)
        production = with_rules(root)
        signed = Path(shutil.copytree(root, tmp_path_factory.mktemp("signed") / "project"))
        signed_by_both(open_edition(signed / "params" / production.params.name), BEFORE)
    yield {"asked": root, "signed": signed}
    metadata.use_project(None)


def a_copy(of: Path, place: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Production]:
    root = Path(shutil.copytree(of, place / "project"))
    monkeypatch.setattr(examining, "_require_up_to_date", lambda production: None)
    monkeypatch.chdir(root)
    yield open_edition(root / "params" / "demo.yml")
    metadata.use_project(None)


@pytest.fixture
def asked(once: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Production]:
    """The candidate, reviewed and signed by nobody."""
    yield from a_copy(once["asked"], tmp_path, monkeypatch)


@pytest.fixture
def signed(once: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Production]:
    """The candidate, signed by Anna Ask as analyst and Bo Ek as assurer."""
    yield from a_copy(once["signed"], tmp_path, monkeypatch)


def again(production: Production) -> Production:
    return open_edition(production.params)


def log(production: Production) -> Path:
    return production.workspace.signatures


def ended(*arguments: str) -> object:
    with pytest.raises(SystemExit) as caught:
        main([*arguments])
    return caught.value.code


def out(production: Production) -> list[str]:
    return [one.edition for one in releases(production.workspace.releases)]


def test_signed_by_two_it_is_released_with_their_names_and_bound_to_its_record(asked: Production) -> None:
    first, second = signed_by_both(again(asked), BEFORE)
    record = (asked.workspace.publication / "ro-crate-metadata.json").read_bytes()
    assert first.record == second.record == hashlib.sha256(record).hexdigest()
    assert second.before == first.digest == hashlib.sha256(log(asked).read_bytes().splitlines()[0]).hexdigest()
    assert second.review == hashlib.sha256((asked.workspace.review / "review.json").read_bytes()).hexdigest()
    assert stat.S_IMODE(log(asked).stat().st_mode) == 0o600
    made = release(again(asked), now=AFTER)
    assert [(one["name"], one["role"], one["account"]) for one in made.signatures] == [
        ("Anna Ask", "analyst", "anna (1001)"),
        ("Bo Ek", "assurer", "bo (1002)"),
    ]
    assert (made.signed, made.last_signature) == (2, second.digest)
    assert (made.folder / "review.json").read_bytes() == (asked.workspace.review / "review.json").read_bytes()


def analyst_alone(production: Production) -> None:
    sign(again(production), name="Anna Ask", role="analyst", now=BEFORE, by=ANNA)


def nobody(production: Production) -> None:
    pass


def another_candidate(production: Production) -> None:
    """Signed by both; then the candidate is exchanged for another, whole one with a record of its own."""
    signed_by_both(production, BEFORE)
    page = production.workspace.publication / "data" / "more.csv"
    page.write_text("year,measure,value,status,synthetic\n", encoding="utf-8")
    candidate(production.root)


def a_file_of_it(production: Production) -> None:
    signed_by_both(production, BEFORE)
    table = production.workspace.publication / "data" / "persons-by-month.csv"
    table.write_text(table.read_text(encoding="utf-8") + " ", encoding="utf-8")


def withheld_shown(production: Production) -> None:
    signed_by_both(production, BEFORE)
    show_what_is_withheld(production.root)


def weaker_rules(production: Production) -> None:
    """The analyst signs, and then takes the assurer out of the rules: the candidate was not made by these."""
    analyst_alone(production)
    production.params.write_text(production.params.read_text(encoding="utf-8").replace(", assurer]", "]"), encoding="utf-8")


def weaker_rules_made_again(production: Production) -> None:
    weaker_rules(production)
    candidate(production.root)


@pytest.mark.parametrize(
    ("how", "said"),
    [
        (nobody, "is not signed as analyst, nor as assurer"),
        (analyst_alone, "is not signed as assurer"),
        (another_candidate, "What Anna Ask as analyst, Bo Ek as assurer signed was another candidate"),
        (a_file_of_it, "has been changed"),
        (withheld_shown, "is not what its tables, its rules and its pattern say"),
        (weaker_rules, "parameters have been edited since"),
        (weaker_rules_made_again, "is not signed as analyst"),
    ],
)
def test_what_is_not_signed_as_it_is_by_whom_it_asks_is_not_released(
    asked: Production, how: Callable[[Production], None], said: str
) -> None:
    how(asked)
    with pytest.raises(ReleaseError) as caught:
        release(again(asked), now=AFTER)
    assert said in str(caught.value) and caught.value.remedy and out(asked) == []
    assert not asked.workspace.bundle.exists()


@pytest.mark.parametrize("name", ["Anna Ask", "ANNA  ask ", "Ａnna Ask", "Anna\u00a0Ask"])
def test_one_person_does_not_sign_in_two_roles_however_the_name_is_written(asked: Production, name: str) -> None:
    analyst_alone(asked)
    with pytest.raises(ReleaseError, match="does not sign it as assurer as well"):
        sign(again(asked), name=name, role="assurer", now=BEFORE, by=BO)
    with pytest.raises(ReleaseError, match="as analyst already"):
        sign(again(asked), name=name, role="analyst", now=BEFORE, by=ANNA)
    assert len(signatures(asked.workspace)) == 1


def test_where_accounts_must_differ_another_name_from_the_same_account_is_refused(root: Path) -> None:
    production = with_rules(root, "release: {required: [analyst, assurer], separate: accounts}\n")
    sign(again(production), name="Anna Ask", role="analyst", now=BEFORE, by=ANNA)
    with pytest.raises(ReleaseError, match="account"):
        sign(again(production), name="Bo Ek", role="assurer", now=BEFORE, by=Account("root (0)", ANNA.login))
    sign(again(production), name="Bo Ek", role="assurer", now=BEFORE, by=BO)
    assert release(again(production), now=AFTER).signed == 2


def test_another_name_from_the_same_account_is_let_pass_by_default_and_the_account_tells_it(asked: Production) -> None:
    """What the log cannot prevent, it records."""
    for name, role in (("Anna Ask", "analyst"), ("Bo Ek", "assurer")):
        sign(again(asked), name=name, role=role, now=BEFORE, by=ANNA)
    assert {one["account"] for one in release(again(asked), now=AFTER).signatures} == {"anna (1001)"}


def change_a_name(file: Path, head: Path) -> None:
    file.write_bytes(file.read_bytes().replace(b"Anna Ask", b"Eva Ask"))


def take_one_out(file: Path, head: Path) -> None:
    file.write_bytes(b"".join(file.read_bytes().splitlines(keepends=True)[1:]))


def take_the_last_out(file: Path, head: Path) -> None:
    file.write_bytes(b"".join(file.read_bytes().splitlines(keepends=True)[:-1]))


def exchange_two(file: Path, head: Path) -> None:
    file.write_bytes(b"".join(file.read_bytes().splitlines(keepends=True)[::-1]))


def say_one_twice(file: Path, head: Path) -> None:
    file.write_bytes(file.read_bytes() + file.read_bytes().splitlines(keepends=True)[-1])


def cut_it(file: Path, head: Path) -> None:
    file.write_bytes(file.read_bytes()[:-20])


def lose_it(file: Path, head: Path) -> None:
    file.unlink()


def lose_the_head(file: Path, head: Path) -> None:
    head.unlink()


def no_text(file: Path, head: Path) -> None:
    file.write_bytes(b"\xff\xfe\n")


def no_object(file: Path, head: Path) -> None:
    file.write_bytes(b"[]\n{}\n")


def no_moment(file: Path, head: Path) -> None:
    told = json.loads(file.read_bytes().splitlines()[0])
    file.write_bytes(json.dumps({**told, "signed": "2024-09-01"}).encode() + b"\n")


HARMS = [
    *(change_a_name, take_one_out, take_the_last_out, exchange_two, say_one_twice, cut_it, lose_it, lose_the_head),
    *(no_text, no_object, no_moment),
]


@pytest.mark.parametrize("harm", HARMS)
def test_a_log_that_was_altered_is_told_by_every_command_that_reads_it(
    signed: Production, harm: Callable[[Path, Path], None], capsys: pytest.CaptureFixture[str]
) -> None:
    harm(log(signed), log(signed).with_suffix(".json"))
    with pytest.raises(InputError, match="log of signatures is not whole") as caught:
        release(again(signed), now=AFTER)
    assert caught.value.remedy and out(signed) == []
    with pytest.raises(InputError, match="log of signatures is not whole"):
        sign(again(signed), name="Eva Ek", role="assurer", now=AFTER, by=BO)
    for command in (("release", "--history"), ("sign", "params/demo.yml", "--as", "Eva Ek", "--role", "assurer", "--yes")):
        assert ended(*command) == 1
        assert "log of signatures is not whole" in capsys.readouterr().err


def test_whoever_is_stopped_before_the_last_signature_is_named_leaves_it_whole(
    asked: Production, monkeypatch: pytest.MonkeyPatch
) -> None:
    analyst_alone(asked)

    def stopped(*arguments: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(log_of_signatures, "write_head", stopped)
        sign(again(asked), name="Bo Ek", role="assurer", now=BEFORE, by=BO)
    assert [one.name for one in signatures(asked.workspace)] == ["Anna Ask", "Bo Ek"]
    assert release(again(asked), now=AFTER).signed == 2


def test_it_is_said_who_has_signed_and_who_has_to(asked: Production) -> None:
    assert list(said_of_signatures(asked)) == ["Not signed yet as analyst, nor as assurer (kvarn review, then kvarn sign)."]
    analyst_alone(asked)
    assert list(said_of_signatures(asked)) == [
        "Signed: Anna Ask as analyst.",
        "Not signed yet as assurer (kvarn review, then kvarn sign).",
    ]


def write_it_anew(file: Path, head: Path) -> None:
    """Every line and the head, as who knows the program can."""
    lines, before = [], ""
    for line in file.read_bytes().splitlines():
        told = {**json.loads(line), "name": f"Not {json.loads(line)['name']}", "before": before}
        lines.append(json.dumps(told, ensure_ascii=False, sort_keys=True).encode())
        before = hashlib.sha256(lines[-1]).hexdigest()
    file.write_bytes(b"\n".join(lines) + b"\n")
    head.write_text(json.dumps({"number": len(lines), "sha256": before}) + "\n", encoding="utf-8")


def lose_both(file: Path, head: Path) -> None:
    file.unlink()
    head.unlink()


@pytest.mark.parametrize("harm", [write_it_anew, lose_both])
def test_what_was_signed_before_a_release_cannot_be_written_anew_or_lost_unseen(
    signed: Production, harm: Callable[[Path, Path], None]
) -> None:
    release(again(signed), now=AFTER)
    harm(log(signed), log(signed).with_suffix(".json"))
    with pytest.raises(InputError, match="the last one when demo was released, is missing or another one"):
        signatures(signed.workspace)


def test_a_log_that_was_lost_before_anything_was_released_counts_as_no_signature(signed: Production) -> None:
    lose_both(log(signed), log(signed).with_suffix(".json"))
    with pytest.raises(ReleaseError, match="is not signed as analyst, nor as assurer"):
        release(again(signed), now=AFTER)


def no_review(production: Production) -> None:
    shutil.rmtree(production.workspace.review)


def another_review(production: Production) -> None:
    page = production.workspace.review / "index.html"
    page.write_text(page.read_text(encoding="utf-8").replace("Not passed", "Passed").replace("-", "–", 1), encoding="utf-8")


def data_of_another(production: Production) -> None:
    data = production.workspace.review / "review.json"
    data.write_text(data.read_text(encoding="utf-8").replace('"edition": "demo"', '"edition": "2023"', 1), encoding="utf-8")


def review_of_before(production: Production) -> None:
    (production.workspace.publication / "data" / "more.csv").write_text("year,measure,value,status,synthetic\n", encoding="utf-8")
    candidate(production.root)


@pytest.mark.parametrize("how", [no_review, another_review, data_of_another, review_of_before])
def test_nothing_is_signed_without_the_review_of_exactly_this_candidate(
    asked: Production, how: Callable[[Production], None]
) -> None:
    how(asked)
    with pytest.raises(ReleaseError, match="review") as caught:
        sign(again(asked), name="Bo Ek", role="assurer", now=BEFORE, by=BO)
    assert "kvarn review" in str(caught.value.remedy) and not log(asked).exists()


def test_what_stands_in_the_parameters_is_text_on_the_page_of_the_review(asked: Production) -> None:
    text = asked.params.read_text(encoding="utf-8")
    title = "sv: Personer och åtgärder i kommunal hälso- och sjukvård\n    en"
    assert title in text
    hostile = "sv: '<script>alert(1)</script><img src=//x.example onerror=alert(1)>'\n    en"
    asked.params.write_text(text.replace(title, hostile, 1), encoding="utf-8")
    page = as_files(gather(again(asked))).page.decode()
    assert "&lt;script&gt;alert(1)" in page and "<script" not in page and "<img" not in page and has_policy(page)


def test_what_does_not_pass_its_examination_is_not_signed(asked: Production) -> None:
    (asked.workspace.publication / "data" / "added.txt").touch()
    reviewed(again(asked))
    with pytest.raises(ReleaseError, match="has been added"):
        sign(again(asked), name="Bo Ek", role="assurer", now=BEFORE, by=BO)
    assert not log(asked).exists()


@pytest.mark.parametrize(
    ("name", "role", "said"),
    [
        ("Bo Ek", "asurer", "Did you mean 'assurer'?"),
        ("Bo Ek", "head", "The roles of"),
        ("", "assurer", "This is no name"),
        (" \t", "assurer", "This is no name"),
        ("Bo\u202eEk", "assurer", "This is no name"),
        ("B" * 300, "assurer", "This is no name"),
    ],
)
def test_a_role_or_name_that_is_none_is_refused(asked: Production, name: str, role: str, said: str) -> None:
    with pytest.raises(EditionError) as caught:
        sign(again(asked), name=name, role=role, now=BEFORE, by=BO)
    assert said in str(caught.value) and not log(asked).exists()


def test_before_its_moment_it_is_not_released_and_the_clock_is_told(signed: Production) -> None:
    moment = dt.datetime(2024, 9, 2, 22, 0, tzinfo=dt.UTC)
    with pytest.raises(ReleaseError, match=r"the clock says 2024-09-02 23:59, and the moment of publication is 2024-09-03 00:00"):
        release(again(signed), now=moment - dt.timedelta(seconds=1))
    assert out(signed) == [] and release(again(signed), now=moment).edition == "demo"


def test_a_clock_that_stands_before_what_was_signed_is_told(asked: Production) -> None:
    signed_by_both(again(asked), AFTER)
    with pytest.raises(ReleaseError, match="before the last signature"):
        release(again(asked), now=AFTER - dt.timedelta(days=1))
    with pytest.raises(ReleaseError, match="before the last signature"):
        sign(again(asked), name="Cia Dal", role="assurer", now=AFTER - dt.timedelta(days=1), by=BO)


def test_the_time_of_the_day_and_its_zone_are_parameters(root: Path) -> None:
    rules = 'release: {embargo: true, time: "08:00", time_zone: America/New_York}\n'
    production = with_rules(root, rules)
    assert moment_of_publication(production.edition) == dt.datetime(2024, 9, 3, 12, 0, tzinfo=dt.UTC)


def test_who_must_sign_by_default_is_an_assurer_beside_the_analyst_and_nobody_for_synthetic_data() -> None:
    project = Path(__file__).parents[2]
    demo = load_edition(project / "params" / "demo.yml", published=True)
    assert required_roles(demo) == () and not embargoed(demo)
    real = Edition.model_validate({**demo.model_dump(exclude={"release"}), "synthetic": False, "first_year": 2022})
    assert required_roles(real) == ("analyst", "assurer") and embargoed(real)
    others = real.model_copy(update={"release": ReleaseRules(roles=("analyst", "disclosure-officer"))})
    assert required_roles(others) == ("analyst", "disclosure-officer")
    more = real.model_copy(update={"release": ReleaseRules(roles=("analyst", "director", "assurer"))})
    assert required_roles(more) == ("analyst", "assurer")


@pytest.mark.parametrize(
    "wrong",
    [
        "{required: []}",
        "{required: [analyst]}",
        "{roles: [analyst, disclosure-officer], required: [analyst]}",
        "{roles: [analyst]}",
        "{required: [director]}",
        "{roles: []}",
        "{roles: [a, a]}",
        "{roles: [Assurer]}",
        "{time: 8:00}",
        "{time: '24:00'}",
        "{time_zone: Europe/Stokholm}",
        "{separate: persons}",
        "{assurer: Bo}",
    ],
)
def test_rules_that_are_none_are_refused_with_their_key(tmp_path: Path, wrong: str) -> None:
    project = Path(__file__).parents[2]
    text = (project / "params" / "demo.yml").read_text(encoding="utf-8").replace("synthetic: true", "synthetic: false")
    file = tmp_path / "2023.yml"
    file.write_text(f"{text}release: {wrong}\n", encoding="utf-8")
    with pytest.raises(EditionError) as caught:
        load_edition(file, published=True)
    assert "release" in str(caught.value)


def test_the_command_asks_on_a_terminal_and_signs_for_scripts(
    asked: Production, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(asked.root)
    command = ("sign", "params/demo.yml", "--as", "Bo Ek", "--role", "assurer")
    assert ended(*command) == 1 and "Nobody is there to confirm" in capsys.readouterr().err
    assert not log(asked).exists()
    assert ended(*command, "--yes") == 0
    said = capsys.readouterr().out
    (made,) = signatures(asked.workspace)
    assert made.account == account().name and made.record in said and made.digest in said
    monkeypatch.setenv("LOGNAME", "somebody-else")
    monkeypatch.setenv("USER", "somebody-else")
    assert account().name == made.account
    assert ended("release", "params/demo.yml", "--yes") == 1
    assert "is not signed as analyst" in capsys.readouterr().err


def test_the_history_tells_who_signed(signed: Production, capsys: pytest.CaptureFixture[str]) -> None:
    assert ended("release", "params/demo.yml", "--yes") == 0
    said = capsys.readouterr().out
    assert "the moment of publication is 2024-09-03" in said and "publications/bundles/demo" in said
    assert ended("release", "--history") == 0
    assert "Anna Ask" in capsys.readouterr().out


def test_an_entry_of_before_there_were_signatures_stays_valid(root: Path) -> None:
    assert released("params/demo.yml", "--yes")[0] == 0
    entry = root / "restricted" / "releases" / "1" / "entry.json"
    told = json.loads(entry.read_text(encoding="utf-8"))
    for key in ("signatures", "signed", "last_signature"):
        del told[key]
    content = (json.dumps(told, indent=1, ensure_ascii=False, sort_keys=True) + "\n").encode()
    entry.write_bytes(content)
    head = {"number": 1, "sha256": hashlib.sha256(content).hexdigest()}
    (root / "restricted" / "releases.json").write_text(json.dumps(head) + "\n", encoding="utf-8")
    (one,) = releases(root / "restricted" / "releases")
    assert (one.signatures, one.signed, one.last_signature) == ((), 0, "")
    assert signatures(Workspace(root, "demo")) == []


def test_the_bundle_is_a_bag_with_the_files_as_released_and_the_same_bytes_each_time(root: Path) -> None:
    assert released("params/demo.yml", "--yes")[0] == 0
    bag = root / "publications" / "bundles" / "demo"
    before = everything(bag)
    assert {name.removeprefix("data/"): content for name, content in before.items() if name.startswith("data/")} == everything(
        root / "publications" / "demo"
    )
    assert before["bagit.txt"] == b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
    for manifest in ("manifest-sha256.txt", "tagmanifest-sha256.txt"):
        # A program that knows nothing of kvarn.
        subprocess.run(["sha256sum", "--check", "--strict", "--quiet", manifest], cwd=bag, check=True)
    listed = [line.split("  ", 1)[1] for line in before["manifest-sha256.txt"].decode().splitlines()]
    assert listed == sorted(name for name in before if name.startswith("data/"))
    size = sum(len(content) for name, content in before.items() if name.startswith("data/"))
    assert f"Payload-Oxum: {size}.{len(listed)}\n" in before["bag-info.txt"].decode()
    (bag / "data" / "added.txt").touch()
    assert released("params/demo.yml", "--yes")[0] == 0
    assert everything(bag) == before
    shutil.rmtree(bag)
    versions = versions_of(Workspace(root, "demo"), "demo")
    assert versions is not None
    write_bundle(Workspace(root, "demo"), versions)
    assert everything(bag) == before


def test_every_error_of_signing_has_a_remedy(asked: Production) -> None:
    faults: list[Any] = []
    for name, role in (("", "assurer"), ("Bo", "none"), ("Bo", "assurer")):
        shutil.rmtree(asked.workspace.review, ignore_errors=True)
        with pytest.raises(KvarnError) as caught:
            sign(again(asked), name=name, role=role, now=BEFORE, by=BO)
        faults.append(caught.value)
    assert all(one.remedy and one.where for one in faults)
