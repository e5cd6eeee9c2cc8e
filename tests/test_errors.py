"""Errors say what, where and how to put it right, and survive the way between processes."""

import pickle

import pytest

from kvarn import errors
from kvarn.errors import EditionError, InputError, KvarnError, NotebookError, place


def test_the_public_names_are_the_tree() -> None:
    tree = {name for name, thing in vars(errors).items() if isinstance(thing, type) and issubclass(thing, KvarnError)}
    assert sorted(tree) == sorted(errors.__all__)


def test_every_error_is_drawn_in_the_tree() -> None:
    for name in errors.__all__:
        assert name in (errors.__doc__ or "")


def test_an_error_tells_what_where_and_remedy() -> None:
    error = InputError("The row is short.", file="KHSL1_0114_202301.txt", line=7, field="month", remedy="Add the month.")
    assert str(error) == "The row is short.\n  where:  KHSL1_0114_202301.txt, line 7, month\n  remedy: Add the month."
    assert isinstance(error, ValueError)


@pytest.mark.parametrize(
    "error",
    [
        InputError("a", file="b", line=3, field="c", remedy="d"),
        EditionError("a", file="b", line=3, key="c"),
        NotebookError("a", notebook="b", cell="c"),
        errors.ConsistencyError("a", cells=("b", "c")),
        errors.EnvironmentFault("a", where="b", remedy="c"),
    ],
)
def test_an_error_survives_pickling(error: KvarnError) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert vars(again) == vars(error)
    assert str(again) == str(error)


def test_a_place_is_as_exact_as_is_known() -> None:
    assert place("a.txt", 3, "month") == "a.txt, line 3, month"
    assert place("a.txt") == "a.txt"
    assert place(None) is None


@pytest.mark.parametrize("number", ["191212121212", "19121212-1212", "121212-1212"])
def test_a_path_in_a_sentence_shows_no_identity_number(number: str) -> None:
    """Whoever writes an error need not think of how a file may be named."""
    path = f"deliveries/0114/of-{number}.txt"
    error = InputError(f"{path} is no file.", file="a/b.txt", line=3, remedy=f"Take {path} away; it has 1234567890 bytes.")
    beside = KvarnError("x", where=f"{path}, line 3")
    for shown in (str(error), error.what, str(error.args), str(beside), repr(pickle.loads(pickle.dumps(error)).args)):
        assert number not in shown and "1212" not in shown
    assert "1234567890" in str(error) and "a/b.txt, line 3" in str(error)
