"""The package in each form in which people get it: it finds its grammar and runs."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import venv
import zipapp
import zipfile
from pathlib import Path

import pytest

from adcli.cli.man import man_pages

from .conftest import ALL_SAMPLES, ROOT, mostly_slow, sample_name

pytestmark = pytest.mark.filterwarnings("ignore")


def run(*command: str | Path, cwd: Path | None = None) -> str:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}  # it comes before all
    words = [str(part) for part in command]
    done = subprocess.run(words, cwd=cwd, env=environment, capture_output=True, text=True, timeout=170)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist, and the wheel that is built from the sdist."""
    target = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", target, ROOT)
    return target


def environment(path: Path) -> Path:
    """A virtual environment with this one's libraries, but without its adcli; its Python."""
    venv.create(path, with_pip=False, symlinks=True)
    python = next(iter((path / "bin").glob("python"))) if (path / "bin").is_dir() else path / "Scripts" / "python.exe"
    own = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip()
    libraries = run(sys.executable, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip()
    # a path below another is no site directory: an editable adcli in this environment stays unseen
    (Path(own) / "libraries.pth").write_text(libraries, encoding="utf-8")
    return python


def install(python: Path, what: Path, *flags: str) -> None:
    pip = (sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check")
    run(*pip, "install", "--quiet", "--no-deps", "--no-build-isolation", "--force-reinstall", *flags, what)


def works(python: Path, elsewhere: Path) -> str:
    """Run the installed command in a folder that is no checkout; where its package is."""
    script = python.parent / ("adcli.exe" if sys.platform == "win32" else "adcli")
    program = elsewhere / "model.ad"
    program.write_text("input x = 3\noutput y = x^2\n", encoding="utf-8")
    assert "6" in run(script, "grad", program, cwd=elsewhere)
    assert "6" in run(python, "-m", "adcli", "grad", program, cwd=elsewhere)
    run(script, "samples", "copy", "heron", cwd=elsewhere)
    assert "1.41421" in run(script, "eval", "heron.ad", cwd=elsewhere)
    assert "What to do: add the closing bracket" in run(script, "explain", "unclosed-bracket", cwd=elsewhere)
    return run(python, "-c", "import adcli; print(adcli.__file__)", cwd=elsewhere).strip()


@pytest.mark.parametrize("form", mostly_slow(["wheel", "sdist", "editable"]))
def test_installed(form: str, built: Path, tmp_path: Path) -> None:
    python = environment(tmp_path / "venv")
    what = {"wheel": next(built.glob("*.whl")), "sdist": next(built.glob("*.tar.gz")), "editable": ROOT}[form]
    install(python, what, *(["--editable"] if form == "editable" else []))
    package = works(python, tmp_path)
    assert (ROOT in Path(package).parents) == (form == "editable")


def test_a_wheel_has_the_man_pages(built: Path) -> None:
    with zipfile.ZipFile(next(built.glob("*.whl"))) as wheel:
        pages = {name.rpartition("/")[2] for name in wheel.namelist() if "/data/share/man/man1/" in name}
    assert pages == set(man_pages())


def test_a_zipapp_has_the_grammar_and_the_samples(built: Path, tmp_path: Path) -> None:
    python = environment(tmp_path / "venv")
    with zipfile.ZipFile(next(built.glob("*.whl"))) as wheel:
        wheel.extractall(tmp_path / "content")
    app = tmp_path / "adcli.pyz"
    zipapp.create_archive(tmp_path / "content", app, main="adcli.__main__:run")
    assert "6" in run(python, app, "grad", "-e", "x^2", "--x", "3", cwd=tmp_path)
    assert "cancellation/cosine" in run(python, app, "samples", cwd=tmp_path)
    run(python, app, "samples", "copy", "cosine", cwd=tmp_path)
    assert (tmp_path / "cosine.ad").read_text() == (ROOT / "samples/cancellation/cosine.ad").read_text()
    assert "What to do: add the closing bracket" in run(python, app, "explain", "unclosed-bracket", cwd=tmp_path)


def test_a_checkout_runs_without_being_installed(tmp_path: Path) -> None:
    python = environment(tmp_path / "venv")
    assert "5.72058" in run(python, "-m", "adcli", "grad", "samples/sine_product.ad", cwd=ROOT)


def test_what_is_in_the_archives(built: Path) -> None:
    with zipfile.ZipFile(next(built.glob("*.whl"))) as wheel:
        names = wheel.namelist()
    assert {"adcli/grammar/ad.lark", "adcli/grammar/ad.tables"} <= set(names)
    assert {"adcli/grammar/README.md", "adcli/grammar/MISTAKES.md"} <= set(names)
    assert {f"adcli/samples/{sample_name(path)}.ad" for path in ALL_SAMPLES} <= set(names)
    assert "adcli/py.typed" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert {name.split("/")[0] for name in names if "dist-info" not in name and "/data/share/man/" not in name} == {
        "adcli"
    }
    with tarfile.open(next(built.glob("*.tar.gz"))) as sdist:
        inside = {name.partition("/")[2] for name in sdist.getnames()}
    assert {"grammar/ad.lark", "samples/counter.ad", "tests/conftest.py", "README.md", "LICENSE"} <= inside


def test_the_dependencies_are_the_four() -> None:
    from importlib.metadata import requires

    found = [line for line in requires("adcli") or [] if "extra ==" not in line]
    assert sorted(line.split(">")[0].split("<")[0].split("=")[0].strip() for line in found) == [
        "click",
        "lark",
        "numpy",
        "rich",
    ]
