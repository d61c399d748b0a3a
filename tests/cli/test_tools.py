"""fmt, lint, explain, samples, new: the commands around programs."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from adcli.cli.explain import sections
from adcli.cli.samples import sample_names

from ..conftest import ALL_SAMPLES, ROOT, Adcli, sample_name

UGLY = "input x=2 # a number\na=x**2\noutput  a\n"
NEAT = "input x = 2  # a number\na = x^2\noutput a\n"


@pytest.fixture
def ugly(tmp_path: Path) -> Path:
    path = tmp_path / "model.ad"
    path.write_text(UGLY)
    return path


def test_fmt_prints(adcli: Adcli, ugly: Path) -> None:
    assert adcli("fmt", str(ugly)) == (0, NEAT, "")
    assert adcli("fmt", "-", stdin=UGLY.encode()) == (0, NEAT, "")
    assert ugly.read_text() == UGLY


def test_fmt_check(adcli: Adcli, ugly: Path) -> None:
    assert adcli("fmt", "--check", str(ugly)) == (1, f"would format {ugly}\n", "")
    ugly.write_text(NEAT)
    assert adcli("fmt", "--check", str(ugly)) == (0, "", "")


def test_fmt_diff(adcli: Adcli, ugly: Path) -> None:
    result = adcli("fmt", "--diff", str(ugly))
    assert (result.status, result.err) == (0, "")
    assert "-a=x**2\n" in result.out
    assert "+a = x^2\n" in result.out
    assert adcli("fmt", "--diff", "--check", str(ugly)) == (1, result.out, "")


def test_fmt_write(adcli: Adcli, ugly: Path) -> None:
    ugly.chmod(0o640)
    assert adcli("fmt", "--write", str(ugly)) == (0, f"formatted {ugly}\n", "")
    assert ugly.read_text() == NEAT
    assert stat.S_IMODE(ugly.stat().st_mode) == 0o640
    assert adcli("fmt", "--write", str(ugly)) == (0, "", "")
    assert os.listdir(ugly.parent) == ["model.ad"]


def test_fmt_keeps_line_ends_and_links(adcli: Adcli, ugly: Path) -> None:
    ugly.write_bytes(UGLY.replace("\n", "\r\n").encode())
    link = ugly.with_name("link.ad")
    link.symlink_to(ugly)
    assert adcli("fmt", "--write", str(link)).status == 0
    assert link.is_symlink()
    assert ugly.read_bytes() == NEAT.replace("\n", "\r\n").encode()


def test_fmt_changes_nothing_that_it_cannot_read(adcli: Adcli, ugly: Path) -> None:
    broken = ugly.with_name("broken.ad")
    broken.write_text("a = 2x")
    result = adcli("fmt", "--write", str(broken), str(ugly), str(ugly.with_name("none.ad")))
    assert result.status == 2
    assert "error[syntax]" in result.err
    assert "error[missing-file]" in result.err
    assert broken.read_text() == "a = 2x"
    assert ugly.read_text() == NEAT


@pytest.mark.parametrize("arguments", [("--write", "--check"), ("--write", "--diff"), ("--write", "-")])
def test_fmt_refuses_what_contradicts_itself(adcli: Adcli, ugly: Path, arguments: tuple[str, ...]) -> None:
    assert adcli("fmt", *arguments, str(ugly)).status == 2
    assert ugly.read_text() == UGLY


def test_lint(adcli: Adcli) -> None:
    text = b"input x = 1\na = x / 0\noutput y = x\n"
    result = adcli("lint", "-", stdin=text)
    assert (result.status, result.err) == (1, "")
    assert result.out.startswith("warning[unused-name]: `a` is never used\n  --> -:2:1\n")
    found = json.loads(adcli("lint", "-", "--format", "json", stdin=text).out)["warnings"]
    assert [(row["program"], row["code"], row["line"], row["column"]) for row in found] == [
        ("-", "unused-name", 2, 1), ("-", "division-by-zero", 2, 9),
    ]  # fmt: skip
    assert adcli("lint", "-", stdin=b"input x\noutput y = x") == (0, "", "")
    broken = adcli("lint", "-", "--format", "json", stdin=b"input x\noutput y = z")
    assert (broken.status, broken.out) == (2, "")
    assert json.loads(broken.err)["error"][0]["code"] == "unknown-name"
    assert adcli("lint", "-", stdin=b"input x\noutput y = z").status == 2


def test_explain(adcli: Adcli) -> None:
    result = adcli("explain", "outer-assignment")
    assert (result.status, result.err) == (0, "")
    assert result.out.startswith("outer-assignment\n\nA function that assigns a name")
    assert "    def f(count)" not in result.out
    assert "        count = count + 1\n" in result.out
    assert "```" not in result.out
    assert adcli("explain", "error[syntax]").status == 2
    assert adcli("explain", "[syntax]").status == 0
    listed = adcli("explain").out
    assert [line.split()[0] for line in listed.splitlines()] == list(sections())


def test_samples(adcli: Adcli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = adcli("samples").out
    assert [line.split()[0] for line in listed.splitlines()] == sample_names()
    assert list(map(sample_name, ALL_SAMPLES)) == sample_names()
    text = (ROOT / "samples" / "heron.ad").read_text(encoding="utf-8")
    assert adcli("samples", "show", "heron") == adcli("samples", "show", "heron.ad") == (0, text, "")
    monkeypatch.chdir(tmp_path)
    assert adcli("samples", "copy", "heron") == (0, "wrote heron.ad\n", "")
    assert (tmp_path / "heron.ad").read_text(encoding="utf-8") == text
    assert adcli("samples", "copy", "heron").status == 2
    (tmp_path / "folder").mkdir()
    assert adcli("samples", "copy", "heron", "folder").status == 0
    assert adcli("samples", "copy", "heron", "other.ad").status == 0
    assert sorted(os.listdir(tmp_path / "folder") + os.listdir(tmp_path)) == [
        "folder", "heron.ad", "heron.ad", "other.ad",
    ]  # fmt: skip


def test_samples_in_folders(adcli: Adcli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They come behind the others, by their folders; a name that one of them has alone is enough."""
    for name in ("plain", "claims/product", "kinks/corner", "kinks/product"):
        path = tmp_path / "samples" / f"{name}.ad"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"# It is {name}.\n# Look at it.\n")
    monkeypatch.setattr("adcli.resources._folder", lambda name: str(tmp_path / name))
    listed = adcli("samples").out.splitlines()
    assert [line.split()[0] for line in listed] == ["plain", "claims/product", "kinks/corner", "kinks/product"]
    assert listed[1].endswith("It is claims/product.")
    shown = adcli("samples", "show", "kinks/corner").out
    assert shown == adcli("samples", "show", "corner").out == adcli("samples", "show", "corner.ad").out
    assert "it may be `claims/product` or `kinks/product`;" in adcli("samples", "show", "product").err
    assert "did you mean `kinks/corner`?" in adcli("samples", "show", "kinks/conner").err
    monkeypatch.chdir(tmp_path)
    assert adcli("samples", "copy", "kinks/product") == (0, "wrote product.ad\n", "")
    assert (tmp_path / "product.ad").read_text() == "# It is kinks/product.\n# Look at it.\n"
    assert adcli("samples", "copy", "corner", "samples/claims").out == "wrote samples/claims/corner.ad\n"


def test_new(adcli: Adcli, tmp_path: Path) -> None:
    path = tmp_path / "my model.ad"
    result = adcli("new", str(path))
    assert (result.status, result.err) == (0, "")
    assert result.out == f"wrote {path}; try: adcli grad '{path}'\n"
    assert adcli("grad", str(path)).status == 0
    path.write_text("mine")
    result = adcli("new", str(path))
    assert result.status == 2
    assert "exists already" in result.err
    assert path.read_text() == "mine"
    assert adcli("new", str(tmp_path / "none" / "model.ad")).status == 2
    assert "name it, as in `model.ad`" in adcli("new", "-").err
    assert "name a file in it" in adcli("new", str(tmp_path)).err
