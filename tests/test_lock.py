"""The lock files hold for every Python and system that kvarn says it runs on; `tools/check-lock` asks the package index."""

import functools
import importlib.metadata
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
VERSIONS = ["3.11.2", "3.11.14", "3.12.0", "3.13.0", "3.14.0"]
SYSTEMS = {
    "Linux x86-64": ("linux", "Linux", "posix", "x86_64"),
    "Linux arm64": ("linux", "Linux", "posix", "aarch64"),
    "macOS x86-64": ("darwin", "Darwin", "posix", "x86_64"),
    "macOS arm64": ("darwin", "Darwin", "posix", "arm64"),
    "Windows x86-64": ("win32", "Windows", "nt", "AMD64"),
}
LOCKS = {
    "requirements.lock": None,
    "requirements-dev.lock": "dev",
    "requirements-lab.lock": "lab",
    "requirements-serve.lock": "serve",
}


@dataclass(frozen=True)
class Pin:
    name: str
    extras: frozenset[str]
    version: str
    marker: Marker | None
    hashes: tuple[str, ...]

    def holds(self, environment: dict[str, str]) -> bool:
        return self.marker is None or self.marker.evaluate(environment)


@functools.cache
def read(name: str) -> list[Pin]:
    """Every line of a lock file, or an error for what is neither a pin nor a hash."""
    pins = []
    for entry in re.split(r"\n(?=\S)", (ROOT / name).read_text(encoding="utf-8").strip()):
        if entry.startswith("#"):
            continue
        found = re.fullmatch(
            r"([a-z0-9-]+)(?:\[([a-z0-9,-]+)\])?==([0-9a-z.]+)(?: ; ([^\\]+))?((?: \\\n    --hash=sha256:[0-9a-f]{64})+)", entry
        )
        assert found, f"{name}: {entry[:100]!r} is no pin with hashes"
        package, extras, version, marker, hashes = found.groups()
        pins.append(
            Pin(
                package,
                frozenset(extras.split(",") if extras else ()),
                version,
                Marker(marker) if marker else None,
                tuple(re.findall(r"[0-9a-f]{64}", hashes)),
            )
        )
    return pins


def environment(version: str, system: str) -> dict[str, str]:
    sys_platform, platform_system, os_name, machine = SYSTEMS[system]
    return {
        "python_version": ".".join(version.split(".")[:2]),
        "python_full_version": version,
        "implementation_name": "cpython",
        "implementation_version": version,
        "platform_python_implementation": "CPython",
        "sys_platform": sys_platform,
        "platform_system": platform_system,
        "os_name": os_name,
        "platform_machine": machine,
        "platform_release": "",
        "platform_version": "",
        "extra": "",
    }


@functools.cache
def pinned(lock: str, version: str, system: str) -> dict[str, Pin]:
    where = environment(version, system)
    chosen: dict[str, Pin] = {}
    for pin in read(lock):
        if pin.holds(where):
            assert pin.name not in chosen, f"{lock}: {pin.name} twice with Python {version} on {system}"
            chosen[pin.name] = pin
    return chosen


def wanted(lock: str) -> list[Requirement]:
    """What pyproject.toml asks for, and for requirements.lock what the installation is built with."""
    extra = LOCKS[lock]
    lines = list(PROJECT["project"]["dependencies"])
    lines += PROJECT["project"]["optional-dependencies"][extra] if extra else PROJECT["build-system"]["requires"] + ["editables"]
    return [Requirement(line) for line in lines]


@functools.cache
def said_by(name: str, version: str) -> tuple[SpecifierSet, list[Requirement]] | None:
    """On which Python a package runs and what it needs, as its installation says; none where this version is not installed."""
    try:
        distribution = importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        return None
    if distribution.version != version:
        return None
    runs_on = SpecifierSet(distribution.metadata["Requires-Python"] or "")
    return runs_on, [Requirement(line) for line in distribution.requires or []]


@pytest.mark.parametrize("lock", LOCKS)
@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("version", VERSIONS)
def test_whatever_is_asked_for_is_pinned_once_and_in_a_version_that_runs_there(lock: str, system: str, version: str) -> None:
    where, chosen = environment(version, system), pinned(lock, version, system)
    open_: list[tuple[str, Requirement, set[str]]] = [("pyproject.toml", requirement, {""}) for requirement in wanted(lock)]
    seen: set[tuple[str, frozenset[str]]] = set()
    while open_:
        asker, requirement, extras = open_.pop()
        if requirement.marker and not any(requirement.marker.evaluate({**where, "extra": extra}) for extra in extras):
            continue
        name = canonicalize_name(requirement.name)
        assert name in chosen, f"{lock}: {asker} needs {name} with Python {version} on {system}"
        pin = chosen[name]
        # Where the lock names the package alone, Debian 12's pip asks the index for the newest "package[extra]": it has no hash.
        assert requirement.extras <= pin.extras, (
            f"{lock}: {asker} needs {requirement}, and the pin is without {requirement.extras}"
        )
        assert requirement.specifier.contains(pin.version, prereleases=True), f"{asker} needs {requirement}, not {pin.version}"
        key = (name, frozenset(requirement.extras))
        if key not in seen:
            seen.add(key)
            runs_on, needs = said_by(name, pin.version) or (SpecifierSet(), [])
            assert runs_on.contains(version), f"{lock}: {name} {pin.version} needs Python {runs_on}"
            open_ += [(name, further, {"", *requirement.extras}) for further in needs]


@pytest.mark.parametrize("lock", ["requirements-dev.lock", "requirements-lab.lock", "requirements-serve.lock"])
@pytest.mark.parametrize("version", VERSIONS)
def test_what_is_added_changes_nothing_of_what_is_there(lock: str, version: str) -> None:
    for system in SYSTEMS:
        base, further = pinned("requirements.lock", version, system), pinned(lock, version, system)
        assert [pin for pin in further.values() if pin.name in base and pin.version != base[pin.name].version] == []


@pytest.mark.parametrize("lock", ["requirements-lab.lock", "requirements-serve.lock"])
def test_the_tests_and_what_is_at_hand_can_be_installed_together(lock: str) -> None:
    for version in VERSIONS:
        for system in SYSTEMS:
            dev, lab = pinned("requirements-dev.lock", version, system), pinned(lock, version, system)
            assert {name: pin.version for name, pin in dev.items() if name in lab} == {
                name: lab[name].version for name in dev if name in lab
            }


@pytest.mark.parametrize("lock", [*LOCKS, "tools/lock-requirements.txt"])
def test_a_lock_file_holds_pins_and_hashes_and_nothing_else(lock: str) -> None:
    assert read(lock)
    assert "/" not in re.sub(r"^#.*\n", "", (ROOT / lock).read_text(encoding="utf-8"), flags=re.M)


def test_the_classifiers_are_the_pythons_that_are_locked() -> None:
    said = {line.rpartition(" ")[2] for line in PROJECT["project"]["classifiers"] if line.startswith("Programming Language")}
    assert said == {version.rpartition(".")[0] for version in VERSIONS}
    assert SpecifierSet(PROJECT["project"]["requires-python"]).contains(VERSIONS[0])
    assert not SpecifierSet(PROJECT["project"]["requires-python"]).contains("3.11.1")
