"""What shares a running house shares a process."""

from pathlib import Path

from .together import TOGETHER, group_of


def test_tests_of_one_folder_have_one_group_and_all_others_stand_alone() -> None:
    first, second = "tests/journeys/test_a.py::test_x[1]", "tests/journeys/test_b.py::test_y"
    assert group_of(first) == group_of(second) == "tests/journeys/"
    alone = "tests/house/test_pages.py::test_z[tests/journeys/]"
    assert group_of(alone) == alone


def test_the_folders_are_there() -> None:
    assert all(list(Path(folder).glob("test_*.py")) for folder in TOGETHER)
