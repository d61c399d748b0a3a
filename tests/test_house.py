"""The house for its developers: the files and names that its document speaks of exist."""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

import pytest

from adcli.cache import cache_folder

from .conftest import ROOT, together

HOUSE = ROOT / "adcli" / "README.md"
TEXT = HOUSE.read_text(encoding="utf-8")
SPOKEN_OF = re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", TEXT, flags=re.S))
PATHS = sorted({name for name in SPOKEN_OF if re.fullmatch(r"[\w./]+(\.py|\.ad|\.lark|\.md|/|/run)", name)})
SOURCES = {path: path.read_text(encoding="utf-8") for path in (ROOT / "adcli").rglob("*.py")}


@together("name", PATHS, by=lambda name: name[:1])
def test_a_file_that_the_house_speaks_of_exists(name: str) -> None:
    """From the package, from the top, or by its name alone in one of the rooms."""
    if (ROOT / "adcli" / name).exists() or (ROOT / name).exists():
        return
    rooms = (*SOURCES, *(ROOT / "tests").rglob("*.py"), *(ROOT / "adcli" / "page").rglob("*.*"))
    assert any(path.name == name for path in rooms), name


def test_a_name_that_the_house_speaks_of_is_defined() -> None:
    names = {name for name in SPOKEN_OF if re.fullmatch(r"[A-Z]\w*[a-z]\w*|[a-z]+_[a-z_]+", name)} - {"bar_x"}
    assert len(names) > 5
    everything = "\n".join([*SOURCES.values(), (ROOT / "tests" / "tape" / "test_walk.py").read_text(encoding="utf-8")])
    undefined = {name for name in names if not re.search(rf"(?:class|def) {name}\b|^\s*{name}\b.*=", everything, re.M)}
    assert undefined == set()


def test_every_room_is_named() -> None:
    rooms = {path.name + "/" for path in (ROOT / "adcli").iterdir() if (path / "__init__.py").exists()}
    files = {"errors.py", "run.py", "api.py"}
    assert rooms | files <= set(PATHS)


def test_it_is_read_in_one_sitting() -> None:
    assert 100 <= TEXT.count("\n") <= 200


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="no variable tells the folder there")
def test_the_cache_of_the_user_is_left_alone() -> None:
    assert Path(cache_folder()).is_relative_to(tempfile.gettempdir())
